"""Gemini: every history and wallet in its own spelling, and the records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.records import Balance, DataType, Fee, Transfer, TransferKind
from tests.exchanges.builders import NOW
from tests.exchanges.cases import Case, HistoryCase, WalletCase, check, named

TRANSFER = Transfer(
    account="main",
    scope="transfers",
    transfer_id="309356152",
    kind=TransferKind.DEPOSIT,
    time=datetime(2025, 5, 31, 20, 0, 0, 250_000, tzinfo=UTC),
    asset="ETH",
    quantity=Decimal("100.25"),
    fee=Fee(asset="ETH", amount=Decimal("0.5")),
    status="ok",
    tx_id="605c5fa8bf99458d24d61e09941bc443ddc44839d9aaa508b14b296c0c8269b2",
    network="ACH",
)

CASES: tuple[Case, ...] = (
    HistoryCase(
        exchange="gemini",
        data_type=DataType.TRANSFERS,
        scope="transfers",
        source="https://docs.gemini.com/rest/fund-management#list-past-transfers",
        rows=[
            {
                "type": "Deposit",
                "status": "Advanced",
                "timestampms": 1748721600250,
                "eid": 309356152,
                "currency": "ETH",
                "amount": "100.25",
                "feeAmount": "0.5",
                "method": "ACH",
                "txHash": "605c5fa8bf99458d24d61e09941bc443ddc44839d9aaa508b14b296c0c8269b2",
            },
            {
                "type": "Withdrawal",
                "status": "Pending",
                "timestampms": 1748721601500,
                "withdrawalId": "02176a83-a6b1-4202-9b85-1c1c92dd25c4",
                "currency": "BTC",
                "amount": "1.5",
                "feeAmount": "0.0005",
                "method": "Bitcoin",
                "txHash": "c458b86955b80db0718cfcadbff3df3734a906367982c6eb191e61117b810bbb",
            },
        ],
        records=[
            TRANSFER,
            replace(
                TRANSFER,
                transfer_id="02176a83-a6b1-4202-9b85-1c1c92dd25c4",
                kind=TransferKind.WITHDRAWAL,
                time=datetime(2025, 5, 31, 20, 0, 1, 500_000, tzinfo=UTC),
                asset="BTC",
                quantity=Decimal("1.5"),
                fee=Fee(asset="BTC", amount=Decimal("0.0005")),
                status="pending",
                tx_id="c458b86955b80db0718cfcadbff3df3734a906367982c6eb191e61117b810bbb",
                network="Bitcoin",
            ),
        ],
    ),
    WalletCase(
        exchange="gemini",
        wallet="earn",
        source="https://docs.gemini.com/rest/staking#list-staking-balances",
        answer=[
            {"type": "Staking", "currency": "ETH", "balance": "10.5", "available": "3"},
            {"type": "Staking", "currency": "SOL", "balance": "7.25", "available": "2"},
        ],
        balances=[
            Balance(
                account="main",
                wallet="earn",
                code=code,
                asset=code,
                free=None,
                used=None,
                total=Decimal(total),
                earn=True,
                fetched_at=NOW,
            )
            for code, total in (("ETH", "10.5"), ("SOL", "7.25"))
        ],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    assert policy_for(case.exchange).exchange == "gemini"
    check(case)

"""Gemini: every history and wallet in its own spelling, and the records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.records import Balance, DataType, Fee, Fill, Side, Transfer, TransferKind
from tests.exchanges.builders import NOW, NOW_MS
from tests.exchanges.cases import Case, HistoryCase, WalletCase, check, named, uncovered

AT = NOW_MS - 3_600_000
TIME = NOW - timedelta(hours=1)

SOLD = Fill(
    account="main",
    category="spot",
    symbol="BTC/USD",
    fill_id="73621746145",
    order_id="73621746059",
    time=TIME,
    side=Side.SELL,
    base="BTC",
    quote="USD",
    quantity=Decimal("0.00996"),
    price=Decimal("3900"),
    cost=Decimal("38.844"),
    fees=(Fee(asset="USD", amount=Decimal("0.05")),),
    fees_known=True,
)
FILL_ROW = {
    "price": "3900.00",
    "amount": "0.00996",
    "timestamp": AT // 1000,
    "timestampms": AT,
    "type": "Sell",
    "aggressor": False,
    "fee_currency": "USD",
    "fee_amount": "0.05",
    "tid": 73621746145,
    "order_id": "73621746059",
    "exchange": "gemini",
    "is_auction_fill": False,
    "is_clearing_fill": False,
    "symbol": "BTCUSD",
    "client_order_id": "1638891171610",
}

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
    word="Deposit",
)

CASES: tuple[Case, ...] = (
    HistoryCase(
        exchange="gemini",
        data_type=DataType.FILLS,
        scope="spot",
        symbol="BTC/USD",
        also=("linear",),
        source="https://docs.gemini.com/rest/orders#list-past-trades",
        rows=[
            FILL_ROW,
            {
                **FILL_ROW,
                "price": "4000",
                "amount": "0.5",
                "timestamp": AT // 1000 + 1,
                "timestampms": AT + 1500,
                "type": "Buy",
                "aggressor": True,
                "fee_currency": "BTC",
                "fee_amount": "0.002",
                "tid": 73621746146,
                "order_id": "73621746060",
                "break": "manual",
            },
            {**FILL_ROW, "tid": 73621746147, "break": "full"},  # as if it had not happened
        ],
        records=[
            SOLD,
            replace(
                SOLD,
                fill_id="73621746146",
                order_id="73621746060",
                time=TIME + timedelta(milliseconds=1500),
                side=Side.BUY,
                quantity=Decimal("0.5"),
                price=Decimal("4000"),
                cost=Decimal("2000"),
                fees=(Fee(asset="BTC", amount=Decimal("0.002")),),
            ),
        ],
    ),
    WalletCase(
        exchange="gemini",
        wallet="spot",
        source="https://docs.gemini.com/rest/fund-management#get-available-balances",
        answer=[
            {
                "type": "exchange",
                "currency": code,
                "amount": total,
                "available": free,
                "availableForWithdrawal": "1",
            }
            for code, free, total in (("BTC", "1.25", "1.5"), ("USD", "300", "340"))
        ],
        balances=[
            Balance(
                account="main",
                wallet="spot",
                code=code,
                asset=code,
                free=Decimal(free),
                used=Decimal(used),
                total=Decimal(total),
                fetched_at=NOW,
            )
            for code, free, used, total in (
                ("BTC", "1.25", "0.25", "1.5"),
                ("USD", "300", "40", "340"),
            )
        ],
    ),
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
            *(
                {
                    "type": word,
                    "status": state,
                    "timestampms": 1748721600250,
                    "eid": 7,
                    "currency": "ETH",
                    "amount": "2",
                }
                for word, state in (
                    ("Reward", "Complete"),
                    ("Admin Credit", "Cancelled"),
                    ("Admin Debit", "Failed"),
                    ("Deposit", "Under Review"),
                    ("Invented Debit", "Complete"),
                )
            ),
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
                word="Withdrawal",
            ),
            *(
                replace(
                    TRANSFER,
                    transfer_id="7",
                    kind=kind,
                    quantity=Decimal(quantity),
                    fee=None,
                    status=status,
                    tx_id=None,
                    network=None,
                    word=word,
                )
                for word, kind, quantity, status in (
                    ("Reward", TransferKind.REWARD, "2", "ok"),
                    ("AdminCredit", TransferKind.ADJUSTMENT, "2", "canceled"),
                    ("AdminDebit", TransferKind.ADJUSTMENT, "-2", "failed"),
                    ("Deposit", TransferKind.DEPOSIT, "2", "pending"),
                    ("Invented Debit", TransferKind.UNCLASSIFIED, "-2", "ok"),
                )
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
    check(case)


def test_everything_that_is_read_has_a_case() -> None:
    assert uncovered(policy_for("gemini"), CASES) == set()

"""Bitstamp: every history and list in its own spelling, and the records written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.records import (
    Balance,
    DataType,
    Fee,
    Fill,
    Side,
    Transfer,
    TransferKind,
)
from tests.exchanges import cases
from tests.exchanges.builders import NOW
from tests.exchanges.cases import Case, HistoryCase, WalletCase, check, uncovered

DOCS = "https://www.bitstamp.net/api/#tag/Transactions-private/operation/GetUserTransactions"
#: The times of the rows, newest first.
SECOND = datetime(2025, 6, 1, 11, 0, 2, 500_000, tzinfo=UTC)
FIRST = datetime(2025, 6, 1, 10, 0, 1, 250_000, tzinfo=UTC)


def fee(amount: str, asset: str) -> Fee:
    return Fee(asset=asset, amount=Decimal(amount))


TRADES = [
    {
        "fee": "0.11128",
        "btc_usd": 4451.25,
        "datetime": "2025-06-01 11:00:02.500000",
        "usd": "-22.26",
        "order_id": 1429545880227846,
        "btc": "0.00500000",
        "type": "2",
        "id": 209895701,
        "eur": 0,
        "self_trade": False,
    },
    {
        "fee": "0.002",
        "eth_btc": 0.05125,
        "datetime": "2025-06-01 10:00:01.250000",
        "eth": "-2",
        "order_id": 1429545880227847,
        "btc": "0.1025",
        "type": "2",
        "id": 209895702,
        "usd": 0,
        "self_trade": False,
    },
]


def moved(number: int, kind: str, currency: str, amount: str, charged: str) -> dict[str, object]:
    """A row of another kind; it names pairs and currencies that did not move."""
    return {
        "fee": charged,
        "btc_usd": "0.00",
        "id": number,
        "usd": 0,
        "eur": "0.0",
        currency: amount,
        "datetime": "2025-06-01 10:00:01.250000",
        "type": kind,
    }


CASES: tuple[Case, ...] = (
    HistoryCase(
        exchange="bitstamp",
        data_type=DataType.FILLS,
        scope="spot",
        source=DOCS,
        rows=[*TRADES, moved(1, "0", "xrp", "20", "0.5")],
        records=[
            Fill(
                account="main",
                category="spot",
                symbol="BTC/USD",
                fill_id="209895701",
                order_id="1429545880227846",
                time=SECOND,
                side=Side.BUY,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.005"),
                price=Decimal("4451.25"),
                cost=Decimal("22.26"),
                fees=(fee("0.11128", "USD"),),
            ),
            Fill(
                account="main",
                category="spot",
                symbol="ETH/BTC",
                fill_id="209895702",
                order_id="1429545880227847",
                time=FIRST,
                side=Side.SELL,
                base="ETH",
                quote="BTC",
                quantity=Decimal(2),
                price=Decimal("0.05125"),
                cost=Decimal("0.1025"),
                fees=(fee("0.002", "BTC"),),
            ),
        ],
    ),
    HistoryCase(
        exchange="bitstamp",
        data_type=DataType.TRANSFERS,
        scope="transactions",
        source=DOCS,
        rows=[
            *TRADES,
            {
                **moved(1234567894, "1", "xrp", "-20.00000000", "0.02"),
                "datetime": "2025-06-01 11:00:02.500000",
            },
            moved(1234567895, "0", "usd", "500.25", "2.5"),
            moved(3, "27", "eth", "0.5", "0.00"),
            moved(4, "26", "eth", "-3", "0.00"),
            moved(5, "25", "eth", "4", "0.00"),
            moved(6, "14", "eth", "-5", "0.00"),
            moved(7, "35", "eth", "6", "0.00"),
            moved(8, "32", "eth", "7", "0.00"),
            moved(9, "33", "eth", "-8", "0.00"),
            moved(10, "58", "eth", "-9", "0.00"),
            moved(11, "59", "eth", "10", "0.00"),
            moved(12, "60", "eth", "-11", "0.00"),
            moved(13, "61", "eth", "-12", "0.00"),
            moved(14, "99", "eth", "-13", "0.00"),
        ],
        records=[
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="1234567894:XRP",
                kind=TransferKind.WITHDRAWAL,
                time=SECOND,
                asset="XRP",
                quantity=Decimal(20),
                fee=fee("0.02", "XRP"),
                word="1",
                reference="1234567894",
            ),
            Transfer(
                account="main",
                scope="transactions",
                transfer_id="1234567895:USD",
                kind=TransferKind.DEPOSIT,
                time=FIRST,
                asset="USD",
                quantity=Decimal("500.25"),
                fee=fee("2.5", "USD"),
                word="0",
                reference="1234567895",
            ),
            *(
                Transfer(
                    account="main",
                    scope="transactions",
                    transfer_id=f"{number}:ETH",
                    kind=kind,
                    time=FIRST,
                    asset="ETH",
                    quantity=Decimal(quantity),
                    from_wallet=source,
                    to_wallet=target,
                    word=word,
                    reference=str(number),
                )
                for number, word, kind, quantity, source, target in (
                    (3, "27", TransferKind.REWARD, "0.5", None, None),
                    (4, "26", TransferKind.INTERNAL, "3", "spot", "earn"),
                    (5, "25", TransferKind.INTERNAL, "4", "earn", "spot"),
                    (6, "14", TransferKind.WITHDRAWAL, "5", None, None),
                    (7, "35", TransferKind.DEPOSIT, "6", None, None),
                    (8, "32", TransferKind.REWARD, "7", None, None),
                    (9, "33", TransferKind.ADJUSTMENT, "-8", None, None),
                    (10, "58", TransferKind.SETTLEMENT, "-9", None, None),
                    (11, "59", TransferKind.INSURANCE, "10", None, None),
                    (12, "60", TransferKind.INSURANCE, "-11", None, None),
                    (13, "61", TransferKind.LIQUIDATION, "-12", None, None),
                    (14, "99", TransferKind.UNCLASSIFIED, "-13", None, None),
                )
            ),
        ],
    ),
    WalletCase(
        exchange="bitstamp",
        wallet="spot",
        source="https://www.bitstamp.net/api/#tag/Account-balances",
        answer=[
            {"currency": "btc", "total": "1.5", "available": "1.25", "reserved": "0.25"},
            {"currency": "usd", "total": "300", "available": "279.5", "reserved": "20.5"},
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
                ("USD", "279.5", "20.5", "300"),
            )
        ],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=cases.named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_every_parser_has_a_case() -> None:
    assert uncovered(policy_for("bitstamp"), CASES) == set()

"""The files of Coinbase Pro."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from exchange_cache.exchanges.coinbase.files import TABLES
from exchange_cache.records import Fee, Fill, Side, Transfer, TransferKind
from tests.exchanges.file_cases import changes, checkpoints, left_out, read, records, summed

FILLS = """\
portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit
default,11,BTC-EUR,BUY,2020-01-02T10:00:00.123Z,0.01,BTC,7000,0.35,-70.35,EUR
default,12,BTC-EUR,SELL,2020-01-03T10:00:00.123Z,0.01,BTC,8000,0.4,79.6,EUR
"""
ACCOUNT = """\
portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id
default,deposit,2020-01-01T10:00:00.000Z,100,100,EUR,t-1,,
default,match,2020-01-02T10:00:00.123Z,-70,30,EUR,,11,o-1
default,fee,2020-01-02T10:00:00.123Z,-0.35,29.65,EUR,,11,o-1
"""


def test_the_total_of_a_fill_contains_its_fee() -> None:
    found = read(TABLES, FILLS)
    bought, sold = records(found)
    assert isinstance(bought, Fill) and isinstance(sold, Fill)
    assert (bought.side, bought.cost, bought.fees, bought.time) == (
        Side.BUY,
        Decimal(70),
        (Fee(asset="EUR", amount=Decimal("0.35")),),
        datetime(2020, 1, 2, 10, 0, 0, 123_000, tzinfo=UTC),
    )
    assert (sold.side, sold.cost) == (Side.SELL, Decimal(80))
    assert changes(found) == summed([("EUR", "-70.35"), ("EUR", "79.6")])


def test_the_account_runs_and_leaves_trades_to_the_fills() -> None:
    found = read(TABLES, ACCOUNT)
    (one,) = records(found)
    assert isinstance(one, Transfer)
    assert (one.kind, one.from_wallet, one.to_wallet, one.quantity) == (
        TransferKind.INTERNAL,
        "spot",
        "pro",
        Decimal(100),
    )
    assert [row.after for row in checkpoints(found)] == [
        Decimal(100),
        Decimal(30),
        Decimal("29.65"),
    ]
    assert [line for line, _ in left_out(found)] == [3, 4]

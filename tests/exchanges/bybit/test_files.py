"""Bybit's files of the funding account and of spot trades."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from exchange_cache.exchanges.bybit.files import TABLES
from exchange_cache.records import Fee, Fill, Side, Transfer, TransferKind
from exchange_cache.statements.table import Stated
from tests.exchanges.file_cases import changes, checkpoints, left_out, read, records, summed

FUNDING = """\
Uid,Date & Time(UTC),Coin,QTY,Type,Account Balance,Description
1,2026-06-05 08:18:56,EUR,-17,Transfer out,3,Transfer to Unified Trading Account
1,2026-06-04 08:18:56,EUR,20,Deposit,20,
1,2026-06-03 08:18:56,USDT,0.5,Earn,0.5,Flexible Savings Interest
1,2026-06-02 08:18:56,USDT,5,Carnival,5,Stall
"""
SPOT = """\
Spot Pairs,Order Type,Direction,feeCoin,ExecFeeV2,Filled Value,Filled Price,Filled Quantity,Fees,\
Transaction ID,Order No.,Timestamp (UTC)
BTCUSDT,MARKET,SELL,USDT,0.004,1.6,53000,0.00003,--,3010000000000000001, 04000001,08:22 2026-06-05
"""


def test_changes_of_the_funding_account_are_what_their_words_say() -> None:
    found = read(TABLES, FUNDING)
    assert [
        (one.kind, one.asset, one.quantity) for one in records(found) if isinstance(one, Transfer)
    ] == [
        (TransferKind.INTERNAL, "EUR", Decimal(17)),
        (TransferKind.DEPOSIT, "EUR", Decimal(20)),
        (TransferKind.INTEREST, "USDT", Decimal("0.5")),
        (TransferKind.UNCLASSIFIED, "USDT", Decimal(5)),
    ]
    assert changes(found, {"funding"}) == summed(
        [("EUR", "-17"), ("EUR", "20"), ("USDT", "0.5"), ("USDT", "5")]
    )


def test_the_balance_of_the_funding_account_runs() -> None:
    assert [(one.chain, one.asset, one.after) for one in checkpoints(read(TABLES, FUNDING))] == [
        ("funding", "EUR", Decimal(3)),
        ("funding", "EUR", Decimal(20)),
        ("funding", "USDT", Decimal("0.5")),
        ("funding", "USDT", Decimal(5)),
    ]


def test_the_earlier_edition_states_no_sign_for_what_left() -> None:
    found = read(
        TABLES,
        "Type,Coin,Amount,Wallet Balance,Time(UTC)\nWithdraw,BTC,0.1,0.4,2022-06-05 08:18:56\n",
    )
    assert changes(found) == {"BTC": Decimal("-0.1")}
    assert checkpoints(found)[0].change == Decimal("-0.1")


def test_the_sample_of_spot_trades_has_the_id_of_the_execution() -> None:
    (one,) = [each for each in read(TABLES, SPOT) if isinstance(each, Stated)]
    assert one.exact
    assert one.record == Fill(
        account="main",
        category="spot",
        symbol="BTC/USDT",
        fill_id="3010000000000000001",
        order_id=None,
        time=datetime(2026, 6, 5, 8, 22, tzinfo=UTC),
        side=Side.SELL,
        base="BTC",
        quote="USDT",
        quantity=Decimal("0.00003"),
        price=Decimal(53000),
        cost=Decimal("1.59"),
        fees=(Fee(asset="USDT", amount=Decimal("0.004")),),
    )


def test_a_fee_without_a_named_asset_is_in_what_was_received() -> None:
    text = """\
UID: 1,Company Name: ,Country:
Spot Pairs,Order Type,Direction,Filled Value,Filled Price,Filled Quantity,Fees,Transaction ID,\
Order No.,Timestamp (UTC+0)
BTCUSDT,LIMIT,BUY,800,80000,0.01,0.00001,7,12345678,2024-11-16 14:35:00
BTCUSDT,LIMIT,SELL,800,80000,0.01,0.8,8,12345679,2024-11-16 14:36:00
"""
    bought, sold = records(read(TABLES, text))
    assert isinstance(bought, Fill) and isinstance(sold, Fill)
    assert bought.fees == (Fee(asset="BTC", amount=Decimal("0.00001")),)
    assert sold.fees == (Fee(asset="USDT", amount=Decimal("0.8")),)


def test_a_pair_that_no_list_has_waits() -> None:
    found = read(TABLES, SPOT.replace("BTCUSDT", "QQQZZZ"))
    assert left_out(found) == [(2, "'QQQZZZ' is in no list of markets")]

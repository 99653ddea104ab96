"""Binance's files of spot trades, converts, deposits, withdrawals and fiat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.binance.files import TABLES
from exchange_cache.records import Fee, Fill, FillKind, Side, Transfer, TransferKind
from tests.exchanges.file_cases import changes, left_out, read, records, summed

NEW = "Date(UTC),Pair,Side,Price,Executed,Amount,Fee"
OLD = "Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin"


def test_the_new_edition_glues_amounts_to_their_assets() -> None:
    (one,) = records(
        read(
            TABLES,
            f'{NEW}\n2021-05-01 10:00:00,BTCUSDT,BUY,"50,000.00",0.02BTC,"1,000.00000000USDT",'
            "0.001BNB\n",
        )
    )
    assert isinstance(one, Fill)
    assert (one.symbol, one.side, one.quantity, one.price, one.cost, one.fees, one.time) == (
        "BTC/USDT",
        Side.BUY,
        Decimal("0.02"),
        Decimal(50000),
        Decimal(1000),
        (Fee(asset="BNB", amount=Decimal("0.001")),),
        datetime(2021, 5, 1, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("pair", "executed", "asset"),
    [
        ("1000SATSUSDT", "310001000SATS", "1000SATS"),
        ("1INCHUSDT", "51INCH", "1INCH"),
        ("1MBABYDOGEUSDT", "31MBABYDOGE", "1MBABYDOGE"),
    ],
)
def test_an_asset_may_begin_with_a_digit(pair: str, executed: str, asset: str) -> None:
    (one,) = records(
        read(TABLES, f"{NEW}\n2021-05-01 10:00:00,{pair},BUY,2,{executed},6USDT,0.001BNB\n")
    )
    assert isinstance(one, Fill)
    assert (one.base, one.quantity) == (asset, Decimal(executed.removesuffix(asset)))


def test_the_old_edition_names_the_asset_of_the_fee() -> None:
    found = read(TABLES, f"{OLD}\n2019-05-01 10:00:00,BTCUSDT,SELL,5000,0.02,100,0.1,USDT\n")
    (one,) = records(found)
    assert isinstance(one, Fill)
    assert (one.side, one.cost, one.fees) == (
        Side.SELL,
        Decimal(100),
        (Fee(asset="USDT", amount=Decimal("0.1")),),
    )
    assert changes(found) == summed([("BTC", "-0.02"), ("USDT", "99.9")])


def test_a_pair_that_no_list_has_waits() -> None:
    found = read(TABLES, f"{OLD}\n2019-05-01 10:00:00,QQQZZZ,SELL,5000,0.02,100,0.1,USDT\n")
    assert left_out(found) == [(2, "'QQQZZZ' is in no list of markets")]


def test_an_amount_of_an_unknown_asset_is_refused() -> None:
    with pytest.raises(StatementRefused, match="known asset") as refusal:
        read(TABLES, f"{NEW}\n2021-05-01 10:00:00,BTCUSDT,BUY,50000,0.02QQQ,1000USDT,0.001BNB\n")
    assert refusal.value.line == 2


def test_only_converts_that_succeeded_are_counted() -> None:
    text = (
        "Date,Wallet,Pair,Type,Sell,Buy,Price,Inverse Price,Date Updated,Status\n"
        "2022-05-01 10:00:00,Spot Wallet,BNBUSDT,Market,100 USDT,0.2 BNB,1,1,"
        "2022-05-01 10:00:01,Successful\n"
        "2022-05-01 10:00:02,Spot Wallet,BNBUSDT,Market,100 USDT,0.2 BNB,1,1,"
        "2022-05-01 10:00:03,Failed\n"
    )
    found = read(TABLES, text)
    (one,) = records(found)
    assert isinstance(one, Fill)
    assert (one.kind, one.quantity, one.cost) == (FillKind.CONVERT, Decimal("0.2"), Decimal(100))
    assert left_out(found) == [(3, "its status is failed")]


def test_the_fee_of_a_withdrawal_is_on_top_of_its_amount() -> None:
    found = read(
        TABLES,
        "Date(UTC+0),Coin,Network,Amount,Fee,Address,TXID,Status\n"
        "2024-05-01 10:00:00,BTC,BTC,0.5,0.0001,bc1q,0xabc,Completed\n"
        "2024-05-01 10:00:00,BTC,BTC,0.5,0.0001,bc1q,0xabd,Cancelled\n",
    )
    (one,) = records(found)
    assert isinstance(one, Transfer)
    assert (one.kind, one.tx_id, one.network) == (TransferKind.WITHDRAWAL, "0xabc", "BTC")
    assert changes(found) == {"BTC": Decimal("-0.5001")}
    assert left_out(found) == [(3, "its status is cancelled")]


OLD_MOVES = (
    "Date(UTC),Coin,Network,Amount,TransactionFee,Address,TXID,SourceAddress,PaymentID,Status\n"
    "21-05-01 10:00:00,BTC,BTC,0.5,0,bc1q,0xabc,,,Completed\n"
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("export deposit history.csv", TransferKind.DEPOSIT),
        ("Withdraw.csv", TransferKind.WITHDRAWAL),
    ],
)
def test_the_old_header_is_that_of_both_directions(name: str, kind: TransferKind) -> None:
    (one,) = records(read(TABLES, OLD_MOVES, file_name=name))
    assert isinstance(one, Transfer)
    assert (one.kind, one.time) == (kind, datetime(2021, 5, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize("name", ["part-1.csv", "deposits and withdrawals.csv"])
def test_the_present_header_of_deposits_has_no_fee_whatever_the_file_is_called(name: str) -> None:
    text = (
        "Date(UTC+0),Coin,Network,Amount,Address,TXID,Status\n"
        "2024-05-01 10:00:00,BTC,BTC,0.5,bc1q,0xabc,Completed\n"
    )
    (one,) = records(read(TABLES, text, file_name=name))
    assert isinstance(one, Transfer) and one.kind is TransferKind.DEPOSIT


def test_a_direction_that_nothing_states_is_not_guessed() -> None:
    with pytest.raises(StatementRefused, match="deposits or withdrawals") as refused:
        read(TABLES, OLD_MOVES, file_name="part-1.csv")
    assert refused.value.hint == "name the file deposits.csv or withdrawals.csv"


@pytest.mark.parametrize("header", ["Date(UTC+1)", "Date(UTCnull)"])
def test_the_header_of_fiat_states_the_zone_and_gross_is_indicated(header: str) -> None:
    ahead = timezone(timedelta(hours=1)) if "+1" in header else UTC
    found = read(
        TABLES,
        f"{header},Coin,Amount,Status,Payment Method,Indicated Amount,Fee,Order ID\n"
        "2022-05-01 10:00:00,EUR,99,Successful,Bank,100,1,o-1\n",
        zone=ahead,
        file_name="Deposit.csv",
    )
    (one,) = records(found)
    assert isinstance(one, Transfer)
    assert (one.scope, one.transfer_id, one.quantity) == ("fiat-deposits", "o-1", Decimal(100))
    assert changes(found) == {"EUR": Decimal(99)}

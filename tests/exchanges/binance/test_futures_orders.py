"""Binance's files of futures orders: their ids are those of the API, and so are the records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.binance.files import TABLES
from exchange_cache.records import Order, OrderStatus
from exchange_cache.statements.table import Stated
from tests.exchanges.file_cases import LATER, left_out, read
from tests.exchanges.test_binance import INVERSE_ORDER, LINEAR_ORDER

PAGE = (
    "Uid,Time,Order No,Symbol,Type,Side,Price,Average Price,Amount,Executed Amount,"
    "Executed Quote Amount,Stop Price,Status,Update Time"
)
API = (
    "Uid,Time(UTC),Symbol,Type,Side,Position Side,Price,Average Price,Amount,Executed Amount,"
    "Executed Quote Amount,Stop Price,Status,Client Order Id,Time In Force,Activate Price,"
    "Price Rate,Update Time,Order No"
)


def orders(text: str, **options: object) -> list[Order]:
    found = read(TABLES, text, **options)  # type: ignore[arg-type]
    stated = [one for one in found if isinstance(one, Stated)]
    assert all(one.exact for one in stated)
    return [one.record for one in stated if isinstance(one.record, Order)]


def seconds(order: Order) -> Order:
    """The order as a file states it: by the second, without what only the API says of it."""
    assert order.updated_at is not None
    return replace(
        order,
        created_at=order.created_at.replace(microsecond=0),
        updated_at=order.updated_at.replace(microsecond=0),
        reduce_only=None,
        fetched_at=LATER,
    )


def line_of(order: Order, symbol: str, *, quote: str) -> str:
    assert order.updated_at is not None
    created, updated = (f"{one:%Y-%m-%d %H:%M:%S}" for one in (order.created_at, order.updated_at))
    return (
        f"1,{created},{symbol},LIMIT,BUY,Both,{order.price},{order.average},{order.amount},"
        f"{order.filled},{quote},0,{{}},{order.client_order_id},GTC,0,0.0,{updated},"
        f"{order.order_id}"
    )


def test_a_row_of_the_api_s_file_is_its_order_but_for_milliseconds() -> None:
    line = line_of(LINEAR_ORDER, "BTCUSDT", quote="19999.8").format("FILLED")
    assert orders(f"{API}\n{line}\n") == [seconds(LINEAR_ORDER)]


def test_an_order_of_the_coin_is_in_contracts_and_worth_its_average() -> None:
    """The file's own quote amount is not taken: which asset it is in is stated nowhere."""
    line = line_of(INVERSE_ORDER, "BTCUSD_PERP", quote="0.004").format("CANCELED")
    assert orders(f"{API}\n{line}\n") == [seconds(INVERSE_ORDER)]


def test_the_page_s_file_has_two_digits_of_the_year_and_its_zone_in_its_name() -> None:
    line = (
        "1,26-03-17 09:34:12,77,BTCUSDT,MARKET,SELL,0E-8,72000,0.5,0.3,21600,0,EXPIRED,"
        "26-03-17 09:34:13"
    )
    (one,) = orders(f"{PAGE}\n{line}\n", zone=timezone(timedelta(hours=-6)))
    assert one.created_at == datetime(2026, 3, 17, 15, 34, 12, tzinfo=UTC)
    assert one.updated_at == datetime(2026, 3, 17, 15, 34, 13, tzinfo=UTC)
    assert (one.order_id, one.client_order_id) == ("77", None)
    assert (one.type, one.price, one.status) == ("market", None, OrderStatus.EXPIRED)
    assert (one.amount, one.filled) == (Decimal("0.5"), Decimal("0.3"))
    assert one.average == Decimal(72000)


def test_an_order_that_filled_nothing_has_no_average() -> None:
    line = "1,26-03-17 09:34:12,77,BTCUSDT,LIMIT,SELL,7E-1,0E-8,5,0E-8,0E-8,0,CANCELED,"
    (one,) = orders(f"{PAGE}\n{line}\n")
    assert (one.price, one.average, one.filled, one.cost) == (
        Decimal("0.7"),
        None,
        Decimal(0),
        None,
    )
    assert one.updated_at == one.created_at


@pytest.mark.parametrize("status", ["NEW", "PARTIALLY_FILLED", "new"])
def test_an_order_that_is_still_open_is_left_to_the_api(status: str) -> None:
    line = line_of(LINEAR_ORDER, "BTCUSDT", quote="19999.8").format(status)
    found = read(TABLES, f"{API}\n{line}\n")
    assert left_out(found) == [(2, "is still open: the API lists it")]


def test_a_contract_that_no_list_has_waits() -> None:
    line = line_of(LINEAR_ORDER, "A_B_C", quote="1").format("FILLED")
    assert left_out(read(TABLES, f"{API}\n{line}\n")) == [(2, "'A_B_C' is in no list of markets")]


def test_a_side_that_is_none_is_refused_with_its_line() -> None:
    line = line_of(LINEAR_ORDER, "BTCUSDT", quote="1").format("FILLED").replace(",BUY,", ",LONG,")
    with pytest.raises(StatementRefused, match="neither a buy nor a sale") as refusal:
        read(TABLES, f"{API}\n{line}\n")
    assert refusal.value.line == 2

"""What a row parser may use: ccxt's parse methods, markets, codes, times, transfers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.adapter.paths import RowsMissing
from exchange_cache.adapter.rows import Desk
from exchange_cache.errors import BadResponse
from exchange_cache.records import DataType, Transfer, TransferKind
from tests.exchanges.builders import open_stubbed, stream


@pytest.fixture
def desk() -> Iterator[Desk]:
    adapter = open_stubbed("bybit", "http://127.0.0.1:1")
    yield adapter._session.desk(stream(adapter, DataType.TRANSFERS, "log-settlement"))


def test_a_row_goes_through_the_parser_of_its_stream(desk: Desk) -> None:
    row = {
        "id": "7",
        "type": "SETTLEMENT",
        "category": "linear",
        "transactionTime": "1748721600250",
        "currency": "USDT",
        "change": "-0.5",
    }
    assert desk.records(row) == (
        Transfer(
            account="main",
            scope="log-settlement",
            transfer_id="7",
            kind=TransferKind.FUNDING,
            time=datetime(2025, 5, 31, 20, 0, 0, 250_000, tzinfo=UTC),
            asset="USDT",
            quantity=Decimal("-0.5"),
            word="SETTLEMENT",
        ),
    )


def test_assets_and_times_are_read_in_the_spelling_of_the_exchange(desk: Desk) -> None:
    assert (desk.code("XBT"), desk.asset({"coin": "USDT"}, "coin")) == ("BTC", "USDT")
    assert desk.time({"t": "1748721600"}, "t", "s") == datetime(2025, 5, 31, 20, tzinfo=UTC)
    with pytest.raises(BadResponse, match="has no coin"):
        desk.asset({"id": "1"}, "coin")
    with pytest.raises(RowsMissing, match="a row has no time at 't'"):
        desk.time({}, "t")


def test_a_market_is_found_by_its_id_in_a_category(desk: Desk) -> None:
    symbols = [desk.market_by_id("BTCUSDT", name)["symbol"] for name in ("spot", "linear")]
    assert symbols == ["BTC/USDT", "BTC/USDT:USDT"]


def test_a_parsed_order_comes_with_what_its_row_states(desk: Desk) -> None:
    row = {"symbol": "BTCUSDT", "orderId": "1", "qty": "2", "cumExecQty": "1", "avgPrice": "5"}
    structure, stated = desk.parsed_order(row, desk.market_by_id("BTCUSDT", "spot"))
    assert (structure["id"], stated["filled"], stated["average"], stated["cost"]) == (
        "1",
        "1",
        "5",
        None,
    )

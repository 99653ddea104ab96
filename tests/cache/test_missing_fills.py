"""Orders that report more than their stored fills: an alarm about fills that were never stored."""

from __future__ import annotations

from typing import Any

from exchange_cache.cache.missing_fills import DoubtfulOrder
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.records import DataType, FillKind
from tests.builders import NOW, T0, fill, order


def short_orders(repository: ExchangeCacheRepository, *records: Any) -> list[str]:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    repository.ledger.save_page(StreamState(key=key), records, NOW)
    return [one.order_id for one in repository.orders_beyond_fills("main")]


def test_an_order_without_any_fill_is_short(repository: ExchangeCacheRepository) -> None:
    assert short_orders(repository, order("1", filled="1")) == ["1"]
    assert repository.orders_beyond_fills("main") == (
        DoubtfulOrder(
            category="spot",
            symbol="BTC/USDT",
            order_id="1",
            created_ms=to_ms(T0),
            updated_ms=None,
        ),
    )
    assert repository.orders_beyond_fills("other") == ()


def test_an_order_with_some_of_its_fills_is_short(repository: ExchangeCacheRepository) -> None:
    half = fill("1", "0.5", order_id="1")
    assert short_orders(repository, order("1", filled="1"), half) == ["1"]


def test_an_order_with_all_of_its_fills_up_to_rounding_is_not_short(
    repository: ExchangeCacheRepository,
) -> None:
    fills = (fill("1", "0.4", order_id="1"), fill("2", "0.5999995", order_id="1"))
    assert short_orders(repository, order("1", filled="1"), *fills) == []


def test_an_order_without_a_filled_quantity_is_not_short(
    repository: ExchangeCacheRepository,
) -> None:
    assert short_orders(repository, order("1", filled="0"), order("2", filled=None)) == []


def test_contracts_are_not_summed_but_missing_altogether_they_are_short(
    repository: ExchangeCacheRepository,
) -> None:
    symbol = "BTC/USDT:USDT"
    some = fill("1", "0.1", order_id="1", symbol=symbol, category="linear")
    orders = (order(name, filled="5", symbol=symbol, category="linear") for name in ("1", "2"))
    assert short_orders(repository, some, *orders) == ["2"]


def test_a_market_with_fills_that_name_no_order_is_left_out(
    repository: ExchangeCacheRepository,
) -> None:
    other = order("2", filled="1", symbol="ETH/USDT")
    assert short_orders(repository, order("1", filled="1"), fill("1"), other) == ["2"]


def test_a_convert_is_no_fill_of_an_order(repository: ExchangeCacheRepository) -> None:
    convert = fill("1", "1", order_id="1", kind=FillKind.CONVERT)
    assert short_orders(repository, order("1", filled="1"), convert) == ["1"]

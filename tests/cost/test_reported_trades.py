"""Spot fills in the unit of a reported average, and the figure that follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

import pytest

from exchange_cache.cost.reported_trades import (
    AssetTrade,
    Figure,
    Start,
    Worth,
    asset_trade,
    present_start,
    worth_in,
)
from exchange_cache.ledger.rates import Rates
from exchange_cache.money import EXACT
from exchange_cache.records import AverageMethod, Fill
from tests.cost.builders import Rates as Known, fill

D = Decimal


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """As callers do."""
    with localcontext(EXACT):
        yield


def trades(*fills: Fill) -> list[AssetTrade]:
    return [asset_trade(one, "BTC") for one in fills]


def test_a_trade_adds_the_asset_that_is_bought_after_fees_in_it() -> None:
    one = fill("buy", "2", "100", "0.1 BTC", "1 USDT")
    assert asset_trade(one, "BTC") == AssetTrade(True, D(2), D("1.9"), one)
    assert asset_trade(one, "USDT") == AssetTrade(False, D(200), D(201), one)


def test_the_present_holding_begins_after_the_last_time_nothing_was_held() -> None:
    held = trades(
        fill("buy", "1", "100"), fill("sell", "1", "110", hour=1), fill("buy", "2", "90", hour=2)
    )
    assert present_start(held) == Start(held[2].fill.time, 0, True)
    assert present_start(held[2:]) == Start(held[2].fill.time, 0, False)
    assert present_start([]) == Start(None, 0, False)
    assert present_start(held[:2]) == Start(None, 0, True)


def test_older_trades_of_the_same_moment_are_counted() -> None:
    held = trades(
        fill("buy", "1", "100", hour=1),
        fill("sell", "1", "110", hour=1),
        fill("buy", "2", "90", hour=1),
    )
    assert present_start(held) == Start(held[0].fill.time, 2, True)


def test_more_sold_than_bought_has_no_present_holding() -> None:
    assert present_start(trades(fill("buy", "1", "100"), fill("sell", "2", "100"))) is None


def test_a_worth_in_the_quote_is_exact() -> None:
    [trade] = trades(fill("buy", "2", "100", "1 USDT", "0.01 BTC"))
    rates = Rates(Known(), "USDT")
    assert worth_in("USDT", trade, "BTC", rates) == Worth(D(200), D(1), D(0))


def test_a_worth_in_another_unit_needs_the_rates_of_both() -> None:
    [trade] = trades(fill("buy", "2", "100", symbol="BTC/USDC"))
    found = worth_in("EUR", trade, "BTC", Rates(Known({"USDC": "1", "EUR": "1.25"}), "USDT"))
    assert found is not None
    assert (found.value, found.fees) == (160, 0)
    assert found.slack > 0
    assert worth_in("EUR", trade, "BTC", Rates(Known({"USDC": "1"}), "USDT")) is None


def counted(method: AverageMethod, *rows: tuple[Fill, str], edge: int = 0) -> Decimal | None:
    pairs = [(asset_trade(one, "BTC"), Worth(one.cost, D(0), D(slack))) for one, slack in rows]
    figure = Figure(method, fees=False, edge=edge)
    for pair in pairs:
        figure.add(*pair)
    return figure.value()


def test_a_moving_average_ignores_sales_and_a_cumulative_one_does_not() -> None:
    rows = (fill("buy", "2", "100"), "0"), (fill("sell", "1", "150", hour=1), "0")
    assert counted(AverageMethod.MOVING, *rows) == 100
    assert counted(AverageMethod.CUMULATIVE, *rows) == 50


def test_the_edges_lie_as_far_apart_as_the_rates_may_be_wrong() -> None:
    row = (fill("buy", "2", "100"), "0.01")
    assert counted(AverageMethod.MOVING, row, edge=-1) == 99
    assert counted(AverageMethod.MOVING, row, edge=1) == 101


def test_a_figure_over_a_holding_that_was_sold_whole_does_not_exist() -> None:
    rows = (fill("buy", "1", "100"), "0"), (fill("sell", "1", "150", hour=1), "0")
    assert counted(AverageMethod.MOVING, *rows) is None

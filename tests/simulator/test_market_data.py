"""Candles: each price of the path itself, computed once for all servers of a process."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from exchange_cache.simulator.venue import Candle, Venue, prices
from exchange_cache.simulator.venue.market_data import TIMEFRAME_MS
from exchange_cache.simulator.venue.prices import DAY_MS

NOW_MS = 1_750_000_123_456
ACCOUNTS = {"main": "binance", "kraken": "kraken", "kucoin": "kucoin"}


def still(seed: int) -> Venue:
    return Venue(seed, now_ms=NOW_MS, fills=40, clock=lambda: NOW_MS, accounts=ACCOUNTS)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The times for which waves are summed up."""
    times: list[int] = []
    whole: Callable[..., float] = prices._sum

    def sum_of(waves: prices._Waves, time_ms: int) -> float:
        times.append(time_ms)
        return whole(waves, time_ms)

    monkeypatch.setattr(prices, "_sum", sum_of)
    return times


def plain(venue: Venue, exchange: str, symbol: str, open_ms: int, step: int) -> tuple[Decimal, ...]:
    """Open, high, low and close, price by price."""
    span = min(step, NOW_MS - open_ms)
    points = [venue.price(exchange, symbol, open_ms + span * part // 4) for part in range(5)]
    return points[0], max(points), min(points), points[4]


def rows(found: list[Candle]) -> list[tuple[Decimal, ...]]:
    return [(c.open, c.high, c.low, c.close) for c in found]


@pytest.mark.parametrize("timeframe", ["1m", "1h", "1d", "1w"])
def test_the_prices_of_a_candle_are_those_of_the_path(timeframe: str) -> None:
    venue, step = still(3), TIMEFRAME_MS[timeframe]
    for exchange in venue.exchanges():
        for market in venue.markets(exchange):
            end = min(market.listed_until or NOW_MS, NOW_MS)
            found = venue.candles(exchange, market.symbol, timeframe, end - 9 * step, 20)
            assert found
            assert all(market.trades_at(candle.time_ms) for candle in found)
            assert rows(found) == [
                plain(venue, exchange, market.symbol, candle.time_ms, step) for candle in found
            ]


def test_the_crash_of_one_venue_is_not_that_of_another() -> None:
    calm, crashed = still(11), still(11)
    crashed.state.prices.crash("MATIC", NOW_MS - 5 * DAY_MS)
    start = NOW_MS - 10 * DAY_MS
    before, after = (v.candles("binance", "POL/USDT", "1d", start, 20) for v in (calm, crashed))
    assert rows(after) == [
        plain(crashed, "binance", "POL/USDT", candle.time_ms, DAY_MS) for candle in after
    ]
    assert before[:4] == after[:4]
    assert before[-1].close > 5 * after[-1].close > 0


def test_candles_served_before_cost_no_price_again(counted: list[int]) -> None:
    asked = ("binance", "ETH/USDT", "15m", NOW_MS - 12 * DAY_MS, 1000)
    first = still(23).candles(*asked)
    second = still(23)
    counted.clear()
    assert second.candles(*asked) == first
    assert counted == []


def test_the_end_of_a_candle_and_the_beginning_of_the_next_are_one_price(
    counted: list[int],
) -> None:
    venue = still(29)
    counted.clear()
    found = venue.candles("binance", "BTC/USDT", "1h", NOW_MS - 900 * DAY_MS, 1000)
    assert len(found) == 1000
    # Three waves (the market's, the coin's, the dollar token's) at four times of each candle; what
    # is computed beyond the first and the last one is kept for the neighbours.
    assert len(counted) <= 3 * (4 * 1000 + 2 * 128)
    assert max(map(counted.count, set(counted))) <= 3

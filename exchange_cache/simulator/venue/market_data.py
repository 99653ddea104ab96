"""Tickers and candles, taken from the price path that fills are made on."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import islice

from exchange_cache.simulator.venue.prices import DAY_MS, PricePath, to_step
from exchange_cache.simulator.venue.records import Candle, Market, Ticker

TIMEFRAME_MS = {
    "1m": 60_000,
    "3m": 180_000,
    "5m": 300_000,
    "15m": 900_000,
    "30m": 1_800_000,
    "1h": 3_600_000,
    "2h": 7_200_000,
    "4h": 14_400_000,
    "6h": 21_600_000,
    "12h": 43_200_000,
    "1d": DAY_MS,
    "1w": 7 * DAY_MS,
    "15d": 15 * DAY_MS,
}
_PERP_PREMIUM = 1.0003


def ticker(path: PricePath, market: Market, now_ms: int) -> Ticker:
    """The ticker of a listed market; `last` is None where the market has had no trade."""
    tick = market.tick
    mid = path.price(market, now_ms)
    samples = [path.price(market, now_ms - hour * 3_600_000) for hour in range(0, 25, 3)]
    volume = _volume(path.usd(market.base, now_ms), now_ms, DAY_MS)
    size = max(market.lot, (volume / 5000).quantize(Decimal("1e-5")))
    return Ticker(
        market=market,
        time_ms=now_ms,
        last=mid if market.has_last else None,
        bid=max(mid - tick, tick),
        ask=mid + tick,
        bid_size=size,
        ask_size=size,
        open=samples[-1],
        high=max(samples),
        low=min(samples),
        base_volume=volume,
        quote_volume=market.cost(mid, volume),
        trades=int(volume) % 90_000 + 100,
        mark=path.price(market, now_ms, _PERP_PREMIUM) if market.settle else mid,
        index=mid,
    )


def candles(
    path: PricePath, market: Market, timeframe: str, start_ms: int, limit: int, now_ms: int
) -> list[Candle]:
    """Up to `limit` candles from `start_ms` (rounded up to the timeframe) to now, the current
    unfinished one included."""
    step = TIMEFRAME_MS[timeframe]
    first = -(-start_ms // step) * step
    opens = list(islice(filter(market.trades_at, range(first, now_ms + 1, step)), limit))
    if not opens:
        return []
    current = (
        [_current(path, market, step, opens.pop(), now_ms)] if opens[-1] + step > now_ms else []
    )
    return _finished(path, market, step, opens) + current


def _finished(path: PricePath, market: Market, step: int, opens: list[int]) -> list[Candle]:
    """The candles that begin at `opens`, one after another, each of five prices; the last is the
    first of the next one."""
    if not opens:
        return []
    where = (opens[0], step // 4, 4 * len(opens) + 1)
    worth, rates = path.usd_at(market.base, *where), path.rates_at(market, *where)
    rows: list[Candle] = []
    price = to_step(rates[0], market.tick)
    for at, open_ms in enumerate(opens):
        points = rates[4 * at : 4 * at + 5]
        end = to_step(points[4], market.tick)
        high, low = to_step(max(points), market.tick), to_step(min(points), market.tick)
        volume = _volume(worth[4 * at], open_ms, step)
        rows.append(Candle(open_ms, price, high, low, end, volume, int(volume) % 900 + 1))
        price = end
    return rows


def _current(path: PricePath, market: Market, step: int, open_ms: int, now_ms: int) -> Candle:
    """The candle under way."""
    span = now_ms - open_ms
    points = [path.price(market, open_ms + span * part // 4) for part in range(5)]
    volume = _volume(path.usd(market.base, open_ms), open_ms, step)
    return Candle(
        open_ms, points[0], max(points), min(points), points[4], volume, int(volume) % 900 + 1
    )


def _volume(worth: float, time_ms: int, span_ms: int) -> Decimal:
    """A believable volume of something worth so many dollars: a few million dollars a day,
    breathing with the hours."""
    dollars = 4_000_000 * (1.2 + math.sin(time_ms / 7_000_000)) * span_ms / DAY_MS
    return Decimal(repr(dollars / worth)).quantize(Decimal("0.001"))

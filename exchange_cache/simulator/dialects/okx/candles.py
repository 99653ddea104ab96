"""OKX's candlesticks: newest first, exclusive bounds, bars of six hours and longer open at Hong
Kong time unless named ...utc."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.okx.access import OkxAccess
from exchange_cache.simulator.dialects.okx.wording import (
    DAY_MS,
    HOUR_MS,
    limit_of,
    num,
    number,
    ok,
    text_of,
    tidy,
    wrong,
)
from exchange_cache.simulator.venue import INVERSE, SPOT, Candle, Market
from exchange_cache.simulator.venue.market_data import TIMEFRAME_MS
from exchange_cache.simulator.wire import Request

_MOST, _RECENT = 300, 1440
_MINUTE_MS = 60_000
_SHORT = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1H": 60, "2H": 120, "4H": 240}
_LONG = {
    "6H": 6 * HOUR_MS,
    "12H": 12 * HOUR_MS,
    "1D": DAY_MS,
    "2D": 2 * DAY_MS,
    "3D": 3 * DAY_MS,
    "1W": 7 * DAY_MS,
}
_MONDAY = 4 * DAY_MS  # the epoch was a Thursday


class OkxCandles(OkxAccess):
    """market/candles reaches back 1440 bars, market/history-candles all the way."""

    def candles(self, request: Request) -> Any:
        return ok(self._rows(request, recent=True))

    def history_candles(self, request: Request) -> Any:
        return ok(self._rows(request, recent=False))

    def _rows(self, request: Request, *, recent: bool) -> list[list[str]]:
        market, bar = self._listed(request), text_of(request, "bar") or "1m"
        span, offset, grain = _bar(bar)
        limit = limit_of(request, _MOST)
        after, before = number(request, "after"), number(request, "before")
        newest = _open_of(
            min(request.now_ms, request.now_ms if after is None else after - 1), span, offset
        )
        oldest = newest - (limit - 1) * span
        if before is not None:
            oldest = max(oldest, _open_of(before, span, offset) + span)
        if recent:
            oldest = max(oldest, _open_of(request.now_ms, span, offset) - (_RECENT - 1) * span)
        if newest < oldest:
            return []
        parts = self.venue.candles(
            self.exchange,
            market.symbol,
            grain,
            oldest,
            (newest + span - oldest) // TIMEFRAME_MS[grain] + 1,
        )
        bars = _gather((p for p in parts if p.time_ms < newest + span), span, offset)
        return [_row(market, row, row.time_ms + span <= request.now_ms) for row in reversed(bars)]


def _bar(bar: str) -> tuple[int, int, str]:
    """A bar's span, the offset of its opening from the epoch, and the venue's candles it is made
    of."""
    if bar in _SHORT:
        return _SHORT[bar] * _MINUTE_MS, 0, bar.lower()
    span = _LONG.get(bar.removesuffix("utc"))
    if span is None:
        raise wrong("bar")
    utc = bar.endswith("utc")
    offset = (_MONDAY if bar.startswith("1W") else 0) - (0 if utc else 8 * HOUR_MS)
    return span, offset % span, "1d" if utc and span >= DAY_MS else "2h"


def _open_of(time_ms: int, span: int, offset: int) -> int:
    return (time_ms - offset) // span * span + offset


def _gather(parts: Iterable[Candle], span: int, offset: int) -> list[Candle]:
    """Candles joined into bars, oldest first."""
    bars: list[Candle] = []
    for part in parts:
        opened = _open_of(part.time_ms, span, offset)
        if bars and bars[-1].time_ms == opened:
            last = bars[-1]
            bars[-1] = Candle(
                opened, last.open, max(last.high, part.high), min(last.low, part.low), part.close,
                last.volume + part.volume, last.trades + part.trades,
            )  # fmt: skip
        else:
            bars.append(
                Candle(opened, part.open, part.high, part.low, part.close, part.volume, part.trades)
            )
    return bars


def _row(market: Market, row: Candle, done: bool) -> list[str]:
    """ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm: contracts, base and quote on derivatives,
    base, quote, quote on spot."""
    value = row.volume * row.close
    if market.kind == SPOT:
        volumes = [row.volume, value, value]
    else:
        contracts = (value if market.kind == INVERSE else row.volume) / market.contract_size
        volumes = [contracts.quantize(Decimal("0.01")), row.volume, value]
    prices = [row.open, row.high, row.low, row.close]
    return [
        str(row.time_ms),
        *map(num, prices),
        *(tidy(v, "1e-4") for v in volumes),
        "1" if done else "0",
    ]

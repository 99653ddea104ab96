"""Readings for the time to come: until the cache changes, only ages change in a reading, and at
known moments what they make stale.

Between two such moments every figure is constant, so one reading stands for the whole span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from exchange_cache.data_types import DataType
from exchange_cache.portfolio.accessor import Cached, PortfolioDataAccessor
from exchange_cache.value.price_graph import LAST_TRADE_TTL
from exchange_cache.value.reading import PortfolioReading

#: How many spans are prepared beside the present one: the longest. Reads in the others compute.
MOST_SPANS = 4
#: Shorter ones, while one account after another gets stale, are not worth it.
SHORTEST = timedelta(seconds=30)
_INSTANT = timedelta(milliseconds=1)


class Span(NamedTuple):
    """From ``start`` to before ``end`` (None: until the cache changes) only ages change."""

    start: datetime
    end: datetime | None

    @property
    def length(self) -> timedelta:
        return timedelta.max if self.end is None else self.end - self.start


def readings_ahead(
    accessor: PortfolioDataAccessor,
    cached: Cached,
    now: datetime,
    *,
    asset: str,
    limits: Mapping[DataType, timedelta],
    changes: Sequence[datetime] = (),
) -> Iterator[tuple[Span, PortfolioReading]]:
    """One reading per span, taken at its start; ``changes``: when settings take effect.

    None if a row has a time in the future: then the clock was or is wrong.
    """
    if any(time > now for time in _times(cached)):
        return
    for span in spans([*_turns(cached, limits), *changes], now):
        yield span, accessor.valued(cached, span.start, asset=asset, limits=limits)


def spans(turns: Iterable[datetime], now: datetime) -> list[Span]:
    """The span of ``now`` and the longest after it, between the moments at which something
    changes."""
    moments = sorted({turn for turn in turns if turn >= now})
    starts = [now, *(moment + _INSTANT for moment in moments)]
    found = [Span(*pair) for pair in zip(starts, [*moments, None], strict=True)]
    later = sorted(found[1:], key=lambda span: span.length, reverse=True)[:MOST_SPANS]
    return [found[0], *sorted(span for span in later if span.length >= SHORTEST)]


def _times(cached: Cached) -> Iterator[datetime]:
    yield from (one.succeeded_at for one in cached.statuses if one.succeeded_at is not None)
    yield from (one.fetched_at for one in cached.balances)
    yield from (one.fetched_at for one in cached.positions)
    yield from (one.fetched_at for one in cached.prices)


def _turns(cached: Cached, limits: Mapping[DataType, timedelta]) -> Iterator[datetime]:
    """When a verdict, a balance, a position or a price gets stale, or an acceptance ends."""
    for status in cached.statuses:
        if status.succeeded_at is not None:
            yield status.succeeded_at + limits[status.data_type]
    yield from (one.fetched_at + limits[DataType.BALANCES] for one in cached.balances)
    yield from (one.fetched_at + limits[DataType.POSITIONS] for one in cached.positions)
    for price in cached.prices:
        fetched = price.fetched_at + limits[DataType.PRICES]
        traded = price.as_of or price.fetched_at
        yield min(fetched, traded + max(limits[DataType.PRICES], LAST_TRADE_TTL))
    yield from (one.acceptance.until for one in cached.accepted)

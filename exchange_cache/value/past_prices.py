"""Prices of an earlier day from stored data: candles fetched for costs, fills, and snapshots.

Each states the value of one asset in another at one moment. So a past day is a price graph like
today's, made of the newest sightings of the day before the moment or, without these, of the first
ones of the day after it, which the graph then calls stale. Without a sighting within a day there is
no price. Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.records import Price

#: An older price is not that day's price.
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One unit of ``base`` was worth ``value`` in ``quote``; ``source`` names where.

    ``opened``: the begin of the candle whose close it is.
    """

    base: str
    quote: str
    at: datetime
    value: Decimal
    source: str
    opened: datetime | None = None

    def is_of(self, moment: datetime) -> bool:
        """Whether it can be the price of a moment: seen at most an hour later, or the close of the
        candle that the moment lies in. What was seen later shows what happened afterwards."""
        return self.at - moment <= HOUR or (self.opened is not None and self.opened <= moment)


class PastPrices:
    """Sightings by pair and time."""

    def __init__(self, sightings: Iterable[Sighting]) -> None:
        self._pairs: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
        for one in sightings:
            self._pairs[one.base, one.quote].append(one)
        for seen in self._pairs.values():
            seen.sort(key=lambda one: (one.at, one.source))
        self._times = {pair: [one.at for one in seen] for pair, seen in self._pairs.items()}

    def day(self, moment: datetime) -> tuple[Price, ...]:
        """The best sighting of every pair at ``moment``, as tickers for a price graph."""
        found = (self._seen(pair, moment) for pair in self._pairs)
        return tuple(_price(one) for one in found if one is not None)

    def nearest(
        self,
        asset: str,
        quote: str,
        moment: datetime,
        within: timedelta = DAY,
        *,
        of_then: bool = False,
    ) -> Decimal | None:
        """The price in ``quote`` seen nearest to ``moment``; None without one. ``of_then``: among
        those that can be the price of the moment itself."""
        if asset == quote:
            return Decimal(1)
        seen, times = self._pairs.get((asset, quote), []), self._times.get((asset, quote), [])
        place = bisect_left(times, moment)
        beside = seen[max(0, place - 1) : place + 1]
        if of_then:
            beside = [*seen[max(0, place - 1) : place], *_first_of(seen, place, moment)]
        near = min(beside, key=lambda one: abs(one.at - moment), default=None)
        return near.value if near is not None and abs(near.at - moment) <= within else None

    def _seen(self, pair: tuple[str, str], moment: datetime) -> Sighting | None:
        seen = self._pairs[pair]
        place = bisect_left(self._times[pair], moment + timedelta(microseconds=1))
        if place and moment - seen[place - 1].at <= DAY:
            return seen[place - 1]
        return seen[place] if place < len(seen) and seen[place].at - moment <= DAY else None


def _price(one: Sighting) -> Price:
    return Price(
        account=one.source,
        symbol=f"{one.base}/{one.quote}",
        base=one.base,
        quote=one.quote,
        last=one.value,
        fetched_at=one.at,
    )


def _first_of(seen: Sequence[Sighting], place: int, moment: datetime) -> Iterator[Sighting]:
    """The first sighting from a place on that can be the price of a moment, within a day."""
    for one in seen[place:]:
        if one.at - moment > DAY:
            return
        if one.is_of(moment):
            yield one
            return

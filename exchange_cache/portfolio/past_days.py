"""What net worth before the first snapshot is made of, by day (UTC): movements and prices.

Rows are read window by window, so that memory does not grow with their number. What counts of a
day is what each place gained until its midnight, and the first and the last price of each asset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.replay import Flow, Place
from exchange_cache.money import EXACT, ZERO, to_text
from exchange_cache.value.difference import Standing

DAY_MS = 86_400_000
_MS = timedelta(milliseconds=1)
#: A time (ms) and the price then, as text.
Sighting = tuple[int, str]


@dataclass(slots=True, kw_only=True)
class Days:
    """The holdings ``anchor``, which are taken back, and what happened before them.

    ``moves``: what a place gained in the day that ends with a midnight, by the number of that
    midnight since 1970. ``seen``: the first and the last price of a day, by the number of the
    midnight that begins it. ``first_ms``: the first movement.
    """

    anchor: Mapping[Place, Decimal]
    times: Mapping[str, datetime]
    at: datetime
    moves: dict[Place, dict[int, Decimal]] = field(default_factory=dict)
    seen: dict[str, dict[int, tuple[Sighting, Sighting]]] = field(default_factory=dict)
    first_ms: int | None = None

    def end_ms(self) -> int:
        """After it no row changes anything."""
        return to_ms(max(self.at, *self.times.values()) if self.times else self.at) + 1

    def begin_ms(self) -> int:
        """Until then rows of every account change something."""
        return to_ms(min(self.at, *self.times.values()) if self.times else self.at)

    def sightings(self) -> Iterator[tuple[str, datetime, Decimal]]:
        """The prices, oldest first."""
        for asset, days in self.seen.items():
            for first, last in days.values():
                for at_ms, price in (first, last):
                    yield asset, from_ms(at_ms), Decimal(price)

    # --- reading ----------------------------------------------------------------------------------

    def forget_from(self, start_ms: int) -> int:
        """Forget the day of a moment and all after it; when that day begins (ms)."""
        day = start_ms // DAY_MS
        for place, own in list(self.moves.items()):
            self.moves[place] = {end: one for end, one in own.items() if end <= day}
            if not self.moves[place]:
                del self.moves[place]
        for days in self.seen.values():
            for number in [one for one in days if one >= day]:
                del days[number]
        if self.first_ms is not None and self.first_ms > day * DAY_MS:
            self.first_ms = None
        return day * DAY_MS

    def add_flows(self, flows: Iterable[Flow]) -> None:
        """Add movements up to the time of their account."""
        with localcontext(EXACT):
            for one in flows:
                if one.time > self.times.get(one.account, self.at):
                    continue
                at_ms = to_ms(one.time)
                own = self.moves.setdefault((one.account, one.asset), {})
                end = -(-at_ms // DAY_MS)
                own[end] = own.get(end, ZERO) + one.quantity
                if self.first_ms is None or at_ms < self.first_ms:
                    self.first_ms = at_ms

    def see(self, asset: str, at_ms: int, price: str) -> None:
        """Add a price; of two of one moment the later addition counts."""
        days = self.seen.setdefault(asset, {})
        one = (at_ms, price)
        first, last = days.get(at_ms // DAY_MS, (one, one))
        first = one if at_ms <= first[0] else first
        last = one if at_ms >= last[0] else last
        days[at_ms // DAY_MS] = (first, last)

    def read_prices(
        self,
        repository: ExchangeCacheRepository,
        accounts: Collection[str],
        asset: str,
        start_ms: int,
    ) -> None:
        """Candles that open before the end, at their ends, and spot trades in the asset itself."""
        until = from_ms(self.end_ms())
        for rate in repository.derived.rates(asset, until=until):
            end_ms = to_ms(rate.at) + 1000 * rate.resolution_s
            if rate.value is not None and end_ms >= start_ms:
                self.see(rate.asset, end_ms, to_text(rate.value))
        rows = repository.ledger_rows()
        rows = repository.ledger_rows(rows.accounts() - frozenset(accounts))
        for base, _, at_ms, price, _ in rows.trade_prices(start_ms, self.end_ms(), asset):
            self.see(base, at_ms, price)

    # --- as stored --------------------------------------------------------------------------------

    def document(self) -> dict[str, object]:
        """As JSON stores it."""
        return {
            "at": to_ms(self.at),
            "times": {account: to_ms(at) for account, at in self.times.items()},
            "anchor": [[*place, to_text(held)] for place, held in self.anchor.items()],
            "moves": [
                [*place, [[end, to_text(one)] for end, one in own.items()]]
                for place, own in self.moves.items()
            ],
            "seen": {
                asset: [[day, *first, *last] for day, (first, last) in days.items()]
                for asset, days in self.seen.items()
            },
            "first": self.first_ms,
        }


def days_from(standing: Standing) -> Days:
    """Nothing read yet."""
    return Days(anchor=standing.quantities, times=standing.times, at=standing.at)


def days_in(document: Mapping[str, object]) -> Days:
    """What :meth:`Days.document` stored."""
    anchor, times, moves = document["anchor"], document["times"], document["moves"]
    seen, first, at = document["seen"], document["first"], document["at"]
    assert isinstance(anchor, list) and isinstance(moves, list) and isinstance(at, int)
    assert isinstance(times, Mapping) and isinstance(seen, Mapping)
    assert first is None or isinstance(first, int)
    return Days(
        anchor={(account, asset): Decimal(held) for account, asset, held in anchor},
        times={account: from_ms(ms) for account, ms in times.items()},
        at=from_ms(at),
        moves={
            (account, asset): {end: Decimal(one) for end, one in own}
            for account, asset, own in moves
        },
        seen={
            asset: {day: ((one, price), (two, last)) for day, one, price, two, last in days}
            for asset, days in seen.items()
        },
        first_ms=first,
    )


def midnights(first_ms: int | None, until: datetime) -> list[datetime]:
    """Those after the first movement and before ``until``, oldest first."""
    if first_ms is None:
        return []
    last = (to_ms(until) - 1) // DAY_MS
    return [from_ms(day * DAY_MS) for day in range(first_ms // DAY_MS + 1, last + 1)]


def held_at(
    days: Days, moments: Iterable[datetime], accounts: Collection[str]
) -> Iterator[tuple[datetime, dict[Place, Decimal]]]:
    """What the accounts held at midnights, the newest first; a place counts after its first
    movement."""
    own = {place: moves for place, moves in days.moves.items() if place[0] in accounts}
    begun = {place: min(moves) for place, moves in own.items()}
    left = sorted((end, place, one) for place, moves in own.items() for end, one in moves.items())
    held = {place: one for place, one in days.anchor.items() if place[0] in accounts}
    held = defaultdict(lambda: ZERO, held)
    for moment in sorted(moments, reverse=True):
        day = to_ms(moment) // DAY_MS
        with localcontext(EXACT):
            while left and left[-1][0] > day:
                _, place, quantity = left.pop()
                held[place] -= quantity
        yield (
            moment,
            {
                place: quantity
                for place, quantity in held.items()
                if quantity and place in begun and begun[place] <= day
            },
        )

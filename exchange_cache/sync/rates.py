"""Past prices in the reporting asset: fetched once as candles, stored with their route and width,
and only where cost needs them.

A rate is that of an hour: from the hour's candle or, where no market serves one, from that of the
day or week (``sync.candles``). One that was fetched before its candle was over is used until the
next run, which fetches it again. ``value.rate_routes`` alone decides which market prices it: a rate
by a wider candle or a worse route is used until the better ones have answered. A market without a
candle of an hour is stored as a miss of that market and width, which says nothing about others. A
rate that no market serves is stored as needed and unserved, and requested again later. A failed
request is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.cache.derived import Derived
from exchange_cache.cache.stored import RateMiss, StoredRate
from exchange_cache.clock import Clock
from exchange_cache.errors import ExchangeFault
from exchange_cache.ledger.rates import Rate
from exchange_cache.money import EXACT
from exchange_cache.sync.candles import RESOLUTIONS, CandleSource, Resolution
from exchange_cache.value.rate_routes import Leg, Route, Routes

#: A candle that no market served is requested again after this time.
ASK_AGAIN = timedelta(days=7)
#: What was found is stored after so many places, so that an end in the middle loses no more.
BATCH = 20

#: Stores rates, and the markets without a candle.
Store = Callable[[Sequence[StoredRate], Sequence[RateMiss]], None]


def hour_of(moment: datetime) -> datetime:
    """The start of the hour that contains a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


class StoredRates:
    """The stored rates, for the cost basis; ``missing`` collects those that it needed and that are
    not stored."""

    def __init__(self, rates: Iterable[StoredRate]) -> None:
        self._rates = {(rate.asset, rate.at): rate for rate in rates}
        self.missing: set[tuple[str, datetime]] = set()

    def rate(self, asset: str, at: datetime) -> Rate | None:
        hour = hour_of(at)
        found = self._rates.get((asset, hour))
        if found is None:
            self.missing.add((asset, hour))
            return None
        if found.value is None:
            return None
        return Rate(value=found.value, route=found.route, resolution=found.resolution_s)

    def add(self, rates: Iterable[StoredRate]) -> None:
        self._rates.update({(rate.asset, rate.at): rate for rate in rates})
        self.missing.clear()

    def hours(self) -> set[tuple[str, datetime]]:
        """Every asset and hour that was ever needed, served or not."""
        return set(self._rates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """New rates, the markets without a candle, and the failed requests."""

    rates: tuple[StoredRate, ...]
    misses: tuple[RateMiss, ...]
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The rates and misses of earlier runs.

    ``due``: hours to request again. Misses of the accounts in ``again`` do not count.
    """

    rates: Mapping[tuple[str, datetime], StoredRate]
    misses: Mapping[tuple[str, str, str, int, datetime], datetime]
    due: Collection[tuple[str, datetime]]
    again: Collection[str] = ()

    @classmethod
    def load(cls, derived: Derived, quote: str, clock: Clock, again: Collection[str] = ()) -> Known:
        return cls(
            rates={(rate.asset, rate.at): rate for rate in derived.rates(quote)},
            misses={
                (miss.account, miss.exchange, miss.symbol, miss.resolution_s, miss.at): asked
                for miss, asked in derived.rate_misses()
            },
            due=due_again(derived, quote, clock),
            again=again,
        )


class RateFetcher:
    """Finds the rate of an asset and hour by the best route that serves it."""

    def __init__(
        self, source: CandleSource, reporting_asset: str, known: Known, now: datetime
    ) -> None:
        self._source = source
        self._reporting = reporting_asset
        self._known = known
        self._now = now
        self._routes = Routes(source.listings, reporting_asset)
        self._misses: dict[tuple[str, str, int, datetime], RateMiss] = {}

    def fetch(
        self,
        needed: Iterable[tuple[str, datetime]],
        tick: Callable[[str, int, int], None] = lambda asset, number, total: None,
        *,
        store: Store = lambda rates, misses: None,
    ) -> Fetched:
        """New rates and misses for each needed (asset, hour); without those that a failure leaves
        open. ``tick`` is called before each, with its number and that of all. ``store`` is called
        after every ``BATCH`` of them, and with the rest when the search ends, by Ctrl-C too."""
        places = sorted(set(needed))
        rates: list[StoredRate] = []
        stored = (0, 0)
        try:
            for number, (asset, hour) in enumerate(places, start=1):
                tick(asset, number, len(places))
                if (rate := self._rate(asset, hour)) is not None:
                    rates.append(rate)
                if number % BATCH == 0:
                    stored = self._store(store, rates, stored)
        finally:
            self._store(store, rates, stored)
        return Fetched(
            rates=tuple(rates),
            misses=tuple(self._misses.values()),
            failures=tuple(self._source.failures),
        )

    def _store(
        self, store: Store, rates: Sequence[StoredRate], stored: tuple[int, int]
    ) -> tuple[int, int]:
        """Store what was found after the first ``stored`` (rates, misses); how many there are."""
        misses = tuple(self._misses.values())
        new = rates[stored[0] :], misses[stored[1] :]
        if any(new):
            store(*new)
        return len(rates), len(misses)

    def _rate(self, asset: str, hour: datetime) -> StoredRate | None:
        """The rate to store; None where nothing is new or a failure leaves it open."""
        known = self._known.rates.get((asset, hour))
        priced = known is not None and known.value is not None
        due = known is None or (asset, hour) in self._known.due
        unsure = self._source.blind
        for resolution, route in self._candidates(asset, known, due=due):
            try:
                value = self._value(route, hour, resolution, final=priced)
            except ExchangeFault:
                unsure = True
                continue
            if value is not None:
                return self._stored(asset, hour, resolution, value, route.names)
        if unsure or not due:
            return None
        if known is None or not priced:
            return self._stored(asset, hour, RESOLUTIONS[0], None, ())
        return known if self._is_final(known) else None

    def _candidates(
        self, asset: str, known: StoredRate | None, *, due: bool
    ) -> Iterator[tuple[Resolution, Route]]:
        """What may price an hour, the best first: nothing that is wider or worse than the known
        price; for one that is due, its own kind again."""
        priced = known is not None and known.value is not None
        for resolution in RESOLUTIONS:
            if known is None or not priced or resolution.seconds < known.resolution_s:
                routes = self._routes.of(asset)
            elif resolution.seconds > known.resolution_s:
                return
            else:
                better = self._routes.better(asset, known.route)
                routes = self._routes.of(asset) if due else better
            yield from ((resolution, route) for route in routes)

    def _is_final(self, known: StoredRate) -> bool:
        """Whether a price that was fetched during its hour stays although no market serves the hour
        now.

        It stays once its own source was requested for the whole hour, or after ``ASK_AGAIN``.
        """
        asked = all(name.rpartition("@")[2] in self._source.listings for name in known.route)
        return asked or self._now - known.at >= ASK_AGAIN

    def _stored(
        self,
        asset: str,
        hour: datetime,
        resolution: Resolution,
        value: Decimal | None,
        route: tuple[str, ...],
    ) -> StoredRate:
        return StoredRate(
            asset=asset,
            quote=self._reporting,
            at=hour,
            resolution_s=resolution.seconds,
            value=value,
            route=route,
        )

    def _value(
        self, route: Route, hour: datetime, resolution: Resolution, *, final: bool
    ) -> Decimal | None:
        """The rate by a route; None where one of its markets has no candle."""
        if any(self._missed(leg, hour, resolution, final=final) for leg in route.legs):
            return None
        value = Decimal(1)
        for leg in route.legs:
            price = self._source.price(leg, hour, resolution)
            if price is None:
                self._misses[leg.account, leg.symbol, resolution.seconds, hour] = RateMiss(
                    account=leg.account,
                    exchange=self._source.exchange(leg.account),
                    symbol=leg.symbol,
                    resolution_s=resolution.seconds,
                    at=hour,
                )
                return None
            with localcontext(EXACT):
                value = value / price if leg.inverse else value * price
        return value

    def _missed(self, leg: Leg, hour: datetime, resolution: Resolution, *, final: bool) -> bool:
        """Whether a market is known to have no candle with an hour.

        Next to a known price a miss is ``final``; otherwise it counts for ``ASK_AGAIN``.
        """
        exchange, seconds = self._source.exchange(leg.account), resolution.seconds
        if not self._source.reaches(leg, hour, resolution):
            return True
        if (leg.account, leg.symbol, seconds, hour) in self._misses:
            return True
        asked = self._known.misses.get((leg.account, exchange, leg.symbol, seconds, hour))
        if asked is None or leg.account in self._known.again:
            return False
        if asked < hour + resolution.span <= self._now:
            return False
        return final or self._now - asked < ASK_AGAIN


def due_again(derived: Derived, quote: str, clock: Clock) -> set[tuple[str, datetime]]:
    """Hours to request again: those that no market served long ago, and candles that were not yet
    complete."""
    now = clock.now()
    found = (
        *derived.unserved_rates(quote, before=now - ASK_AGAIN),
        *derived.early_rates(quote, until=now),
    )
    return {(rate.asset, rate.at) for rate in found}

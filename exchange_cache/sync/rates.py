"""Past prices in the reporting asset: fetched once as hourly candles, kept with their route, asked
only for what cost needs.

A rate is the close of the hour's candle; one that was fetched before its hour was over serves until
the next run, which asks for it once more. Which market gives it is decided by
``value.rate_routes`` alone: a rate by a worse route serves until the better ones have answered.
A market that has no candle of an hour is kept as a miss of that market, which means nothing for
any other. What no market serves is kept as needed and unserved, and asked again after a while.
A request that failed is neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.adapter.port import ExchangePort, MarketInfo
from exchange_cache.cache.derived import Derived
from exchange_cache.cache.stored import RateMiss, StoredRate
from exchange_cache.clock import Clock
from exchange_cache.errors import (
    BadResponse,
    ExchangeFault,
    ExchangeUnavailable,
    NotOffered,
    OutOfRetention,
    RateLimited,
    SymbolUnknown,
)
from exchange_cache.ledger.rates import Rate
from exchange_cache.money import EXACT
from exchange_cache.value.rate_routes import Leg, Route, Routes

HOUR = timedelta(hours=1)
RESOLUTION_SECONDS = 3600
CANDLES_PER_REQUEST = 500
#: A candle that no market served is asked again after this long.
ASK_AGAIN = timedelta(days=7)
#: After so many failures in a row an exchange is left alone for the rest of the run.
PATIENCE = 3
#: Refusals that answer the question: this market serves no such candle.
_NOT_SERVED = (NotOffered, OutOfRetention, SymbolUnknown)


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour that holds a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


class StoredRates:
    """The rates in the cache as the cost basis asks for them; what it asked in vain is noted in
    ``missing``."""

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
    """What changed: rates, the markets that had no candle, and why some could not be asked."""

    rates: tuple[StoredRate, ...]
    misses: tuple[RateMiss, ...]
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What earlier runs found out.

    ``due``: hours to ask for once more. Misses of the accounts in ``again`` do not count.
    """

    rates: Mapping[tuple[str, datetime], StoredRate]
    misses: Mapping[tuple[str, str, str, datetime], datetime]
    due: Collection[tuple[str, datetime]]
    again: Collection[str] = ()

    @classmethod
    def load(cls, derived: Derived, quote: str, clock: Clock, again: Collection[str] = ()) -> Known:
        return cls(
            rates={(rate.asset, rate.at): rate for rate in derived.rates(quote)},
            misses={
                (miss.account, miss.exchange, miss.symbol, miss.at): asked
                for miss, asked in derived.rate_misses(RESOLUTION_SECONDS)
            },
            due=due_again(derived, quote, clock),
            again=again,
        )


@dataclass(frozen=True, slots=True)
class _Series:
    """The closes of one market, and the spans in which every hour was answered."""

    closes: dict[datetime, Decimal]
    spans: list[tuple[datetime, datetime]]
    failed: dict[datetime, str]

    def answered(self, hour: datetime) -> bool:
        return any(start <= hour <= end for start, end in self.spans)


class CandleSource:
    """The candles of all accounts' exchanges through public market data, each asked for once."""

    def __init__(self, ports: Sequence[ExchangePort]) -> None:
        self._ports = {
            port.account: port for port in sorted(ports, key=lambda port: not port.policy.candles)
        }
        self._series: dict[tuple[str, str], _Series] = {}
        self._in_a_row: Counter[str] = Counter()
        self.failures: dict[str, None] = {}
        self.blind = False  # somebody's markets are not known, so nothing is unserved for sure
        self.listings = {account: self._listed(port) for account, port in self._ports.items()}

    def exchange(self, account: str) -> str:
        return self._ports[account].policy.exchange

    def close(self, leg: Leg, hour: datetime) -> Decimal | None:
        """The close of one hour's candle, None where there is none; ExchangeFault when unknown."""
        series = self._series.setdefault((leg.account, leg.symbol), _Series({}, [], {}))
        if hour in series.failed:
            raise ExchangeFault(series.failed[hour], account=leg.account)
        if not series.answered(hour):
            try:
                self._ask(leg, hour, series)
            except ExchangeFault as error:
                series.failed[hour] = str(error)
                self.failures[str(error)] = None
                raise
        return series.closes.get(hour) or None

    def _ask(self, leg: Leg, hour: datetime, series: _Series) -> None:
        """One request; it answers for every hour from the one asked for to the last received."""
        account = leg.account
        if self._in_a_row[account] >= PATIENCE:
            what = f"{self.exchange(account)} failed {PATIENCE} times in a row"
            raise ExchangeUnavailable(f"{what}; its other candles wait for the next run")
        try:
            found = self._ports[account].candles(leg.symbol, hour, CANDLES_PER_REQUEST, "1h")
        except _NOT_SERVED:
            found = ()
        except (ExchangeUnavailable, RateLimited) as error:
            # a bad answer may be about this market alone
            self._in_a_row[account] += not isinstance(error, BadResponse)
            raise
        self._in_a_row[account] = 0
        series.closes.update({candle.opened_at.astimezone(UTC): candle.close for candle in found})
        series.spans.append(
            (hour, max((candle.opened_at.astimezone(UTC) for candle in found), default=hour))
        )

    def _listed(self, port: ExchangePort) -> Mapping[str, MarketInfo]:
        try:
            return port.markets()
        except ExchangeFault as error:
            self.failures[str(error)] = None
            self.blind = True
            return {}


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
        self._misses: dict[tuple[str, str, datetime], RateMiss] = {}

    def fetch(self, needed: Iterable[tuple[str, datetime]]) -> Fetched:
        """What is new about each (asset, hour) needed; what a failure leaves open is left out."""
        rates = [
            rate
            for asset, hour in sorted(set(needed))
            if (rate := self._rate(asset, hour)) is not None
        ]
        return Fetched(
            rates=tuple(rates),
            misses=tuple(self._misses.values()),
            failures=tuple(self._source.failures),
        )

    def _rate(self, asset: str, hour: datetime) -> StoredRate | None:
        """The rate as it is to be stored; None where nothing about it is new or it stays open."""
        known = self._known.rates.get((asset, hour))
        priced = known is not None and known.value is not None
        due = known is None or (asset, hour) in self._known.due
        unsure = self._source.blind
        for route in (
            self._routes.of(asset)
            if known is None or not priced or due
            else self._routes.better(asset, known.route)
        ):
            try:
                value = self._value(route, hour, final=priced)
            except ExchangeFault:
                unsure = True
                continue
            if value is not None:
                return self._stored(asset, hour, value, route.names)
        if unsure or not due:
            return None
        if known is None or not priced:
            return self._stored(asset, hour, None, ())
        return known if self._is_final(known) else None

    def _is_final(self, known: StoredRate) -> bool:
        """Whether a price seen while its hour went on stays, though nobody serves that hour now.

        It does once its own source was asked for the whole hour, or after a while.
        """
        asked = all(name.rpartition("@")[2] in self._source.listings for name in known.route)
        return asked or self._now - known.at >= ASK_AGAIN

    def _stored(
        self, asset: str, hour: datetime, value: Decimal | None, route: tuple[str, ...]
    ) -> StoredRate:
        return StoredRate(
            asset=asset,
            quote=self._reporting,
            at=hour,
            resolution_s=RESOLUTION_SECONDS,
            value=value,
            route=route,
        )

    def _value(self, route: Route, hour: datetime, *, final: bool) -> Decimal | None:
        """What a route gives; None where one of its markets has no candle."""
        if any(self._missed(leg, hour, final=final) for leg in route.legs):
            return None
        value = Decimal(1)
        for leg in route.legs:
            close = self._source.close(leg, hour)
            if close is None:
                self._misses[leg.account, leg.symbol, hour] = RateMiss(
                    account=leg.account,
                    exchange=self._source.exchange(leg.account),
                    symbol=leg.symbol,
                    resolution_s=RESOLUTION_SECONDS,
                    at=hour,
                )
                return None
            with localcontext(EXACT):
                value = value / close if leg.inverse else value * close
        return value

    def _missed(self, leg: Leg, hour: datetime, *, final: bool) -> bool:
        """Whether a market is known to have no candle of an hour.

        Beside a price that is known this is ``final``, else it is believed for a while.
        """
        if (leg.account, leg.symbol, hour) in self._misses:
            return True
        asked = self._known.misses.get(
            (leg.account, self._source.exchange(leg.account), leg.symbol, hour)
        )
        if asked is None or leg.account in self._known.again:
            return False
        if asked < hour + HOUR <= self._now:
            return False
        return final or self._now - asked < ASK_AGAIN


def due_again(derived: Derived, quote: str, clock: Clock) -> set[tuple[str, datetime]]:
    """Hours to ask for once more: what nobody served long ago, and candles that were still being
    made."""
    now = clock.now()
    found = (
        *derived.unserved_rates(quote, before=now - ASK_AGAIN),
        *derived.early_rates(quote, until=now),
    )
    return {(rate.asset, rate.at) for rate in found}

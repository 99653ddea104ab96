"""Past prices in the reporting asset: fetched once as hourly candles, stored with their route, and
only where cost needs them.

A rate is the close of the hour's candle. One that was fetched before its hour was over is used
until the next run, which fetches it again. ``value.rate_routes`` alone decides which market prices
it: a rate by a worse route is used until the better ones have answered. A market without a candle
of an hour is stored as a miss of that market, which says nothing about others. A rate that no
market serves is stored as needed and unserved, and requested again later. A failed request is
neither.
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
#: A candle that no market served is requested again after this time.
ASK_AGAIN = timedelta(days=7)
#: After so many failures in a row an exchange gets no further requests in the run.
PATIENCE = 3
#: Refusals which mean that the market serves no such candle.
_NOT_SERVED = (NotOffered, OutOfRetention, SymbolUnknown)


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
    """The candles of all accounts' exchanges from public market data, each requested once."""

    def __init__(self, ports: Sequence[ExchangePort]) -> None:
        self._ports = {
            port.account: port for port in sorted(ports, key=lambda port: not port.policy.candles)
        }
        self._series: dict[tuple[str, str], _Series] = {}
        self._in_a_row: Counter[str] = Counter()
        self.failures: dict[str, None] = {}
        self.blind = False  # markets of an account are unknown, so no rate is surely unserved
        self.listings = {account: self._listed(port) for account, port in self._ports.items()}

    def exchange(self, account: str) -> str:
        return self._ports[account].policy.exchange

    def close(self, leg: Leg, hour: datetime) -> Decimal | None:
        """The close of one hour's candle; None where there is none; ExchangeFault when unknown."""
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
        """One request; it covers every hour from the requested one to the last received."""
        account = leg.account
        if self._in_a_row[account] >= PATIENCE:
            what = f"{self.exchange(account)} failed {PATIENCE} times in a row"
            raise ExchangeUnavailable(f"{what}; its other candles wait for the next run")
        try:
            found = self._ports[account].candles(leg.symbol, hour, CANDLES_PER_REQUEST, "1h")
        except _NOT_SERVED:
            found = ()
        except (ExchangeUnavailable, RateLimited) as error:
            # A bad answer may concern this market alone.
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
        """New rates and misses for each needed (asset, hour); without those that a failure leaves
        open."""
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
        """The rate to store; None where nothing is new or a failure leaves it open."""
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
        """Whether a price that was fetched during its hour stays although no market serves the hour
        now.

        It stays once its own source was requested for the whole hour, or after ``ASK_AGAIN``.
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
        """The rate by a route; None where one of its markets has no candle."""
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

        Next to a known price a miss is ``final``; otherwise it counts for ``ASK_AGAIN``.
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
    """Hours to request again: those that no market served long ago, and candles that were not yet
    complete."""
    now = clock.now()
    found = (
        *derived.unserved_rates(quote, before=now - ASK_AGAIN),
        *derived.early_rates(quote, until=now),
    )
    return {(rate.asset, rate.at) for rate in found}

"""The candles of exchanges, each series requested once and read by the hour.

Some exchanges serve only the newest candles of each width, so that wider ones reach further back. A
price is read from the candle that contains its hour: of an hourly one the close; of a wider one its
open or its close, whichever is nearer to the end of the hour.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from exchange_cache.adapter.port import Candle, ExchangePort, MarketInfo
from exchange_cache.errors import (
    BadResponse,
    CertificateRefused,
    ExchangeFault,
    ExchangeUnavailable,
    NotOffered,
    OutOfRetention,
    ProxyFailed,
    RateLimited,
    SymbolUnknown,
)
from exchange_cache.value.rate_routes import Leg

HOUR = timedelta(hours=1)
CANDLES_PER_REQUEST = 500
#: An answer without candles proves as many absent, and perhaps more: no exchange caps a page lower.
_LEAST_PAGE = 100
#: After so many failures in a row an exchange gets no further requests in the run.
PATIENCE = 3
#: Refusals which mean that the market serves no such candle.
_NOT_SERVED = (NotOffered, OutOfRetention, SymbolUnknown)


@dataclass(frozen=True, slots=True)
class Resolution:
    """A width of candles: its name in ccxt, and in seconds."""

    name: str
    seconds: int

    @property
    def span(self) -> timedelta:
        return timedelta(seconds=self.seconds)


#: The widths in the order of preference.
RESOLUTIONS = (Resolution("1h", 3_600), Resolution("1d", 86_400), Resolution("1w", 604_800))


@dataclass(slots=True)
class _Series:
    """The candles of one market and width, and the spans in which every hour was answered."""

    found: dict[datetime, Candle] = field(default_factory=dict)
    opened: list[datetime] = field(default_factory=list)
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    def answered(self, hour: datetime) -> bool:
        return any(start <= hour < end for start, end in self.spans)

    def add(self, candles: Sequence[Candle], start: datetime, span: timedelta) -> None:
        """Take the answer to a request that begins at ``start``."""
        self.found.update({one.opened_at.astimezone(UTC): one for one in candles})
        self.opened = sorted(self.found)
        last = max((one.opened_at.astimezone(UTC) for one in candles), default=None)
        self.spans.append((start, start + _LEAST_PAGE * span if last is None else last + span))

    def containing(self, hour: datetime, span: timedelta) -> Candle | None:
        place = bisect_right(self.opened, hour)
        if not place or self.opened[place - 1] + span <= hour:
            return None
        return self.found[self.opened[place - 1]]


class _Waits(ExchangeUnavailable):
    """The exchange failed too often to be asked again in this run."""


class CandleSource:
    """The candles of all accounts' exchanges from public market data, each requested once;
    ``asked`` is called before each request."""

    def __init__(
        self,
        ports: Sequence[ExchangePort],
        now: datetime,
        asked: Callable[[], None] = lambda: None,
    ) -> None:
        self._asked = asked
        self._ports = {
            port.account: port
            for port in sorted(ports, key=lambda port: port.policy.candles.newest is not None)
        }
        self._now = now
        self._series: dict[tuple[str, str, str], _Series] = {}
        #: A market that failed for an hour is not requested for a wider candle with it either.
        self._failed: dict[tuple[str, str, datetime], str] = {}
        self._in_a_row: Counter[str] = Counter()
        self.failures: dict[str, None] = {}
        self.blind = False  # markets of an account are unknown, so no rate is surely unserved
        self.listings = {account: self._listed(port) for account, port in self._ports.items()}

    def exchange(self, account: str) -> str:
        return self._ports[account].policy.exchange

    def reaches(self, leg: Leg, hour: datetime, resolution: Resolution) -> bool:
        """Whether the exchange may serve the candle, by what its policy says."""
        candles = self._ports[leg.account].policy.candles
        if resolution.name not in candles.resolutions:
            return False
        newest = candles.newest
        return newest is None or hour > self._now - newest * resolution.span

    def price(self, leg: Leg, hour: datetime, resolution: Resolution) -> Decimal | None:
        """The price of an hour; None where there is no candle; ExchangeFault when unknown."""
        candle = self._candle(leg, hour, resolution)
        return None if candle is None else price_of(candle, hour) or None

    def low_high(
        self, leg: Leg, since: datetime, until: datetime, resolution: Resolution
    ) -> tuple[Decimal, Decimal] | None:
        """The lowest and highest price of a time; None unless candles cover all of it up to now;
        ExchangeFault when unknown."""
        low = high = None
        hour, end = since, min(until, self._now)
        while hour < end:
            if not self.reaches(leg, hour, resolution):
                return None
            candle = self._candle(leg, hour, resolution)
            if candle is None or not candle.low:
                return None
            low = candle.low if low is None else min(low, candle.low)
            high = candle.high if high is None else max(high, candle.high)
            hour = candle.opened_at.astimezone(UTC) + resolution.span
        return None if low is None or high is None else (low, high)

    def _candle(self, leg: Leg, hour: datetime, resolution: Resolution) -> Candle | None:
        key = (leg.account, leg.symbol, resolution.name)
        series = self._series.setdefault(key, _Series())
        place = (leg.account, leg.symbol, hour)
        if place in self._failed:
            raise ExchangeFault(self._failed[place], account=leg.account)
        if not series.answered(hour):
            try:
                self._ask(leg, hour, resolution, series)
            except ExchangeFault as error:
                self._failed[place] = str(error)
                if not isinstance(error, _Waits):  # what it waits for is reported
                    self.failures[_with_cure(error)] = None
                raise
        return series.containing(hour, resolution.span)

    def _ask(self, leg: Leg, hour: datetime, resolution: Resolution, series: _Series) -> None:
        """One request; it covers every hour from the requested one to the last received."""
        account = leg.account
        if self._in_a_row[account] >= PATIENCE:
            what = f"{self.exchange(account)} failed {PATIENCE} times in a row"
            raise _Waits(f"{what}; its other candles wait for the next run")
        start = _first_open(hour, resolution)
        self._asked()
        try:
            found = self._ports[account].candles(
                leg.symbol, start, CANDLES_PER_REQUEST, resolution.name
            )
        except _NOT_SERVED:
            found = ()
        except (ExchangeUnavailable, RateLimited) as error:
            # A bad answer may concern this market alone.
            self._in_a_row[account] += not isinstance(error, BadResponse)
            raise
        self._in_a_row[account] = 0
        series.add(found, start, resolution.span)
        if not series.answered(hour):
            series.spans.append((hour, hour + HOUR))

    def _listed(self, port: ExchangePort) -> Mapping[str, MarketInfo]:
        try:
            return port.markets()
        except ExchangeFault as error:
            self.failures[_with_cure(error)] = None
            self.blind = True
            return {}


#: What is wrong with this machine's way to every exchange.
_WAY: Mapping[type[ExchangeFault], str] = {
    CertificateRefused: "certificates of exchanges are not trusted",
    ProxyFailed: "the proxy does not answer",
}


def _with_cure(error: ExchangeFault) -> str:
    """To which account what happened, and the cure, in one line; a fault of this machine is one for
    all accounts."""
    what = _WAY.get(type(error), str(error))
    return f"{what}; {error.hint}" if error.hint else what


def _first_open(hour: datetime, resolution: Resolution) -> datetime:
    """From when to request, so that the candle with the hour is included: exchanges open days and
    weeks at different hours, and some leave out the candle that a request begins in."""
    earliest = hour - resolution.span + HOUR
    return hour if earliest == hour else earliest.replace(hour=0)


def price_of(candle: Candle, hour: datetime) -> Decimal:
    """The candle's price that is nearest to the end of the hour; an hourly candle's close."""
    end = hour + HOUR
    closed_at = candle.opened_at + timedelta(seconds=candle.resolution_s)
    return candle.open if end - candle.opened_at < closed_at - end else candle.close

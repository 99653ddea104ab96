"""Past prices in the reporting asset: fetched once as hourly candles, kept with their route, asked only for what cost needs.

A rate is the close of the hour's candle; one that was fetched before its hour was over serves until the next run, which asks for
it once more. Where an asset has no market against the reporting asset, one bridge is crossed.
What nobody serves is kept as such, so that it is not asked every hour; cost then says that it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.cache.derived import Derived, StoredRate
from exchange_cache.clock import Clock
from exchange_cache.domain.ledger_events import Rate
from exchange_cache.domain.money import EXACT
from exchange_cache.errors import ExchangeFault
from exchange_cache.exchange.port import ExchangePort

HOUR = timedelta(hours=1)
RESOLUTION_SECONDS = 3600
CANDLES_PER_REQUEST = 500
BRIDGES = ("USDT", "USDC", "USD", "EUR", "BTC", "ETH", "BNB")
#: A candle that nobody served is asked again after this long.
ASK_AGAIN = timedelta(days=7)


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour that holds a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


class StoredRates:
    """The rates in the cache as the cost basis asks for them; what it asked in vain is noted in ``missing``."""

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

    def not_losing(self, found: Iterable[StoredRate], now: datetime) -> list[StoredRate]:
        """What was found, without misses in place of known prices: other accounts may serve them. Long after, a known price is final."""
        kept = []
        for rate in found:
            known = self._rates.get((rate.asset, rate.at))
            if rate.value is not None or known is None or known.value is None:
                kept.append(rate)
            elif now - rate.at >= ASK_AGAIN:
                kept.append(known)
        return kept


@dataclass(frozen=True, slots=True)
class _Leg:
    """One market that turns ``base`` into ``quote`` (inverse: by division)."""

    port: ExchangePort
    symbol: str
    inverse: bool

    @property
    def name(self) -> str:
        return f"{self.symbol}@{self.port.account}"


class RateFetcher:
    """Fetches candles through the accounts' public market data, each series once."""

    def __init__(self, ports: Sequence[ExchangePort], reporting_asset: str) -> None:
        self._ports = sorted(ports, key=lambda port: not port.policy.candles)
        self._reporting = reporting_asset
        self._closes: dict[tuple[str, str], dict[datetime, Decimal]] = {}
        self._asked: dict[tuple[str, str], set[datetime]] = {}
        self._failed: dict[tuple[str, str, datetime], str] = {}
        self._floors: dict[tuple[str, str], datetime] = {}  # a series begins here: older hours are not served
        self.failures: list[str] = []

    def fetch(self, wanted: Iterable[tuple[str, datetime]]) -> list[StoredRate]:
        """A rate for each (asset, hour) wanted; hours lost to a failing exchange are left out, to be asked again next time."""
        by_asset: dict[str, list[datetime]] = {}
        for asset, hour in wanted:
            by_asset.setdefault(asset, []).append(hour)
        return [rate for asset in sorted(by_asset) for rate in self._asset(asset, sorted(by_asset[asset]))]

    def _asset(self, asset: str, hours: list[datetime]) -> Iterator[StoredRate]:
        before = len(self.failures)
        routes = list(self._routes(asset))
        unsure = len(self.failures) > before
        for hour in hours:
            failed = len(self.failures)
            value, route = self._value(routes, hour, hours)
            if value is None and (unsure or len(self.failures) > failed):
                continue
            yield StoredRate(
                asset=asset, quote=self._reporting, at=hour, resolution_s=RESOLUTION_SECONDS, value=value, route=route
            )

    def _value(self, routes: Sequence[tuple[_Leg, ...]], hour: datetime, hours: list[datetime]) -> tuple[Decimal | None, tuple[str, ...]]:
        for route in routes:
            value: Decimal | None = Decimal(1)
            for leg in route:
                close = self._close(leg, hour, hours)
                if close is None or close == 0 or value is None:
                    value = None
                    break
                with localcontext(EXACT):
                    value = value / close if leg.inverse else value * close
            if value is not None:
                return value, tuple(leg.name for leg in route)
        return None, ()

    def _routes(self, asset: str) -> Iterator[tuple[_Leg, ...]]:
        """Direct markets first, then those over one bridge."""
        direct = list(self._legs(asset, self._reporting))
        yield from ((leg,) for leg in direct)
        for bridge in BRIDGES:
            if bridge in (asset, self._reporting):
                continue
            second = next(iter(self._legs(bridge, self._reporting)), None)
            if second is not None:
                yield from ((first, second) for first in self._legs(asset, bridge))

    def _legs(self, base: str, quote: str) -> Iterator[_Leg]:
        for port in self._ports:
            markets = self._markets(port)
            for symbol, inverse in ((f"{base}/{quote}", False), (f"{quote}/{base}", True)):
                if symbol in markets:
                    yield _Leg(port, symbol, inverse)

    def _close(self, leg: _Leg, hour: datetime, hours: list[datetime]) -> Decimal | None:
        key = (leg.port.account, leg.symbol)
        if (*key, hour) in self._failed:
            self.failures.append(self._failed[(*key, hour)])
            return None
        closes, asked = self._closes.setdefault(key, {}), self._asked.setdefault(key, set())
        if hour not in closes and hour not in asked and hour >= self._floors.get(key, hour):
            asked.add(hour)
            try:
                found = leg.port.candles(leg.symbol, hour, CANDLES_PER_REQUEST, "1h")
            except ExchangeFault as error:
                self._failed[(*key, hour)] = str(error)
                self.failures.append(str(error))
                return None
            closes.update({candle.opened_at.astimezone(UTC): candle.close for candle in found})
            if found and found[0].opened_at > hour:
                self._floors[key] = found[0].opened_at
            elif found:
                asked.update(item for item in hours if hour <= item <= found[-1].opened_at)
        return closes.get(hour)

    def _markets(self, port: ExchangePort) -> Mapping[str, object]:
        try:
            return port.markets()
        except ExchangeFault as error:
            self.failures.append(str(error))
            return {}


def due_again(derived: Derived, quote: str, clock: Clock) -> set[tuple[str, datetime]]:
    """Hours to ask for once more: what nobody served long ago, and candles that were still being made."""
    now = clock.now()
    found = (*derived.unserved_rates(quote, before=now - ASK_AGAIN), *derived.early_rates(quote, until=now))
    return {(rate.asset, rate.at) for rate in found}

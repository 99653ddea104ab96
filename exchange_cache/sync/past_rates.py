"""Which past prices a run requests, and at which exchanges: the result does not depend on the
accounts of the run.

The ledger of one account may need a price that only the exchange of another serves. So while a
price is open, the run uses the public market data of all enabled accounts, in one order; otherwise
it sends no request. The cache keeps the choices of the last complete search, so a new account,
market or reporting asset opens the search again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import RateMiss, StoredRate
from exchange_cache.clock import Clock
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.errors import ExchangeFault
from exchange_cache.sync.arrivals import arrived_days
from exchange_cache.sync.candles import CandleSource
from exchange_cache.sync.price_ranges import needed_ranges, open_ranges, ranges_of
from exchange_cache.sync.rates import Known, RateFetcher, StoredRates, due_again
from exchange_cache.value.rate_routes import useful

#: The key of the choices of the last complete search.
RATE_SOURCES = "rate_sources"
_EVERYBODY = ""

#: Opens accounts outside the run for public market data only; the opener also closes them.
Beside = Callable[[Collection[str]], Sequence[ExchangePort]]


def nobody(names: Collection[str]) -> Sequence[ExchangePort]:
    return ()


class RateSearch:
    """One run's search for past prices.

    ``order``: the accounts to use, the preferred first (None: those of the run). With ``again``
    earlier misses of the run's own accounts do not count. ``asked`` is called before each request,
    ``tick`` before each price with its asset, its number and that of all.
    """

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        ports: Sequence[ExchangePort],
        quote: str,
        clock: Clock,
        *,
        order: Sequence[str] | None = None,
        beside: Beside = nobody,
        again: bool = False,
        asked: Callable[[], None] = lambda: None,
        tick: Callable[[str, int, int], None] = lambda asset, number, total: None,
    ) -> None:
        self._asked, self._tick = asked, tick
        self._repository = repository
        self._quote = quote
        self._clock = clock
        self._order = tuple(order or ())
        self._is_offline = not ports
        self._ports = tuple(port for port in ports if order is None or port.account in order)
        self._beside = beside
        self._again = frozenset(port.account for port in self._ports) if again else frozenset()
        self._source: CandleSource | None = None

    @property
    def failures(self) -> tuple[str, ...]:
        return () if self._source is None else tuple(self._source.failures)

    def is_open(self) -> bool:
        """Whether a price that was needed before is to be requested; sends no request itself."""
        if self._is_offline:
            return False
        assets = self._repository.derived.rated_assets(self._quote)
        due = due_again(self._repository.derived, self._quote, self._clock)
        return bool(due or (assets and (self._again or self._is_new(assets))))

    def fetch(self, rates: StoredRates) -> bool:
        """Fetch the rates that ``rates`` misses and the open ones, store and add them; whether any
        is new."""
        if self._is_offline or not (rates.missing or (self._source is None and self.is_open())):
            return False
        first = self._source is None
        source = self._opened()
        needed = set(rates.missing)
        if first:
            needed |= due_again(self._repository.derived, self._quote, self._clock)
            settled = self._remembered() == self._choice(source)
            needed |= set() if settled and not self._again else rates.hours()
        known = Known.load(self._repository.derived, self._quote, self._clock, self._again)
        fetcher = RateFetcher(source, self._quote, known, self._clock.now())
        found = fetcher.fetch(needed, self._tick, store=self._store)
        self._remember(source)
        if found.rates:
            rates.add(found.rates)
        return bool(found.rates)

    def fetch_ranges(self, bases: Iterable[AssetBasis], accounts: Iterable[str]) -> None:
        """Fetch and store the price ranges that the bounds of these costs need."""
        now = self._clock.now()
        memories = (self._repository.progress.memory(account) for account in accounts)
        needed = needed_ranges(bases, self._quote) | arrived_days(memories)
        requested = open_ranges(self._repository.derived, needed, self._quote, now)
        if requested and not self._is_offline:
            for found in ranges_of(self._opened(), requested, self._quote, self._tick):
                self._repository.derived.save_ranges([found], now)

    def _store(self, rates: Sequence[StoredRate], misses: Sequence[RateMiss]) -> None:
        self._repository.derived.save_rates(rates, self._clock.now(), misses)

    def _opened(self) -> CandleSource:
        if self._source is None:
            names = [
                name for name in self._order if name not in {port.account for port in self._ports}
            ]
            place = {name: number for number, name in enumerate(self._order)}
            everyone = (*self._ports, *(self._beside(names) if names else ()))
            self._source = CandleSource(
                sorted(everyone, key=lambda port: place.get(port.account, 0)),
                self._clock.now(),
                self._asked,
            )
        return self._source

    def _is_new(self, assets: Iterable[str]) -> bool:
        """Whether accounts or markets changed since the last complete search."""
        known = self._remembered()
        if (
            known is None
            or known.get("quote") != self._quote
            or known.get("order") != list(self._order)
        ):
            return True
        markets = known.get("markets")
        for port in self._ports:
            try:
                listed = port.markets()
            except ExchangeFault:
                continue  # unknown markets are not new; a search that needs them reports it
            if not isinstance(markets, Mapping) or markets.get(port.account) != _market(
                port.policy.exchange, listed, assets, self._quote
            ):
                return True
        return False

    def _choice(self, source: CandleSource) -> dict[str, object]:
        assets = self._repository.derived.rated_assets(self._quote)
        markets = {
            name: _market(source.exchange(name), listed, assets, self._quote)
            for name, listed in source.listings.items()
        }
        return {
            "quote": self._quote,
            "order": list(self._order),
            "preferred": list(source.listings),
            "markets": markets,
        }

    def _remembered(self) -> Mapping[str, object] | None:
        kept = self._repository.progress.recalled(_EVERYBODY, RATE_SOURCES)
        return kept if isinstance(kept, Mapping) else None

    def _remember(self, source: CandleSource) -> None:
        """Store the choices of a complete search; after a failure the next run searches again."""
        kept = None if source.failures else self._choice(source)
        self._repository.progress.remember(_EVERYBODY, {RATE_SOURCES: kept}, self._clock.now())


def _market(
    exchange: str, listed: Collection[str], assets: Iterable[str], quote: str
) -> dict[str, object]:
    return {"exchange": exchange, "symbols": useful(listed, assets, quote)}

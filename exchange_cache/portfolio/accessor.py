"""PortfolioDataAccessor: reads one snapshot of the cache in a few queries and values it.

The cost of a reading does not grow with the history: the last sync derived all costs, so fills and
transfers are not read. The caller passes a callable that refreshes the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock
from exchange_cache.cost.basis import AssetBasis, realised_between
from exchange_cache.data_types import NO_ACCOUNT
from exchange_cache.findings import AcceptedFinding, Finding, marked
from exchange_cache.records import Balance, DataType, Position, Price
from exchange_cache.value.freshness import SyncStatus, verdicts
from exchange_cache.value.named import Names, codes_of, named_balances, named_prices
from exchange_cache.value.price_graph import HUBS, PriceGraph
from exchange_cache.value.reading import PortfolioReading
from exchange_cache.value.states import COST_KEPT_IN
from exchange_cache.value.uncomputed import not_computed
from exchange_cache.value.valuation import value_portfolio


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSettings:
    """The settings that a reading depends on.

    ``own_limits``: what settings of accounts leave out. ``left_out``: rows that cannot be read.
    ``names``: what the codes of an account mean there. ``replaced``: codes that its exchange still
    lists although the user states that they became another asset.
    """

    reporting_asset: str
    ttl: dict[DataType, timedelta]
    cost_method: str = "average"
    accounts: tuple[str, ...] = ()
    ignored: Mapping[str, frozenset[str]] = field(default_factory=dict)
    exchanges: Mapping[str, str] = field(default_factory=dict)
    own_limits: tuple[Finding, ...] = ()
    left_out: tuple[Finding, ...] = ()
    names: Names = field(default_factory=dict)
    replaced: Names = field(default_factory=dict)

    def named(self, balances: Iterable[Balance]) -> tuple[Balance, ...]:
        """The balances, each of the asset that its account means."""
        return named_balances(named_balances(balances, self.names), self.replaced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cached:
    """What the cache holds for a reading of some accounts."""

    accounts: tuple[str, ...]
    statuses: Sequence[SyncStatus]
    balances: Sequence[Balance]
    positions: Sequence[Position]
    prices: Sequence[Price]
    bases: Sequence[AssetBasis]
    findings: Sequence[Finding]
    accepted: Sequence[AcceptedFinding]
    costs_in: str
    costs_open: bool = False


class PortfolioDataAccessor:
    """Answers from the cache at once, with the age of all data; ``reload_data`` refreshes first."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        clock: Clock,
        settings: ReadingSettings,
        *,
        refresh: Callable[[bool, Sequence[str] | None], object] | None = None,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._settings = settings
        self._refresh = refresh

    def reload_data(
        self, *, force: bool = False, accounts: Sequence[str] | None = None
    ) -> PortfolioReading:
        """Sync what is stale (with ``force`` everything), then read."""
        if self._refresh is None:
            raise ValueError("this accessor has no callable to refresh with")
        self._refresh(force, accounts)
        return self.read(accounts=accounts)

    def read(
        self,
        *,
        accounts: Sequence[str] | None = None,
        reporting_asset: str | None = None,
        ttl: timedelta | None = None,
        bases: Sequence[AssetBasis] | None = None,
        costs_in: str | None = None,
        realised_since: datetime | None = None,
    ) -> PortfolioReading:
        """The portfolio of the chosen accounts (default: all configured) from one snapshot of the
        cache.

        ``bases``: other costs than the stored ones, in ``costs_in`` (default: the reporting asset
        of the settings). ``realised_since``: realised results from this day on only (UTC).
        """
        asset = reporting_asset or self._settings.reporting_asset
        limits = dict.fromkeys(DataType, ttl) if ttl is not None else self._settings.ttl
        with self._repository.snapshot():
            cached = self.cached(accounts, asset, bases, costs_in)
        return self.valued(
            cached, self._clock.now(), asset=asset, limits=limits, realised_since=realised_since
        )

    def prices(self, assets: Collection[str]) -> dict[str, Decimal]:
        """The fresh prices of assets in the reporting asset, held or not, as far as known."""
        asset, known = self._settings.reporting_asset, self._settings.names
        stored = self._repository.mirror.prices(codes_of({*assets, asset, *HUBS}, known))
        graph = PriceGraph(
            named_prices(stored, known),
            reporting_asset=asset,
            now=self._clock.now(),
            ttl=self._settings.ttl[DataType.PRICES],
            exchange_of=self._settings.exchanges,
        )
        quotes = {one: graph.quote(one) for one in assets}
        return {one: quote.value for one, quote in quotes.items() if quote and not quote.stale}

    def cached(
        self,
        accounts: Sequence[str] | None,
        asset: str,
        bases: Sequence[AssetBasis] | None = None,
        costs_in: str | None = None,
    ) -> Cached:
        """What the cache holds for a reading; the caller opens the snapshot."""
        names = self._names(accounts)
        statuses = self._repository.progress.statuses(names)
        balances = [
            item
            for item in self._settings.named(self._repository.mirror.balances(names))
            if not self._is_ignored(item.account, item.asset)
        ]
        positions = self._repository.mirror.positions(names)
        assets = (
            {item.asset for item in balances}
            | {item.settle_asset for item in positions}
            | {asset, *HUBS}
        )
        known = self._settings.names
        stored = self._repository.mirror.prices(codes_of(assets, known))
        derived = self._repository.derived
        as_stored = bases is None
        if bases is None:
            bases = derived.bases(self._settings.cost_method, self._settings.reporting_asset)
        return Cached(
            accounts=names,
            statuses=statuses,
            balances=balances,
            positions=positions,
            prices=named_prices(stored, known),
            bases=bases,
            findings=[
                *(item for item in self._settings.own_limits if item.account in names),
                *self._settings.left_out,
                *(item.finding for item in derived.findings((*names, NO_ACCOUNT))),
            ],
            accepted=self._repository.accepted.all(),
            costs_in=costs_in or self._settings.reporting_asset,
            costs_open=as_stored and self._repository.costs_open(self._settings.reporting_asset),
        )

    def valued(
        self,
        cached: Cached,
        now: datetime,
        *,
        asset: str,
        limits: Mapping[DataType, timedelta],
        realised_since: datetime | None = None,
    ) -> PortfolioReading:
        """The reading of what the cache holds, at a moment."""
        kept_in = cached.costs_in
        reading = value_portfolio(
            balances=cached.balances,
            positions=cached.positions,
            prices=cached.prices,
            bases=_of_period(cached.bases, realised_since) if asset == kept_in else (),
            freshness=verdicts(cached.statuses, accounts=cached.accounts, ttl=limits, now=now),
            findings=cached.findings,
            reporting_asset=asset,
            accounts=cached.accounts,
            now=now,
            price_ttl=limits[DataType.PRICES],
            exchange_of=self._settings.exchanges,
        )
        if asset != kept_in:
            reading = without_cost(reading, kept_in)
        elif cached.costs_open:
            reading = not_computed(reading, known=bool(cached.bases))
        return replace(reading, warnings=marked(reading.warnings, cached.accepted, now))

    def _names(self, accounts: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(accounts) if accounts else self._settings.accounts

    def _is_ignored(self, account: str, asset: str) -> bool:
        return asset in self._settings.ignored.get(account, ())


def without_cost(
    reading: PortfolioReading, kept_in: str, command: str = "excache portfolio"
) -> PortfolioReading:
    """A reading in another asset than that of the costs, which are known but not shown; results
    of positions alone would be no result of the whole. ``command`` shows them."""
    reasons = (f"{COST_KEPT_IN} {kept_in}",)
    asset = reading.reporting_asset
    finding = Finding(
        code="cost_in_other_asset",
        message=f"averages and results are in {kept_in} only",
        hint=command,
    )
    return replace(
        reading,
        totals=replace(reading.totals, unrealised_pnl=None, realised_pnl=None),
        holdings=tuple(
            holding if holding.asset == asset else replace(holding, unknown_reasons=reasons)
            for holding in reading.holdings
        ),
        warnings=(*(item for item in reading.warnings if item.code != "unknown_cost"), finding),
    )


def _of_period(bases: Sequence[AssetBasis], since: datetime | None) -> Sequence[AssetBasis]:
    if since is None:
        return bases
    return [
        replace(
            one, realised_pnl=None if one.realised_pnl is None else realised_between([one], since)
        )
        for one in bases
    ]

"""What ``portfolio --at`` and ``diff`` share: a reader of earlier moments, and fetching the prices
of a past day when asked to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.cli.options import BEGINNING, DEFAULT_WAIT
from exchange_cache.cli.view import View, write_view
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.errors import NothingCached, UsageError

if TYPE_CHECKING:
    from exchange_cache.portfolio.past import Past, PastReader


def past_reader(
    app: App, repository: ExchangeCacheRepository, accounts: Sequence[str], asset: str | None = None
) -> PastReader:
    """A reader of earlier moments of these accounts, valued in ``asset`` (default: the reporting
    asset)."""
    from exchange_cache.portfolio.past import PastReader
    from exchange_cache.sync.costs import CostSettings, current_book
    from exchange_cache.sync.rates import StoredRates

    reporting = app.settings.reporting_asset

    def costs_at(moment: datetime) -> tuple[AssetBasis, ...]:
        settings = CostSettings(reporting_asset=reporting, method=app.settings.cost_method)
        return current_book(
            repository, settings, StoredRates(repository.derived.rates(reporting)), until=moment
        ).bases

    return PastReader(
        repository,
        app.clock,
        app.reading_settings(),
        accounts=accounts,
        reporting_asset=asset or reporting,
        costs_at=costs_at,
    )


def fetch_prices(
    app: App,
    repository: ExchangeCacheRepository,
    days: Iterable[tuple[str, datetime]],
    asset: str,
) -> tuple[str, ...]:
    """Fetch and keep these candles through the public market data of the accounts' exchanges; what
    failed."""
    from exchange_cache.cli.running import careful_port
    from exchange_cache.sync.rates import CandleSource, Known, RateFetcher

    accounts = app.settings.enabled_accounts
    for said in (said for account in accounts for said in account.warnings):
        app.say(f"excache: {said}")
    ports = [careful_port(app, account) for account in accounts]
    try:
        known = Known.load(repository.derived, asset, app.clock)
        found = RateFetcher(CandleSource(ports), asset, known, app.now()).fetch(days)
        repository.derived.save_rates(found.rates, app.now(), found.misses)
        return found.failures
    finally:
        for port in ports:
            port.close()


def print_past(app: App, view: View, moment: datetime, *, wait: bool) -> int:
    """``portfolio --at``: what was held and worth then, from the cache; with ``wait`` prices that
    are not stored are fetched first."""
    if view.period > BEGINNING:
        raise UsageError("--at and --period do not go together", hint="excache pnl --period DATE")
    repository = app.cached()
    if repository is None or repository.is_empty():
        raise NothingCached(
            "nothing is cached yet",
            hint="run excache sync first, or see how it looks: excache demo",
        )
    reader = past_reader(app, repository, view.accounts or (), view.quote)
    with repository.snapshot():
        past = reader.read(moment)
    if wait and not past.snapshot and past.unpriced():
        _fetch_missing(
            app, repository, reader, past, moment, view.quote or app.settings.reporting_asset
        )
        with repository.snapshot():
            past = reader.read(moment)
    write_view(app, past.reading, view, past=_source(past))
    return 0


def _source(past: Past) -> str:
    if past.snapshot:
        return f"as it was printed at {past.reading.as_of:%Y-%m-%d %H:%M} UTC"
    return f"replayed from the ledger to {past.reading.as_of:%Y-%m-%d %H:%M} UTC"


def _fetch_missing(
    app: App,
    repository: ExchangeCacheRepository,
    reader: PastReader,
    past: Past,
    moment: datetime,
    asset: str,
) -> None:
    with app.lock() as lock:
        lock.acquire("portfolio --at", wait_seconds=DEFAULT_WAIT.total_seconds())
        for failure in fetch_prices(
            app, repository, reader.fetchable(moment, past.unpriced()), asset
        ):
            app.say(f"excache: {failure}")
    reader.forget_prices()

"""The end of a run: alarms about unexplained outflows, and a snapshot of the portfolio."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import Clock
from exchange_cache.findings import Finding
from exchange_cache.portfolio.accessor import PortfolioDataAccessor
from exchange_cache.portfolio.history import SHOWN, is_known, snapshot_details
from exchange_cache.portfolio.outflows import watch
from exchange_cache.portfolio.past import PastReader
from exchange_cache.value.reading import PortfolioReading

#: How far back a run looks for unexplained outflows.
WATCHED = timedelta(days=7)


def close_run(
    repository: ExchangeCacheRepository,
    accessor: PortfolioDataAccessor,
    past: PastReader,
    accounts: tuple[str, ...],
    clock: Clock,
    *,
    keep: timedelta,
) -> tuple[Finding, ...]:
    """Store a snapshot of the portfolio, thin those older than ``keep``; return the new alarms.

    Nothing is stored while no balance is known, nor if none was read since the last snapshot, and
    no position and price either. The reading is first compared with earlier ones: an unexplained
    outflow may be a theft.
    """
    reading = accessor.read()
    if not is_known(reading):
        return ()
    now = clock.now()
    alarms = watch(past, repository, accounts, now - WATCHED, reading.reporting_asset, now)
    if not _is_shown(repository, reading):
        repository.derived.add_snapshot(
            Snapshot(
                taken_at=clock.now(),
                reporting_asset=reading.reporting_asset,
                value=reading.totals.value,
                stale_value=reading.totals.stale_value,
                details=snapshot_details(reading),
            ),
            reading.holdings,
        )
    repository.thin_snapshots(now, keep)
    return alarms


def _is_shown(repository: ExchangeCacheRepository, reading: PortfolioReading) -> bool:
    """Whether the newest snapshot in this asset is of these accounts, and nothing it shows was
    read since."""
    newest = repository.derived.snapshots(reporting_asset=reading.reporting_asset, newest=1)
    statuses = repository.progress.statuses(reading.accounts)
    return any(
        one.details.get("accounts") == list(reading.accounts)
        and not any(
            status.data_type in SHOWN
            and status.succeeded_at is not None
            and status.succeeded_at > one.taken_at
            for status in statuses
        )
        for one in newest
    )

"""The end of a run: alarms about unexplained outflows, and a snapshot of the portfolio."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import Clock
from exchange_cache.findings import Finding
from exchange_cache.portfolio.accessor import PortfolioDataAccessor
from exchange_cache.portfolio.history import is_known, snapshot_details
from exchange_cache.portfolio.outflows import watch
from exchange_cache.portfolio.past import PastReader

#: How far back a run looks for unexplained outflows.
WATCHED = timedelta(days=7)


def close_run(
    repository: ExchangeCacheRepository,
    accessor: PortfolioDataAccessor,
    past: PastReader,
    accounts: tuple[str, ...],
    clock: Clock,
) -> tuple[Finding, ...]:
    """Store a snapshot of the portfolio, unless no balance is known; return the new alarms.

    The reading is first compared with earlier ones: an unexplained outflow may be a theft.
    """
    reading = accessor.read()
    if not is_known(reading):
        return ()
    now = clock.now()
    alarms = watch(past, repository, accounts, now - WATCHED, reading.reporting_asset, now)
    repository.derived.add_snapshot(
        Snapshot(
            taken_at=clock.now(),
            reporting_asset=reading.reporting_asset,
            value=reading.totals.value,
            stale_value=reading.totals.stale_value,
            details=snapshot_details(reading),
        )
    )
    return alarms

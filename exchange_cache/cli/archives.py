"""The archives of ``status``: what is stored of files of the past, put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from exchange_cache.clock import from_ms, to_ms

if TYPE_CHECKING:
    from exchange_cache.cache.archive_reading import ArchivePlan, StoredArchive
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.value.archives import ArchiveProgress


def archives_of(
    repository: CacheReading, accounts: Sequence[str], now: datetime
) -> tuple[ArchiveProgress, ...]:
    """How far the archives of accounts are; most accounts have none, which costs one statement."""
    plans = repository.archives.plans(accounts)
    if not plans:
        return ()
    orders = repository.archives.orders(accounts)
    return tuple(
        _progress(
            plan,
            [one for one in orders if (one.account, one.archive) == (plan.account, plan.archive)],
            _sent(repository, plan, now),
        )
        for plan in plans
    )


def _sent(repository: CacheReading, plan: ArchivePlan, now: datetime) -> int:
    since_ms = (
        to_ms(datetime(now.year, now.month, 1, tzinfo=UTC))
        if plan.per_ms is None
        else to_ms(now) - plan.per_ms
    )
    return repository.archives.sent(plan.account, plan.archive, since_ms)


def _progress(plan: ArchivePlan, orders: Sequence[StoredArchive], sent: int) -> ArchiveProgress:
    from exchange_cache.cache.archive_reading import ArchiveState
    from exchange_cache.value.archives import ArchiveProgress

    read = [one for one in orders if one.state is ArchiveState.READ]
    making = [one for one in orders if one.state is ArchiveState.ORDERED]
    since = [one.ordered_ms for one in making if one.ordered_ms is not None]
    problems = dict.fromkeys(
        one.error
        if one.state is ArchiveState.REFUSED or one.error.startswith(one.period)
        else f"{one.period}: {one.error}"
        for one in orders
        if one.error
    )
    return ArchiveProgress(
        account=plan.account,
        title=plan.title,
        read=len(read),
        new_rows=sum(one.new_rows for one in read),
        back_to=from_ms(min(one.start_ms for one in read)) if read else None,
        making=len(making),
        since=from_ms(min(since)) if since else None,
        missing=plan.missing,
        left=None if plan.most is None else max(0, plan.most - sent),
        most=plan.most,
        window="" if plan.most is None else "month" if plan.per_ms is None else "day",
        shared=plan.shared,
        by_request=plan.by_request,
        requested=plan.requested,
        problems=tuple(problems),
    )

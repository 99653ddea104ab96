"""The error of a command that finds nothing in the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange_cache.errors import NothingCached, distinct_causes

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading


def nothing_cached(repository: CacheReading | None = None) -> NothingCached:
    """Nothing is cached: because no sync was tried, or why the last one failed."""
    statuses = () if repository is None else repository.progress.statuses()
    failures = distinct_causes(f"{one.account}: {one.error}" for one in statuses if one.error)
    if failures:
        return NothingCached(
            f"nothing is cached yet, the last sync failed: {'; '.join(failures)}",
            hint="see all of it: excache status; try again: excache sync",
        )
    return NothingCached(
        "nothing is cached yet", hint="fetch it: excache sync; or see how it looks: excache demo"
    )

"""What a replica that is read states of itself: that it shows less than its primary has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from exchange_cache.data_types import REPLICA_BEHIND
from exchange_cache.findings import Finding

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.cache.server import Replica


def replica_findings(repository: CacheReading | None, now: datetime) -> tuple[Finding, ...]:
    """That the replica is behind its primary, or may be; nothing while it is not."""
    replica = None if repository is None else repository.replica()
    if replica is None or replica.is_current:
        return ()
    return (Finding(code=REPLICA_BEHIND, message=_sentence(replica, now), hint=_cure(replica)),)


def replica_document(repository: CacheReading, now: datetime) -> dict[str, object]:
    """The same for programs; null where the cache itself is read."""
    replica = repository.replica()
    if replica is None:
        return {"replica": None}
    behind = _behind(replica, now)
    return {
        "replica": {
            "streams": replica.streams,
            "behind": replica.behind if replica.streams else None,
            "paused": replica.paused,
            "newest_change_at": replica.newest,
            "behind_seconds": None if behind is None else int(behind.total_seconds()),
        }
    }


def _behind(replica: Replica, now: datetime) -> timedelta | None:
    """How far it is behind at most; None if that is unknown."""
    if replica.is_current:
        return timedelta(0)
    if not replica.streams or replica.newest is None:
        return None
    return max(now - replica.newest, timedelta(0))


def _sentence(replica: Replica, now: datetime) -> str:
    from exchange_cache.render.words import age, zoned_time

    behind = _behind(replica, now)
    if not replica.streams:
        stated = "this replica is cut off from its primary, so how far it is behind is unknown"
    elif behind is None:
        stated = "this replica is behind its primary by an unknown time"
    else:
        stated = f"this replica is up to {age(behind)} behind its primary"
    if replica.newest is not None:
        stated += f"; its newest change is of {zoned_time(replica.newest, now)}"
    return f"{stated}; its replay is paused" if replica.paused else stated


def _cure(replica: Replica) -> str:
    if not replica.streams:
        return "see pg_stat_replication on the primary, or let cache_url name the primary"
    if replica.paused:
        return "SELECT pg_wal_replay_resume() on the replica continues it"
    return "it catches up by itself; cache_url may name the primary"

"""How far a streaming replica is behind its primary, as far as the replica itself knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from exchange_cache.cache.server import Replica
from exchange_cache.clock import from_ms

Select = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

#: What was received is replayed within so many looks, unless the replica is behind.
_LOOKS, _PAUSE_S = 4, 0.05
_IS_REPLICA = "SELECT pg_is_in_recovery()"
_STATE = """
SELECT EXISTS (SELECT 1 FROM pg_stat_wal_receiver),
  coalesce(pg_last_wal_replay_lsn() < pg_last_wal_receive_lsn(), FALSE),
  pg_last_wal_receive_lsn()::text, pg_is_wal_replay_paused(),
  (extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000)::bigint
"""
_REPLAYED = "SELECT pg_last_wal_replay_lsn() >= CAST(? AS pg_lsn)"


def replica_of(select: Select) -> Replica | None:
    """The state of a replica; None for a server that takes writes.

    What it has received and not replayed yet at the very moment is not being behind: it gets the
    time to do that. What the primary did not send, a replica does not know.
    """
    if select(_IS_REPLICA, ()) != [(True,)]:
        return None
    ((streams, waits, received, paused, newest_ms),) = select(_STATE, ())
    return Replica(
        streams=streams,
        behind=waits and (paused or not _catches_up(select, received)),
        paused=paused,
        newest=None if newest_ms is None else from_ms(newest_ms),
    )


def _catches_up(select: Select, received: str) -> bool:
    for _ in range(_LOOKS):
        if select(_REPLAYED, (received,)) == [(True,)]:
            return True
        time.sleep(_PAUSE_S)
    return False

"""Compresses the snapshots of earlier versions and deletes those that age makes surplus, a bounded
number in each sync.

SQLite reuses the freed pages: a cache stops growing, but its file does not shrink.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.models import SnapshotRow
from exchange_cache.cache.snapshots import (
    Taken,
    details_of,
    gaps_text,
    packed_details,
    surplus,
    thinned_before,
)
from exchange_cache.clock import to_ms

#: How many snapshots one sync compresses, and how many it deletes.
COMPRESSED = 500
DELETED = 1000
_COMPLETE = "[]"


def thin_snapshots(database: CacheDatabase, now: datetime, keep: timedelta) -> int:
    """Compress and delete some snapshots; returns how many were deleted.

    Those younger than ``keep`` stay; of older days only those that ``surplus`` leaves.
    """
    _compress(database)
    end_ms = to_ms(thinned_before(now, keep))
    query = SnapshotRow.select(
        SnapshotRow.id, SnapshotRow.reporting_asset, SnapshotRow.taken_ms, SnapshotRow.gaps
    ).where(SnapshotRow.taken_ms < end_ms, SnapshotRow.gaps.is_null(False))
    taken = (
        Taken(row_id, asset, ms, gaps == _COMPLETE)
        for row_id, asset, ms, gaps in database.rows(query)
    )
    found = surplus(taken)[:DELETED]
    if found:
        with database.write():
            database.run(SnapshotRow.delete().where(SnapshotRow.id.in_(found)))
    return len(found)


def _compress(database: CacheDatabase) -> None:
    """Compress the oldest snapshots that are not yet; computed before the transaction begins."""
    query = SnapshotRow.select(SnapshotRow.id, SnapshotRow.details)
    query = query.where(SnapshotRow.gaps.is_null(True))
    query = query.order_by(SnapshotRow.taken_ms, SnapshotRow.id).limit(COMPRESSED)
    changed = {}
    for row_id, text in database.rows(query):
        details = details_of(text, None)
        changed[row_id] = (packed_details(details), gaps_text(details))
    if not changed:
        return
    with database.write():
        for row_id, (packed, gaps) in changed.items():
            database.run(
                SnapshotRow.update(details="", packed=packed, gaps=gaps).where(
                    SnapshotRow.id == row_id
                )
            )

"""How reads were answered: recorded after the answer was printed, trimmed, and never a reason for a read to fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.models import ReadRow
from exchange_cache.clock import from_ms, to_ms

KEEP_READS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One answered read. ``outcome``: hit (all fresh), stale (answered, something stale), miss (nothing cached), bypass (went live)."""

    at: datetime
    command: str
    outcome: str
    duration_us: int


class Metrics:
    """Reads of the cache, newest first."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def record(self, read: Read) -> None:
        with self._database.write():
            query = ReadRow.insert(at_ms=to_ms(read.at), command=read.command, outcome=read.outcome, duration_us=read.duration_us)
            read_id = int(self._database.run(query))
            if read_id % 100 == 0:
                self._database.run(ReadRow.delete().where(ReadRow.id <= read_id - KEEP_READS))

    def reads(self, since: datetime | None = None) -> tuple[Read, ...]:
        query = ReadRow.select(ReadRow.at_ms, ReadRow.command, ReadRow.outcome, ReadRow.duration_us).order_by(ReadRow.id.desc())
        if since is not None:
            query = query.where(ReadRow.at_ms >= to_ms(since))
        return tuple(
            Read(at=from_ms(row[0]), command=row[1], outcome=row[2], duration_us=row[3]) for row in self._database.rows(query)
        )

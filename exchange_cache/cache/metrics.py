"""How reads were answered. A read is counted after its answer is printed, and never waits or fails
because of the count.

The newest reads are rows; older ones are kept as sums, so that counters never decrease.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.models import READS, MemoryRow, ReadRow
from exchange_cache.cache.stored import Read
from exchange_cache.cache.table import selected
from exchange_cache.clock import to_ms

KEEP_READS = 10_000
#: A read that cannot be recorded within this time is not counted.
PATIENCE_MS = 1000
#: Where the sums of trimmed reads are stored: under no account.
_EVERYBODY, _TRIMMED = "", "reads_trimmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Reads of one outcome since the cache was created, trimmed ones included."""

    count: int = 0
    duration_us: int = 0


class Metrics:
    """Reads of the cache, newest first."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def record(self, read: Read) -> None:
        with self._database.impatient(PATIENCE_MS), self._database.write():
            read_id = int(self._database.run(ReadRow.insert(**READS.encode(read))))
            if read_id % 100 == 0:
                self._trim(read_id - KEEP_READS, to_ms(read.at))

    def _trim(self, last_id: int, now_ms: int) -> None:
        oldest = self._summed(ReadRow.id <= last_id)
        if not oldest:
            return
        self._database.run(ReadRow.delete().where(ReadRow.id <= last_id))
        sums = _added(self._trimmed(), oldest)
        text = json.dumps(
            {outcome: [item.count, item.duration_us] for outcome, item in sorted(sums.items())}
        )
        query = MemoryRow.insert(account=_EVERYBODY, key=_TRIMMED, value=text, updated_ms=now_ms)
        self._database.run(query.on_conflict_replace())

    def reads(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Read, ...]:
        query = selected(ReadRow, READS).order_by(ReadRow.id.desc())
        if since is not None:
            query = query.where(ReadRow.at_ms >= to_ms(since))
        if until is not None:
            query = query.where(ReadRow.at_ms <= to_ms(until))
        return READS.read(self._database.rows(query))

    def sums(self) -> dict[str, Sums]:
        """Reads per outcome since the cache was created."""
        return _added(self._trimmed(), self._summed(ReadRow.id.is_null(False)))

    def _summed(self, which: object) -> dict[str, Sums]:
        query = (
            ReadRow.select(ReadRow.outcome, fn.COUNT(1), fn.SUM(ReadRow.duration_us))
            .where(which)
            .group_by(ReadRow.outcome)
        )
        return {
            outcome: Sums(count=int(count), duration_us=int(total))
            for outcome, count, total in self._database.rows(query)
        }

    def _trimmed(self) -> dict[str, Sums]:
        query = MemoryRow.select(MemoryRow.value).where(
            MemoryRow.account == _EVERYBODY, MemoryRow.key == _TRIMMED
        )
        text = self._database.value(query)
        kept = {} if text is None else json.loads(text)
        return {
            outcome: Sums(count=int(count), duration_us=int(total))
            for outcome, (count, total) in kept.items()
        }


def _added(one: Mapping[str, Sums], other: Mapping[str, Sums]) -> dict[str, Sums]:
    nothing = Sums()
    return {
        outcome: Sums(
            count=one.get(outcome, nothing).count + other.get(outcome, nothing).count,
            duration_us=one.get(outcome, nothing).duration_us
            + other.get(outcome, nothing).duration_us,
        )
        for outcome in one.keys() | other.keys()
    }

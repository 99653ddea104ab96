"""How reads were answered. A read is noted beside the cache after its answer is printed; the next
sync takes the notes in.

The newest reads are rows; older ones are kept as sums, so that counters never decrease.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.models import READS, MemoryRow, ReadRow
from exchange_cache.cache.orm import fn
from exchange_cache.cache.reads import append, journal_of, parsed
from exchange_cache.cache.stored import Read
from exchange_cache.cache.table import selected
from exchange_cache.clock import from_ms, to_ms

KEEP_READS = 10_000
#: Where the sums of trimmed reads, and the journal taken in last, are stored: under no account.
_EVERYBODY, _TRIMMED, _TAKEN = "", "reads_trimmed", "reads_taken"


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
        """Note a read beside the cache; OSError if that is impossible."""
        append(self._database.path, to_ms(read.at), read.command, read.outcome, read.duration_us)

    def take_in(self, now: datetime) -> None:
        """Move the noted reads into the cache. The caller holds the writer lock.

        The file is renamed first, so that later reads begin a new one. Its name is remembered in
        the transaction that counts it, so that no crash counts it twice.
        """
        journal = journal_of(self._database.path)
        taken = journal.with_name(journal.name + ".taken")
        if not taken.exists():
            if not journal.exists():
                return
            journal.rename(taken)
        info = taken.stat()
        mark = f"{info.st_ino} {info.st_mtime_ns}"
        with self._database.write():
            if self._memory(_TAKEN) != mark:
                rows = [READS.encode(read) for read in self._noted(taken)]
                insert_many(self._database, ReadRow, rows, "fail")
                self._remember(_TAKEN, mark, to_ms(now))
                newest = self._database.value(ReadRow.select(fn.MAX(ReadRow.id))) or 0
                self._trim(int(newest) - KEEP_READS, to_ms(now))
        taken.unlink()

    def _noted(self, journal: Path) -> list[Read]:
        """The reads of a journal, oldest first; none if there is no such file."""
        if not journal.exists():
            return []
        return [
            Read(at=from_ms(at_ms), command=command, outcome=outcome, duration_us=duration_us)
            for at_ms, command, outcome, duration_us in parsed(journal.read_bytes())
        ]

    def _trim(self, last_id: int, now_ms: int) -> None:
        oldest = self._summed(ReadRow.id <= last_id)
        if not oldest:
            return
        self._database.run(ReadRow.delete().where(ReadRow.id <= last_id))
        sums = _added(self._trimmed(), oldest)
        counts = {outcome: [item.count, item.duration_us] for outcome, item in sorted(sums.items())}
        self._remember(_TRIMMED, counts, now_ms)

    def reads(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Read, ...]:
        query = selected(ReadRow, READS).order_by(ReadRow.id.desc())
        if since is not None:
            query = query.where(ReadRow.at_ms >= to_ms(since))
        if until is not None:
            query = query.where(ReadRow.at_ms <= to_ms(until))
        noted = [
            read
            for read in reversed(self._noted(journal_of(self._database.path)))
            if (since is None or read.at >= since) and (until is None or read.at <= until)
        ]
        return (*noted, *READS.read(self._database.rows(query)))

    def sums(self) -> dict[str, Sums]:
        """Reads per outcome since the cache was created."""
        noted: dict[str, Sums] = {}
        for read in self._noted(journal_of(self._database.path)):
            noted = _added(noted, {read.outcome: Sums(count=1, duration_us=read.duration_us)})
        return _added(_added(self._trimmed(), self._summed(ReadRow.id.is_null(False))), noted)

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
        kept: Any = self._memory(_TRIMMED) or {}
        return {
            outcome: Sums(count=int(count), duration_us=int(total))
            for outcome, (count, total) in kept.items()
        }

    def _memory(self, key: str) -> object:
        query = MemoryRow.select(MemoryRow.value).where(
            MemoryRow.account == _EVERYBODY, MemoryRow.key == key
        )
        text = self._database.value(query)
        return None if text is None else json.loads(text)

    def _remember(self, key: str, value: object, now_ms: int) -> None:
        text = json.dumps(value)
        query = MemoryRow.insert(account=_EVERYBODY, key=key, value=text, updated_ms=now_ms)
        self._database.run(query.on_conflict_replace())


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

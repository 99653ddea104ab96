"""Freshness rows, runs of writers, and the memory that short processes would otherwise download
again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange_cache.cache.codec import ms_or_none, time_or_none
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.models import MemoryRow, RunRow, SyncStatusRow
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus

KEEP_RUNS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a writer, as ``status`` shows it."""

    id: int
    pid: int
    command: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    doing: str | None
    requests: int
    rows: int


class Progress:
    """Who synced what when, and with what result."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    # --- freshness --------------------------------------------------------------------------------

    def record(self, status: SyncStatus) -> None:
        """Write the outcome of one part. Only a success changes the time of the last one and its
        rows; a failure counts up."""
        with self._database.write():
            self._record(status)

    def _record(self, status: SyncStatus) -> None:
        previous = self._database.rows(
            SyncStatusRow.select(
                SyncStatusRow.succeeded_ms, SyncStatusRow.failures, SyncStatusRow.rows
            ).where(
                SyncStatusRow.account == status.account,
                SyncStatusRow.data_type == str(status.data_type),
                SyncStatusRow.part == status.part,
            )
        )
        succeeded_ms, failures, row_count = previous[0] if previous else (None, 0, 0)
        failed = status.state == "failed"
        self._database.run(
            SyncStatusRow.insert(
                account=status.account,
                data_type=str(status.data_type),
                part=status.part,
                attempted_ms=ms_or_none(status.attempted_at),
                succeeded_ms=ms_or_none(status.succeeded_at) or succeeded_ms,
                state=status.state,
                error_code=status.error_code,
                error=status.error,
                failures=failures + 1 if failed else 0,
                duration_ms=status.duration_ms,
                rows=status.rows if status.state == "ok" else row_count,
            ).on_conflict_replace()
        )

    def statuses(self, accounts: Iterable[str] | None = None) -> tuple[SyncStatus, ...]:
        query = SyncStatusRow.select().order_by(
            SyncStatusRow.account, SyncStatusRow.data_type, SyncStatusRow.part
        )
        if accounts is not None:
            query = query.where(SyncStatusRow.account.in_(list(accounts)))
        return tuple(_to_status(row) for row in self._database.rows(query))

    def drop_parts(self, account: str, data_type: DataType, keep: Iterable[str]) -> None:
        """Forget the status of parts that are no longer asked for."""
        with self._database.write():
            self._database.run(
                SyncStatusRow.delete().where(
                    SyncStatusRow.account == account,
                    SyncStatusRow.data_type == str(data_type),
                    SyncStatusRow.part != "",
                    SyncStatusRow.part.not_in(list(keep)),
                )
            )

    # --- runs -------------------------------------------------------------------------------------

    def begin_run(self, command: str, pid: int, now: datetime) -> int:
        """Note that a writer started. Runs left open by killed processes are closed: only the
        holder of the lock comes here."""
        with self._database.write():
            self._database.run(
                RunRow.update(ended_ms=to_ms(now), outcome="killed").where(
                    RunRow.ended_ms.is_null(True)
                )
            )
            run_id = int(
                self._database.run(
                    RunRow.insert(
                        pid=pid, command=command, started_ms=to_ms(now), requests=0, rows=0
                    )
                )
            )
            self._database.run(RunRow.delete().where(RunRow.id <= run_id - KEEP_RUNS))
        return run_id

    def update_run(self, run_id: int, *, doing: str, requests: int, row_count: int) -> None:
        with self._database.write():
            self._database.run(
                RunRow.update(doing=doing, requests=requests, rows=row_count).where(
                    RunRow.id == run_id
                )
            )

    def end_run(
        self, run_id: int, outcome: str, now: datetime, *, requests: int, row_count: int
    ) -> None:
        with self._database.write():
            self._database.run(
                RunRow.update(
                    ended_ms=to_ms(now),
                    outcome=outcome,
                    doing=None,
                    requests=requests,
                    rows=row_count,
                ).where(RunRow.id == run_id)
            )

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        """The newest runs, newest first."""
        query = RunRow.select().order_by(RunRow.id.desc()).limit(limit)
        return tuple(_to_run(row) for row in self._database.rows(query))

    # --- memory -----------------------------------------------------------------------------------

    def memory(self, account: str) -> dict[str, object]:
        query = MemoryRow.select(MemoryRow.key, MemoryRow.value).where(MemoryRow.account == account)
        return {key: json.loads(value) for key, value in self._database.rows(query)}

    def memory_times(self, account: str) -> dict[str, datetime]:
        query = MemoryRow.select(MemoryRow.key, MemoryRow.updated_ms).where(
            MemoryRow.account == account
        )
        return {key: from_ms(ms) for key, ms in self._database.rows(query)}

    def remember(self, account: str, memory: Mapping[str, object], now: datetime) -> None:
        """Keep what changed; unchanged values keep their time."""
        known = dict(
            self._database.rows(_memory_of(account).where(MemoryRow.key.in_(list(memory))))
        )
        with self._database.write():
            for key, value in memory.items():
                text = json.dumps(value, separators=(",", ":"), sort_keys=True)
                if known.get(key) != text:
                    query = MemoryRow.insert(
                        account=account, key=key, value=text, updated_ms=to_ms(now)
                    )
                    self._database.run(query.on_conflict_replace())

    def forget(self, account: str, key: str) -> None:
        with self._database.write():
            self._database.run(
                MemoryRow.delete().where(MemoryRow.account == account, MemoryRow.key == key)
            )


def _memory_of(account: str) -> Any:
    return MemoryRow.select(MemoryRow.key, MemoryRow.value).where(MemoryRow.account == account)


def _to_status(row: tuple[Any, ...]) -> SyncStatus:
    return SyncStatus(
        account=row[0],
        data_type=DataType(row[1]),
        part=row[2],
        attempted_at=time_or_none(row[3]),
        succeeded_at=time_or_none(row[4]),
        state=row[5],
        error_code=row[6],
        error=row[7],
        failures=row[8],
        duration_ms=row[9],
        rows=row[10],
    )


def _to_run(row: tuple[Any, ...]) -> Run:
    return Run(
        id=row[0],
        pid=row[1],
        command=row[2],
        started_at=from_ms(row[3]),
        ended_at=time_or_none(row[4]),
        outcome=row[5],
        doing=row[6],
        requests=row[7],
        rows=row[8],
    )

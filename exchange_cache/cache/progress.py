"""Sync status, runs of writers, and the memory that saves short processes a download."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.models import RUNS, STATUSES, MemoryRow, RunRow, SyncStatusRow
from exchange_cache.cache.reading import ProgressReading
from exchange_cache.cache.stored import Run
from exchange_cache.cache.table import selected
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus

KEEP_RUNS = 2000


class Progress(ProgressReading):
    """Who synced what and when, and with what result."""

    def __init__(self, database: CacheDatabase) -> None:
        super().__init__(database)
        self._database = database

    # --- freshness --------------------------------------------------------------------------------

    def record(self, status: SyncStatus) -> None:
        """Write the outcome of one part. Only a success updates its time and row count; a failure
        increments the failure count."""
        with self._database.write():
            self._record(status)

    def record_all(
        self,
        account: str,
        statuses: Iterable[SyncStatus],
        parts: Mapping[DataType, Collection[str]] | None = None,
    ) -> None:
        """Write several outcomes of an account in one turn, and of these data types no ``parts``
        but those."""
        every = list(statuses)
        if not every and not parts:
            return
        with self._database.write():
            for status in every:
                self._record(status)
            for data_type, keep in (parts or {}).items():
                self._drop_parts(account, data_type, keep)

    def _record(self, status: SyncStatus) -> None:
        known = self._database.rows(
            selected(SyncStatusRow, STATUSES).where(
                SyncStatusRow.account == status.account,
                SyncStatusRow.data_type == str(status.data_type),
                SyncStatusRow.part == status.part,
            )
        )
        blank = SyncStatus(account=status.account, data_type=status.data_type)
        previous = next(iter(STATUSES.read(known)), blank)
        new = replace(
            status,
            succeeded_at=status.succeeded_at or previous.succeeded_at,
            failures=previous.failures + 1 if status.state == "failed" else 0,
            rows=status.rows if status.state == "ok" else previous.rows,
        )
        self._database.run(SyncStatusRow.insert(**STATUSES.encode(new)).on_conflict_replace())

    def _drop_parts(self, account: str, data_type: DataType, keep: Collection[str]) -> None:
        """Delete the status of parts that are no longer requested."""
        self._database.run(
            SyncStatusRow.delete().where(
                SyncStatusRow.account == account,
                SyncStatusRow.data_type == str(data_type),
                SyncStatusRow.part != "",
                SyncStatusRow.part.not_in(list(keep)),
            )
        )

    def forget_status(self, account: str, data_type: DataType) -> None:
        """Let a data type be due, as if it had never been synced."""
        with self._database.write():
            self._database.run(
                SyncStatusRow.delete().where(
                    SyncStatusRow.account == account, SyncStatusRow.data_type == str(data_type)
                )
            )

    # --- runs -------------------------------------------------------------------------------------

    def end_killed_runs(self, now: datetime) -> None:
        """Close the runs that are still open, for who has the cache alone: they were killed."""
        with self._database.write():
            self._database.run(
                RunRow.update(ended_ms=to_ms(now), outcome="killed").where(
                    RunRow.ended_ms.is_null(True)
                )
            )

    def end_killed(self, runs: Iterable[Run], now: datetime) -> None:
        """Close runs whose processes were killed."""
        with self._database.write():
            for run in runs:
                self._database.run(
                    RunRow.update(ended_ms=to_ms(now), outcome="killed").where(
                        RunRow.id == run.id, RunRow.ended_ms.is_null(True)
                    )
                )

    def begin_run(
        self,
        command: str,
        pid: int,
        now: datetime,
        *,
        beside: bool = False,
        host: str | None = None,
    ) -> int:
        """Record that a writer started. Runs that are still open were killed and are closed, unless
        it works ``beside`` others."""
        with self._database.write():
            if not beside:
                self.end_killed_runs(now)
            run = Run(pid=pid, command=command, started_at=now, host=host)
            run_id = int(self._database.run(RunRow.insert(**RUNS.encode(run))))
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
        self,
        run_id: int,
        outcome: str,
        now: datetime,
        *,
        requests: int,
        row_count: int,
        clock_ahead: timedelta = timedelta(0),
        why: str | None = None,
    ) -> None:
        """Note how a run ended, and ``why`` where an error ended it. ``clock_ahead``: by how much
        the clock was ahead that dated its beginning."""
        with self._database.write():
            self._database.run(
                RunRow.update(
                    started_ms=RunRow.started_ms - clock_ahead // timedelta(milliseconds=1),
                    ended_ms=to_ms(now),
                    outcome=outcome,
                    doing=why,
                    requests=requests,
                    rows=row_count,
                ).where(RunRow.id == run_id)
            )

    # --- memory -----------------------------------------------------------------------------------

    def memory(self, account: str) -> dict[str, object]:
        query = MemoryRow.select(MemoryRow.key, MemoryRow.value).where(MemoryRow.account == account)
        return {key: json.loads(value) for key, value in self._database.rows(query)}

    def recalled(self, account: str, key: str) -> object:
        """One value; None if there is none."""
        found = self._database.rows(_memory_of(account).where(MemoryRow.key == key))
        return next((json.loads(value) for _, value in found), None)

    def values_of(self, key: str) -> dict[str, object]:
        """One value of every account that has it."""
        query = MemoryRow.select(MemoryRow.account, MemoryRow.value).where(
            MemoryRow.key == key, MemoryRow.value != "null"
        )
        return {account: json.loads(value) for account, value in self._database.rows(query)}

    def memory_times(self, account: str) -> dict[str, datetime]:
        query = MemoryRow.select(MemoryRow.key, MemoryRow.updated_ms).where(
            MemoryRow.account == account
        )
        return {key: from_ms(ms) for key, ms in self._database.rows(query)}

    def remember(self, account: str, memory: Mapping[str, object], now: datetime) -> None:
        """Store what changed; unchanged values keep their time, and take no turn at writing."""
        known = dict(
            self._database.rows(_memory_of(account).where(MemoryRow.key.in_(list(memory))))
        )
        texts = {key: _dumped(value) for key, value in memory.items()}
        changed = {key: text for key, text in texts.items() if known.get(key) != text}
        if changed:
            with self._database.write():
                for key, text in changed.items():
                    self._keep(account, key, text, now)

    def amend(
        self, account: str, key: str, change: Callable[[object], object], now: datetime
    ) -> None:
        """Replace one value by what ``change`` makes of it (None: there is none yet), which no
        other process changes meanwhile."""
        with self._database.write():
            stored = self.recalled(account, key)
            changed = change(stored)
            if changed != stored:
                self._keep(account, key, _dumped(changed), now)

    def _keep(self, account: str, key: str, text: str, now: datetime) -> None:
        query = MemoryRow.insert(account=account, key=key, value=text, updated_ms=to_ms(now))
        self._database.run(query.on_conflict_replace())

    def forget_everywhere(self, key: str) -> None:
        """Forget a key of all accounts."""
        with self._database.write():
            self._database.run(MemoryRow.delete().where(MemoryRow.key == key))

    def forget(self, account: str, key: str) -> None:
        known = self._database.rows(_memory_of(account).where(MemoryRow.key == key))
        if not list(known):
            return
        with self._database.write():
            self._database.run(
                MemoryRow.delete().where(MemoryRow.account == account, MemoryRow.key == key)
            )


def _dumped(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _memory_of(account: str) -> Any:
    return MemoryRow.select(MemoryRow.key, MemoryRow.value).where(MemoryRow.account == account)

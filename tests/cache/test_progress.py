"""Only successes make data fresh; runs and memories are stored next to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.records import DataType
from exchange_cache.value.freshness import State, SyncStatus, verdicts
from tests.builders import NOW

HOUR = timedelta(hours=1)


def success(hours: float = 0, rows: int = 3, part: str = "", account: str = "main") -> SyncStatus:
    moment = NOW + hours * HOUR
    return SyncStatus(
        account=account,
        data_type=DataType.BALANCES,
        part=part,
        attempted_at=moment,
        succeeded_at=moment,
        duration_ms=5,
        rows=rows,
    )


def failure(hours: float = 0, part: str = "", code: str = "unavailable") -> SyncStatus:
    return SyncStatus(
        account="main",
        data_type=DataType.BALANCES,
        part=part,
        attempted_at=NOW + hours * HOUR,
        state="failed",
        error_code=code,
        error="it is down",
    )


def only(repository: ExchangeCacheRepository) -> SyncStatus:
    (status,) = repository.progress.statuses()
    return status


def test_a_success_comes_back_as_it_went_in(repository: ExchangeCacheRepository) -> None:
    repository.progress.record(success())

    assert only(repository) == success()


def test_a_failure_keeps_the_time_and_the_rows_of_the_last_success(
    repository: ExchangeCacheRepository,
) -> None:
    repository.progress.record(success())
    repository.progress.record(failure(hours=1))

    found = only(repository)
    assert found.succeeded_at == NOW
    assert found.attempted_at == NOW + HOUR
    assert (found.state, found.error, found.failures, found.rows) == ("failed", "it is down", 1, 3)


def test_a_first_failure_is_no_success(repository: ExchangeCacheRepository) -> None:
    repository.progress.record(failure())

    assert only(repository).succeeded_at is None
    assert repository.is_empty()


def test_failures_are_counted_until_a_success_clears_them(
    repository: ExchangeCacheRepository,
) -> None:
    repository.progress.record(failure(hours=1))
    repository.progress.record(failure(hours=2))
    assert only(repository).failures == 2

    repository.progress.record(success(hours=3))
    assert only(repository) == success(hours=3)
    assert not repository.is_empty()


def test_a_failed_sync_never_looks_fresh(repository: ExchangeCacheRepository) -> None:
    repository.progress.record(success())
    repository.progress.record(failure(hours=2))

    found = verdicts(
        repository.progress.statuses(),
        accounts=["main"],
        ttl=dict.fromkeys(DataType, HOUR),
        now=NOW + 2 * HOUR,
    )
    assert (found[0].state, found[0].age) == (State.STALE, 2 * HOUR)
    assert found[0].error == "it is down"


def test_parts_speak_for_themselves_and_old_ones_are_forgotten(
    repository: ExchangeCacheRepository,
) -> None:
    repository.progress.record(success())
    repository.progress.record(success(part="spot"))
    repository.progress.record(failure(part="earn"))
    repository.progress.record(success(part="earn", account="other"))
    repository.progress.record_all("main", [], {DataType.BALANCES: ["spot"]})

    assert [(item.account, item.part) for item in repository.progress.statuses()] == [
        ("main", ""),
        ("main", "spot"),
        ("other", "earn"),
    ]
    assert [item.account for item in repository.progress.statuses(["other"])] == ["other"]


def test_a_run_is_noted_from_its_beginning_to_its_end(repository: ExchangeCacheRepository) -> None:
    run_id = repository.progress.begin_run("sync", 42, NOW)
    repository.progress.update_run(run_id, doing="fills spot", requests=3, row_count=7)
    (running,) = repository.progress.runs()
    assert (running.doing, running.requests, running.rows, running.ended_at) == (
        "fills spot",
        3,
        7,
        None,
    )

    repository.progress.end_run(run_id, "ok", NOW + HOUR, requests=9, row_count=8)
    (ended,) = repository.progress.runs()
    assert (ended.pid, ended.command, ended.outcome, ended.doing, ended.requests) == (
        42,
        "sync",
        "ok",
        None,
        9,
    )
    assert ended.ended_at == NOW + HOUR

    failed = repository.progress.begin_run("sync", 43, NOW)
    repository.progress.end_run(failed, "failed", NOW, requests=0, row_count=0, why="disk full")
    assert repository.progress.runs()[0].doing == "disk full"


def test_a_run_left_open_by_a_killed_process_is_closed_by_the_next(
    repository: ExchangeCacheRepository,
) -> None:
    repository.progress.begin_run("sync", 1, NOW)
    repository.progress.begin_run("reload", 2, NOW + HOUR)

    assert [(run.command, run.outcome) for run in repository.progress.runs()] == [
        ("reload", None),
        ("sync", "killed"),
    ]


def test_memory_keeps_the_time_of_what_did_not_change(repository: ExchangeCacheRepository) -> None:
    repository.progress.remember("main", {"markets": {"b": 1, "a": [1]}, "offset": 5}, NOW)
    repository.progress.remember("main", {"markets": {"a": [1], "b": 1}, "offset": 6}, NOW + HOUR)

    assert repository.progress.memory("main") == {"markets": {"a": [1], "b": 1}, "offset": 6}
    assert repository.progress.memory_times("main") == {"markets": NOW, "offset": NOW + HOUR}
    repository.progress.forget("main", "markets")
    assert repository.progress.memory("main") == {"offset": 6}
    assert repository.progress.memory("other") == {}


def test_a_memory_that_is_unchanged_takes_no_turn_at_writing(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.progress.remember("main", {"one": 1, "two": 2}, NOW)
    turns: list[None] = []
    write = type(repository._database).write
    monkeypatch.setattr(
        type(repository._database), "write", lambda self: turns.append(None) or write(self)
    )
    repository.progress.remember("main", {"one": 1, "two": 2}, NOW)
    assert turns == []
    repository.progress.remember("main", {"one": 1, "two": 3}, NOW)
    assert turns == [None]


def test_the_outcomes_of_an_account_take_one_turn_at_writing(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[None] = []
    write = type(repository._database).write
    monkeypatch.setattr(
        type(repository._database), "write", lambda self: turns.append(None) or write(self)
    )
    statuses = [
        SyncStatus(account="main", data_type=kind, attempted_at=NOW, state="ok")
        for kind in (DataType.BALANCES, DataType.PRICES)
    ]
    repository.progress.record_all("main", statuses, {DataType.BALANCES: ["spot"]})
    repository.progress.record_all("main", [])
    assert turns == [None]
    assert len(repository.progress.statuses(["main"])) == 2


def test_what_is_not_remembered_is_forgotten_without_a_turn_at_writing(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.progress.remember("main", {"one": 1}, NOW)
    turns: list[None] = []
    write = type(repository._database).write
    monkeypatch.setattr(
        type(repository._database), "write", lambda self: turns.append(None) or write(self)
    )
    repository.progress.forget("main", "two")
    repository.derived.replace_findings("main", [], NOW)
    assert turns == []
    repository.progress.forget("main", "one")
    assert turns == [None] and repository.progress.memory("main") == {}

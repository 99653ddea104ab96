"""Reads are counted: the newest as rows, older ones as sums."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache import metrics
from exchange_cache.cache.metrics import Sums
from exchange_cache.cache.reads import journal_of
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Read
from tests.builders import NOW

HOUR = timedelta(hours=1)


def test_reads_come_back_newest_first(repository: ExchangeCacheRepository) -> None:
    made = [
        Read(at=NOW + number * HOUR, command="portfolio", outcome="hit", duration_us=number)
        for number in range(3)
    ]
    for read in made:
        repository.metrics.record(read)

    assert repository.metrics.reads() == tuple(reversed(made))
    assert repository.metrics.reads(since=NOW + HOUR) == (made[2], made[1])


def test_old_reads_are_trimmed(repository: ExchangeCacheRepository, monkeypatch) -> None:
    monkeypatch.setattr(metrics, "KEEP_READS", 50)
    for number in range(100):
        repository.metrics.record(
            Read(at=NOW, command="portfolio", outcome="hit", duration_us=number)
        )
    repository.metrics.take_in(NOW)

    assert [read.duration_us for read in repository.metrics.reads()] == list(range(99, 49, -1))


def test_reads_that_were_trimmed_stay_in_the_sums(
    repository: ExchangeCacheRepository, monkeypatch
) -> None:
    monkeypatch.setattr(metrics, "KEEP_READS", 50)
    for number in range(230):
        outcome = "hit" if number % 10 else "stale"
        repository.metrics.record(
            Read(at=NOW, command="portfolio", outcome=outcome, duration_us=number)
        )
        if number % 40 == 0:
            repository.metrics.take_in(NOW)

    durations = {
        outcome: [n for n in range(230) if (n % 10 != 0) == (outcome == "hit")]
        for outcome in ("hit", "stale")
    }
    assert repository.metrics.sums() == {
        name: Sums(count=len(own), duration_us=sum(own)) for name, own in durations.items()
    }
    assert len(repository.metrics.reads()) < 230 - 40


def test_a_read_is_noted_while_another_process_writes(
    repository: ExchangeCacheRepository,
) -> None:
    with closing(sqlite3.connect(repository.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        repository.metrics.record(read_of(1))
        writer.execute("ROLLBACK")
    repository.metrics.take_in(NOW)
    repository.metrics.record(read_of(2))

    assert [read.duration_us for read in repository.metrics.reads()] == [2, 1]
    assert repository.metrics.sums() == {"hit": Sums(count=2, duration_us=3)}
    assert len(repository.dump("cache_reads")) == 1


def test_notes_that_were_taken_in_before_a_crash_are_not_counted_again(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.metrics.record(read_of(1))
    with monkeypatch.context() as crash:
        crash.setattr(Path, "unlink", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            repository.metrics.take_in(NOW)
    repository.metrics.record(read_of(2))
    for _ in range(2):
        repository.metrics.take_in(NOW)

    assert [read.duration_us for read in repository.metrics.reads()] == [2, 1]


def test_a_line_that_was_cut_short_is_left_out(repository: ExchangeCacheRepository) -> None:
    repository.metrics.record(read_of(1))
    journal_of(repository.path).write_bytes(journal_of(repository.path).read_bytes() + b"17 port")

    assert [read.duration_us for read in repository.metrics.reads()] == [1]


def test_only_the_owner_may_read_the_notes(repository: ExchangeCacheRepository) -> None:
    repository.metrics.record(read_of(1))

    assert journal_of(repository.path).stat().st_mode & 0o777 == 0o600


def read_of(duration_us: int) -> Read:
    return Read(at=NOW, command="portfolio", outcome="hit", duration_us=duration_us)

"""Reads are counted: the newest as rows, older ones as sums."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from exchange_cache.cache import metrics
from exchange_cache.cache.metrics import Sums
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Read
from exchange_cache.errors import CacheBusy
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

    durations = {
        outcome: [n for n in range(230) if (n % 10 != 0) == (outcome == "hit")]
        for outcome in ("hit", "stale")
    }
    assert repository.metrics.sums() == {
        name: Sums(count=len(own), duration_us=sum(own)) for name, own in durations.items()
    }
    assert len(repository.metrics.reads()) < 230


def test_a_read_is_not_counted_rather_than_kept_waiting_for_a_writer(
    repository: ExchangeCacheRepository, monkeypatch
) -> None:
    monkeypatch.setattr(metrics, "PATIENCE_MS", 1)
    with closing(sqlite3.connect(repository.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(CacheBusy):
            repository.metrics.record(
                Read(at=NOW, command="portfolio", outcome="hit", duration_us=1)
            )
        writer.execute("ROLLBACK")

    repository.metrics.record(Read(at=NOW, command="portfolio", outcome="hit", duration_us=2))
    assert [read.duration_us for read in repository.metrics.reads()] == [2]

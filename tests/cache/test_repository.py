"""The repository as a whole: backups, forgetting an account, counting and dumping tables."""

from __future__ import annotations

import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Read
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.errors import (
    CacheUnwritable,
    NothingCached,
)
from exchange_cache.records import DataType
from tests.builders import NOW, balance, fill

FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


def test_a_backup_is_consistent_while_a_writer_goes_on(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    stop, target = threading.Event(), tmp_path / "backup.sqlite3"
    writer = ExchangeCacheRepository.open(repository.path)

    def write() -> None:
        number = 0
        while not stop.is_set():
            writer.ledger.save_page(writer.ledger.state(FILLS), [fill(str(number))], NOW)
            number += 1
        writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    copies = []
    for number in range(3):
        copies.append(target.with_name(f"backup{number}.sqlite3"))
        repository.backup(copies[-1])
    stop.set()
    thread.join()

    for path in copies:
        copy = ExchangeCacheRepository.open(path)
        assert copy.check() == []
        assert copy.ledger.count(DataType.FILLS) == copy.ledger.state(FILLS).rows
        copy.close()


def test_a_backup_holds_everything_and_only_its_owner_reads_it(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance()])
    target = tmp_path / "backups" / "backup.sqlite3"
    old_mask = os.umask(0)
    try:
        repository.backup(target)
    finally:
        os.umask(old_mask)

    copy = ExchangeCacheRepository.open(target)
    assert {table: copy.dump(table) for table in copy.table_counts()} == {
        table: repository.dump(table) for table in repository.table_counts()
    }
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy.close()


def test_a_backup_that_cannot_be_written_names_its_own_place(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CacheUnwritable) as caught:
        repository.backup(tmp_path / "file" / "backup.sqlite3")
    assert "backup.sqlite3" in str(caught.value)


def test_an_account_is_forgotten_whole_and_alone(repository: ExchangeCacheRepository) -> None:
    for account in ("main", "other"):
        repository.mirror.replace_balances(account, "spot", [balance(account=account)])
        repository.ledger.save_page(
            StreamState(key=replace(FILLS, account=account)), [fill(account=account)], NOW
        )
        repository.progress.remember(account, {"markets": 1}, NOW)
    repository.forget_account("main")

    assert [item.account for item in repository.mirror.balances()] == ["other"]
    assert [item.account for item in repository.ledger.fills()] == ["other"]
    assert repository.progress.memory("main") == {}
    assert repository.progress.memory("other") == {"markets": 1}


def test_tables_are_counted_and_dumped(repository: ExchangeCacheRepository) -> None:
    repository.metrics.record(Read(at=NOW, command="portfolio", outcome="hit", duration_us=900))
    repository.metrics.take_in(NOW)

    assert {name: count for name, count in repository.table_counts().items() if count} == {
        "cache_reads": 1,
        "exchange_memory": 1,
    }
    assert len(repository.dump("cache_reads")) == 1
    with pytest.raises(NothingCached):
        repository.dump("sqlite_master")

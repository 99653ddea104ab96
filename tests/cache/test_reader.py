"""The cache opened by sqlite3 alone: the same answers, the same errors, nothing written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache import reader
from exchange_cache.cache.reader import open_reader
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.errors import CacheBusy, CacheCorrupt
from tests.builders import NOW, balance
from tests.cache.test_reading import READS, filled


def test_every_read_is_that_of_the_repository(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    with closing(filled(path)) as repository:
        opened = open_reader(path)
        assert opened is not None
        with closing(opened):
            assert (opened.path, opened.is_empty()) == (path, False)
            for name, read in READS.items():
                found = read(repository)
                assert found, name
                assert read(opened) == found, name


def test_a_snapshot_is_one_state_while_a_writer_works(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    with closing(filled(path)) as repository:
        opened = open_reader(path)
        assert opened is not None
        with closing(opened):
            with opened.snapshot():
                before = opened.mirror.balances()
                repository.mirror.replace_balances("main", "spot", [balance("9", "XRP")])
                assert opened.mirror.balances() == before
            assert opened.mirror.balances() == repository.mirror.balances() != before


def test_there_must_be_a_cache(tmp_path: Path) -> None:
    assert open_reader(tmp_path / "none.sqlite3") is None
    assert list(tmp_path.iterdir()) == []


def _without_the_newest_step(cache: sqlite3.Connection) -> None:
    cache.execute("DELETE FROM schema_migrations WHERE version = 16")


def _of_a_later_program(cache: sqlite3.Connection) -> None:
    cache.execute("INSERT INTO schema_migrations VALUES (999, 'later', 0)")


@pytest.mark.parametrize("change", [_without_the_newest_step, _of_a_later_program])
def test_another_schema_is_left_to_the_repository(tmp_path: Path, change: object) -> None:
    path = tmp_path / "cache.sqlite3"
    filled(path).close()
    with closing(sqlite3.connect(path)) as cache, cache:
        change(cache)  # type: ignore[operator]
    assert open_reader(path) is None


@pytest.mark.parametrize("content", [b"", b"not a database " * 500])
def test_what_is_no_cache_is_left_to_the_repository(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache.sqlite3"
    path.write_bytes(content)
    assert open_reader(path) is None


def test_a_file_that_breaks_while_it_is_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    filled(path).close()
    opened = open_reader(path)
    assert opened is not None
    with closing(opened), pytest.raises(CacheCorrupt, match=r"cache.sqlite3 is damaged"):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(size - 4096))
        opened.mirror.balances()


def test_a_cache_that_stays_locked_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cache.sqlite3"
    filled(path).close()
    with closing(sqlite3.connect(path)) as cache:
        cache.execute("PRAGMA journal_mode = delete")
    monkeypatch.setattr(reader, "BUSY_TIMEOUT_S", 0.05)
    opened = open_reader(path)
    assert opened is not None
    with closing(opened), closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CacheBusy, match="stayed locked"):
            opened.mirror.balances()


def test_reading_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    filled(path).close()
    before = path.read_bytes()
    opened = open_reader(path)
    assert opened is not None
    with closing(opened):
        for read in READS.values():
            read(opened)
        with pytest.raises(Exception, match="opened for writing"):
            opened._reads.select("DELETE FROM exchange_balances", ())
    assert path.read_bytes() == before


def test_no_database_library_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    filled(path).close()
    program = (
        "import sys; from pathlib import Path; from exchange_cache.cache.reader import open_reader;"
        " from exchange_cache.data_types import DataType; it = open_reader(Path(sys.argv[1]));"
        " it.mirror.balances(); it.ledger.fills(); it.progress.statuses(); it.progress.runs();"
        " it.derived.findings(); it.accepted.all(); it.ledger.revisions.vanished(DataType.FILLS);"
        " print(*sorted({'peewee', 'playhouse', 'ccxt', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_the_repository_knows_what_a_reader_does_not(tmp_path: Path) -> None:
    """A reader finds what a writer has just stored, and the other way round nothing can be
    written."""
    path = tmp_path / "cache.sqlite3"
    with closing(ExchangeCacheRepository.open(path)) as repository:
        opened = open_reader(path)
        assert opened is not None
        with closing(opened):
            assert opened.is_empty()
            repository.progress.begin_run("sync", 7, NOW)
            assert [run.pid for run in opened.progress.runs()] == [7]
            assert not hasattr(opened.mirror, "replace_balances")

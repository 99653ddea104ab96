"""Copies of a cache are whole or not there, verified, and leave nothing beside them."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache import copying
from exchange_cache.cache.copying import write_copy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.errors import CacheError
from exchange_cache.records import DataType
from tests.builders import NOW, fill


@pytest.fixture
def filled(cache_file: Path) -> ExchangeCacheRepository:
    repository = ExchangeCacheRepository.open(cache_file)
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    for number in range(8):
        page = [fill(str(number * 500 + each)) for each in range(500)]
        repository.ledger.save_page(repository.ledger.state(key), page, NOW)
    return repository


def rows(copy: Path) -> int:
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(connection.execute("SELECT count(*) FROM exchange_fills").fetchone()[0])


def test_a_copy_that_is_killed_at_any_moment_leaves_the_old_one_or_the_new_one(
    filled: ExchangeCacheRepository, tmp_path: Path
) -> None:
    target = tmp_path / "copies" / "copy.sqlite3"
    filled.backup(target)
    old = target.read_bytes()
    started = time.monotonic()
    filled.backup(target)
    length = time.monotonic() - started
    killed = 0
    for number in range(25):
        child = os.fork()
        if child == 0:
            repository = ExchangeCacheRepository.open_existing(filled.path)
            assert repository is not None
            repository.backup(target)
            os._exit(0)
        time.sleep(length * number / 16)  # the moment of the kill, which is what is tried
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        assert rows(target) == 4000
    assert killed > 5
    filled.backup(target)
    assert [item.name for item in target.parent.iterdir()] == [target.name]
    assert len(target.read_bytes()) == len(old)


def test_a_copy_that_does_not_verify_leaves_the_old_one(
    filled: ExchangeCacheRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy.sqlite3"
    target.write_bytes(b"the old one")
    fill_it = copying._fill

    def fill_badly(source: sqlite3.Connection, aside: Path) -> None:
        fill_it(source, aside)
        with aside.open("r+b") as file:
            file.seek(8192)
            file.write(b"\xff" * 4096)

    monkeypatch.setattr(copying, "_fill", fill_badly)
    with pytest.raises(CacheError, match=r"copy\.sqlite3"):
        filled.backup(target)
    assert target.read_bytes() == b"the old one"
    assert not list(tmp_path.glob(".copy*"))


def test_a_copy_replaces_a_cache_and_its_log(
    filled: ExchangeCacheRepository, tmp_path: Path
) -> None:
    target = tmp_path / "other.sqlite3"
    other = sqlite3.connect(target)
    other.execute("PRAGMA journal_mode = wal")
    other.execute("CREATE TABLE other (id INTEGER)")
    other.commit()
    log = target.with_name(target.name + "-wal")
    assert log.stat().st_size > 0
    filled.backup(target)
    assert not log.exists()
    other.close()
    assert rows(target) == 4000


def test_a_linked_target_stays_a_link(filled: ExchangeCacheRepository, tmp_path: Path) -> None:
    target, link = tmp_path / "there.sqlite3", tmp_path / "link.sqlite3"
    link.symlink_to(target)
    with closing(sqlite3.connect(filled.path)) as source:
        write_copy(source, link)
    assert link.is_symlink() and rows(target) == 4000


def test_remains_of_a_running_process_and_other_files_stay(
    filled: ExchangeCacheRepository, tmp_path: Path
) -> None:
    kept = {".copy.sqlite3.1.part", ".copy.sqlite3.x.part", ".another.sqlite3.999999999.part"}
    for name in (*kept, ".copy.sqlite3.999999.part", ".copy.sqlite3.999999.part-journal"):
        (tmp_path / name).touch()
    filled.backup(tmp_path / "copy.sqlite3")
    assert {item.name for item in tmp_path.glob(".*part*")} == kept

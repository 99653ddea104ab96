"""The file itself: refusals that touch nothing, modes, snapshots, and many processes at once."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.database import translate
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.errors import (
    CacheBusy,
    CacheCorrupt,
    CacheError,
    CacheUnreadable,
    CacheUnwritable,
    DiskFull,
)
from exchange_cache.records import DataType
from tests.builders import NOW, balance, fill

FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


def contents(path: Path) -> dict[str, bytes]:
    """Every file beside the cache, byte by byte."""
    return {item.name: item.read_bytes() for item in path.parent.iterdir()}


@pytest.mark.parametrize(
    "damage", [b"<html>502 Bad Gateway</html>" * 300, b"SQLite format 3\x00" + b"\xff" * 8000]
)
def test_a_corrupt_file_is_refused_and_untouched(cache_file: Path, damage: bytes) -> None:
    cache_file.parent.mkdir()
    cache_file.write_bytes(damage)

    with pytest.raises(CacheCorrupt) as caught:
        ExchangeCacheRepository.open(cache_file)
    assert "backup" in str(caught.value.hint)
    assert contents(cache_file) == {cache_file.name: damage}


def test_a_page_damaged_later_is_reported_as_such(repository: ExchangeCacheRepository) -> None:
    repository.ledger.save_page(
        StreamState(key=FILLS), [fill(str(number)) for number in range(800)], NOW
    )
    repository.close()
    with repository.path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        for page in range(4096 * 20, size, 4096):
            file.seek(page)
            file.write(b"\xff" * 4096)

    with pytest.raises(CacheCorrupt):
        repository.ledger.fills()


def test_a_cache_that_does_not_exist_is_not_created_by_reading(cache_file: Path) -> None:
    assert ExchangeCacheRepository.open_existing(cache_file) is None
    assert not cache_file.parent.exists()


# --- files ----------------------------------------------------------------------------------------


def test_only_the_owner_may_read_the_cache(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance()])

    assert {stat.S_IMODE(item.stat().st_mode) for item in repository.path.parent.iterdir()} == {
        0o600
    }
    assert stat.S_IMODE(repository.path.parent.stat().st_mode) == 0o700


def test_a_place_below_a_file_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CacheUnwritable) as caught:
        ExchangeCacheRepository.open(tmp_path / "file" / "cache.sqlite3")
    assert str(tmp_path / "file") in str(caught.value)
    assert "EXCACHE_HOME" in str(caught.value.hint)


def test_a_folder_in_the_place_of_the_cache_is_unwritable(tmp_path: Path) -> None:
    with pytest.raises(CacheUnwritable):
        ExchangeCacheRepository.open(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)

    with pytest.raises(CacheUnwritable):
        ExchangeCacheRepository.open(tmp_path / "closed" / "cache.sqlite3")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("database is locked", CacheBusy),
        ("database disk image is malformed", CacheUnreadable),  # nothing to check
        ("file is not a database", CacheUnreadable),
        ("disk I/O error", CacheUnreadable),
        ("attempt to write a readonly database", CacheUnwritable),
        ("unable to open database file", CacheUnwritable),
        ("database or disk is full", DiskFull),
        ("no such table: x", CacheCorrupt),
        ("no such function: x", CacheError),
    ],
)
def test_the_databases_errors_become_ours(text: str, kind: type[CacheError]) -> None:
    found = translate(sqlite3.OperationalError(text), "/home/me/cache.sqlite3")

    assert type(found) is kind
    assert "/home/me/cache.sqlite3" in str(found)


# --- snapshots and many writers -------------------------------------------------------------------


def test_a_reader_sees_one_state_while_a_writer_commits(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    repository.ledger.save_page(StreamState(key=FILLS), [fill("1")], NOW)
    writer = ExchangeCacheRepository.open(repository.path)

    with repository.snapshot():
        before = repository.mirror.balances()
        writer.mirror.replace_balances("main", "spot", [balance("2")])
        writer.ledger.save_page(StreamState(key=FILLS), [fill("2")], NOW)
        assert repository.mirror.balances() == before == (balance("1"),)
        assert len(repository.ledger.fills()) == 1
    assert repository.mirror.balances() == (balance("2"),)
    assert len(repository.ledger.fills()) == 2
    writer.close()


def test_a_reader_does_not_wait_for_an_open_transaction(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    with closing(sqlite3.connect(repository.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM exchange_balances")
        assert repository.mirror.balances() == (balance("1"),)
        writer.execute("ROLLBACK")


def test_threads_write_side_by_side(repository: ExchangeCacheRepository) -> None:
    def work(account: str) -> None:
        key = replace(FILLS, account=account)
        for number in range(30):
            repository.ledger.save_page(
                repository.ledger.state(key), [fill(str(number), account=account)], NOW
            )

    with ThreadPoolExecutor(6) as executor:
        list(executor.map(work, [f"account {number}" for number in range(6)]))

    assert repository.ledger.count(DataType.FILLS) == 180


def _write_and_read(path: str, name: str, gate: Any, errors: Any) -> None:
    try:
        gate.wait()
        repository = ExchangeCacheRepository.open(Path(path))
        for number in range(60):
            state = repository.ledger.state(replace(FILLS, account=name))
            repository.ledger.save_page(state, [fill(str(number), account=name)], NOW)
            repository.mirror.replace_balances(name, "spot", [balance(str(number), account=name)])
            with repository.snapshot():
                held = {item.account: int(item.total) for item in repository.mirror.balances()}
                count = repository.ledger.count(DataType.FILLS, name)
            assert (held[name], count) == (number, number + 1)
        repository.close()
    except BaseException as error:
        errors.put(f"{name}: {error!r}")
        raise


def test_many_processes_write_and_read_without_a_locked_database(tmp_path: Path) -> None:
    path, context = tmp_path / "cache.sqlite3", multiprocessing.get_context("fork")
    gate, errors = context.Barrier(6), context.Queue()
    workers = [
        context.Process(target=_write_and_read, args=(str(path), f"process {n}", gate, errors))
        for n in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert errors.empty(), errors.get()
    assert [worker.exitcode for worker in workers] == [0] * 6
    repository = ExchangeCacheRepository.open(path)
    assert repository.ledger.count(DataType.FILLS) == 360
    assert repository.check() == []
    repository.close()


def test_a_process_killed_inside_a_transaction_leaves_the_state_before_it(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from exchange_cache.cache.repository import ExchangeCacheRepository\n"
        "repository = ExchangeCacheRepository.open(Path(sys.argv[1]))\n"
        "def rows():\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "    yield\n"
        "with repository._database.write():\n"
        "    repository.mirror.replace_balances('main', 'spot', [])\n"
        "    repository.mirror.replace_balances('main', 'earn', rows())\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(repository.path)], check=False)

    assert done.returncode == -9
    assert repository.mirror.balances() == (balance("1"),)
    repository.mirror.replace_balances("main", "spot", [balance("2")])

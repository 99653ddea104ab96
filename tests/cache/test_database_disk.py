"""What the disk does to the cache is named: full, a read that failed once, confirmed damage."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from exchange_cache.cache import migrations
from exchange_cache.cache.cells import readable_copy, unreadable_rows
from exchange_cache.cache.database import CacheDatabase, translate
from exchange_cache.cache.opening import open_database
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import SetClock
from exchange_cache.errors import (
    CacheCorrupt,
    CacheError,
    CacheUnreadable,
    CacheUnwritable,
    DiskFull,
)
from exchange_cache.records import DataType
from exchange_cache.sync.lock import WriterLock
from tests.builders import NOW, balance, fill
from tests.cache.test_upgrading import RELEASED, released

FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    if (
        shutil.which("mount") is None
        or subprocess.run(options, capture_output=True, check=False).returncode
    ):
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill_up(disk: Path, leave: int = 0) -> Path:
    """A file that takes all the room but so many bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    os.truncate(ballast, max(0, ballast.stat().st_size - leave))
    return ballast


def is_named(error: DiskFull, path: Path) -> bool:
    return (
        str(error).startswith(f"no space left on device: {path} cannot be written")
        and error.exit_code == 75
    )


def write_until_full(repository: ExchangeCacheRepository) -> DiskFull:
    with pytest.raises(DiskFull) as caught:
        write_much(repository)
    return caught.value


def write_much(repository: ExchangeCacheRepository) -> None:
    for number in range(100):
        state = repository.ledger.state(FILLS)
        page = [fill(str(number * 500 + each)) for each in range(500)]
        repository.ledger.save_page(state, page, NOW)


def test_a_full_disk_is_named_and_nothing_that_was_stored_is_lost(small_disk: Path) -> None:
    repository = ExchangeCacheRepository.open(small_disk / "cache.sqlite3")
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    assert is_named(write_until_full(repository), repository.path)
    stored = repository.ledger.count(DataType.FILLS)
    assert stored % 500 == 0 and stored == repository.ledger.state(FILLS).rows
    assert repository.mirror.balances() == (balance("1"),)
    assert repository.check() == []
    repository.close()


def test_a_full_database_is_named_whatever_the_rollback_says(tmp_path: Path) -> None:
    """The same where no disk can be mounted: SQLite's own bound on the size of a file."""
    database = CacheDatabase(tmp_path / "cache.sqlite3")
    with database.errors():
        migrations.migrate(database.peewee, "here")
        pages = database.peewee.execute_sql("PRAGMA page_count").fetchone()[0]
        database.peewee.execute_sql(f"PRAGMA max_page_count = {pages + 5}")
    repository = ExchangeCacheRepository(database)
    assert is_named(write_until_full(repository), database.path)
    with pytest.raises(DiskFull), database.write():
        write_much(repository)  # nested: the inner rollback finds no savepoint any more
    repository.close()


def test_a_migration_without_room_names_the_disk_and_is_not_half_done(small_disk: Path) -> None:
    cache = small_disk / "cache.sqlite3"
    old = CacheDatabase(cache)
    with old.errors():
        migrations.migrate(old.peewee, "here", migrations.MIGRATIONS[:1])
    old.close()
    ballast = fill_up(small_disk)
    with pytest.raises(DiskFull) as caught:
        open_database(cache)
    assert is_named(caught.value, cache)
    ballast.unlink()
    repository = ExchangeCacheRepository.open(cache)
    assert repository.schema_version() == migrations.LATEST
    repository.close()


def test_a_first_cache_without_room_names_the_disk(small_disk: Path) -> None:
    fill_up(small_disk)
    with pytest.raises(DiskFull) as caught:
        ExchangeCacheRepository.open(small_disk / "cache.sqlite3")
    assert is_named(caught.value, small_disk / "cache.sqlite3")


def test_a_backup_without_room_names_its_own_place_and_leaves_no_half(
    small_disk: Path, tmp_path: Path
) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    for number in range(10):
        repository.ledger.save_page(
            repository.ledger.state(FILLS),
            [fill(str(number * 500 + each)) for each in range(500)],
            NOW,
        )
    fill_up(small_disk, leave=200_000)
    target = small_disk / "backup.sqlite3"
    with pytest.raises(DiskFull) as caught:
        repository.backup(target)
    assert is_named(caught.value, target)
    assert not target.exists()
    assert repository.check() == []
    repository.close()


def test_a_lock_without_room_for_its_note_names_the_disk_and_is_free_again(
    small_disk: Path,
) -> None:
    path = small_disk / "cache.sqlite3.lock"
    path.touch()
    ballast = fill_up(small_disk)
    lock = WriterLock(path, SetClock(NOW))
    with pytest.raises(DiskFull) as caught:
        lock.try_acquire("sync")
    assert is_named(caught.value, path)
    assert lock.holder() is None
    ballast.unlink()
    assert lock.try_acquire("sync")
    lock.release()


@pytest.mark.parametrize("text", ["database disk image is malformed", "file is not a database"])
def test_a_sound_cache_that_read_badly_once_is_not_to_be_moved_away(
    tmp_path: Path, text: str
) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    found = translate(sqlite3.DatabaseError(text), str(repository.path))
    assert type(found) is CacheUnreadable and found.exit_code == 75
    assert "a check finds it sound" in str(found)
    assert "mv " not in str(found.hint)
    repository.close()


def test_a_damaged_cache_is_to_be_moved_away(tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite3"
    cache.write_bytes(b"SQLite format 3\x00" + b"\xff" * 8000)
    with pytest.raises(CacheCorrupt) as caught:
        ExchangeCacheRepository.open(cache)
    assert f"mv {cache} {cache}.damaged" in str(caught.value.hint)


def test_a_read_that_fails_is_no_damage(tmp_path: Path) -> None:
    found = translate(sqlite3.OperationalError("disk I/O error"), str(tmp_path / "cache.sqlite3"))
    assert type(found) is CacheUnreadable and found.exit_code == 75
    assert "dmesg" in str(found.hint) and "mv " not in str(found.hint)


def test_a_cache_that_somebody_else_writes_to_is_busy_not_damaged(tmp_path: Path) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    with closing(sqlite3.connect(repository.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        found = translate(
            sqlite3.DatabaseError("database disk image is malformed"), str(repository.path)
        )
        assert "mv " not in str(found.hint)
    repository.close()


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        (errno.EIO, CacheUnreadable, "dmesg"),
        (errno.EMFILE, CacheUnreadable, "ulimit"),
        (errno.ENFILE, CacheUnreadable, "close other programs"),
        (errno.EACCES, CacheUnwritable, "owner and mode"),
        (errno.EROFS, CacheUnwritable, "for writing"),
    ],
)
def test_a_file_that_cannot_be_opened_is_cured_by_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int, kind: type, words: str
) -> None:
    """SQLite has one word for all of them."""
    cache = tmp_path / "cache.sqlite3"
    cache.touch()

    def refused(path: object, *arguments: object) -> int:
        raise OSError(reason, os.strerror(reason), path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refused)
        found = translate(sqlite3.OperationalError("unable to open database file"), str(cache))
    assert type(found) is kind
    assert os.strerror(reason) in str(found) and words in str(found.hint)


@pytest.mark.parametrize("search", [readable_copy, unreadable_rows])
def test_a_search_of_what_cannot_be_searched_states_why(
    tmp_path: Path, search: Callable[[Path], object]
) -> None:
    old = released(RELEASED[0], tmp_path / "cache.sqlite3")
    with pytest.raises(CacheError, match=str(old)):
        search(old)
    with pytest.raises(CacheError, match="cannot be opened"):
        search(tmp_path / "none" / "cache.sqlite3")


def test_a_copy_whose_disk_fails_names_it_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")

    def failing(handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched, pytest.raises(CacheUnreadable) as caught:
        patched.setattr(os, "fsync", failing)
        repository.backup(tmp_path / "backup.sqlite3")
    assert "dmesg" in str(caught.value.hint)
    assert not [item for item in tmp_path.iterdir() if "backup" in item.name]
    repository.close()


@pytest.mark.parametrize("name", ["open", "pwrite"])
def test_a_lock_on_a_disk_that_fails_names_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "cache.sqlite3.lock"

    def failing(*arguments: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    lock = WriterLock(path, SetClock(NOW))
    with monkeypatch.context() as patched, pytest.raises(CacheUnreadable) as caught:
        patched.setattr(os, name, failing)
        lock.try_acquire("sync")
    assert "dmesg" in str(caught.value.hint)
    assert lock.try_acquire("sync")
    lock.release()

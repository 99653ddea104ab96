"""One writer at a time, between real processes; the kernel frees the lock of a killed one."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock, SystemClock
from exchange_cache.errors import CacheUnwritable, Interrupted, LockBusy
from exchange_cache.sync.lock import POLL_SECONDS, Holder, WriterLock, busy
from tests.builders import NOW

_HOLDER = """
import sys
from pathlib import Path
from exchange_cache.clock import SystemClock
from exchange_cache.sync.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]), SystemClock())
print(lock.try_acquire("sync"), flush=True)
sys.stdin.readline()
lock.release()
print("released", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3.lock"


def without_locks(handle: int, operation: int) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def open_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_file_system_without_locks_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NFS without its lock service; what happens to a handle that stays open is counted."""
    monkeypatch.setattr(fcntl, "flock", without_locks)
    lock, open_files = WriterLock(path, SetClock(NOW)), open_handles()
    with pytest.raises(CacheUnwritable) as caught:
        lock.acquire("sync", wait_seconds=0)
    assert str(caught.value).startswith(f"the file system of {path} has no file locks (No locks")
    assert "NFS" in str(caught.value.hint)
    assert lock.holder() is None
    assert open_handles() == open_files


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it reads a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout and process.stdout.readline() == "True\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def tell(process: subprocess.Popen[str]) -> str:
    assert process.stdin and process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline()


def test_a_second_process_leaves_and_knows_who_holds_it(path: Path) -> None:
    with holder(path) as other:
        mine = WriterLock(path, SystemClock())
        assert not mine.try_acquire("reload")

        found = mine.holder()
        assert found is not None
        assert (found.pid, found.command) == (other.pid, "sync")
        assert abs(datetime.now(UTC) - found.since) < timedelta(minutes=1)


def test_the_lock_of_a_killed_process_is_free(path: Path) -> None:
    with holder(path) as other:
        mine = WriterLock(path, SystemClock())
        assert not mine.try_acquire("sync")
        os.kill(other.pid, signal.SIGKILL)
        other.wait()

        assert mine.holder() is None
        assert mine.try_acquire("sync")
        assert mine.holder() == WriterLock(path, SystemClock()).holder()
        mine.release()


def test_a_released_lock_is_free_and_nobody_is_named(path: Path) -> None:
    with holder(path) as other:
        assert tell(other) == "released\n"
        mine = WriterLock(path, SystemClock())

        assert mine.holder() is None
        with mine:
            assert mine.try_acquire("sync")
        assert mine.holder() is None
        assert path.exists(), "never deleted: only the lock on it counts"


def test_two_locks_of_one_process_exclude_each_other(path: Path, clock: SetClock) -> None:
    first, second = WriterLock(path, clock), WriterLock(path, clock)
    assert first.try_acquire("sync")
    assert not second.try_acquire("sync")

    first.release()
    assert second.try_acquire("sync")
    second.release()


def test_waiting_ends_when_the_holder_does(path: Path, clock: SetClock) -> None:
    first = WriterLock(path, clock, pid=os.getpid())
    assert first.try_acquire("sync")
    clock.on_sleep = lambda _: (
        first.release() if clock.now() >= NOW + timedelta(seconds=2) else None
    )

    mine = WriterLock(path, clock)
    waited = mine.acquire("reload", wait_seconds=60)
    assert 2 <= waited < 2 + 2 * POLL_SECONDS
    mine.release()


def test_waiting_too_long_names_the_holder(path: Path, clock: SetClock) -> None:
    first = WriterLock(path, clock)
    assert first.try_acquire("sync")

    with pytest.raises(LockBusy) as caught:
        WriterLock(path, clock).acquire("reload", wait_seconds=5)
    assert caught.value.exit_code == 75
    assert (
        str(caught.value)
        == f"sync (pid {os.getpid()}) since 2026-01-31 12:00:00 UTC is writing to the cache"
    )
    assert timedelta(seconds=5) <= clock.now() - NOW < timedelta(seconds=6)
    first.release()


def test_waiting_can_be_stopped(path: Path, clock: SetClock) -> None:
    first = WriterLock(path, clock)
    assert first.try_acquire("sync")

    with pytest.raises(Interrupted):
        WriterLock(path, clock).acquire("reload", wait_seconds=60, stop=lambda: clock.now() > NOW)
    first.release()


def test_a_free_lock_is_had_without_waiting(path: Path, clock: SetClock) -> None:
    mine = WriterLock(path, clock)

    assert mine.acquire("sync", wait_seconds=0) == 0
    assert clock.slept == []
    mine.release()


def test_looking_who_holds_it_does_not_take_it(path: Path, clock: SetClock) -> None:
    mine = WriterLock(path, clock)
    assert mine.holder() is None
    assert not path.exists()
    assert mine.try_acquire("sync")
    for _ in range(3):
        assert WriterLock(path, clock).holder() == Holder(
            pid=os.getpid(), command="sync", since=NOW
        )
    mine.release()


def test_only_the_owner_may_read_it(path: Path, clock: SetClock) -> None:
    with WriterLock(path, clock) as mine:
        mine.try_acquire("sync")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lock_that_cannot_be_written_says_so(tmp_path: Path, clock: SetClock) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CacheUnwritable):
        WriterLock(tmp_path / "file" / "lock", clock).try_acquire("sync")


def test_a_file_system_that_is_read_only_is_no_matter_of_owners(
    path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("exchange_cache.sync.lock.os.open", refuse)
    with pytest.raises(CacheUnwritable) as caught:
        WriterLock(path, clock).try_acquire("sync")
    assert caught.value.hint == (
        "mount its file system for writing, or set EXCACHE_HOME to another folder"
    )


def test_an_unnamed_holder_is_another_excache(path: Path, clock: SetClock) -> None:
    first = WriterLock(path, clock)
    assert first.try_acquire("sync")
    path.write_text("")

    found = WriterLock(path, clock).holder()
    assert found is not None
    assert str(busy(found)) == "another excache is writing to the cache"
    first.release()

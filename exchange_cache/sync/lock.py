"""The writer lock: an operating-system lock next to the cache, which the kernel frees as soon as
its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from exchange_cache.clock import EPOCH, SKEW, Clock, is_ahead
from exchange_cache.errors import (
    CacheUnreadable,
    CacheUnwritable,
    DiskFull,
    ExcacheError,
    Interrupted,
    LockBusy,
)

POLL_SECONDS = 0.2
#: A process that only looks (``holder``) holds the lock for microseconds, or a little longer on a
#: busy machine.
GLANCES = 100
GLANCE_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The holder of the lock, by the note that it wrote."""

    pid: int
    command: str
    since: datetime
    #: None: unknown, because its note has a future time.
    held: timedelta | None = field(default=None, compare=False)
    host: str = ""  # '' is this machine

    @property
    def place(self) -> str:
        """Its process, for a message."""
        return f"pid {self.pid}{f' on {self.host}' if self.host else ''}"

    def is_of(self, pid: int, host: str | None) -> bool:
        """Whether it is this process; names of machines may be cut."""
        return self.pid == pid and (not (self.host and host) or host.startswith(self.host))

    @property
    def since_words(self) -> str:
        """Since when the holder has the lock, for a message."""
        if self.held is None:
            return "since a time in the future (the clock was ahead)"
        return f"since {self.since:%Y-%m-%d %H:%M:%S} UTC"


class WriterLock:
    """A lock on a file that is never deleted: only the lock counts, so a stale file needs no
    removal."""

    #: Whether others may sync at the same time.
    beside = False

    def __init__(self, path: Path, clock: Clock, *, pid: int | None = None) -> None:
        self.path = path
        self._clock = clock
        self._pid = os.getpid() if pid is None else pid
        self._handle: int | None = None

    def try_acquire(self, command: str) -> bool:
        """Take the lock if it is free; False when another process (or another WriterLock) holds it.

        A holder writes a note into the file. A process that only looks writes none, so this waits
        until it has finished.
        """
        for _ in range(GLANCES):
            if self._try_once(command):
                return True
            if self._has_writer():
                return False
            self._clock.sleep(GLANCE_SECONDS)
        return False

    def join(self, command: str) -> bool:
        """Sync beside others, who take other accounts; a file has one writer."""
        return False

    def share(self) -> None:
        """Let others sync other accounts beside this process, where the cache allows it."""

    def claim(self, account: str) -> bool:
        """Take an account to sync it; False where another process has it."""
        return True

    def enter(self, place: str) -> bool:
        """Take the turn at an exchange and address; False where another process has it."""
        return True

    def leave(self, place: str) -> None:
        """Pass that turn on."""

    def finish(self) -> bool:
        """Take the whole cache, for what is computed over all accounts; False where another process
        will compute it."""
        return True

    def _has_writer(self) -> bool:
        """Whether the note in the file names a running process; a killed one leaves its note but
        not its lock."""
        try:
            noted = _parse(self.path.read_bytes(), self._clock)
        except OSError:
            return False
        return noted is not None and _is_alive(noted.pid)

    def _try_once(self, command: str) -> bool:
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._failed("opened", error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError as error:
            os.close(handle)
            raise CacheUnwritable(
                f"the file system of {self.path} has no file locks ({error.strerror}), so two"
                " processes could write to the cache at once",
                hint=(
                    "keep the cache on a local disk (cache_url in config.toml), or mount the"
                    " network file system with locks (NFS: without nolock)"
                ),
            ) from error
        self._handle = handle
        note = json.dumps(
            {
                "pid": self._pid,
                "command": command,
                "since": self._clock.now().isoformat(),
                "monotonic": self._clock.monotonic(),
            }
        ).encode()
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, note, 0)
        except OSError as error:
            self.release()
            raise self._failed("written", error) from error
        return True

    def _failed(self, verb: str, error: OSError) -> ExcacheError:
        from exchange_cache.machine import cure, is_of_machine

        kind = CacheUnreadable if is_of_machine(error) else CacheUnwritable
        return DiskFull.named(error, self.path) or kind(
            f"the lock file {self.path} cannot be {verb} ({error.strerror})",
            hint=cure(error, f"check the owner and mode of {self.path.parent}"),
        )

    def acquire(
        self, command: str, *, wait_seconds: float, stop: Callable[[], bool] = lambda: False
    ) -> float:
        """Take the lock, waiting for its holder; returns the seconds waited. After ``wait_seconds``
        LockBusy names the holder."""
        started = self._clock.monotonic()
        while not self.try_acquire(command):
            waited = self._clock.monotonic() - started
            if stop():
                raise Interrupted("stopped while waiting for another run")
            if waited >= wait_seconds:
                raise busy(self.holder())
            self._clock.sleep(POLL_SECONDS)
        return self._clock.monotonic() - started

    def holder(self) -> Holder | None:
        """Who holds the lock now; None when it is free."""
        for _ in range(3):
            found = self._look()
            if found is None or found.pid:
                return found
            self._clock.sleep(GLANCE_SECONDS)  # just taken: the holder is about to write its note
        return found

    def holders(self) -> tuple[Holder, ...]:
        """All who hold it now, where several can."""
        found = self.holder()
        return () if found is None else (found,)

    def _look(self) -> Holder | None:
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                found = _parse(os.pread(handle, 4096, 0), self._clock)
                return found or _UNNAMED
            except OSError:
                return None  # without file locks nobody can hold it
            return None
        finally:
            os.close(handle)

    def release(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> WriterLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def busy(holder: Holder | None) -> LockBusy:
    """The error that names the holder of the lock."""
    named = holder is not None and holder.pid
    who = "another excache"
    if holder is not None and named:
        who = f"{holder.command} ({holder.place}) {holder.since_words}"
    return LockBusy(f"{who} is writing to the cache", hint="watch it: excache status")


def _parse(note: bytes, clock: Clock) -> Holder | None:
    try:
        read = json.loads(note)
        since, started = datetime.fromisoformat(read["since"]), read.get("monotonic")
        pid, command = int(read["pid"]), str(read["command"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    now = clock.now()
    held = _held(now - since, clock.monotonic() - started if isinstance(started, float) else -1.0)
    if held is not None and is_ahead(since, now):
        since = now - held
    return Holder(pid=pid, command=command, since=since, held=held)


def _held(by_time: timedelta, by_monotonic: float) -> timedelta | None:
    """How long a lock has been held, by the clock that shows less time.

    The wall clock may jump, and the monotonic clock stops while the machine sleeps.
    """
    lengths = [by_time] if by_time >= -SKEW else []
    lengths += [timedelta(seconds=by_monotonic)] if by_monotonic >= 0 else []
    return max(min(lengths), timedelta(0)) if lengths else None


_UNNAMED = Holder(pid=0, command="another excache", since=EPOCH)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's process, which exists
    return True

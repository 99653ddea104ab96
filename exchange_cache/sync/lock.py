"""One writer: an operating-system lock beside the cache, freed by the kernel the moment its holder
ends, however it ends."""

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
from exchange_cache.errors import CacheUnwritable, DiskFull, Interrupted, LockBusy

POLL_SECONDS = 0.2
#: Somebody who only looks (``holder``) is in the way for microseconds, on a crowded machine for a
#: little longer.
GLANCES = 100
GLANCE_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the lock, as it wrote about itself."""

    pid: int
    command: str
    since: datetime
    #: None: unknown, its note is from the future.
    held: timedelta | None = field(default=None, compare=False)

    @property
    def since_words(self) -> str:
        """Since when, as far as that can be believed."""
        if self.held is None:
            return "since a time in the future (the clock was ahead)"
        return f"since {self.since:%H:%M:%S} UTC"


class WriterLock:
    """The lock file is never deleted: only the lock on it counts, so nothing is ever left behind to
    remove by hand."""

    def __init__(self, path: Path, clock: Clock, *, pid: int | None = None) -> None:
        self.path = path
        self._clock = clock
        self._pid = os.getpid() if pid is None else pid
        self._handle: int | None = None

    def try_acquire(self, command: str) -> bool:
        """Take the lock if it is free; False when another process (or another WriterLock) holds it.

        A holder leaves its note in the file; who only looks leaves none, and is waited for.
        """
        for _ in range(GLANCES):
            if self._try_once(command):
                return True
            if self._has_writer():
                return False
            self._clock.sleep(GLANCE_SECONDS)
        return False

    def _has_writer(self) -> bool:
        """Whether the note in the file is that of a living process; a killed one leaves its note,
        but not its lock."""
        try:
            noted = _parse(self.path.read_bytes(), self._clock)
        except OSError:
            return False
        return noted is not None and _is_alive(noted.pid)

    def _try_once(self, command: str) -> bool:
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DiskFull.named(error, self.path) or CacheUnwritable(
                f"the lock file {self.path} cannot be opened ({error.strerror})",
                hint=f"check the owner and mode of {self.path.parent}",
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
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
            raise DiskFull.named(error, self.path) or error from error
        return True

    def acquire(
        self, command: str, *, wait_seconds: float, stop: Callable[[], bool] = lambda: False
    ) -> float:
        """Take the lock, waiting for its holder; the seconds waited. LockBusy names the holder when
        the time is over."""
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
            self._clock.sleep(GLANCE_SECONDS)  # taken a moment ago: the note is about to be written
        return found

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
    """The error that names who is in the way."""
    named = holder is not None and holder.pid
    who = "another excache"
    if holder is not None and named:
        who = f"{holder.command} (pid {holder.pid}) {holder.since_words}"
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
    """How long a lock has been held, by the clock that says less.

    The clock of the day jumps, the monotonic one stands still while the machine sleeps.
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
        return True  # somebody else's, but there
    return True

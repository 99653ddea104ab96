"""Starts one detached sync that outlives the command which started it; the next reading shows its
result.

At most one runs at a time: it inherits a lock on a file of its own (the *slot*), which the kernel
frees when it ends.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange_cache.cache.server import Place

#: The shell starts the refresh in the background and ends at once, so that the starting process has
#: no child to wait for.
_DETACHED = '"$@" &'
_LAST_WORDS = 2000


def slot_of(cache: Place) -> Path:
    """The file whose lock a running refresh of this machine holds; the file itself is never
    deleted."""
    cache = cache if isinstance(cache, Path) else cache.beside
    return cache.with_name(cache.name + ".refresh")


def start_refresh(
    env: Mapping[str, str],
    slot: Path,
    *,
    log: Path | None = None,
    accounts: Sequence[str] = (),
    max_age: str | None = None,
) -> bool:
    """Start ``excache sync --if-stale`` in a session of its own, without a terminal or pipe; False
    when one is already running.

    The cache's status has the faults of accounts; ``log`` has those of the refresh itself.
    """
    words = [sys.executable, "-m", "exchange_cache", "sync", "--background"]
    for account in accounts:
        words += ["--account", account]
    if max_age is not None:
        words += ["--max-age", max_age]
    with _taken(slot) as handle:
        if handle is None:
            return False
        with _opened(log) as errors:
            subprocess.run(  # noqa: S603 - a constant script starts this program
                ["/bin/sh", "-c", _DETACHED, "sh", *words],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                cwd="/",
                pass_fds=(handle,),
                check=False,
            )
    return True


def is_running(slot: Path) -> bool:
    """Whether a refresh is running."""
    try:
        handle = os.open(slot, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # without file locks none can run
    finally:
        os.close(handle)
    return False


def last_words(log: Path, since: datetime) -> str:
    """The last message of a refresh that ended after ``since``; empty when it succeeded."""
    with suppress(OSError):
        if log.stat().st_mtime < since.timestamp():
            return ""
        lines = log.read_bytes()[-_LAST_WORDS:].decode(errors="replace").strip().splitlines()
        # The line after a message may be its hint.
        named = [line for line in lines if line.startswith("excache: ")]
        return (named or lines or [""])[-1].strip()
    return ""


@contextmanager
def _taken(slot: Path) -> Iterator[int | None]:
    """The locked slot, to be inherited; None when another refresh has it, or when its folder is not
    writable. OSError where the file system has no locks."""
    try:
        handle = os.open(slot, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield None
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _opened(log: Path | None) -> Iterator[int]:
    """The log, emptied and readable by its owner only; DEVNULL when it cannot be written."""
    handle = subprocess.DEVNULL
    if log is not None:
        with suppress(OSError):
            log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        if handle >= 0:
            os.close(handle)

"""Copies a cache: written aside, verified by opening it, then renamed to its name."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from exchange_cache.cache.database import FILE_MODE, create_file, translate, unwritable
from exchange_cache.errors import CacheUnreadable


def write_copy(source: sqlite3.Connection, target: Path) -> None:
    """Write a consistent copy while others read and write the source."""
    write_aside(target, lambda aside: _fill(source, aside))


def write_aside(target: Path, fill: Callable[[Path], None]) -> None:
    """Write a cache that ``fill`` fills: aside, verified, then renamed. Only its owner can read it,
    from the first byte on.

    ``target`` is the old file or the whole new one at any moment. A CacheError names what failed.
    """
    target = Path(os.path.realpath(target))
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    create_file(aside, named=target)
    try:
        _clear_remains(target)
        aside.chmod(FILE_MODE)
        fill(aside)
        _alone(aside)
        _verify(aside)
        _to_disk(aside)
        for log in ("-wal", "-shm", "-journal"):  # those of the file that is replaced
            target.with_name(target.name + log).unlink(missing_ok=True)
        aside.replace(target)
        _to_disk(target.parent)
    except sqlite3.Error as error:
        raise translate(error, str(target)) from error
    except OSError as error:
        raise unwritable(target, "written", error) from error
    finally:
        aside.unlink(missing_ok=True)


def _fill(source: sqlite3.Connection, aside: Path) -> None:
    with closing(sqlite3.connect(aside)) as copy:
        source.backup(copy)


def _alone(aside: Path) -> None:
    """A file of its own, which needs no write-ahead log beside it."""
    with closing(sqlite3.connect(aside)) as copy:
        copy.execute("PRAGMA journal_mode = delete").fetchone()


def _verify(copy: Path) -> None:
    """Open a copy and have SQLite check it."""
    address = f"file:{quote(str(copy))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        found = [str(fault) for (fault,) in connection.execute("PRAGMA quick_check(1)")]
    if found != ["ok"]:
        raise CacheUnreadable(
            f"the copy that was to become {copy.name.lstrip('.')} is damaged ({'; '.join(found)})",
            hint="check the cache (excache db check) and the disk (dmesg)",
        )


def _to_disk(place: Path) -> None:
    """Make a file, or the names in a folder, survive a power cut."""
    handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear_remains(target: Path) -> None:
    """Delete what killed processes left of copies to the same name."""
    for part in target.parent.glob(".*.part*"):
        name, _, pid = part.name.partition(".part")[0].rpartition(".")
        if name == f".{target.name}" and pid.isdecimal() and not _is_alive(int(pid)):
            part.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # another user's process, or no number of a process
    return True

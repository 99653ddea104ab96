"""Opening the cache: SQLite with WAL, one place that turns the database's own errors into the
project's."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import peewee
from peewee import SqliteDatabase

from exchange_cache.cache import migrations
from exchange_cache.errors import (
    CacheBusy,
    CacheCorrupt,
    CacheError,
    CacheUnreadable,
    CacheUnwritable,
    DiskFull,
)

BUSY_TIMEOUT_MS = 20_000
#: The cache holds what a person owns: nobody else may read it.
FILE_MODE = 0o600


#: What a rollback says when SQLite has rolled back by itself: it hides the error behind it.
_HIDING = ("no transaction is active", "no such savepoint")
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
#: Less room than this is none: the smallest files that SQLite keeps beside a database take 32 KiB.
_NO_ROOM = 64 * 1024


def translate(error: BaseException, place: str) -> CacheError:
    """A database error as one of ours, naming the file and the cure.

    That a file is damaged and should be moved away is stated only when a check of it shows so.
    """
    while any(words in str(error) for words in _HIDING) and error.__context__ is not None:
        error = error.__context__
    if isinstance(error, CacheError):
        return error
    code, text = _code_and_text(error)
    if code == sqlite3.SQLITE_FULL or "is full" in text:
        return DiskFull(place)
    unreadable = code == sqlite3.SQLITE_IOERR or "I/O error" in text
    unopened = code == sqlite3.SQLITE_CANTOPEN or "unable to open" in text
    if (unreadable or unopened) and _has_no_room(Path(place).parent):
        return DiskFull(place)
    if code in _DAMAGED or "malformed" in text or "not a database" in text:
        return _checked(text, place)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or "locked" in text or "busy" in text:
        return CacheBusy(
            f"the cache {place} stayed locked for {BUSY_TIMEOUT_MS // 1000} s",
            hint="see who holds it: excache status",
        )
    if "readonly" in text or "unable to open" in text or "permission" in text.lower():
        return CacheUnwritable(
            f"the cache {place} cannot be opened for writing ({text})",
            hint=(
                f"check the owner and mode of {Path(place).parent}, or set EXCACHE_HOME to a folder"
                " of yours"
            ),
        )
    if unreadable:
        return CacheUnreadable(
            f"the disk did not read or write the cache {place} ({text}); it was left as it is",
            hint=(
                "try again; when it fails again, check the disk (dmesg), then the file: "
                "excache db check"
            ),
        )
    return CacheError(f"the cache {place} answered: {text}")


def _code_and_text(error: BaseException) -> tuple[int | None, str]:
    """SQLite's own primary result code, where it is known, and its words; peewee wraps both."""
    found: BaseException | None = error
    while found is not None:
        code = getattr(found, "sqlite_errorcode", None)
        if code is not None:
            return code & 0xFF, str(found)
        found = found.__context__
    return None, str(error)


def _has_no_room(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _NO_ROOM or (disk.f_files > 0 and disk.f_favail == 0)


def _checked(text: str, place: str) -> CacheError:
    """What a cache is that read as damaged: damaged, or sound and read badly once."""
    try:
        with closing(sqlite3.connect(f"file:{quote(place)}?mode=ro", uri=True)) as connection:
            found = [str(fault) for (fault,) in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
            return CacheUnreadable(
                f"the cache {place} could not be read ({text}), nor checked ({error}); "
                "it was left as it is",
                hint="try again, then: excache db check",
            )
        found = [str(error)]
    if found == ["ok"]:
        return CacheUnreadable(
            f"the cache {place} could not be read ({text}), but a check finds it sound; "
            "it was left as it is",
            hint="try again; when it happens again, check the disk and the memory of this machine",
        )
    return CacheCorrupt(
        f"the cache {place} is damaged ({text}); it was left as it is",
        hint=(
            f"move it away (mv {place} {place}.damaged) and run excache sync, which fetches"
            " everything again; history that exchanges no longer serve comes back only from a"
            " backup (excache db backup)"
        ),
    )


class CacheDatabase:
    """One SQLite file. Each thread has its own connection; writers of this process take turns.

    ``alone``: only read, without the files that SQLite keeps beside it, for a disk that has no
    room for them. Nobody else can write then, either.
    """

    def __init__(self, path: Path, *, read_only: bool = False, alone: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self.alone = alone
        self._turn = threading.RLock()
        pragmas = {"synchronous": "normal", "busy_timeout": BUSY_TIMEOUT_MS, "foreign_keys": 1}
        name = str(path)
        if read_only:
            pragmas["query_only"] = 1
        if alone:
            name = f"file:{quote(name)}?mode=ro&immutable=1"
        timeout = BUSY_TIMEOUT_MS / 1000
        self.peewee = SqliteDatabase(name, pragmas=pragmas, timeout=timeout, uri=alone)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn whatever the database raises inside into a CacheError."""
        try:
            yield
        except (peewee.PeeweeException, sqlite3.Error) as error:
            raise translate(error, str(self.path)) from error

    @contextmanager
    def write(self) -> Iterator[None]:
        """One short transaction; the write lock is taken at its beginning, so it never fails
        half-way for being second."""
        if self.alone:
            raise DiskFull(self.path)
        with self._turn, self.errors(), self.peewee.atomic("IMMEDIATE"):
            yield

    @contextmanager
    def impatient(self, milliseconds: int) -> Iterator[None]:
        """Inside, wait no longer than this for another writer: for what is worth less than the time
        of whoever waits."""
        with self.errors():
            self.peewee.execute_sql(f"PRAGMA busy_timeout = {milliseconds:d}")
        try:
            yield
        finally:
            with self.errors():
                self.peewee.execute_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One consistent view for several reads; blocks nobody (WAL)."""
        with self.errors(), self.peewee.atomic("DEFERRED"):
            yield

    def rows(self, query: Any) -> list[tuple[Any, ...]]:
        """All rows of a peewee query as tuples."""
        with self.errors():
            return list(query.tuples().execute(self.peewee))

    def value(self, query: Any) -> Any:
        """The only column of a query's first row; None without a row."""
        for (found,) in self.rows(query):
            return found
        return None

    def run(self, query: Any) -> Any:
        """Execute a writing peewee query; what peewee returns (row count or id)."""
        with self.errors():
            return query.execute(self.peewee)

    def close(self) -> None:
        if not self.peewee.is_closed():
            self.peewee.close()


def open_database(path: Path, *, create: bool = True) -> CacheDatabase | None:
    """The cache at ``path``, migrated to this program's schema; None when it does not exist and
    ``create`` is False.

    Raises CacheUnwritable, CacheCorrupt, CacheTooNew, CacheBusy, CacheUnreadable, DiskFull.
    On a full disk a cache that is only read is read from its file alone.
    """
    if not _exists(path):
        if not create:
            return None
        create_file(path)
    database = CacheDatabase(path)
    try:
        return _prepared(database)
    except DiskFull:
        if create or _has_news(path):
            raise
        return _prepared(CacheDatabase(path, read_only=True, alone=True))


def _has_news(path: Path) -> bool:
    """Whether something was written that is not in the file itself yet."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _prepared(database: CacheDatabase) -> CacheDatabase:
    """The database as this program's schema has it."""
    try:
        with database.errors():
            if database.alone:
                return _of_this_schema(database)
            _use_wal(database)
            if _is_behind(database):
                migrations.migrate(database.peewee, str(database.path))
    except BaseException:
        database.close()
        raise
    return database


def _of_this_schema(database: CacheDatabase) -> CacheDatabase:
    """A database that cannot be migrated now: DiskFull when it would have to be."""
    if _is_behind(database):
        raise DiskFull(database.path)
    return database


def _is_behind(database: CacheDatabase) -> bool:
    """Whether a migration is missing; CacheTooNew for a schema of a later program."""
    applied = migrations.applied_versions(database.peewee)
    migrations.refuse_newer(max(applied, default=0), str(database.path))
    return migrations.is_behind(applied)


def _use_wal(database: CacheDatabase) -> None:
    """Switch a new file to WAL, which it then stays in. SQLite refuses the switch at once, without
    its busy time-out, while another process makes the same one, so it is tried again for as long as
    any other lock is waited for.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            if database.peewee.execute_sql("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            database.peewee.execute_sql("PRAGMA journal_mode = wal").fetchone()
            return
        except peewee.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise _unwritable(path, "opened", error) from error


def create_file(path: Path) -> None:
    """An empty file that only its owner may read; CacheUnwritable where that is impossible."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, FILE_MODE))
    except OSError as error:
        raise _unwritable(path, "created", error) from error


def _unwritable(path: Path, verb: str, error: OSError) -> CacheError:
    return DiskFull.named(error, path) or CacheUnwritable(
        f"the cache {path} cannot be {verb} ({error.strerror})",
        hint=f"check the owner and mode of {path.parent}, or set EXCACHE_HOME to a folder of yours",
    )

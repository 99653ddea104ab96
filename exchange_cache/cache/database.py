"""Opening the cache: SQLite with WAL, one place that turns the database's own errors into the project's."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee
from peewee import SqliteDatabase

from exchange_cache.cache import migrations
from exchange_cache.errors import CacheBusy, CacheCorrupt, CacheError, CacheUnwritable

BUSY_TIMEOUT_MS = 20_000
#: The cache holds what a person owns: nobody else may read it.
FILE_MODE = 0o600


def translate(error: Exception, place: str) -> CacheError:
    """A database error as one of ours, naming the file and the cure."""
    text = str(error)
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return CacheCorrupt(
            f"the cache {place} is damaged ({text}); it was left as it is",
            hint=f"move it away (mv {place} {place}.damaged) and run excache sync, which fetches everything again; "
            "history that exchanges no longer serve comes back only from a backup (excache db backup)",
        )
    if "locked" in text or "busy" in text:
        return CacheBusy(f"the cache {place} stayed locked for {BUSY_TIMEOUT_MS // 1000} s", hint="see who holds it: excache status")
    if "readonly" in text or "unable to open" in text or "permission" in text.lower():
        return CacheUnwritable(
            f"the cache {place} cannot be opened for writing ({text})",
            hint=f"check the owner and mode of {Path(place).parent}, or set EXCACHE_HOME to a folder of yours",
        )
    if "full" in text:
        return CacheUnwritable(f"the disk of the cache {place} is full; nothing was lost", hint="free some space and run excache sync")
    return CacheError(f"the cache {place} answered: {text}")


class CacheDatabase:
    """One SQLite file. Each thread has its own connection; writers of this process take turns before they ask SQLite."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self._turn = threading.RLock()
        pragmas = {"synchronous": "normal", "busy_timeout": BUSY_TIMEOUT_MS, "foreign_keys": 1}
        name = str(path)
        if read_only:
            pragmas["query_only"] = 1
        self.peewee = SqliteDatabase(name, pragmas=pragmas, timeout=BUSY_TIMEOUT_MS / 1000)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn whatever the database raises inside into a CacheError."""
        try:
            yield
        except (peewee.PeeweeException, sqlite3.Error) as error:
            raise translate(error, str(self.path)) from error

    @contextmanager
    def write(self) -> Iterator[None]:
        """One short transaction; the write lock is taken at its beginning, so it never fails half-way for being second."""
        with self._turn, self.errors(), self.peewee.atomic("IMMEDIATE"):
            yield

    @contextmanager
    def impatient(self, milliseconds: int) -> Iterator[None]:
        """Inside, wait no longer than this for another writer: for what is worth less than the time of whoever waits."""
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

    def run(self, query: Any) -> Any:
        """Execute a writing peewee query; what peewee returns (row count or id)."""
        with self.errors():
            return query.execute(self.peewee)

    def close(self) -> None:
        if not self.peewee.is_closed():
            self.peewee.close()


def open_database(path: Path, *, create: bool = True) -> CacheDatabase | None:
    """The cache at ``path``, migrated to this program's schema; None when it does not exist and ``create`` is False.

    Raises CacheUnwritable, CacheCorrupt, CacheTooNew, CacheBusy.
    """
    if not _exists(path):
        if not create:
            return None
        create_file(path)
    database = CacheDatabase(path)
    try:
        with database.errors():
            _use_wal(database)
            migrations.refuse_newer(migrations.current_version(database.peewee), str(path))
            if migrations.is_behind(database.peewee):
                migrations.migrate(database.peewee, str(path))
    except BaseException:
        database.close()
        raise
    return database


def _use_wal(database: CacheDatabase) -> None:
    """Switch a new file to WAL, which it then stays in. SQLite refuses the switch at once, without its busy time-out, while another
    process makes the same one, so it is tried again for as long as any other lock is waited for."""
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


def _unwritable(path: Path, verb: str, error: OSError) -> CacheUnwritable:
    return CacheUnwritable(
        f"the cache {path} cannot be {verb} ({error.strerror})",
        hint=f"check the owner and mode of {path.parent}, or set EXCACHE_HOME to a folder of yours",
    )

"""The database of the cache (SQLite with WAL), whose errors become the project's own."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from exchange_cache.cache import orm
from exchange_cache.cache.orm import SqliteDatabase
from exchange_cache.cache.server import Place
from exchange_cache.errors import (
    CacheBusy,
    CacheCorrupt,
    CacheError,
    CacheUnreadable,
    CacheUnwritable,
    DiskFull,
)
from exchange_cache.machine import cure, is_of_machine

BUSY_TIMEOUT_MS = 20_000
#: The cache holds private data: only its owner may read it.
FILE_MODE = 0o600


#: What a rollback reports after SQLite has rolled back by itself; it hides the original error.
_HIDING = ("no transaction is active", "no such savepoint")
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
#: Less free space than this counts as a full disk: SQLite's side files need at least 32 KiB.
_NO_ROOM = 64 * 1024


def translate(error: BaseException, place: str) -> CacheError:
    """Translate a database error into one of ours that names the file and the cure.

    It reports a file as damaged only when a check confirms the damage.
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
            hint="excache status shows which process holds it",
        )
    if unopened and (reason := _reason(Path(place))) is not None:
        return unwritable(Path(place), "opened", reason)
    if "readonly" in text or unopened or "permission" in text.lower():
        return CacheUnwritable(
            f"the cache {place} cannot be opened for writing ({text})",
            hint=(
                f"check the owner and mode of {Path(place).parent}, or set EXCACHE_HOME to a folder"
                " that you own"
            ),
        )
    if "no such table" in text:
        return incomplete(place, text.rpartition(": ")[2])
    if unreadable:
        return CacheUnreadable(
            f"the disk failed to read or write the cache {place} ({text}); it was left unchanged",
            hint=(
                "try again; if it fails again, check the disk (dmesg), then the file: "
                "excache db check"
            ),
        )
    if "Could not decode to UTF-8" in text:
        return CacheUnreadable(f"the cache {place} holds bytes that are no text")
    return CacheError(f"the cache {place} reported: {text}")


def incomplete(place: str, tables: str) -> CacheCorrupt:
    """The error for a cache without some of its tables."""
    return CacheCorrupt(
        f"the cache {place} does not have its table {tables} any more; it was left unchanged",
        hint=(
            f"restore a backup (excache db backup creates one), or move it away (mv {place}"
            f" {place}.damaged) and run excache sync, which fetches everything again"
        ),
    )


def _code_and_text(error: BaseException) -> tuple[int | None, str]:
    """SQLite's primary result code, if known, and its message; peewee wraps both."""
    found: BaseException | None = error
    while found is not None:
        code = getattr(found, "sqlite_errorcode", None)
        if code is not None:
            return code & 0xFF, str(found)
        found = found.__context__
    return None, str(error)


def _reason(cache: Path) -> OSError | None:
    """Why a file of the cache cannot be opened now, which SQLite does not state; None if each
    that exists can be."""
    for file in (cache, *(cache.with_name(cache.name + log) for log in ("-wal", "-shm"))):
        try:
            os.close(os.open(file, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        except FileNotFoundError:
            continue
        except OSError as error:
            return error
    return None


def _has_no_room(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _NO_ROOM or (disk.f_files > 0 and disk.f_favail == 0)


def _checked(text: str, place: str) -> CacheError:
    """The error for a cache that read as damaged: checked, it may turn out to be sound."""
    try:
        with closing(sqlite3.connect(f"file:{quote(place)}?mode=ro", uri=True)) as connection:
            found = [str(fault) for (fault,) in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
            return CacheUnreadable(
                f"the cache {place} could be neither read ({text}) nor checked ({error}); "
                "it was left unchanged",
                hint="try again, then: excache db check",
            )
        found = [str(error)]
    if found == ["ok"]:
        return CacheUnreadable(
            f"the cache {place} could not be read ({text}), but a check finds it sound; "
            "it was left unchanged",
            hint="try again; if it happens again, check the disk and the memory of this machine",
        )
    return CacheCorrupt(
        f"the cache {place} is damaged ({text}); it was left unchanged",
        hint=(
            f"move it away (mv {place} {place}.damaged) and run excache sync, which fetches"
            " everything again; only a backup (excache db backup) restores history that exchanges"
            " no longer serve"
        ),
    )


class CacheDatabase:
    """One SQLite file. Each thread has its own connection; writers of this process take turns.

    ``read_only``: SQLite writes no page and folds in no log, also when it closes. ``alone``: read
    without SQLite's side files, where they cannot be written; what prevents that. Nothing can write
    to it then.
    """

    def __init__(
        self, path: Path, *, read_only: bool = False, alone: CacheError | None = None
    ) -> None:
        self.path = path
        self.fence: Sequence[str] = ()  # a file needs none
        self.read_only = read_only
        self.alone = alone
        self._turn = threading.RLock()
        pragmas = {"synchronous": "normal", "busy_timeout": BUSY_TIMEOUT_MS, "foreign_keys": 1}
        name = str(path)
        if read_only:
            pragmas["query_only"] = 1
            name = f"file:{quote(name)}?mode=ro{'&immutable=1' if alone else ''}"
        timeout = BUSY_TIMEOUT_MS / 1000
        self.peewee: Any = SqliteDatabase(name, pragmas=pragmas, timeout=timeout, uri=read_only)

    @property
    def place(self) -> Place:
        """Where the cache is, for people."""
        return self.path

    def tables(self) -> frozenset[str]:
        """The tables besides the engine's own."""
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%'"
        return frozenset(str(name) for (name,) in self.select(f"{sql} ESCAPE '!'", ()))

    def size(self) -> int:
        """The bytes of the cache, with what is not yet moved into its file."""
        log = self.path.with_name(f"{self.path.name}-wal")
        return self.path.stat().st_size + (log.stat().st_size if log.exists() else 0)

    def faults(self) -> list[str]:
        """What the engine itself finds wrong; empty if the cache is sound."""
        rows = self.select("PRAGMA integrity_check", ())
        return [] if rows == [("ok",)] else [str(fault) for (fault,) in rows]

    def number_on(self, models: Iterable[Any]) -> None:
        """Continue the numbers of rows behind those that were inserted; SQLite does by itself."""

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Translate any database error raised inside into a CacheError."""
        try:
            yield
        except (orm.PeeweeException, sqlite3.Error) as error:
            raise translate(error, str(self.path)) from error

    @contextmanager
    def write(self) -> Iterator[None]:
        """One short transaction. It takes the write lock first, so it never fails half-way on a
        lock."""
        if self.alone is not None:
            raise self.alone
        with self._turn, self.errors(), self.peewee.atomic("IMMEDIATE"):
            yield

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
        """Execute a writing peewee query; returns what peewee returns (a row count or an id)."""
        with self.errors():
            return query.execute(self.peewee)

    def run_each(self, query: Any, rows: Iterable[Sequence[Any]]) -> int:
        """Execute a query that inserts one row for each of these rows instead; returns how many
        rows of the table changed."""
        with self.errors():
            sql, _ = self.peewee.get_sql_context().sql(query).query()
            return int(self.peewee.cursor().executemany(sql, rows).rowcount)

    def select(self, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of a statement that is not worth building by peewee each time."""
        with self.errors():
            return list(self.peewee.execute_sql(sql, values).fetchall())

    def execute(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Execute a statement that is not worth building; returns how many rows it changed."""
        with self.errors():
            return int(self.peewee.execute_sql(sql, values).rowcount)

    def insert(self, sql: str, values: Sequence[Any]) -> int:
        """Insert one row of a table that assigns numbers; returns its number."""
        with self.errors():
            return int(self.peewee.connection().execute(sql, values).lastrowid)

    def run_all(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement once with each of these rows."""
        with self.errors():
            self.peewee.connection().executemany(sql, rows)

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Like :meth:`select`, without holding all rows at once."""
        with self.errors():
            cursor = self.peewee.cursor()
            cursor.execute(sql, values)
            while rows := cursor.fetchmany(1000):
                yield from rows

    def close(self) -> None:
        if not self.peewee.is_closed():
            self.peewee.close()


def create_file(path: Path, *, named: Path | None = None) -> None:
    """Create an empty file that only its owner may read; CacheUnwritable, of the file that it is
    ``named`` as, if that is impossible."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, FILE_MODE))
    except OSError as error:
        raise unwritable(named or path, "created", error) from error


def unwritable(path: Path, verb: str, error: OSError) -> CacheError:
    """The error for a file that cannot be used: CacheUnreadable where the machine failed."""
    kind = CacheUnreadable if is_of_machine(error) else CacheUnwritable
    home = f"check the owner and mode of {path.parent}, or set EXCACHE_HOME to a folder you own"
    return DiskFull.named(error, path) or kind(
        f"the cache {path} cannot be {verb} ({error.strerror})", hint=cure(error, home)
    )

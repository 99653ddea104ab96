"""Opens the cache for reading by sqlite3 alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from exchange_cache.cache import migrations
from exchange_cache.cache.prepared import is_foreign, log_of
from exchange_cache.cache.reading import CacheReading

if TYPE_CHECKING:
    from exchange_cache.cache.answering import Database
    from exchange_cache.cache.server import Place

#: As long as every other command waits for a writer.
BUSY_TIMEOUT_S = 20


class CacheReader(CacheReading):
    """The cache as it is now. Nothing is written to it."""

    def __init__(self, database: Database, close: Callable[[], None]) -> None:
        super().__init__(database)
        self.close = close


class ReadFile:
    """One SQLite file of this program's schema."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = self.place = path
        self.connection = connection

    def select(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All rows of a statement; a CacheError names what is wrong with the file."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            from exchange_cache.cache.database import translate  # loads what writes, too

            raise translate(error, str(self.path)) from error

    def size(self) -> int:
        """The bytes of the file, with what is not yet moved into it."""
        log = log_of(self.path)
        return self.path.stat().st_size + (log.stat().st_size if log.exists() else 0)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One consistent view for several reads; blocks nobody (WAL)."""
        self.select("BEGIN", ())
        try:
            yield
        finally:
            self.select("ROLLBACK", ())


def open_reader(path: Place) -> CacheReader | None:
    """The cache at ``path``; None if there is none of this program's schema that can be read: then
    opening it as a repository migrates it, or states what is wrong."""
    if not isinstance(path, Path):
        from exchange_cache.cache.postgres.reader import open_server_reader

        found_reads = open_server_reader(path)
        return None if found_reads is None else CacheReader(found_reads, found_reads.close)
    if is_foreign(log_of(path)):
        return None
    address = f"file:{quote(str(path))}?mode=ro"
    connection = None
    try:
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
        )
        found = connection.execute("SELECT version FROM schema_migrations").fetchall()
    except sqlite3.Error:
        found = []
    if {version for (version,) in found} == {step.version for step in migrations.MIGRATIONS}:
        assert connection is not None
        return CacheReader(ReadFile(path, connection), connection.close)
    if connection is not None:
        connection.close()
    return None

"""Opens the cache for reading by sqlite3 alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from exchange_cache.cache import migrations
from exchange_cache.cache.prepared import is_foreign, log_of
from exchange_cache.cache.reading import CacheReading

#: As long as every other command waits for a writer.
BUSY_TIMEOUT_S = 20


class CacheReader(CacheReading):
    """The cache as it is now. Nothing is written to it."""

    def __init__(self, file: ReadFile) -> None:
        super().__init__(file)
        self._file = file

    def close(self) -> None:
        self._file.connection.close()


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

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One consistent view for several reads; blocks nobody (WAL)."""
        self.select("BEGIN", ())
        try:
            yield
        finally:
            self.select("ROLLBACK", ())


def open_reader(path: Path) -> CacheReader | None:
    """The cache at ``path``; None if there is none of this program's schema that can be read: then
    opening it as a repository migrates it, or states what is wrong."""
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
        return CacheReader(ReadFile(path, connection))
    if connection is not None:
        connection.close()
    return None

"""A copy of the cache in memory without the rows that cannot be read, for whoever only reads."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from exchange_cache.cache.cells import UnreadableRow, readable_copy
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.orm import SqliteDatabase
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Place
from exchange_cache.errors import CacheUnreadable

#: More rows than this are counted, not named.
NAMED = 3


def unreadable(cache: Place, rows: tuple[UnreadableRow, ...]) -> CacheUnreadable:
    """The error that names rows, and what cures them."""
    named = "; ".join(str(row) for row in rows[:NAMED])
    more = f"; and {len(rows) - NAMED:,} more" if len(rows) > NAMED else ""
    return CacheUnreadable(f"in the cache {cache} {named}{more}", hint="excache sync repairs it")


def readable(cache: Path) -> tuple[ExchangeCacheRepository, tuple[UnreadableRow, ...]] | None:
    """The cache as it is now without the rows that cannot be read, and these rows; None without
    any. Writing to it raises the error of the rows."""
    connection, rows = readable_copy(cache)
    if not rows:
        connection.close()
        return None
    return ExchangeCacheRepository(_Copy(cache, connection, rows)), rows


class _Copy(CacheDatabase):
    def __init__(
        self, path: Path, connection: sqlite3.Connection, rows: tuple[UnreadableRow, ...]
    ) -> None:
        super().__init__(path, read_only=True, alone=unreadable(path, rows))
        self.peewee = _Connected(connection)


class _Connected(SqliteDatabase):
    """Every thread uses the one connection that has the copy."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(":memory:")
        connection.isolation_level = None
        connection.execute("PRAGMA query_only = 1")
        self._connection = connection

    def _connect(self) -> Any:
        return self._connection

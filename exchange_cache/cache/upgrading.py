"""Brings a cache to this program's schema: whole or not at all, after a copy of it was made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from exchange_cache.cache import migrations
from exchange_cache.cache.copying import write_copy
from exchange_cache.errors import CacheCorrupt

if TYPE_CHECKING:
    from exchange_cache.cache.orm import SqliteDatabase


def copy_before(cache: Path) -> Path:
    """The copy of a cache from before its last migration; the next migration replaces it."""
    return cache.with_name(f"{cache.name}.before-migration")


def copy_before_repair(cache: Path) -> Path:
    """The copy of a cache from before rows that could not be read were removed."""
    return cache.with_name(f"{cache.name}.before-repair")


def upgrade(database: SqliteDatabase, cache: Path) -> None:
    """Apply every missing migration in one transaction, which an error or a kill undoes.

    A cache that holds anything is copied first, and checked before the transaction ends.
    """
    with database.atomic("IMMEDIATE"):
        applied = migrations.applied_versions(database)
        if applied and migrations.is_behind(applied):
            _copy(cache)
        if migrations.migrate(database, str(cache)) and applied:
            _check(database, cache)


def _copy(cache: Path) -> None:
    """Copy what is stored now: nobody writes to the cache meanwhile."""
    address = f"file:{quote(str(cache))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        write_copy(connection, copy_before(cache))


def _check(database: SqliteDatabase, cache: Path) -> None:
    """CacheCorrupt, which undoes the migrations, if they leave a damaged file."""
    found = [str(fault) for (fault,) in database.execute_sql("PRAGMA quick_check(1)")]
    if found != ["ok"]:
        raise CacheCorrupt(
            f"the cache {cache} is damaged ({'; '.join(found)}), so it was not migrated and left"
            " unchanged",
            hint=f"a copy of it is {copy_before(cache)}; please report this as a bug",
        )

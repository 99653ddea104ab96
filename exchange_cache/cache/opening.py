"""Opens the file of the cache: recognised, migrated, or for reading alone where nothing can be
written."""

from __future__ import annotations

import os
import time
from pathlib import Path

from exchange_cache.cache import orm
from exchange_cache.cache.database import (
    BUSY_TIMEOUT_MS,
    CacheDatabase,
    create_file,
    unwritable,
)
from exchange_cache.cache.prepared import is_foreign, log_of
from exchange_cache.cache.recognising import is_behind
from exchange_cache.cache.server import Place
from exchange_cache.errors import CacheCorrupt, CacheError, CacheUnwritable, DiskFull


def open_database(path: Place, *, create: bool = True) -> CacheDatabase | None:
    """The cache at ``path``, migrated to this program's schema; None if it does not exist and
    ``create`` is False. Then it is opened for reading, unless it must be migrated.

    Raises CacheUnwritable, CacheCorrupt, CacheTooNew, CacheBusy, CacheUnreadable,
    DiskFull. On a full disk and where nothing may be written, a reader opens the file without
    SQLite's side files.
    """
    if not isinstance(path, Path):
        from exchange_cache.cache.postgres.opening import open_server

        return open_server(path, create=create)
    if not _exists(path):
        if not create:
            return None
        create_file(path)
    _refuse_foreign_log(path)
    if not create and (readable := _for_reading(path)) is not None:
        return readable
    database = CacheDatabase(path)
    try:
        return _prepared(database)
    except (DiskFull, CacheUnwritable) as error:
        if create or not os.access(path, os.R_OK) or _has_unmerged_changes(path):
            raise
        return _prepared(CacheDatabase(path, read_only=True, alone=error))


def _refuse_foreign_log(path: Path) -> None:
    """CacheCorrupt where SQLite would overwrite a file that is not its own."""
    log = log_of(path)
    if is_foreign(log):
        raise CacheCorrupt(
            f"{log} is a file of another program, in the place of the newest changes of the cache;"
            " both were left unchanged",
            hint=(
                f"move it away (mv {log} {log}.other), then run excache sync, which fetches what"
                " the cache does not have any more"
            ),
        )


def _for_reading(path: Path) -> CacheDatabase | None:
    """The database for reading; None if it must be opened for writing, or cannot be read: then
    opening it for writing states what is wrong."""
    database = CacheDatabase(path, read_only=True)
    try:
        with database.errors():
            if not is_behind(database):
                return database
    except CacheError:
        pass
    database.close()
    return None


def _has_unmerged_changes(path: Path) -> bool:
    """Whether the write-ahead log holds changes that the file itself does not."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _prepared(database: CacheDatabase) -> CacheDatabase:
    """Bring the database to this program's schema; close it if that fails."""
    try:
        with database.errors():
            if database.alone is not None:
                if is_behind(database):
                    raise database.alone
                return database
            behind = is_behind(database)  # before anything is changed: it may be no cache
            _use_wal(database)
            if behind:
                from exchange_cache.cache.upgrading import upgrade

                upgrade(database.peewee, database.path)
    except BaseException:
        database.close()
        raise
    return database


def _use_wal(database: CacheDatabase) -> None:
    """Switch a new file to WAL, which is permanent. While another process switches it, SQLite
    refuses at once instead of waiting, so this retries until the usual timeout."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            if database.peewee.execute_sql("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            database.peewee.execute_sql("PRAGMA journal_mode = wal").fetchone()
            return
        except orm.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise unwritable(path, "opened", error) from error

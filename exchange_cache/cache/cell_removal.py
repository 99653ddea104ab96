"""Removes rows that cannot be read from the cache, within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable

from exchange_cache.cache import file_coverage, merging
from exchange_cache.cache.cells import UnreadableRow, removing
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import IMPORT_MODELS, OF_A_FILE

#: Later than the time of any row.
_LAST_MS = 2**53
_IMPORTED = tuple(model._meta.table_name for model in IMPORT_MODELS)


def remove(database: CacheDatabase, rows: Iterable[UnreadableRow]) -> None:
    """Remove rows, with the whole of a file that one of them is of: what a file states holds
    together or not at all."""
    rows = tuple(rows)
    accounts = [name for (name,) in database.select("SELECT account FROM imported_files", ())]
    for statement, values in removing(rows):
        database.execute(statement, values)
    for file in _files(database, [row for row in rows if row.table in _IMPORTED]):
        database.execute("DELETE FROM imported_files WHERE id = ?", (file,))
        for model in OF_A_FILE:
            table = model._meta.table_name
            database.execute(f"DELETE FROM {table} WHERE file_id = ?", (file,))
    for account in sorted({name for name in accounts if isinstance(name, str)}):
        merging.merge(database, account, 0, _LAST_MS)
        file_coverage.refresh(database, account)


def _files(database: CacheDatabase, rows: Iterable[UnreadableRow]) -> list[int]:
    """The numbers of the files that rows are of; all of them where a row does not state one."""
    found: set[int] = set()
    for row in rows:
        if row.table == "imported_coverage":
            continue  # computed from the others
        number = row.values["id" if row.table == "imported_files" else "file_id"]
        if not isinstance(number, int):
            return [file for (file,) in database.select("SELECT id FROM imported_files", ())]
        found.add(number)
    return sorted(found)

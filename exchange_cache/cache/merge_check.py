"""Compares what the ledger holds of files with a computation from nothing, which is undone."""

from __future__ import annotations

from exchange_cache.cache import merging
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import DERIVED
from exchange_cache.cache.merged import KINDS


class _Undone(Exception):
    """Ends the transaction of the comparison."""


def misplaced(database: CacheDatabase, account: str) -> int:
    """How many rows of an account the ledger holds of files that do not follow from the files and
    the API, or that are missing in it."""
    before, after = _held(database, account), frozenset[int]()
    try:
        with database.write():
            merging.merge_all(database, account)
            after = _held(database, account)
            raise _Undone
    except _Undone:
        return len(before ^ after)


def _held(database: CacheDatabase, account: str) -> frozenset[int]:
    found: set[int] = set()
    for kind in KINDS:
        names = ", ".join(kind.codec.names)
        rows = database.select(
            f"SELECT {names} FROM {kind.ledger} WHERE account = ? AND {DERIVED.format('')}",
            (account,),
        )
        found.update(hash(row) for row in rows)
    return frozenset(found)

"""Fills that get another id, because the one that they have in the cache turned out to be
shared."""

from __future__ import annotations

from collections.abc import Callable

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.ledger import Ledger
from exchange_cache.cache.ledger_models import FillRow
from exchange_cache.records import Fill


def rename_fills(
    database: CacheDatabase,
    account: str,
    category: str,
    name: Callable[[Fill], str | None],
) -> int:
    """Give the fills of a category the ids that ``name`` makes; None keeps one. Returns how many
    changed."""
    renamed = 0
    for fill in Ledger(database).fills(Filter(accounts=[account])):
        new = name(fill) if fill.category == category else None
        if new is None or new == fill.fill_id:
            continue
        renamed += 1
        with database.write():
            database.run(
                FillRow.update(fill_id=new).where(
                    FillRow.account == account,
                    FillRow.category == category,
                    FillRow.symbol == fill.symbol,
                    FillRow.fill_id == fill.fill_id,
                )
            )
    return renamed

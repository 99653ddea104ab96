"""Writes the prepared answers of ``portfolio``; ``prepared`` reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from exchange_cache.cache.codec import Row
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.models import PreparedRow


class Preparation:
    """Answers for the present state of the cache, for one program and configuration."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def holds(self, made_for: str, now_us: int) -> bool:
        """Whether an answer of all accounts is prepared for now."""
        query = PreparedRow.select(PreparedRow.from_us).where(
            PreparedRow.scope == "",
            PreparedRow.made_for == made_for,
            PreparedRow.from_us <= now_us,
            PreparedRow.until_us.is_null(True) | (PreparedRow.until_us > now_us),
        )
        return self._database.value(query) is not None

    def replace(self, made_for: str, rows: Callable[[], Iterable[Row]]) -> None:
        """Compute and store the answers in one transaction: nothing can change in between."""
        with self._database.write():
            self._database.run(PreparedRow.delete())
            made = [{"made_for": made_for, **row} for row in rows()]
            insert_many(self._database, PreparedRow, made, "fail")

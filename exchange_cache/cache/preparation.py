"""Writes the prepared answers of ``portfolio``; ``prepared`` reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import uuid4

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

    def replace(self, made_for: str, rows: Callable[[], Iterable[Row]]) -> bool:
        """Compute the answers from one snapshot, in which nobody waits, and store them; False,
        having stored nothing, where something that they depend on changed meanwhile.

        A mark beside the answers shows that: what changes anything deletes it, as it does them.
        """
        mark = f"being prepared: {uuid4()}"
        self._store([_marked(mark)])
        with self._database.snapshot():
            made = [{"made_for": made_for, **row} for row in rows()]
        with self._database.write():
            own = PreparedRow.select(PreparedRow.scope).where(PreparedRow.made_for == mark)
            if self._database.value(own) is None:
                return False
            self._store(made)
        return True

    def _store(self, rows: Iterable[Row]) -> None:
        with self._database.write():
            self._database.run(PreparedRow.delete())
            insert_many(self._database, PreparedRow, list(rows), "fail")


def _marked(mark: str) -> Row:
    """No answer, as it is made for no program; but a row that can be read as one."""
    empty = {**dict.fromkeys(PreparedRow._meta.fields, "{}"), "places": "[]"}
    return {**empty, "scope": "", "made_for": mark, "from_us": 0, "until_us": None}

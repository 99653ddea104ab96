"""Findings that the user accepts, each with a reason and an end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.models import ACCEPTED, AcceptedRow
from exchange_cache.cache.reading import AcceptedReading
from exchange_cache.clock import to_ms
from exchange_cache.findings import AcceptedFinding


class Accepted(AcceptedReading):
    """Accepted findings until they expire."""

    def __init__(self, database: CacheDatabase) -> None:
        super().__init__(database)
        self._database = database

    def save(self, accepted: Iterable[AcceptedFinding], now: datetime) -> None:
        """Store findings, replacing those with the same key; delete what has expired by ``now``."""
        table_rows = [ACCEPTED.encode(one) for one in accepted]
        with self._database.write():
            self._database.run(AcceptedRow.delete().where(AcceptedRow.until_ms <= to_ms(now)))
            insert_many(self._database, AcceptedRow, table_rows, "replace")

"""What exchanges changed of the ledger afterwards, read by statements alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from exchange_cache.cache.answering import Database
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.data_types import DataType

if TYPE_CHECKING:
    from exchange_cache.cache.revised import Version
    from exchange_cache.ledger.afterwards import Afterwards


class RevisionsReading:
    """Which rows their exchanges no longer serve, and whether any row has changed afterwards."""

    def __init__(self, database: Database) -> None:
        self._reads = database

    def any(self) -> bool:
        """Whether any row is missed or has vanished."""
        return bool(self._reads.select("SELECT 1 FROM ledger_absences LIMIT 1", ()))

    def vanished(self, data_type: DataType) -> dict[tuple[str, ...], datetime]:
        """By the key of the record: since when its exchange does not serve it any more."""
        symbol = () if data_type is DataType.TRANSFERS else ("symbol",)
        key = ("account", "place", *symbol, "row_id")
        sql = (
            f"SELECT vanished_ms, {', '.join(key)} FROM ledger_absences"
            " WHERE data_type = ? AND vanished_ms IS NOT NULL ORDER BY at_ms"
        )
        found = self._reads.select(sql, (str(data_type),))
        return {tuple(names): from_ms(ms) for ms, *names in found}

    def any_since(self, since: datetime) -> bool:
        """Whether anything that exchanges changed afterwards was noticed since."""
        sql = "SELECT 1 FROM ledger_versions WHERE replaced_ms >= ? LIMIT 1"
        return bool(self._reads.select(sql, (to_ms(since),)))

    def afterwards(
        self,
        accounts: Collection[str] | None = None,
        *,
        since: datetime | None = None,
        asset: str | None = None,
    ) -> tuple[Afterwards, ...]:
        """What exchanges changed afterwards and was noticed ``since``, the first noticed first;
        with ``asset`` only rows that moved it."""
        from exchange_cache.cache.afterwards import read_afterwards

        found = read_afterwards(self._reads, accounts, since)
        return tuple(one for one in found if asset is None or asset in one.assets)

    def versions(self) -> tuple[Version, ...]:
        """Former versions, the oldest change first."""
        from exchange_cache.cache.afterwards import read_versions

        return read_versions(self._reads)

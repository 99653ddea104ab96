"""Findings that the user accepts, kept with the reason and the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.models import AcceptedRow
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.findings import Acceptance, AcceptedFinding


class Accepted:
    """What was accepted, until it ends."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def save(self, accepted: Iterable[AcceptedFinding], now: datetime) -> None:
        """Keep these in place of earlier ones of the same findings; forget what has ended by
        now."""
        table_rows = [
            {
                "account": one.account,
                "code": one.code,
                "asset": one.asset,
                "statement": one.statement,
                "reason": one.acceptance.reason,
                "accepted_ms": to_ms(one.acceptance.at),
                "until_ms": to_ms(one.acceptance.until),
            }
            for one in accepted
        ]
        with self._database.write():
            self._database.run(AcceptedRow.delete().where(AcceptedRow.until_ms <= to_ms(now)))
            insert_many(self._database, AcceptedRow, table_rows, "replace")

    def all(self) -> tuple[AcceptedFinding, ...]:
        query = AcceptedRow.select().order_by(
            AcceptedRow.account, AcceptedRow.code, AcceptedRow.asset, AcceptedRow.statement
        )
        return tuple(
            AcceptedFinding(
                account=row[0],
                code=row[1],
                asset=row[2],
                statement=row[3],
                acceptance=Acceptance(reason=row[4], at=from_ms(row[5]), until=from_ms(row[6])),
            )
            for row in self._database.rows(query)
        )

"""Files of archives: ordered, fetched, read; each step is one transaction, so that a kill loses
none."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

from exchange_cache.cache.archive_reading import (
    ARCHIVES,
    PLANS,
    ArchivePlan,
    ArchiveReading,
    StoredArchive,
)
from exchange_cache.cache.codec import Codec
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.table import table


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOrder:
    """One order as it was sent."""

    account: str
    archive: str
    at_ms: int
    period: str


SENT = Codec(SentOrder)
ArchiveRow = table("exchange_archives", ARCHIVES, key=("account", "archive", "period"))
SentRow = table("archive_requests", SENT, key=("account", "archive", "at_ms", "period"))


PlanRow = table("archive_plans", PLANS, key=("account", "archive"))


class Archives(ArchiveReading):
    """The files of archives, and the orders that count against allowances."""

    def __init__(self, database: CacheDatabase) -> None:
        super().__init__(database)
        self._database = database

    def send(self, order: StoredArchive) -> None:
        """Note an order before it is sent: where the answer is lost, it counts all the same."""
        assert order.ordered_ms is not None
        sent = SentOrder(
            account=order.account,
            archive=order.archive,
            at_ms=order.ordered_ms,
            period=order.period,
        )
        with self._database.write():
            self._database.run(SentRow.insert(**SENT.encode(sent)).on_conflict_replace())
            self._save(order, None)

    def take_back(self, order: StoredArchive) -> None:
        """Forget that an order was sent which the exchange refused: it counts for nothing."""
        model: Any = SentRow
        with self._database.write():
            self._database.run(
                model.delete().where(
                    model.account == order.account,
                    model.archive == order.archive,
                    model.period == order.period,
                    model.at_ms == order.ordered_ms,
                )
            )

    def note_plan(self, plan: ArchivePlan) -> None:
        """Store what this sync found of an archive."""
        with self._database.write():
            self._database.run(PlanRow.insert(**PLANS.encode(plan)).on_conflict_replace())

    def forget_plans(self, account: str) -> None:
        """Forget what is missing for an account that wants no archives."""
        model: Any = PlanRow
        with self._database.write():
            self._database.run(model.delete().where(model.account == account))

    def save(self, order: StoredArchive, body: bytes | None = None) -> None:
        """Store where an order is; ``body``: its file, until it is read."""
        with self._database.write():
            self._save(order, None if body is None else zlib.compress(body))

    def _save(self, order: StoredArchive, packed: bytes | None) -> None:
        values = ARCHIVES.encode(order, body=packed)
        self._database.run(ArchiveRow.insert(**values).on_conflict_replace())

    def body(self, order: StoredArchive) -> bytes | None:
        """The file of an order that is fetched and not read."""
        model: Any = ArchiveRow
        found = self._database.value(
            model.select(model.body).where(
                model.account == order.account,
                model.archive == order.archive,
                model.period == order.period,
            )
        )
        return None if found is None else zlib.decompress(bytes(found))

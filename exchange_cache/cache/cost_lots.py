"""The lots of the states of cost: read in the order in which a book removes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cost.basis import Method
from exchange_cache.cost.lot_book import Lot, LotBook, LotKey

_COLUMNS = "place, lot_order, entered, id, age, quantity, cost, since_ms"
_INSERT = (
    "INSERT INTO cost_lots (book, method, place, lot_order, entered, age, quantity, cost, since_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
#: A book with more lots in memory than this lets go of them once they are stored.
_IN_MEMORY = 500


class StoredLots:
    """The lots of one book by one method: those of now or, with ``at_ms``, those of a position."""

    def __init__(
        self, database: CacheDatabase, book: int, method: Method, at_ms: int | None
    ) -> None:
        self._database, self._book, self._method, self._at = database, book, str(method), at_ms

    def after(self, key: LotKey | None, count: int) -> list[tuple[LotKey, Lot]]:
        """The next lots behind a key; of a position, all of them at once."""
        if self._at is not None:
            return [] if key is not None else self._of_position(self._at)
        behind = "" if key is None else " AND (place, lot_order, entered) > (?, ?, ?)"
        query = (
            f"SELECT {_COLUMNS} FROM cost_lots WHERE book = ? AND method = ? AND until_ms IS NULL"
            f"{behind} ORDER BY place, lot_order, entered LIMIT ?"
        )
        return self._lots(query, self._book, self._method, *(key or ()), count)

    def _of_position(self, at_ms: int) -> list[tuple[LotKey, Lot]]:
        own = "book = ? AND method = ? AND since_ms <= ?"
        query = (
            f"SELECT {_COLUMNS} FROM cost_lots WHERE until_ms IS NULL AND {own} UNION ALL"
            f" SELECT {_COLUMNS} FROM cost_lots WHERE until_ms > ? AND {own}"
        )
        mine = (self._book, self._method, at_ms)
        return sorted(self._lots(query, *mine, at_ms, *mine), key=lambda each: each[:1])

    def _lots(self, query: str, *values: Any) -> list[tuple[LotKey, Lot]]:
        rows = self._database.select(query, values)
        return [
            (
                (place, order, entered),
                Lot(
                    order=age,
                    quantity=Decimal(quantity),
                    cost=None if cost is None else Decimal(cost),
                    row=number,
                    since=since,
                    stored=Decimal(quantity),
                ),
            )
            for place, order, entered, number, age, quantity, cost, since in rows
        ]


def write_lots(
    database: CacheDatabase, book: int, method: Method, own: LotBook, now_ms: int, kept_ms: int
) -> None:
    """Store the lots of a book that are new or changed, and end those that were used up.
    ``kept_ms``: the newest position that stays; a lot that is newer is not ended but removed."""
    ended = list(own.gone)
    fresh = []
    for place, order, entered, lot in own.lots:
        if lot.stored == lot.quantity:
            continue
        if lot.row is not None:
            ended.append(Lot(lot.order, lot.quantity, lot.cost, lot.row, lot.since))
        lot.row, lot.since, lot.stored = None, now_ms, lot.quantity
        fresh.append((place, order, entered, lot))
    database.run_all(
        "UPDATE cost_lots SET until_ms = ? WHERE id = ?",
        [(now_ms, lot.row) for lot in ended if lot.since <= kept_ms],
    )
    database.run_all(
        "DELETE FROM cost_lots WHERE id = ?",
        [(lot.row,) for lot in ended if lot.since > kept_ms],
    )
    for place, order, entered, lot in fresh:
        cost = None if lot.cost is None else str(lot.cost)
        key = (book, str(method), place, order, entered)
        values = (*key, lot.order, str(lot.quantity), cost, now_ms)
        lot.row = database.insert(_INSERT, values)
    own.gone = []
    if own.source is not None or len(own.lots) > _IN_MEMORY:  # what is left unread would come twice
        own.lots, own.reached = [], None
        own.source = StoredLots(database, book, method, None)

"""Orders that are to be compared with their fills: those of which a row was added, changed or
removed since they agreed, and those that still contradict.

Triggers note an order in the transaction that changes it or one of its fills, whoever does so
(``doubt_schema``). So a comparison reads what is new, not the ledger, and finds what one of all
rows finds. All orders are compared again after a fill without an order is gone: it kept those of
its market out of doubt.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.missing_fills import (
    ADDED_UP,
    SHORT,
    DoubtfulOrder,
    orders_behind_fills,
    orders_beyond_fills,
    orders_not_stored,
)
from exchange_cache.cache.orm import CompositeKey, Model, TextField
from exchange_cache.cache.places import ORDERS, PLACES
from exchange_cache.cache.progress import Progress

#: The key under which the memory of an account states whether all of its orders were compared;
#: triggers note doubts while it exists.
COMPARED = "orders_compared"
_KEY = ("account", "category", "symbol", "order_id")

_COMPARE = """
SELECT d.category, d.symbol, d.order_id, max(o.created_ms), max(o.updated_ms),
  max(CAST(o.filled AS REAL)), count(o.account) > 0,
  EXISTS (SELECT 1 FROM ledger_absences AS a WHERE a.account = d.account
    AND a.data_type = 'orders' AND a.place = d.category AND a.symbol = d.symbol
    AND a.row_id = d.order_id AND a.vanished_ms IS NOT NULL),
  EXISTS (SELECT 1 FROM exchange_fills AS f INDEXED BY exchange_fills_nameless
    WHERE f.account = d.account AND f.category = d.category AND f.symbol = d.symbol
    AND f.order_id IS NULL AND {executed}),
  sum(CAST(f.quantity AS REAL)), min(f.time_ms), max(f.time_ms)
FROM doubtful_orders AS d
LEFT JOIN exchange_orders AS o ON o.account = d.account AND o.category = d.category
  AND o.symbol = d.symbol AND o.order_id = d.order_id
LEFT JOIN exchange_fills AS f INDEXED BY exchange_fills_order ON f.order_id = d.order_id
  AND f.account = d.account AND f.category = d.category AND f.symbol = d.symbol AND {executed}
WHERE d.account = ?
GROUP BY d.account, d.category, d.symbol, d.order_id
"""
_EXECUTED = """
f.kind IN ('trade', 'leveraged') AND NOT EXISTS (SELECT 1 FROM ledger_absences AS a
  WHERE a.account = f.account AND a.data_type = 'fills' AND a.place = f.category
  AND a.symbol = f.symbol AND a.row_id = f.fill_id AND a.vanished_ms IS NOT NULL)
"""
#: Each id is looked up in each market, since no index has the ids of all markets.
_ELSEWHERE = f"""
WITH RECURSIVE {PLACES.format(table=ORDERS)}
SELECT DISTINCT ids.value FROM json_each(:ids) AS ids CROSS JOIN places
JOIN exchange_orders AS o ON o.account = :account AND o.category = places.category
  AND o.symbol = places.symbol AND o.order_id = ids.value
"""


class DoubtfulOrderRow(Model):
    """An order that is to be compared with its fills."""

    account = TextField()
    category = TextField()
    symbol = TextField()
    order_id = TextField()

    class Meta:
        table_name = "doubtful_orders"
        primary_key = CompositeKey(*_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradictions:
    """Orders that report more than their fills, orders that report less, and orders that only
    fills name."""

    beyond: tuple[DoubtfulOrder, ...]
    behind: tuple[DoubtfulOrder, ...]
    not_stored: tuple[DoubtfulOrder, ...]


class Doubts:
    """The doubtful orders of accounts."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def are_complete(self, account: str) -> bool:
        """Whether all orders of an account were compared, so that doubts are noted since."""
        return Progress(self._database).memory(account).get(COMPARED) == 1

    def any(self, account: str) -> bool:
        sql = "SELECT 1 FROM doubtful_orders WHERE account = ? LIMIT 1"
        return bool(self._database.select(sql, (account,)))

    def compare_all(self, account: str, now: datetime) -> Contradictions:
        """The contradictions of all rows. Doubts are noted from here on; ``complete`` must follow,
        else the next comparison is one of all rows again."""
        with self._database.write():
            self._remember(account, 0, now)
            self._database.run(DoubtfulOrderRow.delete().where(DoubtfulOrderRow.account == account))
        return Contradictions(
            beyond=orders_beyond_fills(self._database, account),
            behind=orders_behind_fills(self._database, account),
            not_stored=orders_not_stored(self._database, account),
        )

    def complete(self, account: str, orders: Iterable[DoubtfulOrder], now: datetime) -> None:
        """Keep these of the contradictions of all rows in doubt."""
        with self._database.write():
            self._add(account, orders)
            self._remember(account, 1, now)

    def compare(self, account: str) -> Contradictions:
        """The contradictions among the doubtful orders."""
        sql = _COMPARE.format(executed=_EXECUTED)
        found = [_Compared(*row) for row in self._database.select(sql, (account,))]
        unknown = [one for one in found if not one.stored and one.fills is not None]
        elsewhere = self._elsewhere(account, {one.order_id for one in unknown})
        return Contradictions(
            beyond=tuple(one.order() for one in found if one.is_beyond()),
            behind=tuple(one.order() for one in found if one.is_behind()),
            not_stored=tuple(one.named() for one in unknown if one.order_id not in elsewhere),
        )

    def keep(self, account: str, orders: Iterable[DoubtfulOrder]) -> None:
        """Forget all doubts but these."""
        kept = {(account, one.category, one.symbol, one.order_id) for one in orders}
        with self._database.write():
            known = self._database.rows(
                DoubtfulOrderRow.select(*(getattr(DoubtfulOrderRow, name) for name in _KEY)).where(
                    DoubtfulOrderRow.account == account
                )
            )
            sql = f"DELETE FROM doubtful_orders WHERE {' AND '.join(f'{one} = ?' for one in _KEY)}"
            self._database.run_all(sql, (row for row in known if row not in kept))

    def _add(self, account: str, orders: Iterable[DoubtfulOrder]) -> None:
        rows = ((account, one.category, one.symbol, one.order_id) for one in orders)
        query = "INSERT INTO doubtful_orders VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        self._database.run_all(query, rows)

    def _remember(self, account: str, value: int, now: datetime) -> None:
        Progress(self._database).remember(account, {COMPARED: value}, now)

    def _elsewhere(self, account: str, order_ids: Collection[str]) -> frozenset[str]:
        """Those of the orders that are stored, under whichever category and symbol."""
        if not order_ids:
            return frozenset()
        values = {"account": account, "ids": json.dumps(sorted(order_ids))}
        return frozenset(order_id for (order_id,) in self._database.select(_ELSEWHERE, values))


@dataclass(frozen=True, slots=True)
class _Compared:
    """A doubtful order beside what is stored of it and of its fills; ``filled`` and ``fills`` are
    quantities in floating point, as nothing of them is kept."""

    category: str
    symbol: str
    order_id: str
    created_ms: int | None
    updated_ms: int | None
    filled: float | None
    stored: int
    gone: int
    nameless: int
    fills: float | None
    first_ms: int | None
    last_ms: int | None

    def is_beyond(self) -> bool:
        if not self.stored or self.gone or self.nameless or not (self.filled or 0) > 0:
            return False
        short = (self.fills or 0) < (self.filled or 0) * (1 - SHORT)
        return self.fills is None or (self.category in ADDED_UP and short)

    def is_behind(self) -> bool:
        counts = self.stored and not self.gone and self.category in ADDED_UP
        if not counts or self.filled is None or self.fills is None:
            return False
        return self.fills > self.filled * (1 + SHORT)

    def order(self) -> DoubtfulOrder:
        return self._with(self.created_ms, self.updated_ms)

    def named(self) -> DoubtfulOrder:
        """As its fills name it."""
        return self._with(self.first_ms, self.last_ms)

    def _with(self, created_ms: int | None, updated_ms: int | None) -> DoubtfulOrder:
        assert created_ms is not None
        return DoubtfulOrder(
            category=self.category,
            symbol=self.symbol,
            order_id=self.order_id,
            created_ms=created_ms,
            updated_ms=updated_ms,
        )

"""Rows of files that sum up an order, against the fills of it, however far apart those lie.

A table of orders has one row for each, at the time of its last fill, which no comparison by the
second finds again where the order was filled for longer. So its rows are compared by their order.
"""

from __future__ import annotations

from collections.abc import Mapping

from exchange_cache.cache.codecs import FILLS
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import ImportedFile
from exchange_cache.records import Fill
from exchange_cache.statements.items import Item
from exchange_cache.statements.matching import Matching

#: So much later than a fill its order may end: rows of files are sought so far behind a range. One
#: that ends later is compared once its last fill is stored.
LASTS_MS = 7 * 86_400_000
_NAMES = ", ".join(FILLS.names)


def end_of_orders(database: CacheDatabase, account: str, start_ms: int, end_ms: int) -> int:
    """The end of a range, or the time of the last row of a file that may sum up fills in it."""
    ((last_ms,),) = database.select(
        "SELECT max(f.time_ms) FROM imported_fills AS f"
        " WHERE f.account = ? AND f.time_ms > ? AND f.time_ms <= ? AND NOT f.exact"
        " AND f.order_id IS NOT NULL AND EXISTS ("
        "SELECT 1 FROM exchange_fills AS e INDEXED BY exchange_fills_order"
        " WHERE e.order_id = f.order_id AND e.account = f.account AND e.time_ms BETWEEN ? AND ?)",
        (account, end_ms, end_ms + LASTS_MS, start_ms, end_ms),
    )
    return end_ms if last_ms is None else int(last_ms)


def is_sum_of_order(
    database: CacheDatabase, item: Item, file: ImportedFile, added: Mapping[str, list[Fill]]
) -> bool:
    """Whether fills of its order that the ledger has, or those that are being ``added`` to it, by
    order, sum up to a row of a table that others go before."""
    order = item.record.order_id if isinstance(item.record, Fill) else None
    if not file.rank or order is None:
        return False
    rows = database.select(
        f"SELECT {_NAMES} FROM exchange_fills INDEXED BY exchange_fills_order"
        " WHERE order_id = ? AND account = ?",
        (order, item.record.account),
    )
    fills = [*map(FILLS.decode, rows), *added.get(order, ())]
    parts = [Item(record=one, key=one.key) for one in fills]
    return Matching((), file.digits).is_sum(item, parts)

"""Rows of files that sum up an order, against the fills of it, however far apart those lie.

A table of orders has one row for each, at the time of its last fill, which no comparison by the
second finds again where the order was filled for longer. So its rows are compared by their order.
"""

from __future__ import annotations

from collections.abc import Mapping

from exchange_cache.cache.codecs import FILLS
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import FROM_FILE, ImportedFile
from exchange_cache.records import Fill
from exchange_cache.statements.items import Item
from exchange_cache.statements.matching import WITHIN_MS, Matching
from exchange_cache.statements.table import ORDERS

#: So much later than a fill its order may end: rows of files are sought so far behind a range. One
#: that ends later is compared once its last fill is stored.
LASTS_MS = 7 * 86_400_000
_NAMES = ", ".join(FILLS.names)

Added = tuple[ImportedFile, Fill]


def end_of_orders(database: CacheDatabase, account: str, start_ms: int, end_ms: int) -> int:
    """The end of a range, or the time of the last row of a file that may sum up fills in it."""
    tables = "SELECT id FROM imported_files WHERE account = ? AND rank = ?"
    if not database.select(f"{tables} LIMIT 1", (account, ORDERS)):
        return end_ms
    ((last_ms,),) = database.select(
        "SELECT max(f.time_ms) FROM imported_fills AS f"
        " WHERE f.account = ? AND f.time_ms > ? AND f.time_ms <= ? AND f.exact = 0"
        f" AND f.order_id IS NOT NULL AND f.file_id IN ({tables}) AND EXISTS ("
        "SELECT 1 FROM exchange_fills AS e INDEXED BY exchange_fills_order"
        " WHERE e.order_id = f.order_id AND e.account = f.account AND e.time_ms BETWEEN ? AND ?)",
        (account, end_ms, end_ms + LASTS_MS, account, ORDERS, start_ms, end_ms),
    )
    return end_ms if last_ms is None else int(last_ms)


def is_sum_of_order(
    database: CacheDatabase,
    item: Item,
    file: ImportedFile,
    files: Mapping[int, ImportedFile],
    added: Mapping[str, list[Added]],
) -> bool:
    """Whether a row of a table of orders is the sum of fills of its order until then: those that
    the ledger has, or that are being ``added`` to it, by order."""
    order = item.record.order_id if isinstance(item.record, Fill) else None
    if file.rank != ORDERS or order is None:
        return False
    rows = database.select(
        f"SELECT served_by, {_NAMES} FROM exchange_fills INDEXED BY exchange_fills_order"
        " WHERE order_id = ? AND account = ?",
        (order, item.record.account),
    )
    fills = [
        *(FILLS.decode(row) for by, *row in rows if _rank(by, files) < file.rank),
        *(fill for other, fill in added.get(order, ()) if other.rank < file.rank),
    ]
    parts = [Item(record=one, key=one.key) for one in fills]
    if any(part.ms > item.ms + WITHIN_MS for part in parts):
        return False
    return Matching((), file.digits).is_sum(item, parts)


def _rank(served_by: str | None, files: Mapping[int, ImportedFile]) -> int:
    """The rank of the file that a row of the ledger is from; that of the API is below all."""
    if served_by is None or not served_by.startswith(FROM_FILE):
        return -1
    return files[int(served_by.removeprefix(FROM_FILE))].rank

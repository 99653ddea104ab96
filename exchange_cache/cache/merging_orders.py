"""Rows of files that sum up an order, against the fills of it, however far apart those lie.

A table of orders has one row for each, at the time of its last fill, which no comparison by the
second finds again where the order was filled for longer. So its rows are compared by their order:
where some of its fills are there, the rest of it is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from exchange_cache.cache.codecs import FILLS
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import FROM_FILE, ImportedFile
from exchange_cache.clock import to_ms
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fee, Fill
from exchange_cache.statements.items import Item, total
from exchange_cache.statements.matching import WITHIN_MS, Matching
from exchange_cache.statements.table import ORDERS

#: So much later than a fill its order may end: rows of files are sought so far behind a range. One
#: that ends later is compared once its last fill is stored.
LASTS_MS = 7 * 86_400_000
_NAMES = ", ".join(FILLS.names)

Added = tuple[ImportedFile, Fill]
#: The key under which fills that name no order are added.
NAMELESS = ""
#: So many fills are tried as an order, then more.
_MOST = (8, 64, 512)


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


def rest_of_order(
    database: CacheDatabase,
    item: Item,
    file: ImportedFile,
    files: Mapping[int, ImportedFile],
    added: Mapping[str, list[Added]],
) -> Item | None:
    """What a row of a table of orders states beyond the fills of its order until then: those that
    the ledger has, or that are being ``added`` to it, by order. None where they are all of it, or
    where fills that name no order are; any other row is new as it is."""
    record = item.record
    if file.rank != ORDERS or not isinstance(record, Fill) or record.order_id is None:
        return item
    rows = database.select(
        f"SELECT served_by, {_NAMES} FROM exchange_fills INDEXED BY exchange_fills_order"
        " WHERE order_id = ? AND account = ?",
        (record.order_id, record.account),
    )
    fills = [
        *(FILLS.decode(row) for by, *row in rows if _rank(by, files) < file.rank),
        *(fill for other, fill in added.get(record.order_id, ()) if other.rank < file.rank),
    ]
    until_ms = item.ms + WITHIN_MS
    own = [one for one in fills if one.symbol == record.symbol and to_ms(one.time) <= until_ms]
    if not own:
        return None if _is_nameless(database, item, record, file, files, added) else item
    if Matching((), file.digits).is_sum(item, [Item(record=one, key=one.key) for one in own]):
        return None
    rest = _rest(record, own)
    least = Decimal(1).scaleb(-file.digits.get(record.base, 0))
    return Item(record=rest, key=rest.key) if rest is not None and rest.quantity >= least else None


def _is_nameless(
    database: CacheDatabase,
    item: Item,
    record: Fill,
    file: ImportedFile,
    files: Mapping[int, ImportedFile],
    added: Mapping[str, list[Added]],
) -> bool:
    """Whether an order is the sum of the last fills until it that name no order, the very last of
    which ended it."""
    for most in _MOST:
        fills = _nameless(database, item, record, files, added, most)
        if not fills or abs(fills[0].ms - item.ms) > WITHIN_MS:
            return False
        if _ends_with(item, fills, file):
            return True
        if len(fills) < most or total(one.size for one in fills) > item.size:
            return False
    return False


def _nameless(
    database: CacheDatabase,
    item: Item,
    record: Fill,
    files: Mapping[int, ImportedFile],
    added: Mapping[str, list[Added]],
    most: int,
) -> list[Item]:
    """The last fills of a market and side until a row that name no order, the newest first."""
    first_ms, last_ms = item.ms - LASTS_MS, item.ms + WITHIN_MS
    rows = database.select(
        f"SELECT served_by, {_NAMES} FROM exchange_fills WHERE symbol = ? AND time_ms BETWEEN ?"
        " AND ? AND account = ? AND category = ? AND side = ? AND order_id IS NULL"
        " ORDER BY time_ms DESC LIMIT ?",
        (record.symbol, first_ms, last_ms, record.account, record.category, record.side, most),
    )
    found = [
        *(FILLS.decode(row) for by, *row in rows if _rank(by, files) < ORDERS),
        *(fill for other, fill in added.get(NAMELESS, ()) if other.rank < ORDERS),
    ]
    items = [Item(record=one, key=one.key) for one in found if _is_alike(one, record)]
    items = [one for one in items if first_ms <= one.ms <= last_ms]
    return sorted(items, key=lambda one: (-one.ms, one.key))[:most]


def _is_alike(one: Fill, other: Fill) -> bool:
    return (one.category, one.symbol, one.side) == (other.category, other.symbol, other.side)


def _ends_with(item: Item, fills: Sequence[Item], file: ImportedFile) -> bool:
    """Whether a row is the sum of the first of some fills."""
    matching, size = Matching((), file.digits), ZERO
    for number, one in enumerate(fills, start=1):
        size = EXACT.add(size, one.size)
        if matching.is_sum(item, fills[:number]):
            return True
        if size > item.size:
            return False
    return False


def _rest(order: Fill, fills: Sequence[Fill]) -> Fill | None:
    """An order without some of its fills; None where they are more than it."""
    quantity = EXACT.subtract(order.quantity, total(one.quantity for one in fills))
    cost = EXACT.subtract(order.cost, total(one.cost for one in fills))
    if quantity <= 0 or cost <= 0:
        return None
    paid = [fee for one in fills for fee in one.fees]
    fees = (
        Fee(asset=fee.asset, amount=left)
        for fee in order.fees
        if (left := EXACT.subtract(fee.amount, _paid(paid, fee.asset))) > 0
    )
    return replace(
        order,
        quantity=quantity,
        cost=cost,
        price=EXACT.divide(cost, quantity),
        fees=tuple(fees),
        fees_known=order.fees_known and all(one.fees_known for one in fills),
    )


def _paid(fees: Sequence[Fee], asset: str) -> Decimal:
    return total([ZERO, *(fee.amount for fee in fees if fee.asset == asset)])


def _rank(served_by: str | None, files: Mapping[int, ImportedFile]) -> int:
    """The rank of the file that a row of the ledger is from; that of the API is below all."""
    if served_by is None or not served_by.startswith(FROM_FILE):
        return -1
    return files[int(served_by.removeprefix(FROM_FILE))].rank

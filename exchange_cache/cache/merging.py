"""One ledger from the rows of the API and those of imported files.

What the ledger holds of files follows from both alone, whatever came first: it is deleted and
computed again for the time that new rows touch. Rows under the API's ids are one row, and the
API's counts; of several files the one whose table has the lower rank, then the one imported first.
Rows without ids are compared by ``statements.matching``, those of newer editions of a table first;
deposits and withdrawals, which two lists may date hours apart, in ``merging_moves``.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from exchange_cache.cache.codec import Row
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import (
    DERIVED,
    FILES,
    FROM_FILE,
    FileRow,
    ImportedFile,
)
from exchange_cache.cache.merged import BY_ID, COMPARED, KINDS, Merged
from exchange_cache.cache.merging_moves import OUTSIDE, by_edition, in_order, merge_moves
from exchange_cache.cache.merging_orders import NAMELESS, Added, end_of_orders, rest_of_order
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.table import selected
from exchange_cache.records import Fill, OrderStatus
from exchange_cache.statements.items import Item
from exchange_cache.statements.matching import WITHIN_MS, Matching, whole

#: Rows that are further apart than this are compared apart.
_GAP_MS = WITHIN_MS + 500
#: The rows of one event have nearly one time, so around a range is more than they differ.
_AROUND_MS = 5_000
#: So many rows are inserted at once.
_BATCH = 1_000
_FROM = f"'{FROM_FILE}'"
#: What an order states once it has ended.
_ENDS = ("status", "filled", "average", "cost", "updated_ms")


def has_files(database: CacheDatabase, account: str) -> bool:
    """Whether anything was imported for an account, as for few."""
    query = FileRow.select(FileRow.id).where(FileRow.account == account).limit(1)
    return bool(database.rows(query))


def make_room(database: CacheDatabase, rows: Sequence[Row], ledger: str) -> None:
    """Delete what files state under the keys of rows of the API that are about to be stored."""
    kind = next((one for one in KINDS if one.ledger == ledger), None)
    if kind is None or not rows:
        return
    accounts = {row["account"] for row in rows}
    if not any(has_files(database, account) for account in accounts):
        return
    where = " AND ".join(f"{name} = ?" for name in kind.key)
    sql = f"DELETE FROM {kind.ledger} WHERE {where} AND {DERIVED.format('')}"
    for row in rows:
        database.execute(sql, [row[name] for name in kind.key])


def merge(database: CacheDatabase, account: str, start_ms: int, end_ms: int) -> None:
    """Compute anew what the ledger holds of files in a range of time, inside the caller's
    transaction."""
    end_ms = end_of_orders(database, account, start_ms, end_ms)
    start_ms, end_ms = start_ms - _AROUND_MS, end_ms + _AROUND_MS
    compared = _is_compared(database, account, start_ms, end_ms)
    if compared:
        start_ms = _edge(database, account, start_ms, newer=False)
        end_ms = _edge(database, account, end_ms, newer=True)
    for kind in KINDS:
        sql = f"DELETE FROM {kind.ledger} WHERE account = ? AND {kind.time} BETWEEN ? AND ?"
        database.execute(f"{sql} AND {DERIVED.format('')}", (account, start_ms, end_ms))
        _add_exact(database, kind, account, start_ms, end_ms)
    _charge(database, account, start_ms, end_ms)
    _end(database, account, start_ms, end_ms)
    if compared:
        _add_compared(database, account, start_ms, end_ms)
    merge_moves(database, files_of(database, account), account, start_ms, end_ms)


def merge_all(database: CacheDatabase, account: str) -> None:
    """Compute anew what the ledger holds of files of an account."""
    files = files_of(database, account)
    starts = [one.start_at for one in files if one.start_at is not None]
    if starts:
        merge(database, account, 0, 2**53)


def files_of(database: CacheDatabase, account: str) -> tuple[ImportedFile, ...]:
    """The files of an account, in the order of their import."""
    query = selected(FileRow, FILES).where(FileRow.account == account).order_by(FileRow.id)
    return FILES.read(database.rows(query))


# --- rows with the API's ids ----------------------------------------------------------------------


def _add_exact(
    database: CacheDatabase, kind: Merged, account: str, start_ms: int, end_ms: int
) -> None:
    """Add the rows with ids that the ledger does not have, each from the file that counts."""
    columns = ", ".join(kind.codec.names)
    values = ", ".join(f"f.{name}" for name in kind.codec.names)
    same = " AND ".join(f"{{0}}.{name} = f.{name}" for name in kind.key)
    order = "(b.rank, b.file_id, b.number) < (f.rank, f.file_id, f.number)"
    database.execute(
        f"INSERT INTO {kind.ledger} ({columns}, seen_ms, served_by)"
        f" SELECT {values}, i.imported_ms, {_FROM} || f.file_id"
        f" FROM {kind.imported} AS f JOIN imported_files AS i ON i.id = f.file_id"
        f" WHERE f.account = ? AND f.{kind.time} BETWEEN ? AND ? AND f.exact = 1"
        f" AND NOT EXISTS (SELECT 1 FROM {kind.imported} AS b"
        f" WHERE {same.format('b')} AND b.exact = 1 AND {order}) ON CONFLICT DO NOTHING",
        (account, start_ms, end_ms),
    )


def _charge(database: CacheDatabase, account: str, start_ms: int, end_ms: int) -> None:
    """Give fills of files the fees that a ledger books for them: that of a file, or the API's."""
    where = f"WHERE account = ? AND time_ms BETWEEN ? AND ? AND {DERIVED.format('exchange_fills.')}"
    key = " AND ".join(f"b.{name} = exchange_fills.{name}" for name in KINDS[0].key)
    database.execute(
        f"UPDATE exchange_fills SET fees_known = 1, fees = (SELECT b.fees FROM imported_fills AS b"
        f" WHERE {key} AND b.books_fees = 1 ORDER BY b.rank, b.file_id LIMIT 1) {where}"
        f" AND EXISTS (SELECT 1 FROM imported_fills AS b WHERE {key} AND b.books_fees = 1"
        " AND b.fees <> exchange_fills.fees)",
        (account, start_ms, end_ms),
    )
    booked = "b.account = exchange_fills.account AND b.fill_id = exchange_fills.fill_id"
    database.execute(
        "UPDATE exchange_fills SET fees_known = 1,"
        f" fees = (SELECT b.fees FROM booked_fees AS b WHERE {booked}) {where}"
        f" AND EXISTS (SELECT 1 FROM booked_fees AS b WHERE {booked})",
        (account, start_ms, end_ms),
    )


def _end(database: CacheDatabase, account: str, start_ms: int, end_ms: int) -> None:
    """Give orders of which the API did not state how they ended, and which it lists no longer, the
    end that a file states."""
    key = " AND ".join(f"f.{name} = exchange_orders.{name}" for name in BY_ID.key)
    of_file = f"FROM imported_orders AS f WHERE {key}"
    values = ", ".join(f"f.{name}" for name in _ENDS)
    database.execute(
        f"UPDATE exchange_orders SET ({', '.join(_ENDS)}) ="
        f" (SELECT {values} {of_file} ORDER BY f.rank, f.file_id, f.number LIMIT 1)"
        " WHERE account = ? AND created_ms BETWEEN ? AND ?"
        f" AND status = '{OrderStatus.UNKNOWN}' AND EXISTS (SELECT 1 {of_file})",
        (account, start_ms, end_ms),
    )


# --- rows that are compared -----------------------------------------------------------------------


def _is_compared(database: CacheDatabase, account: str, start_ms: int, end_ms: int) -> bool:
    return any(
        database.select(
            f"SELECT 1 FROM {kind.imported} WHERE account = ? AND time_ms BETWEEN ? AND ?"
            " AND exact = 0 LIMIT 1",
            (account, start_ms - _GAP_MS, end_ms + _GAP_MS),
        )
        for kind in COMPARED
    )


def _edge(database: CacheDatabase, account: str, edge_ms: int, *, newer: bool) -> int:
    """The nearest moment beyond an edge around which no row lies, so that rows on both sides are
    compared apart."""
    sign, order = (">", "ASC") if newer else ("<", "DESC")
    parts = " UNION ALL ".join(
        f"SELECT * FROM (SELECT time_ms FROM {name} WHERE account = ? AND time_ms {sign} ?"
        f" ORDER BY time_ms {order} LIMIT 1000) AS own"
        for kind in COMPARED
        for name in (kind.ledger, kind.imported)
    )
    while True:
        values = [value for _ in range(4) for value in (account, edge_ms)]
        times = sorted((ms for (ms,) in database.select(parts, values)), reverse=not newer)
        begun = edge_ms
        for ms in times[:1000]:
            if abs(ms - edge_ms) > _GAP_MS:
                return edge_ms
            edge_ms = ms
        if edge_ms == begun:
            return edge_ms


def _add_compared(database: CacheDatabase, account: str, start_ms: int, end_ms: int) -> None:
    """Add the rows without ids that nothing in the ledger states."""
    files = {one.id: one for one in in_order(files_of(database, account))}
    place = {number: at for at, number in enumerate(files)}
    batch = _Batch(database)
    for near in _clusters(_events(database, account, start_ms, end_ms)):
        known = whole([item for item, file_id in near if file_id is None])
        stated: dict[Any, tuple[ImportedFile, Item]] = {}
        for item, file_id in near:
            if file_id is not None:
                file = files[file_id]
                other = stated.get(item.key)
                if other is None or place[file.id] < place[other[0].id]:
                    stated[item.key] = (file, item)
        for file, item in _new(known, list(stated.values())):
            rest = rest_of_order(database, item, file, files, batch.orders)
            if rest is not None:
                batch.add(rest, file)
    batch.write()


def _new(
    known: list[Item], stated: Sequence[tuple[ImportedFile, Item]]
) -> Iterator[tuple[ImportedFile, Item]]:
    """What the ledger does not have; the rows of an edition of a table are known to those that
    follow it."""
    for own in by_edition(stated):
        if not known:  # nearly all of a large file
            new = [item for _, item in own]
        else:
            digits: dict[str, int] = {}
            for file in {file.id: file for file, _ in own}.values():
                for asset, number in file.digits.items():
                    digits[asset] = max(number, digits.get(asset, 0))
            new = Matching(known, digits).new(item for _, item in own)
        of_file = {item.key: file for file, item in own}
        known = known + new
        yield from ((of_file[item.key], item) for item in new)


class _Batch:
    """Rows of files for the ledger, which are inserted many at once. ``orders`` are the fills that
    are not inserted yet, by order."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database
        self._rows: dict[type, list[Row]] = {kind.record: [] for kind in COMPARED}
        self._seen: dict[int, int] = {}
        self.orders: dict[str, list[Added]] = defaultdict(list)

    def add(self, item: Item, file: ImportedFile) -> None:
        if file.id not in self._seen:
            self._seen[file.id] = FILES.encode(file)["imported_ms"]
        kind = next(kind for kind in COMPARED if isinstance(item.record, kind.record))
        rows = self._rows[kind.record]
        rows.append(
            kind.codec.encode(
                item.record, seen_ms=self._seen[file.id], served_by=f"{FROM_FILE}{file.id}"
            )
        )
        if isinstance(item.record, Fill):
            self.orders[item.record.order_id or NAMELESS].append((file, item.record))
        if len(rows) >= _BATCH:
            self.write()

    def write(self) -> None:
        for kind in COMPARED:
            rows = self._rows[kind.record]
            insert_many(self._database, kind.model, rows, "ignore")
            rows.clear()
        self.orders.clear()


Event = tuple[Item, int | None]


def _events(database: CacheDatabase, account: str, start_ms: int, end_ms: int) -> Iterator[Event]:
    """The rows of the ledger, and those of files that are compared with them, by time."""
    parts = []
    for kind in COMPARED:
        names = ", ".join(kind.codec.names)
        where = "WHERE account = ? AND time_ms BETWEEN ? AND ?"
        for sql in (
            f"SELECT NULL, {names} FROM {kind.ledger} {where} ORDER BY time_ms",
            f"SELECT file_id, {names} FROM {kind.imported} {where} AND exact = 0"
            f"{'' if kind.record is Fill else f' AND kind NOT IN {OUTSIDE}'} ORDER BY time_ms",
        ):
            parts.append(_read(database, kind, sql, (account, start_ms, end_ms)))
    return heapq.merge(*parts, key=lambda event: event[0].ms)


def _read(
    database: CacheDatabase, kind: Merged, sql: str, values: Sequence[Any]
) -> Iterator[Event]:
    for file_id, *row in database.each(sql, values):
        record = kind.codec.decode(row)
        yield Item(record=record, key=record.key), file_id


def _clusters(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Rows that may be compared with each other: between two groups lies a gap."""
    near: list[Event] = []
    for event in events:
        if near and event[0].ms - near[-1][0].ms > _GAP_MS:
            yield near
            near = []
        near.append(event)
    if near:
        yield near

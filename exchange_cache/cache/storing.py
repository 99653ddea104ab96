"""How records become rows of the ledger: new ones are inserted, known ones updated where they
differ, and what an exchange stated before is kept as a version."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from exchange_cache.booked import BookedFees
from exchange_cache.cache import booked_fees, merging
from exchange_cache.cache.codec import Codec, Row
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.ledger_models import FILLS, TRANSFERS, FillRow, TransferRow
from exchange_cache.cache.mirror import insert_many, update_known
from exchange_cache.cache.models import ORDERS, MemoryRow, OrderRow
from exchange_cache.cache.orm import EXCLUDED, SQL, Case, fn
from exchange_cache.cache.revised import STATED
from exchange_cache.cache.revision_models import Change, RowKey, VersionRow
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import to_ms
from exchange_cache.records import DataType, Fill, Order, Transfer

Record = Fill | Order | Transfer | BookedFees
#: Where changes of known rows are counted, for everybody.
CHANGES = "ledger_changes"
#: Columns of ours, which say nothing about what happened.
_OURS = frozenset({"seen_ms", "served_by", "fetched_ms"})
#: What a table of words says of a transfer.
_READ = frozenset({"kind", "quantity"})
_BATCH = 500


def _known(model: Any, *names: str) -> dict[str, Any]:
    return {name: fn.COALESCE(getattr(EXCLUDED, name), getattr(model, name)) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The table of one kind of record.

    ``place``, ``symbol`` and ``row_id`` are the columns of its key besides the account. ``keeps``
    are values that stay where another version does not state them. ``stated`` are the columns that
    say what happened: a version of a row is kept when one of them changes that was stated, of a row
    that is ``settled``.
    """

    data_type: DataType
    record: type
    model: Any
    codec: Codec[Any]
    place: str
    symbol: str
    row_id: str
    time: str
    stated: frozenset[str]
    settled: Callable[[Row], bool] = lambda row: True
    keeps: Mapping[str, Any] = field(default_factory=dict)

    def key(self, row: Row) -> RowKey:
        return RowKey(
            account=row["account"],
            data_type=self.data_type,
            place=row[self.place],
            symbol=row[self.symbol] if self.symbol else "",
            row_id=row[self.row_id],
        )

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.codec.columns)


KINDS = (
    Kind(
        data_type=DataType.FILLS,
        record=Fill,
        model=FillRow,
        codec=FILLS,
        place="category",
        symbol="symbol",
        row_id="fill_id",
        time="time_ms",
        stated=STATED[DataType.FILLS],
        keeps={
            **_known(FillRow, "order_id", "liquidity", "realised_pnl", "sequence"),
            "fees": Case(None, [(SQL("EXCLUDED.fees_known = 1"), EXCLUDED.fees)], FillRow.fees),
            "fees_known": fn.MAX(EXCLUDED.fees_known, FillRow.fees_known),
        },
    ),
    Kind(
        data_type=DataType.ORDERS,
        record=Order,
        model=OrderRow,
        codec=ORDERS,
        place="category",
        symbol="symbol",
        row_id="order_id",
        time="created_ms",
        stated=STATED[DataType.ORDERS],
        settled=lambda row: row["status"] not in {"open", "unknown"},
        keeps=_known(OrderRow, "served_by"),
    ),
    Kind(
        data_type=DataType.TRANSFERS,
        record=Transfer,
        model=TransferRow,
        codec=TRANSFERS,
        place="scope",
        symbol="",
        row_id="transfer_id",
        time="time_ms",
        stated=STATED[DataType.TRANSFERS],
        settled=lambda row: row["status"] != "pending",
    ),
)


def served_by(key: StreamKey) -> str:
    """The history that a row came with, as its column states it."""
    return f"{key.data_type}/{key.scope}"


def save_records(
    database: CacheDatabase,
    key: StreamKey,
    records: Iterable[Record],
    seen_ms: int,
    *,
    refresh: bool,
) -> int:
    """Each record into the table of its kind: a page of a ledger may hold transfers and, for
    converts, fills. How many are new."""
    items, new = list(records), 0
    with_files = _with_files(database, items)
    for kind in KINDS:
        rows = [
            kind.codec.encode(item, seen_ms=seen_ms, served_by=served_by(key))
            for item in items
            if isinstance(item, kind.record)
        ]
        if kind.record is Fill:
            rows = booked_fees.in_place(database, rows)
        if rows:
            if with_files or kind.record is Order:
                merging.make_room(database, rows, kind.model._meta.table_name)
            new += _save(database, kind, rows, seen_ms, refresh=refresh)
    booked = [item for item in items if isinstance(item, BookedFees)]
    count_changes(database, booked_fees.book(database, booked), seen_ms)
    for account in with_files:
        times = [
            to_ms(item.time)
            for item in items
            if item.account == account and not isinstance(item, Order)
        ]
        merging.merge(database, account, min(times), max(times))
    return new


def _with_files(database: CacheDatabase, items: Iterable[Record]) -> list[str]:
    """The accounts of fills and transfers that have imported files too, as few have."""
    accounts = {item.account for item in items if not isinstance(item, Order)}
    return sorted(name for name in accounts if merging.has_files(database, name))


def _save(
    database: CacheDatabase, kind: Kind, rows: Sequence[Row], seen_ms: int, *, refresh: bool
) -> int:
    """Known rows are updated where they differ. That known fills or transfers changed is counted,
    since what was derived from them no longer holds."""
    new = insert_many(database, kind.model, rows, "ignore")
    if new == len(rows):
        return new
    rows = _differing(database, kind, rows)
    if not rows:
        return new
    before = known_rows(database, kind, rows)
    keeps = {} if refresh and kind.data_type is DataType.FILLS else kind.keeps
    if not update_known(database, kind.model, rows, "seen_ms", keeps):
        return new
    after = known_rows(database, kind, rows)
    changed = [(row, after[key]) for key, row in before.items() if _differ(row, after[key])]
    if kind.data_type is not DataType.ORDERS:
        count_changes(database, len(changed), seen_ms)
    replaced = [row for row, now in changed if _is_amended(kind, row, now)]
    keep_versions(database, kind, replaced, Change.CHANGED, seen_ms)
    return new


def _differing(database: CacheDatabase, kind: Kind, rows: Sequence[Row]) -> list[Row]:
    """The rows that are not stored just so, apart from the time when they were first seen."""
    names = tuple(name for name in rows[0] if name != "seen_ms")
    values = itemgetter(*names)
    within = itemgetter("account", kind.place, *([kind.symbol] if kind.symbol else []))
    ids: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        ids.setdefault(within(row), []).append(row[kind.row_id])
    stored: set[tuple[Any, ...]] = set()
    for place, own in ids.items():
        for start in range(0, len(own), _BATCH):
            some = own[start : start + _BATCH]
            stored.update(database.select(_stored_sql(kind, names, len(some)), (*place, *some)))
    return [row for row in rows if values(row) not in stored]


def _stored_sql(kind: Kind, names: tuple[str, ...], number: int) -> str:
    """Selects columns of the rows in one place that have one of so many ids."""
    symbol = f' AND "{kind.symbol}" = ?' if kind.symbol else ""
    return (
        f'SELECT {", ".join(names)} FROM "{kind.model._meta.table_name}"'
        f' WHERE account = ? AND "{kind.place}" = ?{symbol}'
        f' AND "{kind.row_id}" IN ({", ".join("?" * number)})'
    )


def known_rows(database: CacheDatabase, kind: Kind, rows: Iterable[Row]) -> dict[RowKey, Row]:
    """The stored rows with the keys of these."""
    ids: dict[tuple[str, str, str], list[str]] = {}
    for key in map(kind.key, rows):
        ids.setdefault((key.account, key.place, key.symbol), []).append(key.row_id)
    found: dict[RowKey, Row] = {}
    for (account, place, symbol), own in ids.items():
        for start in range(0, len(own), _BATCH):
            query = _selected(kind, account, place, symbol, own[start : start + _BATCH])
            stored = (dict(zip(kind.columns, row, strict=True)) for row in database.rows(query))
            found |= {kind.key(row): row for row in stored}
    return found


def _selected(kind: Kind, account: str, place: str, symbol: str, ids: Collection[str]) -> Any:
    model = kind.model
    query = model.select(*(getattr(model, name) for name in kind.columns)).where(
        model.account == account,
        getattr(model, kind.place) == place,
        getattr(model, kind.row_id).in_(list(ids)),
    )
    return query.where(getattr(model, kind.symbol) == symbol) if kind.symbol else query


def _differ(one: Row, other: Row) -> bool:
    return any(one[name] != other[name] for name in one if name not in _OURS)


def _is_amended(kind: Kind, before: Row, after: Row) -> bool:
    """Whether the exchange stated something else before: not what it had not stated yet, nor what
    was still to come, nor what is only read otherwise."""
    names = kind.stated - (_READ if _is_read_anew(before, after) else frozenset())
    return kind.settled(before) and any(
        before[name] is not None and before[name] != after[name] and _was_stated(before, name)
        for name in names
    )


def _is_read_anew(before: Row, after: Row) -> bool:
    """Whether the kind of a transfer follows from a word that did not change, or that was not
    stored before. A kind states the sign of the quantity too."""
    word = after.get("word")
    if word is None or before["word"] not in (None, word):
        return False
    return bool(before["quantity"].lstrip("-") == after["quantity"].lstrip("-"))


def _was_stated(row: Row, name: str) -> bool:
    return name != "fees" or bool(row["fees_known"])


def keep_versions(
    database: CacheDatabase, kind: Kind, rows: Iterable[Row], what: Change, now_ms: int
) -> None:
    """Add versions of rows that an exchange replaced or took back."""
    made = [
        {
            **{name: getattr(kind.key(row), name) for name in _KEY},
            "what": str(what),
            "former": json.dumps(row, separators=(",", ":")),
            "seen_ms": row["seen_ms"],
            "replaced_ms": now_ms,
        }
        for row in rows
    ]
    insert_many(database, VersionRow, made, "fail")


_KEY = ("account", "data_type", "place", "symbol", "row_id")


def count_changes(database: CacheDatabase, number: int, now_ms: int) -> None:
    """Note that known fills or transfers are not what they were."""
    if not number:
        return
    values = {
        "account": "",
        "key": CHANGES,
        "value": str(changes(database) + number),
        "updated_ms": now_ms,
    }
    database.run(MemoryRow.insert(**values).on_conflict_replace())


def changes(database: CacheDatabase) -> int:
    """How often a known fill or transfer turned out to be different; only ever grows."""
    query = MemoryRow.select(MemoryRow.value).where(
        MemoryRow.account == "", MemoryRow.key == CHANGES
    )
    return int(database.value(query) or 0)

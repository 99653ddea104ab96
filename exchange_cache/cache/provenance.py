"""Where rows of the ledger come from that no API served: which file, and which line of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from exchange_cache.cache.ledger_query import KINDS
from exchange_cache.clock import to_ms
from exchange_cache.data_types import DataType

_STATED = {
    DataType.FILLS: "imported_fills",
    DataType.TRANSFERS: "imported_transfers",
    DataType.ORDERS: "imported_orders",
}


class Provenance(NamedTuple):
    """The origin of a row (file, archive or manual), the file's name and the row's line in it."""

    origin: str
    file: str
    line: int


class Reads(Protocol):
    """What reads the cache."""

    def select(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]: ...


def provenance(
    reads: Reads, data_type: DataType, records: Sequence[Any]
) -> Mapping[tuple[str, ...], Provenance]:
    """By the key of a record (at least one): where it comes from, unless an API served it."""
    accounts = sorted({one.account for one in records})
    kind = KINDS[data_type]
    time = "created_at" if data_type is DataType.ORDERS else "time"
    times = [to_ms(getattr(one, time)) for one in records]
    width = 4 if kind.symbol else 3
    rows = _rows(reads, data_type, accounts, min(times), max(times))
    return {tuple(row[:width]): Provenance(*row[width:]) for row in rows}


def origins(
    reads: Reads, accounts: Collection[str], start_ms: int, end_ms: int
) -> Mapping[tuple[str, str], Provenance]:
    """By account and id of a fill or transfer: where it comes from, unless an API served it."""
    found = {}
    for data_type in (DataType.FILLS, DataType.TRANSFERS):
        for account, *key, origin, file, line in _rows(
            reads, data_type, accounts, start_ms, end_ms
        ):
            found[account, str(key[-1])] = Provenance(origin, file, line)
    return found


def _rows(
    reads: Reads, data_type: DataType, accounts: Collection[str], start_ms: int, end_ms: int
) -> list[tuple[Any, ...]]:
    """The key, origin, file and line of each row of a time that files state."""
    kind, stated = KINDS[data_type], _STATED[data_type]
    key = ["account", kind.place, *([kind.symbol] if kind.symbol else []), kind.row_id]
    names = ", ".join(f"e.{name}" for name in key)
    same = " AND ".join(f"f.{name} = e.{name}" for name in key)
    marks = ", ".join("?" * len(accounts))
    return reads.select(
        f"SELECT {names}, i.origin, i.name, min(f.line) FROM {kind.table} AS e"
        " JOIN imported_files AS i ON i.id = CAST(CASE substr(e.served_by, 1, 5)"
        " WHEN 'file/' THEN substr(e.served_by, 6) END AS INTEGER)"
        f" JOIN {stated} AS f ON {same} AND f.file_id = i.id"
        f" WHERE e.account IN ({marks}) AND e.{kind.time} BETWEEN ? AND ?"
        f" AND substr(e.served_by, 1, 5) = 'file/' GROUP BY {names}, i.origin, i.name",
        [*accounts, start_ms, end_ms],
    )

"""Finds rows with a value that cannot be read, which SQLite itself takes for sound, and removes
them from a cache or from a copy of it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from exchange_cache.cache.basis_rows import unpacked
from exchange_cache.cache.codec import INVALID, Codec
from exchange_cache.cache.cost_states import COST_TABLES
from exchange_cache.cache.database import translate
from exchange_cache.cache.orm import BigIntegerField, BlobField, BooleanField, Field, IntegerField
from exchange_cache.cache.schema import MODELS
from exchange_cache.cache.snapshots import details_of
from exchange_cache.money import LARGEST_DIGIT
from exchange_cache.visible import brief

#: What reading a row with an invalid value raises.
UNREADABLE = (*INVALID, zlib.error)
#: Tables that are derived as a whole: with one row of them all go.
DERIVED = frozenset({*COST_TABLES, "doubtful_orders", "prepared_readings"})
#: What costs and doubtful orders are derived from: with a row of these, they go as well.
_SOURCES = frozenset(
    {
        *("exchange_fills", "exchange_transfers", "exchange_orders", "asset_rates"),
        *("stated_basis", "ledger_absences", "exchange_cost_basis", "imported_files"),
        *("imported_fills", "imported_transfers", "imported_orders"),
    }
)


class UnreadableRow(NamedTuple):
    """A row with an invalid value. ``values`` are by column; ``rowid`` is None in a table that is
    derived as a whole."""

    table: str
    rowid: int | None
    values: Mapping[str, Any]
    why: str

    @property
    def account(self) -> str | None:
        """The account of the row; None if the row has none, or not one that can be read."""
        return self.text("account")

    def text(self, column: str) -> str | None:
        found = self.values.get(column)
        return found if isinstance(found, str) else None

    def __str__(self) -> str:
        key = " ".join(brief(str(value)) for value in list(self.values.values())[:3])
        return f"a row of {self.table} ({key}) has an invalid value ({self.why})"


#: Answers a statement with its rows.
Rows = Callable[[str], Iterable[Sequence[Any]]]


def unreadable_rows(cache: Path) -> tuple[UnreadableRow, ...]:
    """The rows of a cache of this schema that cannot be read; every row is read once. A CacheError
    states why the file itself cannot be read."""
    with _errors(cache), closing(_opened(cache)) as connection:
        return tuple(unreadable_among(connection.execute))


def readable_copy(cache: Path) -> tuple[sqlite3.Connection, tuple[UnreadableRow, ...]]:
    """A copy in memory without the rows that cannot be read, and these rows. A CacheError states
    why the file itself cannot be read."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with _errors(cache):
        with closing(_opened(cache)) as source:
            source.backup(copy)
        copy.text_factory = _text
        rows = tuple(unreadable_among(copy.execute))
        copy.text_factory = str
        for statement, values in removing(rows):
            copy.execute(statement, values)
        copy.commit()
    return copy, rows


@contextmanager
def _errors(cache: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, str(cache)) from error


def removing(rows: Iterable[UnreadableRow]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The statements that remove rows, and what is derived as a whole."""
    found = list(rows)
    for row in found:
        if row.table not in DERIVED:
            yield f"DELETE FROM {row.table} WHERE rowid = ?", (row.rowid or 0,)
    if any(row.table in DERIVED | _SOURCES for row in found):
        yield from ((f"DELETE FROM {table}", ()) for table in sorted(DERIVED))


def _opened(cache: Path) -> sqlite3.Connection:
    """A connection that reads any bytes; without SQLite's side files where it cannot have them."""
    for immutable in ("", "&immutable=1"):
        address = f"file:{quote(str(cache))}?mode=ro{immutable}"
        connection = sqlite3.connect(address, uri=True)
        connection.text_factory = _text
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if immutable:
                raise
        else:
            break
    return connection


def _text(value: bytes) -> str | bytes:
    """A text; bytes that are none stay bytes, which no column of texts accepts."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def unreadable_among(rows_of: Rows) -> Iterator[UnreadableRow]:
    """The rows that cannot be read among those that statements return."""
    for model in MODELS:
        yield from _of_table(rows_of, model)


def _of_table(rows_of: Rows, model: Any) -> Iterator[UnreadableRow]:
    table, known = str(model._meta.table_name), model._meta.fields
    rowid = "NULL" if table in DERIVED else "rowid"
    read = _reader(table, getattr(model._meta, "codec", None))
    query = f"SELECT {rowid}, {', '.join(known)} FROM {table}"
    for number, *cells in rows_of(query):
        values = dict(zip(known, cells, strict=True))
        try:
            for name, field in known.items():
                _check(name, field, values[name])
            read(values)
        except UNREADABLE as error:
            yield UnreadableRow(table, number, values, brief(str(error)))


def _check(name: str, field: Field, value: Any) -> None:
    """ValueError for a value that the column is not for."""
    if value is None:
        if not field.null:
            raise ValueError(f"{name} is missing")
    elif isinstance(field, BooleanField):
        if value not in (0, 1) or not isinstance(value, int):
            raise ValueError(f"{name} is {value!r}")
    elif isinstance(field, (BigIntegerField, IntegerField)):
        if not isinstance(value, int):
            raise ValueError(f"{name} is {value!r}")
    elif not isinstance(value, bytes if isinstance(field, BlobField) else str):
        raise ValueError(f"{name} is {value!r}")


def _reader(table: str, codec: Codec[Any] | None) -> Callable[[Mapping[str, Any]], object]:
    """What reads the values of a row as the program does."""
    more: Callable[[Mapping[str, Any]], Any] = _MORE.get(table, lambda row: None)
    if codec is None:
        return more
    decode, names, apart = codec.decode, codec.names, codec.apart
    most = LARGEST_DIGIT if table in _AS_STATED else 2 * LARGEST_DIGIT  # of products

    def read(row: Mapping[str, Any]) -> object:
        beside = more(row)
        fields_apart = {name: beside.get(name) for name in apart} if apart else {}
        _possible(decode([row[name] for name in names], **fields_apart), most)
        return None

    return read


def _possible(value: object, most: int = 2 * LARGEST_DIGIT) -> None:
    """ValueError for a figure that is no number, or whose first digit is beyond a power of ten."""
    if isinstance(value, Decimal):
        if not value.is_finite() or value.adjusted() > most:
            raise ValueError(f"a figure is {str(value)[:40]}")
    elif isinstance(value, tuple):
        for item in value:
            _possible(item, most)
    elif is_dataclass(value):
        for name in value.__dataclass_fields__:
            _possible(getattr(value, name), most)


def _lot(row: Mapping[str, Any]) -> None:
    for name in ("quantity", "cost"):
        if row[name] is not None:
            _possible(Decimal(row[name]))


def _day(row: Mapping[str, Any]) -> None:
    date.fromisoformat(row["day"])
    _possible(Decimal(row["amount"]))


def _position(row: Mapping[str, Any]) -> None:
    if row["last_event"] is not None:
        datetime.fromisoformat(row["last_event"])


def _archive(row: Mapping[str, Any]) -> None:
    if row["body"] is not None:
        zlib.decompress(row["body"])


def _shaped(text: str, kind: type[Any], *names: str) -> None:
    """JSON of a kind; of an object, with these members."""
    found: Any = json.loads(text)
    if not isinstance(found, kind) or not all(name in found for name in names):
        raise ValueError(f"{text[:40]!r} is not what this column holds")


def _prepared(row: Mapping[str, Any]) -> None:
    for name in ("head", "orders", "data_groups", "screen"):
        _shaped(row[name], dict)
    _shaped(row["places"], list)


def _snapshot(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if row["gaps"] is not None:
        _shaped(row["gaps"], list)
    return {"details": details_of(row["details"], row["packed"])}


def _basis(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"account": row["account"] or None, **unpacked(row["details"])}


#: Their figures are those that exchanges state, never products of them.
_AS_STATED = frozenset({"exchange_balances", "exchange_prices"})
#: What else is read of the rows of some tables; the fields that their codec expects beside them.
_MORE: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "exchange_memory": lambda row: json.loads(row["value"]),
    "exchange_cost_basis": _basis,
    "exchange_streams": lambda row: {"covered": None},
    "portfolio_snapshots": _snapshot,
    "portfolio_holdings": lambda row: {},
    "unidentified_rows": lambda row: json.loads(row["row"]),
    "exchange_archives": _archive,
    "cost_progress": lambda row: _shaped(row["settings"], dict, "fixed", "dust"),
    "cost_positions": _position,
    "cost_states": lambda row: _shaped(row["state"], dict, "digest", "states"),
    "cost_exposures": lambda row: _shaped(row["state"], dict, "settle", "sides"),
    "cost_lots": _lot,
    "cost_days": _day,
    "prepared_readings": _prepared,
}

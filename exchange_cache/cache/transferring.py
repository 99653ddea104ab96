"""Copies all rows of a cache into another one, of either engine: resumable, verified by key and by
digest.

Rows go in the order of their keys, so that a copy which was interrupted continues behind the
greatest key. A table that differs afterwards, because its source changed meanwhile, is copied anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.models import MemoryRow, PreparedRow
from exchange_cache.cache.schema import MODELS
from exchange_cache.cache.server import storable
from exchange_cache.errors import CacheUnreadable, UsageError

#: A row of the memory that a copy has until it is whole.
_MARK = ("*", "copying")
_UNMARKED = f" WHERE (account, key) <> ('{_MARK[0]}', '{_MARK[1]}')"
_BATCH = 2000
#: Prepared answers are made for one machine's configuration. The memory comes last: triggers note
#: doubts of orders while it says that they were compared.
_TABLES: tuple[Any, ...] = (
    *(one for one in MODELS if one not in (PreparedRow, MemoryRow)),
    MemoryRow,
)

Seen = Callable[[str, int], None]


def transfer(source: CacheDatabase, target: CacheDatabase, seen: Seen | None = None) -> int:
    """Copy every row of one consistent moment; returns how many rows the target has. ``seen``
    hears of each table and its rows.

    UsageError for a target that has rows which no interrupted copy left there.
    """
    with source.snapshot():
        if not _is_marked(target):
            _refuse_filled(target)
            with target.write():
                target.execute("INSERT INTO exchange_memory VALUES (?, ?, '1', 0)", _MARK)
        total = 0
        for model in _TABLES:
            rows = _table(source, target, model)
            total += rows
            if seen is not None:
                seen(model._meta.table_name, rows)
    with target.write():
        target.number_on(MODELS)
        target.execute("DELETE FROM exchange_memory WHERE account = ? AND key = ?", _MARK)
    return total


def _is_marked(target: CacheDatabase) -> bool:
    sql = "SELECT 1 FROM exchange_memory WHERE account = ? AND key = ?"
    return bool(target.select(sql, _MARK))


def _refuse_filled(target: CacheDatabase) -> None:
    for model in _TABLES:
        name = model._meta.table_name
        if target.select(f"SELECT 1 FROM {name} LIMIT 1", ()):
            raise UsageError(
                f"{target.place} holds a cache already (rows in {name})",
                hint="name an empty place; nothing was changed",
            )


def _table(source: CacheDatabase, target: CacheDatabase, model: Any) -> int:
    """Copy a table and compare both sides; returns how many rows it has."""
    _copy(source, target, model, _greatest(target, model))
    theirs = _digest(source, model)
    if _digest(target, model) != theirs:
        with target.write():
            target.execute(f"DELETE FROM {model._meta.table_name}{_only(model)}")
        _copy(source, target, model, None)
        if _digest(target, model) != theirs:
            raise CacheUnreadable(
                f"the copy of {model._meta.table_name} in {target.place} differs from"
                f" {source.place}",
                hint="run it again; please report this as a bug if it stays so",
            )
    return theirs[0]


def _copy(
    source: CacheDatabase, target: CacheDatabase, model: Any, after: tuple[Any, ...] | None
) -> None:
    names, key = _names(model), _key(model)
    columns = ", ".join(names)
    where, values = _only(model), after or ()
    if after is not None:
        where += f"{' AND' if where else ' WHERE'} ({', '.join(key)}) > ({_marks(key)})"
    rows = source.each(
        f"SELECT {columns} FROM {model._meta.table_name}{where} ORDER BY {', '.join(key)}", values
    )
    insert = f"INSERT INTO {model._meta.table_name} ({columns}) VALUES ({_marks(names)})"
    while batch := list(islice(rows, _BATCH)):
        with target.write():
            target.run_all(insert, [[storable(value) for value in row] for row in batch])


def _greatest(target: CacheDatabase, model: Any) -> tuple[Any, ...] | None:
    key = _key(model)
    order = ", ".join(f"{name} DESC" for name in key)
    sql = f"SELECT {', '.join(key)} FROM {model._meta.table_name}{_only(model)} ORDER BY {order}"
    return next(iter(target.select(f"{sql} LIMIT 1", ())), None)


def _digest(database: CacheDatabase, model: Any) -> tuple[int, str]:
    """How many rows a table has, and a digest of all of them in the order of their keys."""
    found, number = sha256(), 0
    for row in _ordered(database, model):
        found.update(repr([storable(value) for value in row]).encode())
        number += 1
    return number, found.hexdigest()


def _ordered(database: CacheDatabase, model: Any) -> Iterator[Sequence[Any]]:
    names, key = ", ".join(_names(model)), ", ".join(_key(model))
    table = f"{model._meta.table_name}{_only(model)}"
    return database.each(f"SELECT {names} FROM {table} ORDER BY {key}", ())


def _only(model: Any) -> str:
    return _UNMARKED if model is MemoryRow else ""


def _names(model: Any) -> tuple[str, ...]:
    return tuple(field.column_name for field in model._meta.sorted_fields)


def _key(model: Any) -> tuple[str, ...]:
    key = model._meta.primary_key
    return tuple(getattr(key, "field_names", None) or (key.column_name,))


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))

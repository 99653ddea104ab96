"""Inserts many rows by one short statement: an array of values for each column.

A statement for each row, however they are batched, costs the server about twice as much. Rows that
replace others are not for it, because one statement may meet no row twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from exchange_cache.cache.server import storable

#: Below, a statement for each row is as fast.
LEAST = 8
_INSERT = re.compile(
    r"INSERT INTO \"?(?P<table>\w+)\"? (?:\((?P<columns>[\w\", ]+)\) )?VALUES \(\?(?:, \?)*\)"
    r"(?P<conflict> ON CONFLICT DO NOTHING)?"
)
TYPES = (
    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
    " WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)
_PLAIN = {str, int, float, bool, type(None)}
_BACKSLASH, _QUOTE = "\\", '"'
Types = dict[str, str]
"""The types of a table's columns, in their order."""


def table_of(sql: str) -> str | None:
    """The table into which a statement inserts a row as it is; None for any other statement."""
    found = _INSERT.fullmatch(sql)
    return None if found is None else found["table"]


def insert_of_all(sql: str, types: Types) -> str:
    """The statement that inserts what ``columns_of`` makes."""
    found = _INSERT.fullmatch(sql)
    assert found is not None
    names = _names(found["columns"], types)
    arrays = ", ".join(f"?::{types[name]}[]" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return (
        f'INSERT INTO "{found["table"]}" ({columns}) SELECT * FROM unnest({arrays})'
        f"{found['conflict'] or ''}"
    )


def columns_of(rows: Sequence[Sequence[Any]]) -> list[str | list[Any]]:
    """The values of each column as a literal of an array, which is made faster than the driver
    makes one of a list; as a list where it alone writes their type (bytes)."""
    return [_literal(column) for column in zip(*rows, strict=True)]


def _literal(column: Sequence[Any]) -> str | list[Any]:
    kinds = {value.__class__ for value in column}
    if kinds == {str}:
        text = '","'.join(column)
        if text.count('"') == 2 * len(column) - 2 and "\\" not in text:
            return str(storable(f'{{"{text}"}}'))
    elif not kinds <= _PLAIN:
        return [storable(value) for value in column]
    return str(storable(f"{{{','.join(map(_element, column))}}}"))


def _element(value: str | float | bool | None) -> str:
    if value is None:
        return "NULL"
    if value.__class__ is str:
        return f'"{value.replace(_BACKSLASH, _BACKSLASH * 2).replace(_QUOTE, _BACKSLASH + _QUOTE)}"'
    return str(storable(value))


def _names(columns: str | None, types: Types) -> list[str]:
    if columns is None:
        return list(types)
    return [name.strip().strip('"') for name in columns.split(",")]

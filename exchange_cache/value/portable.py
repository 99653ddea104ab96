"""A reading as JSON, and back as objects with the same attributes.

The classes of a reading are not loaded to read it back: making them costs more than the reading.
Decimals are written as ``#1.5``, times as ``@`` and milliseconds, spans as ``~`` and milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from exchange_cache.clock import from_ms, to_ms

_MS = timedelta(milliseconds=1)
_MARKS = frozenset("#@~'")
_PAIRS = ""


def portable(value: object) -> Any:
    """The value as data of JSON: records become objects, mappings lists of pairs."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return f"'{value}" if value[:1] in _MARKS else str(value)
        case Decimal():
            return f"#{value}"
        case datetime():
            return f"@{to_ms(value)}"
        case timedelta():
            return f"~{value // _MS}"
        case tuple() | list():
            return [portable(item) for item in value]
        case Mapping():
            return {_PAIRS: [[name, portable(item)] for name, item in value.items()]}
    return {name: portable(getattr(value, name)) for name in _names(value)}


def _names(record: Any) -> list[str]:
    from dataclasses import fields

    own = [item.name for item in fields(record)]
    kind = type(record)
    return own + [name for name in vars(kind) if isinstance(getattr(kind, name), property)]


def loaded(text: str) -> Any:
    """What :func:`portable` made: records as namespaces, lists as tuples."""
    return _value(json.loads(text, object_hook=_record))


def _record(found: dict[str, Any]) -> Any:
    if _PAIRS in found:
        return {name: _value(item) for name, item in found[_PAIRS]}
    for name, value in found.items():  # written out: a portfolio of many accounts has thousands
        kind = value.__class__
        if kind is str:
            if value[:1] in _MARKS:
                found[name] = _text(value)
        elif kind is list:
            found[name] = tuple(map(_value, value))
    return SimpleNamespace(**found)


def _value(value: Any) -> Any:
    kind = value.__class__
    if kind is str:
        return _text(value) if value[:1] in _MARKS else value
    return tuple(map(_value, value)) if kind is list else value


def _text(value: str) -> Any:
    mark, rest = value[0], value[1:]
    if mark == "#":
        return Decimal(rest)
    if mark == "@":
        return from_ms(int(rest))
    return timedelta(milliseconds=int(rest)) if mark == "~" else rest

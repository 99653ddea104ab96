"""The fields of an AssetBasis that have no column of their own, packed exactly into one JSON
column."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.money import to_text, to_text_or_none

_COLUMNS = frozenset(
    {
        "account",
        "asset",
        "method",
        "quantity",
        "explained_quantity",
        "unknown_quantity",
        "cost",
        "average_entry_price",
        "realised_pnl",
    }
)
#: annotation -> (to JSON, from JSON)
_WAYS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "int": (int, int),
    "str | None": (lambda word: word, lambda word: word),
    "Decimal": (to_text, Decimal),
    "Decimal | None": (to_text_or_none, lambda text: None if text is None else Decimal(text)),
    "datetime | None": (
        lambda time: time.isoformat() if time else None,
        lambda text: None if text is None else datetime.fromisoformat(text),
    ),
    "tuple[str, ...]": (list, tuple),
    "tuple[tuple[date, Decimal], ...]": (
        lambda days: [[day.isoformat(), to_text(value)] for day, value in days],
        lambda days: tuple((date.fromisoformat(day), Decimal(text)) for day, text in days),
    ),
}
_DETAILS = {item.name: str(item.type) for item in fields(AssetBasis) if item.name not in _COLUMNS}
_DEFAULTS = {item.name: item.default for item in fields(AssetBasis)}
DETAILS = tuple(_DETAILS)


def packed(basis: AssetBasis) -> str:
    """The fields without a column as JSON."""
    found = {name: _WAYS[kind][0](getattr(basis, name)) for name, kind in _DETAILS.items()}
    return json.dumps(found, separators=(",", ":"))


def unpacked(text: str) -> dict[str, Any]:
    """The fields without a column by name; those that an earlier version did not have keep their
    default."""
    found = json.loads(text)
    return {
        name: _WAYS[kind][1](found[name]) if name in found else _DEFAULTS[name]
        for name, kind in _DETAILS.items()
    }

"""Exact JSON and CSV for programs: plain decimal digits, ISO-8601 times in UTC with Z."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, TextIO

from exchange_cache.money import to_text
from exchange_cache.render.json_text import json_piece
from exchange_cache.render.times import iso as iso
from exchange_cache.visible import visible

if TYPE_CHECKING:
    from exchange_cache.render.formats import Document
    from exchange_cache.render.terminal import Terminal

SCHEMA = 1
#: What begins a formula in spreadsheets, in East Asian width too.
_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def exact(value: object) -> object:
    """A value for JSON: Decimals and times as text, spans as whole seconds, tuples as lists."""
    match value:
        case None | bool():
            return value
        case Enum():
            return value.value
        case int() | str():
            return value
        case Decimal():
            return to_text(value)
        case datetime():
            return iso(value)
        case timedelta():
            return value // timedelta(seconds=1)
        case Mapping():
            return {str(key): exact(item) for key, item in value.items()}
        case list() | tuple():
            return [exact(item) for item in value]
    raise TypeError(f"no exact text for {type(value).__name__}: {value!r}")


def write_json(value: object, stream: TextIO, *, ascii_only: bool = False) -> None:
    """The value as indented JSON with a final newline; control characters are escaped."""
    stream.write(json_piece(exact(value), ascii_only=ascii_only) + "\n")


def write_json_document(document: Document, stream: TextIO, terminal: Terminal) -> None:
    write_json(document.data(), stream, ascii_only=not terminal.unicode)


def write_csv_document(document: Document, stream: TextIO, terminal: Terminal) -> None:
    names, rows = document.rows()
    write_csv(names, rows, stream, raw=terminal.raw)


def write_csv(
    names: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO, *, raw: bool = False
) -> None:
    """A header and the rows (RFC 4180: CRLF, quotes if needed).

    Unknown is an empty field. Lists of words are joined by spaces, other structures are JSON.
    Control characters are shown as codes, since CSV has no escapes. Text that a spreadsheet would
    compute begins with an apostrophe, unless ``raw``.
    """
    import csv

    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_field(exact(value), raw=raw) for value in row] for row in rows)


def _field(value: object, *, raw: bool) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | list | dict):
        return value
    words = visible(_text(value))
    return words if raw or not _computed(words) else f"'{words}"


def _text(value: str | list[object] | dict[str, object]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(type(item) in {str, int} for item in value):
        return " ".join(str(item) for item in value)
    return json.dumps(value, ensure_ascii=False)


def _computed(words: str) -> bool:
    """Whether a spreadsheet would take a text for a formula."""
    return words[:1] in _FORMULA and words != "" and _NUMBER.fullmatch(words) is None

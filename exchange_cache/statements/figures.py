"""Figures and times of a file's cells: exact, or an error that names the line and the column.

Readers call these. A figure that a spreadsheet has rewritten (``1.2E+05``, a formula, a decimal
comma) is refused: its digits are gone, or nobody knows which they are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

from exchange_cache.errors import StatementRefused
from exchange_cache.money import to_amount
from exchange_cache.statements.table import Row

#: What files write where there is no figure.
NOTHING = frozenset({"", "-", "--", "null", "n/a"})
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
#: One comma before three digits, and no point: 1,234 is 1234 here and 1.234 there.
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
#: A decimal that a program wrote (0E-18, 1.5e-7). A spreadsheet writes E-05.
_SMALL = re.compile(r"[+-]?\d+(\.\d+)?[eE]-\d{1,2}", re.ASCII)
_SPREADSHEET = re.compile(r"[+-]?\d([.,]\d+)?([eE][+]\d+|E-0\d)")
_COMMA = re.compile(r"[+-]?\d+(\.\d{3})*,\d+")


def refused(row: Row, what: str, hint: str | None = None) -> StatementRefused:
    """The error for a row that cannot be read; the file is added where it is opened."""
    return StatementRefused(what, line=row.line, hint=hint)


def cell(row: Row, column: str) -> str:
    """The text of a cell, without blanks around it; '' where the file has no such column."""
    return row.cells.get(column, "").strip()


def required(row: Row, column: str) -> str:
    """The text of a cell that must have one."""
    found = cell(row, column)
    if not found:
        raise refused(row, f"{column!r} is empty")
    return found


def amount(row: Row, column: str) -> Decimal:
    """The figure of a cell that must have one."""
    found = amount_or_none(row, column)
    if found is None:
        raise refused(row, f"{column!r} has no figure")
    return found


def amount_or_none(row: Row, column: str) -> Decimal | None:
    """The figure of a cell; None where the file states none."""
    return figure(row, column, cell(row, column))


def figure(row: Row, column: str, text: str, *, grouped: bool = False) -> Decimal | None:
    """The figure that a text states: part of the cell of a column, for what an error names.
    ``grouped`` where the exchange writes thousands signs there."""
    text = text.strip()
    if _PLAIN.fullmatch(text):  # nearly all of a large file
        return _amount(row, column, text)
    if text.lower() in NOTHING:
        return None
    if _SPREADSHEET.fullmatch(text):
        raise refused(
            row,
            f"{column!r} is {text!r}, as a spreadsheet shortens a figure: digits are gone",
            "import the file as the exchange made it, without opening it in a spreadsheet",
        )
    if text.startswith(("=", "@")):
        raise refused(row, f"{column!r} is the formula {text[:20]!r}, not a figure")
    if not grouped and _AMBIGUOUS.fullmatch(text):
        raise refused(
            row,
            f"{column!r} is {text!r}, which may be {text.replace(',', '')} or"
            f" {text.replace(',', '.')}",
            "write it without the comma, or import the file as the exchange made it",
        )
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    if _PLAIN.fullmatch(plain) or _SMALL.fullmatch(plain):
        return _amount(row, column, plain)
    if _COMMA.fullmatch(text):
        raise refused(
            row,
            f"{column!r} is {text!r}: a decimal comma, which the exchange does not write",
            "import the file as the exchange made it, without opening it in a spreadsheet",
        )
    raise refused(row, f"{column!r} is {text[:40]!r}, not a figure")


def _amount(row: Row, column: str, text: str) -> Decimal:
    try:
        return to_amount(text)
    except ValueError as error:
        raise refused(row, f"{column!r}: {error}") from error


#: The ways in which files write a time, without its zone.
_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%y-%m-%d %H:%M:%S",
    "%H:%M %Y-%m-%d",
    "%Y-%m-%d %H:%M",
)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?")
_TAIL = re.compile(r"\s*(Z|UTC|[+-]\d\d:?\d\d)$")


def moment(row: Row, column: str, zone: tzinfo, *formats: str) -> datetime:
    """The time of a cell as UTC. A zone in the cell counts; else ``zone`` does. ``formats`` are
    those of the table, else the usual ones."""
    text = required(row, column)
    plain, own = _without_zone(text, zone)
    found = None if formats else _iso(plain)
    if found is None:
        found = _by_formats(plain, formats or _FORMATS)
    if found is None:
        raise refused(row, f"{column!r} is {text[:40]!r}, not a time")
    return found.replace(tzinfo=own).astimezone(UTC)


def moment_of_ms(row: Row, column: str) -> datetime:
    """The time of a cell that counts milliseconds since 1970."""
    text = required(row, column)
    if not text.isdigit() or len(text) != 13:
        raise refused(row, f"{column!r} is {text[:40]!r}, not milliseconds since 1970")
    return datetime.fromtimestamp(int(text) // 1000, UTC) + timedelta(milliseconds=int(text) % 1000)


def is_figure(text: str) -> bool:
    """Whether a cell is a figure and nothing else."""
    return _PLAIN.fullmatch(text) is not None


def is_time(text: str) -> bool:
    """Whether a cell is a time of a day, as files write it, and nothing else."""
    plain = _TAIL.sub("", text)
    return _iso(plain) is not None or _by_formats(plain, _FORMATS) is not None


def _without_zone(text: str, zone: tzinfo) -> tuple[str, tzinfo]:
    tail = _TAIL.search(text)
    if tail is None or ":" not in text[: tail.start()]:
        return text, zone
    word = tail[1]
    plain = text[: tail.start()]
    if word in {"Z", "UTC"}:
        return plain, UTC
    sign = -1 if word[0] == "-" else 1
    hours, minutes = int(word[1:3]), int(word[-2:])
    return plain, timezone(sign * timedelta(hours=hours, minutes=minutes))


def _iso(text: str) -> datetime | None:
    """Much faster than by a format, of which a large file has millions."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    *parts, fraction = found.groups()
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        year, month, day, hour, minute, second = map(int, parts)
        return datetime(year, month, day, hour, minute, second, micros)  # noqa: DTZ001 - the caller sets the zone
    except ValueError:
        return None


def _by_formats(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller sets the zone
        except ValueError:
            continue
    return None

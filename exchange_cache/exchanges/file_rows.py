"""Cells of exchanges' files as figures and times, and the rows of one moment.

Readers raise BadRow for what cannot be read; the engine names the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from fnmatch import fnmatchcase

from exchange_cache.money import ZERO, to_amount
from exchange_cache.records import Side
from exchange_cache.statements.table import BadRow, FileContext, Row

#: What files write for "none".
BLANK = frozenset({"", "-", "--", "null", "none", "n/a"})
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DATED = re.compile(
    r"(?P<year>\d{4}|\d{2})[-/](?P<month>\d\d?)[-/](?P<day>\d\d?)(?:[T ]+"
    r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<part>\d+))?)?)?"
    r" ?(?P<zone>UTC|Z|[+-]\d\d:?\d\d)?"
)
_CLOCK_FIRST = re.compile(r"(\d\d?:\d\d(?::\d\d(?:\.\d+)?)?) (\d{4}-\d\d-\d\d)")


# --- cells ----------------------------------------------------------------------------------------


def cell(row: Row, name: str) -> str:
    """The text of a column, empty for what files write for "none"."""
    text = row.cells.get(name, "").strip()
    return "" if text.lower() in BLANK else text


def needed(row: Row, name: str) -> str:
    """Like :func:`cell`, an empty one being an error."""
    text = cell(row, name)
    if not text:
        raise BadRow(row.line, f"no {name}")
    return text


def number(row: Row, name: str) -> Decimal:
    """The exact number of a column; zero where it is empty."""
    text = cell(row, name)
    return figure(row, name, text) if text else ZERO


def required(row: Row, name: str) -> Decimal:
    """Like :func:`number`, an empty cell being an error."""
    return figure(row, name, needed(row, name))


def figure(row: Row, name: str, text: str) -> Decimal:
    """A number as files write it: thousands may be separated by commas. One with an exponent above
    zero is refused, because a spreadsheet wrote it and its digits are gone."""
    plain = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    if re.search(r"[eE]\+?0*[1-9]", plain):
        raise BadRow(row.line, f"{name}: {text!r} was shortened by a spreadsheet")
    try:
        if _PLAIN.fullmatch(plain):
            return to_amount(plain)
    except ValueError as error:
        raise BadRow(row.line, f"{name}: {error}") from None
    raise BadRow(row.line, f"{name}: {text!r} is no number")


def column(context: FileContext, pattern: str) -> str:
    """The name in the header of a column whose name is a pattern; BadRow without one."""
    found = next((name for name in context.columns if fnmatchcase(name, pattern)), None)
    if found is None:
        raise BadRow(1, f"the header has no column {pattern}")
    return found


def moment(row: Row, name: str, zone: tzinfo) -> datetime:
    """The time of a column in UTC; ``zone`` is that of times without one."""
    text = needed(row, name)
    turned = _CLOCK_FIRST.fullmatch(text)
    found = _DATED.fullmatch(f"{turned[2]} {turned[1]}" if turned else text)
    if found is None:
        raise BadRow(row.line, f"{name}: {text!r} is no time")
    year = int(found["year"])
    try:
        local = datetime(
            year + 2000 if year < 100 else year,
            int(found["month"]),
            int(found["day"]),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int((found["part"] or "").ljust(6, "0")[:6]),
            tzinfo=_zone(found["zone"], zone),
        )
    except ValueError as error:
        raise BadRow(row.line, f"{name}: {text!r} is no time ({error})") from None
    return local.astimezone(UTC)


def _zone(text: str | None, default: tzinfo) -> tzinfo:
    if not text:
        return default
    if text in {"UTC", "Z"}:
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)


def market_side(row: Row, text: str) -> Side:
    """BUY or SELL, whatever its case."""
    word = text.strip().lower()
    if word not in {"buy", "sell"}:
        raise BadRow(row.line, f"{text!r} is neither a buy nor a sale")
    return Side(word)


def moments(
    rows: Iterable[Row], time_of: Callable[[Row], datetime]
) -> Iterator[tuple[datetime, list[Row]]]:
    """Successive rows of one time together: the only rows that are held."""
    held: list[Row] = []
    at: datetime | None = None
    for row in rows:
        time = time_of(row)
        if held and time != at:
            assert at is not None
            yield at, held
            held = []
        at = time
        held.append(row)
    if held and at is not None:
        yield at, held

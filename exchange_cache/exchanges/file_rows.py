"""Cells of exchanges' files as their readers take them, and the rows of one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from fnmatch import fnmatchcase

from exchange_cache.errors import StatementRefused
from exchange_cache.money import ZERO
from exchange_cache.records import Side
from exchange_cache.statements import figures
from exchange_cache.statements.figures import moment as moment, refused as refused
from exchange_cache.statements.table import FileContext, Row

_LONGEST = max(len(word) for word in figures.NOTHING)


def cell(row: Row, name: str) -> str:
    """The text of a column, empty for what files write for "none"."""
    text = row.cells.get(name, "").strip()
    return "" if len(text) <= _LONGEST and text.lower() in figures.NOTHING else text


def needed(row: Row, name: str) -> str:
    """Like :func:`cell`, an empty one being an error."""
    text = cell(row, name)
    return text or figures.required(row, name)


def number(row: Row, name: str) -> Decimal:
    """The exact number of a column; zero where it is empty."""
    found = figures.amount_or_none(row, name)
    return ZERO if found is None else found


def required(row: Row, name: str) -> Decimal:
    """Like :func:`number`, an empty cell being an error."""
    return figures.amount(row, name)


def column(context: FileContext, pattern: str) -> str:
    """The name in the header of a column whose name is a pattern."""
    found = next((name for name in context.columns if fnmatchcase(name, pattern)), None)
    if found is None:
        raise StatementRefused(f"has no column {pattern}", line=1)
    return found


def instant(row: Row, name: str, zone: tzinfo) -> datetime:
    """The time of a column that editions write as a date or in milliseconds."""
    if cell(row, name).isdigit():
        return figures.moment_of_ms(row, name)
    return moment(row, name, zone)


def market_side(row: Row, text: str) -> Side:
    """BUY or SELL, whatever its case."""
    word = text.strip().lower()
    if word not in {"buy", "sell"}:
        raise refused(row, f"{text!r} is neither a buy nor a sale")
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

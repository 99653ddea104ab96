"""What gives way in a list that is too wide for a terminal, before a column drops or a row
continues on a second line: first the seconds of times, then a year that all of them share, then
the digits of quantities beyond the sixth.

:mod:`exchange_cache.render.list_screen` tries the degrees in their order. Other formats and wider
terminals keep every second and every digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import IntEnum
from typing import TYPE_CHECKING

from exchange_cache.render import words
from exchange_cache.render.layout import GridColumn, text
from exchange_cache.render.parts import brief_column
from exchange_cache.zones import local

if TYPE_CHECKING:
    from exchange_cache.render.listing import Column

_FOUR = Context(prec=4, rounding=ROUND_HALF_EVEN)


class Degree(IntEnum):
    """How much gives way; each degree includes the ones before."""

    MINUTES = 1
    ONE_YEAR = 2
    SIX_DIGITS = 3


def compact_column(column: Column, values: Sequence[object], degree: Degree) -> GridColumn | None:
    """The column in this degree; None if nothing of it gives way."""
    if column.kind == "time":
        times = [value if isinstance(value, datetime) else None for value in values]
        heading, moments = time_cells(column.heading, times, degree)
        cells = tuple(text(moment) for moment in moments)
        return GridColumn(heading=heading, cells=cells, drop=column.priority)
    if degree < Degree.SIX_DIGITS:
        return None
    if column.kind == "fee":
        cells = tuple(text(fee_text(value)) for value in values)
        return GridColumn(heading=column.heading, cells=cells, drop=column.priority)
    if column.kind == "decimal" and column.digits is None:
        numbers = [value if isinstance(value, Decimal) else None for value in values]
        return brief_column(column.heading, numbers, words.QUANTITY_DIGITS, drop=column.priority)
    return None


def time_cells(
    heading: str, times: Sequence[datetime | None], degree: Degree
) -> tuple[str, list[str]]:
    """The heading of a column of times and its cells: ``2026-01-31 14:02``, or ``Time 2026`` over
    ``01-31 14:02``."""
    minutes = [words.UNKNOWN if time is None else words.minute(time) for time in times]
    years = {local(time).year for time in times if time is not None}
    if degree < Degree.ONE_YEAR or len(years) != 1:
        return heading, minutes
    year = f"{years.pop():04}"
    return f"{heading} {year}", [minute.removeprefix(f"{year}-") for minute in minutes]


def fee_text(value: object) -> str:
    """Fees with four digits: ``1,205 USDT + 0.1 BNB``."""
    if not isinstance(value, str):
        return words.UNKNOWN
    fees = (fee.partition(" ") for fee in value.split(" + ") if fee)
    return " + ".join(
        f"{words.brief(_FOUR.plus(Decimal(amount)))} {asset}" for amount, _, asset in fees
    )

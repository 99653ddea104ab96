"""Cells of files, and the rows of one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.file_rows import (
    cell,
    column,
    instant,
    market_side,
    moments,
    needed,
    number,
    required,
)
from exchange_cache.records import Side
from exchange_cache.statements.table import Row
from tests.statements.files import context


def row(line: int = 7, **cells: str) -> Row:
    return Row(line=line, cells=cells)


def test_a_cell_that_says_nothing_is_empty_and_zero() -> None:
    assert [cell(row(A=text), "A") for text in ("--", " - ", "n/a", "null", "0")] == [
        *("", "", "", ""),
        "0",
    ]
    assert number(row(A="--"), "A") == Decimal(0)
    assert number(row(), "A") == Decimal(0)


@pytest.mark.parametrize("reading", [needed, required])
def test_what_must_be_there_is_demanded(reading: Callable[[Row, str], object]) -> None:
    with pytest.raises(StatementRefused, match="Amount") as refusal:
        reading(row(Amount=""), "Amount")
    assert refusal.value.line == 7


def test_a_column_with_a_zone_is_found_by_its_pattern() -> None:
    columns = ("UID", "Filled Time(UTC+01:00)")
    assert column(replace(context(), columns=columns), "Filled Time(UTC*)") == columns[1]
    with pytest.raises(StatementRefused, match="has no column"):
        column(context(), "Filled Time(UTC*)")


def test_a_side_is_a_buy_or_a_sale() -> None:
    assert market_side(row(), " Buy ") is Side.BUY
    with pytest.raises(StatementRefused, match="neither a buy nor a sale"):
        market_side(row(), "HOLD")


def test_a_time_is_a_date_or_milliseconds() -> None:
    expected = datetime(2025, 5, 31, 20, 0, 0, 250_000, tzinfo=UTC)
    for text in ("1748721600250", "2025-05-31 20:00:00.250"):
        assert instant(row(Time=text), "Time", UTC) == expected


def test_successive_rows_of_one_time_are_together() -> None:
    times = {1: 5, 2: 5, 3: 4, 4: 5}
    rows = [row(line=line) for line in times]
    found = moments(rows, lambda one: datetime(2026, 1, 1, 0, 0, times[one.line], tzinfo=UTC))
    assert [[one.line for one in held] for _, held in found] == [[1, 2], [3], [4]]

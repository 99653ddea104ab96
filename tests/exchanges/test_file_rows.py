"""Cells of files: figures, times, and the rows of one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exchange_cache.exchanges.file_rows import moment, moments, number, required
from exchange_cache.statements.table import BadRow, Row


def row(line: int = 7, **cells: str) -> Row:
    return Row(line=line, cells=cells)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000.50", "1000.50"),
        ("-12,345,678", "-12345678"),
        ("0E-18", "0"),
        ("1E-8", "0.00000001"),
        ("--", "0"),
        ("", "0"),
    ],
)
def test_a_figure_is_read_exactly(text: str, value: str) -> None:
    assert number(row(Amount=text), "Amount") == Decimal(value)


@pytest.mark.parametrize("text", ["1.2E+05", "3e7"])
def test_a_figure_that_a_spreadsheet_shortened_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="shortened by a spreadsheet"):
        number(row(Amount=text), "Amount")


@pytest.mark.parametrize("text", ["0,5", "1.000,50", "=1+1", "NaN", "1_000"])
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="is no number"):
        number(row(Amount=text), "Amount")


def test_a_figure_that_must_be_there_is_demanded() -> None:
    with pytest.raises(BadRow, match="line 7: no Amount"):
        required(row(Amount="--"), "Amount")


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-06 08:22:00",
        "2026-05-06T08:22:00Z",
        "2026-05-06 08:22:00 UTC",
        "26-05-06 08:22:00",
        "2026-05-06 10:22:00+02:00",
        "08:22 2026-05-06",
        "2026/5/6 8:22",
    ],
)
def test_times_are_read_in_the_spellings_of_the_files(text: str) -> None:
    assert moment(row(Time=text), "Time", UTC) == datetime(2026, 5, 6, 8, 22, tzinfo=UTC)


def test_a_time_without_a_zone_is_in_that_of_its_file() -> None:
    there = timezone(timedelta(hours=-6))
    assert moment(row(Time="26-03-17 09:34:12.5"), "Time", there) == datetime(
        2026, 3, 17, 15, 34, 12, 500_000, tzinfo=UTC
    )


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01 00:00:00", "17.03.2026 09:34"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="is no time"):
        moment(row(Time=text), "Time", UTC)


def test_successive_rows_of_one_time_are_together() -> None:
    times = {1: 5, 2: 5, 3: 4, 4: 5}
    rows = [row(line=line) for line in times]
    found = moments(rows, lambda one: datetime(2026, 1, 1, 0, 0, times[one.line], tzinfo=UTC))
    assert [[one.line for one in held] for _, held in found] == [[1, 2], [3], [4]]

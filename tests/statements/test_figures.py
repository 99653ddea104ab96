"""Figures and times of cells: exact, or refused with their line and column."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.statements import figures
from exchange_cache.statements.table import Row


def row(**cells: str) -> Row:
    return Row(line=7, cells=cells)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", "0.5"),
        (" -120.0000 ", "-120.0000"),
        ("1,234,567.89", "1234567.89"),
        ("1,000.5", "1000.5"),
        (".5", "0.5"),
        ("0E-18", "0E-18"),
        ("1.5e-7", "1.5e-7"),
    ],
)
def test_a_plain_figure_is_exact(text: str, value: str) -> None:
    assert figures.amount(row(x=text), "x") == Decimal(value)


@pytest.mark.parametrize("text", ["", "-", "--"])
def test_no_figure_is_none_and_refused_where_one_is_needed(text: str) -> None:
    assert figures.amount_or_none(row(x=text), "x") is None
    with pytest.raises(StatementRefused, match="'x' has no figure") as refused:
        figures.amount(row(x=text), "x")
    assert refused.value.line == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.2E+05", "digits are gone"),
        ("3,5E-05", "digits are gone"),
        ("=SUM(A1:A3)", "formula"),
        ("١٢", "not a figure"),
        ("1 234.5", "not a figure"),
        ("1'234.5", "not a figure"),
        ("0,5", "decimal comma"),
        ("1.234,5", "decimal comma"),
        ("abc", "not a figure"),
        ("12,34,5", "not a figure"),
    ],
)
def test_what_a_spreadsheet_made_of_a_figure_is_refused(text: str, words: str) -> None:
    with pytest.raises(StatementRefused, match=words):
        figures.amount(row(x=text), "x")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-03 10:00:00", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        ("2026-03-03 10:00:00.1000", datetime(2026, 3, 3, 9, 0, 0, 100000, tzinfo=UTC)),
        ("26-03-17 09:34:12", datetime(2026, 3, 17, 8, 34, 12, tzinfo=UTC)),
        ("14:35 2024-11-16", datetime(2024, 11, 16, 13, 35, tzinfo=UTC)),
        ("2026-01-02 10:00:00 UTC", datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("2026-01-02T10:00:00Z", datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("2026-01-02T10:00:00+02:00", datetime(2026, 1, 2, 8, tzinfo=UTC)),
    ],
)
def test_a_time_has_its_own_zone_or_that_of_the_file(text: str, moment: datetime) -> None:
    assert figures.moment(row(t=text), "t", timezone(timedelta(hours=1))) == moment


@pytest.mark.parametrize("text", ["2026-13-03 10:00:00", "yesterday", "03/04/2026"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(StatementRefused, match="not a time"):
        figures.moment(row(t=text), "t", UTC)


def test_milliseconds_are_exact() -> None:
    made = figures.moment_of_ms(row(t="1700000000123"), "t")
    assert made == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)


@pytest.mark.parametrize("text", ["1,234", "-12,500"])
def test_one_comma_before_three_digits_is_not_guessed_at(text: str) -> None:
    with pytest.raises(StatementRefused, match="which may be"):
        figures.amount(row(x=text), "x")
    assert figures.figure(row(), "Notes", text, grouped=True) == Decimal(text.replace(",", ""))


def test_a_decimal_comma_with_three_digits_is_no_thousands_sign() -> None:
    with pytest.raises(StatementRefused, match="decimal comma"):
        figures.amount(row(x="0,350"), "x")

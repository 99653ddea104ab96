"""Exact values for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.render.machine import exact, iso, write_csv


def test_times_have_as_many_digits_as_they_need():
    assert iso(datetime(2026, 1, 31, 12, tzinfo=UTC)) == "2026-01-31T12:00:00Z"
    assert iso(datetime(2026, 1, 31, 12, 0, 0, 5000, tzinfo=UTC)) == "2026-01-31T12:00:00.005Z"


def test_a_float_never_becomes_text():
    with pytest.raises(TypeError, match="no exact text for float"):
        exact({"value": 0.1})


def test_csv_holds_structures_as_json_and_lists_of_words_joined() -> None:
    fee = {"asset": "币", "amount": Decimal("1.50")}
    assert rows_of([[fee], (), ["a", "b"], fee, [["x", None]], [True]]) == [
        '[{"asset": "币", "amount": "1.5"}]',
        "",
        "a b",
        '{"asset": "币", "amount": "1.5"}',
        '[["x", null]]',
        "[true]",
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("x")', "+cmd", "-2+3", "@SUM(A1)", "-", "=", "＝1", "- 5", "+1e5x"]
)
def test_csv_holds_no_formula(text: str) -> None:
    assert rows_of([text]) == [f"'{text}"]
    assert rows_of([[text, "b"]]) == [f"'{text} b"]
    assert rows_of([text], raw=True) == [text]


@pytest.mark.parametrize("text", ["-5", "+1.25", "-0.5e-7", "-.5", "a=b", "BTC-USD", "'=x", ""])
def test_numbers_and_other_texts_are_no_formula(text: str) -> None:
    assert rows_of([text]) == [text]
    assert rows_of([Decimal("-5.50"), -3]) == ["-5.5", "-3"]


def rows_of(values: Sequence[object], *, raw: bool = False) -> list[str]:
    out = io.StringIO(newline="")
    write_csv([str(number) for number in range(len(values))], [values], out, raw=raw)
    _, row = csv.reader(io.StringIO(out.getvalue()))
    return row

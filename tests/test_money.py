"""Exact numbers: no float, one canonical text, and rounding in one place."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

from exchange_cache.money import (
    EXACT,
    grouped,
    published,
    rounded,
    to_amount,
    to_amount_or_none,
    to_decimal,
    to_decimal_or_none,
    to_text,
    to_text_or_none,
)

D = Decimal


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.50", D("1.50")), (3, D(3)), (D("1e-8"), D("1e-8")), ("-0.1", D("-0.1"))],
)
def test_exact_numbers_are_taken(value: object, expected: Decimal) -> None:
    assert to_decimal(value) == expected


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (1.5, "not an exact number: 1.5"),
        (None, "not an exact number: None"),
        ("one", "not a number: 'one'"),
        ("NaN", "not a finite number: 'NaN'"),
        ("Infinity", "not a finite number: 'Infinity'"),
    ],
)
def test_anything_else_is_refused_by_name(value: object, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        to_decimal(value)


def test_nothing_is_unknown_and_zero_is_a_number() -> None:
    assert [to_decimal_or_none(value) for value in (None, "", "0")] == [None, None, 0]
    assert [to_amount_or_none(value) for value in (None, "", "0")] == [None, None, 0]
    assert to_text_or_none(None) is None
    assert to_text_or_none(D(0)) == "0"


@pytest.mark.parametrize("value", ["1e999999", "1e41", "1e-61"])
def test_a_number_that_no_amount_has_is_refused(value: str) -> None:
    assert to_decimal(value)
    with pytest.raises(ValueError, match="not a possible amount or price"):
        to_amount(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.50", "1.5"), ("1E+3", "1000"), ("1e-8", "0.00000001"), ("-0", "0"), ("100", "100")],
)
def test_a_number_has_one_canonical_text(value: str, text: str) -> None:
    assert to_text(D(value)) == text


def test_quotients_lie_on_a_grid_so_that_their_sums_are_exact() -> None:
    with localcontext(EXACT):
        third = rounded(D(1) / D(3))
        assert rounded(third) == third
        assert abs(third * 3 - 1) < D("1e-17")
        assert third + third + third - third * 3 == 0


def test_a_published_ratio_stays_unknown_if_it_is() -> None:
    assert published(None) is None
    with localcontext(EXACT):
        assert published(D(1) / D(4)) == D("0.25")
        assert len(published(D(1) / D(3)).as_tuple().digits) == 34


@pytest.mark.parametrize(
    ("number", "shown"),
    [("1000000.50", "1,000,000.5"), ("-2500", "-2,500"), ("1E-9", "0.000000001"), ("0", "0")],
)
def test_a_number_of_a_sentence_has_thousands_separators(number: str, shown: str) -> None:
    assert grouped(Decimal(number)) == shown

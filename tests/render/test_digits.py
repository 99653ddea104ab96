"""Printed numbers and their decimal points."""

from __future__ import annotations

import pytest

from exchange_cache.render.digits import is_number, split_at_point


@pytest.mark.parametrize(
    ("words", "number", "parts"),
    [
        ("1,234.50", True, ("1,234", ".50")),
        ("64.0165M", True, ("64", ".0165M")),
        ("64M", True, ("64", "M")),
        ("<0.01", True, ("<0", ".01")),
        ("-", False, ("-", "")),
        ("7.5 %", False, ("7", ".5 %")),
    ],
)
def test_a_number_is_split_at_its_point(words: str, number: bool, parts: tuple[str, str]) -> None:
    assert (is_number(words), split_at_point(words)) == (number, parts)

"""Signs and their ASCII fallbacks."""

from decimal import Decimal

import pytest

from exchange_cache.render.signs import Signs


@pytest.mark.parametrize(
    ("fraction", "unicode", "ascii_"),
    [
        ("0", "", ""),
        ("-1", "", ""),
        ("0.001", "▏", "#"),
        ("0.5", "██", "##"),
        ("0.6", "██▍", "##"),
        ("1", "████", "####"),
        ("7", "████", "####"),
    ],
)
def test_a_bar_has_eighths_and_is_never_empty_above_zero(fraction, unicode, ascii_):
    assert Signs(True).bar(Decimal(fraction), 4) == unicode
    assert Signs(False).bar(Decimal(fraction), 4) == ascii_


@pytest.mark.parametrize(
    ("fraction", "unicode", "ascii_"),
    [
        ("0", "", ""),
        ("-1", "", ""),
        ("0.001", "╸", "-"),
        ("0.5", "━━", "--"),
        ("0.7", "━━╸", "---"),
    ],
)
def test_a_thin_bar_has_halves_and_is_never_empty_above_zero(fraction, unicode, ascii_):
    assert Signs(True).thin_bar(Decimal(fraction), 4) == unicode
    assert Signs(False).thin_bar(Decimal(fraction), 4) == ascii_


def test_every_sign_has_an_ascii_form():
    signs, plain = Signs(True), Signs(False)
    assert (signs.good, signs.failed, signs.arrow, signs.ellipsis) == ("✓", "✗", "→", "…")
    assert (plain.good, plain.failed, plain.arrow, plain.ellipsis) == ("ok", "x", "->", "...")
    assert (signs.danger, plain.danger) == ("▲", "!!")

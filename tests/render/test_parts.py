"""Columns that several screens share."""

from decimal import Decimal

from exchange_cache.render.layout import Number, plain
from exchange_cache.render.parts import (
    brief_column,
    brief_price_column,
    calm_tone,
    change_column,
    code_column,
    money_column,
    price_column,
    quantity_column,
    result_column,
    result_number,
    tone,
)
from exchange_cache.render.signs import Signs


def shown(column) -> list[str]:
    return ["".join(span.text for span in cell) for cell in column.cells]


def test_the_tone_of_a_result():
    assert [tone(number) for number in (None, Decimal(0), Decimal(1), Decimal(-1))] == [
        "",
        "",
        "good",
        "bad",
    ]


def test_a_long_code_is_shortened_to_the_width():
    column = code_column("Asset", ["BTC", "AVERYLONGTOKEN"], Signs(True))
    assert (column.least, column.most) == (10, 14)
    assert [plain(cell) for cell in column.at(10)] == ["BTC", "AVERYLONG…"]
    assert [plain(cell) for cell in column.natural] == ["BTC", "AVERYLONGTOKEN"]


def test_quantities_have_one_precision_and_prices_their_own():
    numbers = [Decimal("1.5"), Decimal("0.00001234"), None]
    assert shown(quantity_column("Quantity", numbers)) == ["1.50000000", "0.00001234", "         -"]
    assert shown(price_column("Price", numbers)) == ["1.50      ", "0.00001234", "         -"]


def test_money_has_the_decimals_of_its_asset():
    column = money_column("Value", [Decimal("1234.5"), Decimal("-2")], "USDT")
    assert shown(column) == ["1,234.50", "   -2.00"]


def test_marks_follow_the_digits_in_a_tail_of_their_own():
    column = brief_price_column("Avg entry", [Decimal("1234.5"), Decimal("2")], 2, marks=["~", ""])
    assert shown(column) == ["1,234.50 ~", "    2.00  "]
    assert column.tail == 2


def test_results_have_their_percentage_beside_them():
    column = result_column(
        "PnL", [(Decimal("27.5"), Decimal("0.554")), (Decimal("-3"), None), (None, None)], "USDT"
    )
    assert shown(column) == ["+27.50 +55.4", " -3.00      ", "     -      "]
    assert plain(column.head) == "PnL     %"


def test_a_result_without_any_percentage_is_an_amount():
    column = result_column("PnL", [(Decimal("27.5"), None)], "USDT")
    assert shown(column) == ["+27.50"]
    assert column.unit == ""


def test_a_result_whose_percentage_rounds_to_zero_has_no_tone():
    flat, down = Decimal("-0.0004"), Decimal("-0.0051")
    assert [calm_tone(Decimal(-7), one) for one in (flat, down, None)] == ["", "bad", "bad"]
    changes = change_column("24 h", [flat, down, None], drop=4)
    assert shown(changes) == [" 0.0 %", "-0.5 %", "     -"]
    assert [cell[-1].role for cell in changes.cells] == ["", "bad", ""]


def test_quantities_in_brief_are_aligned_at_the_point():
    column = brief_column("Size", [Decimal("64016512.9"), Decimal("0.5"), None], 6)
    assert shown(column) == ["64.0165M", " 0.5    ", "       -"]


def test_a_result_that_rounds_to_zero_has_neither_sign_nor_tone() -> None:
    small, down = Decimal("-0.001"), Decimal("-0.01")
    assert result_number(small, 2) == Number("0.00", "")
    assert result_number(down, 2) == Number("-0.01", "bad")
    assert result_number(down, 2, "quiet") == Number("-0.01", "quiet")
    assert result_number(None, 2) == Number("-", "")

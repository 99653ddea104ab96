"""Columns that several screens share."""

from decimal import Decimal

from exchange_cache.render.layout import plain
from exchange_cache.render.parts import (
    code_column,
    money_column,
    pnl_column,
    price_column,
    quantity_column,
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


def test_money_has_the_decimals_of_its_asset_and_leaves_room_for_marks():
    column = money_column("Value", [Decimal("1234.5"), Decimal("-2")], "USDT", marks=["¹", ""])
    assert shown(column) == ["1,234.50 ¹", "   -2.00  "]
    assert column.tail == 2


def test_results_have_their_percentage_beside_them():
    column = pnl_column(
        "PnL", [(Decimal("27.5"), Decimal("0.554")), (Decimal("-3"), None), (None, None)], "USDT"
    )
    assert shown(column) == ["+27.50 (+55.4 %)", " -3.00          ", "               -"]

"""Net worth over time as shapes."""

from decimal import Decimal

from exchange_cache.render.picture import COLOURS, REST, Area, Label, Line, history_picture
from exchange_cache.value.compared import Compared
from tests.render.builders import points


def labels(picture) -> list[str]:
    return [shape.text for shape in picture.shapes if isinstance(shape, Label)]


def test_without_parts_there_is_one_line_over_a_light_area():
    picture = history_picture(points("100", "150", "125"), asset="USDT")
    assert picture.title == "Net worth in USDT"
    (area,) = (shape for shape in picture.shapes if isinstance(shape, Area))
    assert (area.colour, area.opacity) == (COLOURS[0], 0.12)
    line = picture.shapes[-1]
    assert isinstance(line, Line) and len(line.places) == 3
    left, middle, right = (y for _, y in line.places)
    assert left > right > middle, "a higher value is nearer to the top"
    assert "+25.00 (+25.0 %) since 2026-01-01, as of 2026-01-03 00:00 UTC" in labels(picture)


def test_the_largest_parts_have_names_and_the_rest_is_one():
    many = {f"A{number}": Decimal(100 - number) for number in range(len(COLOURS) + 2)}
    total = str(sum(many.values()))
    picture = history_picture(points(total, total), [many, many], asset="USDT")
    assert sum(isinstance(shape, Area) for shape in picture.shapes) == 2 * (len(COLOURS) + 1)
    named = labels(picture)
    assert {"A0", "A6", REST} <= set(named) and "A7" not in named


def test_a_debt_is_stacked_below_zero():
    parts = [{"BTC": Decimal(120), "USDT": Decimal(-20)}] * 2
    areas = [
        shape
        for shape in history_picture(points("100", "100"), parts, asset="USDT").shapes
        if isinstance(shape, Area)
    ]
    held, debt = areas[0], areas[1]
    assert max(y for _, y in held.places) == min(y for _, y in debt.places)


def test_one_point_is_drawn():
    picture = history_picture(points("100"), asset="USDT")
    assert "one point so far, as of 2026-01-01 00:00 UTC" in labels(picture)


def test_the_head_compares_the_accounts_that_both_ends_know():
    found = Compared(before=Decimal(100), after=Decimal(110), common=1, came=("okx",))
    picture = history_picture(points("100", "90000"), asset="USDT", compared=found)
    texts = labels(picture)
    assert any(
        one.startswith("+10.00 (+10.0 %) since 2026-01-01; okx came since then") for one in texts
    )

from __future__ import annotations

from decimal import Decimal

from exchange_cache.money import EXACT, published
from exchange_cache.value.day_change import Held, day_change

D = Decimal


def test_the_change_of_what_is_known() -> None:
    held = [
        Held("BTC", D(150), D("0.5")),
        Held("ETH", D(50), D("-0.5")),
        Held("XRP", None, D(1)),
        Held("ADA", D(7), None),
    ]
    assert day_change(held, "USDT") == (D(0), D(0))
    assert day_change(held[:1], "USDT") == (D("0.5"), D(50))


def test_the_reporting_asset_is_no_knowledge_of_others() -> None:
    still = Held("USDT", D(10), D(0))
    assert day_change([still], "USDT") == (D(0), D(0))
    assert day_change([still, Held("ADA", D(7), None)], "USDT") == (None, None)


def test_a_price_that_fell_by_all_of_its_digits_states_no_value_of_before() -> None:
    change = published(EXACT.subtract(D("1e-301"), 1))
    assert change == -1
    held = [Held("ADA", D("1e-301"), change)]
    assert day_change(held, "USDT") == (None, None)
    assert day_change([*held, Held("BTC", D(150), D("0.5"))], "USDT") == (D("0.5"), D(50))

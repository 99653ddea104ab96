"""Prices of an earlier day come from what was seen within a day of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exchange_cache.value.past_prices import PastPrices, Sighting
from tests.cost.builders import at


def test_a_past_day_has_the_prices_that_were_seen_within_a_day() -> None:
    seen = PastPrices(
        [
            Sighting(base="BTC", quote="USDT", at=at(0), value=Decimal(100), source="candle"),
            Sighting(base="BTC", quote="USDT", at=at(10), value=Decimal(105), source="main"),
            Sighting(base="SOL", quote="USDT", at=at(70), value=Decimal(7), source="snapshot"),
        ]
    )
    assert [(one.symbol, one.value) for one in seen.day(at(9))] == [("BTC/USDT", 100)]
    assert [(one.symbol, one.value) for one in seen.day(at(10))] == [("BTC/USDT", 105)]
    assert [(one.symbol, one.value, one.fetched_at) for one in seen.day(at(50))] == [
        ("SOL/USDT", 7, at(70))
    ]
    assert seen.day(at(200)) == ()
    assert seen.nearest("BTC", "USDT", at(8)) == 105
    assert seen.nearest("BTC", "USDT", at(40)) is None
    assert seen.nearest("USDT", "USDT", at(40)) == 1


def test_the_price_of_a_moment_is_none_that_was_seen_long_after_it() -> None:
    """Priced by a ticker of 20 hours later, a change of those hours was none."""
    late = Sighting(base="BTC", quote="USDT", at=at(21), value=Decimal(120), source="snapshot")
    seen = PastPrices([late])
    assert seen.nearest("BTC", "USDT", at(1)) == 120
    assert seen.nearest("BTC", "USDT", at(1), of_then=True) is None
    assert seen.nearest("BTC", "USDT", at(20), of_then=True) == 120
    assert seen.nearest("BTC", "USDT", at(40), of_then=True) == 120
    day = replace(late, at=at(24), opened=at(0), source="candle")
    for sightings in ([day, late], [day]):
        assert PastPrices(sightings).nearest("BTC", "USDT", at(1), of_then=True) == 120

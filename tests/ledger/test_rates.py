"""Past prices in the reporting asset; its own price is one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

import pytest

from exchange_cache.ledger.rates import Rate, Rates
from exchange_cache.money import EXACT
from tests.cost.builders import Rates as Known, at

RATES = Rates(Known({"BTC": {1: "100", 3: "200"}}), "USDT")


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """As callers do."""
    with localcontext(EXACT):
        yield


def test_the_reporting_asset_is_worth_itself_exactly() -> None:
    assert RATES.rate("USDT", at(0)) == Rate(value=Decimal(1))
    assert RATES.value("USDT", Decimal("2.5"), at(0)) == Decimal("2.5")


def test_another_asset_has_its_price_of_the_time() -> None:
    assert RATES.value("BTC", Decimal(2), at(2)) == 200
    assert RATES.value("BTC", Decimal(2), at(3)) == 400


def test_without_a_price_the_value_is_unknown() -> None:
    assert RATES.value("BTC", Decimal(2), at(0)) is None
    assert RATES.value("ETH", Decimal(2), at(9)) is None

"""Events in one order, with one digest, whatever form their inputs have."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

import pytest

from exchange_cache.ledger.events import (
    DEPOSIT,
    EXPENSE,
    TRADE,
    Leg,
    StatedBasis,
    cash_leg,
    digest_of,
    event_order,
    natural,
)
from exchange_cache.ledger.rates import Rates
from exchange_cache.money import EXACT
from tests.cost.builders import Rates as Known, at

D = Decimal


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """As callers do."""
    with localcontext(EXACT):
        yield


def test_ids_are_ordered_as_numbers() -> None:
    assert sorted(["10", "9", "100", "11"], key=natural) == ["9", "10", "11", "100"]


def test_events_are_ordered_by_time_then_rank_then_id() -> None:
    orders = [
        event_order(at(1), 0, "b", "BTC/USDT", "1"),
        event_order(at(0), 3, "a", "BTC/USDT", "1"),
        event_order(at(0), 1, "a", "BTC/USDT", "10"),
        event_order(at(0), 1, "a", "BTC/USDT", "9"),
        event_order(at(0), 0, "z"),
    ]
    assert sorted(orders) == [orders[4], orders[3], orders[2], orders[1], orders[0]]  # type: ignore[type-var]


def test_a_digest_does_not_depend_on_how_numbers_are_written() -> None:
    def digest(quantity: str, value: str | None) -> bytes:
        leg = Leg("BTC", D(quantity), None if value is None else D(value), TRADE)
        return digest_of("buy", "main", "1", at(0), [leg], ("no_rate",))

    assert digest("1.50", "100") == digest("1.5", "1E+2")
    assert digest("1.5", "100") != digest("1.5", None)
    assert digest("1.5", "100") != digest("1.6", "100")


def test_money_has_its_rate_or_its_cost() -> None:
    rates = Rates(Known({"EUR": "1.1"}), "USDT")
    assert cash_leg("EUR", D(10), DEPOSIT, at(0), rates) == Leg(
        "EUR", D(10), D(11), DEPOSIT, reason="no_rate", resolution=60
    )
    assert cash_leg("XYZ", D(-2), EXPENSE, at(0), rates) == Leg(
        "XYZ", D(-2), None, EXPENSE, at_cost=True, reason="no_rate"
    )


@pytest.mark.parametrize(("quantity", "price"), [("0", "1"), ("-1", "1"), ("1", "-1")])
def test_a_stated_cost_is_of_a_positive_quantity_at_no_negative_price(
    quantity: str, price: str
) -> None:
    with pytest.raises(ValueError, match="a stated"):
        StatedBasis(account=None, asset="BTC", quantity=D(quantity), price=D(price), at=at(0))

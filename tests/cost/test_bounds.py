"""Bounds of an average: each unit of unknown cost at the lowest, or the highest, price of the days
in which it came; none where these days or their prices are unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from exchange_cache.cost.averages import compute_basis
from exchange_cache.cost.bounds import Bounds, bounds_of, days_of
from exchange_cache.cost.reconcile import Reconciled, reconcile
from tests.cost.builders import D, Rates, fill, transfer


def day(number: int, month: int = 1) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


FIFTH = (day(5), day(6))
LATER = (day(10), day(3, month=2))


def result(**more: Any) -> Reconciled:
    given: dict[str, Any] = {
        "asset": "ETH", "balance": D(4), "events_quantity": D(4), "difference": D(0),
        "explained": D(1), "unknown": D(3), "cost": D(100), "scaled_off": D(0),
        "average_entry_price": D(100), "reasons": ("deposit 2026-01-05",),
    }  # fmt: skip
    return Reconciled(**{**given, **more})


@pytest.mark.parametrize(
    ("reason", "days"),
    [
        ("deposit 2026-01-05", FIFTH),
        ("no_rate 2026-01-10..2026-02-02 x3", LATER),
        ("reward 2026-01-05 x2", FIFTH),
        ("sold_more_than_known 2026-01-05", None),
        ("not_in_history", None),
        ("rounding", None),
    ],
)
def test_a_reason_names_the_days_in_which_the_units_came(reason: str, days: object) -> None:
    assert days_of(reason) == days


def test_unknown_units_cost_the_lowest_or_the_highest_price_of_their_days() -> None:
    assert bounds_of(result(), {FIFTH: (D(20), D(40))}) == Bounds(
        low=D(40), high=D(55), since=day(5), until=day(6)
    )


def test_several_reasons_take_the_widest_range() -> None:
    reasons = ("deposit 2026-01-05", "no_rate 2026-01-10..2026-02-02 x3")
    found = bounds_of(result(reasons=reasons), {FIFTH: (D(20), D(40)), LATER: (D(10), D(30))})

    assert found == Bounds(low=D("32.5"), high=D(55), since=day(5), until=day(3, month=2))


def test_units_that_no_row_shows_came_when_they_are_said_to_have_come() -> None:
    held = result(reasons=("not_in_history",))
    ranges = {FIFTH: (D(20), D(40))}

    found = bounds_of(held, ranges, arrived=FIFTH)
    assert found is not None and (found.low, found.high) == (40, 55)
    assert bounds_of(held, ranges, arrived=LATER) is None


def test_there_are_none_where_days_or_prices_are_unknown_or_nothing_is() -> None:
    ranges = {FIFTH: (D(20), D(40))}
    assert bounds_of(result(reasons=("deposit 2026-01-05", "not_in_history")), ranges) is None
    assert bounds_of(result(), {}) is None
    assert bounds_of(result(reasons=()), ranges) is None
    assert bounds_of(result(unknown=D(0), explained=D(4)), ranges) is None


prices = st.integers(1, 1000).map(Decimal)


@given(bought=prices, true=prices, below=prices, above=prices, sold=st.integers(0, 4))
def test_the_true_average_lies_within_whatever_was_sold(
    bought: Decimal, true: Decimal, below: Decimal, above: Decimal, sold: int
) -> None:
    """The running average of the same history with the deposit's cost known."""
    history = [fill("buy", "2", str(bought), hour=1, symbol="ETH/USDT")]
    deposit = transfer("deposit", "3", "ETH", hour=2)
    if sold:
        history.append(fill("sell", str(sold), "5", hour=3, symbol="ETH/USDT"))
    known = compute_basis(
        [*history, fill("buy", "3", str(true), hour=2, symbol="ETH/USDT")],
        [], reporting_asset="USDT", rates=Rates(),
    ).pooled["ETH"]  # fmt: skip
    unknown = compute_basis(history, [deposit], reporting_asset="USDT", rates=Rates()).pooled["ETH"]
    held = reconcile(unknown, D(5 - sold), asset="ETH", reporting_asset="USDT")
    days = days_of(unknown.unknown_reasons[0])
    assert days is not None
    found = bounds_of(held, {days: (true / (1 + below), true * (1 + above))})

    assert found is not None and known.average_entry_price is not None
    assert found.low <= known.average_entry_price <= found.high

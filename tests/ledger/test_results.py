"""What every derivative's fill realised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from exchange_cache.ledger.results import expires_on, realised_by_fill
from tests.cost.builders import contract


def test_what_the_exchange_says_it_realised_is_believed() -> None:
    fills = [
        contract("buy", "1", "100", fill_id="1"),
        contract("sell", "1", "110", hour=1, fill_id="2", pnl="9.9"),
    ]
    assert list(realised_by_fill(fills).values()) == [0, Decimal("9.9")]


@pytest.mark.parametrize(
    ("symbol", "day"),
    [
        ("BTC/USDT:USDT-250627", date(2025, 6, 27)),
        ("BTC/USD:BTC-2406", date(2024, 6, 30)),
        ("BTC/USD:BTC-241217-92000-C", date(2024, 12, 17)),
        ("BTC/USDT:USDT", None),
        ("BTC/USDT", None),
    ],
)
def test_the_day_of_expiry_is_that_of_the_symbol(symbol: str, day: date | None) -> None:
    assert expires_on(symbol) == day


def test_the_result_of_an_options_fill_is_its_premium_whatever_is_reported() -> None:
    bought = contract("buy", "2", "5", pnl="0")
    option = replace(bought, category="option", cost=Decimal(10))
    assert realised_by_fill([option]) == {option.key: -10}

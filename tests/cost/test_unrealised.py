"""The unrealised PnL of positions, and what totals of wallets already contain of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exchange_cache.cost.unrealised import is_inverse, unrealised_inside, unrealised_of
from tests.cost.builders import balance, position


def test_the_reported_figure_is_used_as_it_is() -> None:
    assert unrealised_of(position(entry="100", mark="110", pnl="9.5")) == Decimal("9.5")


@pytest.mark.parametrize(
    ("side", "symbol", "expected"),
    [
        ("long", "BTC/USDT:USDT", "60"),
        ("short", "BTC/USDT:USDT", "-60"),
        ("long", "BTC/USD:BTC", "0.05"),
        ("short", "BTC/USD:BTC", "-0.05"),
    ],
)
def test_without_a_reported_figure_entry_and_mark_give_it(
    side: str, symbol: str, expected: str
) -> None:
    """Linear: 3 contracts of 2 x (110 - 100). Inverse: 3 x 200 x (1/1000 - 1/1200) / 2."""
    inverse = symbol.endswith(":BTC")
    found = position(
        symbol,
        side,
        "3",
        size="100" if inverse else "2",
        entry="1000" if inverse else "100",
        mark="1200" if inverse else "110",
        pnl=None,
    )
    assert is_inverse(found) == inverse
    assert unrealised_of(found) == Decimal(expected)


@pytest.mark.parametrize(("side", "expected"), [("long", "0.5"), ("short", "-0.5")])
def test_a_margin_position_with_its_base_as_margin_gains_in_it(side: str, expected: str) -> None:
    """3 units bought at 100 and owed in the quote are worth 3 x (120 - 100) / 120 more."""
    contract = position("BTC/USDT:BTC", side, "3", entry="100", mark="120", pnl=None)
    found = replace(contract, category="margin", symbol="BTC/USDT")
    assert unrealised_of(found) == Decimal(expected)


def test_a_margin_position_with_its_quote_as_margin_gains_in_it() -> None:
    contract = position("BTC/USDT:USDT", "short", "3", entry="100", mark="90", pnl=None)
    assert unrealised_of(replace(contract, category="margin", symbol="BTC/USDT")) == 30


def test_without_a_mark_it_is_unknown() -> None:
    assert unrealised_of(position(mark=None, pnl=None)) is None


def test_only_wallets_whose_totals_contain_it_count() -> None:
    inside = position("BTC/USDT:USDT", pnl="10")
    also = position("ETH/USDT:USDT", pnl="5")
    elsewhere = position("BTC/USDT:USDT", pnl="7", account="second")
    balances = (
        balance("100", "USDT", wallet="swap", includes_unrealised=True),
        balance("100", "USDT", wallet="swap", account="second"),
    )
    found = unrealised_inside([inside, also, elsewhere], balances)
    assert found.keys == {inside.key, also.key}
    assert found.by_place == {("main", "USDT"): 15}
    assert found.by_asset == {"USDT": 15}

"""Rewards, airdrops and interest are income at their value, or cost nothing, as configured; in both
ways money neither appears nor vanishes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange_cache.cost.averages import BasisBook, compute_basis
from exchange_cache.ledger.income import policy_words
from tests.cost.builders import Rates, fill, transfer

KINDS = ("reward", "airdrop", "interest")
RATES = Rates({"ETH": "2000", "EUR": "1.1"})


def book(kind: str, policy: str, asset: str = "ETH", method: str = "average") -> BasisBook:
    """One unit received and, of ETH, sold for 3,000."""
    got = transfer(kind, "1", asset, hour=1)
    sold = [fill("sell", "1", "3000", hour=2, symbol="ETH/USDT")] if asset == "ETH" else []
    return compute_basis(
        sold, [got], reporting_asset="USDT", rates=RATES, income=policy, method=method,
        explain=(asset,),
    )  # fmt: skip


def received(kind: str, policy: str, asset: str) -> tuple[Decimal, Decimal, Decimal | None]:
    moves = [transfer(kind, "2", asset, hour=1)]
    made = compute_basis([], moves, reporting_asset="USDT", rates=RATES, income=policy)
    basis = made.pooled[asset]
    return basis.income, basis.trading_pnl, basis.average_entry_price


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_at_its_value_it_is_income_and_a_cost(kind: str, method: str) -> None:
    basis = book(kind, "value", method=method).pooled["ETH"]

    assert (basis.income, basis.trading_pnl) == (2000, 1000)
    assert received(kind, "value", "ETH") == (4000, 0, 2000)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_at_no_cost_only_the_sale_realises(kind: str, method: str) -> None:
    basis = book(kind, "zero", method=method).pooled["ETH"]

    assert (basis.income, basis.trading_pnl) == (0, 3000)
    assert received(kind, "zero", "ETH") == (0, 0, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("policy", ["value", "zero"])
def test_the_reporting_asset_is_income_under_both(kind: str, policy: str) -> None:
    assert received(kind, policy, "USDT") == (2, 0, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_at_no_cost_nothing_is_unknown_without_a_price(kind: str) -> None:
    assert received(kind, "zero", "XYZ") == (0, 0, 0)
    assert received(kind, "value", "XYZ") == (0, 0, None)


def test_a_deposit_is_no_income_under_any_policy() -> None:
    moves = [transfer("deposit", "1", "ETH", hour=1)]
    made = compute_basis([], moves, reporting_asset="USDT", rates=RATES, income="zero")

    assert made.pooled["ETH"].unknown_quantity == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_step_names_the_policy(kind: str) -> None:
    def note(policy: str, asset: str = "ETH") -> str:
        return book(kind, policy, asset).steps[asset][0].note

    assert note("value") == "income: 1 ETH = 2000 by ETH/USDT@main, priced by the 60 s"
    assert note("zero") == "no income and no cost, as configured"
    assert note("zero", "USDT") == "income"


def test_a_policy_is_named_with_its_setting() -> None:
    assert policy_words("value").endswith('(income = "value")')
    assert policy_words("zero").endswith('(income = "zero")')

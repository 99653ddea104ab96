"""Balances and prices under the names that the user gives to the codes of an account."""

from __future__ import annotations

from exchange_cache.value.named import codes_of, named_balances, named_prices
from tests.cost.builders import balance, price

NAMES = {"b": {"NEIRO": "NEIRO-2"}}


def test_a_balance_is_of_the_asset_that_its_account_means() -> None:
    rows = [balance("1", "NEIRO", account=account) for account in ("a", "b")]
    found = named_balances([*rows, balance("1", "BTC", account="b")], NAMES)
    assert [one.asset for one in found] == ["NEIRO", "NEIRO-2", "BTC"]
    assert [one.code for one in found] == ["NEIRO", "NEIRO", "BTC"]


def test_a_price_is_of_the_assets_that_its_account_means() -> None:
    rows = [
        price("NEIRO/USDT", "1", account="a"),
        price("NEIRO/USDT", "2", account="b"),
        price("X/NEIRO", "3", account="b"),
    ]
    found = named_prices(rows, NAMES)
    pairs = [(one.base, one.quote) for one in found]
    assert pairs == [("NEIRO", "USDT"), ("NEIRO-2", "USDT"), ("X", "NEIRO-2")]


def test_the_prices_of_a_named_asset_are_stored_under_its_code() -> None:
    assert codes_of({"NEIRO-2", "BTC"}, NAMES) == {"NEIRO-2", "NEIRO", "BTC"}
    assert codes_of({"BTC"}, NAMES) == {"BTC"}

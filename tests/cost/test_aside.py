"""Units in wallets that are not read keep their cost and return with it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.records import Transfer
from tests.cost.builders import basis_book, fill, transfer

D = Decimal
UNREAD = AssetEvents(unread={"main": frozenset({"bots"}), "b": frozenset({"bots"})})
APART = AssetEvents(
    exchange_of={"main": "kraken", "b": "krakenfutures", "c": "krakenfutures"},
    unread={"main": frozenset({"futures"}), "b": frozenset({"spot"}), "c": frozenset({"spot"})},
    apart={
        "main": {"futures": "krakenfutures"},
        "b": {"spot": "kraken"},
        "c": {"spot": "kraken"},
    },
)


def moved(quantity: str, hour: float, asset: str = "BTC", account: str = "main") -> Transfer:
    """To the bots, or back (negative)."""
    ends = ("bots", "spot") if quantity.startswith("-") else ("spot", "bots")
    row = transfer("internal", quantity.lstrip("-"), asset, hour=hour, account=account)
    return replace(row, from_wallet=ends[0], to_wallet=ends[1])


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_units_return_with_the_cost_they_left_with(method: str) -> None:
    rows = [fill("buy", "2", "100"), moved("2", 1), fill("buy", "1", "400", hour=2), moved("-2", 3)]
    away = basis_book(*rows[:3], method=method, assets=UNREAD).pooled["BTC"]
    assert (away.cost, away.unread, away.unread_quantity, away.quantity) == (400, -200, 2, 1)
    home = basis_book(*rows, method=method, assets=UNREAD).pooled["BTC"]
    assert (home.cost, home.unread, home.unread_quantity, home.quantity) == (600, 0, 0, 3)
    assert (home.realised_pnl, home.deposited) == (0, 0)


def test_what_returns_beyond_is_unclassified_and_its_cost_unknown() -> None:
    found = basis_book(
        fill("buy", "2", "100"), moved("2", 1), moved("-3", 2), assets=UNREAD
    ).pooled["BTC"]
    assert (found.cost, found.unknown_quantity, found.quantity) == (200, 1, 3)
    assert found.unknown_reasons == ("unread 2026-01-01",)
    money = basis_book(moved("10", 1, "USDT"), moved("-12", 2, "USDT"), assets=UNREAD).pooled[
        "USDT"
    ]
    assert (money.unread, money.unclassified, money.deposited) == (0, 2, 0)


def test_one_account_does_not_bring_back_what_another_set_aside() -> None:
    book = basis_book(
        fill("buy", "2", "100"), moved("2", 1), moved("-1", 2, account="b"), assets=UNREAD
    )
    assert book.by_account["b", "BTC"].unknown_quantity == 1
    pooled = book.pooled["BTC"]
    assert (pooled.unread_quantity, pooled.unknown_quantity, pooled.quantity) == (2, 1, 1)


def to_futures(quantity: str, hour: float, asset: str = "BTC") -> Transfer:
    row = transfer("internal", quantity, asset, hour=hour)
    return replace(row, from_wallet="spot", to_wallet="futures")


def from_spot(quantity: str, hour: float, asset: str = "BTC", account: str = "b") -> Transfer:
    row = transfer("internal", quantity, asset, hour=hour, account=account)
    return replace(row, from_wallet="spot", to_wallet=None)


def test_a_move_whose_other_end_another_account_reports_is_one_between_own_accounts() -> None:
    rows = (fill("buy", "2", "100"), to_futures("2", 1), from_spot("2", 1.1))
    book = basis_book(*rows, assets=APART)
    there = book.by_account["b", "BTC"]
    assert (there.cost, there.moved, there.unread) == (200, 200, 0)
    pooled = book.pooled["BTC"]
    assert (pooled.quantity, pooled.cost, pooled.unread, pooled.moved) == (2, 200, 0, 0)
    assert not [one for one in book.findings if one.code == "unread_wallet"]


def test_it_is_one_in_the_other_direction_too() -> None:
    back = replace(from_spot("1", 2), from_wallet=None, to_wallet="spot")
    home = replace(to_futures("1", 2.1), from_wallet="futures", to_wallet="spot")
    rows = (fill("buy", "2", "100"), to_futures("2", 1), from_spot("2", 1.1), back, home)
    book = basis_book(*rows, assets=APART)
    assert book.by_account["main", "BTC"].cost == book.by_account["b", "BTC"].cost == 100
    assert (book.pooled["BTC"].unread, book.pooled["BTC"].unknown_quantity) == (0, 0)


def test_moves_of_two_accounts_to_products_of_one_name_are_not_one() -> None:
    rows = (fill("buy", "2", "100"), moved("2", 1), moved("-2", 1.1, account="b"))
    book = basis_book(*rows, assets=UNREAD)
    assert book.by_account["b", "BTC"].unknown_quantity == 2
    assert book.pooled["BTC"].unread_quantity == 2


def test_a_move_arrives_at_one_account_only_and_within_the_hour() -> None:
    rows = (fill("buy", "2", "100"), to_futures("2", 1), from_spot("2", 1.1))
    both = basis_book(*rows, from_spot("2", 1.2, account="c"), assets=APART)
    assert (both.by_account["b", "BTC"].cost, both.by_account["c", "BTC"].unknown_quantity) == (
        200,
        2,
    )
    late = basis_book(*rows[:2], from_spot("2", 3), assets=APART)
    assert late.pooled["BTC"].unread_quantity == 2


def test_a_finding_names_what_no_balance_contains() -> None:
    book = basis_book(fill("buy", "2", "100"), moved("2", 1), assets=UNREAD)
    (finding,) = [one for one in book.findings if one.code == "unread_wallet"]
    assert finding.message == (
        "2 BTC (cost 200) were moved to wallets that are not read: no balance and no total"
        " contains them"
    )


def test_without_such_wallets_a_move_changes_nothing() -> None:
    found = basis_book(fill("buy", "2", "100"), moved("2", 1)).pooled["BTC"]
    assert (found.quantity, found.unread) == (2, 0)

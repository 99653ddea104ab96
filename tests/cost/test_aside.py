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


def test_a_move_whose_other_end_another_account_reports_is_one_between_own_accounts() -> None:
    book = basis_book(
        fill("buy", "2", "100"), moved("2", 1), moved("-2", 1.1, account="b"), assets=UNREAD
    )
    there = book.by_account["b", "BTC"]
    assert (there.cost, there.moved, there.unread) == (200, 200, 0)
    pooled = book.pooled["BTC"]
    assert (pooled.quantity, pooled.cost, pooled.unread, pooled.moved) == (2, 200, 0, 0)


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

"""Loans of a unified account, at the simulated Bybit over HTTP: what is owned, owed, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.simulator.server import running_simulator
from exchange_cache.simulator.venue import Venue
from tests.e2e.test_truth import cached_balances, true_balances
from tests.e2e.world import World

D = Decimal


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Bybit account that owns 1000 USDT and owes nothing."""
    venue = Venue(seed=1, accounts={"main": "bybit"}, history_too=False)
    venue.deposit("main", "USDT", D(1000))
    venue.transfer("main", "USDT", D(1000), "funding", "unified")
    with running_simulator(venue, limit_scale=1000) as simulator:
        yield World.create(simulator, tmp_path, history_days=30)


def reading(world: World) -> Any:
    """The portfolio after a sync, which must be without a word."""
    done = world.run("sync", "--full")
    assert (done.code, done.err) == (0, "")
    assert cached_balances(world, "main") == true_balances(world, "main")
    return world.run("portfolio", "--json", "--no-refresh").json()


def holdings(whole: Any) -> dict[str, Any]:
    return {row["asset"]: row for row in whole["holdings"]}


def missing_history(world: World) -> list[str]:
    return [
        found.message
        for found in world.repository().derived.findings()
        if found.code == "sold_more_than_known"
    ]


def test_borrowed_money_is_not_owned(world: World) -> None:
    before = reading(world)
    world.simulator.venue.borrow("main", "USDT", D(200))
    after = reading(world)
    assert D(after["totals"]["value"]) == D(before["totals"]["value"]) == 1000
    (row,) = world.run("balances", "--json").json()["rows"]
    assert [D(row[name]) for name in ("free", "used", "total", "debt")] == [1200, 0, 1000, 200]


def test_a_coin_borrowed_and_sold_is_a_negative_holding_and_a_short(world: World) -> None:
    venue = world.simulator.venue
    (sold,) = venue.margin_trade("main", "SOL/USDT", "sell", D(3))
    whole = reading(world)
    held, proceeds = holdings(whole), sold.cost - sold.fees[0][1]
    owed = held["SOL"]
    assert (owed["quantity"], owed["explained_quantity"], owed["unknown_reasons"]) == (
        "-3",
        "-3",
        [],
    )
    assert D(owed["average_entry_price"]) == pytest.approx(proceeds / 3, rel=D("1e-20"))
    assert D(owed["value"]) == D(owed["price"]) * -3
    assert D(held["USDT"]["quantity"]) == 1000 + proceeds
    assert D(whole["totals"]["value"]) == 1000 + proceeds + D(owed["value"])
    assert missing_history(world) == []


def test_a_loan_that_the_exchange_logs_after_its_order_is_a_short_as_well(world: World) -> None:
    venue = world.simulator.venue
    (sold,) = venue.margin_trade("main", "SOL/USDT", "sell", D(3))
    logged = venue.state.books.entries
    (loan,) = [one for one in venue.entries("main", wallet="unified") if one.kind == "borrow"]
    logged.remove(loan.time_ms, loan)
    logged.add(loan.time_ms + 1, replace(loan, time_ms=loan.time_ms + 1))
    owed = holdings(reading(world))["SOL"]
    assert (owed["quantity"], owed["explained_quantity"], owed["unknown_reasons"]) == (
        "-3",
        "-3",
        [],
    )
    assert D(owed["average_entry_price"]) == pytest.approx(
        (sold.cost - sold.fees[0][1]) / 3, rel=D("1e-20")
    )
    assert missing_history(world) == []


def test_interest_makes_what_is_owned_less_until_all_is_paid_back(world: World) -> None:
    venue = world.simulator.venue
    (sold,) = venue.margin_trade("main", "SOL/USDT", "sell", D(3))
    venue.accrue("main", "SOL", rate=D("0.01"))  # 0.03
    owed = holdings(reading(world))["SOL"]
    assert (owed["quantity"], owed["unknown_quantity"]) == ("-3.03", "0")
    explained = world.run("explain", "SOL", "--all")
    assert (
        "difference 0" in explained.out
        and "3 of it borrowed" in explained.out
        and "3 lent" in explained.out
    )

    (bought,) = venue.margin_trade("main", "SOL/USDT", "buy", D("3.05"), borrow=False)
    venue.repay("main", "SOL", D("3.03"))
    left = D("3.05") - bought.fees[0][1] - D("3.03")
    held = holdings(reading(world))
    assert (D(held["SOL"]["quantity"]), D(held["SOL"]["unknown_quantity"])) == (left, 0)
    (row,) = [item for item in world.repository().mirror.balances(["main"]) if item.asset == "SOL"]
    assert (row.total, row.debt) == (left, None)
    assert D(held["USDT"]["quantity"]) == 1000 + sold.cost - sold.fees[0][1] - bought.cost
    assert missing_history(world) == []


def test_a_purchase_with_borrowed_money_owes_that_money(world: World) -> None:
    venue = world.simulator.venue
    (bought,) = venue.margin_trade("main", "BTC/USDT", "buy", D("0.1"))
    held = holdings(reading(world))
    assert D(held["USDT"]["quantity"]) == 1000 - bought.cost < 0
    assert (
        D(held["BTC"]["quantity"])
        == D("0.1") - bought.fees[0][1]
        == D(held["BTC"]["explained_quantity"])
    )
    assert missing_history(world) == []
    moves = [
        (item.from_wallet, item.to_wallet, item.asset)
        for item in world.repository().ledger.transfers(Filter(accounts=["main"]))
    ]
    assert ("loan", "unified", "USDT") in moves

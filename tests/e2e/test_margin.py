"""Margin trading on Binance over HTTP: shorts with their averages, pairs, and an account that has
no margin wallet."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.records import DataType
from exchange_cache.simulator.server import running_simulator
from exchange_cache.simulator.venue import Fill, Venue
from tests.e2e.test_truth import cached_balances, true_balances
from tests.e2e.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Binance account at which nothing has happened yet."""
    venue = Venue(seed=1, accounts={"main": "binance"}, history_too=False)
    with running_simulator(venue, limit_scale=1000) as simulator:
        made = World.create(simulator, tmp_path, history_days=30)
        config, wallets = made.home / "config.toml", 'wallets = ["margin", "margin-isolated"]'
        config.write_text(
            config.read_text().replace(
                'exchange = "binance"\n', f'exchange = "binance"\n{wallets}\n'
            )
        )
        yield made


def holding(world: World, asset: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = world.run("portfolio", "--json", "--no-refresh").json()["holdings"]
    return next(row for row in rows if row["asset"] == asset)


def basis(world: World, asset: str) -> AssetBasis:
    return next(
        item
        for item in world.repository().derived.bases("average", "USDT")
        if (item.account, item.asset) == ("main", asset)
    )


def fee_in(asset: str, fill: Fill) -> Decimal:
    assert {name for name, _ in fill.fees} <= {"USDT", "NEAR"}
    return sum((amount for name, amount in fill.fees if name == asset), Decimal(0))


@pytest.mark.parametrize("isolated", [False, True], ids=["cross", "isolated"])
def test_a_short_shows_its_average_and_buying_back_its_result(world: World, isolated: bool) -> None:
    venue = world.simulator.venue
    sold = venue.margin_trade("main", "NEAR/USDT", "sell", Decimal(30), isolated=isolated, parts=2)
    assert world.run("sync").code == 0
    assert cached_balances(world, "main") == true_balances(world, "main")
    owed = holding(world, "NEAR")
    assert [(row["wallet"], row["total"]) for row in owed["wallets"]] == [
        ("margin-isolated" if isolated else "margin", "-30")
    ]
    proceeds = sum((fill.cost - fee_in("USDT", fill) for fill in sold), Decimal(0))
    assert Decimal(owed["average_entry_price"]) == pytest.approx(
        proceeds / 30, rel=Decimal("1e-20")
    )
    assert (owed["explained_quantity"], owed["unknown_quantity"], owed["unknown_reasons"]) == (
        "-30",
        "0",
        [],
    )

    (bought,) = venue.margin_trade("main", "NEAR/USDT", "buy", Decimal(40), isolated=isolated)
    venue.repay("main", "NEAR", Decimal(30), pair="NEAR/USDT" if isolated else None)
    reported = world.run("reload", "--force", "--json").json()
    assert {row["fill_id"] for row in reported["new_fills"]} == {bought.id}
    assert cached_balances(world, "main") == true_balances(world, "main")
    after, came = basis(world, "NEAR"), 40 - fee_in("NEAR", bought)
    assert after.quantity == came - 30 == Decimal(holding(world, "NEAR")["quantity"])
    assert after.cost == pytest.approx(bought.cost * (came - 30) / came, rel=Decimal("1e-20"))
    assert after.realised_pnl == pytest.approx(
        proceeds - bought.cost * 30 / came, rel=Decimal("1e-20")
    )
    assert not [found for found in world.repository().derived.findings() if found.scope == "cost"]


def test_interest_on_a_debt_is_read_and_explained(world: World) -> None:
    venue = world.simulator.venue
    venue.margin_trade("main", "NEAR/USDT", "sell", Decimal(30), isolated=True)
    charged = venue.accrue("main", "NEAR", pair="NEAR/USDT", rate=Decimal("0.001"))  # 0.03
    assert world.run("sync").code == 0
    assert cached_balances(world, "main") == true_balances(world, "main") and charged is not None
    (paid,) = [
        item
        for item in world.repository().ledger.transfers(Filter(accounts=["main"]))
        if item.scope == "margin-isolated-interest"
    ]
    assert (paid.quantity, paid.asset, paid.symbol, paid.from_wallet) == (
        charged.amount,
        "NEAR",
        "NEAR/USDT",
        "margin-isolated",
    )
    owed = holding(world, "NEAR")
    assert (owed["quantity"], owed["unknown_quantity"]) == ("-30.03", "0")
    explained = world.run("explain", "NEAR", "--all")
    assert "difference 0" in explained.out and "30 of it borrowed" in explained.out


def test_an_account_without_margin_costs_two_requests(world: World) -> None:
    world.simulator.venue.set_margin("main", "none")
    done = world.run("sync")
    assert (done.code, done.out, done.err) == (0, "", "")
    asked = {request.path for request in world.simulator.calls("binance", "/sapi/v1/margin/")}
    assert asked == {"/sapi/v1/margin/account", "/sapi/v1/margin/isolated/account"}
    parts = {
        (item.data_type, item.part): item.state
        for item in world.repository().progress.statuses(["main"])
    }
    assert parts[DataType.BALANCES, "margin"] == parts[DataType.FILLS, "margin"] == "not_offered"
    assert world.run("portfolio", "--no-refresh").code == 0

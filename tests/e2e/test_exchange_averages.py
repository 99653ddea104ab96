"""The averages that OKX tells of its own, over HTTP: they agree with the fills where like is
compared with like, else it is said."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.venue import Venue
from tests.e2e.world import World

pytestmark = pytest.mark.long

TRADES = (
    ("SUI/USDT", "buy", "100"),
    ("SUI/USDT", "sell", "30"),
    ("BTC/USDT", "buy", "0.05"),
    ("ETH/BTC", "buy", "0.2"),
    ("SUI/USDT", "buy", "50"),
)


@pytest.fixture
def young(make_world: Callable[..., World]) -> World:
    """An OKX account without a past that traded a little today; Coinbase lists the dollar."""
    venue = Venue(history_too=False, accounts={"okx": "okx", "coinbase": "coinbase"})
    venue.deposit("okx", "USDT", Decimal(10_000), wallet="trading")
    for symbol, side, amount in TRADES:
        venue.trade("okx", symbol, side, Decimal(amount))
    return make_world(venue=venue, history_days=None)


def synced_averages(world: World, asset: str) -> dict[str, dict[str, Any]]:
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    return averages(world, asset)


def averages(world: World, asset: str) -> dict[str, dict[str, Any]]:
    """The exchange's own figures by name, as ``explain --json`` tells them."""
    return {
        row["name"]: row
        for row in world.run("explain", asset, "--json").json()["exchange_averages"]
    }


def warnings(world: World, code: str = "average_differs") -> list[dict[str, Any]]:
    reported = world.run("portfolio", "--no-refresh", "--json").json()["warnings"]
    return [item for item in reported if item["code"] == code]


def control(world: World, name: str, **body: str) -> None:
    request = urllib.request.Request(
        f"{world.simulator.url}/_venue/{name}", data=json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=4) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("asset", ["SUI", "BTC", "ETH"])
def test_both_figures_agree_with_the_fills_of_a_young_account(young: World, asset: str) -> None:
    reported = synced_averages(young, asset)

    assert {name: row["verdict"] for name, row in reported.items()} == {
        "openAvgPx": "agrees",
        "accAvgPx": "agrees",
    }
    for row in reported.values():
        assert (row["account"], row["wallet"], row["unit"]) == ("okx", "trading", "USD")
        assert Decimal(row["by_fills_low"]) < Decimal(row["price"]) < Decimal(row["by_fills_high"])
    assert warnings(young) == []
    assert young.run("explain", asset).out.count(": agrees") == 2


def test_no_request_is_made_for_them(young: World) -> None:
    assert synced_averages(young, "SUI")
    assert len(young.simulator.calls("okx", "account/balance")) == 1


def test_a_figure_that_differs_is_a_finding_with_both_figures_and_a_cure(young: World) -> None:
    control(young, "cost", account="okx", asset="SUI", price="77")
    reported = synced_averages(young, "SUI")

    assert {row["verdict"] for row in reported.values()} == {"differs"}
    (warning,) = warnings(young)
    assert (warning["account"], warning["asset"]) == ("okx", "SUI")
    assert "average of the buys 77 USD, by fills 0." in warning["message"]
    for command in ("portfolio", "status"):
        shown = " ".join(
            young.run(command, *(["--no-refresh"] if command == "portfolio" else [])).out.split()
        )
        assert "average of the buys 77 USD, by fills 0." in shown
        assert "excache sync --account okx --only fills --full" in shown
    assert young.run("explain", "SUI").out.count("DIFFERS") == 2
    assert {row["verdict"] for row in averages(young, "BTC").values()} == {"agrees"}


def test_a_figure_that_changes_without_a_trade_is_seen_by_the_next_sync(young: World) -> None:
    synced_averages(young, "SUI")
    assert warnings(young) == []
    control(young, "cost", account="okx", asset="SUI", price="77")
    synced_averages(young, "SUI")

    assert [item["asset"] for item in warnings(young)] == ["SUI"]


def test_units_that_were_moved_meanwhile_are_reported_as_not_comparable(young: World) -> None:
    control(young, "cost", account="okx", asset="SUI", price="77")
    control(
        young,
        "transfer",
        account="okx",
        asset="SUI",
        amount="10",
        **{"from": "trading", "to": "funding"},
    )
    reported = synced_averages(young, "SUI")

    assert {row["verdict"] for row in reported.values()} == {"not_comparable"}
    assert warnings(young) == []
    assert "not comparable" in young.run("explain", "SUI").out


def test_without_a_market_of_the_dollar_nothing_is_compared(
    make_world: Callable[..., World],
) -> None:
    venue = Venue(history_too=False, accounts={"okx": "okx"})
    venue.deposit("okx", "USDT", Decimal(10_000), wallet="trading")
    venue.trade("okx", "SUI/USDT", "buy", Decimal(100))
    reported = synced_averages(make_world(venue=venue, history_days=None), "SUI")

    assert {row["reason"] for row in reported.values()} == {"no_rate"}


def test_a_long_past_that_is_out_of_retention_raises_no_finding(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts={"okx": "okx", "coinbase": "coinbase"}, history_days=None)
    reported = [
        row
        for asset in ("BTC", "ETH", "SOL", "XRP", "SUI", "OKB")
        for row in synced_averages(world, asset).values()
    ]

    assert {row["verdict"] for row in reported if row["name"] == "accAvgPx"} == {"not_comparable"}
    assert {row["verdict"] for row in reported} <= {"agrees", "not_comparable"}
    assert all(row["reason"] for row in reported if row["verdict"] == "not_comparable")
    assert warnings(world) == []
    assert warnings(world, "out_of_retention")

"""Orders held against fills over HTTP: quiet in a whole world, and heard when a fill is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal

from exchange_cache.cache.filter import Filter
from tests.e2e.world import World


def codes(world: World) -> list[str]:
    return [
        item.code
        for item in world.repository().derived.findings()
        if item.code == "orders_without_fills"
    ]


def test_in_a_whole_world_no_order_lacks_its_fills(synced: World) -> None:
    assert any(order.filled for order in synced.repository().ledger.orders())
    assert codes(synced) == []


def test_a_lost_fill_is_found_by_its_order_and_comes_back(make_world: Callable[..., World]) -> None:
    world = make_world(accounts={"kraken": "kraken"}, fills=100, history_days=60)
    assert world.run("sync").code == 0
    lost = min(
        (
            item
            for item in world.repository().ledger.fills(Filter(accounts=["kraken"]))
            if item.kind == "trade"
        ),
        key=lambda one: one.time,
    )
    with sqlite3.connect(world.home / "cache.sqlite3") as connection:
        connection.execute(
            "DELETE FROM exchange_fills WHERE symbol = ? AND fill_id = ?",
            (lost.symbol, lost.fill_id),
        )
    world.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.001"))
    assert world.run("sync").code == 0
    assert codes(world) == ["orders_without_fills"]
    reported = f"{lost.symbol} {lost.order_id}"
    for words in (("status",), ("portfolio", "--no-refresh")):
        assert reported in world.run(*words).out.replace("\n", " "), words
    warnings = world.run("portfolio", "--json", "--no-refresh").json()["warnings"]
    assert any(
        row["code"] == "orders_without_fills" and reported in row["message"] for row in warnings
    )

    assert world.run("sync", "--account", "kraken", "--only", "fills", "--full").code == 0, (
        "the cure that it names"
    )
    assert codes(world) == []
    assert lost.key in {
        item.key for item in world.repository().ledger.fills(Filter(accounts=["kraken"]))
    }

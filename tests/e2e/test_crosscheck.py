"""Orders held against fills over HTTP: quiet in a whole world, and heard when a fill is missing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from exchange_cache.cache.filter import Filter
from tests.e2e.spoiling import Passing, spoiled
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


def test_a_lost_fill_is_found_by_its_order_and_comes_back_by_itself(
    make_world: Callable[..., World],
) -> None:
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
    world.change(
        "DELETE FROM exchange_fills WHERE symbol = ? AND fill_id = ?", lost.symbol, lost.fill_id
    )
    world.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.001"))
    assert world.run("sync").code == 0
    assert codes(world) == []
    assert lost.key in keys(world)


def test_a_fill_that_the_exchange_withholds_is_said_by_every_screen(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts={"kraken": "kraken"}, fills=100, history_days=60)
    withheld: list[str] = []

    def withhold(passing: Passing, body: Any) -> Any:
        """One fill less, and one less is counted."""
        if "TradesHistory" not in passing.path:
            return body
        trades, count = body["result"]["trades"], body["result"]["count"]
        withheld.extend(list(trades)[-1:] if not withheld else [])
        kept = {name: row for name, row in trades.items() if name not in withheld}
        return {**body, "result": {**body["result"], "trades": kept, "count": count - 1}}

    with spoiled(world) as spoiler:
        spoiler.spoil = withhold
        assert world.run("sync").code == 0
    assert codes(world) == ["orders_without_fills"]
    for words in (("status",), ("portfolio", "--no-refresh")):
        assert "their fills" in world.run(*words).out or "its fills" in world.run(*words).out, words
    warnings = world.run("portfolio", "--json", "--no-refresh").json()["warnings"]
    assert [row["hint"] for row in warnings if row["code"] == "orders_without_fills"] == [
        "excache sync --account kraken"
    ]

    assert world.run("sync").code == 0, "the cure that it names"
    assert codes(world) == []
    assert withheld[0] in {fill_id for *_, fill_id in keys(world)}


def keys(world: World) -> set[tuple[object, ...]]:
    return {item.key for item in world.repository().ledger.fills(Filter(accounts=["kraken"]))}

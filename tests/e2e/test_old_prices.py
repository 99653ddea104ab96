"""A history older than an exchange's hourly candles is priced by the day and the week, over HTTP
and through the whole command line.

Case 05 of the cases from users: only a Kraken account, the default reporting asset USDT, ETH bought
for USD at six ages. Kraken serves the newest 720 candles of each width, so four of six purchases
had no rate, and the average explained 1 of 3 ETH.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.money import to_decimal
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Venue
from tests.e2e.world import World

#: Days ago, and the price in USD, of half an ETH each.
BOUGHT = ((900, "1400"), (600, "1800"), (300, "2400"), (100, "2100"), (20, "2124"), (5, "2200"))
AVERAGE = sum((Decimal(price) for _, price in BOUGHT), Decimal(0)) / len(BOUGHT)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    ago = [timedelta(days=900, minutes=1)]  # in the week of the first purchase, for one price
    venue = Venue(
        clock=lambda: to_ms(datetime.now(UTC) - ago[-1]),
        accounts={"main": "kraken"},
        history_too=False,
    )
    venue.deposit("main", "USD", Decimal(10_000))
    for days, price in BOUGHT:
        ago.append(timedelta(days=days))
        venue.trade("main", "ETH/USD", "buy", Decimal("0.5"), type="limit", price=Decimal(price))
        if days == 100:
            venue.deposit("main", "DOT", Decimal(20))
    ago.append(timedelta(0))
    with running_simulator(venue, limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def world(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World.create(simulator, tmp_path_factory.mktemp("home"))
    done = made.run("sync")
    assert done.code == 0, done.err
    return made


def explained(world: World, *words: str) -> Any:
    return world.run("explain", "ETH", "--format", "json", *words).json()


def test_every_unit_has_a_cost_and_each_price_its_width(world: World) -> None:
    found = explained(world)
    result = found["reconciliation"]

    assert (result["explained_quantity"], result["unknown_quantity"]) == ("3", "0")
    assert abs(to_decimal(result["average_entry_price"]) / AVERAGE - 1) < Decimal("0.01")
    assert [row["priced_by"] for row in found["rows"]] == [
        "week", "day", "day", "day", "hour", "hour",
    ]  # fmt: skip


def test_explain_states_the_widths_in_words(world: World) -> None:
    shown = world.run("explain", "ETH", "--all").out

    assert "Priced by the day: 3 of 6 events" in shown
    assert "Priced by the week: 1 of 6 events" in shown
    assert "priced by the week" in world.run("explain", "ETH", "--all", "--format", "plain").out


def test_a_series_is_requested_once_per_500_candles(world: World, simulator: Simulator) -> None:
    sent = [call for call in simulator.calls() if call.path.endswith("/OHLC")]

    asked = Counter((call.params["pair"], call.params["interval"]) for call in sent)
    assert {key: count for key, count in asked.items() if "DOT" not in key[0]} == {
        (pair, width): 2 if width == "1440" else 1
        for pair in ("XETHZUSD", "USDTZUSD")
        for width in ("60", "1440", "10080")
    }


@pytest.mark.sqlite  # an earlier version had no server
def test_a_cache_that_knew_hours_only_is_completed_by_the_next_sync(
    world: World, simulator: Simulator, tmp_path: Path
) -> None:
    old = World.create(simulator, tmp_path)
    cache = sqlite3.connect(old.home / "cache.sqlite3")
    with closing(sqlite3.connect(world.home / "cache.sqlite3")) as filled:
        filled.backup(cache)
    for statement in (
        "UPDATE asset_rates SET value = NULL, route = '[]', resolution_s = 3600"
        " WHERE resolution_s > 3600",
        "DELETE FROM schema_migrations WHERE version = 11",
        "DROP TABLE asset_price_ranges",
        "DELETE FROM exchange_memory WHERE key = 'derived_from'",
    ):
        cache.execute(statement)
    cache.commit()
    cache.close()
    before = explained(old)["reconciliation"]
    assert (before["explained_quantity"], before["unknown_quantity"]) == ("1", "2")

    assert old.run("sync").code == 0
    assert explained(old)["reconciliation"]["unknown_quantity"] == "0"


def test_sources_that_leave_every_exchange_out_send_no_request(
    world: World, simulator: Simulator, tmp_path: Path
) -> None:
    alone = World.create(simulator, tmp_path)
    config = alone.home / "config.toml"
    config.write_text(f"price_sources = []\n{config.read_text()}")
    before = len(simulator.calls())
    assert alone.run("sync").code == 0

    sent = [call for call in simulator.calls()[before:] if call.path.endswith("/OHLC")]
    assert sent == []
    assert explained(alone)["reconciliation"]["explained_quantity"] == "0"


def test_units_of_unknown_cost_have_bounds_by_the_prices_of_their_day(
    world: World, simulator: Simulator
) -> None:
    result = world.run("explain", "DOT", "--format", "json").json()["reconciliation"]
    (deposit,) = simulator.venue.transfers("main")[-1:]
    day = deposit.time_ms // 86_400_000 * 86_400_000
    (candle,) = simulator.venue.candles("kraken", "DOT/USD", "1d", day, 1)

    assert (result["average_entry_price"], result["unknown_quantity"]) == (None, "20")
    bounds = result["bounds"]
    assert bounds["first_day"] == bounds["last_day"] == f"{from_ms(day):%Y-%m-%d}"
    for name, price in (("low", candle.low), ("high", candle.high)):
        assert abs(to_decimal(bounds[name]) / price - 1) < Decimal("0.01")
    assert "Bounds, not an average: all 20 cost from" in world.run("explain", "DOT", "--all").out
    assert explained(world)["reconciliation"]["bounds"] is None

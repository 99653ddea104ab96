"""The public Python API for reading: ``PortfolioDataAccessor`` with ``reload_data()``."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

from exchange_cache.cli.accessor import open_accessor
from exchange_cache.cli.app import App
from tests.e2e.world import World


def _app(world: World) -> App:
    return App(env=world.env, clock=world.clock, out=io.StringIO(), err=io.StringIO())


def _held(world: World, asset: str) -> Decimal:
    return sum(
        (row.total for row in world.simulator.venue.balances("kraken") if row.asset == asset),
        Decimal(0),
    )


def test_reload_data_fetches_the_trade_just_made(make_world: Callable[..., World]) -> None:
    world = make_world(fills=100, accounts={"kraken": "kraken"})
    assert world.run("sync").code == 0
    app = _app(world)
    accessor = open_accessor(app)
    world.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.001"))
    before = next(item.quantity for item in accessor.read().holdings if item.asset == "ETH")
    reading = accessor.reload_data(force=True)
    now = {item.asset: item for item in reading.holdings}
    spot = [part.total for part in now["BTC"].wallets if part.code == "BTC"]
    assert sum(spot, Decimal(0)) == _held(world, "BTC")
    assert now["ETH"].quantity == before


def test_reload_data_without_force_asks_nothing_that_is_fresh(world: World) -> None:
    app = _app(world)
    asked = len(world.simulator.calls())
    open_accessor(app).reload_data()
    assert len(world.simulator.calls()) == asked

"""A small synced world (one Kraken account) that every test gets a copy of, so that it may break
whatever it likes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exchange_cache.clock import SystemClock
from exchange_cache.simulator.server import Simulator, running_simulator
from tests.e2e.world import World


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world that is copied; nobody changes it."""
    with running_simulator(
        seed=1, fills=100, limit_scale=1000, accounts={"kraken": "kraken"}
    ) as simulator:
        world = World.create(simulator, tmp_path_factory.mktemp("template") / "home")
        assert world.run("sync").code == 0
        yield world


@pytest.fixture
def world(template: World, tmp_path: Path) -> Iterator[World]:
    """A copy of the synced home; the exchange behind it is whole again afterwards."""
    home = tmp_path / "home"
    shutil.copytree(template.home, home, ignore=shutil.ignore_patterns("*.reads"))
    yield World(simulator=template.simulator, home=home, clock=template.clock)
    _repair(template.simulator)


@pytest.fixture
def fresh(world: World) -> World:
    """The same without any cache."""
    for file in world.home.glob("cache.sqlite3*"):
        file.unlink()
    return world


def _repair(simulator: Simulator) -> None:
    simulator.faults.clear()
    simulator.dialects["kraken"].forget_nonces()  # type: ignore[attr-defined]
    simulator.set_latency(0)
    simulator.start_exchange("kraken")
    simulator.venue.set_permissions("kraken", can_read=True, can_trade=False, can_withdraw=False)


class Later:
    """The real clock, ahead by some hours: what was fresh is stale."""

    def __init__(self, hours: float) -> None:
        self._ahead = timedelta(hours=hours)
        self._clock = SystemClock()

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)

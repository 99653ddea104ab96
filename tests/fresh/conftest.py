"""Small worlds of one exchange, whose whole sync takes a fraction of a second; most tests share one
and get a cache of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.fresh.helpers import Home


@pytest.fixture(scope="session")
def kraken() -> Iterator[Simulator]:
    """Simulated exchanges with one kraken account."""
    with running_simulator(limit_scale=1000, fills=100, accounts={"kraken": "kraken"}) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def synced_once(kraken: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after a first sync, to be copied."""
    home = Home.create(kraken, tmp_path_factory.mktemp("once") / "home")
    done = home.run("sync")
    assert (done.code, done.out, done.err) == (0, "", "")
    return home.home


@pytest.fixture
def calm(kraken: Simulator) -> Iterator[Simulator]:
    """The shared simulator; whatever a test does to it is undone."""
    yield kraken
    kraken.set_latency(0)
    kraken.start_exchange("kraken")
    kraken.faults.clear()


@pytest.fixture
def home(calm: Simulator, tmp_path: Path) -> Home:
    """One kraken account, nothing cached."""
    return Home.create(calm, tmp_path / "home")


@pytest.fixture
def synced(home: Home, synced_once: Path) -> Home:
    """One kraken account synced a moment ago; trades that other tests made since then are not in
    its cache yet."""
    shutil.copytree(synced_once, home.home, dirs_exist_ok=True)
    return home


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[Callable[..., Home]]:
    """``make_home(accounts={"bybit": "bybit"}, clock=…, app_clock=…)``: exchanges of one's own and
    a home folder that knows them."""
    opened = []

    def make(**options: object) -> Home:
        app_clock = options.pop("app_clock", None)
        context = running_simulator(
            **{"limit_scale": 1000, "fills": 100, "accounts": {"kraken": "kraken"}, **options}
        )
        simulator = context.__enter__()
        opened.append(context)
        return Home.create(simulator, tmp_path / f"made{len(opened)}", app_clock)

    yield make
    for context in reversed(opened):
        context.__exit__(None, None, None)

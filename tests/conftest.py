"""One synced world for all tests that only read, and fresh ones for those that change something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from exchange_cache.simulator.server import running_simulator
from tests.e2e.world import World

pytest_plugins = ["tests.sampling", "tests.engine"]

#: No test is timed: how long an example takes depends on the machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The default world of the demo after its first sync; tests only read it."""
    with running_simulator(seed=1, limit_scale=1000) as simulator:
        world = World.create(simulator, tmp_path_factory.mktemp("synced"))
        done = world.run("sync")
        assert (done.code, done.out, done.err) == (0, "", "")
        yield world


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Small fresh worlds with a short past: ``make_world(fills=300, accounts={"kraken": "kraken"},
    history_days=None)``."""
    opened = []

    def make(*, history_days: int | None = 90, **options: object) -> World:
        context = running_simulator(**{"limit_scale": 1000, "fills": 300, **options})
        simulator = context.__enter__()
        opened.append(context)
        return World.create(simulator, tmp_path / f"home{len(opened)}", history_days=history_days)

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Side by side (``-n``), a file stays in one worker, and all that read the synced world share
    one."""
    shared = (
        "synced" in getattr(item, "fixturenames", ()) and item.path.parent.name != "fresh"
    )  # that folder has one of its own
    item.add_marker(pytest.mark.xdist_group("synced" if shared else item.path.name))


#: Groups that wait or work long: they begin first, so that no worker is left alone with one of
#: them.
_LONG = (
    "test_cron_daemon.py",
    "synced",
    "test_kills.py",
    "test_faults.py",
    "test_exchange_averages.py",
    "test_lock.py",
    "test_truth.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long groups first, else in the order of the files (with ``--no-loadscope-reorder``)."""

    def place(item: pytest.Item) -> int:
        marker = item.get_closest_marker("xdist_group")
        group = str(marker.args[0]) if marker is not None else ""
        return _LONG.index(group) if group in _LONG else len(_LONG)

    items.sort(key=place)

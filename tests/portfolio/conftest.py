"""Worlds whose time stands still unless a test moves it, so that every figure can be computed
beside the program."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock, to_ms
from exchange_cache.simulator.server import running_simulator
from tests.e2e.world import Result, World
from tests.homes import HOMES

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MIRRORS = ("--only", "balances", "--only", "prices", "--only", "positions")


class Still(SetClock):
    """Nobody but the test moves it: waiting takes no time."""

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class StillWorld:
    """Simulated exchanges and a home on one clock that stands still."""

    world: World
    clock: Still

    @property
    def venue(self):
        return self.world.simulator.venue

    def pass_time(self, **span: float) -> None:
        self.clock.at += timedelta(**span)

    def run(self, *words: str) -> Result:
        return self.world.run(*words)

    def sync(self, *words: str) -> None:
        if "--account" not in words:
            self.pass_time(seconds=1)  # a nonce must rise, at kraken
        done = self.run("sync", *words)
        assert done.code == 0, done.err

    def portfolio(self, *words: str) -> dict:
        done = self.run("portfolio", "--no-refresh", "--json", *words)
        assert done.code == 0, done.err
        return done.json()


def still_world(home: Path, *, history_days: int | None = None, **options) -> Iterator[StillWorld]:
    """``history_days``: fetch only that much of the past, for tests that are not about it."""
    clock = Still(at=NOON)
    with running_simulator(limit_scale=1000, clock=lambda: to_ms(clock.at), **options) as simulator:
        world = World.create(simulator, home, clock, history_days=history_days)
        yield StillWorld(world=world, clock=clock)


class FirstSyncs:
    """Worlds after a first sync. Equal worlds have equal histories, since their time stands still:
    the sync is done once, and its cache copied where it is a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[tuple[str, ...], str], Path] = {}

    def world(self, home: Path, *words: str, **options) -> Iterator[StillWorld]:
        """Exchanges of one's own, as ``still_world`` makes them, after ``sync`` with ``words``."""
        key = (words, repr(sorted(options.items())))
        for made in still_world(home, **options):
            if key in self._known and HOMES.cluster is None:
                shutil.copytree(self._known[key], home, dirs_exist_ok=True)
                made.pass_time(seconds=1)  # as a sync does
            else:
                made.sync(*words)
                self._keep(key, home)
            yield made

    def _keep(self, key: tuple[tuple[str, ...], str], home: Path) -> None:
        kept = self._folder / str(len(self._known))
        kept.mkdir(exist_ok=True)
        self._known[key] = kept
        for file in home.glob("cache.sqlite3*"):
            shutil.copy2(file, kept)


@pytest.fixture(scope="session")
def first_syncs(tmp_path_factory: pytest.TempPathFactory) -> FirstSyncs:
    return FirstSyncs(tmp_path_factory.mktemp("first_syncs"))


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillWorld]:
    """An account on each exchange, what is now already synced."""
    accounts = {
        "main": "binance",
        "bybit": "bybit",
        "kraken": "kraken",
        "okx": "okx",
        "coinbase": "coinbase",
    }
    for made in still_world(
        tmp_path_factory.mktemp("everywhere"), seed=5, fills=200, accounts=accounts
    ):
        made.sync(*MIRRORS)
        yield made


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillWorld]:
    """One account with its whole history, synced."""
    for made in still_world(
        tmp_path_factory.mktemp("reported"), seed=8, fills=400, accounts={"kraken": "kraken"}
    ):
        made.sync()
        yield made

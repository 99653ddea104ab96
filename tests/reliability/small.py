"""A small account of each exchange, with a home that was synced half-way through its trading: what
the trials begin with. One process makes each once."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from exchange_cache.simulator.dialects.kraken import Kraken
from tests.e2e.world import World
from tests.reliability.disturbed import Disturbed
from tests.reliability.ground import START, Ground, Shifted, make_ground
from tests.reliability.trial import Row, rows_of

ROUNDS = 8
LATER = timedelta(hours=1)
#: Mirrors: what each wallet held, and when that was read.
_BALANCES = "SELECT wallet, code, total, fetched_ms FROM exchange_balances ORDER BY 1, 2"
Balances = dict[str, tuple[tuple[str, str], ...]]


@dataclass
class Small:
    """One exchange. `template`: a home that was synced an hour before START."""

    ground: Ground
    simulator: Disturbed
    template: Path

    @property
    def exchange(self) -> str:
        return self.ground.exchange

    def home(self, folder: Path, *, synced: bool) -> World:
        """A home of its own, empty or as it was an hour before START; the clock stands at START."""
        self.ground.clock.at = START
        for dialect in self.simulator.dialects.values():
            if isinstance(dialect, Kraken):
                dialect.forget_nonces()  # they are times, and time begins anew
        shutil.copytree(self.template, folder)
        if not synced:
            for file in folder.glob("cache.sqlite3*"):
                file.unlink()
        return World(self.simulator, folder, Shifted(self.ground.clock))

    def calm(self) -> None:
        self.simulator.disturbances = ()
        self.simulator.faults.clear()


@cache
def small(exchange: str) -> Small:
    """The exchange with one half of its trading synced and the other half not."""
    ground = make_ground(exchange, rounds=ROUNDS, before=START - 2 * LATER)
    ground.clock.at = START - LATER
    simulator = Disturbed(ground.venue, limit_scale=1000)
    simulator.start()
    folder = Path(tempfile.mkdtemp(prefix="excache-torture-"))
    world = ground.home(simulator, folder / "home")
    done = world.run("sync")
    assert (done.code, done.err) == (0, ""), done.err
    ground.trade(ROUNDS)
    return Small(ground, simulator, folder / "home")


@cache
def undisturbed(exchange: str, *, synced: bool) -> tuple[tuple[Row, ...], Balances]:
    """What a cache holds after two syncs in which nothing goes wrong."""
    one = small(exchange)
    one.calm()
    with tempfile.TemporaryDirectory(prefix="excache-torture-") as folder:
        world = one.home(Path(folder) / "home", synced=synced)
        for _ in range(2):
            done = world.run("sync")
            assert (done.code, done.err) == (0, ""), done.err
            one.ground.clock.at += LATER
        return rows_of(world), balances_of(world.home)


@cache
def before(exchange: str) -> tuple[tuple[Row, ...], Balances]:
    """What the template holds."""
    one = small(exchange)
    return rows_of(World(one.simulator, one.template, Shifted(one.ground.clock))), balances_of(
        one.template
    )


def balances_of(home: Path) -> Balances:
    """The totals of each wallet."""
    with closing(sqlite3.connect(home / "cache.sqlite3")) as cache:
        found: Iterable[tuple[str, str, str, int]] = cache.execute(_BALANCES).fetchall()
    wallets: dict[str, list[tuple[str, str]]] = {}
    for wallet, code, total, _ in found:
        wallets.setdefault(wallet, []).append((code, total))
    return {wallet: tuple(rows) for wallet, rows in wallets.items()}


def parts_failed(home: Path) -> frozenset[tuple[str, str]]:
    """The data types and parts of which the last attempt failed."""
    sql = "SELECT data_type, part FROM exchange_sync_status WHERE error IS NOT NULL"
    with closing(sqlite3.connect(home / "cache.sqlite3")) as cache:
        return frozenset(cache.execute(sql).fetchall())

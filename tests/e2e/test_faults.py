"""Syncs in which much goes wrong at all six exchanges, and one in which nothing does, leave the
ledger of an undisturbed world."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import SystemClock, to_ms
from exchange_cache.exchanges import policy_for
from exchange_cache.records import DataType, Fill, FillKind, Transfer
from tests.e2e.test_kills import ledger
from tests.e2e.world import World

pytestmark = pytest.mark.long

#: How many syncs are disturbed; EXCACHE_TEST_FAULTS=40 is the long run over all the past, whose
#: syncs are killed and timed out, too.
ROUNDS = int(os.environ.get("EXCACHE_TEST_FAULTS", "1"))
SEED = int(os.environ.get("EXCACHE_TEST_SEED", "3"))
LONG = ROUNDS > 5
EXCHANGES = ("binance", "bybit", "kraken", "okx", "coinbase", "kucoin")
FAULTS = (
    "html200",
    "empty200",
    "truncated",
    "badrow",
    "badrow",
    "badrow",
    "repeat",
    "repeat",
    "500",
    "502",
    "503",
    "reset",
    "429",
    "skew",
)


@dataclass(frozen=True, slots=True)
class Hasty(SystemClock):
    """The machine's clock, for those who do not wait."""

    def sleep(self, seconds: float) -> None:
        return


def _forget(world: World) -> None:
    """The histories; the long run forgets the markets and all else, too."""
    if LONG:
        world.forget()
        return
    for table in (
        "exchange_fills",
        "exchange_orders",
        "exchange_transfers",
        "exchange_streams",
        "exchange_coverage",
    ):
        world.change(f"DELETE FROM {table}")


def _disturb(world: World, paths: dict[str, list[str]], rng: random.Random) -> None:
    for exchange in EXCHANGES:
        for path in rng.sample(paths[exchange], min(len(paths[exchange]), rng.randint(1, 6))):
            kinds = (*FAULTS, "timeout", "418") if LONG else FAULTS
            world.simulator.fault(exchange, path, rng.choice((1, 1, 2, 5)), rng.choice(kinds))


def _sync(world: World, rng: random.Random) -> None:
    """A disturbed run: in this process, or (the long run) sometimes killed."""
    if not LONG or rng.random() < 0.6:
        done = world.run("sync")
        assert done.code in (0, 1, 69, 75), done.err
        assert "a bug in excache" not in done.err, done.err
        return
    process = world.start(["sync"])
    try:
        process.communicate(timeout=rng.uniform(0.7, 4))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def _calm(world: World) -> None:
    """Nothing goes wrong any more, and what exchanges asked to wait for is over."""
    world.simulator.faults.clear()
    repository = world.repository()
    for key in repository.progress.memory(""):
        if key.startswith("pause "):
            repository.progress.forget("", key)
    repository.close()


def _claimed(
    world: World, fills: Iterable[Fill], transfers: Iterable[Transfer]
) -> list[Fill | Transfer]:
    """What is missing in the cache although every history that could have brought it says that its
    time is covered."""
    repository = world.repository()
    have = {item.key for item in repository.ledger.fills()} | {
        item.key for item in repository.ledger.transfers()
    }
    states = {
        (s.key.account, s.key.data_type, s.key.scope, s.key.symbol): s
        for s in repository.ledger.states()
    }
    repository.close()
    claimed: list[Fill | Transfer] = []
    for fill in fills:
        streams = [
            s
            for s in policy_for(fill.account).streams
            if (s.data_type, s.fill_kind) == (DataType.FILLS, fill.kind)
        ]
        own = [
            s
            for s in streams
            if fill.kind is not FillKind.TRADE or s.category == fill.category or s.mixed
        ]  # converts are of no wallet
        found = [
            states.get((fill.account, s.data_type, s.scope, fill.symbol if s.needs_symbol else ""))
            for s in own
        ]
        if (
            fill.key not in have
            and own
            and all(_covers(state, to_ms(fill.time)) for state in found)
        ):
            claimed.append(fill)
    for moved in transfers:
        state = states.get((moved.account, DataType.TRANSFERS, moved.scope, ""))
        if moved.key not in have and _covers(state, to_ms(moved.time)):
            claimed.append(moved)
    return claimed


def _covers(state: StreamState | None, at_ms: int) -> bool:
    return state is not None and state.covered.contains(at_ms)


def test_syncs_full_of_faults_leave_the_ledger_of_an_undisturbed_one(
    make_world: Callable[..., World],
) -> None:
    world = make_world(
        accounts={name: name for name in EXCHANGES}, fills=600, history_days=None if LONG else 10
    )
    world.clock = Hasty()
    config = world.home / "config.toml"
    config.write_text(
        f'retries = 0\nrequest_timeout = "2s"\nsweep_budget = 0\n{config.read_text()}'
    )
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    undisturbed = ledger(world.cache)
    repository = world.repository()
    fills, transfers = repository.ledger.fills(), repository.ledger.transfers()
    repository.close()
    assert {fill.account for fill in fills} == set(EXCHANGES)
    paths = {
        name: sorted({call.path for call in world.simulator.calls(name)}) for name in EXCHANGES
    }
    _forget(world)
    world.simulator.faults.clear()
    rng = random.Random(SEED)
    for _ in range(ROUNDS):
        _disturb(world, paths, rng)
        _sync(world, rng)
        assert _claimed(world, fills, transfers) == []
        _calm(world)
        if rng.random() < 0.3:
            _forget(world)
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    found = ledger(world.cache)
    assert {
        table: sorted(set(rows) ^ set(undisturbed[table]), key=str) for table, rows in found.items()
    } == {table: [] for table in found}
    assert found == undisturbed

"""A key that an exchange refuses in the middle of a run: never a success, never a missing right,
and nothing is lost by it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from exchange_cache.records import DataType
from exchange_cache.simulator.server import running_simulator
from exchange_cache.sync.movement import MOVEMENT, SEEN
from exchange_cache.value.freshness import SyncStatus
from tests.e2e.test_faults import EXCHANGES, Hasty
from tests.e2e.test_kills import ledger
from tests.e2e.world import Result, World

pytestmark = pytest.mark.long

#: After how many private requests the key is refused; EXCACHE_TEST_REFUSALS=1 tries every number.
STEPS = (0, 3, 9, 30)
EVERY = bool(os.environ.get("EXCACHE_TEST_REFUSALS"))
ALWAYS = 1_000_000
#: How the refusals come: (words of the exchange, how many).
FIRST = (("bad_key", ALWAYS), ("bad_key", 1), ("403", 1))
LATER = (("foreign_ip", ALWAYS), ("bad_key", 1), ("403", ALWAYS))


@dataclass
class Undisturbed:
    """A world of one exchange, what an undisturbed sync leaves in its cache, and how many private
    requests that takes."""

    world: World
    exchange: str
    rows: object
    states: dict[tuple[DataType, str], str]
    requests: int

    def steps(self) -> list[int]:
        every = range(self.requests)
        return list(every) if EVERY else [step for step in STEPS if step in every]

    def refuse(self, kind: str, times: int, after: int) -> None:
        if (self.exchange, kind) == ("kraken", "foreign_ip"):
            kind = "bad_key"  # it documents no words of its own for that
        self.world.simulator.fault(self.exchange, "", times, kind, after=after, signed=True)

    def forget(self) -> None:
        self.world.forget()

    def wake(self) -> None:
        """Let the next run request everything, like one after an update or in a daily round."""
        self.world.change("DELETE FROM exchange_memory WHERE key IN (?, ?)", SEEN, MOVEMENT)

    def heals(self) -> None:
        self.world.simulator.faults.clear()
        done = self.world.run("sync")
        assert (done.code, done.err) == (0, "")
        assert states(self.world) == self.states
        assert rows(self.world) == self.rows


def rows(world: World) -> object:
    """The histories, and the balances and positions by amount."""
    balances = world.query("SELECT account, wallet, asset, total FROM exchange_balances")
    positions = world.query("SELECT account, symbol, side, contracts FROM exchange_positions")
    return (ledger(world.cache), sorted(balances), sorted(positions))


def statuses(world: World) -> tuple[SyncStatus, ...]:
    repository = world.repository()
    try:
        return tuple(repository.progress.statuses())
    finally:
        repository.close()


def states(world: World) -> dict[tuple[DataType, str], str]:
    return {(status.data_type, status.part): status.state for status in statuses(world)}


@pytest.fixture(scope="module", params=EXCHANGES)
def undisturbed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Undisturbed]:

    name = request.param
    with running_simulator(accounts={name: name}, fills=120, limit_scale=1000) as simulator:
        world = World.create(simulator, tmp_path_factory.mktemp(name), Hasty(), history_days=3)
        config = world.home / "config.toml"
        config.write_text(f"retries = 0\nsweep_budget = 0\n{config.read_text()}")
        simulator.fault(name, "", 1, "bad_key", after=ALWAYS, signed=True)
        done = world.run("sync")
        assert (done.code, done.err) == (0, "")
        requests = ALWAYS - simulator.faults.waiting()[0].after
        simulator.faults.clear()
        found = Undisturbed(world, name, rows(world), states(world), requests)
        assert requests >= 5
        yield found


def test_a_missing_right_that_an_earlier_version_booked_wrongly_is_forgotten_by_the_next_sync(
    undisturbed: Undisturbed,
) -> None:
    world = undisturbed.world
    undisturbed.forget()
    assert world.run("sync").code == 0
    world.change(
        "UPDATE exchange_sync_status SET state = 'no_permission' WHERE part <> '' AND state = 'ok'"
    )
    world.change("UPDATE exchange_streams SET state = 'no_permission' WHERE state = 'ok'")
    undisturbed.wake()
    undisturbed.heals()


def assert_failed(
    world: World, done: Result, before: dict[tuple[DataType, str], str], at: str
) -> None:
    assert done.code in {1, 69, 77}, (at, done)
    assert done.err.startswith("excache: "), (at, done)
    assert "a bug in excache" not in done.err, (at, done)
    now = states(world)
    booked = {
        part: state
        for part, state in now.items()
        if state in {"no_permission", "not_offered"} and before.get(part) != state
    }
    assert booked == {}, at
    assert "failed" in now.values(), at


@pytest.mark.parametrize(("kind", "times"), FIRST)
def test_a_first_sync_with_a_key_that_is_refused_fails_and_the_next_one_is_whole(
    undisturbed: Undisturbed, kind: str, times: int
) -> None:
    world = undisturbed.world
    for after in undisturbed.steps():
        undisturbed.forget()
        undisturbed.refuse(kind, times, after)
        done = world.run("sync")
        assert_failed(world, done, undisturbed.states, f"{kind} x {times} after {after}")
        undisturbed.heals()


@pytest.mark.parametrize(("kind", "times"), LATER)
def test_a_later_sync_with_a_key_that_is_refused_keeps_the_old_rows_with_their_old_time(
    undisturbed: Undisturbed, kind: str, times: int
) -> None:
    world = undisturbed.world
    undisturbed.heals()
    for after in undisturbed.steps():
        earlier = {(status.data_type, status.part): status for status in statuses(world)}
        undisturbed.wake()
        undisturbed.refuse(kind, times, after)
        done = world.run("sync")
        waiting = world.simulator.faults.waiting()
        if not waiting or waiting[0].times < times:
            assert_failed(world, done, undisturbed.states, f"{kind} x {times} after {after}")
            for status in statuses(world):
                if status.state == "failed" and status.part:
                    assert (
                        status.succeeded_at == earlier[status.data_type, status.part].succeeded_at
                    )
        assert rows(world) == undisturbed.rows
        undisturbed.heals()

"""Pages that are requested ahead change neither what is stored nor what is requested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.clock import to_ms
from exchange_cache.exchanges import policy_for
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.sync.ahead import Ahead
from tests.e2e.test_side_by_side import NOW, StandingClock, rows
from tests.e2e.world import World

pytestmark = pytest.mark.long

EXCHANGES = ("binance", "bybit", "okx", "kucoin", "coinbase")
#: What signs a request, or dates it.
UNSTABLE = {"signature", "timestamp"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    accounts = {exchange: exchange for exchange in EXCHANGES}
    with running_simulator(
        seed=5, fills=1500, accounts=accounts, limit_scale=1000, clock=lambda: to_ms(NOW)
    ) as running:
        yield running
        assert not any(running.limited.values())


def synced(simulator: Simulator, home: Path, *words: str) -> tuple[World, Counter[Any]]:
    """A first sync, and what it requested."""
    simulator.requests.clear()
    simulator.most_in_flight.clear()
    world = World.create(simulator, home, StandingClock(), history_days=25)
    done = world.run("sync", *words)
    assert (done.code, done.err) == (0, "")
    return world, Counter(
        (
            call.exchange,
            call.path,
            str(sorted((k, v) for k, v in call.params.items() if k not in UNSTABLE)),
        )
        for call in simulator.requests
    )


@pytest.fixture(scope="module")
def plain(
    simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, list[Any]], Counter[Any]]:
    """The rows and requests of a sync that requests nothing ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ahead, "expect", lambda *_, **__: None)
        world, asked = synced(simulator, tmp_path_factory.mktemp("plain") / "home")
    assert set(simulator.most_in_flight.values()) == {1}
    return rows(world), asked


def test_the_same_is_stored_and_requested(
    plain: tuple[dict[str, list[Any]], Counter[Any]], simulator: Simulator, tmp_path: Path
) -> None:
    simulator.set_latency(60)
    try:
        world, asked = synced(simulator, tmp_path / "home")
    finally:
        simulator.set_latency(0)
    before, requests = plain
    found = rows(world)
    assert {table for table in before if before[table] != found[table]} == set()
    assert asked == requests
    for exchange in EXCHANGES:
        assert 2 <= simulator.most_in_flight[exchange] <= policy_for(exchange).limits.at_once


def test_faults_change_nothing_that_is_stored(
    plain: tuple[dict[str, list[Any]], Counter[Any]], simulator: Simulator, tmp_path: Path
) -> None:
    simulator.set_latency(10)
    for kind, exchange, path, after in (
        ("503", "bybit", "execution/list", 5),
        ("reset", "okx", "bills", 3),
        ("truncated", "kucoin", "fills", 4),
        ("429", "coinbase", "transactions", 2),
        ("reset", "binance", "myTrades", 6),
    ):
        simulator.fault(exchange, path, 2, kind, after=after)
    try:
        world, _ = synced(simulator, tmp_path / "home")
    finally:
        simulator.set_latency(0)
    assert simulator.faults.waiting() == ()
    found = rows(world)
    assert {table for table in plain[0] if plain[0][table] != found[table]} == set()

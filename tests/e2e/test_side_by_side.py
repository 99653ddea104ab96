"""Twenty accounts of one exchange at once: the same rows as one after another, one market list, no
limit exceeded."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.schema import MODELS
from exchange_cache.clock import to_ms
from exchange_cache.exchanges import policy_for
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.sync import synchronizer as synchronizers
from tests.e2e.world import World

pytestmark = pytest.mark.long

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ACCOUNTS = {f"account{number:02}": "bybit" for number in range(20)}
SYNC = ("sync", "--only", "balances", "--only", "positions", "--only", "fills")
#: What differs between two runs: how long a part took, and what other processes need to know.
UNEQUAL = {"duration_ms"}
RUNS = {"sync_runs", "exchange_memory", "cache_reads", "prepared_readings"}


class StandingClock:
    """No time goes by, so that two runs date their rows alike; waiting is real."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(
        seed=3, fills=2000, accounts=ACCOUNTS, limit_scale=1000, clock=lambda: to_ms(NOW)
    ) as running:
        yield running
        assert running.limited["bybit"] == 0


@pytest.fixture
def world(simulator: Simulator, tmp_path: Path) -> Iterator[Callable[[str], World]]:
    """Worlds of the same exchange, each with a cache of its own."""

    def create(name: str) -> World:
        simulator.requests.clear()
        simulator.most_in_flight.clear()
        return World.create(simulator, tmp_path / name, StandingClock(), history_days=7)

    yield create
    simulator.faults.clear()
    simulator.set_latency(0)


def rows(world: World) -> dict[str, list[Any]]:
    """What is stored, without what a run says of itself."""
    repository = world.repository()
    found = {}
    for table in set(repository.table_counts()) - RUNS:
        skipped = UNEQUAL if table == "exchange_sync_status" else set()
        found[table] = _rows(repository, table, skipped)
    repository.close()
    return found


def _rows(repository: Any, table: str, skipped: set[str]) -> list[Any]:
    (model,) = (one for one in MODELS if one._meta.table_name == table)
    columns = [name for name in model._meta.columns if name not in skipped]
    return sorted(
        repository._database.select(f"SELECT {', '.join(columns)} FROM {table}", ()), key=repr
    )


@pytest.fixture(scope="module")
def serial(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The rows of a run that takes one account after another."""
    home = tmp_path_factory.mktemp("serial") / "home"
    world = World.create(simulator, home, StandingClock(), history_days=7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synchronizers, "AT_ONCE", 1)
        simulator.most_in_flight.clear()
        assert world.run(*SYNC).code == 0
    assert simulator.most_in_flight["bybit"] <= policy_for("bybit").limits.at_once
    return rows(world)


def test_twenty_accounts_at_once_store_what_they_store_one_after_another(
    serial: dict[str, list[Any]], world: Callable[[str], World], simulator: Simulator
) -> None:
    simulator.set_latency(20)
    together = world("together")
    done = together.run(*SYNC)

    assert (done.code, done.err) == (0, "")
    most = synchronizers.AT_ONCE * policy_for("bybit").limits.at_once
    assert 5 <= simulator.most_in_flight["bybit"] <= most
    found = rows(together)
    assert {len(found[name]) > 60 for name in ("exchange_fills", "exchange_balances")} == {True}
    assert {table for table in serial if serial[table] != found[table]} == set()


def test_faults_of_any_kind_change_no_row(
    serial: dict[str, list[Any]], world: Callable[[str], World], simulator: Simulator
) -> None:
    simulator.set_latency(5)
    troubled = world("troubled")
    config = troubled.home / "config.toml"
    config.write_text(f"retries = 5\n{config.read_text()}")
    for kind, path, after in (
        ("503", "execution/list", 7),
        ("reset", "execution/list", 23),
        ("429", "position/list", 11),
        ("truncated", "execution/list", 40),
        ("503", "instruments-info", 0),
        ("reset", "wallet-balance", 9),
    ):
        simulator.fault("bybit", path, 2, kind, after=after)
    done = troubled.run(*SYNC)

    assert simulator.faults.waiting() == ()
    assert (done.code, done.err) == (0, "")
    found = rows(troubled)
    assert {table for table in serial if serial[table] != found[table]} == set()


def test_an_account_that_fails_spares_the_others(
    serial: dict[str, list[Any]], world: Callable[[str], World], simulator: Simulator
) -> None:
    refused = world("refused")
    key = refused.home / "account07.key"
    key.write_text("no-such-key\n")
    done = refused.run("sync", "--only", "fills")

    assert done.code == 1
    assert done.err.startswith("excache: account07: ")
    stored = set(rows(refused)["exchange_fills"])
    expected = {row for row in serial["exchange_fills"] if "account07" not in row}
    assert stored == expected


def test_the_market_list_is_downloaded_once(
    world: Callable[[str], World], simulator: Simulator
) -> None:
    alone = world("alone")
    assert alone.run("sync", "--account", "account00", "--only", "balances").code == 0
    once = Counter(call.path for call in simulator.calls("bybit", "instruments-info"))
    together = world("together")
    assert together.run("sync", "--only", "balances").code == 0
    assert len(simulator.calls("bybit", "wallet-balance")) >= 20
    assert Counter(call.path for call in simulator.calls("bybit", "instruments-info")) == once
    # each account remembers them, as if it had downloaded them itself
    simulator.requests.clear()
    assert together.run("reload", "--force", "--account", "account19").code == 0
    assert simulator.calls("bybit", "instruments-info") == []

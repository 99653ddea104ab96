"""Workers of several machines with one cache: each account is read once, and what they store is
what one machine stores in a file; also where they are killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.sync.claims import READER
from exchange_cache.sync.rates import hour_of
from tests.e2e.world import World
from tests.postgres import Cluster

pytestmark = [pytest.mark.long, pytest.mark.sqlite]  # with a server of its own

#: How often a worker is killed; EXCACHE_TEST_KILLS=100 is the long run.
KILLS = int(os.environ.get("EXCACHE_TEST_KILLS", "8"))
MANY = {f"a{number:02}": ("bybit", "kraken")[number % 2] for number in range(100)}
FEW = {f"a{number:02}": ("bybit", "kraken", "binance")[number % 3] for number in range(6)}
QUICK = ("sync", "--only", "balances", "--only", "fills")
#: A machine of its own name, as far as its programs see.
_HOST = 'hostname "$0" && exec "$@"'
#: What a run says of itself, and rows that a later run may find at another time.
_OWN = {"sync_runs", "exchange_memory", "cache_reads", "prepared_readings", "portfolio_snapshots"}
_OWN |= {"portfolio_holdings", "asset_rates", "exchange_findings", "exchange_prices"}
#: What moves with prices, or reaches back from now.
_OF_NOW = {"exchange_balances", "exchange_positions", "exchange_coverage"}
_PLACE = {"account", "wallet", "code", "data_type", "scope", "symbol"}
_NUMBERED = {"cost_books", "cost_states", "cost_lots", "cost_days"}


def missing() -> str:
    """Why this machine cannot pretend to be several."""
    done = subprocess.run(["unshare", "--uts", "true"], capture_output=True, text=True, check=False)
    return done.stderr.strip()


@dataclass
class Machine:
    """One that shares the cache of a server."""

    world: World
    name: str

    @property
    def server(self) -> Server:
        config = (self.world.home / "config.toml").read_text()
        return Server(config.splitlines()[0].split('"')[1], self.world.home / "server")

    def start(self, *words: str) -> subprocess.Popen[str]:
        program = (sys.executable, "-m", "exchange_cache", *words)
        return subprocess.Popen(
            ["unshare", "--uts", "sh", "-c", _HOST, self.name, *program],
            env=self.world.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


class Office:
    """A simulator, a file that one machine fills, and machines that share a server."""

    def __init__(self, simulator: Simulator, folder: Path, url: str, days: int) -> None:
        self.simulator, self.folder, self.url, self.days = simulator, folder, url, days

    def alone(self) -> World:
        return World.create(self.simulator, self.folder / "alone", history_days=self.days)

    def machine(self, name: str, *lines: str) -> Machine:
        world = World.create(self.simulator, self.folder / name, history_days=self.days)
        config = world.home / "config.toml"
        first = "\n".join([f'cache_url = "{self.url}"', *lines])
        config.write_text(f"{first}\n{config.read_text()}")
        return Machine(world, name)


@pytest.fixture
def office(tmp_path: Path, cluster: Cluster) -> Iterator[Callable[..., Office]]:
    if reason := missing():
        pytest.skip(f"this user may not give a process another host name ({reason})")
    opened = []

    def make(days: int, **options: Any) -> Office:
        context = running_simulator(**{"seed": 5, "limit_scale": 1000, **options})
        opened.append(context)
        return Office(context.__enter__(), tmp_path, cluster.create(), days)

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def rows(repository: ExchangeCacheRepository, *, later: bool = False) -> dict[str, list[str]]:
    """What is stored, without when, and without the numbers of rows. ``later``: that of another
    time, whose prices have moved."""
    from exchange_cache.cache.schema import MODELS

    found = {}
    for model in MODELS:
        table = model._meta.table_name
        if table in _OWN | _NUMBERED:
            continue
        kept = [
            name
            for name in model._meta.fields
            if not name.endswith(("fetched_ms", "seen_ms", "asked_ms", "attempted_ms", "end_ms"))
            and name not in {"succeeded_ms", "duration_ms", "computed_ms", "as_of_ms", "valid_ms"}
            and name not in {"completed_ms", "settled_ms", "floor_ms", "last_order", "id"}
        ]
        if later and table in _OF_NOW:
            kept = [name for name in kept if name in _PLACE]
        columns = ", ".join(kept)
        found[table] = sorted(
            repr(row)
            for row in repository._database.select(f"SELECT {columns} FROM {table}", ())
            if not (later and table == "exchange_cost_basis" and _is_of_this_hour(row))
        )
    return found


def _is_of_this_hour(basis: Iterable[Any]) -> bool:
    """Whether something happened to an asset so lately that the candle that values it was not over
    when one of two caches read it: every 8 hours, a settlement is."""
    (details,) = (json.loads(value) for value in basis if str(value).startswith("{"))
    last = details["last_event"]
    return bool(last) and datetime.fromisoformat(last) >= hour_of(
        datetime.now(UTC) - timedelta(minutes=10)
    )


def differing(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, Any]:
    return {
        table: (
            len(one[table]),
            len(other[table]),
            [row for row in one[table] if row not in set(other[table])][:3],
            [row for row in other[table] if row not in set(one[table])][:3],
        )
        for table in one
        if one[table] != other[table]
    }


def balance_requests(simulator: Simulator) -> Counter[str]:
    """How often the balances of the accounts were requested."""
    return Counter(
        call.exchange
        for call in simulator.requests
        if call.path.endswith(("/wallet-balance", "/BalanceEx", "/Balance"))
    )


def test_eight_workers_of_four_machines_read_each_of_a_hundred_accounts_once(
    office: Callable[..., Office],
) -> None:
    place = office(2, fills=600, accounts=MANY)
    alone = place.alone()
    assert alone.process(*QUICK, timeout=600).code == 0
    once = balance_requests(place.simulator)
    assert sum(once.values()) >= len(MANY)
    place.simulator.requests.clear()

    machines = [place.machine(name) for name in ("a", "b", "c", "d")]
    workers = [machine.start(*QUICK) for machine in machines for _ in range(2)]
    ended = [worker.communicate(timeout=600) for worker in workers]

    assert [(worker.returncode, *said) for worker, said in zip(workers, ended, strict=True)] == [
        (0, "", "")
    ] * 8
    assert balance_requests(place.simulator) == once
    assert not place.simulator.limited.total()
    with (
        closing(ExchangeCacheRepository.open(machines[0].server)) as shared,
        closing(alone.repository()) as single,
    ):
        assert differing(rows(shared), rows(single)) == {}
        runs = shared.progress.runs()
        assert [run.outcome for run in runs] == ["ok"] * 8
        assert {run.host for run in runs} == {"a", "b", "c", "d"}
        readers = {shared.progress.recalled(name, READER)["host"] for name in MANY}  # type: ignore[index]
        assert len(readers) > 1
        assert not shared.costs_open("USDT")
    checked = machines[0].world.run("db", "check")
    assert checked.code == 0, checked


def test_workers_that_are_killed_leave_no_lock_and_lose_and_double_nothing(
    office: Callable[..., Office], cluster: Cluster
) -> None:
    place = office(7, fills=200, accounts=FEW)
    alone = place.alone()
    assert alone.process("sync", timeout=600).code == 0
    place.simulator.set_latency(10)
    machines = [place.machine(name) for name in ("a", "b", "c")]
    chance = random.Random(17)
    workers: list[subprocess.Popen[str]] = []
    freed: list[float] = []
    while len(freed) < KILLS:
        workers = [worker for worker in workers if worker.poll() is None]
        while len(workers) < 3:
            words = ("sync", "--full") if chance.random() < 0.7 else ("sync",)
            workers.append(chance.choice(machines).start(*words))
        at_work = [worker for worker in workers if holds_a_lock(cluster, worker.pid)]
        time.sleep(chance.uniform(0.0, 1.0))
        if not at_work:
            continue
        victim = chance.choice(at_work)
        victim.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        victim.wait()
        while holds_a_lock(cluster, victim.pid):
            assert time.monotonic() - killed < 5
            time.sleep(0.01)
        freed.append(time.monotonic() - killed)
        if victim.returncode != -signal.SIGKILL:  # it had just ended by itself
            freed.pop()
    for worker in workers:
        worker.communicate(timeout=600)
    place.simulator.set_latency(0)
    done = machines[0].world.process("sync", "--full", timeout=600)
    assert (done.code, done.err) == (0, "")
    print(f"{KILLS} kills: locks free after {max(freed) * 1000:.0f} ms at most")
    with (
        closing(ExchangeCacheRepository.open(machines[0].server)) as shared,
        closing(alone.repository()) as single,
    ):
        assert differing(rows(shared, later=True), rows(single, later=True)) == {}
        outcomes = Counter(run.outcome for run in shared.progress.runs(limit=500))
        print(dict(outcomes))
        assert outcomes["killed"] >= KILLS // 4
        assert None not in outcomes
    assert machines[0].world.run("db", "check").code == 0


def holds_a_lock(cluster: Cluster, pid: int) -> bool:
    return bool(
        cluster.execute(
            "SELECT 1 FROM pg_locks JOIN pg_stat_activity AS a USING (pid)"
            f" WHERE locktype = 'advisory' AND a.application_name LIKE '{pid}@%'"
        )
    )


# --- one address, lost locks, connections ---------------------------------------------------------


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def ended(worker: subprocess.Popen[str], timeout: float = 600) -> tuple[int, str, str]:
    out, err = worker.communicate(timeout=timeout)
    return worker.returncode, out, err


def test_processes_of_one_address_stay_within_the_limits_of_exchanges(
    office: Callable[..., Office],
) -> None:
    accounts = {f"a{number}": ("bybit", "binance", "kraken")[number % 3] for number in range(6)}
    place = office(1, fills=60, accounts=accounts, limit_scale=1)
    machines = [place.machine(name, 'address = "office"') for name in ("a", "b")]
    words = [[word for name in names for word in ("--account", name)]
             for names in (("a0", "a1", "a2"), ("a3", "a4", "a5"))]  # fmt: skip
    workers = [
        machine.start("sync", "--only", "balances", *chosen)
        for machine, chosen in zip(machines, words, strict=True)
    ]
    assert [ended(worker) for worker in workers] == [(0, "", "")] * 2
    assert place.simulator.limited.total() == 0
    assert all(place.simulator.most_in_flight.values())
    with closing(ExchangeCacheRepository.open(machines[0].server)) as shared:
        assert set(shared.progress.accounts()) == set(accounts)


def test_a_ban_of_one_address_stops_the_processes_of_this_address_alone(
    office: Callable[..., Office],
) -> None:
    place = office(2, fills=200, accounts={"main": "binance"})
    here, there = place.machine("a"), place.machine("b")
    for machine in (here, there):
        config = machine.world.home / "config.toml"
        config.write_text(f"retries = 0\n{config.read_text()}")
    words = ("sync", "--only", "balances")
    place.simulator.fault("binance", "account", 1, "418")
    code, _, err = ended(here.start(*words))
    assert code == 75 and "banned this address" in err
    sent = len(place.simulator.calls("binance"))
    code, _, err = ended(here.start("sync", "--account", "main", "--only", "balances"))
    assert code == 75 and "nothing is sent to it before" in err
    assert len(place.simulator.calls("binance")) == sent
    assert ended(there.start(*words)) == (0, "", "")
    assert len(place.simulator.calls("binance")) > sent


def test_a_sync_that_loses_its_locks_ends_before_it_writes_more(
    office: Callable[..., Office], cluster: Cluster
) -> None:
    place = office(7, fills=200, accounts=FEW)
    alone = place.alone()
    assert alone.process("sync", timeout=600).code == 0
    place.simulator.set_latency(30)
    machine = place.machine("a")
    worker = machine.start("sync")
    name = place.url.partition("@/")[2].partition("?")[0]
    mine = f"datname = '{name}' AND application_name LIKE '{worker.pid}@a %'"
    wait_until(
        lambda: bool(
            cluster.execute(f"SELECT 1 FROM pg_stat_activity WHERE {mine}")
            and cluster.execute("SELECT 1 FROM exchange_balances", name)
        ),
        "the sync is at work",
    )
    cluster.execute(f"SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE {mine}")
    code, _, err = ended(worker)
    assert code == 75, err
    assert "was lost" in err or "does not answer" in err, err
    place.simulator.set_latency(0)
    assert ended(machine.start("sync")) == (0, "", "")
    with (
        closing(ExchangeCacheRepository.open(machine.server)) as shared,
        closing(alone.repository()) as single,
    ):
        assert differing(rows(shared, later=True), rows(single, later=True)) == {}


def test_a_process_has_few_connections_whatever_the_number_of_its_accounts(
    office: Callable[..., Office], cluster: Cluster
) -> None:
    kinds = ("bybit", "kraken", "binance", "okx")
    accounts = {f"a{number}": kinds[number % 4] for number in range(40)}
    place = office(1, fills=200, accounts=accounts)
    place.simulator.set_latency(20)
    worker = place.machine("a").start("sync", "--only", "balances")
    name = place.url.partition("@/")[2].partition("?")[0]
    most = 0
    while worker.poll() is None:
        ((found,),) = cluster.execute(
            f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        most = max(most, int(str(found)))
        time.sleep(0.01)
    assert ended(worker) == (0, "", "")
    assert 3 <= most <= 9

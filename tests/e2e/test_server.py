"""Commands with the cache on a PostgreSQL server: the same answers as from a file, several workers
at once, and kills."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.simulator.server import running_simulator
from tests.e2e.world import World
from tests.postgres import Cluster

#: Its homes name a file or a server by themselves.
pytestmark = [pytest.mark.long, pytest.mark.sqlite]


@pytest.fixture
def worlds(tmp_path: Path, cluster: Cluster) -> Iterator[Callable[..., World]]:
    """Homes of one simulator: with a file, or sharing the cache of a server."""
    url = cluster.create()
    with running_simulator(seed=1, limit_scale=1000, fills=120) as simulator:
        number = iter(range(1000))

        def make(*, shared: bool) -> World:
            world = World.create(simulator, tmp_path / f"home{next(number)}", history_days=90)
            if shared:
                config = world.home / "config.toml"
                config.write_text(f'cache_url = "{url}"\n{config.read_text()}')
            return world

        yield make


def place(world: World) -> Server:
    config = (world.home / "config.toml").read_text()
    return Server(config.splitlines()[0].split('"')[1], world.home / "server")


def ledger(repository: ExchangeCacheRepository) -> dict[str, list[tuple[object, ...]]]:
    """What exchanges state, without our own times."""
    found = {
        "fills": repository.ledger.fills(),
        "orders": repository.ledger.orders(),
        "transfers": repository.ledger.transfers(),
    }
    return {
        name: sorted(
            (str(getattr(one, "account", "")), repr(one).partition("fetched_at")[0])
            for one in records
        )
        for name, records in found.items()
    }


def test_every_command_answers_as_from_a_file(worlds: Callable[..., World]) -> None:
    file, shared = worlds(shared=False), worlds(shared=True)
    for world in (file, shared):
        done = world.run("sync")
        assert (done.code, done.out, done.err) == (0, "", "")
    for command in ("fills", "orders", "transfers"):
        rows = [json.loads(world.run(command, "--json").out)["rows"] for world in (file, shared)]
        for row in (*rows[0], *rows[1]):
            row.pop("fetched_at", None), row.pop("seen_at", None)
        assert rows[0] == rows[1] and rows[0]
    for words in (("portfolio",), ("status",), ("pnl",), ("explain", "BTC"), ("history",)):
        codes = [world.run(*words, "--no-refresh" if words == ("portfolio",) else "-h").code
                 for world in (file, shared)]  # fmt: skip
        assert codes == [0, 0]
    checked = shared.run("db", "check")
    assert checked.code == 0 and "are those of the ledger" in checked.out
    assert shared.run("db", "path").out.startswith("postgresql://")
    copy = shared.home / "copy.sqlite3"
    assert shared.run("db", "backup", str(copy)).code == 0
    with (
        closing(ExchangeCacheRepository.open(copy)) as copied,
        closing(ExchangeCacheRepository.open(place(shared))) as remote,
    ):
        assert ledger(copied) == ledger(remote)


def test_workers_share_the_accounts_and_nothing_is_read_twice(
    worlds: Callable[..., World],
) -> None:
    alone = worlds(shared=False)
    assert alone.run("sync").code == 0
    workers = [worlds(shared=True) for _ in range(4)]
    started = [worker.start(["sync"]) for worker in workers]
    ended = [one.communicate(timeout=240) for one in started]
    assert [one.returncode for one in started] == [0] * 4, ended
    with (
        closing(ExchangeCacheRepository.open(place(workers[0]))) as shared,
        closing(alone.repository()) as single,
    ):
        assert ledger(shared) == ledger(single)
        runs = shared.progress.runs()
        assert [run.outcome for run in runs] == ["ok"] * 4
        least = min(run.requests for run in runs)
        assert sum(run.requests for run in runs) < 1.5 * single.progress.runs()[0].requests, least
        assert not shared.costs_open("USDT")


def test_a_worker_that_is_killed_leaves_no_lock_and_no_row_twice(
    worlds: Callable[..., World],
) -> None:
    alone, shared = worlds(shared=False), worlds(shared=True)
    assert alone.run("sync").code == 0
    for pause in (0.8, 1.1, 1.4, 1.7, 2.0, 2.5, 3.0):
        worker = shared.start(["sync"])
        time.sleep(pause)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    assert shared.process("sync", timeout=240).code == 0
    with (
        closing(ExchangeCacheRepository.open(place(shared))) as repository,
        closing(alone.repository()) as single,
    ):
        assert ledger(repository) == ledger(single)
    assert shared.run("db", "check").code == 0

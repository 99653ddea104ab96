"""Exports, gains, SQL, figures and alerts of a cache on a PostgreSQL server: those of a file."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from exchange_cache.api import Cache, open_cache
from exchange_cache.cli.app import App
from exchange_cache.cli.preparing import prepare
from exchange_cache.clock import SetClock
from exchange_cache.simulator.server import running_simulator
from tests.cache.test_views import NAMES, QUERIES
from tests.e2e.world import World
from tests.postgres import Cluster

pytestmark = [pytest.mark.long, pytest.mark.sqlite]  # with a server of its own

_EXPORTS = ("beancount", "hledger", "ledger", "koinly", "csv", "jsonl")


@pytest.fixture(scope="module")
def both(
    synced: World, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, World, str]:
    """Homes with the same rows and one clock, in a file and on a server, and its address."""
    clock, url = SetClock(synced.clock.now()), cluster.create()
    folder = tmp_path_factory.mktemp("both")
    shutil.copytree(synced.home, folder / "file")
    file = World(simulator=synced.simulator, home=folder / "file", clock=clock)
    done = file.run("db", "copy", "--to", url)
    assert done.code == 0, done.err
    (folder / "shared").mkdir()
    config = (file.home / "config.toml").read_text()
    (folder / "shared" / "config.toml").write_text(f'cache_url = "{url}"\n{config}')
    for key in file.home.glob("*.key"):
        shutil.copy(key, folder / "shared")
    return file, World(simulator=synced.simulator, home=folder / "shared", clock=clock), url


@pytest.mark.parametrize("method", ["average", "fifo"])
@pytest.mark.parametrize("form", _EXPORTS)
def test_an_export_is_the_same(both: tuple[World, World, str], form: str, method: str) -> None:
    file, shared, _ = both
    words = ("export", form, "--method", method)
    here, there = file.run(*words), shared.run(*words)
    assert (there.code, there.err) == (0, "")
    assert here.out == there.out and len(there.out) > 10_000


@pytest.mark.parametrize(
    "words",
    [
        "gains --cost-method fifo",
        "gains --json",
        "gains --per-account --cost-method hifo --format csv",
        "gains --totals --year 2026",
        "stats --format prometheus",
    ],
)
def test_figures_are_the_same(both: tuple[World, World, str], words: str) -> None:
    file, shared, _ = both
    here, there = file.run(*words.split()), shared.run(*words.split())
    assert (there.code, there.err) == (0, "")
    assert _of_data(here.out) == _of_data(there.out) and there.out


def _of_data(text: str) -> list[str]:
    """Without how often and how fast a cache was read."""
    own = ("excache_read", "excache_cache", "excache_sync", "excache_live", "excache_api")
    return [line for line in text.splitlines() if not line.split(" ")[-2:][0].startswith(own)]


@pytest.mark.parametrize("title", QUERIES)
def test_a_query_of_the_page_has_the_same_rows(both: tuple[World, World, str], title: str) -> None:
    import psycopg

    file, _, url = both
    with (
        closing(sqlite3.connect(file.home / "cache.sqlite3")) as here,
        psycopg.connect(url) as there,
    ):
        names, expected = _rows(here.execute(QUERIES[title]))
        assert _rows(there.execute(QUERIES[title])) == (names, expected)
    assert expected


@pytest.mark.parametrize("name", NAMES)
def test_a_view_has_the_same_rows(both: tuple[World, World, str], name: str) -> None:
    import psycopg

    file, _, url = both
    with (
        closing(sqlite3.connect(file.home / "cache.sqlite3")) as here,
        psycopg.connect(url) as there,
    ):
        names, expected = _rows(here.execute(f"SELECT * FROM {name}"))
        found, rows = _rows(there.execute(f"SELECT * FROM {name}"))
    assert found == names and sorted(map(repr, rows)) == sorted(map(repr, expected))


def _rows(cursor: object) -> tuple[list[str], list[tuple[object, ...]]]:
    """Sums of numbers to twelve digits: engines add them in their own order."""
    names = [one[0] for one in cursor.description]  # type: ignore[attr-defined]
    return names, [tuple(map(_value, row)) for row in cursor.fetchall()]  # type: ignore[attr-defined]


def _value(found: object) -> object:
    if isinstance(found, str | None):
        return found
    return float(f"{float(found):.12g}")  # type: ignore[arg-type]


@pytest.fixture
def caches(both: tuple[World, World, str]) -> Iterator[tuple[Cache, Cache]]:
    with open_cache(both[0].home) as here, open_cache(both[1].home) as there:
        yield here, there


@pytest.mark.parametrize(
    "name",
    [
        "averages",
        "gains",
        "history",
        "balances",
        "positions",
        "prices",
        "fills",
        "orders",
        "transfers",
    ],
)
def test_the_python_api_reads_the_same(caches: tuple[Cache, Cache], name: str) -> None:
    here, there = (list(getattr(cache, name)()) for cache in caches)
    assert here == there and here


def test_the_python_api_reads_the_same_portfolio(caches: tuple[Cache, Cache]) -> None:
    here, there = (cache.portfolio() for cache in caches)
    assert here.totals == there.totals
    assert [one.average_entry_price for one in here.holdings] == [
        one.average_entry_price for one in there.holdings
    ]


def test_machines_that_share_a_cache_send_each_event_once(cluster: Cluster, tmp_path: Path) -> None:
    """Four workers at once, with rules that all of them find true, and again later."""
    url, events = cluster.create(), tmp_path / "events"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nsleep 0.3; cat >> '{events}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    rules = f'[alerts]\ncommand = "{program}"\nvalue_above = 1\nprice_above = {{ BTC = 1 }}\n'
    with running_simulator(seed=1, limit_scale=1000, fills=60) as simulator:
        workers = []
        for number in range(4):
            world = World.create(simulator, tmp_path / f"home{number}", history_days=20)
            config = world.home / "config.toml"
            config.write_text(f'cache_url = "{url}"\n{config.read_text()}\n{rules}')
            workers.append(world)
        for _ in range(2):
            started = [one.start(["sync"]) for one in workers]
            ended = [one.communicate(timeout=240) for one in started]
            assert [one.returncode for one in started] == [0] * 4, ended
    found = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    assert {"value", "price"} <= {one["kind"] for one in found}
    assert len({one["id"] for one in found}) == len(found)


def test_answers_are_prepared_by_the_last_of_those_that_sync(
    both: tuple[World, World, str],
) -> None:
    _, shared, _ = both
    app = App(env=shared.env, clock=shared.clock, out=StringIO(), err=StringIO())
    with closing(app.repository()) as repository:

        def prepared() -> int:
            prepare(app)
            return repository.table_counts()["prepared_readings"]

        repository._database.peewee.execute_sql("DELETE FROM prepared_readings")
        with app.lock() as other:
            assert other.join("sync")
            assert prepared() == 0, "it waits for no turn, and what others store would undo it"
        assert prepared() > 0

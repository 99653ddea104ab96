"""A cache that an earlier version filled with faults: the next sync repairs it, says what, and ends
equal to a fresh cache.
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.simulator.server import Simulator
from exchange_cache.sync.repairs import repair
from tests.cache.fixtures.faulty_world import (
    AHEAD,
    HISTORY_START,
    START,
    faulty_world,
    what_happened_after,
    what_happened_between,
)
from tests.e2e.test_kills import ledger
from tests.e2e.world import World

#: The faulty cache is a file of a version that knew no server.
pytestmark = [pytest.mark.long, pytest.mark.sqlite]

FIXTURE = Path(__file__).parents[1] / "cache" / "fixtures" / "faulty_cache.sql.gz"
_FAST = to_ms(START + timedelta(days=1) + AHEAD)
#: The fill of which the fixture holds a version with another price than the exchange sends.
WRONG_PRICE = "TYY6LC-K7ZRP-DNYEKU"


@pytest.fixture
def exchanges() -> Iterator[tuple[Simulator, SetClock]]:
    """The exchanges of the fixture, four hours after the run whose clock was ahead."""
    with faulty_world() as (simulator, clock):
        what_happened_between(simulator, clock)
        what_happened_after(simulator, clock)
        yield simulator, clock


def _home(exchanges: tuple[Simulator, SetClock], home: Path) -> World:
    world = World.create(exchanges[0], home, exchanges[1])
    config = home / "config.toml"
    config.write_text(f"history_start = {HISTORY_START}\n{config.read_text()}")
    return world


def _faulty(world: World) -> World:
    place = world.home / "cache.sqlite3"
    with closing(sqlite3.connect(place)) as cache:
        cache.executescript(gzip.decompress(FIXTURE.read_bytes()).decode())
    place.chmod(0o600)
    return world


def _rows(world: World, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(world.home / "cache.sqlite3")) as cache:
        return cache.execute(sql).fetchall()


def test_the_fixture_holds_every_fault(
    exchanges: tuple[Simulator, SetClock], tmp_path: Path
) -> None:
    world = _faulty(_home(exchanges, tmp_path))
    assert _rows(world, f"SELECT count(*) > 0 FROM exchange_coverage WHERE end_ms = {_FAST}") == [
        (1,)
    ]
    assert _rows(
        world, f"SELECT count(*) > 0 FROM exchange_sync_status WHERE succeeded_ms >= {_FAST}"
    ) == [(1,)]
    assert _rows(
        world, "SELECT count(*) FROM sync_runs WHERE started_ms > ended_ms - 1e6 AND outcome = 'ok'"
    ) == [(3,)]
    assert _rows(
        world,
        f"SELECT count(*) FROM exchange_memory WHERE key = 'last_request_ms' AND value >= {_FAST}",
    ) == [(2,)]
    assert _rows(world, "SELECT count(*) FROM asset_rates WHERE value IS NULL") == [(50,)]
    for table, time, count in (
        ("fills", "time_ms", 2),
        ("orders", "created_ms", 1),
        ("transfers", "time_ms", 1),
    ):
        assert _rows(world, f"SELECT count(*) FROM exchange_{table} WHERE {time} = 0") == [(count,)]
    assert _rows(
        world, "SELECT count(*) FROM exchange_fills WHERE quantity < '0' OR price = '1'"
    ) == [(2,)]


def test_the_next_sync_repairs_a_faulty_cache_and_lists_what_it_repaired_once(
    exchanges: tuple[Simulator, SetClock], tmp_path: Path
) -> None:
    world, fresh = (
        _faulty(_home(exchanges, tmp_path / "faulty")),
        _home(exchanges, tmp_path / "fresh"),
    )
    done = world.run("sync")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "excache: repaired: kraken, main: 134 histories covered by a clock that was ahead "
        "(up to 2026-10-05 12:00 UTC); what it may have skipped is fetched again",
        "excache: repaired: kraken, main: request times that lay in the future are forgotten",
        "excache: repaired: 1 past price fetched while the clock was ahead, to be fetched again",
        "excache: repaired: 1 snapshot of the portfolio dated in the future, deleted",
        "excache: repaired: 260 times of syncs and rows lay in the future; they are cut back, "
        "and their data counts as stale",
        "excache: repaired: kraken: 1 transfer; main: 2 fills, 1 order with an impossible date "
        "(1970 or so), deleted; their histories are fetched again",
        "excache: repaired: kraken: 1 fill with impossible figures or words, deleted; "
        "their histories are fetched again",
        "excache: repaired: kraken: 1 fill; main: 3 fills that contradict themselves "
        "or their order, to be fetched again",
        "excache: repaired: kraken: the ledger is fetched again for the fees of trades; "
        "main: 3 rows with a wrong figure, corrected; "
        "main: 84 rows of interest stored as a fee or a reward, corrected",
        "excache: repaired: kraken, main: 239 transfers stored without the word of their ledger, "
        "to be read again",
        "excache: repaired: 50 past prices stored as served by no exchange, to be fetched again",
    ]
    exchanges[1].at += timedelta(hours=1)
    again = world.run("sync")
    assert (again.code, again.out, again.err) == (0, "", "")
    assert fresh.run("sync").code == 0
    assert _ledger(world) == _ledger(fresh)
    for table in ("exchange_balances", "exchange_positions"):
        columns = (
            "account, wallet, asset, total"
            if table == "exchange_balances"
            else "account, symbol, side, contracts, entry_price"
        )
        query = f"SELECT {columns} FROM {table} ORDER BY {columns}"
        assert _rows(world, query) == _rows(fresh, query)
    priced = (
        "SELECT asset, quote, at_ms, value IS NULL FROM asset_rates"
        # These exchanges still trade MATIC, which is POL since 2024: its old rates stay unused.
        " WHERE asset NOT IN ('MATIC', 'POL') ORDER BY asset, at_ms"
    )
    # Rates that only the old version asked for stay.
    assert set(_rows(fresh, priced)) <= set(_rows(world, priced))
    assert _in_the_future(world, exchanges[1]) == {}


def test_a_fill_that_contradicts_its_cost_is_replaced_by_what_the_exchange_sends(
    exchanges: tuple[Simulator, SetClock], tmp_path: Path
) -> None:
    world = _faulty(_home(exchanges, tmp_path))
    price = f"SELECT price FROM exchange_fills WHERE fill_id = '{WRONG_PRICE}'"
    assert _rows(world, price) == [("1",)]
    assert world.run("sync").code == 0
    (sent,) = (
        fill
        for fill in exchanges[0].venue.fills("kraken", symbol="XRP/EUR")
        if fill.id == WRONG_PRICE
    )
    assert _rows(world, price) == [(str(sent.price),)]


@pytest.mark.parametrize(
    "words", [("fills",), ("explain", "BTC"), ("basis", "list"), ("diff", "--since", "2026-10-01")]
)
def test_a_read_that_meets_an_impossible_row_names_it_and_the_repair(
    exchanges: tuple[Simulator, SetClock], tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = _faulty(_home(exchanges, tmp_path)).run(*words)
    said = " ".join(done.err.split())
    assert (done.code, said.count("excache: a row of exchange_fills (")) == (0, 1)
    assert "(fill quantity must not be negative, not -3.08305925), so it is left out" in said
    assert said.endswith("excache sync repairs it")


def test_reload_repairs_first_as_well(
    exchanges: tuple[Simulator, SetClock], tmp_path: Path
) -> None:
    world = _faulty(_home(exchanges, tmp_path))
    done = world.run("reload")
    assert done.code == 0
    assert (
        len([line for line in done.err.splitlines() if line.startswith("excache: repaired: ")])
        == 11
    )


def test_a_sound_cache_of_an_earlier_version_is_left_as_it_is(
    synced: World, tmp_path: Path
) -> None:
    repository = synced.repository()
    copy = tmp_path / "cache.sqlite3"
    repository.backup(copy)
    repository.close()
    with closing(sqlite3.connect(copy)) as cache, cache:
        cache.execute("DELETE FROM exchange_memory WHERE key = 'repairs'")
    opened = ExchangeCacheRepository.open(copy)
    tables = (
        "exchange_fills",
        "exchange_orders",
        "exchange_transfers",
        "exchange_coverage",
        "exchange_streams",
        "sync_runs",
    )
    before = [opened.dump(table) for table in tables]
    lines = repair(
        opened, synced.clock.now(), {"main": "binance", "bybit": "bybit", "kraken": "kraken"}
    )
    assert [line for line in lines if "served by no exchange" not in line] == []
    assert [opened.dump(table) for table in tables] == before
    opened.close()


def _ledger(world: World) -> dict[str, list[tuple[object, ...]]]:
    """The ledgers without the fill whose wrong price has a test of its own, and without the cost of
    orders: those that an earlier version stored keep the cost that it computed."""
    tables = ledger(world.cache)
    tables["exchange_orders"] = [row[:-1] for row in tables["exchange_orders"]]
    return {
        table: [row for row in rows if WRONG_PRICE not in row] for table, rows in tables.items()
    }


def _in_the_future(world: World, clock: SetClock) -> dict[str, object]:
    """Every column of time that has a value after now."""
    now, found = to_ms(clock.now()) + 60_000, {}
    for (table,) in _rows(
        world, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_migrations'"
    ):
        for column in _rows(world, f"PRAGMA table_info({table})"):
            late = (
                _rows(world, f"SELECT count(*) FROM {table} WHERE {column[1]} > {now}")
                if str(column[1]).endswith("_ms")
                else [(0,)]
            )
            if late != [(0,)]:
                found[f"{table}.{column[1]}"] = late[0][0]
    return found

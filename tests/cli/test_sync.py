"""``excache sync``: its options and what it fetches."""

from __future__ import annotations

import sqlite3

from tests.e2e.world import World


def test_sync_is_silent_when_all_is_well(world: World) -> None:
    done = world.run("sync")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_only_the_named_data_types_are_asked_for(world: World) -> None:
    seen = len(world.simulator.requests)
    assert world.run("sync", "--only", "balances", "--only", "prices").code == 0
    paths = {call.path.rsplit("/", 1)[-1] for call in list(world.simulator.requests)[seen:]}
    assert "Ticker" in paths
    assert any("Balance" in path for path in paths)
    assert not any("History" in path or "Ledgers" in path for path in paths)


def test_if_stale_asks_nothing_while_everything_is_fresh(world: World) -> None:
    seen = len(world.simulator.requests)
    assert world.run("sync", "--if-stale").code == 0
    assert len(world.simulator.requests) == seen


def test_full_asks_again_and_brings_deleted_rows_back(world: World) -> None:
    before = world.repository().ledger.fills()
    with sqlite3.connect(world.home / "cache.sqlite3") as connection:
        connection.execute("DELETE FROM exchange_fills WHERE rowid % 2")
    connection.close()
    assert world.run("sync", "--full").code == 0
    after = world.repository().ledger.fills()
    assert len({(fill.symbol, fill.fill_id) for fill in after}) == len(after)
    assert set(before) <= set(after), "what the exchange traded meanwhile may come in addition"


def test_quiet_is_accepted(world: World) -> None:
    assert world.run("sync", "-q", "--only", "prices").code == 0

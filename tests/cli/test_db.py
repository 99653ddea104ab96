"""``excache db``: maintenance of the cache file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock
from tests.builders import NOW
from tests.cli.stored_home import StoredHome
from tests.e2e.world import World


def test_db_path_check_backup_migrate(world: World, tmp_path: Path) -> None:
    assert world.run("db", "path").out == f"{world.home / 'cache.sqlite3'}\n"
    checked = world.run("db", "check")
    assert checked.code == 0
    assert "sound" in checked.out and "exchange_fills" in checked.out
    copy = tmp_path / "backup.sqlite3"
    assert world.run("db", "backup", str(copy)).code == 0
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM exchange_fills").fetchone()[0] == len(
            world.repository().ledger.fills()
        )
    connection.close()
    again = world.run("db", "backup", str(copy))
    assert (again.code, "--force" in again.err) == (2, True)
    assert world.run("db", "backup", str(copy), "--force").code == 0
    assert world.run("db", "migrate").code == 0


def test_an_empty_cache_has_no_costs_to_compare(tmp_path: Path) -> None:
    home = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    home.configure()
    home.save()
    done = home.run("db", "check")
    assert done.code == 0
    assert "no costs to compare: no fill or transfer is stored" in done.out
    assert "wait to be derived" not in done.out


def test_a_cache_is_not_backed_up_onto_itself(world: World) -> None:
    cache = world.home / "cache.sqlite3"
    before = cache.stat().st_ino
    done = world.run("db", "backup", str(cache), "--force")
    assert (done.code, "is the cache itself" in done.err) == (2, True)
    assert cache.stat().st_ino == before


@pytest.mark.parametrize("value", ["not a number", None, b"\xff\xfe", ""], ids=repr)
@pytest.mark.parametrize(
    ("table", "column", "asset", "name"),
    [
        ("exchange_balances", "total", "asset", "balance"),
        ("exchange_prices", "last", "base", "price"),
    ],
)
def test_one_bad_cell_is_named_and_the_rest_of_the_portfolio_printed(
    world: World, table: str, column: str, asset: str, name: str, value: object
) -> None:
    cache = world.home / "cache.sqlite3"
    before = world.run("portfolio", "--no-refresh", "--json").json()
    with closing(sqlite3.connect(cache)) as connection:
        connection.execute("PRAGMA writable_schema = 1")
        strict, lax = f"{column} TEXT NOT NULL", f"{column} TEXT"
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ?", (strict, lax, table)
        )
        connection.commit()
    with closing(sqlite3.connect(cache)) as connection:
        where = f"rowid = (SELECT max(rowid) FROM {table} WHERE {asset} = 'BTC')"
        changed = connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (value,))
        assert changed.rowcount == 1
        connection.commit()
    done = world.run("portfolio", "--no-refresh", "--json")
    assert done.code == 0, done.err
    after = done.json()
    readable = table == "exchange_prices" and value is None  # a ticker may have no last price
    codes = [one["code"] for one in after["warnings"]]
    assert ("unreadable_row" in codes) is not readable
    assert len(before["holdings"]) - 1 <= len(after["holdings"]) <= len(before["holdings"])
    checked = world.run("db", "check")
    assert (checked.code, f"the stored {name} " in checked.err) == (
        (0, False) if readable else (78, True)
    )

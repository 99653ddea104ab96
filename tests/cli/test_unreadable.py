"""One value that cannot be read, in any column of any table: ``portfolio`` names its row and prints
the rest, ``db check`` finds it, and a sync repairs it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.cells import unreadable_rows
from exchange_cache.cache.schema import MODELS
from tests.e2e.world import World
from tests.effort import PART, sample

TABLES: dict[str, Any] = {model._meta.table_name: model for model in MODELS}
#: What a fault of a disk, of memory or of another program may leave in a cell, and no column can
#: hold; another text in a column of names looks like one.
GARBAGE = ("x'fffe'", "NULL", "CAST(x'fffe' AS TEXT)")


def spoil(cache: Path, table: str, column: str, value: str) -> None:
    """Write a value into one row, as SQLite's own checks and triggers would prevent."""
    with closing(sqlite3.connect(cache)) as connection:
        triggers = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        stored = [sql for (sql,) in triggers.fetchall()]
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA writable_schema = 1")
        made = "SELECT sql FROM sqlite_master WHERE name = ?"
        ((text,),) = connection.execute(made, (table,)).fetchall()
        connection.execute(
            "UPDATE sqlite_master SET sql = ? WHERE name = ?",
            (re.sub(r"\bNOT\s+NULL\b", "", text), table),  # the words may be on two lines
        )
        connection.commit()
    with closing(sqlite3.connect(cache)) as connection:
        row = f"SELECT {', '.join(TABLES[table]._meta.fields)} FROM {table} LIMIT 1"
        if connection.execute(row).fetchone() is None:
            insert_row(connection, table)
        key = TABLES[table]._meta.primary_key
        keys = getattr(key, "field_names", None) or (key.name,)
        where = " AND ".join(f"{name} IS (SELECT {name} FROM {table} LIMIT 1)" for name in keys)
        connection.execute(f"UPDATE {table} SET {column} = {value} WHERE {where}")
        for trigger in stored:
            connection.execute(trigger)
        connection.commit()


def insert_row(connection: sqlite3.Connection, table: str) -> None:
    """A row that nothing here made, of texts and ones."""
    fields = TABLES[table]._meta.fields
    is_text = {name: type(field).__name__ == "TextField" for name, field in fields.items()}
    values = ["'kraken'" if is_text[name] else "1" for name in fields]
    connection.execute(f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({', '.join(values)})")


def _cases(cache: Path, table: str) -> list[tuple[str, str]]:
    """Columns and values; an id that SQLite assigns holds numbers only, and a key without a row
    number is never NULL."""
    model = TABLES[table]
    with closing(sqlite3.connect(cache)) as connection:
        made = "SELECT sql LIKE '%WITHOUT ROWID%' FROM sqlite_master WHERE name = ?"
        ((keyed,),) = connection.execute(made, (table,)).fetchall()
    columns = [
        name
        for name, field in model._meta.fields.items()
        if not (field.primary_key and type(field).__name__ == "IntegerField")
    ]
    keys = getattr(model._meta.primary_key, "field_names", None) or (model._meta.primary_key.name,)
    return [
        (column, value)
        for column in columns
        for value in GARBAGE
        if not (value == "NULL" and keyed and column in keys)
    ]


@pytest.mark.sampled(8)
@pytest.mark.parametrize("table", TABLES)
def test_portfolio_names_the_row_and_prints_the_rest(world: World, table: str) -> None:
    cache, sound = world.home / "cache.sqlite3", world.home / "sound.sqlite3"
    with closing(sqlite3.connect(cache)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    shutil.copy(cache, sound)
    cases = _cases(cache, table)
    chosen = sample(cases, len(cases), len(table)) if PART else cases
    assert chosen
    for column, value in chosen:
        for log in ("-wal", "-shm"):
            cache.with_name(cache.name + log).unlink(missing_ok=True)
        shutil.copy(sound, cache)
        spoil(cache, table, column, value)
        is_allowed = value == "NULL" and TABLES[table]._meta.fields[column].null
        found = [row.table for row in unreadable_rows(cache)]
        assert found == [table] or is_allowed, (column, value)
        for options in (("--json",), ("--by", "account")):
            done = world.run("portfolio", "--no-refresh", *options)
            assert done.code == 0, (column, value, done.err)
            assert table not in done.err or f"a row of {table} " in done.err


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        (table, column)
        for table, model in TABLES.items()
        for column in list(model._meta.fields)[-1:]
        if not model._meta.fields[column].primary_key
    ],
)
def test_a_check_finds_the_row_and_a_sync_repairs_it(world: World, table: str, column: str) -> None:
    cache = world.home / "cache.sqlite3"
    assert world.run("sync").code == 0  # the exchange may have news since the home was made
    before = world.run("portfolio", "--no-refresh", "--json").json()
    spoil(cache, table, column, "x'fffe'")
    checked = world.run("db", "check")
    assert (checked.code, f"a row of {table} " in checked.err) == (78, True), checked.err
    done = world.run("sync")
    assert (done.code, "repaired: " in done.err) == (0, True), done.err
    assert unreadable_rows(cache) == ()
    # A time that no clock can show is set right in its place, and nothing is removed.
    kept = cache.parent / "cache.sqlite3.before-repair"
    assert kept.exists() is ("The cache from before is" in " ".join(done.err.split()))
    assert not kept.exists() or kept.stat().st_mode & 0o077 == 0
    after = world.run("portfolio", "--no-refresh", "--json")
    assert (after.code, after.err) == (0, "")
    assert _held(after.json()) == _held(before)
    assert world.run("db", "check").code == 0


@pytest.mark.parametrize("column", ["error", "error_code"])
def test_a_sync_that_meets_the_row_only_while_it_prepares_the_portfolio_repairs_it(
    world: World, column: str
) -> None:
    """The status of balances is not read by a sync of transfers alone."""
    assert world.run("sync").code == 0
    before = world.run("portfolio", "--no-refresh", "--json").json()
    spoil(world.home / "cache.sqlite3", "exchange_sync_status", column, "x'fffe'")
    done = world.run("sync", "--only", "transfers")
    assert (done.code, "repaired: a row of exchange_sync_status " in done.err) == (0, True)
    assert "excache sync repairs it" not in done.err
    assert world.run("sync").err == ""
    assert world.run("db", "check").code == 0
    after = world.run("portfolio", "--no-refresh", "--json")
    assert (after.code, after.err) == (0, "")
    assert _held(after.json()) == _held(before)


WRITING = {
    "basis": ("basis", "set", "BTC", "--quantity", "1", "--price", "2", "--at", "2025-01-01"),
    "rename": ("account", "rename", "kraken", "renamed"),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("table", "column"), [("exchange_fills", "price"), ("exchange_prices", "as_of_ms")]
)
@pytest.mark.parametrize("words", WRITING.values(), ids=WRITING)
def test_a_command_that_writes_works_without_the_row_and_a_sync_ends_it(
    world: World, words: tuple[str, ...], table: str, column: str
) -> None:
    """A sync that was due without this command would not search the cache again."""
    spoil(world.home / "cache.sqlite3", table, column, "x'fffe'")
    done = world.run(*words)
    assert done.code == 0, done.err
    assert f"a row of {table} " in done.err and "excache sync repairs it" in done.err
    synced = world.run("sync")
    assert (synced.code, f"repaired: a row of {table} " in synced.err) == (0, True)
    assert world.run("db", "check").code == 0


def _held(portfolio: Any) -> list[tuple[str, str, str]]:
    return sorted(
        (one["asset"], one["quantity"], str(one["average_entry_price"]))
        for one in portfolio["holdings"]
    )


LEDGERS = (
    "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\n"
    "LAAAAA-1,R1,2019-03-03 10:00:00,deposit,,currency,XXBT,1.5,0,1.5\n"
)
TRADE = (
    "LAAAAA-2,T1,2019-03-04 10:00:00,trade,,currency,XXBT,-0.5,0,1.0\n"
    "LAAAAA-3,T1,2019-03-04 10:00:00,trade,,currency,ZEUR,1700,4.42,1695.58\n"
)


@pytest.fixture
def ledgers(tmp_path: Path) -> str:
    path = tmp_path / "ledgers.csv"
    path.write_text(LEDGERS)
    return str(path)


def _imported(world: World) -> list[str]:
    rows = world.run("transfers", "--json", "--all").json()["rows"]
    return [row["quantity"] for row in rows if row["time"].startswith("2019-03-03")]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("table", "column"),
    [("exchange_fills", "price"), ("exchange_coverage", "end_ms"), ("exchange_prices", "as_of_ms")],
)
def test_an_import_works_without_the_row_and_a_sync_ends_it(
    world: World, ledgers: str, table: str, column: str
) -> None:
    spoil(world.home / "cache.sqlite3", table, column, "x'fffe'")
    done = world.run("import", ledgers)
    assert done.code == 0, done.err
    assert done.err.count(f"a row of {table} ") == 1 and "excache sync repairs it" in done.err
    assert _imported(world) == ["1.5"]
    synced = world.run("sync")
    assert (synced.code, f"repaired: a row of {table} " in synced.err) == (0, True)
    assert (_imported(world), world.run("db", "check").code) == (["1.5"], 0)


@pytest.mark.parametrize(
    ("table", "column", "more"),
    [("exchange_fills", "price", TRADE), ("exchange_balances", "total", "")],
    ids=["of fills", "of balances"],
)
def test_an_import_that_is_proven_by_the_row_stores_nothing_and_works_after_a_sync(
    world: World, ledgers: str, table: str, column: str, more: str
) -> None:
    """What a file proves of an account is a part of what is stored."""
    Path(ledgers).write_text(LEDGERS + more)
    spoil(world.home / "cache.sqlite3", table, column, "x'fffe'")
    refused = world.run("import", ledgers)
    assert (refused.code, _imported(world)) == (75, [])
    said = " ".join(refused.err.split())
    assert f"a row of {table} " in said
    assert "excache sync repairs it; nothing was stored" in said
    synced = world.run("sync")
    assert (synced.code, f"repaired: a row of {table} " in synced.err) == (0, True)
    assert world.run("import", ledgers).code == 0
    assert _imported(world) == ["1.5"]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("exchange_fills", "price"),
        ("exchange_balances", "total"),
        ("imported_transfers", "quantity"),
        ("imported_links", "closing"),
    ],
)
def test_the_undo_of_an_import_works_without_the_row_and_a_sync_ends_it(
    world: World, ledgers: str, table: str, column: str
) -> None:
    assert world.run("import", ledgers).code == 0
    spoil(world.home / "cache.sqlite3", table, column, "x'fffe'")
    done = world.run("import", "undo", "1")
    assert (done.code, _imported(world)) == (0, [])
    assert world.run("sync").code == 0
    assert (_imported(world), world.run("db", "check").code) == ([], 0)


@pytest.mark.parametrize(
    ("table", "column"), [("imported_links", "closing"), ("exchange_balances", "total")]
)
def test_an_undo_that_leaves_what_the_row_proves_removes_nothing_and_works_after_a_sync(
    world: World, ledgers: str, tmp_path: Path, table: str, column: str
) -> None:
    more = tmp_path / "more.csv"
    more.write_text(LEDGERS.replace("LAAAAA-1", "LAAAAA-9").replace("2019-03-03", "2019-03-05"))
    assert (world.run("import", ledgers).code, world.run("import", str(more)).code) == (0, 0)
    with closing(sqlite3.connect(world.home / "cache.sqlite3")) as cache, cache:
        where = "file_id = 2" if table == "imported_links" else "asset = 'BTC'"
        cache.execute(f"UPDATE {table} SET {column} = x'fffe' WHERE {where}")
    refused = world.run("import", "undo", "1")
    assert (refused.code, _imported(world)) == (75, ["1.5"])
    said = " ".join(refused.err.split())
    assert f"a row of {table} " in said
    assert "excache sync repairs it; nothing was removed" in said
    synced = world.run("sync")
    assert (synced.code, f"repaired: a row of {table} " in synced.err) == (0, True)
    assert world.run("import", "undo", "1").code == 0
    assert (_imported(world), world.run("db", "check").code) == ([], 0)


#: What an exchange sent of a fill, garbled: only a pair that nobody lists is left of it.
GARBLED = json.dumps(
    {"pair": "QQZZ", **dict.fromkeys(("ordertxid", "time", "type", "price", "cost", "vol"))}
)


@pytest.mark.parametrize("time", ["time_ms", "NULL"])
def test_a_fill_that_an_earlier_version_kept_as_a_garbled_row_is_fetched_by_the_next_sync(
    world: World, time: str
) -> None:
    """Kept as one of an unknown market, it counted as fetched."""
    assert world.run("sync").code == 0
    before = world.run("fills", "--all", "--json").json()["rows"]
    with closing(sqlite3.connect(world.home / "cache.sqlite3")) as cache:
        newest = "SELECT max(rowid) FROM exchange_fills WHERE kind = 'trade'"
        cache.execute(
            "INSERT INTO unidentified_rows SELECT account, 'fills', 'spot', 'QQZZ:x', '', 'QQZZ',"
            f" 'unknown', {time}, ?, seen_ms FROM exchange_fills WHERE rowid = ({newest})",
            (GARBLED,),
        )
        cache.execute(f"DELETE FROM exchange_fills WHERE rowid = ({newest})")
        cache.commit()
    assert len(world.run("fills", "--all", "--json").json()["rows"]) == len(before) - 1
    done = world.run("sync", "--only", "fills")
    assert (done.code, done.err) == (0, "")
    assert world.run("fills", "--all", "--json").json()["rows"] == before

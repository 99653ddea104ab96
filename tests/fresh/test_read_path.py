"""What one read of the portfolio costs: a fixed number of queries, none of which grows with the
history."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from tests.fresh.helpers import Home

#: What a computed read asks of the cache, in order: the schema and the time zone of screens; is
#: there a schema, which; how the costs were derived; then one snapshot, and whether the costs are
#: those of the newest rows.
READ = [
    "schema_migrations",
    "exchange_memory",
    "sqlite_master",
    "schema_migrations",
    "exchange_memory",
    "exchange_sync_status",
    "exchange_balances",
    "exchange_positions",
    "exchange_prices",
    "exchange_cost_basis",
    "exchange_findings",
    "accepted_findings",
    "exchange_memory",
]
#: A question whose answer is never prepared.
COMPUTED = ("portfolio", "--period", "year")
HISTORIES = (
    "exchange_fills",
    "exchange_orders",
    "exchange_transfers",
    "exchange_coverage",
    "exchange_streams",
)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that SQLite executes from now on, as SQLite itself reports it."""
    seen: list[str] = []
    connect = sqlite3.connect

    def traced(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(seen.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    monkeypatch.setattr("peewee.sqlite3.connect", traced)
    return seen


def _selects(statements: list[str]) -> list[str]:
    return [text for text in statements if text.lstrip().upper().startswith("SELECT")]


def _tables(selects: list[str]) -> list[str]:
    return [
        next((table for table in (*READ, *HISTORIES, "sync_runs") if table in text), text)
        for text in selects
    ]


def _add_fills(home: Home, number: int) -> None:
    """More fills of a kind that the account already has, each with an id of its own, taken for
    fills whose costs are derived."""
    ((valid_ms,),) = home.query("SELECT valid_ms FROM cost_progress")
    columns = [row[1] for row in home.query("PRAGMA table_info(exchange_fills)")]
    copied = ", ".join(
        "'more-' || n" if name == "fill_id" else "time_ms - n * 1000" if name == "time_ms" else name
        for name in columns
    )
    home.execute(
        "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ?)"
        f" INSERT INTO exchange_fills SELECT {copied} FROM counter, (SELECT * FROM exchange_fills"
        " LIMIT 1)",
        number,
    )
    home.execute("UPDATE cost_progress SET valid_ms = ?", valid_ms)


def test_a_computed_read_is_thirteen_queries_of_which_none_grows_with_the_history(
    synced: Home, statements: list[str]
) -> None:
    assert synced.run(*COMPUTED).code == 0
    assert _tables(_selects(statements)) == READ


def test_a_stale_read_asks_once_more_how_the_last_run_ended(
    synced: Home, statements: list[str]
) -> None:
    synced.age(hours=3)
    statements.clear()
    assert synced.run(*COMPUTED).code == 0
    assert _tables(_selects(statements)) == [*READ, "sync_runs"]
    synced.quiet()


@pytest.mark.long
def test_a_hundred_thousand_fills_more_change_no_query_and_no_plan(
    synced: Home, statements: list[str]
) -> None:
    assert synced.run(*COMPUTED).code == 0
    few, plans_of_few = _selects(statements), _plans(synced, statements)
    _add_fills(synced, 100_000)
    assert synced.query("SELECT count(*) FROM exchange_fills")[0][0] > 100_000
    statements.clear()
    assert synced.run(*COMPUTED).code == 0
    assert _tables(_selects(statements)) == _tables(few)
    assert _plans(synced, statements) == plans_of_few


def _plans(home: Home, statements: list[str]) -> list[tuple[str, int]]:
    """How SQLite goes about each query; it looks at no history but for the end of an index."""
    found = []
    for text in _selects(statements):
        steps = " ".join(str(row[3]) for row in home.query(f"EXPLAIN QUERY PLAN {text}"))
        newest = "max(time_ms)" in text
        assert not any(f"SCAN {table}" in steps for table in HISTORIES)
        assert newest or not any(table in steps for table in HISTORIES)
        found.append((steps, len(text)))
    return found


def test_start_up_loads_neither_the_exchanges_nor_the_network(synced: Home) -> None:
    script = (
        "import sys\nfrom exchange_cache.cli.main import main\ntry:\n    main(['portfolio',"
        " '--json'])\nexcept SystemExit as stop:\n    code = stop.code\nheavy = {'ccxt',"
        " 'requests', 'aiohttp', 'rich', 'tabulate', 'asyncio', 'urllib.request', 'http.client',"
        " 'ssl', 'hypothesis'}\nprint(code, sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=synced.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stderr.strip() == "0 []"


def test_the_repository_opens_without_writing(synced: Home, statements: list[str]) -> None:
    opened = ExchangeCacheRepository.open_existing(synced.home / "cache.sqlite3")
    assert opened is not None
    opened.close()
    assert not [
        text
        for text in statements
        if text.split(" ", 1)[0].upper() in {"INSERT", "UPDATE", "DELETE", "CREATE", "BEGIN"}
    ]

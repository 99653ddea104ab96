"""The views of docs/sql.md: each query runs, and their figures are those of the commands."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache import views
from exchange_cache.cache.migrations import MIGRATIONS, migrate
from exchange_cache.cache.opening import open_database
from exchange_cache.cache.postgres.opening import open_server
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.schema import MODELS
from exchange_cache.cache.server import Server
from tests.e2e.world import World
from tests.golden import SWITCH

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sql.md").read_text("utf-8")
METADATA = ROOT / "contrib" / "datasette" / "metadata.json"
QUERIES = dict(re.findall(r"^### ([^\n]+)\n\n```sql\n(.+?)\n```$", PAGE, re.MULTILINE | re.DOTALL))
NAMES = tuple(view.name for view in views.views())
#: Whoever changes a definition adds a migration, which makes the views of existing caches anew,
#: and then this.
DEFINED = ("a2", 27)


@pytest.fixture
def cache(synced: World) -> Iterator[sqlite3.Connection]:
    address = f"file:{synced.home / 'cache.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def rows(cache: sqlite3.Connection, query: str, *values: object) -> list[dict[str, Any]]:
    return [dict(row) for row in cache.execute(query, values)]


# --- the page -------------------------------------------------------------------------------------


def test_there_are_a_dozen_queries_and_every_view_is_described() -> None:
    assert len(QUERIES) >= 12
    assert re.findall(r"^\| `(v1_\w+)` \|", PAGE, re.MULTILINE) == sorted(
        NAMES, key=lambda name: PAGE.index(f"| `{name}` |")
    )
    assert all(f"| `{name}` |" in PAGE for name in NAMES)


@pytest.mark.parametrize("title", QUERIES)
def test_a_query_of_the_page_finds_rows(cache: sqlite3.Connection, title: str) -> None:
    assert rows(cache, QUERIES[title]), title


def test_every_view_has_rows_in_the_demo(cache: sqlite3.Connection) -> None:
    empty = [name for name in NAMES if not rows(cache, f"SELECT 1 FROM {name} LIMIT 1")]
    assert empty == []


# --- what they say --------------------------------------------------------------------------------


def test_holdings_are_those_of_the_portfolio(cache: sqlite3.Connection, synced: World) -> None:
    shown = synced.run("portfolio", "--no-refresh", "--json").json()["holdings"]
    keys = (
        *("quantity", "price", "value", "average_entry_price", "explained_quantity"),
        *("unknown_quantity", "unrealised_pnl", "realised_pnl", "share"),
    )
    expected = {one["asset"]: {key: one[key] for key in keys} for one in shown}
    found = {
        row["asset"]: {key: row[key] for key in keys}
        for row in rows(cache, "SELECT * FROM v1_holdings")
    }
    assert found == expected and len(found) > 15


def test_results_are_those_of_the_costs(cache: sqlite3.Connection, synced: World) -> None:
    for method in ("average", "fifo"):
        shown = synced.run("portfolio", "--no-refresh", "--cost-method", method, "--json").json()
        query = "SELECT realised_pnl FROM v1_pnl WHERE account = '' AND method = ?"
        total = sum(Decimal(row["realised_pnl"]) for row in rows(cache, query, method))
        days = "SELECT realised_pnl FROM v1_pnl_days WHERE account = '' AND method = ?"
        by_day = sum(Decimal(row["realised_pnl"]) for row in rows(cache, days, method))
        assert round(total, 12) == round(Decimal(shown["totals"]["realised_pnl"]), 12)
        assert round(by_day, 12) == round(total, 12)


def test_open_lots_are_the_explained_quantity(cache: sqlite3.Connection) -> None:
    query = (
        "SELECT l.quantity, l.cost FROM v1_lots AS l WHERE l.account = 'kraken' AND l.asset = ?"
        " AND l.method = 'fifo' AND l.cost IS NOT NULL"
    )
    lots = rows(cache, query, "ETH")
    (basis,) = rows(
        cache,
        "SELECT * FROM v1_pnl WHERE account = 'kraken' AND asset = 'ETH' AND method = 'fifo'",
    )
    assert len(lots) > 3
    assert sum(Decimal(one["quantity"]) for one in lots) == Decimal(basis["explained_quantity"])


def test_fills_transfers_and_net_worth_are_those_of_the_lists(
    cache: sqlite3.Connection, synced: World
) -> None:
    fills = synced.run("fills", "--account", "kraken", "--json").json()["rows"]
    own = rows(cache, "SELECT * FROM v1_fills WHERE account = 'kraken' ORDER BY time_ms, fill_id")
    key = ("time", "symbol", "side", "quantity", "price", "cost")
    assert sorted(tuple(one[name] for name in key) for one in own) == sorted(
        tuple(_milliseconds(one[name]) for name in key) for one in fills
    )
    transfers = synced.run("transfers", "--kind", "deposit", "--json").json()["rows"]
    deposits = rows(cache, "SELECT * FROM v1_transfers WHERE kind = 'deposit'")
    assert sorted((one["asset"], one["quantity"]) for one in deposits) == sorted(
        (one["asset"], one["quantity"]) for one in transfers
    )
    worth = synced.run("history", "--recorded", "--json").json()["rows"]
    assert [one["value"] for one in rows(cache, "SELECT * FROM v1_net_worth")] == [
        one["value"] for one in worth
    ]


def _milliseconds(text: str) -> str:
    """A time of the lists, which leave out zero milliseconds."""
    return re.sub(r"(T\d\d:\d\d:\d\d)Z$", r"\1.000Z", text)


def test_a_vanished_fill_is_marked(repository: ExchangeCacheRepository) -> None:
    run = repository._database.peewee.execute_sql
    for number in ("1", "2"):
        run(
            "INSERT INTO exchange_fills (account, category, symbol, fill_id, time_ms, side, base,"
            " quote, quantity, price, cost, fees, fees_known, kind, seen_ms) VALUES ('main',"
            " 'spot', 'BTC/USDT', ?, 1767225600123, 'buy', 'BTC', 'USDT', '0.1', '100', '10',"
            """ '[["BNB","-0.01"],["USDT","2"]]', 1, 'trade', 0)""",
            (number,),
        )
    run(
        "INSERT INTO ledger_absences VALUES ('main', 'fills', 'spot', 'BTC/USDT', '2', 'x', '', 0,"
        " 0, 5)"
    )
    found = run("SELECT fill_id, vanished, time FROM v1_fills ORDER BY fill_id").fetchall()
    moment = "2026-01-01T00:00:00.123Z"
    assert found == [("1", 0, moment), ("2", 1, moment)]
    fees = run("SELECT fee_asset, fee, fee_real FROM v1_fill_fees WHERE fill_id = '1'").fetchall()
    assert fees == [("BNB", "-0.01", -0.01), ("USDT", "2", 2.0)]


def test_figures_are_exact_text_beside_a_number(cache: sqlite3.Connection) -> None:
    for view in views.views():
        query = f"SELECT * FROM {view.name} LIMIT 200"
        for row in rows(cache, query):
            for name in (name for name in row if name.endswith("_real")):
                exact = row[name.removesuffix("_real")]
                assert exact is None or isinstance(exact, str), (view.name, name)
                number = None if exact is None else pytest.approx(float(exact), rel=1e-14)
                assert row[name] == number, (view.name, name)


def test_nothing_can_be_written_through_a_view(repository: ExchangeCacheRepository) -> None:
    with closing(sqlite3.connect(repository.path)) as connection:
        for name in NAMES:
            with pytest.raises(sqlite3.OperationalError, match="it is a view"):
                connection.execute(f"DELETE FROM {name}")


# --- their life -----------------------------------------------------------------------------------


def test_columns_of_version_1_stay(repository: ExchangeCacheRepository) -> None:
    """Names may be added to this list, and none removed."""
    promised = json.loads((Path(__file__).parent / "fixtures" / "views_v1.json").read_text("utf-8"))
    with closing(sqlite3.connect(repository.path)) as connection:
        found = {
            name: [one[0] for one in connection.execute(f"SELECT * FROM {name}").description]
            for name in NAMES
        }
    if os.environ.get(SWITCH) == "write":
        (Path(__file__).parent / "fixtures" / "views_v1.json").write_text(
            json.dumps(found, indent=1) + "\n", "utf-8"
        )
    assert promised.keys() == found.keys()
    for name, columns in promised.items():
        assert [one for one in found[name] if one in columns] == columns, name


def test_a_changed_definition_comes_with_a_migration() -> None:
    text = "\n".join((*views.statements(), *views.statements(views.POSTGRESQL)))
    assert (sha256(text.encode()).hexdigest()[:2], MIGRATIONS[-1].version) == DEFINED


def test_views_of_an_older_version_are_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    database = open_database(path)
    assert database is not None
    database.peewee.execute_sql("DROP VIEW v1_fills")
    database.peewee.execute_sql("CREATE VIEW v1_fills AS SELECT 1 AS other")
    later = (*MIGRATIONS, MIGRATIONS[-1].__class__(MIGRATIONS[-1].version + 1, "", lambda _: None))
    migrate(database.peewee, "here", later)
    cursor = database.peewee.execute_sql("SELECT * FROM v1_fills")
    assert "fill_id" in [one[0] for one in cursor.description]
    database.close()


def test_a_snapshot_replaces_what_an_earlier_one_showed(synced: World, tmp_path: Path) -> None:
    shutil.copytree(synced.home, tmp_path / "home")
    with closing(ExchangeCacheRepository.open(tmp_path / "home" / "cache.sqlite3")) as repository:
        assert repository.table_counts()["portfolio_holdings"] > 15
        (newest,) = repository.derived.snapshots(newest=1)
        repository.derived.add_snapshot(newest)
        assert repository.table_counts()["portfolio_holdings"] == 0


# --- other programs -------------------------------------------------------------------------------


def test_the_metadata_has_the_queries_of_the_page() -> None:
    def slug(title: str) -> str:
        return re.sub(r"[^a-z]+", "_", title.lower()).strip("_")

    tables = {str(model._meta.table_name) for model in MODELS} | {"schema_migrations"}
    queries = {slug(title): {"title": title, "sql": sql} for title, sql in QUERIES.items()}
    document = {
        "title": "excache",
        "description": "Crypto exchange accounts, from the local cache. Views: v1_…",
        "databases": {
            "cache": {
                "source": "docs/sql.md of excache",
                "tables": {name: {"hidden": True} for name in sorted(tables)},
                "queries": queries,
            }
        },
    }
    if os.environ.get(SWITCH) == "write":
        METADATA.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(METADATA.read_text("utf-8")) == document


@pytest.mark.long
@pytest.mark.skipif(
    importlib.util.find_spec("datasette") is None, reason="datasette is not installed"
)
def test_datasette_shows_the_views_and_runs_the_queries(synced: World) -> None:
    def get(path: str) -> Any:
        command = (
            *(sys.executable, "-m", "datasette", str(synced.home / "cache.sqlite3")),
            *("--metadata", str(METADATA), "--get", path),
            *("--setting", "sql_time_limit_ms", "60000"),
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    shown = get("/cache.json")
    assert {one["name"] for one in shown["views"]} == set(NAMES)
    assert all(one["hidden"] for one in shown["tables"])
    assert {one["title"] for one in shown["queries"]} == set(QUERIES)
    for query in ("what_is_held", "results_by_asset_and_method"):
        assert get(f"/cache/{query}.json?_shape=array")


@pytest.mark.skipif(
    importlib.util.find_spec("sqlite_utils") is None, reason="sqlite-utils is not installed"
)
def test_sqlite_utils_reads_the_views(synced: World) -> None:
    cache = str(synced.home / "cache.sqlite3")
    program = (sys.executable, "-m", "sqlite_utils")
    named = subprocess.run((*program, "views", cache), capture_output=True, check=True)
    assert {one["view"] for one in json.loads(named.stdout)} == set(NAMES)
    done = subprocess.run(
        (*program, "query", cache, QUERIES["What is held"]), capture_output=True, check=True
    )
    assert len(json.loads(done.stdout)) > 10


def test_a_cache_on_a_server_has_the_same_views(
    server: Server, repository: ExchangeCacheRepository
) -> None:
    database = open_server(server)
    assert database is not None
    with closing(database), closing(sqlite3.connect(repository.path)) as own:
        for name in NAMES:
            there = database.peewee.execute_sql(f"SELECT * FROM {name}").description
            here = own.execute(f"SELECT * FROM {name}").description
            assert [one[0] for one in there] == [one[0] for one in here]
        for query in QUERIES.values():
            assert database.select(query, ()) == []

"""Numbered migrations from the first schema on; each is applied and recorded in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from exchange_cache.cache.prepared import DROP_ALL, TABLE, triggers, triggers_of_open_costs
from exchange_cache.errors import CacheTooNew

if TYPE_CHECKING:
    from exchange_cache.cache.orm import Database

#: Earlier misses name no source: they move to the account '' and block no request. Known rates
#: stay.
_RATE_MISSES = """
CREATE TABLE asset_rate_misses (
  account TEXT NOT NULL, exchange TEXT NOT NULL, symbol TEXT NOT NULL,
  resolution_s INTEGER NOT NULL, at_ms BIGINT NOT NULL, asked_ms BIGINT NOT NULL,
  PRIMARY KEY (account, exchange, symbol, resolution_s, at_ms));
INSERT INTO asset_rate_misses
  SELECT '', '', asset || '/' || quote, resolution_s, at_ms, fetched_ms
  FROM asset_rates WHERE value IS NULL;
DELETE FROM asset_rates WHERE value IS NULL
"""

_ACCEPTED = """
CREATE TABLE accepted_findings (
  account TEXT NOT NULL, code TEXT NOT NULL, asset TEXT NOT NULL, statement TEXT NOT NULL, reason
  TEXT NOT NULL,
  accepted_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, PRIMARY KEY (account, code, asset,
  statement));
"""

_UNIDENTIFIED = """
CREATE TABLE unidentified_rows (
  account TEXT NOT NULL, data_type TEXT NOT NULL, scope TEXT NOT NULL, row_id TEXT NOT NULL,
  symbol TEXT NOT NULL, market_id TEXT NOT NULL, reason TEXT NOT NULL, time_ms BIGINT,
  row TEXT NOT NULL, seen_ms BIGINT NOT NULL,
  PRIMARY KEY (account, data_type, scope, row_id));
"""


#: Rows get the history that serves them when they are seen again; until then none misses them.
_REVISIONS = """
CREATE TABLE ledger_versions (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL, data_type TEXT NOT NULL, place TEXT NOT NULL,
  symbol TEXT NOT NULL, row_id TEXT NOT NULL, what TEXT NOT NULL, former TEXT NOT NULL,
  seen_ms BIGINT NOT NULL, replaced_ms BIGINT NOT NULL);
CREATE INDEX ledger_versions_replaced ON ledger_versions (replaced_ms);
CREATE TABLE ledger_absences (
  account TEXT NOT NULL, data_type TEXT NOT NULL, place TEXT NOT NULL, symbol TEXT NOT NULL,
  row_id TEXT NOT NULL, served_by TEXT NOT NULL, stream_symbol TEXT NOT NULL,
  at_ms BIGINT NOT NULL, missed_ms BIGINT NOT NULL, vanished_ms BIGINT,
  PRIMARY KEY (account, data_type, place, symbol, row_id));
ALTER TABLE exchange_fills ADD COLUMN served_by TEXT;
ALTER TABLE exchange_orders ADD COLUMN served_by TEXT;
ALTER TABLE exchange_transfers ADD COLUMN served_by TEXT;
ALTER TABLE exchange_streams ADD COLUMN settled_ms BIGINT
"""


def _run_script(script: str) -> Callable[[Database], None]:
    def apply(database: Database) -> None:
        for statement in script.split(";"):
            if statement.strip():
                database.execute_sql(statement)

    return apply


def _rename(database: Database) -> None:
    from exchange_cache.cache.renamed import RENAMED

    for statement in RENAMED:
        database.execute_sql(statement)


def _statements_of(module: str, name: str = "statements") -> Callable[[Database], None]:
    place = f"exchange_cache.cache.{module}"

    def apply(database: Database) -> None:
        for statement in getattr(import_module(place), name)():
            database.execute_sql(statement)

    return apply


def _script_of(module: str, name: str) -> Callable[[Database], None]:
    place = f"exchange_cache.cache.{module}"
    return lambda database: _run_script(getattr(import_module(place), name))(database)


def _doubtful_orders(database: Database) -> None:
    from exchange_cache.cache.doubt_schema import statements

    for statement in (*statements(), *triggers_of_open_costs()):
        database.execute_sql(statement)


_WORDS = """
ALTER TABLE exchange_transfers ADD COLUMN word TEXT;
ALTER TABLE exchange_transfers ADD COLUMN reference TEXT;
UPDATE exchange_transfers SET kind = 'unclassified' WHERE kind = 'other';
UPDATE exchange_transfers SET kind = 'loan' WHERE kind = 'internal' AND from_wallet = 'loan';
UPDATE exchange_transfers SET kind = 'repayment' WHERE kind = 'internal' AND to_wallet = 'loan'
"""


#: Hours that no market served were requested as hourly candles only: they are due again, now with
#: wider candles too.
_WIDER_CANDLES = """
UPDATE asset_rates SET fetched_ms = 0 WHERE value IS NULL;
CREATE TABLE asset_price_ranges (
  asset TEXT NOT NULL, quote TEXT NOT NULL, since_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL,
  low TEXT, high TEXT, route TEXT NOT NULL, fetched_ms BIGINT NOT NULL,
  PRIMARY KEY (asset, quote, since_ms, until_ms));
"""

#: The index answers net worth over time without the rows. Syncs compress the details of earlier
#: versions some at a time.
_SMALL_SNAPSHOTS = """
ALTER TABLE portfolio_snapshots ADD COLUMN packed BLOB;
ALTER TABLE portfolio_snapshots ADD COLUMN gaps TEXT;
CREATE INDEX portfolio_snapshots_worth
  ON portfolio_snapshots (reporting_asset, taken_ms, value, gaps)
"""

_BOOKED_FEES = """
CREATE TABLE booked_fees (
  account TEXT NOT NULL, fill_id TEXT NOT NULL, time_ms BIGINT NOT NULL, fees TEXT NOT NULL,
  PRIMARY KEY (account, fill_id))
"""

#: The newest rows of each account are read from the end of its index.
_BY_ACCOUNT = """
CREATE INDEX exchange_fills_account ON exchange_fills (account, time_ms);
CREATE INDEX exchange_orders_account ON exchange_orders (account, created_ms);
CREATE INDEX exchange_transfers_account ON exchange_transfers (account, time_ms)
"""


def _prepare_readings(database: Database) -> None:
    for statement in (TABLE, *triggers()):
        database.execute_sql(statement)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; ``version`` counts from 1 and never changes its meaning."""

    version: int
    name: str
    apply: Callable[[Database], None]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "first schema", _script_of("first_schema", "TABLES")),
    Migration(
        2,
        "the exchange's own averages",
        _run_script("ALTER TABLE exchange_balances ADD COLUMN told_averages TEXT"),
    ),
    Migration(3, "rows named differently since", _rename),
    Migration(4, "markets without a candle", _run_script(_RATE_MISSES)),
    Migration(5, "accepted findings", _run_script(_ACCEPTED)),
    Migration(
        6,
        "the order of fills within a millisecond",
        _run_script("ALTER TABLE exchange_fills ADD COLUMN sequence BIGINT"),
    ),
    Migration(7, "what exchanges changed afterwards", _run_script(_REVISIONS)),
    Migration(8, "rows whose market is not known", _run_script(_UNIDENTIFIED)),
    Migration(
        9,
        "what coverage rests on",
        _run_script("ALTER TABLE exchange_streams ADD COLUMN grade TEXT"),
    ),
    Migration(10, "what the words of ledgers mean", _run_script(_WORDS)),
    Migration(11, "past prices by the day or week", _run_script(_WIDER_CANDLES)),
    Migration(12, "states of cost, to continue from", _statements_of("cost_schema")),
    Migration(13, "prepared readings", _prepare_readings),
    Migration(14, "compressed snapshots", _run_script(_SMALL_SNAPSHOTS)),
    Migration(15, "the fees of fills that ledgers book", _run_script(_BOOKED_FEES)),
    Migration(16, "the newest rows of each account", _run_script(_BY_ACCOUNT)),
    Migration(17, "orders to compare with their fills", _doubtful_orders),
    Migration(18, "imported files", _script_of("imported_schema", "TABLES")),
    Migration(19, "what imported files cover", _script_of("imported_schema", "COVERAGE")),
    Migration(20, "files of archives", _script_of("archive_schema", "TABLES")),
    Migration(
        21, "the histories of which files have rows", _script_of("imported_schema", "STATED")
    ),
    Migration(22, "the assets that late rows concern", _statements_of("late_schema")),
    Migration(23, "orders of files", _script_of("imported_schema", "ORDERS")),
    Migration(24, "views for other programs", _script_of("views", "HOLDINGS_TABLE")),
    Migration(
        25, "the machine of a run", _run_script("ALTER TABLE sync_runs ADD COLUMN host TEXT")
    ),
    Migration(26, "both times of loans", _statements_of("late_schema", "at_both_times")),
    Migration(27, "orders that others name", _statements_of("doubt_schema", "named_elsewhere")),
)
LATEST = MIGRATIONS[-1].version
#: From this one on, every migration makes the views anew.
VIEWS = 24
#: Every table of the latest schema besides the record of migrations.
TABLES = frozenset(
    [
        "accepted_findings",
        "archive_plans",
        "archive_requests",
        "asset_price_ranges",
        "asset_rate_misses",
        "asset_rates",
        "booked_fees",
        "cache_reads",
        "cost_books",
        "cost_days",
        "cost_exposures",
        "cost_late",
        "cost_links",
        "cost_lots",
        "cost_positions",
        "cost_progress",
        "cost_states",
        "cost_unrated",
        "doubtful_orders",
        "exchange_archives",
        "exchange_balances",
        "exchange_cost_basis",
        "exchange_coverage",
        "exchange_fills",
        "exchange_findings",
        "exchange_memory",
        "exchange_orders",
        "exchange_positions",
        "exchange_prices",
        "exchange_streams",
        "exchange_sync_status",
        "exchange_transfers",
        "imported_coverage",
        "imported_files",
        "imported_fills",
        "imported_links",
        "imported_orders",
        "imported_transfers",
        "ledger_absences",
        "ledger_versions",
        "portfolio_holdings",
        "portfolio_snapshots",
        "prepared_readings",
        "stated_basis",
        "sync_runs",
        "unidentified_rows",
    ]
)


def applied_versions(database: Database) -> frozenset[int]:
    """The migrations that a database has; none for an empty one."""
    if not database.table_exists("schema_migrations"):
        return frozenset()
    rows = database.execute_sql("SELECT version FROM schema_migrations").fetchall()
    return frozenset(int(version) for (version,) in rows)


def current_version(database: Database) -> int:
    """The newest applied migration, 0 for an empty database."""
    return max(applied_versions(database), default=0)


def is_behind(applied: frozenset[int]) -> bool:
    """Whether any migration is missing, also one below the newest applied."""
    return not {step.version for step in MIGRATIONS} <= applied


def refuse_newer(version: int, place: str) -> None:
    """Raise CacheTooNew if the database is newer than this program."""
    if version > LATEST:
        raise CacheTooNew(
            f"the cache {place} has schema {version}, but this excache knows only up to {LATEST};"
            " nothing was changed",
            hint=(
                "upgrade excache (pip install --upgrade excache), or point EXCACHE_HOME at another"
                " folder"
            ),
        )


_VIEWS_OF_SQLITE = _statements_of("views")


def migrate(
    database: Database,
    place: str,
    steps: tuple[Migration, ...] = MIGRATIONS,
    *,
    make_views: Callable[[Database], None] = _VIEWS_OF_SQLITE,
) -> list[Migration]:
    """Apply the missing migrations, each in one transaction with its record, and make the views
    anew; returns them."""
    refuse_newer(current_version(database), place)
    applied = []
    for step in steps:
        with database.atomic("IMMEDIATE"):
            database.execute_sql(
                "CREATE TABLE IF NOT EXISTS schema_migrations "
                "(version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms BIGINT NOT NULL)"
            )
            if step.version in applied_versions(database):
                continue
            step.apply(database)
            if database.table_exists("prepared_readings"):
                database.execute_sql(DROP_ALL)
            database.execute_sql(
                "INSERT INTO schema_migrations VALUES (?, ?, ?)",
                (step.version, step.name, int(time.time() * 1000)),
            )
            applied.append(step)
    if applied and VIEWS in applied_versions(database):
        with database.atomic("IMMEDIATE"):
            make_views(database)
    return applied

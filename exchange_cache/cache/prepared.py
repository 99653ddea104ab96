"""Answers of ``portfolio`` that the last writer prepared, read without peewee and without writing.

Triggers delete them in the transaction that changes a table they were computed from, so a row that
exists is true for the cache it lies in. ``made_for`` names the program and the configuration.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from exchange_cache.cache.server import Place

#: The first bytes of a log, by the order of bytes of its checksums. A log that a power cut kept
#: from the disk is of zeros.
_BEGINNINGS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", b"\x00\x00\x00\x00")
#: The tables that a reading is computed from.
SOURCES = (
    "exchange_sync_status",
    "exchange_balances",
    "exchange_positions",
    "exchange_prices",
    "exchange_cost_basis",
    "exchange_findings",
    "accepted_findings",
)

#: ``scope``: an account, or '' for all enabled ones. Times are microseconds; ``until_us`` is not
#: part of the span, NULL if it has no end.
TABLE = """
CREATE TABLE prepared_readings (
  scope TEXT NOT NULL, from_us BIGINT NOT NULL, until_us BIGINT, made_for TEXT NOT NULL,
  head TEXT NOT NULL, data_before TEXT NOT NULL, data_holdings TEXT NOT NULL,
  data_after TEXT NOT NULL, orders TEXT NOT NULL, data_groups TEXT NOT NULL,
  screen TEXT NOT NULL, places TEXT NOT NULL,
  PRIMARY KEY (scope, from_us))
"""

DROP_ALL = "DELETE FROM prepared_readings"


#: What the costs were derived from: the only row of the memory that decides how they are read.
_DERIVED_FROM = "WHEN {}.key = 'derived_from'"


def triggers() -> list[str]:
    """The statements that make every change of a source delete what was prepared from it."""
    every = [(verb, table, "") for table in SOURCES for verb in ("INSERT", "UPDATE", "DELETE")]
    memory = (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    every += [(verb, "exchange_memory", _DERIVED_FROM.format(row)) for verb, row in memory]
    return [
        f"CREATE TRIGGER prepared_{verb.lower()}_{table} AFTER {verb} ON {table} {when}"
        f" BEGIN {DROP_ALL}; END"
        for verb, table, when in every
    ]


#: Any answer at all: what stores many rows deletes the answers with the first of them.
_ANY = "EXISTS (SELECT 1 FROM prepared_readings)"


def triggers_of_open_costs() -> list[str]:
    """The statements that delete the answers when costs are no longer those of all rows: before
    the run that stored the rows notes so, which it may not live to do."""
    changes = (
        ("INSERT", "exchange_fills", _ANY),
        ("INSERT", "exchange_transfers", _ANY),
        ("INSERT", "cost_progress", _ANY),
        ("UPDATE", "cost_progress", "NEW.valid_ms IS NOT OLD.valid_ms"),
        ("DELETE", "cost_progress", _ANY),
        ("INSERT", "exchange_memory", "NEW.key = 'costs_open'"),
        ("UPDATE", "exchange_memory", "NEW.key = 'costs_open'"),
        ("DELETE", "exchange_memory", "OLD.key = 'costs_open'"),
    )
    return [
        f"CREATE TRIGGER prepared_open_{verb.lower()}_{table} AFTER {verb} ON {table}"
        f" WHEN {condition} BEGIN {DROP_ALL}; END"
        for verb, table, condition in changes
    ]


def find(
    cache: Place, scope: str, made_for: str, now_us: int, columns: Sequence[str]
) -> tuple[str, ...] | None:
    """The columns of the answer that holds now; None if there is none or it cannot be read."""
    query = (
        f"SELECT {', '.join(columns)} FROM prepared_readings WHERE scope = ? AND made_for = ?"
        " AND from_us <= ? AND (until_us IS NULL OR until_us > ?)"
    )
    values = (scope, made_for, now_us, now_us)
    if not isinstance(cache, Path):
        from exchange_cache.cache.postgres.asking import held

        return held(cache, query, values)
    return _first(cache, query, values)


def log_of(cache: Path) -> Path:
    """The write-ahead log beside a cache."""
    return cache.with_name(f"{cache.name}-wal")


def is_foreign(log: Path) -> bool:
    """Whether another program's file is in the place of a log, which SQLite would overwrite; False
    where it cannot be read, which opening the cache reports."""
    try:
        with log.open("rb", buffering=0) as file:
            found = file.read(4)
    except OSError:
        return False
    return not any(beginning.startswith(found) for beginning in _BEGINNINGS)


def newest_run(cache: Place) -> tuple[str | None, int | None] | None:
    """The outcome and the end (ms) of the newest run; None if there was none."""
    found = _first(cache, "SELECT outcome, ended_ms FROM sync_runs ORDER BY id DESC LIMIT 1", ())
    if found is None:
        return None
    outcome, ended_ms = found
    return outcome, ended_ms


def _first(cache: Place, query: str, values: Sequence[object]) -> tuple[Any, ...] | None:
    if not isinstance(cache, Path):
        from exchange_cache.cache.postgres.asking import first

        return first(cache, query, values)
    if is_foreign(log_of(cache)):
        return None  # the caller refuses it
    try:
        address = f"file:{quote(str(cache))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=1)) as connection:
            found: tuple[Any, ...] | None = connection.execute(query, values).fetchone()
    except sqlite3.Error:
        return None  # the caller reads through peewee, which reports what is wrong
    return found

"""The tables and triggers of migration 12: the states of cost."""

from __future__ import annotations

from collections.abc import Iterator

_TABLES = """
CREATE TABLE cost_progress (
  reporting_asset TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL, valid_ms BIGINT NOT NULL);
CREATE TABLE cost_positions (
  at_ms BIGINT NOT NULL PRIMARY KEY, kept INTEGER NOT NULL, events BIGINT NOT NULL,
  lots BIGINT NOT NULL, last_event TEXT, last_order BIGINT NOT NULL);
CREATE TABLE cost_books (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL, asset TEXT NOT NULL,
  answered INTEGER NOT NULL);
CREATE UNIQUE INDEX cost_books_place ON cost_books (account, asset);
CREATE TABLE cost_states (
  book BIGINT NOT NULL, at_ms BIGINT NOT NULL, events BIGINT NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY (book, at_ms))
  WITHOUT ROWID;
CREATE INDEX cost_states_at ON cost_states (at_ms);
CREATE TABLE cost_exposures (
  account TEXT NOT NULL, category TEXT NOT NULL, symbol TEXT NOT NULL, at_ms BIGINT NOT NULL,
  state TEXT NOT NULL, PRIMARY KEY (account, category, symbol, at_ms)) WITHOUT ROWID;
CREATE TABLE cost_lots (
  id INTEGER PRIMARY KEY, book BIGINT NOT NULL, method TEXT NOT NULL, place TEXT NOT NULL,
  lot_order BIGINT NOT NULL, entered BIGINT NOT NULL, age BIGINT NOT NULL, quantity TEXT NOT NULL,
  cost TEXT, since_ms BIGINT NOT NULL, until_ms BIGINT);
CREATE INDEX cost_lots_held ON cost_lots (book, method, place, lot_order, entered)
  WHERE until_ms IS NULL;
CREATE INDEX cost_lots_until ON cost_lots (until_ms) WHERE until_ms IS NOT NULL;
CREATE TABLE cost_days (
  book BIGINT NOT NULL, method TEXT NOT NULL, day TEXT NOT NULL, amount TEXT NOT NULL,
  PRIMARY KEY (book, method, day)) WITHOUT ROWID;
CREATE TABLE cost_links (link TEXT NOT NULL PRIMARY KEY, at_ms BIGINT NOT NULL) WITHOUT ROWID;
CREATE TABLE cost_unrated (
  asset TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (asset, at_ms)) WITHOUT ROWID;
CREATE INDEX exchange_fills_converts ON exchange_fills (time_ms) WHERE kind = 'convert';
CREATE INDEX exchange_transfers_ends ON exchange_transfers (time_ms)
  WHERE kind IN ('deposit', 'withdrawal', 'subscription')
"""

FILL = """
    account category symbol fill_id order_id time_ms side base quote quantity price cost fees
    fees_known kind settle contracts contract_size realised_pnl sequence
"""
TRANSFER = """
    account scope transfer_id kind time_ms asset quantity fee_asset fee status tx_id from_wallet
    to_wallet symbol
"""
#: An event may happen so much earlier than its transfer (``ledger.timeline.EARLY``).
LOAN = "{row}.time_ms - 60000 * ({row}.kind IN ('internal', 'loan', 'repayment'))"
GONE = "{row}.vanished_ms IS NOT NULL"


def statements() -> Iterator[str]:
    """The statements in order."""
    yield from (one for one in _TABLES.split(";") if one.strip())
    yield from _changes("exchange_fills", FILL.split(), "{row}.time_ms")
    yield from _changes("exchange_transfers", TRANSFER.split(), LOAN)
    yield from _changes("ledger_absences", ["vanished_ms"], "{row}.at_ms", only=GONE)
    yield _trigger(
        "asset_rates_new",
        "BEFORE INSERT ON asset_rates",
        "NEW.value IS NOT (SELECT value FROM asset_rates AS r WHERE r.asset = NEW.asset"
        " AND r.quote = NEW.quote AND r.at_ms = NEW.at_ms)",
        "NEW.at_ms",
    )
    yield _trigger(
        "asset_rates_set",
        "AFTER UPDATE OF value ON asset_rates",
        "NEW.value IS NOT OLD.value",
        "NEW.at_ms",
    )
    yield _trigger("asset_rates_gone", "AFTER DELETE ON asset_rates", "1", "OLD.at_ms")


def _changes(table: str, columns: list[str], time: str, only: str = "1") -> Iterator[str]:
    """Triggers for rows of a table that are added, changed and removed."""
    new, old = time.format(row="NEW"), time.format(row="OLD")
    differs = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)
    yield _trigger(f"{table}_new", f"AFTER INSERT ON {table}", only.format(row="NEW"), new)
    yield _trigger(
        f"{table}_set",
        f"AFTER UPDATE OF {', '.join(columns)} ON {table}",
        f"({differs})",
        f"min({new}, {old})",
    )
    yield _trigger(f"{table}_gone", f"AFTER DELETE ON {table}", only.format(row="OLD"), old)


def _trigger(name: str, when: str, condition: str, time: str) -> str:
    return (
        f"CREATE TRIGGER cost_{name} {when}"
        f" WHEN {time} < (SELECT max(valid_ms) FROM cost_progress) AND {condition}"
        f" BEGIN UPDATE cost_progress SET valid_ms = min(valid_ms, {time}); END"
    )

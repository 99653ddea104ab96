"""The tables of migrations 18, 19, 21 and 23: imported files."""

from __future__ import annotations

#: Rows are found by file, by key (the same event in several files and in the ledger) and by time.
TABLES = """
CREATE TABLE imported_files (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL, exchange TEXT NOT NULL, origin TEXT NOT NULL,
  name TEXT NOT NULL, digest TEXT NOT NULL, of_table TEXT NOT NULL, edition TEXT NOT NULL,
  rank BIGINT NOT NULL, imported_ms BIGINT NOT NULL, start_ms BIGINT, end_ms BIGINT,
  row_count BIGINT NOT NULL, records BIGINT NOT NULL, unknown BIGINT NOT NULL,
  left_out TEXT NOT NULL, digits TEXT NOT NULL, histories TEXT NOT NULL,
  user TEXT, chained INTEGER NOT NULL, zone_minutes BIGINT NOT NULL);
CREATE INDEX imported_files_account ON imported_files (account, digest);
CREATE TABLE imported_fills (
  account TEXT NOT NULL, category TEXT NOT NULL, symbol TEXT NOT NULL, fill_id TEXT NOT NULL,
  order_id TEXT, time_ms BIGINT NOT NULL, side TEXT NOT NULL, base TEXT NOT NULL,
  quote TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT NOT NULL, cost TEXT NOT NULL,
  fees TEXT NOT NULL, fees_known INTEGER NOT NULL, kind TEXT NOT NULL, liquidity TEXT,
  settle TEXT, contracts TEXT, contract_size TEXT, realised_pnl TEXT, sequence BIGINT,
  file_id BIGINT NOT NULL, number BIGINT NOT NULL, line BIGINT NOT NULL, exact INTEGER NOT NULL,
  books_fees INTEGER NOT NULL, rank BIGINT NOT NULL, PRIMARY KEY (account, file_id, number));
CREATE INDEX imported_fills_key ON imported_fills (account, category, symbol, fill_id);
CREATE INDEX imported_fills_time ON imported_fills (account, time_ms);
CREATE TABLE imported_transfers (
  account TEXT NOT NULL, scope TEXT NOT NULL, transfer_id TEXT NOT NULL, kind TEXT NOT NULL,
  time_ms BIGINT NOT NULL, asset TEXT NOT NULL, quantity TEXT NOT NULL, fee_asset TEXT, fee TEXT,
  status TEXT NOT NULL, tx_id TEXT, network TEXT, from_wallet TEXT, to_wallet TEXT, symbol TEXT,
  word TEXT, reference TEXT, file_id BIGINT NOT NULL, number BIGINT NOT NULL,
  line BIGINT NOT NULL, exact INTEGER NOT NULL, books_fees INTEGER NOT NULL,
  rank BIGINT NOT NULL, PRIMARY KEY (account, file_id, number));
CREATE INDEX imported_transfers_key ON imported_transfers (account, scope, transfer_id);
CREATE INDEX imported_transfers_time ON imported_transfers (account, time_ms);
CREATE TABLE imported_links (
  chain TEXT NOT NULL, asset TEXT NOT NULL, start_ms BIGINT NOT NULL, end_ms BIGINT NOT NULL,
  opening TEXT NOT NULL, closing TEXT NOT NULL, first_line BIGINT NOT NULL,
  last_line BIGINT NOT NULL, broken_by TEXT, file_id BIGINT NOT NULL, account TEXT NOT NULL,
  PRIMARY KEY (account, file_id, chain, asset, first_line, last_line))
"""

COVERAGE = """
CREATE TABLE imported_coverage (
  account TEXT NOT NULL, data_type TEXT NOT NULL, scope TEXT NOT NULL, start_ms BIGINT NOT NULL,
  end_ms BIGINT NOT NULL, grade TEXT NOT NULL, words TEXT NOT NULL,
  PRIMARY KEY (account, data_type, scope, start_ms, end_ms, grade))
"""

STATED = """
ALTER TABLE imported_files ADD COLUMN stated TEXT NOT NULL DEFAULT '[]';
UPDATE imported_files SET stated = histories
"""

ORDERS = """
CREATE TABLE imported_orders (
  account TEXT NOT NULL, category TEXT NOT NULL, symbol TEXT NOT NULL, order_id TEXT NOT NULL,
  client_order_id TEXT, created_ms BIGINT NOT NULL, updated_ms BIGINT, side TEXT NOT NULL,
  type TEXT, status TEXT NOT NULL, base TEXT NOT NULL, quote TEXT NOT NULL, price TEXT,
  average TEXT, amount TEXT, filled TEXT, cost TEXT, reduce_only INTEGER,
  fetched_ms BIGINT NOT NULL, file_id BIGINT NOT NULL, number BIGINT NOT NULL,
  line BIGINT NOT NULL, exact INTEGER NOT NULL, books_fees INTEGER NOT NULL,
  rank BIGINT NOT NULL, PRIMARY KEY (account, file_id, number));
CREATE INDEX imported_orders_key ON imported_orders (account, category, symbol, order_id);
CREATE INDEX imported_orders_time ON imported_orders (account, created_ms)
"""

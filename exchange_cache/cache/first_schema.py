"""The tables of migration 1."""

from __future__ import annotations

TABLES = """
CREATE TABLE exchange_sync_status (
  account TEXT NOT NULL, data_type TEXT NOT NULL, part TEXT NOT NULL, attempted_ms BIGINT,
  succeeded_ms BIGINT,
  state TEXT NOT NULL, error_code TEXT, error TEXT, failures INTEGER NOT NULL, duration_ms BIGINT,
  rows BIGINT NOT NULL,
  PRIMARY KEY (account, data_type, part));
CREATE TABLE exchange_balances (
  account TEXT NOT NULL, wallet TEXT NOT NULL, code TEXT NOT NULL, asset TEXT NOT NULL, free TEXT,
  used TEXT, total TEXT NOT NULL,
  debt TEXT, earn INTEGER NOT NULL, includes_unrealised INTEGER NOT NULL, fetched_ms BIGINT NOT
  NULL, as_of_ms BIGINT,
  PRIMARY KEY (account, wallet, code));
CREATE TABLE exchange_positions (
  account TEXT NOT NULL, category TEXT NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL, part
  TEXT NOT NULL, wallet TEXT NOT NULL,
  contracts TEXT NOT NULL, contract_size TEXT NOT NULL, base_quantity TEXT, entry_price TEXT,
  mark_price TEXT, notional TEXT,
  unrealised_pnl TEXT, settle_asset TEXT NOT NULL, leverage TEXT, liquidation_price TEXT, margin
  TEXT, margin_mode TEXT,
  fetched_ms BIGINT NOT NULL, as_of_ms BIGINT, PRIMARY KEY (account, category, symbol, side));
CREATE TABLE exchange_orders (
  account TEXT NOT NULL, category TEXT NOT NULL, symbol TEXT NOT NULL, order_id TEXT NOT NULL,
  client_order_id TEXT,
  created_ms BIGINT NOT NULL, updated_ms BIGINT, side TEXT NOT NULL, type TEXT, status TEXT NOT
  NULL, base TEXT NOT NULL,
  quote TEXT NOT NULL, price TEXT, average TEXT, amount TEXT, filled TEXT, cost TEXT, reduce_only
  INTEGER,
  fetched_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL, PRIMARY KEY (account, category, symbol,
  order_id));
CREATE INDEX exchange_orders_time ON exchange_orders (created_ms);
CREATE INDEX exchange_orders_open ON exchange_orders (account, category, status);
CREATE TABLE exchange_fills (
  account TEXT NOT NULL, category TEXT NOT NULL, symbol TEXT NOT NULL, fill_id TEXT NOT NULL,
  order_id TEXT, time_ms BIGINT NOT NULL,
  side TEXT NOT NULL, base TEXT NOT NULL, quote TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT
  NOT NULL, cost TEXT NOT NULL,
  fees TEXT NOT NULL, fees_known INTEGER NOT NULL, kind TEXT NOT NULL, liquidity TEXT, settle
  TEXT, contracts TEXT,
  contract_size TEXT, realised_pnl TEXT, seen_ms BIGINT NOT NULL, PRIMARY KEY (account, category,
  symbol, fill_id));
CREATE INDEX exchange_fills_time ON exchange_fills (time_ms);
CREATE INDEX exchange_fills_seen ON exchange_fills (seen_ms);
CREATE INDEX exchange_fills_symbol ON exchange_fills (symbol, time_ms);
CREATE TABLE exchange_transfers (
  account TEXT NOT NULL, scope TEXT NOT NULL, transfer_id TEXT NOT NULL, kind TEXT NOT NULL,
  time_ms BIGINT NOT NULL,
  asset TEXT NOT NULL, quantity TEXT NOT NULL, fee_asset TEXT, fee TEXT, status TEXT NOT NULL,
  tx_id TEXT, network TEXT,
  from_wallet TEXT, to_wallet TEXT, symbol TEXT, seen_ms BIGINT NOT NULL, PRIMARY KEY (account,
  scope, transfer_id));
CREATE INDEX exchange_transfers_time ON exchange_transfers (time_ms);
CREATE TABLE exchange_prices (
  account TEXT NOT NULL, symbol TEXT NOT NULL, category TEXT NOT NULL, base TEXT NOT NULL, quote
  TEXT NOT NULL, last TEXT, bid TEXT,
  ask TEXT, mark TEXT, open_24h TEXT, fetched_ms BIGINT NOT NULL, as_of_ms BIGINT, PRIMARY KEY
  (account, symbol));
CREATE INDEX exchange_prices_base ON exchange_prices (base, quote);
CREATE TABLE exchange_coverage (
  account TEXT NOT NULL, data_type TEXT NOT NULL, scope TEXT NOT NULL, symbol TEXT NOT NULL,
  start_ms BIGINT NOT NULL,
  end_ms BIGINT NOT NULL, PRIMARY KEY (account, data_type, scope, symbol, start_ms));
CREATE TABLE exchange_streams (
  account TEXT NOT NULL, data_type TEXT NOT NULL, scope TEXT NOT NULL, symbol TEXT NOT NULL,
  open_start_ms BIGINT,
  open_end_ms BIGINT, cursor TEXT, last_id TEXT, floor_ms BIGINT, history_start_ms BIGINT,
  asked_ms BIGINT, completed_ms BIGINT,
  rows BIGINT NOT NULL, state TEXT NOT NULL, error TEXT, source TEXT, PRIMARY KEY (account,
  data_type, scope, symbol));
CREATE TABLE exchange_memory (
  account TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, updated_ms BIGINT NOT NULL,
  PRIMARY KEY (account, key));
CREATE TABLE asset_rates (
  asset TEXT NOT NULL, quote TEXT NOT NULL, at_ms BIGINT NOT NULL, resolution_s INTEGER NOT NULL,
  value TEXT, route TEXT NOT NULL,
  fetched_ms BIGINT NOT NULL, PRIMARY KEY (asset, quote, at_ms));
CREATE TABLE exchange_cost_basis (
  account TEXT NOT NULL, asset TEXT NOT NULL, method TEXT NOT NULL, reporting_asset TEXT NOT NULL,
  quantity TEXT NOT NULL,
  explained_quantity TEXT NOT NULL, unknown_quantity TEXT NOT NULL, cost TEXT, average TEXT,
  realised_pnl TEXT,
  details TEXT NOT NULL, computed_ms BIGINT NOT NULL,
  PRIMARY KEY (account, asset, method, reporting_asset));
CREATE TABLE stated_basis (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL, asset TEXT NOT NULL, quantity TEXT NOT NULL,
  price TEXT NOT NULL,
  quote TEXT NOT NULL, at_ms BIGINT NOT NULL, note TEXT, stated_ms BIGINT NOT NULL);
CREATE TABLE exchange_findings (
  account TEXT NOT NULL, code TEXT NOT NULL, scope TEXT NOT NULL, asset TEXT NOT NULL, message
  TEXT NOT NULL, hint TEXT,
  since_ms BIGINT NOT NULL, PRIMARY KEY (account, code, scope, asset));
CREATE TABLE portfolio_snapshots (
  id INTEGER PRIMARY KEY, taken_ms BIGINT NOT NULL, reporting_asset TEXT NOT NULL, value TEXT NOT
  NULL, stale_value TEXT NOT NULL,
  details TEXT NOT NULL);
CREATE INDEX portfolio_snapshots_time ON portfolio_snapshots (taken_ms);
CREATE TABLE sync_runs (
  id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, command TEXT NOT NULL, started_ms BIGINT NOT NULL,
  ended_ms BIGINT, outcome TEXT,
  doing TEXT, requests BIGINT NOT NULL, rows BIGINT NOT NULL);
CREATE TABLE cache_reads (
  id INTEGER PRIMARY KEY, at_ms BIGINT NOT NULL, command TEXT NOT NULL, outcome TEXT NOT NULL,
  duration_us BIGINT NOT NULL);
"""

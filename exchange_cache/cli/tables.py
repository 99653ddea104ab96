"""The words of people for the tables of the cache, as ``db check`` counts their rows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: The name of a table in SQL -> what its rows are.
TABLES: Mapping[str, str] = MappingProxyType(
    {
        "exchange_memory": "notes of earlier syncs",
        "exchange_sync_status": "outcomes of the last reads",
        "exchange_balances": "balances",
        "exchange_positions": "positions",
        "exchange_orders": "orders",
        "exchange_fills": "fills",
        "booked_fees": "fees booked after their fills",
        "exchange_transfers": "transfers",
        "exchange_prices": "prices",
        "exchange_coverage": "ranges of stored history",
        "exchange_streams": "histories and how far they are read",
        "ledger_versions": "earlier versions of corrected rows",
        "ledger_absences": "rows no longer served",
        "asset_rates": "past prices",
        "asset_price_ranges": "times that past prices reach back to",
        "asset_rate_misses": "past prices that no exchange serves",
        "exchange_cost_basis": "average entry prices, by account and method",
        "stated_basis": "costs stated by hand",
        "exchange_findings": "findings",
        "accepted_findings": "findings accepted",
        "portfolio_snapshots": "snapshots of the portfolio",
        "portfolio_holdings": "holdings of the newest snapshot",
        "sync_runs": "syncs",
        "cache_reads": "reads counted for the statistics",
        "unidentified_rows": "rows of unknown markets",
        "prepared_readings": "answers prepared in advance",
        "exchange_archives": "archives of exchanges",
        "archive_requests": "archives ordered",
        "archive_plans": "archives planned",
        "cost_progress": "progress of the costs",
        "cost_positions": "moments at which costs are kept",
        "cost_books": "assets with costs, by account",
        "cost_states": "costs at these moments",
        "cost_exposures": "contracts at these moments",
        "cost_lots": "lots",
        "cost_days": "results by day",
        "cost_links": "rows matched for the costs",
        "cost_late": "late rows for the costs",
        "cost_unrated": "fills that wait for a past price",
        "imported_files": "imported files",
        "imported_fills": "fills of files",
        "imported_transfers": "transfers of files",
        "imported_orders": "orders of files",
        "imported_links": "rows found both in a file and at the exchange",
        "imported_coverage": "ranges of history proven by files",
        "doubtful_orders": "orders to compare with their fills",
    }
)

"""The public door: an account's adapter, and the average entry price of its history."""

from __future__ import annotations

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter, open_adapter
from exchange_cache.cost.average_entry import AverageEntryPrice, get_average_entry_price

__all__ = ["AverageEntryPrice", "CcxtAdapter", "get_average_entry_price", "open_adapter"]

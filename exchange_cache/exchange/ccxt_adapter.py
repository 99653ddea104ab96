"""The former place of ``adapter.ccxt_adapter``: its public names stay importable from here."""

from __future__ import annotations

from exchange_cache.adapter.ccxt_adapter import (
    AverageEntryPrice,
    CcxtAdapter,
    get_average_entry_price,
    open_adapter,
)

__all__ = ["AverageEntryPrice", "CcxtAdapter", "get_average_entry_price", "open_adapter"]

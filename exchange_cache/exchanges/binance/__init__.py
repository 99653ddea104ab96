"""Binance: its policy, and the rows and wallets that ccxt does not parse completely."""

from __future__ import annotations

from exchange_cache.exchanges.binance.policy import POLICY

__all__ = ["POLICY"]

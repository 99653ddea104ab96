"""Bybit: its policy, and the rows that ccxt does not read completely."""

from __future__ import annotations

from exchange_cache.exchanges.bybit.policy import POLICY

__all__ = ["POLICY"]

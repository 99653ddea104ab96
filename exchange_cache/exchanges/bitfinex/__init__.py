"""Bitfinex: its policy, and the rows and the wallet that ccxt does not parse completely."""

from __future__ import annotations

from exchange_cache.exchanges.bitfinex.policy import POLICY

__all__ = ["POLICY"]

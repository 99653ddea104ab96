"""Accounts without an API: cold wallets, purchases outside exchanges, exchanges that are gone.

Their rows come from files in a form of our own."""

from __future__ import annotations

from exchange_cache.adapter.policy import ExchangePolicy

POLICY = ExchangePolicy(
    exchange="manual",
    title="Accounts without an API",
    wallets=(),
    streams=(),
    source="docs/past.md",
)

__all__ = ["POLICY"]

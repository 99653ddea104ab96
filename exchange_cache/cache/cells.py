"""Finds rows with a value that cannot be read, which SQLite itself takes for sound."""

from __future__ import annotations

from typing import Any

from exchange_cache.cache.answering import Database
from exchange_cache.cache.codec import Codec
from exchange_cache.cache.codecs import BALANCES, POSITIONS, PRICES
from exchange_cache.cache.ledger_query import KINDS
from exchange_cache.cache.status_codec import STATUSES


def invalid_rows(database: Database) -> list[str]:
    """A sentence for each row of balances, positions, prices, statuses and the ledger that cannot
    be read."""
    tables: list[tuple[str, Codec[Any]]] = [
        ("exchange_balances", BALANCES),
        ("exchange_positions", POSITIONS),
        ("exchange_prices", PRICES),
        ("exchange_sync_status", STATUSES),
        *((kind.table, kind.codec) for kind in KINDS.values()),
    ]
    found: list[str] = []
    for table, codec in tables:
        rows = database.select(f"SELECT {', '.join(codec.names)} FROM {table}", ())
        for _ in codec.each(rows, lambda _, text: found.append(text)):
            pass
    return found

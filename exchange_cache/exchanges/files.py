"""The tables of exchanges' files, each in its exchange's place; imported when a file is read.

An exchange's module or package has a module ``files`` with ``TABLES``.
"""

from __future__ import annotations

from importlib import import_module

from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.exchanges import MODULES, family_of
from exchange_cache.statements.table import Table

#: Exchanges whose files are read.
WITH_FILES: tuple[str, ...] = ("binance", "bybit", "coinbase", "kraken", "manual", "kucoin", "okx")


def tables(exchange: str | None = None) -> tuple[Table, ...]:
    """The tables of an exchange (of a regional edition: those of its family), or of all."""
    names = WITH_FILES if exchange is None else (_owner(exchange),)
    return tuple(table for name in names if name in WITH_FILES for table in _of(name))


def _of(name: str) -> tuple[Table, ...]:
    found: tuple[Table, ...] = import_module(f"exchange_cache.exchanges.{name}.files").TABLES
    return found


def reads(table: Table, exchange: str) -> bool:
    """Whether a table is one of an account's exchange."""
    return table.exchange == _owner(exchange)


def histories_of(table: Table, policy: ExchangePolicy) -> tuple[str, ...]:
    """The histories of a policy that a table covers, as ``served_by`` of rows names them."""
    scopes = table.scopes or table.wallets
    return tuple(
        f"{stream.data_type}/{stream.scope}"
        for stream in policy.streams
        if stream.data_type in table.covers and stream.scope in scopes
    )


def _owner(exchange: str) -> str:
    """The exchange that has the files of one: itself, or that of a regional edition."""
    return MODULES.get(exchange, family_of(exchange))

"""The tables of exchanges' files, each in its exchange's place; imported when a file is read.

An exchange's module or package has a module ``files`` with ``TABLES``.
"""

from __future__ import annotations

from importlib import import_module

from exchange_cache.exchanges import MODULES, family_of
from exchange_cache.statements.table import Table

#: Exchanges whose files are read.
WITH_FILES: tuple[str, ...] = ("binance", "bybit", "kraken", "okx")


def tables(exchange: str | None = None) -> tuple[Table, ...]:
    """The tables of an exchange (of a regional edition: those of its family), or of all."""
    if exchange is None:
        names = WITH_FILES
    else:
        own = MODULES.get(exchange, exchange)
        names = tuple(name for name in WITH_FILES if name in {own, family_of(exchange)})
    return tuple(table for name in names for table in _of(name))


def _of(name: str) -> tuple[Table, ...]:
    found: tuple[Table, ...] = import_module(f"exchange_cache.exchanges.{name}.files").TABLES
    return found


def reads(table: Table, exchange: str) -> bool:
    """Whether a table is one of an account's exchange."""
    return table.exchange in {exchange, MODULES.get(exchange), family_of(exchange)}

"""The tables of exchanges' files, each in its exchange's place; imported when a file is read.

An exchange's module or package has a module ``files`` with ``TABLES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module

from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.exchanges import MODULES, family_of
from exchange_cache.records import DataType, Fill, Order
from exchange_cache.statements.table import Stated, Table

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


def belonging(table: Table, policy: ExchangePolicy) -> Callable[[Stated], Iterable[str]]:
    """Which of the histories that a table covers a record of it belongs to: a file covers no other
    ones, since the user may have selected some on the exchange's page."""
    own = frozenset(histories_of(table, policy))

    @cache
    def of_fills(category: str, kind: str) -> frozenset[str]:
        streams = [one for one in policy.streams if one.data_type is DataType.FILLS]
        of_category = [one for one in streams if one.category == category]
        of_kind = [one for one in of_category if one.fill_kind == kind]
        mixed = [one for one in streams if one.mixed]
        return own & {f"fills/{one.scope}" for one in of_kind or of_category or mixed}

    @cache
    def of_transfers(scope: str, kind: str) -> frozenset[str]:
        alike = {
            one.scope
            for one in policy.streams
            if one.data_type is DataType.TRANSFERS and one.transfer_kind == kind
        }
        return own & {f"transfers/{one}" for one in (scope, *alike)}

    def of(one: Stated) -> Iterable[str]:
        if one.histories:
            return own.intersection(one.histories)
        record = one.record
        if isinstance(record, Fill):
            return of_fills(record.category, record.kind)
        if isinstance(record, Order):
            return own & {
                f"orders/{stream.scope}"
                for stream in policy.streams
                if stream.data_type is DataType.ORDERS and stream.category == record.category
            }
        return of_transfers(record.scope, record.kind)

    return of


def _owner(exchange: str) -> str:
    """The exchange that has the files of one: itself, or that of a regional edition."""
    return MODULES.get(exchange, family_of(exchange))

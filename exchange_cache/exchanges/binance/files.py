"""Binance's files. Trades and orders of futures have the API's ids. The statement of all wallets
has neither ids nor balances, and adds up the trades of one second.
"""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.exchanges.binance import (
    futures_files,
    futures_orders,
    spot_files,
    statement_files,
)
from exchange_cache.exchanges.binance.wallets import MOVES
from exchange_cache.records import DataType
from exchange_cache.statements.table import Table, Zone

_PUBLIC = "BittyTax conv/parsers/binance.py, rotki data_import/importers/binance.py"
_ALL_WALLETS = (*("spot", "funding", "earn", "linear", "inverse", "margin", "margin-isolated"),)
_ALL_SCOPES = (
    *("spot", "margin", "margin-isolated", "converts", "dust", "margin-dust"),
    *("card-buys", "card-sells", "deposits", "withdrawals", "fiat-deposits", "fiat-withdrawals"),
    *("dividends", "earn-bonus", "earn-realtime", "earn-rewards"),
    *("linear-income", "inverse-income", "margin-interest", "margin-isolated-interest"),
    *(f"moves-{word.lower()}" for word in MOVES),
)
_STATEMENT = Table(
    exchange="binance",
    name="transaction history",
    edition="2024",
    columns=("User ID", "Time", "Account", "Operation", "Coin", "Change", "Remark"),
    zone=Zone.FILE_NAME,
    covers=(DataType.FILLS, DataType.TRANSFERS),
    wallets=_ALL_WALLETS,
    scopes=_ALL_SCOPES,
    read=statement_files.statement,
    page="Orders > Transaction History > Export > Generate all statements",
    source=f"header and sample lines of an export of 2026 (public importer); {_PUBLIC}",
    rank=2,
)
_FUTURES = Table(
    exchange="binance",
    name="futures trade history",
    edition="2026",
    columns=(
        *("Time", "Symbol", "Side", "Price", "Quantity", "Amount", "Fee"),
        *("Realized Profit", "Trade ID", "Order ID"),
    ),
    optional=("Uid", "Buyer", "Maker"),
    zone=Zone.FILE_NAME,
    covers=(DataType.FILLS,),
    wallets=("linear", "inverse"),
    scopes=("linear", "inverse"),
    read=futures_files.trades,
    page="Orders > Futures Order > Trade History > Export",
    source="header and sample line of an export of 2026 (public importer)",
)

TABLES = (
    _STATEMENT,
    replace(
        _STATEMENT,
        edition="2021",
        columns=("User_ID", "UTC_Time", "Account", "Operation", "Coin", "Change", "Remark"),
        zone=Zone.UTC,
        source=_PUBLIC,
    ),
    replace(
        _STATEMENT,
        edition="2019",
        columns=("UTC_Time", "Account", "Operation", "Coin", "Change", "Remark"),
        zone=Zone.UTC,
        source=_PUBLIC,
    ),
    _FUTURES,
    replace(
        _FUTURES,
        edition="2025",
        columns=(
            *("Time(UTC)", "Symbol", "Side", "Price", "Quantity", "Amount", "Fee"),
            *("Realized Profit", "Trade Id", "Order Id"),
        ),
        optional=("Uid", "Buyer", "Maker", "Position Side"),
        zone=Zone.UTC,
        source="header and sample lines of files that the API made (public programs)",
    ),
    *futures_orders.TABLES,
    Table(
        exchange="binance",
        name="futures transactions",
        edition="2021",
        columns=("Date(UTC)", "type", "Amount", "Asset", "Symbol", "Transaction ID"),
        zone=Zone.UTC,
        covers=(DataType.TRANSFERS,),
        wallets=("linear", "inverse"),
        scopes=("linear-income", "inverse-income"),
        read=futures_files.transactions,
        page="Orders > Futures Order > Transaction History > Export",
        source=_PUBLIC,
        rank=1,
    ),
    *spot_files.TABLES,
)

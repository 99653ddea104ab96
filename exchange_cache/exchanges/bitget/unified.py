"""Bitget's unified accounts: fills, orders and financial records, one category per request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from exchange_cache.adapter.policy import DAY, CursorPaging, StreamPolicy
from exchange_cache.exchanges.bitget import rows
from exchange_cache.exchanges.bitget.wallets import PRODUCTS
from exchange_cache.exchanges.bitget.words import UNIFIED
from exchange_cache.records import DataType

_DOCS = "https://www.bitget.com/api-doc"
_RETENTION = 89 * DAY
_MONTH = 30 * DAY - timedelta(minutes=1)  # "must not exceed"

#: The unified account's name of each category of markets, and ours.
CATEGORIES = (("SPOT", "spot"), ("MARGIN", "margin"), *PRODUCTS)
PAGES = CursorPaging(param="cursor", path="data.cursor")


def traded(name: str, category: str) -> tuple[StreamPolicy, StreamPolicy]:
    """Fills and orders of one category of a unified account."""
    fills = StreamPolicy(
        data_type=DataType.FILLS,
        scope=f"uta-{name.lower()}",
        category=category,
        method="privateUtaGetV3TradeFills",
        params={"category": name},
        parser=rows.fill,
        market_field="symbol",
        paging=PAGES,
        page_size=100,
        window=_MONTH,
        retention=_RETENTION,
        backfill="oldest_first",
        rows="data.list",
        optional=True,
        note="unified accounts; 90 days",
        source=f"{_DOCS}/uta/trade/Get-Order-Fills",
    )
    orders = replace(
        fills,
        data_type=DataType.ORDERS,
        method="privateUtaGetV3TradeHistoryOrders",
        parser=rows.order,
        source=f"{_DOCS}/uta/trade/Get-Order-History",
    )
    return fills, orders


def records(name: str, category: str) -> StreamPolicy:
    """Financial records of one category: funding, interest, and all else that fills and other lists
    do not report."""
    futures = name.endswith("FUTURES")
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=f"uta-{'funding' if futures else 'records'}-{name.lower()}",
        category=category,
        method="privateUtaGetV3AccountFinancialRecords",
        params={"category": name},
        parser=rows.uta_record,
        meanings=UNIFIED,
        paging=PAGES,
        page_size=100,
        window=_MONTH,
        retention=_RETENTION,
        rows="data.list",
        optional=True,
        note="unified accounts; 90 days",
        source=f"{_DOCS}/uta/account/Get-Account-Financial-Records",
    )

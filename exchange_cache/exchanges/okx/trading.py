"""OKX: the histories of the trading account, which serve three months."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import DAY, IdPaging, StreamPolicy, TimeBounds
from exchange_cache.exchanges.okx import rows, words
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://www.okx.com/docs-v5/en"
THREE_MONTHS = 90 * DAY
BOUNDS = TimeBounds(start="begin", end="end")

TYPES = (
    ("spot", "SPOT", "spot"),
    ("margin", "MARGIN", "margin"),
    ("swap", "SWAP", "linear"),
    ("futures", "FUTURES", "linear"),
    ("option", "OPTION", "option"),
)


def traded(scope: str, kind: str, category: str) -> tuple[StreamPolicy, ...]:
    """Fills and finished orders of one instrument type."""
    mixed = category == "linear"
    return (
        StreamPolicy(
            data_type=DataType.FILLS,
            scope=scope,
            category=category,
            method="privateGetTradeFillsHistory",
            params={"instType": kind},
            only={"instType": kind},
            market_field="instId",
            mixed=mixed,
            bounds=BOUNDS,
            paging=IdPaging(param="after", field="billId", backward=True),
            page_size=100,
            retention=THREE_MONTHS,
            rows="data",
            optional=kind != "SPOT",
            note="three months",
            source=f"{_DOCS}/#order-book-trading-trade-get-transaction-details-last-3-months",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope=scope,
            category=category,
            method="privateGetTradeOrdersHistoryArchive",
            params={"instType": kind},
            only={"instType": kind},
            parser=rows.order,
            market_field="instId",
            mixed=mixed,
            bounds=BOUNDS,
            paging=IdPaging(param="after", field="ordId", backward=True),
            page_size=100,
            retention=THREE_MONTHS,
            forgets=timedelta(hours=2),
            rows="data",
            optional=kind != "SPOT",
            note="three months; canceled without a fill: two hours",
            source=f"{_DOCS}/#order-book-trading-trade-get-order-history-last-3-months",
        ),
    )


def bills(scope: str, word: str, kind: TransferKind | None) -> StreamPolicy:
    """One type of rows of the trading account's ledger, or all of them."""
    filters = {"type": word} if word else {}
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        category="linear" if kind is TransferKind.FUNDING else "spot",
        method="privateGetAccountBillsArchive",
        params=filters,
        only=filters,
        parser=rows.bill,
        meanings=words.BILLS if word else words.REST,
        market_field="instId" if word else "",
        mixed=True,
        bounds=BOUNDS,
        paging=IdPaging(param="after", field="billId", backward=True),
        page_size=100,
        retention=THREE_MONTHS,
        witness=not word,
        rows="data",
        transfer_kind=kind,
        optional=True,
        source=f"{_DOCS}/#trading-account-rest-api-get-bills-details-last-3-months",
    )

"""Binance's files of futures orders, which its page and its API make: by the API's order ids.

Each row becomes the row of ``allOrders`` and goes through ccxt's own parser. What an order of
COIN-M filled is in contracts, and its worth follows from its average price.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.clock import to_ms
from exchange_cache.exchanges.file_records import market_in, unknown_market
from exchange_cache.exchanges.file_rows import cell, market_side, moment, needed, number, required
from exchange_cache.money import to_text
from exchange_cache.records import DataType
from exchange_cache.statements.table import FileContext, Found, LeftOut, Row, Stated, Table, Zone

#: Orders that may still change: the API lists them.
_OPEN = frozenset({"NEW", "PARTIALLY_FILLED"})


def orders(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Orders that have ended, with or without a fill."""
    time = next(name for name in context.columns if name in {"Time", "Time(UTC)"})
    for row in rows:
        market_id, status = needed(row, "Symbol"), needed(row, "Status").upper()
        category = "inverse" if "USD_" in market_id else "linear"
        market = market_in(context, category, market_id, category)
        if status in _OPEN:
            yield LeftOut(line=row.line, reason="is still open: the API lists it")
        elif market is None or context.desk is None:
            yield unknown_market(row.line, market_id)
        else:
            desk = context.desk(DataType.ORDERS, category)
            raw = _served(row, context, time, status) | _worth(row, category)
            parsed, stated = desk.parsed_order(raw, market)
            record = translate.order(desk.origin, parsed, stated, market)
            yield Stated(lines=(row.line,), record=record, exact=True)


def _served(row: Row, context: FileContext, time: str, status: str) -> dict[str, Any]:
    """The row of the API."""
    created = moment(row, time, context.zone)
    ended = moment(row, "Update Time", context.zone) if cell(row, "Update Time") else created
    return {
        "symbol": needed(row, "Symbol"),
        "orderId": needed(row, "Order No"),
        "clientOrderId": cell(row, "Client Order Id") or None,
        "type": needed(row, "Type").upper(),
        "side": market_side(row, needed(row, "Side")).upper(),
        "status": status,
        "price": to_text(number(row, "Price")),
        "avgPrice": to_text(number(row, "Average Price")),
        "origQty": to_text(required(row, "Amount")),
        "executedQty": to_text(required(row, "Executed Amount")),
        "stopPrice": to_text(number(row, "Stop Price")),
        "timeInForce": cell(row, "Time In Force") or None,
        "time": to_ms(created),
        "updateTime": to_ms(ended),
    }


def _worth(row: Row, category: str) -> dict[str, str]:
    """What USD-M orders filled, in the quote."""
    if category == "inverse":
        return {}
    return {"cumQuote": to_text(number(row, "Executed Quote Amount"))}


def _table(edition: str, time: str, zone: Zone, optional: tuple[str, ...], source: str) -> Table:
    return Table(
        exchange="binance",
        name="futures order history",
        edition=edition,
        columns=(
            *(time, "Symbol", "Type", "Side", "Price", "Average Price", "Amount"),
            *("Executed Amount", "Executed Quote Amount", "Status", "Update Time", "Order No"),
        ),
        optional=("Uid", "Stop Price", *optional),
        zone=zone,
        covers=(DataType.ORDERS,),
        wallets=("linear", "inverse"),
        scopes=("linear", "inverse"),
        read=orders,
        page="Orders > Futures Order > Order History > Export",
        source=source,
    )


_PROGRAM = (
    *("Position Side", "Client Order Id", "Time In Force", "Activate Price", "Price Rate"),
    "Strategy Id",
)
TABLES = (
    _table("2026", "Time", Zone.FILE_NAME, (), "header of an export of 2026 (public program)"),
    _table(
        "2025",
        "Time(UTC)",
        Zone.UTC,
        _PROGRAM,
        "header of a file that the API made (public program that orders them)",
    ),
)

"""Binance's futures history as files by download id (/fapi and /dapi: trade, order and income
``asyn``), as developers.binance.com documents them ("Get Download Id For Futures ... History").

Spans of at most a year; five orders a month for trades and for income, ten for orders, shared with
the web page (``used_on_the_web``). The link lives 24 hours. An empty result is one line of text.

Files of USD-M have the columns of a program that orders such files, where a fee that was paid is
negative; those of COIN-M have the columns of the web page, with the zone in the name of the file.
Which time of an order the span selects by is not stated: an order whose life reaches into a year is
in the file of that year, as it is when the file is made. Nothing is written as ``0E-8``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.archives import Ordered, csv_bytes, zipped
from exchange_cache.simulator.dialects.binance.futures_history import FuturesHistory, order_row
from exchange_cache.simulator.dialects.binance.futures_market import family
from exchange_cache.simulator.dialects.binance.words import missing, number, plain, refuse, text
from exchange_cache.simulator.venue import INVERSE, LINEAR, Account, Fill, Venue
from exchange_cache.simulator.wire import Request

_YEAR_MS = 366 * 86_400_000
_LINK_MS = 86_400_000
_READY_MS = 60_000
_A_MONTH = {"trade": 5, "income": 5, "order": 10}
_EMPTY = b"No data matches the criteria.\n"
TRADES = {
    LINEAR: (
        *("Uid", "Time(UTC)", "Symbol", "Side", "Position Side", "Price", "Quantity", "Amount"),
        *("Fee", "Realized Profit", "Buyer", "Maker", "Trade Id", "Order Id"),
    ),
    INVERSE: (
        *("Uid", "Time", "Symbol", "Side", "Price", "Quantity", "Amount", "Fee"),
        *("Realized Profit", "Buyer", "Maker", "Trade ID", "Order ID"),
    ),
}
ORDERS = {
    LINEAR: (
        *("Uid", "Time(UTC)", "Symbol", "Type", "Side", "Position Side", "Price"),
        *("Average Price", "Amount", "Executed Amount", "Executed Quote Amount", "Stop Price"),
        *("Status", "Client Order Id", "Time In Force", "Activate Price", "Price Rate"),
        *("Update Time", "Order No"),
    ),
    INVERSE: (
        *("Uid", "Time", "Order No", "Symbol", "Type", "Side", "Price", "Average Price"),
        *("Amount", "Executed Amount", "Executed Quote Amount", "Stop Price", "Status"),
        "Update Time",
    ),
}
INCOME = ("Date(UTC)", "type", "Amount", "Asset", "Symbol", "Transaction ID")


class FuturesArchive(FuturesHistory):
    """Downloads of futures history."""

    FUTURES_ARCHIVE_ROUTES: ClassVar[dict[str, str]] = {
        f"GET /{prefix}/v1/{data}/asyn{end}": f"{data}_download{word}"
        for prefix in ("fapi", "dapi")
        for data in _A_MONTH
        for end, word in (("", "_id"), ("/id", ""))
    }

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._downloads: dict[str, tuple[str, Ordered]] = {}
        self._used: dict[tuple[str, str, str, str], int] = {}
        self.used_on_the_web = 0

    def trade_download_id(self, request: Request) -> Any:
        return self._order_download(request, "trade", self._trades_file)

    def income_download_id(self, request: Request) -> Any:
        return self._order_download(request, "income", self._income_file)

    def order_download_id(self, request: Request) -> Any:
        return self._order_download(request, "order", self._orders_file)

    def trade_download(self, request: Request) -> Any:
        return self._download(request)

    income_download = order_download = trade_download

    def _order_download(
        self, request: Request, data: str, make: Callable[[Account, str, int, int], bytes]
    ) -> Any:
        account, kind = self.signed(request), family(request)
        start, end = number(request, "startTime"), number(request, "endTime")
        if start is None or end is None:
            raise missing("startTime" if start is None else "endTime")
        if end - start > _YEAR_MS or end <= start:
            raise refuse(-4179, "The time between startTime and endTime can not exceed 1 year.")
        month = datetime.fromtimestamp(request.now_ms / 1000, UTC).strftime("%Y-%m")
        place = (account.name, kind, data, month)
        used = self._used.get(place, 0)
        if used + self.used_on_the_web >= _A_MONTH[data]:
            raise refuse(-4178, "Reach the maximum number of downloads of this month.")
        self._used[place] = used + 1
        digest = hashlib.blake2b(f"{place}{used}".encode(), digest_size=7).digest()
        download_id = str(10**17 + int.from_bytes(digest, "big"))
        name = f"Binance-Futures-{data.title()}-History-{request.now_ms}(UTC--0)_{download_id[:8]}"
        ordered = Ordered(
            download_id,
            request.now_ms,
            start,
            end,
            lambda: make(account, kind, start, end),
            f"{name}.csv",
        )
        self._downloads[download_id] = (account.name, ordered)
        return {"avgCostTimestampOfLast30d": 7_241_837, "downloadId": download_id}

    def _download(self, request: Request) -> Any:
        account = self.signed(request)
        name, ordered = self._downloads.get(text(request, "downloadId") or "", ("", None))
        if ordered is None or name != account.name:
            raise refuse(-1102, "Mandatory parameter 'downloadId' was not sent or is unknown.")
        row: dict[str, Any] = {
            "downloadId": ordered.id,
            "status": "processing",
            "url": "",
            "notified": False,
            "expirationTimestamp": -1,
            "isExpired": None,
        }
        ready_ms = ordered.ordered_ms + int(_READY_MS / self.limit_scale)
        if request.now_ms < ready_ms:
            return row
        row |= {"status": "completed", "notified": True}
        row |= {"expirationTimestamp": ready_ms + _LINK_MS, "isExpired": False}
        if request.now_ms >= ready_ms + _LINK_MS:
            return {**row, "isExpired": True}
        body = zipped(ordered.name, ordered.make())
        file = ordered.name.replace(".csv", ".zip")
        return {**row, "url": self.files.link(account.uid, file, body, ready_ms + _LINK_MS)}

    # -- files
    #   --------------------------------------------------------------------------------------------

    def _trades_file(self, account: Account, kind: str, start: int, end: int) -> bytes:
        fills = self.venue.fills(account.name, kind=kind, start=start, end=end)
        rows = [self._trade_line(account, fill) for fill in reversed(fills)]
        return csv_bytes(TRADES[kind], rows) if rows else _EMPTY

    def _trade_line(self, account: Account, fill: Fill) -> Mapping[str, object]:
        row = self._fill_row(fill)
        asset, fee = fill.fees[0]
        charged = -Decimal(fee) if fill.market.kind == LINEAR else Decimal(fee)
        return {
            "Uid": account.uid,
            "Time": _moment(fill.time_ms),
            "Time(UTC)": _moment(fill.time_ms, year="%Y"),
            "Position Side": row["positionSide"].title(),
            "Trade Id": row["id"],
            "Order Id": row["orderId"],
            "Symbol": fill.market.id,
            "Side": fill.side.upper(),
            "Price": row["price"],
            "Quantity": row["qty"],
            "Amount": row.get("quoteQty", row.get("baseQty")),
            "Fee": f"{plain(charged)} {self.asset_id(asset)}",
            "Realized Profit": row["realizedPnl"],
            "Buyer": str(fill.side == "buy").lower(),
            "Maker": str(fill.maker).lower(),
            "Trade ID": row["id"],
            "Order ID": row["orderId"],
        }

    def _orders_file(self, account: Account, kind: str, start: int, end: int) -> bytes:
        rows = [
            _order_line(account, order_row(order))
            for order in reversed(self.venue.orders(account.name, kind=kind, end=end))
            if order.updated_ms >= start
        ]
        return csv_bytes(ORDERS[kind], rows) if rows else _EMPTY

    def _income_file(self, account: Account, kind: str, start: int, end: int) -> bytes:
        rows = [
            {
                "Date(UTC)": _moment(row["time"], year="%Y"),
                "type": row["incomeType"],
                "Amount": row["income"],
                "Asset": row["asset"],
                "Symbol": row["symbol"],
                "Transaction ID": row["tranId"],
            }
            for row in self._income_rows(account, kind, start, end)
        ]
        return csv_bytes(INCOME, reversed(rows)) if rows else _EMPTY


def _order_line(account: Account, row: Mapping[str, Any]) -> Mapping[str, object]:
    return {
        "Uid": account.uid,
        "Time": _moment(row["time"]),
        "Time(UTC)": _moment(row["time"], year="%Y"),
        "Symbol": row["symbol"],
        "Type": row["type"],
        "Side": row["side"],
        "Position Side": row["positionSide"].title(),
        "Price": _small(row["price"]),
        "Average Price": _small(row["avgPrice"]),
        "Amount": row["origQty"],
        "Executed Amount": _small(row["executedQty"]),
        "Executed Quote Amount": _small(row.get("cumQuote", row.get("cumBase"))),
        "Stop Price": row["stopPrice"],
        "Status": row["status"],
        "Client Order Id": row["clientOrderId"],
        "Time In Force": row["timeInForce"],
        "Activate Price": "0",
        "Price Rate": "0.0",
        "Update Time": _moment(row["updateTime"], year="%Y" if "cumQuote" in row else "%y"),
        "Order No": row["orderId"],
    }


def _small(figure: str) -> str:
    """A figure as files write it: nothing as ``0E-8``."""
    return figure if Decimal(figure) else "0E-8"


def _moment(ms: int, year: str = "%y") -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime(f"{year}-%m-%d %H:%M:%S")

"""History of futures accounts: userTrades, allOrders, openOrders, order and income (/fapi and
/dapi).

Everything comes in windows of seven days and is forgotten: trades after six months, orders and
income after three, orders cancelled without a fill after three days.

A dated future that is held to its delivery makes no trade: its result is one income row
DELIVERED_SETTELMENT, spelled so (developers.binance.com, "Get Income History"). The price is the
mean of the index over the last half hour (binance.com, "Delivery and settlement"); here it is the
price of the last moment, without a delivery fee.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.futures_account import FuturesAccount
from exchange_cache.simulator.dialects.binance.futures_market import family, pair_of
from exchange_cache.simulator.dialects.binance.words import (
    bad_combination,
    days,
    eight,
    missing,
    number,
    on_step,
    pick,
    plain,
    refuse,
    text,
    times_of,
    wire_status,
)
from exchange_cache.simulator.venue import (
    INVERSE,
    LINEAR,
    Account,
    Fill,
    Income,
    Market,
    Order,
    Transfer,
)
from exchange_cache.simulator.wire import Request

_UNFILLED_KEPT_DAYS = 3
_INCOME_KEPT_DAYS = 90


class FuturesHistory(FuturesAccount):
    """What happened on contracts."""

    FUTURES_HISTORY_ROUTES: ClassVar[dict[str, str]] = {
        f"GET /{prefix}/v1/{path}": method
        for prefix in ("fapi", "dapi")
        for path, method in {
            "userTrades": "futures_trades",
            "allOrders": "futures_all_orders",
            "openOrders": "futures_open_orders",
            "order": "futures_order",
            "income": "income",
            "openAlgoOrders": "no_futures_rows",
            "allAlgoOrders": "no_futures_rows",
            "forceOrders": "no_futures_rows",
        }.items()
    }

    def futures_trades(self, request: Request) -> Any:
        account = self.signed(request)
        kind = family(request)
        markets = self._named(request)
        from_id, order_id = number(request, "fromId"), number(request, "orderId")
        sent_times = {"startTime", "endTime"} & set(request.query)
        if from_id is not None and (sent_times or "pair" in request.query):
            raise bad_combination()
        limit = _page_size(request, 500 if kind == LINEAR else 50, 1000)
        oldest = self.venue.oldest_served(self.exchange, "fills", kind, request.now_ms)
        start, end = (None, None) if from_id is not None else _week(request)
        if start is None or (oldest is not None and start < oldest):
            start = oldest
        fills = [
            fill
            for market in markets
            for fill in self.venue.fills(account.name, symbol=market.symbol, start=start, end=end)
            if order_id is None or fill.order_id == str(order_id)
        ]
        page = pick(
            fills,
            limit,
            id_of=lambda f: f.id,
            from_id=from_id,
            oldest_first="startTime" in request.query,
        )
        return [self._fill_row(fill) for fill in page]

    def futures_all_orders(self, request: Request) -> Any:
        account = self.signed(request)
        kind = family(request)
        markets = self._named(request)
        order_id = number(request, "orderId")
        limit = _page_size(request, 500 if kind == LINEAR else 50, 1000 if kind == LINEAR else 100)
        oldest = self.venue.oldest_served(self.exchange, "orders", kind, request.now_ms) or 0
        asked = number(request, "startTime")
        if asked is not None and asked < oldest:
            raise refuse(-4166, "Search window is restricted to recent 90 days only.")
        start, end = (
            (oldest, None) if order_id is not None and not times_of(request)[0] else _week(request)
        )
        orders = [
            order
            for market in markets
            for order in self.venue.orders(
                account.name, symbol=market.symbol, start=max(start, oldest), end=end
            )
            if _remembered(order, request.now_ms)
        ]
        page = pick(
            orders, limit, id_of=lambda o: o.id, from_id=order_id, oldest_first=asked is not None
        )
        return [order_row(order) for order in page]

    def futures_open_orders(self, request: Request) -> Any:
        account = self.signed(request)
        kind = family(request)
        symbol = self.contract(request).symbol if text(request, "symbol") is not None else None
        pair = text(request, "pair")
        orders = self.venue.open_orders(account.name, kind=kind, symbol=symbol)
        return [order_row(order) for order in orders if pair in (None, pair_of(order.market))]

    def futures_order(self, request: Request) -> Any:
        account = self.signed(request)
        market = self.contract(request)
        order_id, client_id = text(request, "orderId"), text(request, "origClientOrderId")
        if order_id is None and client_id is None:
            raise refuse(
                -1102,
                "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
            )
        oldest = self.venue.oldest_served(self.exchange, "orders", market.kind, request.now_ms)
        for order in self.venue.orders(account.name, symbol=market.symbol, start=oldest):
            matches = order_id in (None, order.id) and client_id in (None, order.client_id)
            if matches and _remembered(order, request.now_ms):
                return order_row(order)
        raise refuse(-2013, "Order does not exist.")

    def income(self, request: Request) -> Any:
        """Everything that changed the margin wallet, oldest first; the newest week when no time is
        given."""
        account = self.signed(request)
        kind = family(request)
        start, end = times_of(request)
        limit, page = _page_size(request, 100, 1000), max(1, number(request, "page") or 1)
        oldest = request.now_ms - days(_INCOME_KEPT_DAYS)
        first = (end or request.now_ms) - days(7) if start is None else start
        rows = self._income_rows(account, kind, max(first, oldest), end)
        selected, symbol = text(request, "incomeType"), text(request, "symbol")
        rows = [
            r for r in rows if selected in (None, r["incomeType"]) and symbol in (None, r["symbol"])
        ]
        if start is None and "page" not in request.query:
            return rows[-limit:]
        return rows[(page - 1) * limit : page * limit]

    def no_futures_rows(self, request: Request) -> Any:
        self.signed(request)
        return []

    # -- rows
    #   --------------------------------------------------------------------------------------------

    def _named(self, request: Request) -> list[Market]:
        """The contract asked for; COIN-M takes a pair instead."""
        pair = text(request, "pair")
        if family(request) == INVERSE and pair is not None:
            if "symbol" in request.query:
                raise bad_combination()
            return [
                market
                for market in self.venue.markets(self.exchange, INVERSE)
                if pair_of(market) == pair
            ]
        if text(request, "symbol") is None:
            raise missing("symbol")
        return [self.contract(request)]

    def _fill_row(self, fill: Fill) -> dict[str, Any]:
        m = fill.market
        fee_asset, fee = fill.fees[0]
        row: dict[str, Any] = {
            "symbol": m.id,
            "id": int(fill.id),
            "orderId": int(fill.order_id),
            "side": fill.side.upper(),
            "price": plain(fill.price),
            "qty": on_step(fill.amount, m.lot),
            "realizedPnl": eight(fill.realised_pnl),
            "commission": eight(fee),
            "commissionAsset": self.asset_id(fee_asset),
            "time": fill.time_ms,
            "positionSide": (fill.position_side or "both").upper(),
            "maker": fill.maker,
            "buyer": fill.side == "buy",
        }
        if m.kind == LINEAR:
            return row | {"quoteQty": eight(fill.cost), "marginAsset": m.settle}
        return row | {"pair": pair_of(m), "marginAsset": m.settle, "baseQty": eight(fill.cost)}

    def _income_rows(
        self, account: Account, kind: str, start: int, end: int | None
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for fill in self.venue.fills(account.name, kind=kind, start=start, end=end):
            rows += self._fill_income(fill)
        for funding in self.venue.incomes(account.name, kind="funding", start=start, end=end):
            if funding.market is not None and funding.market.kind == kind:
                rows.append(self._income_of(funding, "FUNDING_FEE"))
        for delivery in self.venue.incomes(account.name, kind="delivery", start=start, end=end):
            if delivery.market is not None and delivery.market.kind == kind:
                rows.append(self._income_of(delivery, "DELIVERED_SETTELMENT"))
        wallet = self._wallet(kind)
        for row in self.venue.incomes(account.name, kind="ledger", start=start, end=end):
            if row.wallet == wallet:
                asset, word = self.asset_id(row.asset), row.note
                rows.append(_income(word, "", row.amount, asset, word, row.time_ms, row.seq, ""))
        for move in self.venue.transfers(account.name, kind="internal", start=start, end=end):
            if wallet in (move.from_wallet, move.to_wallet):
                rows.append(self._transfer_income(move, wallet))
        return sorted(rows, key=lambda row: int(row["time"]))

    def _fill_income(self, fill: Fill) -> list[dict[str, Any]]:
        """A commission, and a realised profit or loss when something was closed: two rows that
        share the trade's tranId."""
        settle = self.asset_id(fill.market.settle or fill.market.quote)
        rows = (
            []
            if not fill.closed_amount
            else [
                _income(
                    "REALIZED_PNL",
                    fill.market.id,
                    fill.realised_pnl,
                    settle,
                    fill.id,
                    fill.time_ms,
                    fill.seq,
                    fill.id,
                )
            ]
        )
        fee_asset, fee = fill.fees[0]
        rows.append(
            _income(
                "COMMISSION",
                fill.market.id,
                -fee,
                self.asset_id(fee_asset),
                fill.id,
                fill.time_ms,
                fill.seq,
                fill.id,
            )
        )
        return rows

    def _income_of(self, row: Income, word: str) -> dict[str, Any]:
        symbol = "" if row.market is None else row.market.id
        return _income(
            word,
            symbol,
            row.amount,
            self.asset_id(row.asset),
            word,
            row.time_ms,
            row.seq,
            "",
        )

    def _transfer_income(self, move: Transfer, wallet: str) -> dict[str, Any]:
        amount = move.amount if move.to_wallet == wallet else -move.amount
        return _income(
            "TRANSFER",
            "",
            amount,
            self.asset_id(move.asset),
            "TRANSFER",
            move.time_ms,
            int(move.id),
            "",
        )


def _income(
    kind: str,
    symbol: str,
    amount: Decimal,
    asset: str,
    info: str,
    time_ms: int,
    tran_id: int,
    trade_id: str,
) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "incomeType": kind,
        "income": eight(amount),
        "asset": asset,
        "info": info,
        "time": time_ms,
        "tranId": tran_id,
        "tradeId": trade_id,
    }


def _page_size(request: Request, default: int, maximum: int) -> int:
    """The limit; too large a one is refused, unlike on spot."""
    value = number(request, "limit")
    if value is not None and not 1 <= value <= maximum:
        raise refuse(-1130, "Data sent for parameter 'limit' is not valid.")
    return default if value is None else value


def _week(request: Request) -> tuple[int, int]:
    """The window asked for: seven days from a lone start, to a lone end, or to now; longer ones are
    refused."""
    start, end = times_of(request)
    if start is not None and end is not None and end - start > days(7):
        raise refuse(-4165, "Maximum time interval is 7 days.")
    if start is None:
        last = request.now_ms if end is None else end
        return last - days(7), last
    return start, start + days(7) if end is None else end


def _remembered(order: Order, now_ms: int) -> bool:
    """False once an order that ended without a fill is three days old."""
    ended_empty = order.status in ("canceled", "expired") and not order.filled
    return not (ended_empty and order.created_ms + days(_UNFILLED_KEPT_DAYS) < now_ms)


def order_row(order: Order) -> dict[str, Any]:
    """An order as the futures interfaces give it; `cumQuote` in USD-M, `cumBase` in COIN-M."""
    m = order.market
    average = order.average
    row: dict[str, Any] = {
        "symbol": m.id,
        "orderId": int(order.id),
        "clientOrderId": order.client_id,
        "avgPrice": "0.00000" if average is None else f"{average:.5f}",
        "origQty": on_step(order.amount, m.lot),
        "executedQty": on_step(order.filled, m.lot),
        "price": "0" if order.price is None else plain(order.price),
        "status": wire_status(order),
        "timeInForce": "GTX" if order.post_only else order.time_in_force,
        "type": order.type.upper(),
        "origType": order.type.upper(),
        "side": order.side.upper(),
        "positionSide": (order.position_side or "both").upper(),
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }
    if m.kind == LINEAR:
        return row | {"cumQuote": plain(order.cost), "goodTillDate": 0}
    return row | {"cumBase": plain(order.cost), "pair": pair_of(m)}

"""Bybit v5 executions and orders (docs/v5/order/execution, order-list, open-order).

One category a call, newest first, seven days a call. Cancelled orders without a fill are reported
for a day, everything with a fill for two years. A cursor comes with every page that has rows, so
the last page is known only by the empty one after it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.bybit_base import (
    DAY_MS,
    HISTORY_MS,
    OPTION,
    WEEK_MS,
    BybitBase,
    made_uuid,
    num,
    pair_cursor,
    tidy,
)
from exchange_cache.simulator.venue import (
    INVERSE,
    LINEAR,
    SPOT,
    Account,
    Fill,
    Income,
    Market,
    Order,
)
from exchange_cache.simulator.wire import Request

Execution = Fill | Income
_REALTIME_CLOSED = 500


class BybitTrading(BybitBase):
    """Executions, order history, open orders."""

    def executions(self, request: Request) -> Any:
        account = self._signed(request)
        category = self._category(request)
        start, end = self._order_window(request)
        start = max(start, account.upgraded_ms)
        rows = sorted(
            self._executed(request, account, category, start, end), key=moment, reverse=True
        )
        after = self._cursor_pairs(request)
        if after is not None:
            rows = [row for row in rows if moment(row) < (after[1], int(after[0]))]
        page = rows[: self._limit(request, 50, 100)]
        cursor = pair_cursor(*((r.seq, r.time_ms) for r in (page[0], page[-1]))) if page else ""
        reported = [
            self._fill(row) if isinstance(row, Fill) else self._funding(row) for row in page
        ]
        return self._ok(request, {"nextPageCursor": cursor, "category": category, "list": reported})

    def _order_window(self, request: Request) -> tuple[int, int]:
        """The window; an order asked for by its id is looked for in all that is kept."""
        asked = request.query.get("orderId") or request.query.get("orderLinkId")
        if asked and not (request.query.get("startTime") or request.query.get("endTime")):
            return request.now_ms - HISTORY_MS, request.now_ms
        return self._window(request, WEEK_MS, forgets=True)

    def _executed(
        self, request: Request, account: Account, category: str, start: int, end: int
    ) -> list[Execution]:
        query = request.query
        market = self._market(request, category)
        if category == OPTION:
            return []
        rows: list[Execution] = []
        if query.get("execType", "Trade") in ("", "Trade"):
            rows += self.venue.fills(account.name, kind=category, start=start, end=end)
        if query.get("execType", "Funding") in ("", "Funding"):
            paid = self.venue.incomes(account.name, kind="funding", start=start, end=end)
            rows += [row for row in paid if row.market is not None and row.market.kind == category]
        checks: list[tuple[str, Callable[[Execution], object]]] = [
            ("orderId", lambda row: row.order_id if isinstance(row, Fill) else None),
            ("orderLinkId", lambda row: row.client_id if isinstance(row, Fill) else None),
            ("baseCoin", lambda row: row.market.base if row.market else None),
        ]
        for name, value in checks:
            if query.get(name):
                rows = [row for row in rows if value(row) == query[name]]
        return [row for row in rows if market is None or row.market == market]

    def _fill(self, f: Fill) -> dict[str, Any]:
        order = self.venue.order(f.account, f.symbol, f.order_id)
        assert order is not None
        derivative = f.market.kind != SPOT
        asset, fee = f.fees[0]
        rate = self.venue.profile(self.exchange).fees.rate(f.market.kind, f.maker)
        return _execution(f.market) | {
            "orderId": f.order_id,
            "orderLinkId": f.client_id,
            "side": _side(f.side),
            "orderPrice": num(order.price or 0),
            "orderQty": num(_quantity(order)),
            "leavesQty": num(self._left_after(order, f)),
            "createType": "CreateByUser" if derivative else "",
            "orderType": f.order_type.capitalize(),
            "stopOrderType": "UNKNOWN" if derivative else "",
            "execFee": num(fee),
            "feeCurrency": "" if derivative else asset,
            "execId": f.id,
            "execPrice": num(f.price),
            "execQty": num(f.amount),
            "execType": "Trade",
            "execValue": tidy(f.cost),
            "execTime": str(f.time_ms),
            "isMaker": f.maker,
            "feeRate": num(rate),
            "markPrice": num(f.price) if derivative else "",
            "closedSize": num(f.closed_amount) if derivative else "",
            "marketUnit": _unit(order),
            "execPnl": num(f.realised_pnl) if derivative else "",
            "seq": f.seq,
        }

    def _left_after(self, order: Order, fill: Fill) -> Decimal:
        """What the order still had to do once this part was executed."""
        done = Decimal(0)
        for fill_id in order.fill_ids:
            part = self.venue.fill(order.account, order.symbol, fill_id)
            done += part.amount if part is not None else 0
            if fill_id == fill.id:
                break
        return order.amount - done

    def _funding(self, income: Income) -> dict[str, Any]:
        """A funding payment: the fee is what was paid, negative when received, and so is the
        rate."""
        assert income.market is not None
        long = income.position_side != "short"
        worth = income.market.cost(income.price, income.size)
        return _execution(income.market) | {
            "orderId": made_uuid(f"order {income.id}"),
            "orderLinkId": "",
            "side": "Buy" if long else "Sell",
            "orderPrice": "0",
            "orderQty": "0",
            "leavesQty": "0",
            "createType": "",
            "orderType": "UNKNOWN",
            "stopOrderType": "UNKNOWN",
            "execFee": num(-income.amount),
            "feeCurrency": "",
            "execId": made_uuid(f"funding {income.id}"),
            "execPrice": num(income.price),
            "execQty": num(income.size),
            "execType": "Funding",
            "execValue": tidy(worth),
            "execTime": str(income.time_ms),
            "isMaker": False,
            "feeRate": num(income.rate if long else -income.rate),
            "markPrice": num(income.price),
            "closedSize": "0",
            "marketUnit": "",
            "execPnl": "",
            "seq": income.seq,
        }

    # -- orders
    #   --------------------------------------------------------------------------------------------

    def order_history(self, request: Request) -> Any:
        """Finished orders by the time they were placed."""
        account = self._signed(request)
        category = self._category(request)
        start, end = self._order_window(request)
        start = max(start, account.upgraded_ms)
        kind = None if category == OPTION else category
        orders = (
            [] if kind is None else self.venue.orders(account.name, kind=kind, start=start, end=end)
        )
        day_ago = request.now_ms - DAY_MS
        reported = [
            o for o in orders if o.status != "open" and (o.filled > 0 or o.updated_ms >= day_ago)
        ]
        return self._orders(request, category, reported)

    def open_orders(self, request: Request) -> Any:
        """Open orders; with openOnly 1 or 2 the latest 500 finished ones of a day as well."""
        account = self._signed(request)
        category = self._category(request)
        query = request.query
        if category == LINEAR and not any(
            query.get(name) for name in ("symbol", "baseCoin", "settleCoin")
        ):
            message = (
                "Missing some parameters that must be filled in, symbol or baseCoin or settleCoin"
            )
            raise self._refuse(request, 10001, message)
        orders = [] if category == OPTION else self.venue.open_orders(account.name, kind=category)
        if query.get("openOnly", "0") not in ("", "0"):
            ended = self.venue.closed_orders(
                account.name, kind=category, start=request.now_ms - DAY_MS
            )
            orders = [*ended[-_REALTIME_CLOSED:], *orders]
        return self._orders(request, category, orders)

    def _orders(self, request: Request, category: str, orders: list[Order]) -> Any:
        query = request.query
        market = self._market(request, category)
        checks: list[tuple[str, Callable[[Order], object]]] = [
            ("orderId", lambda o: o.id),
            ("orderLinkId", lambda o: o.client_id),
            ("baseCoin", lambda o: o.market.base),
            ("settleCoin", lambda o: o.market.settle),
            ("orderStatus", order_status),
        ]
        for name, value in checks:
            if query.get(name):
                orders = [o for o in orders if value(o) == query[name]]
        if query.get("orderFilter", "Order") not in ("", "Order"):
            orders = []
        orders = [o for o in orders if market is None or o.market == market]
        orders.sort(key=lambda o: (o.created_ms, o.seq), reverse=True)
        after = self._cursor_pairs(request)
        if after is not None:
            orders = _orders_after(orders, *after)
        page = orders[: self._limit(request, 20, 50)]
        cursor = pair_cursor(*((o.id, o.created_ms) for o in (page[0], page[-1]))) if page else ""
        rows = [order_row(o) for o in page]
        return self._ok(request, {"nextPageCursor": cursor, "category": category, "list": rows})


def order_status(o: Order) -> str:
    """Only spot tells a part-filled cancelled order from an untouched one."""
    if o.status == "open":
        return "PartiallyFilled" if o.filled else "New"
    if o.status == "filled":
        return "Filled"
    return "PartiallyFilledCanceled" if o.filled and o.market.kind == SPOT else "Cancelled"


def position_index(position_side: str | None) -> int:
    """0 in one-way mode, 1 and 2 for the two sides of hedge mode."""
    return {None: 0, "long": 1}.get(position_side, 2)


def moment(row: Execution) -> tuple[int, int]:
    return row.time_ms, row.seq


def _orders_after(orders: list[Order], order_id: str, created_ms: int) -> list[Order]:
    """What follows the order that a cursor names, whether or not it is still in the list."""
    for index, order in enumerate(orders):
        if order.id == order_id:
            return orders[index + 1 :]
    return [o for o in orders if o.created_ms < created_ms]


def _side(side: str) -> str:
    return side.capitalize()


def _quantity(o: Order) -> Decimal:
    return o.amount if o.quote_amount is None or o.market.kind != SPOT else o.quote_amount


def _unit(o: Order) -> str:
    """Which coin the quantity of a spot market order counts."""
    if o.market.kind != SPOT or o.type != "market":
        return ""
    return "baseCoin" if o.quote_amount is None else "quoteCoin"


def _execution(market: Market) -> dict[str, Any]:
    return {
        "symbol": market.id,
        "tradeIv": "",
        "markIv": "",
        "indexPrice": "",
        "underlyingPrice": "",
        "blockTradeId": "",
        "extraFees": "",
        "execFeeV2": "",
    }


def order_row(o: Order) -> dict[str, Any]:
    ended = o.status != "open"
    left = Decimal(0) if ended else o.amount - o.filled
    worth = left * (o.price or 0) if o.market.kind != INVERSE else left / (o.price or 1)
    market_order = o.type == "market"
    row = {
        "orderId": o.id,
        "orderLinkId": o.client_id,
        "blockTradeId": "",
        "symbol": o.market.id,
        "price": num(o.price or 0),
        "qty": num(_quantity(o)),
        "side": _side(o.side),
        "isLeverage": str(int(o.may_borrow)) if o.market.kind == SPOT else "",
        "positionIdx": position_index(o.position_side),
        "orderStatus": order_status(o),
        "createType": "" if o.market.kind == SPOT else "CreateByUser",
        "cancelType": (
            {"canceled": "CancelByUser", "expired": "CancelByAdmin"}.get(o.status, "UNKNOWN")
        ),
        "rejectReason": "EC_PerCancelRequest" if o.status == "canceled" else "EC_NoError",
        "avgPrice": "" if o.average is None else tidy(o.average),
        "leavesQty": num(left),
        "leavesValue": tidy(worth),
        "cumExecQty": num(o.filled),
        "cumExecValue": tidy(o.cost),
        "cumExecFee": num(sum(o.fees.values(), Decimal(0))),
        "timeInForce": "IOC" if market_order else "PostOnly" if o.post_only else o.time_in_force,
        "orderType": o.type.capitalize(),
        "stopOrderType": "",
        "orderIv": "",
        "marketUnit": _unit(o),
        "slippageToleranceType": "UNKNOWN",
        "slippageTolerance": "0",
        "triggerPrice": "",
        "takeProfit": "",
        "stopLoss": "",
        "ocoTriggerBy": "",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "tpTriggerBy": "",
        "slTriggerBy": "",
        "triggerDirection": 0,
        "triggerBy": "",
        "lastPriceOnCreated": num(o.price or 0),
        "basePrice": num(o.price or 0),
        "reduceOnly": o.reduce_only,
        "closeOnTrigger": False,
        "placeType": "",
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "createdTime": str(o.created_ms),
        "updatedTime": str(o.updated_ms),
        "extraFees": "",
        "cumFeeDetail": {asset: num(fee) for asset, fee in o.fees.items()},
    }
    return row if o.market.kind == SPOT else row | {"tpslMode": ""}

"""Private spot endpoints: /api/v3 account, myTrades, allOrders, openOrders, order.

Trade and order ids count within a symbol only. Delisted symbols are unknown to exchangeInfo, yet
their trades and orders are still served under the old id.
"""

from __future__ import annotations

from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.spot_market import SpotMarket
from exchange_cache.simulator.dialects.binance.words import (
    bad_combination,
    days,
    eight,
    limit_of,
    number,
    only,
    pick,
    refuse,
    text,
    times_of,
    wire_status,
)
from exchange_cache.simulator.venue import SPOT, Fill, Order
from exchange_cache.simulator.wire import Request

_TRADE_COMBINATIONS: tuple[set[str], ...] = (
    set(),
    {"orderId"},
    {"startTime"},
    {"endTime"},
    {"fromId"},
    {"startTime", "endTime"},
    {"orderId", "fromId"},
)


class SpotAccount(SpotMarket):
    """What a key may ask about the spot wallet."""

    SPOT_ACCOUNT_ROUTES: ClassVar[dict[str, str]] = {
        "GET /api/v3/account": "spot_account", "GET /api/v3/myTrades": "spot_my_trades",
        "GET /api/v3/allOrders": "spot_all_orders", "GET /api/v3/openOrders": "spot_open_orders",
        "GET /api/v3/order": "spot_order",
    }  # fmt: skip

    def spot_account(self, request: Request) -> Any:
        account = self.signed(request)
        only(request, "omitZeroBalances")
        rows = {asset: ["0.00000000", "0.00000000"] for asset in self.spot_assets()}
        for row in self.venue.balances(account.name, "spot"):
            rows[self.asset_id(row.asset)] = [eight(row.free), eight(row.used)]
        entries = self.venue.entries(account.name, wallet="spot")
        omit = text(request, "omitZeroBalances") == "true"
        return {
            "makerCommission": 10,
            "takerCommission": 10,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": {
                "maker": "0.00100000",
                "taker": "0.00100000",
                "buyer": "0.00000000",
                "seller": "0.00000000",
            },
            "canTrade": account.can_trade,
            "canWithdraw": account.can_withdraw,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": entries[-1].time_ms if entries else account.created_ms,
            "accountType": "SPOT",
            "balances": [
                {"asset": asset, "free": free, "locked": locked}
                for asset, (free, locked) in rows.items()
                if not omit or {free, locked} != {"0.00000000"}
            ],
            "permissions": ["TRD_GRP_004"],
            "uid": int(account.uid),
        }

    def spot_my_trades(self, request: Request) -> Any:
        """Weight 20; the newest unless an id or a start is given; at most 24 hours between start
        and end."""
        account = self.signed(request)
        only(request, "symbol", "orderId", "startTime", "endTime", "fromId", "limit")
        market = self.spot_market(request)
        sent = {
            name for name in ("orderId", "startTime", "endTime", "fromId") if name in request.query
        }
        if sent not in _TRADE_COMBINATIONS:
            raise bad_combination()
        start, end = _within_a_day(request)
        order_id = number(request, "orderId")
        fills = self.venue.fills(account.name, symbol=market.symbol, start=start, end=end)
        if order_id is not None:
            fills = [fill for fill in fills if fill.order_id == str(order_id)]
        page = pick(
            fills,
            limit_of(request, 500, 1000),
            id_of=lambda fill: fill.id,
            from_id=number(request, "fromId"),
            oldest_first=start is not None or order_id is not None,
        )
        return [self._trade_row(fill) for fill in page]

    def spot_all_orders(self, request: Request) -> Any:
        """Weight 20; the newest unless an id or a start is given; at most 24 hours between start
        and end."""
        account = self.signed(request)
        only(request, "symbol", "orderId", "startTime", "endTime", "limit")
        market = self.spot_market(request)
        start, end = _within_a_day(request)
        page = pick(
            self.venue.orders(account.name, symbol=market.symbol, start=start, end=end),
            limit_of(request, 500, 1000),
            id_of=lambda order: order.id,
            from_id=number(request, "orderId"),
            oldest_first=start is not None,
        )
        return [order_row(order) for order in page]

    def spot_open_orders(self, request: Request) -> Any:
        account = self.signed(request)
        only(request, "symbol")
        symbol = self.spot_market(request).symbol if "symbol" in request.query else None
        return [
            order_row(order)
            for order in self.venue.open_orders(account.name, kind=SPOT, symbol=symbol)
        ]

    def spot_order(self, request: Request) -> Any:
        account = self.signed(request)
        only(request, "symbol", "orderId", "origClientOrderId")
        market = self.spot_market(request)
        order_id, client_id = text(request, "orderId"), text(request, "origClientOrderId")
        if order_id is None and client_id is None:
            raise refuse(
                -1102,
                "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
            )
        found = [
            order for order in self.venue.orders(account.name, symbol=market.symbol)
            if (order_id in (None, order.id)) and (client_id in (None, order.client_id))
        ]  # fmt: skip
        if not found:
            raise refuse(-2013, "Order does not exist.")
        order = found[0]
        if (
            order.status in ("canceled", "expired")
            and not order.filled
            and order.updated_ms < request.now_ms - days(90)
        ):
            raise refuse(
                -2026,
                "Order was canceled or expired with no executed qty over 90 days ago and has been"
                " archived.",
            )
        return order_row(order)

    # -- shared
    #   --------------------------------------------------------------------------------------------

    def asset_id(self, code: str) -> str:
        return self.venue.profile(self.exchange).asset_id(code)

    def spot_assets(self) -> list[str]:
        """Every asset that is or was traded, in a lasting order."""
        codes: dict[str, None] = {}
        for market in self.venue.markets(self.exchange, SPOT):
            codes.setdefault(self.asset_id(market.base))
            codes.setdefault(self.asset_id(market.quote))
        return list(codes)

    def _trade_row(self, fill: Fill) -> dict[str, Any]:
        fee_asset, fee = fill.fees[0]
        return {
            "symbol": fill.market.id,
            "id": int(fill.id),
            "orderId": int(fill.order_id),
            "orderListId": -1,
            "price": eight(fill.price),
            "qty": eight(fill.amount),
            "quoteQty": eight(fill.cost),
            "commission": eight(fee),
            "commissionAsset": self.asset_id(fee_asset),
            "time": fill.time_ms,
            "isBuyer": fill.side == "buy",
            "isMaker": fill.maker,
            "isBestMatch": True,
        }


def _within_a_day(request: Request) -> tuple[int | None, int | None]:
    start, end = times_of(request)
    if start is not None and end is not None:
        if end < start:
            raise refuse(-1127, "Start time is greater than end time.")
        if end - start > days(1):
            raise refuse(-1127, "More than 24 hours between startTime and endTime.")
    return start, end


def order_row(order: Order) -> dict[str, Any]:
    """A spot order as /order, /allOrders and /openOrders give it."""
    wire_type = "LIMIT_MAKER" if order.post_only else order.type.upper()
    return {
        "symbol": order.market.id,
        "orderId": int(order.id),
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "price": "0.00000000" if order.price is None else eight(order.price),
        "origQty": eight(order.amount),
        "executedQty": eight(order.filled),
        "cummulativeQuoteQty": eight(order.cost),
        "status": wire_status(order),
        "timeInForce": order.time_in_force,
        "type": wire_type,
        "side": order.side.upper(),
        "stopPrice": "0.00000000",
        "icebergQty": "0.00000000",
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
        "workingTime": order.created_ms,
        "origQuoteOrderQty": (
            "0.00000000" if order.quote_amount is None else eight(order.quote_amount)
        ),
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }

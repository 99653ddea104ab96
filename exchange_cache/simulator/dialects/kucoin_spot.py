"""KuCoin's spot trading record: high-frequency fills and orders per symbol, and the older calls for
what came before.

The account was upgraded to high-frequency trading two hundred days after it was opened: what is
older is served only by the older calls, what is newer only by the newer ones. Windows of seven days
at most (kucoin.com/docs-new, "Get Trade History", "Get Closed Orders"); finished orders are kept
six months, cancelled ones without fills one month ("List Orders": "The history for cancelled orders
is only kept for one month. The history for Filled orders is only kept for six month.").
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.kucoin_base import (
    DAY_MS,
    WEEK_MS,
    KucoinBase,
    after_last,
    num,
    paged,
    refusal,
)
from exchange_cache.simulator.venue import SPOT, Account, Fill, Market, Order
from exchange_cache.simulator.wire import Request

_UPGRADE_MS = 200 * DAY_MS
_CANCELLED_KEPT_MS = 30 * DAY_MS


class KucoinSpot(KucoinBase):
    """Fills and orders of spot."""

    def hf_opened(self, request: Request) -> Any:
        self.signed(request)
        return True

    def account_mode(self, request: Request) -> Any:
        """A classic account, not the unified one."""
        self.signed(request)
        return {"selfAccountMode": "CLASSIC", "subAccountMode": []}

    def hf_fills(self, request: Request) -> Any:
        account = self.signed(request)
        market = self.market(request, SPOT, needed=True)
        assert market is not None
        start, end = self.window(request, WEEK_MS)
        rows = self.venue.fills(
            account.name, symbol=market.symbol, start=max(start, _upgraded(account)), end=end
        )
        rows = [f for f in rows if _asked(request, f.side, f.order_type, f.order_id)]
        page = after_last(request, rows, lambda f: f.seq)
        return {"items": [self._fill(f) for f in page], "lastId": page[-1].seq if page else 0}

    def hf_orders_done(self, request: Request) -> Any:
        """Finished orders by the time of their last change."""
        account = self.signed(request)
        market = self.market(request, SPOT, needed=True)
        start, end = self.window(request, WEEK_MS)
        rows = [
            o
            for o in self._finished(request, account, market, start, end)
            if _asked(request, o.side, o.type, o.id)
        ]
        page = after_last(request, rows, _number)
        return {"items": [_order(o) for o in page], "lastId": _number(page[-1]) if page else 0}

    def hf_orders_active(self, request: Request) -> Any:
        account = self.signed(request)
        market = self.market(request, SPOT, needed=True)
        assert market is not None
        return [
            _order(o) for o in reversed(self.venue.open_orders(account.name, symbol=market.symbol))
        ]

    def hf_active_symbols(self, request: Request) -> Any:
        account = self.signed(request)
        return {
            "symbols": sorted(
                {o.market.id for o in self.venue.open_orders(account.name, kind=SPOT)}
            )
        }

    def hf_order(self, request: Request, order_id: str) -> Any:
        account = self.signed(request)
        market = self.market(request, SPOT, needed=True)
        assert market is not None
        order = self.venue.order(account.name, market.symbol, order_id)
        if order is None:
            raise refusal("400100", "order_not_exist")
        return _order(order)

    def classic_fills(self, request: Request) -> Any:
        """Fills from before the upgrade, all symbols together."""
        account = self.signed(request)
        market = self.market(request, SPOT)
        start, end = self.window(request, WEEK_MS)
        end = min(end, _upgraded(account) - 1)
        rows = self.venue.fills(
            account.name,
            kind=SPOT,
            symbol=None if market is None else market.symbol,
            start=start,
            end=end,
        )
        rows = [f for f in reversed(rows) if _asked(request, f.side, f.order_type, f.order_id)]
        return paged(request, rows, self._fill)

    def classic_orders(self, request: Request) -> Any:
        """Orders from before the upgrade that are still kept; an upgraded account has no active
        ones here."""
        account = self.signed(request)
        market = self.market(request, SPOT)
        start, end = self.window(request, WEEK_MS)
        active = request.query.get("status", "done") == "active"
        rows = (
            []
            if active
            else self._finished(
                request, account, market, start, min(end, _upgraded(account) - 1), hf=False
            )
        )
        return paged(request, rows[::-1], _order)

    def recent_fills(self, request: Request) -> Any:
        """The last day's fills of the older kind: none since the upgrade."""
        self.signed(request)
        return []

    def no_orders(self, request: Request) -> Any:
        """Lists of kinds of orders this account never placed (stop, margin)."""
        self.signed(request)
        return paged(request, [], str)

    def _finished(
        self,
        request: Request,
        account: Account,
        market: Market | None,
        start: int,
        end: int,
        *,
        hf: bool = True,
    ) -> list[Order]:
        """Finished orders that are still kept."""
        oldest = self.venue.oldest_served(self.exchange, "orders", SPOT, request.now_ms)
        begin = max(start, oldest or 0, _upgraded(account) if hf else 0)
        symbol = None if market is None else market.symbol
        rows = self.venue.closed_orders(
            account.name, kind=SPOT, symbol=symbol, start=begin, end=end
        )
        return [o for o in rows if o.filled or o.updated_ms >= request.now_ms - _CANCELLED_KEPT_MS]

    def _fill(self, fill: Fill) -> dict[str, Any]:
        fees = self.venue.profile(self.exchange).fees
        asset, fee = fill.fees[0]
        return {
            "id": fill.seq,
            "symbol": fill.market.id,
            "tradeId": int(fill.id),
            "orderId": fill.order_id,
            "counterOrderId": fill.order_id[::-1],
            "side": fill.side,
            "liquidity": "maker" if fill.maker else "taker",
            "forceTaker": False,
            "price": num(fill.price),
            "size": num(fill.amount),
            "funds": num(fill.cost),
            "fee": num(fee),
            "feeRate": num(fees.rate(SPOT, fill.maker)),
            "feeCurrency": asset,
            "stop": "",
            "tradeType": "TRADE",
            "type": fill.order_type,
            "createdAt": fill.time_ms,
            "tax": "0",
            "taxRate": "0",
        }


def _upgraded(account: Account) -> int:
    return account.created_ms + _UPGRADE_MS


def _asked(request: Request, side: str, order_type: str, order_id: str) -> bool:
    query = request.query
    return all(
        query.get(name) in (None, "", value)
        for name, value in (("side", side), ("type", order_type), ("orderId", order_id))
    )


def _number(order: Order) -> int:
    """A number that rises with the time of an order's last change."""
    return order.updated_ms * 1000 + order.seq % 1000


def _order(order: Order) -> dict[str, Any]:
    """A market order given in the quote has funds and no size."""
    in_quote, active = order.quote_amount is not None, order.status == "open"
    cancelled = order.status in ("canceled", "expired")
    left = order.amount - order.filled
    price = order.price or Decimal(0)
    asset, fee = next(iter(order.fees.items()), (order.market.quote, Decimal(0)))
    return {
        "id": order.id,
        "symbol": order.market.id,
        "opType": "DEAL",
        "type": order.type,
        "side": order.side,
        "price": num(price),
        "size": "0" if in_quote else num(order.amount),
        "funds": num(order.quote_amount or price * order.amount),
        "dealSize": num(order.filled),
        "dealFunds": num(order.cost),
        "fee": num(fee),
        "feeCurrency": asset,
        "stp": None,
        "timeInForce": "GTT" if order.status == "expired" else "GTC",
        "postOnly": order.post_only,
        "hidden": False,
        "iceberg": False,
        "visibleSize": "0",
        "cancelAfter": (order.updated_ms - order.created_ms) // 1000
        if order.status == "expired"
        else 0,
        "channel": "WEB",
        "clientOid": order.client_id,
        "remark": None,
        "tags": None,
        "cancelExist": cancelled,
        "createdAt": order.created_ms,
        "lastUpdatedAt": order.updated_ms,
        "tradeType": "TRADE",
        "inOrderBook": active,
        "cancelledSize": num(left) if cancelled else "0",
        "cancelledFunds": num(left * price) if cancelled else "0",
        "remainSize": num(left) if active else "0",
        "remainFunds": num(left * price) if active else "0",
        "tax": "0",
        "active": active,
    }

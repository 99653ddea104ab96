"""Kraken's account state: Balance, BalanceEx, TradeBalance, OpenOrders, OpenPositions,
Earn/Allocations, GetApiKeyInfo."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.dialects.kraken.wording import (
    cost_decimals,
    decimals,
    fixed,
    price_text,
    seconds,
    truthy,
)  # fmt: skip
from exchange_cache.simulator.venue import Account, Balance, Order
from exchange_cache.simulator.wire import Request

_ORDER_STATUS = {"open": "open", "filled": "closed", "canceled": "canceled", "expired": "expired"}


class AccountCalls(Dialect):
    """What the account holds and has open."""

    CALLS: ClassVar[dict[str, str]] = {
        "Balance": "balance",
        "BalanceEx": "balance_ex",
        "TradeBalance": "trade_balance",
        "OpenOrders": "open_orders",
        "OpenPositions": "open_positions",
        "Earn/Allocations": "earn_allocations",
        "GetApiKeyInfo": "key_info",
    }

    def signed(self, request: Request) -> Account:
        raise NotImplementedError

    def key_info(self, request: Request) -> Any:
        """What the key that signed may do."""
        account = self.signed(request)
        return {
            "permissions": [
                *("query-funds", "query-open-trades", "query-closed-trades", "query-ledger"),
                *(("modify-trades", "close-trades") if account.can_trade else ()),
                *(("withdraw-funds",) if account.can_withdraw else ()),
            ],
            "ip_allowlist": [],
        }

    def balance(self, request: Request) -> Any:
        return {
            name: fixed(row.total, decimals(name)) for name, row in self._named_balances(request)
        }

    def balance_ex(self, request: Request) -> Any:
        return {
            name: {
                "balance": fixed(row.total, decimals(name)),
                "hold_trade": fixed(row.used, decimals(name)),
            }
            for name, row in self._named_balances(request)
        }

    def trade_balance(self, request: Request) -> Any:
        """The balance of spot margin accounts, in `asset` (default ZUSD)."""
        account = self.signed(request)
        prices = self.venue.state.prices
        worth = sum(
            b.total * Decimal(repr(prices.usd(b.asset, request.now_ms)))
            for b in self.venue.balances(account.name)
        )
        total = fixed(Decimal(worth), 4)
        return {
            "eb": total,
            "tb": total,
            "m": "0.0000",
            "n": "0.0000",
            "c": "0.0000",
            "v": "0.0000",
            "e": total,
            "mf": total,
        }

    def open_orders(self, request: Request) -> Any:
        account = self.signed(request)
        with_trades = truthy(request.form, "trades")
        orders = reversed(self.venue.open_orders(account.name))
        return {"open": {order.id: order_row(order, with_trades=with_trades) for order in orders}}

    def open_positions(self, request: Request) -> Any:
        """Spot margin positions: none here. A list when consolidated, else an object."""
        self.signed(request)
        return [] if request.form.get("consolidation") == "market" else {}

    def earn_allocations(self, request: Request) -> Any:
        """The same earn holdings that Balance shows as .F and .S, by strategy."""
        account = self.signed(request)
        held = [b for b in self.venue.balances(account.name) if "." in b.asset and b.total > 0]
        items = [
            {
                "strategy_id": f"ESTRAT-{name}",
                "native_asset": self.venue.profile(self.exchange).asset_id(name),
                "amount_allocated": {
                    "total": {
                        "native": fixed(b.total, 10),
                        "converted": "0.00",
                        "allocation_count": 1,
                    }
                },
            }
            for b in held
            for name in (b.asset.split(".")[0],)
        ]
        return {
            "converted_asset": "USD",
            "total_allocated": "0.0000",
            "items": items,
            "next_cursor": None,
        }

    def _named_balances(self, request: Request) -> list[tuple[str, Balance]]:
        account = self.signed(request)
        name = self.venue.profile(self.exchange).asset_id
        return [(name(row.asset), row) for row in self.venue.balances(account.name, "spot")]


def order_row(order: Order, *, with_trades: bool) -> dict[str, Any]:
    """An order as OpenOrders, ClosedOrders and QueryOrders show it."""
    market = order.market
    altname, places = market.extra["altname"], cost_decimals(market)
    price = price_text(market, order.price) if order.price is not None else "0"
    at = "market" if order.price is None else f"limit {price}"
    volume = fixed(order.amount, 8)
    expires = seconds(order.updated_ms) if order.status == "expired" else 0
    row: dict[str, Any] = {
        "refid": None,
        "userref": None,
        "cl_ord_id": None,
        "status": _ORDER_STATUS[order.status],
        "opentm": seconds(order.created_ms),
        "starttm": 0,
        "expiretm": expires,
        "descr": {
            "pair": altname,
            "aclass": "forex",
            "type": order.side,
            "ordertype": order.type,
            "price": price,
            "price2": "0",
            "leverage": "none",
            "order": f"{order.side} {volume} {altname} @ {at}",
            "close": "",
        },
        "vol": volume,
        "vol_exec": fixed(order.filled, 8),
        "cost": fixed(order.cost, places),
        "fee": fixed(_fee_in_quote(order), places),
        "price": price_text(market, order.average or Decimal(0)),
        "stopprice": "0.00000",
        "limitprice": "0.00000",
        "misc": "",
        "oflags": ",".join(
            ["fcib" if order.fee_in_base else "fciq", *(["post"] if order.post_only else [])]
        ),
    }
    if order.status != "open":
        row["closetm"] = seconds(order.updated_ms)
        row["reason"] = {"canceled": "User requested", "expired": "Order expired"}.get(order.status)
    if with_trades:
        row["trades"] = list(order.fill_ids)
    return row


def _fee_in_quote(order: Order) -> Decimal:
    """The fees of an order in the quote, where they were charged in the base."""
    base = order.fees.get(order.market.base, Decimal(0))
    rest = sum((fee for asset, fee in order.fees.items() if asset != order.market.base), Decimal(0))
    return rest + base * (order.average or Decimal(0))

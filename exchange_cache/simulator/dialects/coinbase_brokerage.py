"""Coinbase Advanced Trade's account side: wallets with holds, fills, orders, fee tier, key
permissions, portfolios, CFM."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.coinbase_base import (
    FIAT,
    CoinbaseBase,
    Key,
    cursor_page,
    iso,
    limit,
    made_uuid,
    micros,
    plain,
    refusal,
    several,
)
from exchange_cache.simulator.venue import Account, Balance, Fill, Order
from exchange_cache.simulator.wire import Request

_STATUSES = {"open": "OPEN", "filled": "FILLED", "canceled": "CANCELLED", "expired": "EXPIRED"}
_KNOWN_STATUSES = {
    *_STATUSES.values(),
    "PENDING",
    "FAILED",
    "UNKNOWN_ORDER_STATUS",
    "QUEUED",
    "CANCEL_QUEUED",
}


class CoinbaseBrokerage(CoinbaseBase):
    """Everything below /api/v3/brokerage that needs a key, market data aside."""

    def accounts(self, request: Request) -> Any:
        """The wallets ever used, 49 a page by default, 250 at most ("List Accounts")."""
        account = self.signed(request)
        rows = list(enumerate(self.venue.balances(account.name)))
        page, cursor = cursor_page(request, rows, lambda row: (-row[0], 0), limit(request, 49, 250))
        wallets = [_wallet(account, balance) for _, balance in page]
        return {
            "accounts": wallets,
            "has_next": cursor != "",
            "cursor": cursor,
            "size": len(wallets),
        }

    def one_account(self, request: Request, account_id: str) -> Any:
        account = self.signed(request)
        for balance in self.venue.balances(account.name):
            if wallet_id(account, balance.asset) == account_id:
                return {"account": _wallet(account, balance)}
        raise refusal(404, "NOT_FOUND", "account not found")

    def fills(self, request: Request) -> Any:
        """Newest first; start inclusive, end exclusive; `product_id` is the older name of
        `product_ids` ("List Fills")."""
        account = self.signed(request)
        rows = self.venue.fills(account.name)
        start, end = (
            micros(request, "start_sequence_timestamp"),
            micros(request, "end_sequence_timestamp"),
        )
        selected = {
            "product": set(several(request, "product_ids", "product_id")),
            "order": set(several(request, "order_ids", "order_id")),
            "trade": set(several(request, "trade_ids")),
        }
        rows = [
            f
            for f in rows
            if (start is None or _fill_key(f)[0] >= start)
            and (end is None or _fill_key(f)[0] < end)
            and (not selected["product"] or f.market.id in selected["product"])
            and (not selected["order"] or f.order_id in selected["order"])
            and (not selected["trade"] or f.id in selected["trade"])
        ]
        page, cursor = cursor_page(request, rows, _fill_key, limit(request, 100, 3000))
        return {"fills": [self._fill(account, fill) for fill in page], "cursor": cursor}

    def orders(self, request: Request) -> Any:
        """Newest first by the time they were placed; OPEN cannot be asked for together with other
        statuses."""
        account = self.signed(request)
        statuses = set(several(request, "order_status"))
        if not statuses <= _KNOWN_STATUSES:
            raise refusal(400, "INVALID_ARGUMENT", "order_status is invalid")
        if "OPEN" in statuses and len(statuses) > 1:
            raise refusal(400, "INVALID_ARGUMENT", "Cannot pair OPEN orders with terminal orders")
        start, end = micros(request, "start_date"), micros(request, "end_date")
        products = set(several(request, "product_ids", "product_id"))
        ids = set(several(request, "order_ids"))
        side = request.query.get("order_side", "")
        future = request.query.get("product_type") == "FUTURE"
        rows = [
            o
            for o in ([] if future else self.venue.orders(account.name))
            if (not statuses or _STATUSES[o.status] in statuses)
            and (not products or o.market.id in products)
            and (not ids or o.id in ids)
            and side in ("", o.side.upper())
            and (start is None or _order_key(o)[0] >= start)
            and (end is None or _order_key(o)[0] < end)
        ]
        page, cursor = cursor_page(request, rows, _order_key, limit(request, 1000, 1000))
        return {
            "orders": [_order(account, o) for o in page],
            "sequence": "0",
            "has_next": cursor != "",
            "cursor": cursor,
        }

    def one_order(self, request: Request, order_id: str) -> Any:
        account = self.signed(request)
        for order in self.venue.orders(account.name):
            if order.id == order_id:
                return {"order": _order(account, order)}
        raise refusal(404, "NOT_FOUND", "order with this orderID was not found")

    def transaction_summary(self, request: Request) -> Any:
        """Volume and fees of the last thirty days in USD, and the fee tier."""
        account = self.signed(request)
        rows = self.venue.fills(account.name, start=request.now_ms - 30 * 86_400_000)
        usd = self.venue.state.prices.usd
        volume = sum(
            (f.cost * Decimal(repr(usd(f.market.quote, f.time_ms))) for f in rows), Decimal(0)
        )
        paid = sum(
            (f.fees[0][1] * Decimal(repr(usd(f.fees[0][0], f.time_ms))) for f in rows), Decimal(0)
        )
        fees = self.venue.profile(self.exchange).fees
        return {
            "total_volume": float(round(volume, 8)),
            "total_fees": float(round(paid, 8)),
            "fee_tier": {
                "pricing_tier": "Advanced 2",
                "usd_from": "10000",
                "usd_to": "25000",
                "taker_fee_rate": plain(fees.spot[1]),
                "maker_fee_rate": plain(fees.spot[0]),
                "aop_from": "",
                "aop_to": "",
            },
            "margin_rate": None,
            "goods_and_services_tax": None,
            "advanced_trade_only_volume": float(round(volume, 8)),
            "advanced_trade_only_fees": float(round(paid, 8)),
            "coinbase_pro_volume": 0,
            "coinbase_pro_fees": 0,
            "total_balance": "",
            "has_promo_fee": False,
        }

    def key_permissions(self, request: Request) -> Any:
        account = self.signed(request, any_permission=True)
        return {
            "can_view": account.can_read,
            "can_trade": account.can_trade,
            "can_transfer": account.can_withdraw,
            "portfolio_uuid": portfolio_id(account),
            "portfolio_type": "DEFAULT",
        }

    def portfolios(self, request: Request) -> Any:
        account = self.signed(request)
        return {"portfolios": [_portfolio(account)]}

    def portfolio(self, request: Request, portfolio: str) -> Any:
        """The breakdown of the one portfolio, valued in USD."""
        account = self.signed(request)
        if portfolio != portfolio_id(account):
            raise refusal(404, "NOT_FOUND", "portfolio not found")
        usd = self.venue.state.prices.usd
        rows = [b for b in self.venue.balances(account.name) if b.total]
        worth = {b.asset: Decimal(repr(usd(b.asset, request.now_ms))) for b in rows}
        cash = sum((b.total * worth[b.asset] for b in rows if b.asset in FIAT), Decimal(0))
        coins = sum((b.total * worth[b.asset] for b in rows if b.asset not in FIAT), Decimal(0))
        money = {
            "total_balance": cash + coins,
            "total_cash_equivalent_balance": cash,
            "total_crypto_balance": coins,
            "total_futures_balance": Decimal(0),
            "futures_unrealized_pnl": Decimal(0),
        }
        return {
            "breakdown": {
                "portfolio": _portfolio(account),
                "portfolio_balances": {
                    name: {"value": plain(value.quantize(Decimal("0.01"))), "currency": "USD"}
                    for name, value in money.items()
                },
                "spot_positions": [
                    {
                        "asset": b.asset,
                        "account_uuid": wallet_id(account, b.asset),
                        "total_balance_fiat": float(round(b.total * worth[b.asset], 2)),
                        "total_balance_crypto": float(b.total),
                        "available_to_trade_fiat": float(round(b.free * worth[b.asset], 2)),
                        "available_to_trade_crypto": float(b.free),
                        "is_cash": b.asset in FIAT,
                        "asset_uuid": made_uuid(f"asset:{b.asset}"),
                    }
                    for b in rows
                ],
                "perp_positions": [],
                "futures_positions": [],
            }
        }

    def futures_balance(self, request: Request) -> Any:
        """Coinbase Financial Markets, without any money there."""
        self.signed(request)
        zero = {"value": "0", "currency": "USD"}
        names = (
            "futures_buying_power",
            "total_usd_balance",
            "cbi_usd_balance",
            "cfm_usd_balance",
            "total_open_orders_hold_amount",
            "unrealized_pnl",
            "daily_realized_pnl",
            "initial_margin",
            "available_margin",
            "liquidation_threshold",
            "liquidation_buffer_amount",
        )
        return {
            "balance_summary": {
                **dict.fromkeys(names, zero),
                "liquidation_buffer_percentage": "1000",
            }
        }

    def futures_positions(self, request: Request) -> Any:
        self.signed(request)
        return {"positions": []}

    def payment_methods(self, request: Request) -> Any:
        self.signed(request)
        return {"payment_methods": []}

    def _fill(self, account: Account, fill: Fill) -> dict[str, Any]:
        """`size` counts the quote asset when the order was given in it."""
        order = self.venue.order(account.name, fill.symbol, fill.order_id)
        in_quote = order is not None and order.quote_amount is not None
        below = fill.seq % 1000
        return {
            "entry_id": hashlib.sha256(f"entry:{fill.id}".encode()).hexdigest(),
            "trade_id": fill.id,
            "order_id": fill.order_id,
            "trade_time": iso(fill.time_ms, digits=9, below=below * 1000),
            "trade_type": "FILL",
            "price": plain(fill.price),
            "size": plain(fill.cost if in_quote else fill.amount),
            "commission": plain(fill.fees[0][1]),
            "product_id": fill.market.id,
            "sequence_timestamp": iso(fill.time_ms, below=below),
            "liquidity_indicator": "MAKER" if fill.maker else "TAKER",
            "size_in_quote": in_quote,
            "user_id": made_uuid(f"user:{account.uid}"),
            "side": fill.side.upper(),
            "retail_portfolio_id": portfolio_id(account),
        }


def wallet_id(account: Account, asset: str) -> str:
    """The id of an asset's wallet, the same in v2 and v3."""
    return made_uuid(f"wallet:{account.uid}:{asset}")


def portfolio_id(account: Account) -> str:
    return made_uuid(f"portfolio:{account.uid}")


def _portfolio(account: Account) -> dict[str, Any]:
    return {"name": "Default", "uuid": portfolio_id(account), "type": "DEFAULT", "deleted": False}


def _wallet(account: Account, balance: Balance) -> dict[str, Any]:
    asset = balance.asset
    return {
        "uuid": wallet_id(account, asset),
        "name": f"{asset} Wallet",
        "currency": asset,
        "available_balance": {"value": f"{balance.free:.16f}", "currency": asset},
        "default": True,
        "active": True,
        "created_at": iso(account.created_ms),
        "updated_at": iso(account.created_ms),
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_FIAT" if asset in FIAT else "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "hold": {"value": f"{balance.used:.16f}", "currency": asset},
        "retail_portfolio_id": portfolio_id(account),
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }


def _fill_key(fill: Fill) -> Key:
    return fill.time_ms * 1000 + fill.seq % 1000, fill.seq


def _order_key(order: Order) -> Key:
    return order.created_ms * 1000 + order.seq % 1000, order.seq


def _configuration(order: Order, after_fees: Decimal) -> dict[str, Any]:
    """How the order was given. A size in quote includes the fees."""
    if order.type == "market":
        size = (
            {"base_size": plain(order.amount)}
            if order.quote_amount is None
            else {"quote_size": plain(after_fees)}
        )
        return {"market_market_ioc": size}
    limits: dict[str, Any] = {
        "base_size": plain(order.amount),
        "limit_price": plain(order.price or Decimal(0)),
        "post_only": order.post_only,
    }
    if order.status == "expired":
        return {"limit_limit_gtd": {**limits, "end_time": iso(order.updated_ms, digits=0)}}
    return {"limit_limit_gtc": limits}


def _order(account: Account, order: Order) -> dict[str, Any]:
    fees = sum(order.fees.values(), Decimal(0))
    after_fees = order.cost + fees if order.side == "buy" else order.cost - fees
    in_quote = order.quote_amount is not None
    market_order = order.type == "market"
    canceled, filled = order.status == "canceled", order.filled > 0
    times = (
        "IMMEDIATE_OR_CANCEL"
        if market_order
        else "GOOD_UNTIL_DATE_TIME"
        if order.status == "expired"
        else "GOOD_UNTIL_CANCELLED"
    )
    average = order.average
    return {
        "order_id": order.id,
        "product_id": order.market.id,
        "user_id": made_uuid(f"user:{account.uid}"),
        "order_configuration": _configuration(order, after_fees),
        "side": order.side.upper(),
        "client_order_id": made_uuid(order.client_id),
        "status": _STATUSES[order.status],
        "time_in_force": times,
        "created_time": iso(order.created_ms, below=order.seq % 1000),
        "completion_percentage": plain(
            (order.filled / order.amount * 100).quantize(Decimal("0.01"))
        ),
        "filled_size": plain(order.filled),
        "average_filled_price": "0" if average is None else plain(round(average, 16)),
        "fee": "",
        "number_of_fills": str(len(order.fill_ids)),
        "filled_value": plain(order.cost),
        "pending_cancel": False,
        "size_in_quote": in_quote,
        "total_fees": plain(fees),
        "size_inclusive_of_fees": in_quote,
        "total_value_after_fees": plain(after_fees),
        "trigger_status": "INVALID_ORDER_TYPE",
        "order_type": order.type.upper(),
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        "settled": order.status == "filled",
        "product_type": "SPOT",
        "reject_message": "",
        "cancel_message": "User requested cancel" if canceled else "",
        "order_placement_source": "RETAIL_ADVANCED",
        "outstanding_hold_amount": plain(order.hold),
        "is_liquidation": False,
        "last_fill_time": iso(order.updated_ms, below=order.seq % 1000) if filled else None,
        "leverage": "",
        "margin_type": "UNKNOWN_MARGIN_TYPE",
        "retail_portfolio_id": portfolio_id(account),
    }

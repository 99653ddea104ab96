"""OKX's orders: pending, the last seven days, the last three months, one by its id.

Cancelled orders without a fill stay for two hours and never reach the archive; one cancelled after
a part of it was filled is "canceled" with accFillSz above zero. What expired is "canceled" by the
system.
"""

from __future__ import annotations

from typing import Any

from exchange_cache.simulator.dialects.okx.access import OkxAccess
from exchange_cache.simulator.dialects.okx.wording import (
    DAY_MS,
    HOUR_MS,
    ZERO,
    asked_type,
    family,
    inst_type,
    num,
    number,
    ok,
    page,
    refuse,
    text_of,
    tidy,
    wrong,
)
from exchange_cache.simulator.venue import SPOT, Fill, Order
from exchange_cache.simulator.wire import Request

_WEEK_MS, _UNFILLED_MS = 7 * DAY_MS, 2 * HOUR_MS
_ENDED = ("filled", "canceled", "mmp_canceled")
_REASONS = {"1": "Order canceled by user", "0": "Order canceled by system"}
_NOT_USED = (
    "algoClOrdId",
    "algoId",
    "attachAlgoClOrdId",
    "ccy",
    "pxType",
    "pxUsd",
    "pxVol",
    "quickMgnType",
    "slOrdPx",
    "slTriggerPx",
    "slTriggerPxType",
    "source",
    "stpId",
    "tag",
    "tpOrdPx",
    "tpTriggerPx",
    "tpTriggerPxType",
)


class OkxOrders(OkxAccess):
    """Orders of any state."""

    def orders_pending(self, request: Request) -> Any:
        account = self._signed(request)
        asked, state = asked_type(request, required=False), text_of(request, "state")
        if state not in ("", "live", "partially_filled"):
            raise wrong("state")
        rows = [
            o
            for o in self.venue.open_orders(account.name)
            if self._is(o.market, asked) and state in ("", _state(o))
        ]
        return ok(
            [
                self._order(o)
                for o in page(request, self._filtered(request, rows), lambda o: int(o.id))
            ]
        )

    def orders_history(self, request: Request) -> Any:
        """Seven days by the time an order ended, whenever it was placed."""
        return self._history(request, request.now_ms - _WEEK_MS, unfilled=True)

    def orders_archive(self, request: Request) -> Any:
        oldest = self.venue.oldest_served(self.exchange, "orders", SPOT, request.now_ms)
        return self._history(request, oldest or 0, unfilled=False)

    def _history(self, request: Request, oldest: int, *, unfilled: bool) -> dict[str, Any]:
        account = self._signed(request)
        asked, state = asked_type(request), text_of(request, "state")
        if state not in ("", *_ENDED):
            raise wrong("state")
        begin, end = number(request, "begin"), number(request, "end")
        fresh = request.now_ms - _UNFILLED_MS
        rows = [
            o for o in self.venue.closed_orders(account.name, start=oldest)
            if self._is(o.market, asked) and state in ("", _state(o))
            and (o.filled > 0 or (unfilled and o.updated_ms >= fresh))
            and (begin is None or o.created_ms >= begin) and (end is None or o.created_ms <= end)
        ]  # fmt: skip
        return ok(
            [
                self._order(o)
                for o in page(request, self._filtered(request, rows), lambda o: int(o.id))
            ]
        )

    def order(self, request: Request) -> Any:
        """One order by its id; forgotten two hours after it was cancelled untouched, else after
        three months."""
        account = self._signed(request)
        market = self._market(text_of(request, "instId"))
        if not text_of(request, "instId"):
            raise refuse("50014", "Parameter instId can not be empty.")
        order_id, client_id = text_of(request, "ordId"), text_of(request, "clOrdId")
        if not (order_id or client_id):
            raise refuse("51003", "Either client order ID or order ID is required.")
        known = (
            self.venue.order(account.name, market.symbol, order_id) if market is not None else None
        )
        if known is None or self._forgotten(known, request.now_ms):
            raise refuse("51603", "Order does not exist", 200)
        return ok([self._order(known)])

    def _forgotten(self, order: Order, now_ms: int) -> bool:
        if order.status == "open":
            return False
        kept = self.venue.oldest_served(self.exchange, "orders", SPOT, now_ms) or 0
        return order.updated_ms < (kept if order.filled > 0 else now_ms - _UNFILLED_MS)

    @staticmethod
    def _filtered(request: Request, rows: list[Order]) -> list[Order]:
        inst_id, kinds = text_of(request, "instId"), text_of(request, "ordType")
        selected = text_of(request, "instFamily") or text_of(request, "uly")
        return [
            o for o in rows
            if inst_id in ("", o.market.id) and selected in ("", family(o.market))
            and (not kinds or _order_type(o) in kinds.split(","))
        ]  # fmt: skip

    def _order(self, o: Order) -> dict[str, Any]:
        spot = o.market.kind == SPOT
        last = self.venue.fill(o.account, o.symbol, o.fill_ids[-1]) if o.fill_ids else None
        pnl = sum((f.realised_pnl for f in map(self._part(o), o.fill_ids) if f is not None), ZERO)
        in_quote = spot and o.type == "market" and o.side == "buy" and o.quote_amount is not None
        by = "" if o.status in ("open", "filled") else "1" if o.status == "canceled" else "0"
        fee_asset = next(
            iter(o.fees),
            (o.market.base if o.side == "buy" else o.market.quote) if spot else o.market.settle,
        )
        return dict.fromkeys(_NOT_USED, "") | {
            "accFillSz": num(o.filled),
            "attachAlgoOrds": [],
            "avgPx": "" if o.average is None else tidy(o.average),
            "cTime": str(o.created_ms),
            "cancelSource": by,
            "cancelSourceReason": _REASONS.get(by, ""),
            "category": "normal",
            "clOrdId": "",
            "fee": num(-sum(o.fees.values(), ZERO)),
            "feeCcy": fee_asset,
            "fillPx": num(last.price) if last else "",
            "fillSz": num(last.amount) if last else "0",
            "fillTime": str(last.time_ms) if last else "",
            "instId": o.market.id,
            "instType": inst_type(o.market),
            "isTpLimit": "false",
            "lever": "" if spot else num(o.leverage),
            "linkedAlgoOrd": {"algoId": ""},
            "ordId": o.id,
            "ordType": _order_type(o),
            "pnl": num(pnl),
            "posSide": o.position_side or "net",
            "px": num(o.price),
            "rebate": "0",
            "rebateCcy": (o.market.quote if o.side == "buy" else o.market.base)
            if spot
            else o.market.settle,
            "reduceOnly": "true" if o.reduce_only else "false",
            "side": o.side,
            "state": _state(o),
            "stpMode": "cancel_maker",
            "sz": num(o.quote_amount if in_quote else o.amount),
            "tdMode": "cash" if spot else "cross",
            "tgtCcy": ("quote_ccy" if in_quote else "base_ccy")
            if spot and o.type == "market"
            else "",
            "tradeId": last.id if last else "",
            "tradeQuoteCcy": o.market.quote if spot else "",
            "uTime": str(o.updated_ms),
        }

    def _part(self, order: Order) -> Any:
        def found(fill_id: str) -> Fill | None:
            return self.venue.fill(order.account, order.symbol, fill_id)

        return found


def _state(order: Order) -> str:
    if order.status == "open":
        return "partially_filled" if order.filled > 0 else "live"
    return "filled" if order.status == "filled" else "canceled"


def _order_type(order: Order) -> str:
    if order.type == "market":
        return "market"
    return "post_only" if order.post_only else "limit"

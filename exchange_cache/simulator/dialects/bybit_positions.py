"""Bybit v5 positions: open ones and closed profit (docs/v5/position)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.bybit_base import (
    OPTION,
    WEEK_MS,
    BybitBase,
    num,
    pair_cursor,
    tidy,
)
from exchange_cache.simulator.venue import INVERSE, LINEAR, Account, Fill, Market, Position
from exchange_cache.simulator.wire import Request

_KEPT = Decimal("0.005")
_CATEGORIES = (LINEAR, INVERSE, OPTION)


def initial_margin(position: Position) -> Decimal:
    return position.notional(position.entry_price) / position.leverage


def maintenance_margin(position: Position) -> Decimal:
    return position.notional(position.entry_price) * _KEPT


class BybitPositions(BybitBase):
    """Open positions and the profit of closed ones."""

    def positions(self, request: Request) -> Any:
        """With a symbol its rows even when empty (both sides in hedge mode), else what is open in
        one settle coin."""
        account = self._signed(request)
        category = self._category(request, allowed=_CATEGORIES)
        market = self._market(request, category)
        settle, base = request.query.get("settleCoin"), request.query.get("baseCoin")
        if category == LINEAR and market is None and not settle:
            raise self._refuse(
                request,
                10001,
                "Missing some parameters that must be filled in, symbol or settleCoin",
            )
        found = [] if category == OPTION else self.venue.positions(account.name, category)
        if market is not None:
            rows = self._of_market(
                account, market, [p for p in found if p.market == market], request.now_ms
            )
        else:
            found = [
                p
                for p in found
                if settle in (None, "", p.market.settle) and base in (None, "", p.market.base)
            ]
            rows = [
                self._row(p, request.now_ms)
                for p in sorted(found, key=lambda p: (p.market.id, p.side))
            ]
        after = self._cursor_pairs(request)
        if after is not None:
            rows = [r for r in rows if (r["symbol"], r["positionIdx"]) > after]
        page = rows[: self._limit(request, 20, 200)]
        cursor = (
            pair_cursor(*((r["symbol"], r["positionIdx"]) for r in (page[0], page[-1])))
            if page
            else ""
        )
        return self._ok(request, {"nextPageCursor": cursor, "category": category, "list": page})

    def _of_market(
        self, account: Account, market: Market, held: list[Position], now_ms: int
    ) -> list[dict[str, Any]]:
        orders = self.venue.orders(account.name, symbol=market.symbol)
        hedged = any(p.hedge for p in held) or bool(orders and orders[-1].position_side)
        rows = [self._row(p, now_ms) for p in held]
        known = {row["positionIdx"] for row in rows}
        rows += [
            self._empty(market, index, now_ms)
            for index in ((1, 2) if hedged else (0,))
            if index not in known
        ]
        return sorted(rows, key=lambda row: row["positionIdx"])

    def _row(self, p: Position, now_ms: int) -> dict[str, Any]:
        mark = self._mark(p.market, now_ms)
        index = 0 if not p.hedge else 1 if p.side == "long" else 2
        paid = Decimal(0)
        for fill in self.venue.fills(p.account, symbol=p.symbol, start=p.opened_ms):
            if fill.position_side == (p.side if p.hedge else None):
                paid += sum(fee for _, fee in fill.fees)
        return self._base(p.market, index, now_ms) | {
            "side": "Buy" if p.side == "long" else "Sell",
            "size": num(p.contracts),
            "avgPrice": num(p.entry_price),
            "positionValue": tidy(p.notional(p.entry_price)),
            "leverage": num(p.leverage),
            "liqPrice": _liquidation(p),
            "positionIM": tidy(initial_margin(p)),
            "positionMM": tidy(maintenance_margin(p)),
            "positionIMByMp": tidy(initial_margin(p)),
            "positionMMByMp": tidy(maintenance_margin(p)),
            "unrealisedPnl": num(p.pnl(mark)),
            "curRealisedPnl": num(p.realised_pnl - paid),
            "cumRealisedPnl": num(p.realised_pnl - paid),
            "adlRankIndicator": 2,
            "breakEvenPrice": num(p.entry_price),
            "createdTime": str(p.opened_ms),
            "updatedTime": str(p.updated_ms),
            "openTime": p.opened_ms,
        }

    def _empty(self, market: Market, index: int, now_ms: int) -> dict[str, Any]:
        return self._base(market, index, now_ms)

    def _base(self, market: Market, index: int, now_ms: int) -> dict[str, Any]:
        """The row of a position that is not there."""
        return {
            "positionIdx": index,
            "riskId": 1,
            "riskLimitValue": "2000000",
            "symbol": market.id,
            "side": "",
            "size": "0",
            "avgPrice": "0",
            "positionValue": "",
            "tradeMode": 0,
            "autoAddMargin": 0,
            "positionStatus": "Normal",
            "leverage": "10",
            "markPrice": num(self._mark(market, now_ms)),
            "liqPrice": "",
            "bustPrice": "",
            "positionIM": "0",
            "positionIMByMp": "0",
            "positionMM": "0",
            "positionMMByMp": "0",
            "positionBalance": "0",
            "takeProfit": "",
            "stopLoss": "",
            "trailingStop": "0",
            "sessionAvgPrice": "",
            "delta": "",
            "gamma": "",
            "vega": "",
            "theta": "",
            "unrealisedPnl": "",
            "curRealisedPnl": "0",
            "cumRealisedPnl": "0",
            "adlRankIndicator": 0,
            "createdTime": "1676538056258",
            "updatedTime": "1676538056258",
            "seq": -1,
            "isReduceOnly": False,
            "mmrSysUpdatedTime": "",
            "leverageSysUpdatedTime": "",
            "breakEvenPrice": "",
            "tpslMode": "Full",
        }

    def _mark(self, market: Market, now_ms: int) -> Decimal:
        ticker = self.venue.ticker(self.exchange, market.symbol, now_ms)
        return Decimal(0) if ticker is None else ticker.mark

    def closed_pnl(self, request: Request) -> Any:
        """One row for every order that closed something, newest first."""
        account = self._signed(request)
        category = self._category(request, allowed=_CATEGORIES)
        market = self._market(request, category)
        start, end = self._window(request, WEEK_MS, forgets=True)
        fills = (
            []
            if category == OPTION
            else self.venue.fills(account.name, kind=category, start=start, end=end)
        )
        by_order: dict[str, list[Fill]] = {}
        for fill in fills:
            if fill.closed_amount and market in (None, fill.market):
                by_order.setdefault(fill.order_id, []).append(fill)
        closed = sorted(
            (_Closed(tuple(parts)) for parts in by_order.values()),
            key=lambda c: c.moment,
            reverse=True,
        )
        after = self._cursor_pairs(request)
        if after is not None:
            closed = [c for c in closed if c.moment < (after[1], int(after[0]))]
        page = closed[: self._limit(request, 50, 100)]
        cursor = (
            pair_cursor(*((c.moment[1], c.moment[0]) for c in (page[0], page[-1]))) if page else ""
        )
        return self._ok(
            request,
            {"nextPageCursor": cursor, "category": category, "list": [c.row() for c in page]},
        )


@dataclass(frozen=True, slots=True)
class _Closed:
    """The fills of one order that closed a position or a part of it."""

    fills: tuple[Fill, ...]

    @property
    def moment(self) -> tuple[int, int]:
        return self.fills[-1].time_ms, self.fills[-1].seq

    def row(self) -> dict[str, Any]:
        last = self.fills[-1]
        inverse = last.market.kind == INVERSE
        size = sum((f.closed_amount for f in self.fills), Decimal(0))
        out = sum((f.market.cost(f.price, f.closed_amount) for f in self.fills), Decimal(0))
        gain = sum((f.realised_pnl for f in self.fills), Decimal(0))
        gone_in = out + gain if (last.side == "buy") != inverse else out - gain
        fee = sum((cost for f in self.fills for _, cost in f.fees), Decimal(0))
        entry, leave = (size / gone_in, size / out) if inverse else (gone_in / size, out / size)
        return {
            "symbol": last.market.id,
            "orderType": last.order_type.capitalize(),
            "leverage": "10",
            "updatedTime": str(last.time_ms),
            "side": last.side.capitalize(),
            "orderId": last.order_id,
            "closedPnl": num(gain - fee),
            "avgEntryPrice": tidy(entry),
            "qty": num(size),
            "cumEntryValue": tidy(gone_in),
            "createdTime": str(self.fills[0].time_ms),
            "orderPrice": num(last.price),
            "closedSize": num(size),
            "avgExitPrice": tidy(leave),
            "execType": "Trade",
            "fillCount": str(len(self.fills)),
            "cumExitValue": tidy(out),
            "openFee": "0",
            "closeFee": num(fee),
        }


def _liquidation(p: Position) -> str:
    """Where the isolated position would be closed; nothing when that is not above zero."""
    room = 1 / p.leverage - _KEPT
    price = p.entry_price * (1 - room if p.side == "long" else 1 + room)
    return tidy(price, "1e-4") if price > 0 else ""

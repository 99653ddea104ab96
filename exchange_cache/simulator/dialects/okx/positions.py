"""OKX's positions: sizes in contracts, signed in net mode, one row a side in long/short mode; all
margined across the account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.okx.access import OkxAccess
from exchange_cache.simulator.dialects.okx.wording import (
    DAY_MS,
    SWAP,
    ZERO,
    asked_type,
    currencies_of,
    num,
    ok,
    page,
    stable_number,
    text_of,
    tidy,
)
from exchange_cache.simulator.venue import INVERSE, LINEAR, Account, Fill, Market, Position
from exchange_cache.simulator.wire import Request

_KEPT = Decimal("0.004")
_REMEMBERED_MS = 30 * DAY_MS
_HISTORY_MS = 90 * DAY_MS
_NO_GREEKS = dict.fromkeys(
    (
        "baseBal",
        "baseBorrowed",
        "baseInterest",
        "bizRefId",
        "bizRefType",
        "clSpotInUseAmt",
        "deltaBS",
        "deltaPA",
        "gammaBS",
        "gammaPA",
        "hedgedPos",
        "liab",
        "liabCcy",
        "maxSpotInUseAmt",
        "nonSettleAvgPx",
        "optVal",
        "pendingCloseOrdLiabVal",
        "posCcy",
        "quoteBal",
        "quoteBorrowed",
        "quoteInterest",
        "settledPnl",
        "spotInUseAmt",
        "spotInUseCcy",
        "thetaBS",
        "thetaPA",
        "vegaBS",
        "vegaPA",
    ),
    "",
)


class OkxPositions(OkxAccess):
    """account/positions and positions-history."""

    def positions(self, request: Request) -> Any:
        """Open positions, latest first. An instrument requested by name is reported with size zero
        for 30 days after its end."""
        account = self._signed(request)
        asked = asked_type(request, required=False)
        names, ids = currencies_of(request, "instId", 10), currencies_of(request, "posId")
        rows = [
            self._position(p, request.now_ms) for p in self.venue.positions(account.name)
            if self._is(p.market, asked) and (not names or p.market.id in names)
        ]  # fmt: skip
        open_names = {row["instId"] for row in rows}
        rows += [
            row
            for name in names
            if name not in open_names
            for row in self._closed_lately(account, name, request.now_ms)
        ]
        rows = [row for row in rows if not ids or row["posId"] in ids]
        return ok(sorted(rows, key=lambda row: int(row["cTime"]), reverse=True))

    def _position(self, p: Position, now_ms: int) -> dict[str, Any]:
        ticker = self.venue.ticker(self.exchange, p.symbol, now_ms)
        mark, last = (p.entry_price, None) if ticker is None else (ticker.mark, ticker.last)
        upl, worth = p.pnl(mark), p.notional(mark)
        margin = worth / p.leverage
        usd = Decimal(repr(self._usd(p.market.settle or p.market.quote, now_ms)))
        signed = p.contracts if p.hedge or p.side == "long" else -p.contracts
        fees, fund, pnl = self._realised(p)
        last_fill = self._fills_of(p)[-1]
        return _position_base(p.account, p.market, p.side if p.hedge else "net") | {
            "adl": "1",
            "availPos": num(signed) if p.hedge else "",
            "avgPx": num(p.entry_price),
            "bePx": tidy(p.entry_price, "1e-6"),
            "cTime": str(p.opened_ms),
            "fee": num(fees),
            "fundingFee": num(fund),
            "idxPx": num(None if ticker is None else ticker.index),
            "imr": tidy(margin),
            "last": num(last),
            "lever": num(p.leverage),
            "liqPx": _liquidation(p),
            "markPx": num(mark),
            "mgnRatio": tidy((margin + upl) / maintenance(p, mark), "1e-6"),
            "mmr": tidy(maintenance(p, mark)),
            "notionalUsd": tidy(worth * usd),
            "pnl": num(pnl),
            "pos": num(signed),
            "realizedPnl": num(pnl + fees + fund),
            "tradeId": last_fill.id,
            "uTime": str(p.updated_ms),
            "upl": num(upl),
            "uplLastPx": num(upl),
            "uplRatio": tidy(upl / margin, "1e-8"),
            "uplRatioLastPx": tidy(upl / margin, "1e-8"),
            "usdPx": tidy(usd, "1e-6"),
        }

    def _fills_of(self, p: Position) -> list[Fill]:
        """The fills since the position was opened that touched it."""
        side = p.side if p.hedge else None
        fills = self.venue.fills(p.account, symbol=p.symbol, start=p.opened_ms)
        return [f for f in fills if f.position_side == side]

    def _realised(self, p: Position) -> tuple[Decimal, Decimal, Decimal]:
        """Fees, funding payments (both negative when paid) and the profit of what was closed, since
        the position was opened."""
        paid = self.venue.incomes(p.account, kind="funding", start=p.opened_ms)
        fund = sum(
            (row.amount for row in paid if row.market == p.market and row.position_side == p.side),
            ZERO,
        )
        fees = sum((-fee for f in self._fills_of(p) for _, fee in f.fees), ZERO)
        return fees, fund, p.realised_pnl

    def _closed_lately(self, account: Account, inst_id: str, now_ms: int) -> list[dict[str, Any]]:
        market = self._market(inst_id)
        if market is None or market.settle is None:
            return []
        fills = self.venue.fills(account.name, symbol=market.symbol, start=now_ms - _REMEMBERED_MS)
        latest = {f.position_side or "net": f for f in fills}
        empty = dict.fromkeys(
            (
                "adl",
                "availPos",
                "avgPx",
                "bePx",
                "fee",
                "fundingFee",
                "idxPx",
                "imr",
                "last",
                "lever",
                "liqPx",
                "markPx",
                "mgnRatio",
                "mmr",
                "notionalUsd",
                "pnl",
                "realizedPnl",
                "upl",
                "uplLastPx",
                "uplRatio",
                "uplRatioLastPx",
                "usdPx",
            ),
            "",
        )
        return [
            _position_base(account.name, market, side)
            | empty
            | {
                "pos": "0",
                "tradeId": fill.id,
                "cTime": str(fill.time_ms),
                "uTime": str(fill.time_ms),
            }
            for side, fill in latest.items()
        ]

    # -- history
    #   --------------------------------------------------------------------------------------------

    def positions_history(self, request: Request) -> Any:
        """Closed positions of three months, one row for each way from flat to flat; pages go by the
        time of the close."""
        account = self._signed(request)
        asked, inst_id = asked_type(request, required=False), text_of(request, "instId")
        rows: list[dict[str, str]] = []
        for market in self.venue.markets(self.exchange):
            if (
                market.kind in (LINEAR, INVERSE)
                and self._is(market, asked)
                and inst_id in ("", market.id)
            ):
                rows += self._closed(account, market)
        oldest = request.now_ms - _HISTORY_MS
        rows = [row for row in rows if int(row["uTime"]) >= oldest]
        return ok(page(request, rows, lambda row: int(row["uTime"])))

    def _closed(self, account: Account, market: Market) -> list[dict[str, str]]:
        """Trips of one market; a fill that turns a position around ends one and begins the next."""
        trips: list[dict[str, str]] = []
        trip: dict[str | None, list[Fill]] = defaultdict(list)
        size: dict[str | None, Decimal] = defaultdict(Decimal)
        for fill in self.venue.fills(account.name, symbol=market.symbol):
            side = fill.position_side
            before = size[side]
            size[side] += fill.amount if fill.side == "buy" else -fill.amount
            trip[side].append(fill)
            if before and size[side] * before <= 0:
                trips.append(_trip(market, trip[side], before > 0))
                trip[side] = [] if size[side] == 0 else [fill]
        return trips


def maintenance(p: Position, mark: Decimal) -> Decimal:
    """The margin that must stay."""
    return p.notional(mark) * _KEPT


def _position_base(account: str, market: Market, side: str) -> dict[str, Any]:
    return _NO_GREEKS | {
        "ccy": market.settle,
        "closeOrderAlgo": [],
        "instId": market.id,
        "instType": SWAP,
        "interest": "",
        "liqPenalty": "0",
        "margin": "",
        "mgnMode": "cross",
        "posId": stable_number(f"{account} {market.id} {side}"),
        "posSide": side,
    }


def _liquidation(p: Position) -> str:
    """Where the position alone would be closed; nothing when that is not above zero."""
    room = 1 / p.leverage - _KEPT
    price = p.entry_price * (1 - room if p.side == "long" else 1 + room)
    return tidy(price, "1e-4") if price > 0 else ""


def _mean(market: Market, fills: Iterable[Fill]) -> str:
    parts = [(f.amount, f.price) for f in fills]
    size = sum((amount for amount, _ in parts), ZERO)
    if not size:
        return ""
    if market.kind == INVERSE:
        return tidy(size / sum((amount / price for amount, price in parts), ZERO), "1e-4")
    return tidy(sum((amount * price for amount, price in parts), ZERO) / size, "1e-4")


def _trip(market: Market, fills: list[Fill], long: bool) -> dict[str, str]:
    opens = [f for f in fills if (f.side == "buy") == long]
    closes = [f for f in fills if (f.side == "buy") != long]
    pnl = sum((f.realised_pnl for f in fills), ZERO)
    fee = sum((-paid for f in fills for _, paid in f.fees), ZERO)
    size = sum((f.closed_amount for f in closes), ZERO)
    last = fills[-1]
    return {
        "cTime": str(fills[0].time_ms),
        "ccy": market.settle or "",
        "closeAvgPx": _mean(market, closes),
        "closeTotalPos": num(size),
        "direction": "long" if long else "short",
        "fee": num(fee),
        "fundingFee": "0",
        "instId": market.id,
        "instType": SWAP,
        "lever": "5.0",
        "liqPenalty": "0",
        "mgnMode": "cross",
        "nonSettleAvgPx": "",
        "openAvgPx": _mean(market, opens),
        "openMaxPos": num(size),
        "pnl": num(pnl),
        "pnlRatio": "",
        "posId": stable_number(f"{last.account} {market.id} {last.seq}"),
        "posSide": last.position_side or "net",
        "realizedPnl": num(pnl + fee),
        "settledPnl": "",
        "triggerPx": "",
        "type": "2",
        "uTime": str(last.time_ms),
        "uly": f"{market.base}-{market.quote}",
    }

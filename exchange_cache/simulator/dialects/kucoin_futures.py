"""KuCoin's futures account: overview per currency, positions, orders, fills, funding, ledger. Many
figures are JSON numbers.

Fills and orders are kept three months and asked in windows of seven days; one bound alone means a
day to its other side (kucoin.com/docs-new, futures "Get Trade History"). Sizes are lots; an inverse
value is in the base coin.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.kucoin_base import (
    DAY_MS,
    WEEK_MS,
    KucoinBase,
    integer,
    num,
    paged,
    refusal,
    xbt,
)
from exchange_cache.simulator.venue import (
    INVERSE,
    LINEAR,
    Account,
    Entry,
    Fill,
    Income,
    Market,
    Order,
    Position,
)
from exchange_cache.simulator.wire import Request

_MOST = 1000


class KucoinFutures(KucoinBase):
    """Everything of api-futures.kucoin.com that needs a key."""

    def overview(self, request: Request) -> Any:
        """One currency (default XBT): equity counts the profit of open positions."""
        account = self.signed(request)
        currency = request.query.get("currency", "XBT")
        code = "BTC" if currency == "XBT" else currency
        if code not in {m.settle for m in self.venue.markets(self.exchange)}:
            raise refusal("400100", "currency is invalid")
        total = sum(
            (b.total for b in self.venue.balances(account.name, "futures") if b.asset == code),
            Decimal(0),
        )
        rows = [p for p in self.venue.positions(account.name) if p.market.settle == code]
        profit = sum((p.pnl(self._mark(p.market)) for p in rows), Decimal(0))
        margin = sum((_margin(p, self._mark(p.market)) for p in rows), Decimal(0))
        return {
            "accountEquity": float(total + profit),
            "unrealisedPNL": float(profit),
            "marginBalance": float(total),
            "positionMargin": float(margin),
            "orderMargin": 0.0,
            "frozenFunds": 0.0,
            "availableBalance": float(max(Decimal(0), total + profit - margin)),
            "currency": xbt(code),
            "riskRatio": 0.05,
            "maxWithdrawAmount": float(max(Decimal(0), total - margin)),
        }

    def positions(self, request: Request) -> Any:
        account = self.signed(request)
        currency = request.query.get("currency")
        rows = [
            p
            for p in self.venue.positions(account.name)
            if currency in (None, "", xbt(p.market.settle or ""))
        ]
        return [self._position(p) for p in rows]

    def position(self, request: Request) -> Any:
        account = self.signed(request)
        market = self.market(request, needed=True)
        for row in self.venue.positions(account.name):
            if row.market == market:
                return self._position(row)
        raise refusal("300009", "No open positions to close.")

    def futures_fills(self, request: Request) -> Any:
        account = self.signed(request)
        start, end = self.window(request, WEEK_MS, DAY_MS)
        rows = [
            f
            for f in self._contract_fills(request, account, start, end)
            if request.query.get("orderId") in (None, "", f.order_id)
            and request.query.get("side") in (None, "", f.side)
        ]
        return paged(request, rows, self._contract_fill, most=_MOST)

    def recent_fills_of_futures(self, request: Request) -> Any:
        account = self.signed(request)
        return [
            self._contract_fill(f)
            for f in self._contract_fills(
                request, account, request.now_ms - DAY_MS, request.now_ms
            )[:_MOST]
        ]

    def futures_orders(self, request: Request) -> Any:
        """Active ones whenever they were placed; done ones by the time they were placed."""
        account = self.signed(request)
        market = self.market(request)
        if request.query.get("status") == "active":
            rows = [
                o
                for kind in (LINEAR, INVERSE)
                for o in self.venue.open_orders(account.name, kind=kind)
            ]
        else:
            start, end = self.window(request, WEEK_MS, DAY_MS)
            rows = self._done(request, account, start, end)
        rows = [o for o in rows if market is None or o.market == market]
        rows = [o for o in rows if request.query.get("side") in (None, "", o.side)]
        return paged(
            request,
            sorted(rows, key=lambda o: (o.created_ms, o.seq), reverse=True),
            _order,
            most=_MOST,
        )

    def recent_done_orders(self, request: Request) -> Any:
        account = self.signed(request)
        rows = self._done(request, account, request.now_ms - DAY_MS, request.now_ms)
        return [
            _order(o)
            for o in sorted(rows, key=lambda o: (o.created_ms, o.seq), reverse=True)[:_MOST]
        ]

    def funding_history(self, request: Request) -> Any:
        """Of one contract, newest first, ten rows unless `maxCount` says more."""
        account = self.signed(request)
        market = self.market(request, needed=True)
        rows = self.venue.incomes(
            account.name,
            kind="funding",
            start=integer(request, "startAt"),
            end=integer(request, "endAt"),
        )
        offset, count = integer(request, "offset"), min(integer(request, "maxCount") or 10, _MOST)
        selected = [
            r for r in reversed(rows) if r.market == market and (offset is None or r.seq < offset)
        ]
        return {
            "dataList": [_funding(r) for r in selected[:count]],
            "hasMore": len(selected) > count,
        }

    def futures_ledger(self, request: Request) -> Any:
        """Transfers, realised results and funding of one day per request."""
        account = self.signed(request)
        start, end = self.window(request, DAY_MS)
        entries = self.venue.entries(account.name, wallet="futures", start=start, end=end)
        currency, kind = request.query.get("currency"), request.query.get("type")
        offset, count = integer(request, "offset"), min(integer(request, "maxCount") or 50, _MOST)
        rows = [
            e
            for e in reversed(entries)
            if currency in (None, "", xbt(e.asset))
            and kind in (None, "", _ledger_type(e))
            and (offset is None or e.seq < offset)
        ]
        return {"dataList": [_ledger(e) for e in rows[:count]], "hasMore": len(rows) > count}

    def no_futures_rows(self, request: Request) -> Any:
        """Lists that stay empty here: stop orders, deposits and withdrawals of the old futures
        wallet, closed positions."""
        self.signed(request)
        return paged(request, [], str, most=_MOST)

    def position_mode(self, request: Request) -> Any:
        self.signed(request)
        return {"positionMode": 0}

    def _mark(self, market: Market) -> Decimal:
        row = self.venue.ticker(self.exchange, market.symbol)
        assert row is not None
        return row.mark

    def _contract_fills(
        self, request: Request, account: Account, start: int, end: int
    ) -> list[Fill]:
        """Newest first, as far back as they are kept."""
        oldest = self.venue.oldest_served(self.exchange, "fills", LINEAR, request.now_ms) or 0
        market = self.market(request)
        rows = [
            f for f in self.venue.fills(account.name, start=max(start, oldest), end=end)
            if f.market.settle is not None and market in (None, f.market)
        ]  # fmt: skip
        return rows[::-1]

    def _done(self, request: Request, account: Account, start: int, end: int) -> list[Order]:
        oldest = self.venue.oldest_served(self.exchange, "orders", LINEAR, request.now_ms) or 0
        rows = self.venue.orders(account.name, start=max(start, oldest), end=end)
        return [o for o in rows if o.market.settle is not None and o.status != "open"]

    def _contract_fill(self, fill: Fill) -> dict[str, Any]:
        asset, fee = fill.fees[0]
        rate = self.venue.profile(self.exchange).fees.rate(fill.market.kind, fill.maker)
        return {
            "symbol": fill.market.id,
            "tradeId": fill.id,
            "orderId": fill.order_id,
            "side": fill.side,
            "liquidity": "maker" if fill.maker else "taker",
            "forceTaker": False,
            "price": num(fill.price),
            "size": int(fill.amount),
            "value": num(fill.cost),
            "feeRate": num(rate),
            "fixFee": "0",
            "feeCurrency": xbt(asset),
            "stop": "",
            "tradeTime": fill.time_ms * 1_000_000 + fill.seq % 1000,
            "fee": num(fee),
            "settleCurrency": xbt(fill.market.settle or ""),
            "orderType": fill.order_type,
            "displayType": fill.order_type,
            "tradeType": "trade",
            "marginMode": "CROSS",
            "openFeePay": None,
            "closeFeePay": None,
            "createdAt": fill.time_ms,
        }

    def _position(self, p: Position) -> dict[str, Any]:
        """`currentQty` is negative for a short."""
        mark = self._mark(p.market)
        sign = 1 if p.side == "long" else -1
        cost, value, profit = p.notional(p.entry_price), p.notional(mark), p.pnl(mark)
        margin = _margin(p, p.entry_price)
        return {
            "id": f"{p.opened_ms:024x}",
            "symbol": p.market.id,
            "autoDeposit": False,
            "crossMode": True,
            "marginMode": "CROSS",
            "positionSide": "BOTH",
            "maintMarginReq": 0.005,
            "riskLimit": 200_000,
            "realLeverage": float(p.leverage),
            "leverage": float(p.leverage),
            "delevPercentage": 0.2,
            "openingTimestamp": p.opened_ms,
            "currentTimestamp": self.venue.now(),
            "currentQty": int(sign * p.contracts),
            "currentCost": float(sign * cost),
            "currentComm": 0.0,
            "unrealisedCost": float(sign * cost),
            "realisedGrossCost": 0.0,
            "realisedCost": 0.0,
            "isOpen": True,
            "markPrice": float(mark),
            "markValue": float(sign * value),
            "posCost": float(sign * cost),
            "posInit": float(margin),
            "posComm": 0.0,
            "posLoss": 0.0,
            "posMargin": float(margin),
            "posMaint": float(margin / 2),
            "maintMargin": float(margin),
            "realisedGrossPnl": float(p.realised_pnl),
            "realisedPnl": float(p.realised_pnl),
            "unrealisedPnl": float(profit),
            "unrealisedPnlPcnt": float(round(profit / cost, 4)),
            "unrealisedRoePcnt": float(round(profit / margin, 4)),
            "avgEntryPrice": float(p.entry_price),
            "liquidationPrice": float(p.entry_price * (1 - sign / p.leverage)),
            "bankruptPrice": 0.0,
            "settleCurrency": xbt(p.market.settle or ""),
            "isInverse": p.market.kind == INVERSE,
            "maintainMargin": 0.005,
        }


def _margin(position: Position, price: Decimal) -> Decimal:
    return (position.notional(price) / position.leverage).quantize(Decimal("1e-8"))


def _order(o: Order) -> dict[str, Any]:
    active = o.status == "open"
    return {
        "id": o.id,
        "symbol": o.market.id,
        "type": o.type,
        "side": o.side,
        "price": None if o.price is None else num(o.price),
        "size": int(o.amount),
        "value": num(o.cost),
        "dealValue": num(o.cost),
        "dealSize": int(o.filled),
        "stp": "",
        "stop": "",
        "stopPriceType": "",
        "stopTriggered": False,
        "stopPrice": None,
        "timeInForce": "GTC",
        "postOnly": o.post_only,
        "hidden": False,
        "iceberg": False,
        "leverage": num(o.leverage),
        "forceHold": False,
        "closeOrder": False,
        "visibleSize": None,
        "clientOid": o.client_id,
        "remark": None,
        "tags": None,
        "isActive": active,
        "cancelExist": o.status in ("canceled", "expired"),
        "createdAt": o.created_ms,
        "updatedAt": o.updated_ms,
        "endAt": None if active else o.updated_ms,
        "orderTime": o.created_ms * 1_000_000,
        "settleCurrency": xbt(o.market.settle or ""),
        "marginMode": "CROSS",
        "avgDealPrice": "0" if o.average is None else num(round(o.average, 8)),
        "status": "open" if active else "done",
        "filledSize": int(o.filled),
        "filledValue": num(o.cost),
        "reduceOnly": o.reduce_only,
    }


def _funding(row: Income) -> dict[str, Any]:
    market = row.market
    assert market is not None
    sign = 1 if row.position_side == "long" else -1
    return {
        "id": row.seq,
        "symbol": market.id,
        "timePoint": row.time_ms,
        "fundingRate": float(row.rate),
        "markPrice": float(row.price),
        "positionQty": int(sign * row.size),
        "positionCost": float(sign * market.cost(row.price, row.size)),
        "funding": float(row.amount),
        "settleCurrency": xbt(row.asset),
        "context": '{"marginMode":"CROSS","positionSide":"BOTH"}',
        "marginMode": "CROSS",
    }


def _ledger_type(entry: Entry) -> str:
    if entry.kind == "internal":
        return "TransferIn" if entry.amount >= 0 else "TransferOut"
    return "RealisedPNL"


def _ledger(entry: Entry) -> dict[str, Any]:
    kind = _ledger_type(entry)
    source = entry.source
    remark = (
        source.market.id if isinstance(source, Fill | Income) and source.market is not None else ""
    )
    return {
        "time": entry.time_ms,
        "type": kind,
        "amount": float(entry.amount - entry.fee),
        "fee": float(entry.fee),
        "accountEquity": float(entry.balance),
        "status": "Completed",
        "remark": remark,
        "offset": entry.seq,
        "currency": xbt(entry.asset),
    }

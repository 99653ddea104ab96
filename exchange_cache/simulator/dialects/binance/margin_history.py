"""What happened on margin (/sapi/v1/margin): trades, orders, interest, loans, transfers,
liquidations.

Written after developers.binance.com/docs/margin_trading (trade, borrow-and-repay, transfer). The
cross wallet answers unless an isolated pair is named, by `isIsolated` and the symbol or by
`isolatedSymbol`. Trade and order ids are those of the spot market.
"""

from __future__ import annotations

from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.margin_account import MarginAccount
from exchange_cache.simulator.dialects.binance.spot_account import order_row
from exchange_cache.simulator.dialects.binance.words import (
    bad_combination,
    days,
    eight,
    limit_of,
    missing,
    number,
    paged,
    pick,
    plain,
    refuse,
    required,
    text,
    times_of,
)
from exchange_cache.simulator.venue import (
    MARGIN,
    SPOT,
    Account,
    Fill,
    Income,
    LoanEvent,
    Market,
    Order,
    Transfer,
    is_margin,
)
from exchange_cache.simulator.venue.records import ISOLATED
from exchange_cache.simulator.wire import Request

_DAY_MS = days(1)
_LOANS_KEPT_DAYS = 90
_TRANSFERS_KEPT_DAYS = 180
_NOT_ON_MARGIN = ("origQuoteOrderQty", "orderListId", "workingTime")
_ENDS = {
    "spot": "SPOT",
    "funding": "FUNDING",
    "linear": "FUTURES",
    "inverse": "DELIVERY",
    MARGIN: "CROSS_MARGIN",
}


class MarginHistory(MarginAccount):
    """Records of the margin wallets."""

    MARGIN_HISTORY_ROUTES: ClassVar[dict[str, str]] = {
        "GET /sapi/v1/margin/myTrades": "margin_trades",
        "GET /sapi/v1/margin/allOrders": "margin_orders",
        "GET /sapi/v1/margin/openOrders": "margin_open_orders",
        "GET /sapi/v1/margin/interestHistory": "margin_interest",
        "GET /sapi/v1/margin/borrow-repay": "margin_loans",
        "GET /sapi/v1/margin/transfer": "margin_transfers",
        "GET /sapi/v1/margin/forceLiquidationRec": "margin_liquidations",
    }

    def margin_trades(self, request: Request) -> Any:
        """From an id on, or of an order; else of one day only: the last 24 hours when no time is
        given."""
        account = self.margin_user(request)
        market = self.spot_market(request)
        wallet = self._wallet_asked(request, account, market)
        from_id, order_id = number(request, "fromId"), number(request, "orderId")
        timed = times_of(request) != (None, None)
        if from_id is not None and timed:
            raise bad_combination()
        by_id = from_id is not None or order_id is not None
        start, end = (None, None) if by_id and not timed else _one_day(request, _DAY_MS - 1)
        fills = [
            fill
            for fill in self.venue.fills(
                account.name, kind=MARGIN, symbol=market.symbol, start=start, end=end
            )
            if fill.wallet == wallet and order_id in (None, int(fill.order_id))
        ]
        page = pick(
            fills, limit_of(request, 500, 1000), id_of=lambda fill: fill.id, from_id=from_id,
            oldest_first="startTime" in request.query or order_id is not None,
        )  # fmt: skip
        return [self._margin_trade(fill) for fill in page]

    def margin_orders(self, request: Request) -> Any:
        """From an order id on; else of one day only: the last 24 hours when no time is given. At
        most 500."""
        account = self.margin_user(request)
        market = self.spot_market(request)
        wallet = self._wallet_asked(request, account, market)
        order_id = number(request, "orderId")
        timed = times_of(request) != (None, None)
        start, end = (
            (None, None) if order_id is not None and not timed else _one_day(request, _DAY_MS)
        )
        orders = [
            order
            for order in self.venue.orders(
                account.name, kind=MARGIN, symbol=market.symbol, start=start, end=end
            )
            if order.wallet == wallet
        ]
        page = pick(
            orders, limit_of(request, 500, 500), id_of=lambda order: order.id, from_id=order_id,
            oldest_first="startTime" in request.query,
        )  # fmt: skip
        return [_margin_order(order) for order in page]

    def margin_open_orders(self, request: Request) -> Any:
        """Of all cross symbols when none is sent; isolated ones only by symbol."""
        account = self.margin_user(request)
        market = self.spot_market(request) if "symbol" in request.query else None
        if market is None and _isolated(request):
            raise missing("symbol")
        wallet = self._wallet_asked(request, account, market)
        symbol = None if market is None else market.symbol
        orders = self.venue.open_orders(account.name, kind=MARGIN, symbol=symbol)
        return [_margin_order(order) for order in orders if order.wallet == wallet]

    def margin_interest(self, request: Request) -> Any:
        """The last seven days by default; 30 days at once, the rest of a longer lone start silently
        cut; 90 days back."""
        account = self.margin_user(request)
        wallet = self._wallet_of_symbol(request, account)
        start, end = _interest_window(request)
        return paged(
            request,
            [
                self._interest_row(row)
                for row in self.venue.incomes(
                    account.name, kind="loan_interest", start=start, end=end
                )[::-1]
                if row.wallet == wallet
                and text(request, "asset") in (None, self.asset_id(row.asset))
            ],
        )

    def margin_loans(self, request: Request) -> Any:
        """Loans or repayments of the seven days before the end, 30 when an asset is named; a
        transaction id goes before times."""
        account = self.margin_user(request)
        kind = required(request, "type")
        if kind not in ("BORROW", "REPAY"):
            raise refuse(-1130, "Data sent for parameter 'type' is not valid.")
        wallet = self._wallet_of_symbol(request, account)
        oldest = request.now_ms - days(_LOANS_KEPT_DAYS)
        transaction = number(request, "txId")
        start, end = (oldest, None) if transaction is not None else _loan_window(request)
        events = self._events(request, account, kind.lower(), wallet, max(start, oldest), end)
        return paged(
            request,
            [self._loan_row(event) for event in events if transaction in (None, int(event.id))],
        )

    def margin_transfers(self, request: Request) -> Any:
        """What came into the wallet and left it: the last seven days by default, 30 days at
        once."""
        account = self.margin_user(request)
        wallet = self._wallet_of_symbol(request, account)
        start, end = _month(request)
        start = max(start, request.now_ms - days(_TRANSFERS_KEPT_DAYS))
        asset, kind = text(request, "asset"), text(request, "type")
        if kind not in (None, "ROLL_IN", "ROLL_OUT"):
            raise refuse(-1130, "Data sent for parameter 'type' is not valid.")
        rows = [
            self._margin_transfer(move, wallet)
            for move in self.venue.transfers(account.name, kind="internal", start=start, end=end)[
                ::-1
            ]
            if wallet in (move.from_wallet, move.to_wallet)
            and asset in (None, self.asset_id(move.asset))
        ]
        return paged(request, [row for row in rows if kind in (None, row["type"])])

    def margin_liquidations(self, request: Request) -> Any:
        """Orders that the exchange placed, of all margin wallets unless an isolated pair is
        named."""
        account = self.margin_user(request)
        wallet = (
            self._wallet_of_symbol(request, account) if "isolatedSymbol" in request.query else None
        )
        start, end = times_of(request)
        orders = [
            order
            for order in self.venue.closed_orders(account.name, kind=MARGIN, start=start, end=end)
            if order.forced and wallet in (None, order.wallet)
        ]
        return paged(request, [_liquidation(order) for order in orders[::-1]])

    # -- which wallet
    #   --------------------------------------------------------------------------------------------

    def _wallet_asked(self, request: Request, account: Account, market: Market | None) -> str:
        """Cross, or the symbol's isolated wallet when isIsolated is TRUE."""
        return self.isolated_of(account, market) if _isolated(request) else MARGIN

    def _wallet_of_symbol(self, request: Request, account: Account) -> str:
        """Cross unless isolatedSymbol names a pair."""
        pair = text(request, "isolatedSymbol")
        if pair is None:
            return MARGIN
        market = self.venue.market_by_id(self.exchange, pair, SPOT)
        if market is None:
            raise refuse(-1121, "Invalid symbol.")
        return self.isolated_of(account, market)

    def _events(
        self,
        request: Request,
        account: Account,
        kind: str,
        wallet: str,
        start: int,
        end: int | None,
    ) -> list[LoanEvent]:
        """Newest first, of one asset when it is named."""
        asset = text(request, "asset")
        events = self.venue.loan_events(
            account.name, kind=kind, wallet=wallet, start=start, end=end
        )
        return [event for event in events[::-1] if asset in (None, self.asset_id(event.asset))]

    # -- rows
    #   --------------------------------------------------------------------------------------------

    def _margin_trade(self, fill: Fill) -> dict[str, Any]:
        fee_asset, fee = fill.fees[0]
        return {
            "commission": eight(fee),
            "commissionAsset": self.asset_id(fee_asset),
            "id": int(fill.id),
            "isBestMatch": True,
            "isBuyer": fill.side == "buy",
            "isMaker": fill.maker,
            "orderId": int(fill.order_id),
            "price": eight(fill.price),
            "qty": eight(fill.amount),
            "symbol": fill.market.id,
            "isIsolated": fill.wallet != MARGIN,
            "time": fill.time_ms,
        }

    def _interest_row(self, charge: Income) -> dict[str, Any]:
        asset = self.asset_id(charge.asset)
        row = {
            "txId": int(charge.id),
            "interestAccuredTime": charge.time_ms,
            "asset": asset,
            "principal": plain(charge.size),
            "interest": plain(-charge.amount),
            "interestRate": plain(charge.rate),
            "type": charge.note,
        }
        return row | (
            {"rawAsset": asset}
            if charge.wallet == MARGIN
            else {"isolatedSymbol": self._pair_id(charge.wallet)}
        )

    def _loan_row(self, event: LoanEvent) -> dict[str, Any]:
        row = {
            "type": event.way,
            "amount": eight(event.principal + event.interest),
            "asset": self.asset_id(event.asset),
            "interest": eight(event.interest),
            "principal": eight(event.principal),
            "status": "CONFIRMED",
            "timestamp": event.time_ms,
            "txId": int(event.id),
        }
        return (
            row if event.wallet == MARGIN else row | {"isolatedSymbol": self._pair_id(event.wallet)}
        )

    def _margin_transfer(self, move: Transfer, wallet: str) -> dict[str, Any]:
        row: dict[str, Any] = {
            "amount": eight(move.amount),
            "asset": self.asset_id(move.asset),
            "status": "CONFIRMED",
            "timestamp": move.time_ms,
            "txId": int(move.id),
            "type": "ROLL_IN" if move.to_wallet == wallet else "ROLL_OUT",
        }
        for end, name, symbol in (
            (move.from_wallet, "transFrom", "fromSymbol"),
            (move.to_wallet, "transTo", "toSymbol"),
        ):
            row[name] = _ENDS.get(end or "spot", "ISOLATED_MARGIN")
            if end is not None and end != MARGIN and is_margin(end):
                row[symbol] = self._pair_id(end)
        return row

    def _pair_id(self, wallet: str) -> str:
        return self.venue.market(self.exchange, wallet.removeprefix(ISOLATED)).id


def _isolated(request: Request) -> bool:
    value = (text(request, "isIsolated") or "FALSE").upper()
    if value not in ("TRUE", "FALSE"):
        raise refuse(-1130, "Data sent for parameter 'isIsolated' is not valid.")
    return value == "TRUE"


def _one_day(request: Request, longest_ms: int) -> tuple[int, int]:
    """The day asked for: on from a lone start, back from a lone end, the last one; longer ones are
    refused."""
    start, end = times_of(request)
    if start is None:
        last = request.now_ms if end is None else end
        return last - longest_ms, last
    if end is None:
        return start, start + longest_ms
    if end < start:
        raise refuse(-1127, "Start time is greater than end time.")
    if end - start > longest_ms:
        raise refuse(-1127, "More than 24 hours between startTime and endTime.")
    return start, end


def _month(request: Request) -> tuple[int, int]:
    """Seven days back from the end by default; more than 30 days are refused."""
    start, end = times_of(request)
    last = request.now_ms if end is None else end
    first = last - days(7) if start is None else start
    if not first <= last <= first + days(30):
        raise refuse(-4047, "Time interval must be within 0-30 days")
    return first, last


def _interest_window(request: Request) -> tuple[int, int]:
    start, end = times_of(request)
    oldest = request.now_ms - days(_LOANS_KEPT_DAYS)
    if start is not None and end is None:
        return max(start, request.now_ms - days(30)), request.now_ms
    first, last = _month(request)
    return max(first, oldest), last


def _loan_window(request: Request) -> tuple[int, int]:
    start, end = times_of(request)
    last = request.now_ms if end is None else end
    reach = last - days(30 if "asset" in request.query else 7)
    return (last - days(7) if start is None else max(start, reach)), last


def _margin_order(order: Order) -> dict[str, Any]:
    """A spot order's row without what margin leaves out."""
    row = {name: value for name, value in order_row(order).items() if name not in _NOT_ON_MARGIN}
    return row | {"isIsolated": order.wallet != MARGIN}


def _liquidation(order: Order) -> dict[str, Any]:
    average = order.average or order.price
    return {
        "avgPrice": "0" if average is None else eight(average),
        "executedQty": eight(order.filled),
        "orderId": int(order.id),
        "price": "0.00000000" if order.price is None else eight(order.price),
        "qty": eight(order.amount),
        "side": order.side.upper(),
        "symbol": order.market.id,
        "timeInForce": order.time_in_force,
        "isIsolated": order.wallet != MARGIN,
        "updatedTime": order.updated_ms,
    }

"""OKX's REST interface, version 5 (okx.com/docs-v5), for a classic account in futures mode: routes,
rate limits, faults.

Answers are {"code": "0", "data": [...], "msg": ""}; refusals at the gate have HTTP 401, wrong
parameters 400, too many requests 429. Limits count each endpoint on its own, by user (private) or
address (public), multiplied by the server's limit scale. Not simulated: margin borrowing, dated
futures and options beyond their quotes, algo orders, sub-accounts.
"""

from __future__ import annotations

from typing import ClassVar

from exchange_cache.simulator.dialects.okx.archive import OkxArchive
from exchange_cache.simulator.dialects.okx.assets import OkxAssets
from exchange_cache.simulator.dialects.okx.balances import OkxBalances
from exchange_cache.simulator.dialects.okx.candles import OkxCandles
from exchange_cache.simulator.dialects.okx.earn import OkxEarn
from exchange_cache.simulator.dialects.okx.instruments import OkxInstruments
from exchange_cache.simulator.dialects.okx.orders import OkxOrders
from exchange_cache.simulator.dialects.okx.trades import OkxTrades
from exchange_cache.simulator.venue import Venue
from exchange_cache.simulator.wire import Request, Response, WindowCounter

_API = "/api/v5/"
# path: (method name, requests, per seconds)
_GET: dict[str, tuple[str, int, float]] = {
    "public/time": ("time", 10, 2),
    "system/status": ("status", 1, 5),
    "public/instruments": ("instruments", 20, 2),
    "public/mark-price": ("mark_price", 10, 2),
    "public/funding-rate": ("funding_rate", 10, 2),
    "market/tickers": ("tickers", 20, 2),
    "market/ticker": ("ticker", 20, 2),
    "market/index-tickers": ("index_tickers", 20, 2),
    "market/exchange-rate": ("exchange_rate", 1, 2),
    "market/candles": ("candles", 40, 2),
    "market/history-candles": ("history_candles", 20, 2),
    "account/balance": ("balance", 10, 2),
    "account/config": ("config", 5, 2),
    "account/positions": ("positions", 10, 2),
    "account/positions-history": ("positions_history", 10, 2),
    "account/instruments": ("account_instruments", 20, 2),
    "account/bills": ("bills", 5, 1),
    "account/bills-archive": ("bills_archive", 5, 2),
    "account/bills-history-archive": ("bills_history_archive", 10, 2),
    "account/trade-fee": ("trade_fee", 5, 2),
    "account/leverage-info": ("leverage", 20, 2),
    "account/interest-accrued": ("interest_accrued", 5, 2),
    "trade/fills": ("fills", 60, 2),
    "trade/fills-history": ("fills_history", 10, 2),
    "trade/fills-archive": ("archive", 10, 2),
    "trade/order": ("order", 60, 2),
    "trade/orders-pending": ("orders_pending", 60, 2),
    "trade/orders-history": ("orders_history", 40, 2),
    "trade/orders-history-archive": ("orders_archive", 20, 2),
    "trade/orders-algo-pending": ("empty", 20, 2),
    "trade/orders-algo-history": ("empty", 20, 2),
    "trade/easy-convert-history": ("easy_converts", 1, 2),
    "asset/currencies": ("currencies", 6, 1),
    "asset/balances": ("asset_balances", 6, 1),
    "asset/non-tradable-assets": ("non_tradable", 6, 1),
    "asset/asset-valuation": ("valuation", 1, 1),
    "asset/bills": ("asset_bills", 6, 1),
    "asset/bills-history": ("asset_bills_history", 1, 1),
    "asset/deposit-history": ("deposits", 6, 1),
    "asset/withdrawal-history": ("withdrawals", 6, 1),
    "asset/transfer-state": ("transfer_state", 10, 1),
    "asset/convert/currencies": ("convert_currencies", 6, 1),
    "asset/convert/history": ("convert_history", 6, 1),
    "fiat/deposit-order-history": ("fiat_deposits", 3, 1),
    "fiat/withdrawal-order-history": ("fiat_withdrawals", 3, 1),
    "finance/savings/balance": ("savings", 6, 1),
    "finance/savings/lending-history": ("lending_history", 6, 1),
    "finance/staking-defi/orders-active": ("staking_active", 3, 1),
    "finance/staking-defi/orders-history": ("staking_history", 3, 1),
    "finance/staking-defi/eth/balance": ("empty", 6, 1),
    "finance/staking-defi/sol/balance": ("empty", 6, 1),
}
_POST: dict[str, tuple[str, int, float]] = {
    "trade/fills-archive": ("apply_archive", 10, 86_400),
    "account/bills-history-archive": ("apply_bills_archive", 1, 10),
}
_OTHERWISE = (20, 2.0)
_TOO_MANY = {"msg": "Too Many Requests", "code": "50011"}


def _routes(method: str, table: dict[str, tuple[str, int, float]]) -> dict[str, str]:
    return {f"{method} {_API}{path}": row[0] for path, row in table.items()}


class Okx(
    OkxInstruments, OkxCandles, OkxTrades, OkxOrders, OkxBalances, OkxArchive, OkxAssets, OkxEarn
):
    """All of OKX v5 that reads."""

    ROUTES: ClassVar[dict[str, str]] = _routes("GET", _GET) | _routes("POST", _POST)

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._counters: dict[str, WindowCounter] = {}

    def limit(self, request: Request) -> Response | None:
        account = self.venue.account_by_key(self.exchange, request.headers.get("ok-access-key", ""))
        who = "address" if account is None else account.uid
        if request.path == f"{_API}public/instruments":
            who += f" {request.query.get('instType', '')}"
        return (
            None
            if self._counter(request).charge(who, 1)
            else Response(status=429, body=dict(_TOO_MANY))
        )

    def _counter(self, request: Request) -> WindowCounter:
        name = f"{request.method} {request.path}"
        counter = self._counters.get(name)
        if counter is None:
            table = _POST if request.method == "POST" else _GET
            _, most, seconds = table.get(request.path.removeprefix(_API), ("", *_OTHERWISE))
            counter = self._counters[name] = WindowCounter(most * self.limit_scale, seconds)
        return counter

    def fault(self, kind: str) -> Response | None:
        if kind == "bad_key":
            return Response(status=401, body={"msg": "Invalid OK-ACCESS-KEY", "code": "50111"})
        if kind == "foreign_ip":
            text = "Your IP 127.0.0.1 is not included in your API key's IP whitelist."
            return Response(status=401, body={"msg": text, "code": "50110"})
        if kind == "skew":
            return Response(status=401, body={"msg": "Timestamp request expired", "code": "50102"})
        if kind == "429":
            return Response(status=429, body=dict(_TOO_MANY))
        if kind == "503":
            text = "Service temporarily unavailable. Please try again later"
            return Response(status=503, body={"code": "50001", "data": [], "msg": text})
        return None

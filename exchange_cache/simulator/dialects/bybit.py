"""Bybit's REST interface, version 5 (bybit-exchange.github.io/docs/v5), for a unified 2.0 account
that was a classic one before.

Limits: per user and endpoint each second (refused with retCode 10006 and HTTP 200), and 600
requests in five seconds per address (HTTP 403). Both are multiplied by the server's limit scale.
"""

from __future__ import annotations

from typing import ClassVar

from exchange_cache.simulator.dialects.bybit_account import BybitAccount
from exchange_cache.simulator.dialects.bybit_asset import BybitAsset
from exchange_cache.simulator.dialects.bybit_base import envelope
from exchange_cache.simulator.dialects.bybit_classic import BybitClassic
from exchange_cache.simulator.dialects.bybit_funding import BybitFunding
from exchange_cache.simulator.dialects.bybit_market import BybitMarket
from exchange_cache.simulator.dialects.bybit_positions import BybitPositions
from exchange_cache.simulator.venue import Venue
from exchange_cache.simulator.wire import Request, Response, WindowCounter

_PER_SECOND = {
    "/v5/pre-upgrade/execution/list": 50,
    "/v5/pre-upgrade/order/history": 50,
    "/v5/execution/list": 50,
    "/v5/order/history": 50,
    "/v5/order/realtime": 50,
    "/v5/position/list": 50,
    "/v5/position/closed-pnl": 50,
    "/v5/account/wallet-balance": 50,
    "/v5/account/transaction-log": 30,
    "/v5/account/info": 50,
    "/v5/user/query-api": 10,
    "/v5/asset/coin/query-info": 5,
    "/v5/asset/transfer/query-account-coins-balance": 5,
    "/v5/asset/transfer/query-inter-transfer-list": 60,
    "/v5/asset/deposit/query-record": 5,
    "/v5/asset/withdraw/query-record": 5,
}
_OTHERWISE = 10
_PER_ADDRESS, _ADDRESS_SECONDS = 600, 5.0
_FORBIDDEN = (
    b"<html><head><title>403 Forbidden</title></head><body>access too frequent</body></html>"
)
_RATE_LIMIT = "Too many visits. Exceeded the API Rate Limit."


class Bybit(BybitMarket, BybitAccount, BybitPositions, BybitClassic, BybitAsset, BybitFunding):
    """All of Bybit v5 that reads."""

    ROUTES: ClassVar[dict[str, str]] = {
        "GET /v5/market/time": "time",
        "GET /v5/system/status": "system_status",
        "GET /v5/market/instruments-info": "instruments",
        "GET /v5/market/tickers": "tickers",
        "GET /v5/market/kline": "kline",
        "GET /v5/market/mark-price-kline": "price_kline",
        "GET /v5/market/index-price-kline": "price_kline",
        "GET /v5/account/wallet-balance": "wallet_balance",
        "GET /v5/account/info": "account_info",
        "GET /v5/account/transaction-log": "transaction_log",
        "GET /v5/account/contract-transaction-log": "contract_transaction_log",
        "GET /v5/user/query-api": "api_key",
        "GET /v5/position/list": "positions",
        "GET /v5/position/closed-pnl": "closed_pnl",
        "GET /v5/execution/list": "executions",
        "GET /v5/order/history": "order_history",
        "GET /v5/order/realtime": "open_orders",
        "GET /v5/pre-upgrade/execution/list": "classic_executions",
        "GET /v5/pre-upgrade/order/history": "classic_orders",
        "GET /v5/asset/coin/query-info": "coins",
        "GET /v5/asset/transfer/query-account-coins-balance": "coins_balance",
        "GET /v5/asset/transfer/query-inter-transfer-list": "internal_transfers",
        "GET /v5/asset/transfer/query-universal-transfer-list": "universal_transfers",
        "GET /v5/asset/deposit/query-record": "deposits",
        "GET /v5/asset/deposit/query-internal-record": "internal_deposits",
        "GET /v5/asset/withdraw/query-record": "withdrawals",
        "GET /v5/asset/fundinghistory": "funding_history",
        "GET /v5/asset/exchange/query-convert-history": "conversions",
        "GET /v5/asset/exchange/order-record": "coin_exchanges",
        "GET /v5/earn/position": "earn_positions",
        "GET /v5/earn/order": "earn_orders",
    }

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._address = WindowCounter(_PER_ADDRESS * limit_scale, _ADDRESS_SECONDS)
        self._counters: dict[str, WindowCounter] = {}

    def limit(self, request: Request) -> Response | None:
        if not self._address.charge("address", 1):
            return _forbidden()
        user = self._user(request)
        if user is not None and not self._counter(request.path).charge(user, 1):
            return Response(body=envelope(request.now_ms, 10006, _RATE_LIMIT))
        return None

    def finish(self, request: Request, response: Response) -> None:
        """What is left of the endpoint's limit, on every answer to a known key."""
        user = self._user(request)
        if user is None or response.status != 200:
            return
        counter = self._counter(request.path)
        left = max(0, int(counter.limit) - counter.used(user))
        reset = request.now_ms + (0 if left else 1000)
        response.headers |= {
            "X-Bapi-Limit": str(int(counter.limit)), "X-Bapi-Limit-Status": str(left),
            "X-Bapi-Limit-Reset-Timestamp": str(reset), "Timenow": str(request.now_ms),
        }  # fmt: skip

    def fault(self, kind: str) -> Response | None:
        now_ms = self.venue.now()
        if kind == "418":
            return _forbidden()
        if kind == "429":
            headers = {
                "X-Bapi-Limit-Status": "0",
                "X-Bapi-Limit-Reset-Timestamp": str(now_ms + 1000),
            }
            return Response(body=envelope(now_ms, 10006, _RATE_LIMIT), headers=headers)
        if kind == "bad_key":
            return Response(body=envelope(now_ms, 10003, "API key is invalid."))
        if kind == "foreign_ip":
            return Response(
                body=envelope(
                    now_ms, 10010, "Unmatched IP, please check your API key's bound IP addresses."
                )
            )
        if kind == "skew":
            text = "invalid request, please check your server timestamp or recv_window param. "
            text += f"req_timestamp[{now_ms - 60_000}],server_timestamp[{now_ms}],recv_window[5000]"
            return Response(body=envelope(now_ms, 10002, text))
        return None

    def _user(self, request: Request) -> str | None:
        account = self.venue.account_by_key(
            self.exchange, request.headers.get("x-bapi-api-key", "")
        )
        return None if account is None else account.uid

    def _counter(self, path: str) -> WindowCounter:
        counter = self._counters.get(path)
        if counter is None:
            limit = _PER_SECOND.get(path, _OTHERWISE) * self.limit_scale
            counter = self._counters[path] = WindowCounter(limit, 1.0)
        return counter


def _forbidden() -> Response:
    return Response(status=403, body=_FORBIDDEN, headers={"Content-Type": "text/html"})

"""KuCoin's REST interfaces that read, for a classic account with high-frequency spot trading
(kucoin.com/docs-new).

Limits: pools of weight per thirty seconds and user (spot 4000, futures 2000, management 2000, earn
2000; VIP 0), public calls 2000 per address; all are multiplied by the server's limit scale. Not
simulated: unified accounts, margin, stop orders, sub-accounts.
"""

from __future__ import annotations

from typing import ClassVar

from exchange_cache.simulator.dialects.kucoin_base import FUTURES_HOST, refusal
from exchange_cache.simulator.dialects.kucoin_futures import KucoinFutures
from exchange_cache.simulator.dialects.kucoin_market import KucoinMarket
from exchange_cache.simulator.dialects.kucoin_spot import KucoinSpot
from exchange_cache.simulator.dialects.kucoin_wallets import KucoinWallets
from exchange_cache.simulator.venue import Venue
from exchange_cache.simulator.wire import Request, Response, WindowCounter

_POOLS = {"spot": 4000, "futures": 2000, "management": 2000, "earn": 2000, "public": 2000}
_WINDOW_SECONDS = 30.0
_MANAGEMENT = (
    "/api/v1/accounts",
    "/api/v1/deposits",
    "/api/v1/hist-",
    "/api/v1/withdrawals",
    "/api/v1/user",
    "/api/v2/user-info",
    "/api/v1/sub",
    "/api/v2/sub",
    "/api/v1/hf/accounts",
    "/api/ua/v1/account",
)
_WEIGHTS = {
    "/api/v1/accounts": 5,
    "/api/v1/deposits": 5,
    "/api/v1/hist-deposits": 5,
    "/api/v1/withdrawals": 20,
    "/api/v1/hist-withdrawals": 20,
    "/api/v1/accounts/ledgers": 2,
    "/api/v1/hf/accounts/ledgers": 2,
    "/api/v1/hf/fills": 2,
    "/api/v1/hf/orders/done": 2,
    "/api/v1/hf/orders/active": 2,
    "/api/v1/market/allTickers": 15,
    "/api/v2/symbols": 4,
    "/api/v3/currencies": 3,
    "/api/v1/market/candles": 3,
    "/api/v1/fills": 10,
    "/api/v1/orders": 2,
    "/api/v1/user/api-key": 20,
    "/api/v1/hf/accounts/opened": 30,
    "/api/v1/account-overview": 5,
    "/api/v1/positions": 2,
    "/api/v1/funding-history": 5,
    "/api/v1/transaction-history": 2,
    "/api/v1/contracts/active": 3,
    "/api/v1/earn/hold-assets": 5,
    "/api/v1/recentDoneOrders": 5,
}
_OTHERWISE = 3


class Kucoin(KucoinMarket, KucoinSpot, KucoinWallets, KucoinFutures):
    """All of KuCoin's classic account that reads."""

    ROUTES: ClassVar[dict[str, str]] = {
        "GET /api/v1/timestamp": "timestamp",
        "GET /api/v1/status": "status",
        "GET /api/v1/symbols": "symbols",
        "GET /api/v2/symbols": "symbols",
        "GET /api/v3/currencies": "currencies",
        "GET /api/v1/market/allTickers": "all_tickers",
        "GET /api/v1/market/stats": "stats",
        "GET /api/v1/market/orderbook/level1": "level1",
        "GET /api/v1/market/candles": "candles",
        "GET /api/ua/v1/account/mode": "account_mode",
        "GET /api/v1/hf/accounts/opened": "hf_opened",
        "GET /api/v3/margin/symbols": "margin_symbols",
        "GET /api/v1/isolated/symbols": "isolated_symbols",
        "GET /api/v1/accounts": "accounts",
        "GET /api/v1/margin/account": "margin_account",
        "GET /api/v3/margin/accounts": "margin_account",
        "GET /api/v1/isolated/accounts": "isolated_accounts",
        "GET /api/v3/isolated/accounts": "isolated_accounts",
        "GET /api/v1/accounts/ledgers": "ledgers",
        "GET /api/v1/hf/accounts/ledgers": "hf_ledgers",
        "GET /api/v1/hf/fills": "hf_fills",
        "GET /api/v1/hf/orders/done": "hf_orders_done",
        "GET /api/v1/hf/orders/active": "hf_orders_active",
        "GET /api/v1/hf/orders/active/symbols": "hf_active_symbols",
        "GET /api/v3/hf/margin/fills": "no_orders",
        "GET /api/v3/hf/margin/orders/done": "no_orders",
        "GET /api/v3/hf/margin/orders/active": "isolated_symbols",
        "GET /api/v3/hf/margin/account/ledgers": "isolated_symbols",
        "GET /api/v1/fills": "classic_fills",
        "GET /api/v1/limit/fills": "recent_fills",
        "GET /api/v1/orders": "classic_orders",
        "GET /api/v1/stop-order": "no_orders",
        "GET /api/v1/deposits": "deposits",
        "GET /api/v1/hist-deposits": "old_moves",
        "GET /api/v1/withdrawals": "withdrawals",
        "GET /api/v1/hist-withdrawals": "old_moves",
        "GET /api/v1/convert/order/history": "converts",
        "GET /api/v1/earn/hold-assets": "savings",
        "GET /api/v1/user/api-key": "api_key",
        "GET /api/v2/user-info": "user_info",
        "GET /api/v1/sub/user": "isolated_symbols",
        "GET /api/v2/sub/user": "sub_users",
        "GET /api/v2/sub-accounts": "sub_users",
    }
    FUTURES_ROUTES: ClassVar[dict[str, str]] = {
        "GET /api/v1/timestamp": "timestamp",
        "GET /api/v1/status": "status",
        "GET /api/v1/contracts/active": "contracts",
        "GET /api/v1/allTickers": "contract_tickers",
        "GET /api/v1/ticker": "one_contract_ticker",
        "GET /api/v1/kline/query": "contract_candles",
        "GET /api/v1/account-overview": "overview",
        "GET /api/v1/positions": "positions",
        "GET /api/v1/position": "position",
        "GET /api/v1/fills": "futures_fills",
        "GET /api/v1/recentFills": "recent_fills_of_futures",
        "GET /api/v1/orders": "futures_orders",
        "GET /api/v1/recentDoneOrders": "recent_done_orders",
        "GET /api/v1/stopOrders": "no_futures_rows",
        "GET /api/v1/funding-history": "funding_history",
        "GET /api/v1/transaction-history": "futures_ledger",
        "GET /api/v1/history-positions": "no_futures_rows",
        "GET /api/v1/deposit-list": "no_futures_rows",
        "GET /api/v1/withdrawal-list": "no_futures_rows",
        "GET /api/v1/transfer-list": "no_futures_rows",
        "GET /api/v2/position/getPositionMode": "position_mode",
    }
    PATTERNS: ClassVar[tuple[tuple[str, str], ...]] = (
        (r"GET /api/v1/hf/orders/([0-9a-f]{24})", "hf_order"),
        (r"GET /api/v1/accounts/(\d+)", "one_account"),
    )

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._pools = {
            name: WindowCounter(most * limit_scale, _WINDOW_SECONDS)
            for name, most in _POOLS.items()
        }

    def limit(self, request: Request) -> Response | None:
        weight = _WEIGHTS.get(request.path, _OTHERWISE)
        if self._pools[_pool(request)].charge(_who(request), weight):
            return None
        return refusal(
            "429000", "Too many requests in a short period of time, please retry later"
        ).response

    def finish(self, request: Request, response: Response) -> None:
        """What is left of the pool, on every answer; the reset is in milliseconds."""
        pool = self._pools[_pool(request)]
        response.headers |= {
            "gw-ratelimit-limit": str(int(pool.limit)),
            "gw-ratelimit-remaining": str(max(0, int(pool.limit) - pool.used(_who(request)))),
            "gw-ratelimit-reset": str(pool.seconds_left() * 1000),
        }

    def fault(self, kind: str) -> Response | None:
        words = {
            "bad_key": ("400003", "KC-API-KEY not exists"),
            "foreign_ip": ("400006", "The requested ip address is not in the api whitelist"),
            "skew": ("400002", "Invalid KC-API-TIMESTAMP"),
            "429": ("429000", "Too many requests in a short period of time, please retry later"),
        }  # fmt: skip
        if kind not in words:
            return None
        response = refusal(*words[kind]).response
        if kind == "429":
            response.headers |= {
                "gw-ratelimit-limit": "4000",
                "gw-ratelimit-remaining": "0",
                "gw-ratelimit-reset": "1500",
            }
        return response


def _who(request: Request) -> str:
    return request.headers.get("kc-api-key", "address")


def _pool(request: Request) -> str:
    if "kc-api-key" not in request.headers:
        return "public"
    if request.host == FUTURES_HOST:
        return "futures"
    if request.path.startswith("/api/v1/earn"):
        return "earn"
    return "management" if request.path.startswith(_MANAGEMENT) else "spot"

"""Coinbase's REST interfaces that read: Advanced Trade (/api/v3/brokerage) and Coinbase App (/v2)
(docs.cdp.coinbase.com).

Limits: Advanced Trade allows 30 private requests a second per user and 10 public ones per address,
v2 10000 an hour per key; all are multiplied by the server's limit scale. Not simulated: futures
(CFM answers empty), several portfolios, writing calls.
"""

from __future__ import annotations

from typing import ClassVar

from exchange_cache.simulator.dialects.coinbase_base import claimed_key, refusal, text, v2_refusal
from exchange_cache.simulator.dialects.coinbase_brokerage import CoinbaseBrokerage
from exchange_cache.simulator.dialects.coinbase_market import CoinbaseMarket
from exchange_cache.simulator.dialects.coinbase_wallets import CoinbaseWallets
from exchange_cache.simulator.venue import Venue
from exchange_cache.simulator.wire import Request, Response, WindowCounter

_B = "/api/v3/brokerage"
_ID = "([^/]+)"
_PER_USER, _PER_ADDRESS, _V2_PER_HOUR = 30, 10, 10_000


class Coinbase(CoinbaseMarket, CoinbaseBrokerage, CoinbaseWallets):
    """All of Coinbase that reads."""

    ROUTES: ClassVar[dict[str, str]] = {
        f"GET {_B}/time": "server_time",
        f"GET {_B}/market/products": "products",
        f"GET {_B}/market/product_book": "product_book",
        f"GET {_B}/products": "private_products",
        f"GET {_B}/product_book": "private_product_book",
        f"GET {_B}/best_bid_ask": "best_bid_ask",
        f"GET {_B}/accounts": "accounts",
        f"GET {_B}/orders/historical/fills": "fills",
        f"GET {_B}/orders/historical/batch": "orders",
        f"GET {_B}/transaction_summary": "transaction_summary",
        f"GET {_B}/key_permissions": "key_permissions",
        f"GET {_B}/portfolios": "portfolios",
        f"GET {_B}/payment_methods": "payment_methods",
        f"GET {_B}/cfm/balance_summary": "futures_balance",
        f"GET {_B}/cfm/positions": "futures_positions",
        "GET /v2/time": "v2_time",
        "GET /v2/currencies": "currencies",
        "GET /v2/currencies/crypto": "crypto_currencies",
        "GET /v2/exchange-rates": "exchange_rates",
        "GET /v2/user": "v2_user",
        "GET /v2/accounts": "v2_accounts",
    }
    PATTERNS: ClassVar[tuple[tuple[str, str], ...]] = (
        (f"GET {_B}/market/products/{_ID}", "one_product"),
        (f"GET {_B}/market/products/{_ID}/candles", "candles"),
        (f"GET {_B}/market/products/{_ID}/ticker", "product_ticker"),
        (f"GET {_B}/products/{_ID}", "private_one_product"),
        (f"GET {_B}/products/{_ID}/candles", "private_candles"),
        (f"GET {_B}/products/{_ID}/ticker", "private_product_ticker"),
        (f"GET {_B}/accounts/{_ID}", "one_account"),
        (f"GET {_B}/orders/historical/{_ID}", "one_order"),
        (f"GET {_B}/portfolios/{_ID}", "portfolio"),
        (f"GET /v2/prices/{_ID}/(buy|sell|spot)", "price"),
        (f"GET /v2/accounts/{_ID}", "v2_account"),
        (f"GET /v2/accounts/{_ID}/transactions", "v2_transactions"),
        (f"GET /v2/accounts/{_ID}/transactions/{_ID}", "v2_transaction"),
        (f"GET /v2/accounts/{_ID}/deposits", "v2_deposits"),
        (f"GET /v2/accounts/{_ID}/withdrawals", "v2_withdrawals"),
        (f"GET /v2/accounts/{_ID}/(?:buys|sells)", "v2_trades"),
    )

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._user = WindowCounter(_PER_USER * limit_scale, 1.0)
        self._address = WindowCounter(_PER_ADDRESS * limit_scale, 1.0)
        self._hourly = WindowCounter(_V2_PER_HOUR * limit_scale, 3600.0)

    def limit(self, request: Request) -> Response | None:
        if self._counter(request).charge(claimed_key(request), 1):
            return None
        return _too_many(request.path.startswith("/v2/"))

    def finish(self, request: Request, response: Response) -> None:
        """What is left of the limit, on answers of Advanced Trade."""
        if request.path.startswith("/v2/"):
            return
        counter = self._counter(request)
        response.headers |= {
            "X-Ratelimit-Limit": str(int(counter.limit)),
            "X-Ratelimit-Reset": str(counter.seconds_left()),
            "X-Ratelimit-Remaining": str(
                max(0, int(counter.limit) - counter.used(claimed_key(request)))
            ),
        }

    def fault(self, kind: str) -> Response | None:
        if kind == "429":
            return _too_many(False)
        if kind in ("bad_key", "foreign_ip", "skew"):
            return text(401, "Unauthorized")
        if kind == "503":
            return refusal(503, "UNAVAILABLE", "Service unavailable").response
        return None

    def _counter(self, request: Request) -> WindowCounter:
        if request.path.startswith("/v2/"):
            return self._hourly
        return self._user if claimed_key(request) else self._address


def _too_many(v2: bool) -> Response:
    return (
        v2_refusal(429, "rate_limit_exceeded", "Too many requests").response
        if v2
        else text(429, "Too many requests")
    )

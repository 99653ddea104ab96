"""The simulated Binance asked by hand: signed requests with every part open to spoiling, and ccxt
with the venue's clock."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import requests

from exchange_cache.simulator.server import Simulator
from tests.simulator.builders import NOW_MS, ccxt_client

DAY = 86_400_000


def client(simulator: Simulator, *, with_keys_markets: bool = False, **options: Any) -> Any:
    """The real ccxt at the venue's time; without `with_keys_markets` it loads only public
    markets."""
    exchange = ccxt_client(simulator, "binance", "main")
    exchange.nonce = lambda: NOW_MS
    exchange.options["fetchOpenOrders"] = {"warnWithoutSymbol": False}
    if not with_keys_markets:
        exchange.options["fetchCurrencies"] = False
        exchange.options["fetchMargins"] = False
    exchange.options.update(options)
    return exchange


def ask(
    simulator: Simulator, path: str, method: str = "GET", key: str | None = None, **params: Any
) -> requests.Response:
    """An unsigned request; the host follows from the path."""
    host = {"fapi": "fapi.binance.com", "dapi": "dapi.binance.com"}.get(
        path.split("/")[1], "api.binance.com"
    )
    headers = {} if key is None else {"X-MBX-APIKEY": key}
    url = f"{simulator.url}/binance/{host}{path}"
    return requests.request(method, url, params=params, headers=headers, timeout=5)


def signed(
    simulator: Simulator,
    path: str,
    *,
    method: str = "GET",
    secret: str | None = None,
    key: str | None = None,
    timestamp: int | None = NOW_MS,
    **params: Any,
) -> requests.Response:
    """A signed request of account main."""
    account = simulator.venue.account("main")
    sent = {**params, **({} if timestamp is None else {"timestamp": timestamp})}
    payload = urlencode(sent)
    signature = hmac.new(
        (secret or account.secret).encode(), payload.encode(), hashlib.sha256
    ).hexdigest()
    return ask(simulator, path, method, key or account.api_key, **sent, signature=signature)


def refusal(response: requests.Response) -> tuple[int, int]:
    """HTTP status and Binance's code."""
    return response.status_code, response.json()["code"]

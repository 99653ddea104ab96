"""A Bybit world for the tests: an account with a past and, today, an order of every kind; the real
ccxt and raw requests at it."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.server import Simulator
from exchange_cache.simulator.venue import Venue
from tests.simulator.builders import NOW_MS, ccxt_client, still_venue

DAY = 86_400_000
WEEK = 7 * DAY
KEPT = 730 * DAY


def bybit_venue() -> Venue:
    """The story's account, and at this very millisecond: 127 spot fills, cancelled and open orders
    of every kind."""
    venue = still_venue(accounts={"bybit": "bybit"}, fills=1500)
    venue.trade("bybit", "BTC/USDT", "buy", Decimal("0.006"), parts=6)
    for _ in range(20):
        venue.trade("bybit", "XRP/USDT", "buy", Decimal(60), parts=6)
    venue.trade("bybit", "ETH/USDT", "buy", quote_amount=Decimal(120))
    for symbol, price in (("BTC/USDT", "20000"), ("BTC/USDT:USDT", "20000")):
        part_filled = venue.place("bybit", symbol, "buy", Decimal("0.004"), Decimal(price))
        venue.trader.fill(part_filled, Decimal("0.001"), Decimal(price), NOW_MS, maker=True)
        venue.cancel(part_filled)
        venue.cancel(venue.place("bybit", symbol, "buy", Decimal("0.002"), Decimal(price)))
    venue.place("bybit", "SOL/USDT:USDT", "buy", Decimal("1"), Decimal("20"))
    venue.place("bybit", "ETH/USDC:USDC", "buy", Decimal("0.1"), Decimal("900"))
    venue.place("bybit", "BTC/USD:BTC", "buy", Decimal("100"), Decimal("20000"))
    venue.deposit("bybit", "USDT", Decimal("250"))
    venue.deposit("bybit", "EUR", Decimal("99"))
    venue.transfer("bybit", "USDT", Decimal("200"), "funding", "unified")
    venue.withdraw("bybit", "USDT", Decimal("20"), fee=Decimal("1.5"))
    return venue


def bybit_client(simulator: Simulator) -> Any:
    """ccxt whose clock is the venue's, which stands still."""
    client = ccxt_client(simulator, "bybit", "bybit")
    client.nonce = lambda: NOW_MS
    client.load_markets()
    return client


def pages(call: Any, rows: str = "list", **params: Any) -> Iterator[list[Any]]:
    """Every page of a cursor walk, the empty one at its end included."""
    cursor: dict[str, str] = {}
    while True:
        result = call({**params, **cursor})["result"]
        yield result[rows]
        if not result["nextPageCursor"]:
            return
        cursor = {"cursor": result["nextPageCursor"]}


def everything(
    call: Any, rows: str = "list", *, span: int = WEEK, start: int = NOW_MS - KEPT, **params: Any
) -> list[Any]:
    """All rows from `start` to now: window by window, page by page."""
    found: list[Any] = []
    while start <= NOW_MS:
        end = min(start + span, NOW_MS)
        for page in pages(call, rows, startTime=start, endTime=end, **params):
            found += page
        start = end + 1
    return found


def raw(
    simulator: Simulator,
    path: str,
    query: str = "",
    *,
    key: str | None = None,
    secret: str | None = None,
    stamp: int = NOW_MS,
    window: str = "5000",
    signed: bool = True,
) -> tuple[int, Any, dict[str, str]]:
    """A request signed by hand: status, decoded body (text when it is no JSON) and headers."""
    account = simulator.venue.account("bybit")
    key, secret = key or account.api_key, secret or account.secret
    headers = {"X-BAPI-API-KEY": key, "X-BAPI-TIMESTAMP": str(stamp), "X-BAPI-RECV-WINDOW": window}
    origin = f"{stamp}{key}{window}{query}"
    headers["X-BAPI-SIGN"] = hmac.new(secret.encode(), origin.encode(), hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        f"{simulator.url}/bybit/api.bybit.com{path}{'?' if query else ''}{query}",
        headers=headers if signed else {},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            status, body, reported = answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        status, body, reported = error.code, error.read(), dict(error.headers)
    try:
        return status, json.loads(body), reported
    except ValueError:
        return status, body.decode(), reported

"""``loop.py FILE``: the portfolio by ccxt alone, one request after another: markets, balances,
prices and all fills of the symbols that are still listed, and from these a running average."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import ccxt

from exchange_cache.simulator.home import simulated_urls

PAGE = 1000


def main(file: str) -> int:
    asked = json.loads(Path(file).read_text(encoding="utf-8"))
    exchange = getattr(ccxt, asked["exchange"])(
        {"apiKey": asked["apiKey"], "secret": asked["secret"], "rateLimit": 0.1}
    )
    exchange.urls["api"] = simulated_urls(asked["exchange"], asked["port"])
    exchange.load_markets()
    balance, tickers = exchange.fetch_balance(), exchange.fetch_tickers()
    listed = [symbol for symbol in asked["symbols"] if symbol in exchange.markets]
    averages = {symbol: _average(exchange, symbol) for symbol in listed}
    worth = sum(
        total * ((tickers.get(f"{asset}/USDT") or {}).get("last") or 0)
        for asset, total in balance["total"].items()
    )
    print(json.dumps({"worth": worth, "averages": averages}))
    return 0


def _average(exchange: Any, symbol: str) -> float | None:
    """The running average of a symbol's fills, all pages of them."""
    held = defaultdict(float)
    start = 0
    while True:
        page = exchange.fetch_my_trades(symbol, None, PAGE, {"fromId": start})
        for fill in page:
            if fill["side"] == "buy":
                held["quantity"] += fill["amount"]
                held["cost"] += fill["cost"]
            elif held["quantity"]:
                part = min(1.0, fill["amount"] / held["quantity"])
                held["cost"] *= 1 - part
                held["quantity"] *= 1 - part
        if len(page) < PAGE:
            return held["cost"] / held["quantity"] if held["quantity"] else None
        start = int(page[-1]["id"]) + 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

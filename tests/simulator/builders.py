"""Builders for the simulator's tests: a venue whose clock stands still, and the real ccxt pointed
at a running simulator."""

from __future__ import annotations

from typing import Any

from exchange_cache.simulator.home import simulated_urls
from exchange_cache.simulator.server import Simulator
from exchange_cache.simulator.venue import Venue

NOW_MS = 1_790_000_000_123


def still_venue(seed: int = 1, **options: Any) -> Venue:
    return Venue(seed, now_ms=NOW_MS, clock=lambda: NOW_MS, **options)


def ccxt_client(simulator: Simulator, exchange: str, account: str) -> Any:
    """The real ccxt with the account's key, its hosts replaced by the simulator's."""
    import ccxt

    known = simulator.venue.account(account)
    client = getattr(ccxt, exchange)(
        {
            "apiKey": known.api_key,
            "secret": known.secret,
            "rateLimit": 0.01,
            "number": str,
            "enableRateLimit": False,
        }
    )
    client.urls["api"] = simulated_urls(exchange, simulator.port)
    client.timeout = 4000
    return client

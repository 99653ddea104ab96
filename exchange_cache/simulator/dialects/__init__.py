"""The dialects: each words the venue's truth as one exchange documents it. This docstring is the
author's guide.

A dialect is a subclass of `dialects.base.Dialect` in its own module:

    class Binance(Dialect):
        exchange = "binance"
        ROUTES = {"GET /api/v3/time": "time", "GET /api/v3/myTrades": "my_trades"}

        def my_trades(self, request: Request) -> Any:      # return JSON-able data or a
            wire.Response account = self._signed(request)                # verify key and signature
            yourself raise ApiError(Response(status=400, body={"code": -1102, "msg": "..."}))   #
            refuse in the exchange's words

1. Put the module here, add a line to `_MODULES` below. Big dialects split into mixins (public,
account, history).
2. `ROUTES` maps "METHOD /path" to a method name. The path starts after the host: a client that
   calls http://127.0.0.1:PORT/binance/fapi.binance.com/fapi/v1/time arrives as host
   "fapi.binance.com", path "/fapi/v1/time". Where two hosts share a path, override `handle` and
   look at `request.host`.
3. `request.raw_query` and `request.body` are the bytes that were signed; `request.headers` are
   lower-case; `request.params` is query + form. `request.now_ms` is the venue's time: use it, never
   the wall clock.
4. Ask `self.venue` (see `simulator.venue`); it answers oldest first with inclusive bounds and
   applies no retention, no page size and no window rule: those are the dialect's job, as documented
   by the exchange (`venue.oldest_served(exchange, "fills" | "orders", kind)` gives the retention).
   Decimals may be returned as they are. `self.venue.account_by_key(self.exchange, key)` finds the
   account; check `account.can_read`.
5. Applied centrally by the server, so do not write them: latency, injected faults (html200,
   empty200, truncated, timeout, reset, and the default 429/418/503), stopped exchanges, the
   vocabulary of `misbehaviour` (a dialect asks `self.venue`, which is what its exchange shows),
   the request log, JSON encoding, `bad_request` for VenueError. Hooks a dialect may override:
   `limit(request)` charges rate limits before `handle` (use `wire.DecayCounter` or
   `wire.WindowCounter`, with limits multiplied by `self.limit_scale`); `finish(request,
   response)` adds headers to every answer; `fault(kind)` words "bad_key", "skew", "429", "418",
   "503" as the exchange does; `not_found` and `bad_request`.
6. Write what the exchange documents, however awkward, never what the client under test needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange_cache.simulator.dialects.base import Dialect
    from exchange_cache.simulator.venue import Venue

_MODULES: dict[str, tuple[str, str]] = {
    "binance": ("exchange_cache.simulator.dialects.binance", "Binance"),
    "bybit": ("exchange_cache.simulator.dialects.bybit", "Bybit"),
    "coinbase": ("exchange_cache.simulator.dialects.coinbase", "Coinbase"),
    "kraken": ("exchange_cache.simulator.dialects.kraken", "Kraken"),
    "kucoin": ("exchange_cache.simulator.dialects.kucoin", "Kucoin"),
    "okx": ("exchange_cache.simulator.dialects.okx", "Okx"),
}


def known_dialects() -> tuple[str, ...]:
    return tuple(_MODULES)


def make_dialects(venues: Mapping[str, Venue], *, limit_scale: float = 1.0) -> dict[str, Dialect]:
    """A dialect for every exchange that has one, each over what its exchange shows of the venue."""
    made: dict[str, Dialect] = {}
    for exchange, venue in venues.items():
        if exchange in _MODULES:
            module, name = _MODULES[exchange]
            made[exchange] = getattr(import_module(module), name)(venue, limit_scale=limit_scale)
    return made

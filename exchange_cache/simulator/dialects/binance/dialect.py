"""The Binance dialect put together: routes, weights, and the wording of faults."""

from __future__ import annotations

from typing import ClassVar

from exchange_cache.simulator.dialects.binance.futures_archive import FuturesArchive
from exchange_cache.simulator.dialects.binance.limits import Limits
from exchange_cache.simulator.venue import Venue
from exchange_cache.simulator.wire import Request, Response


class Binance(FuturesArchive):
    """Spot, wallet, margin, USD-M and COIN-M futures of one account."""

    exchange: ClassVar[str] = "binance"
    ROUTES: ClassVar[dict[str, str]] = {
        **FuturesArchive.SPOT_MARKET_ROUTES,
        **FuturesArchive.SPOT_ACCOUNT_ROUTES,
        **FuturesArchive.WALLET_ROUTES,
        **FuturesArchive.CONVERSION_ROUTES,
        **FuturesArchive.EARN_ROUTES,
        **FuturesArchive.MARGIN_ACCOUNT_ROUTES,
        **FuturesArchive.MARGIN_HISTORY_ROUTES,
        **FuturesArchive.FUTURES_MARKET_ROUTES,
        **FuturesArchive.FUTURES_ACCOUNT_ROUTES,
        **FuturesArchive.FUTURES_HISTORY_ROUTES,
        **FuturesArchive.FUTURES_ARCHIVE_ROUTES,
    }

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self.limits = Limits(limit_scale)

    def limit(self, request: Request) -> Response | None:
        return self.limits.charge(request)

    def finish(self, request: Request, response: Response) -> None:
        response.headers.update(self.limits.header(request))

    def not_found(self, request: Request) -> Response:
        message = f"Path {request.path}, Method {request.method} is invalid"
        return Response(status=404, body={"code": -5000, "msg": message})

    def bad_request(self, message: str) -> Response:
        return Response(status=400, body={"code": -1000, "msg": message})

    def fault(self, kind: str) -> Response | None:
        now = self.venue.now()
        words = {
            "bad_key": (401, -2015, "Invalid API-key, IP, or permissions for action."),
            "foreign_ip": (
                401,
                -2015,
                "Invalid API-key, IP, or permissions for action, request ip: 127.0.0.1",
            ),
            "skew": (400, -1021, "Timestamp for this request is outside of the recvWindow."),
            "429": (
                429,
                -1003,
                "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
                "Please use WebSocket Streams for live updates to avoid polling the API.",
            ),
            "418": (
                418,
                -1003,
                f"Way too much request weight used; IP banned until {now + 120_000}. "
                "Please use WebSocket Streams for live updates to avoid bans.",
            ),
        }.get(kind)
        if words is None:
            return None
        status, code, text = words
        headers = {"429": {"Retry-After": "2"}, "418": {"Retry-After": "120"}}.get(kind, {})
        return Response(status=status, body={"code": code, "msg": text}, headers=headers)

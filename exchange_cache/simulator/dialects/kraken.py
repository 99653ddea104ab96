"""Kraken's REST interface, version 0 (docs.kraken.com/api)."""

from __future__ import annotations

from typing import Any, ClassVar

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.wire import Request


class Kraken(Dialect):
    """Spot only; every answer is {"error": [...], "result": ...} with status 200."""

    exchange: ClassVar[str] = "kraken"
    ROUTES: ClassVar[dict[str, str]] = {"GET /0/public/Time": "time"}

    def time(self, request: Request) -> Any:
        return {"error": [], "result": {"unixtime": request.now_ms // 1000}}

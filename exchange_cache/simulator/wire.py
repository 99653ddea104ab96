"""What passes between the server and a dialect: requests, responses, refusals, and counters for
rate limits.

No HTTP library here, so dialects are tested without a socket.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as the exchange would see it. `path` starts after the host:
    "/0/public/Assets".

    `raw_query` is the query string as sent (for signatures), `query` its decoded last values,
    `form` the decoded body of a form or JSON POST, `headers` have lower-case names. `now_ms` is the
    exchange's time, `ignored` names parameters that it does not heed (a fault).
    """

    exchange: str
    host: str
    method: str
    path: str
    raw_query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    now_ms: int = 0
    ignored: frozenset[str] = frozenset()

    @property
    def query(self) -> dict[str, str]:
        return self._heeded(dict(parse_qsl(self.raw_query, keep_blank_values=True)))

    @property
    def form(self) -> dict[str, Any]:
        """The decoded body; empty when there is none or it is neither a form nor a JSON object."""
        if self.body[:1] == b"{":
            try:
                decoded = json.loads(self.body)
            except ValueError:
                return {}
            return self._heeded(decoded) if isinstance(decoded, dict) else {}
        form = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return self._heeded(dict(form))

    def _heeded(self, params: dict[str, T]) -> dict[str, T]:
        return {key: value for key, value in params.items() if key not in self.ignored}

    @property
    def params(self) -> dict[str, Any]:
        """Query and body together, the body winning."""
        return {**self.query, **self.form}


@dataclass(slots=True, kw_only=True)
class Response:
    """`body` is sent as JSON unless it is bytes. Decimals become plain-notation strings."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(
            self.body, default=_plain, ensure_ascii=False, separators=(",", ":")
        ).encode()


class ApiError(Exception):
    """Raised by a dialect's handler to refuse a request with the exchange's own words."""

    def __init__(self, response: Response) -> None:
        super().__init__(str(response.body))
        self.response = response


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"not JSON: {value!r}")


class DecayCounter:
    """A counter that calls raise and time lowers (kraken): refuse while above `limit`."""

    def __init__(
        self, limit: float, decay_per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit, self._decay, self._clock = limit, decay_per_second, clock
        self._state: dict[str, tuple[float, float]] = {}

    def charge(self, who: str, cost: float) -> bool:
        """Add `cost`; False when that would exceed the limit."""
        now = self._clock()
        count, since = self._state.get(who, (0.0, now))
        count = max(0.0, count - (now - since) * self._decay) + cost
        self._state[who] = (min(count, self.limit + cost), now)
        return count <= self.limit


class WindowCounter:
    """Weight used per fixed window (binance: per minute). `used` after `charge` tells how much."""

    def __init__(
        self, limit: float, window_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit, self.window, self._clock = limit, window_seconds, clock
        self._state: dict[str, tuple[int, float]] = {}

    def charge(self, who: str, cost: float) -> bool:
        """Add `cost` to the current window; False when it is over the limit."""
        window = int(self._clock() / self.window)
        known, used = self._state.get(who, (window, 0.0))
        used = cost if known != window else used + cost
        self._state[who] = (window, used)
        return used <= self.limit

    def used(self, who: str) -> int:
        return int(self._state.get(who, (0, 0.0))[1])

    def seconds_left(self) -> int:
        """Whole seconds until the window ends, at least one."""
        return max(1, int(self.window - self._clock() % self.window))

"""What the simulated exchanges answer: latency, faults, stopped exchanges and the request log, for
all dialects alike."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from exchange_cache.simulator.archives import FileHost
from exchange_cache.simulator.dialects import make_dialects
from exchange_cache.simulator.faults import SPOILING, Faults, plain_fault
from exchange_cache.simulator.misbehaviour import (
    KeyRefused,
    Misbehaviour,
    Refusal,
    TooManyRequests,
)
from exchange_cache.simulator.shown import Shown
from exchange_cache.simulator.venue import Venue
from exchange_cache.simulator.wire import Request, Response


class Logged(NamedTuple):
    """One request in the log."""

    exchange: str
    method: str
    path: str
    params: dict[str, Any]


class Simulation:
    """A venue behind its dialects."""

    def __init__(self, venue: Venue, *, limit_scale: float, latency_ms: float) -> None:
        self.venue = venue
        self.faults = Faults()
        self.shown = {name: Shown(venue, name, self.faults.active) for name in venue.exchanges()}
        self.dialects = make_dialects(self.shown, limit_scale=limit_scale)
        self.files = FileHost()
        for dialect in self.dialects.values():
            dialect.files = self.files
        self.requests: deque[Logged] = deque(maxlen=50_000)
        self.latency = latency_ms / 1000
        self.in_flight: Counter[str] = Counter()  # requests that wait for their answer
        self.most_in_flight: Counter[str] = Counter()
        self.limited: Counter[str] = Counter()  # refusals because a limit was exceeded
        self._stopped: dict[str, str] = {}

    def set_latency(self, milliseconds: float) -> None:
        self.latency = milliseconds / 1000

    def stop_exchange(self, exchange: str, how: str = "close") -> None:
        """Until `start_exchange`: how="close" drops every connection, "503" answers so."""
        self._stopped[exchange] = how

    def start_exchange(self, exchange: str) -> None:
        self._stopped.pop(exchange, None)

    def fault(
        self,
        exchange: str,
        path: str,
        times: int,
        kind: str,
        *,
        after: int = 0,
        signed: bool = False,
    ) -> None:
        """The next `times` requests whose path contains `path` meet a fault (see faults.KINDS),
        `after` so many that go well.

        `signed`: only those that carry a key. A key that is refused from the 31st private request
        on: after=30, signed=True.
        """
        self.faults.add(exchange, path, times, kind, after=after, signed=signed)

    def inflict(self, *faults: Misbehaviour) -> None:
        """Switch faults on, until `faults.clear()`."""
        for fault in faults:
            if isinstance(fault, KeyRefused | TooManyRequests):
                fault = fault.refusal()
            if isinstance(fault, Refusal):
                where = (fault.exchange, fault.path, fault.times, fault.kind)
                self.faults.add(*where, after=fault.after, signed=fault.signed)
            else:
                self.faults.switch_on(fault)

    def now(self, exchange: str) -> int:
        """The exchange's time in milliseconds UTC."""
        shown = self.shown.get(exchange)
        return self.venue.now() if shown is None else shown.now()

    def calls(self, exchange: str | None = None, path: str = "") -> list[Logged]:
        """Logged requests of an exchange whose path contains `path`."""
        return [r for r in list(self.requests) if exchange in (None, r.exchange) and path in r.path]

    @contextmanager
    def flying(self, exchange: str) -> Iterator[None]:
        """Count a request as in flight."""
        self.in_flight[exchange] += 1
        self.most_in_flight[exchange] = max(self.most_in_flight[exchange], self.in_flight[exchange])
        try:
            yield
        finally:
            self.in_flight[exchange] -= 1

    def outcome(self, request: Request) -> Response | str | None:
        """A response; "timeout" to keep silent; None to drop the connection."""
        dialect = self.dialects.get(request.exchange)
        if dialect is None:
            return Response(
                status=404, body={"error": f"no exchange {request.exchange!r} is simulated"}
            )
        stopped = self._stopped.get(request.exchange)
        if stopped is not None:
            return (dialect.fault("503") or plain_fault("503")) if stopped == "503" else None
        kind = self.faults.take(request)
        if kind in ("timeout", "reset"):
            return "timeout" if kind == "timeout" else None
        if kind is not None and kind not in SPOILING:
            return dialect.fault(kind) or plain_fault(kind)
        with self.venue.lock:
            heard = self.faults.heard(request)
            refusal = dialect.limit(heard)
            self.limited[request.exchange] += refusal is not None
            response = refusal or dialect.handle(heard)
            dialect.finish(request, response)
        return self.faults.spoil(kind, request, response)

"""Faults on demand: what a test or a demo asks the server to do wrong, to whom and how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from exchange_cache.simulator.wire import Request, Response

KINDS = (
    "html200", "empty200", "truncated", "503", "429", "418", "timeout", "reset", "bad_key", "skew",
)  # fmt: skip
_HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


@dataclass(slots=True)
class Fault:
    """`times` answers of `exchange` whose path contains `path` go wrong in the way of `kind`."""

    exchange: str
    path: str
    times: int
    kind: str


class Faults:
    """The faults still to come; safe to change from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, exchange: str, path: str, times: int, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}, known: {', '.join(KINDS)}")
        with self._lock:
            self._waiting.append(Fault(exchange, path, times, kind))

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, request: Request) -> str | None:
        """The kind of fault this request meets, counting it off; None when all is well."""
        if not self._waiting:
            return None
        with self._lock:
            for fault in self._waiting:
                if fault.exchange == request.exchange and fault.path in request.path:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault.kind
        return None


def plain_fault(kind: str) -> Response:
    """How a fault looks when the exchange has no words of its own for it."""
    html = {"Content-Type": "text/html"}
    if kind == "html200":
        return Response(body=_HTML, headers=html)
    if kind == "empty200":
        return Response(body=b"")
    if kind in ("429", "418"):
        return Response(status=int(kind), body={"msg": "Too many requests"}, headers={"Retry-After": "2"})
    if kind == "503":
        return Response(status=503, body=b"<html><body>Service Unavailable</body></html>", headers=html)
    return Response(status=401, body={"msg": kind})

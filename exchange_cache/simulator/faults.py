"""Faults on demand: what a test or a demo asks the server to do wrong, to whom and how often."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from exchange_cache.simulator.lists import Walks, spoilt
from exchange_cache.simulator.misbehaviour import FilterIgnored, LoopingCursor, PageFault
from exchange_cache.simulator.wire import Request, Response

KINDS = (
    "html200",
    "empty200",
    "truncated",
    "badrow",
    "repeat",
    "500",
    "502",
    "503",
    "429",
    "418",
    "timeout",
    "reset",
    "bad_key",
    "foreign_ip",
    "403",
    "skew",
)
#: Headers in which the simulated exchanges take the key; a public request carries none of them.
_KEY_HEADERS = frozenset(
    {"x-mbx-apikey", "x-bapi-api-key", "api-key", "ok-access-key", "authorization", "kc-api-key"}
)
#: Faults that spoil the true answer, rather than take its place.
SPOILING = frozenset({"truncated", "badrow", "repeat"})
#: What tells one page of a walk from the next, and one sending of a request from another.
_PAGE_WORDS = frozenset(
    {
        "cursor",
        "ofs",
        "after",
        "fromId",
        "lastId",
        "currentPage",
        "current",
        "page",
        "starting_after",
        "nonce",
        "timestamp",
        "signature",
        "recvWindow",
    }
)
#: Those that differ from one sending of a request to another.
_SENDING = frozenset({"nonce", "timestamp", "signature", "recvWindow"})
Walk = tuple[object, ...]
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_HTML = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your"
    b" browser</body></html>"
)


@dataclass(slots=True)
class Fault:
    """`times` answers of `exchange` whose path contains `path` go wrong in the way of `kind`, once
    `after` went well.

    `signed`: only requests that carry a key count.
    """

    exchange: str
    path: str
    times: int
    kind: str
    after: int = 0
    signed: bool = False

    def concerns(self, request: Request) -> bool:
        carries_key = not _KEY_HEADERS.isdisjoint(request.headers)
        return (
            self.exchange == request.exchange
            and self.path in request.path
            and (carries_key or not self.signed)
        )


class Faults:
    """The faults still to come; safe to change from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._answers: dict[tuple[object, ...], Response] = {}
        self._active: tuple[object, ...] = ()
        self._walks = Walks()
        self._left: dict[object, int] = {}
        self.hits: Counter[object] = Counter()

    def active(self) -> tuple[object, ...]:
        """The faults of pages, rows, clocks and markets that are switched on."""
        return self._active

    def switch_on(self, fault: Hashable) -> None:
        """A fault of `misbehaviour`, until `clear`; a page fault is over after its `times`."""
        with self._lock:
            self._active = (*self._active, fault)
            if isinstance(fault, PageFault):
                self._left[fault] = fault.times

    def heard(self, request: Request) -> Request:
        """The request without the parameters that the exchange does not heed."""
        for fault in self._active:
            if isinstance(fault, FilterIgnored) and _meets(fault, request):
                ignored = {name for name in fault.names if name in request.params}
                self.hits[fault] += len(ignored)
                request = replace(request, ignored=request.ignored | ignored)
        return request

    def add(
        self,
        exchange: str,
        path: str,
        times: int,
        kind: str,
        *,
        after: int = 0,
        signed: bool = False,
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}, known: {', '.join(KINDS)}")
        with self._lock:
            self._waiting.append(Fault(exchange, path, times, kind, after, signed))

    def waiting(self) -> tuple[Fault, ...]:
        """The faults that did not come yet, or may come again."""
        return tuple(self._waiting)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._answers.clear()
            self._walks.clear()
            self._active = ()

    def take(self, request: Request) -> str | None:
        """The kind of fault this request meets, counting it off; None when all is well."""
        if not self._waiting:
            return None
        with self._lock:
            for fault in self._waiting:
                if fault.concerns(request):
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault.kind
        return None

    def spoil(self, kind: str | None, request: Request, response: Response) -> Response:
        """The true answer, or what a fault makes of it: half of it, one unreadable row in it, the
        page before it once more."""
        asked = sorted(
            (key, str(value))
            for key, value in request.params.items()
            if not _names_a_page(key, value)
        )
        walk = (request.exchange, request.path, *asked)
        response = self._page(request, response)
        before = self._answers.get(walk, response)
        self._answers[walk] = response
        if kind == "repeat":
            return before
        if kind == "badrow":
            return _with_a_bad_row(response)
        if kind == "truncated":
            payload = response.payload()
            return Response(
                status=response.status, body=payload[: len(payload) // 2], headers=response.headers
            )
        return response

    def _page(self, request: Request, response: Response) -> Response:
        """The answer as the page faults make it that are switched on."""
        faults = [f for f in self._active if isinstance(f, PageFault) and _meets(f, request)]
        if not faults or response.status != 200:
            return response
        walks, page = _place_of(request)
        end_ms = _end_ms(request)
        began = None if end_ms is None else self._walks.begun(walks, end_ms)
        walk = (*walks, began)
        number = self._walks.number(walk, page)
        for fault in faults:
            if isinstance(fault, LoopingCursor):
                earlier = self._walks.before(walk, number, response)
                self.hits[fault] += earlier is not response
                response = earlier
            elif number == fault.page and self._left[fault] > 0:
                changed = spoilt(fault, request, response)
                if changed is not None:
                    self.hits[fault] += 1
                    self._left[fault] -= 1
                    response = changed
        if began is not None and isinstance(response.body, dict):
            self._walks.reached(walks, began, response.body.get("data") or [])
        return response


def _meets(fault: PageFault | FilterIgnored, request: Request) -> bool:
    return fault.exchange == request.exchange and fault.path in request.path


def _place_of(request: Request) -> tuple[Walk, Walk]:
    """The walk that a request belongs to, and its page there. Where a page goes on by time, walks
    differ in where they began, too."""
    by_time = _end_ms(request) is not None
    walk: list[object] = [request.exchange, request.path]
    page: list[object] = []
    for key, value in sorted(request.params.items()):
        if key not in _SENDING:
            turns = _names_a_page(key, value) or (by_time and key == "after")
            (page if turns else walk).append((key, str(value)))
    return tuple(walk), tuple(page)


def _end_ms(request: Request) -> int | None:
    """The time before which rows are asked, where a page goes on `after` the time of the last row:
    below OKX's /asset/."""
    end = str(request.params.get("after", ""))
    return int(end) if "/asset/" in request.path and end.isdigit() else None


def _names_a_page(key: str, value: object) -> bool:
    """Whether a parameter differs from page to page; at okx the same word bounds a window by time
    elsewhere."""
    return key in _PAGE_WORDS and not (key == "after" and re.fullmatch(r"1\d{12}", str(value)))


def _with_a_bad_row(response: Response) -> Response:
    """The last row of the longest list has "?" for every figure."""
    try:
        body = json.loads(response.payload())
    except ValueError:
        return response
    rows = max(_row_lists(body), key=len, default=[])
    if rows:
        for key, value in rows[-1].items():
            if isinstance(value, int | float) or (
                isinstance(value, str) and _NUMBER.fullmatch(value)
            ):
                rows[-1][key] = "?"
    return Response(status=response.status, body=body, headers=response.headers)


def _row_lists(node: Any) -> Iterator[list[dict[str, Any]]]:
    """Lists of rows anywhere in an answer; a mapping of rows by id is one, too."""
    inner = (
        list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    )
    if inner and all(isinstance(item, dict) for item in inner):
        yield inner
    for item in inner:
        yield from _row_lists(item)


def plain_fault(kind: str) -> Response:
    """How a fault looks when the exchange has no words of its own for it."""
    html = {"Content-Type": "text/html"}
    if kind == "html200":
        return Response(body=_HTML, headers=html)
    if kind == "empty200":
        return Response(body=b"")
    if kind in ("429", "418"):
        return Response(
            status=int(kind), body={"msg": "Too many requests"}, headers={"Retry-After": "2"}
        )
    if kind in ("500", "502", "503"):
        return Response(
            status=int(kind), body=b"<html><body>Service Unavailable</body></html>", headers=html
        )
    if kind == "403":
        return Response(status=403, body=b"<html><body>Forbidden</body></html>", headers=html)
    return Response(status=401, body={"msg": kind})

"""Where each exchange keeps the rows, totals and cursors of its lists, and how page faults spoil
them.

Sources: the documentation that each dialect names. Locations are tried in order, "" is the answer
itself; a mapping of rows by id (Kraken) counts as a list.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from exchange_cache.simulator.misbehaviour import (
    EmptyPage,
    NullList,
    PageFault,
    WrongTotal,
)
from exchange_cache.simulator.wire import Request, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How the lists of one exchange are spelt."""

    rows: tuple[str, ...]
    totals: tuple[str, ...] = ()


SPELLINGS = {
    "binance": Spelling(rows=("", "rows", "data", "list"), totals=("total",)),
    "bybit": Spelling(rows=("result.list", "result.rows", "result.orderBody")),
    "coinbase": Spelling(rows=("fills", "orders", "accounts", "data")),
    "kraken": Spelling(
        rows=("result.trades", "result.closed", "result.ledger"), totals=("result.count",)
    ),
    "kucoin": Spelling(
        rows=("data.items", "data.dataList", "data"), totals=("data.totalNum", "data.totalPage")
    ),
    "okx": Spelling(rows=("data",)),
}


class Walks:
    """The pages that clients walked: their numbers and answers."""

    def __init__(self) -> None:
        self._pages: dict[tuple[object, ...], dict[tuple[object, ...], int]] = {}
        self._answers: dict[tuple[object, ...], dict[int, Response]] = {}
        self._edges: dict[tuple[object, ...], dict[int, int]] = {}

    def number(self, walk: tuple[object, ...], page: tuple[object, ...]) -> int:
        """The number of a page in its walk, from 1; a page asked again keeps its number."""
        pages = self._pages.setdefault(walk, {})
        return pages.setdefault(page, len(pages) + 1)

    def begun(self, walks: tuple[object, ...], end_ms: int) -> int:
        """Where the walk backward in time began that goes on at ``end_ms``: just behind the oldest
        row of a page of it. Otherwise it begins there."""
        for edge, began in self._edges.get(walks, {}).items():
            if 0 <= end_ms - edge <= 1_000:
                return began
        return end_ms

    def reached(self, walks: tuple[object, ...], began: int, rows: list[dict[str, Any]]) -> None:
        """A page of the walk that began there had these rows."""
        times = [int(row["ts"]) for row in rows if "ts" in row]
        if times:
            self._edges.setdefault(walks, {})[min(times)] = began

    def before(self, walk: tuple[object, ...], number: int, answer: Response) -> Response:
        """The answer of two pages before; keeps this one."""
        answers = self._answers.setdefault(walk, {})
        found = answers.get(number - 2, answer)
        answers[number] = found
        return found

    def clear(self) -> None:
        self._pages.clear()
        self._answers.clear()
        self._edges.clear()


def spoilt(fault: PageFault, request: Request, response: Response) -> Response | None:
    """The answer as a fault makes it; None where it has no such rows or total."""
    spelling = SPELLINGS[request.exchange]
    try:
        body = json.loads(response.payload())
    except ValueError:
        return None
    if isinstance(fault, WrongTotal):
        found = [_changed(body, place, fault.by) for place in spelling.totals]
        return _answer(response, body) if any(found) else None
    empty = isinstance(fault, EmptyPage)
    if not empty and not isinstance(fault, NullList):
        raise TypeError(f"{type(fault).__name__} is no fault of one page")
    for place in spelling.rows:
        rows = _found(body, place)
        if isinstance(rows, list) or (isinstance(rows, dict) and place):
            if not rows:
                return None
            value = type(rows)() if empty else None
            return _answer(response, value if place == "" else _put(body, place, value))
    return None


def _answer(response: Response, body: Any) -> Response:
    return Response(body=body, status=response.status, headers=response.headers)


def _found(body: Any, place: str) -> Any:
    for word in place.split(".") if place else ():
        if not isinstance(body, dict):
            return None
        body = body.get(word)
    return body


def _put(body: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    *outer, last = place.split(".")
    node = body
    for word in outer:
        node = node[word]
    node[last] = value
    return body


def _changed(body: Any, place: str, by: int) -> bool:
    """Whether there is a total, now raised."""
    total = _found(body, place)
    if isinstance(total, bool) or not isinstance(total, int | str) or not str(total).isdigit():
        return False
    _put(body, place, type(total)(int(total) + by))
    return True

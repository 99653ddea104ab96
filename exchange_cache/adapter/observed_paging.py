"""The walk over an exchange that nobody reviewed, by what was observed of it: pure functions.

A window is walked forward from the last row's time and backward from the first one's, in the
directions that the exchange follows, until a page brings nothing new. Each request asks a second
more than it needs, since exchanges differ in whether an edge is inside; where that second alone
fills a page, the edge itself is asked. Rows are recognised by what they say, so those without an id
are, too.

A page that shows something else than what was observed is a contradiction: what it holds is kept,
nothing is covered by it, and the exchange is observed again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from exchange_cache.adapter.paging_rules import CLOSE_MS, ObservedPaging, TimeBounds
from exchange_cache.adapter.paths import RowsMissing
from exchange_cache.ledger.coverage import Span

Structure = Mapping[str, Any]
Cursor = Mapping[str, Any]

_SAID = ("timestamp", "symbol", "order", "side", "price", "amount", "cost", "takerOrMaker", "type")
FORWARD, BACKWARD = "forward", "backward"
#: What a page shows where ids were unique before.
REPEATED_IDS = "rows that differ have one id"


class Stamped(NamedTuple):
    """A row as the walk sees it."""

    time_ms: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What follows a page. ``cut_ms``: nothing before this time is proven by the walk."""

    next: dict[str, Any] | None = None
    cut_ms: int | None = None


# --- rows -----------------------------------------------------------------------------------------


def stamped(rows: Sequence[Structure]) -> list[Stamped]:
    """When each row was, and what distinguishes it; RowsMissing where one has no time."""
    found, seen = [], Counter[str]()
    for row in rows:
        time = row.get("timestamp")
        if time is None:
            raise RowsMissing("a row has no time")
        name = f"{row.get('id') or ''}:{_digest(row)}"
        seen[name] += 1
        found.append(Stamped(int(time), f"{name}:{seen[name]}"))
    return found


def repeats_ids(rows: Sequence[Structure]) -> bool:
    """Whether rows that differ have one id."""
    known: dict[str, str] = {}
    return any(
        known.setdefault(str(row["id"]), said) != said
        for row in rows
        if row.get("id") not in (None, "")
        for said in [_digest(row)]
    )


def _digest(row: Structure) -> str:
    said = [str(row.get(name)) for name in _SAID]
    fee = row.get("fee")
    said += [str(fee.get("cost")), str(fee.get("currency"))] if isinstance(fee, Mapping) else []
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


# --- before the request ---------------------------------------------------------------------------


def edge_params(cursor: Cursor, bounds: TimeBounds) -> dict[str, Any]:
    """Where the page at ``cursor`` begins or ends; goes over the parameters of the window."""
    if "time" not in cursor:
        return {}
    edge, near = int(cursor["time"]), 0 if cursor.get("exact") else CLOSE_MS
    if cursor["way"] == FORWARD:
        return {} if bounds.start is None else {bounds.start: edge - near}
    return {} if bounds.end is None else {bounds.end: edge + near}


# --- after the request ----------------------------------------------------------------------------


def step(
    paging: ObservedPaging, cursor: Cursor, rows: Sequence[Stamped], window: Span | None
) -> Step:
    """What follows this page. RowsMissing where one instant holds more rows than a page."""
    if "time" not in cursor:
        return _first(paging, rows)
    way = str(cursor["way"])
    known = {str(name) for name in cursor["ids"]}
    fresh = [row for row in rows if row.name not in known]
    edge = int(cursor["time"])
    if fresh and not _passed(way, fresh, edge, window):
        return Step(next=_onward(cursor, way, rows, known, fresh))
    full = len(rows) >= int(cursor["most"])
    if not fresh and rows and full and not cursor.get("exact"):
        return Step(next={**cursor, "exact": 1})
    one_instant = len(rows) > 1 and all(row.time_ms == edge for row in rows)
    if not fresh and full and one_instant and _is_full(paging, len(rows), cursor):
        raise RowsMissing(f"more rows at {edge} than a page of {len(rows)} can hold")
    return _ended(paging, cursor, way)


def _first(paging: ObservedPaging, rows: Sequence[Stamped]) -> Step:
    if not rows:
        return Step()
    low, high = min(rows).time_ms, max(rows).time_ms
    if paging.forward:
        cursor = _at(FORWARD, high, rows, most=len(rows))
        cursor |= {"low": low, "low_ids": _near(rows, low)}
        return Step(next=cursor)
    if paging.backward:
        return Step(next=_at(BACKWARD, low, rows, most=len(rows)))
    if not may_be_full(paging, len(rows)):
        return Step()
    return Step(cut_ms=high + 1 if paging.order == "oldest first" else low)


def _onward(
    cursor: Cursor,
    way: str,
    rows: Sequence[Stamped],
    known: set[str],
    fresh: Sequence[Stamped],
) -> dict[str, Any]:
    """On from the furthest row; at the same one, with all that is known there."""
    times = [row.time_ms for row in fresh]
    edge = int(cursor["time"])
    reached = max(edge, *times) if way == FORWARD else min(edge, *times)
    following = _at(way, reached, rows, most=max(int(cursor["most"]), len(rows)))
    if abs(reached - edge) <= CLOSE_MS:
        following["ids"] = sorted(known | set(following["ids"]))
    kept = {name: cursor[name] for name in ("low", "low_ids") if name in cursor}
    return {**following, **kept, "full": int(cursor["most"])}


def _ended(paging: ObservedPaging, cursor: Cursor, way: str) -> Step:
    """The end of a direction: the other one follows, or the walk is over."""
    if way == BACKWARD:
        return Step()
    if paging.backward:
        most = int(cursor["most"])
        return Step(
            next={
                "way": BACKWARD,
                "time": cursor["low"],
                "ids": cursor["low_ids"],
                "most": most,
            }
        )
    one_page = "full" not in cursor
    doubtful = paging.order != "oldest first" and one_page
    if doubtful and may_be_full(paging, int(cursor["most"])):
        return Step(cut_ms=int(cursor["low"]))
    return Step()


def _passed(way: str, fresh: Sequence[Stamped], edge: int, window: Span | None) -> bool:
    """Whether the walk has left its window: rows beyond it are true, but others may be missing
    among them."""
    if window is None:
        return False
    if way == FORWARD:
        return edge >= window.end_ms
    return edge < window.start_ms


def may_be_full(paging: ObservedPaging, rows: int) -> bool:
    """Whether a page may have left rows out: it is as long as asked, as one that was full, or a
    round number, as caps are."""
    if paging.asked is not None and rows >= paging.asked:
        return True
    if paging.cap is not None:
        return rows >= paging.cap
    return rows >= 10 and rows % 5 == 0


def _is_full(paging: ObservedPaging, rows: int, cursor: Cursor) -> bool:
    """Whether a page is as long as one that other rows followed."""
    full = cursor.get("full")
    return may_be_full(paging, rows) if full is None else rows >= int(full)


def _at(way: str, edge: int, rows: Sequence[Stamped], *, most: int) -> dict[str, Any]:
    return {"way": way, "time": edge, "ids": _near(rows, edge), "most": most}


def _near(rows: Sequence[Stamped], edge: int) -> list[str]:
    """What is known where the next page begins."""
    return sorted(row.name for row in rows if abs(row.time_ms - edge) <= 2 * CLOSE_MS)


def contradiction(
    cursor: Cursor, rows: Sequence[Stamped], window: Span | None, bounds: TimeBounds
) -> str | None:
    """What rows show against a start or an end that was seen to be honoured."""
    start = window.start_ms if window is not None else None
    end = window.end_ms if window is not None else None
    if cursor.get("way") == FORWARD:
        start = int(cursor["time"]) - CLOSE_MS
    elif cursor.get("way") == BACKWARD:
        end = int(cursor["time"]) + CLOSE_MS
    times = [row.time_ms for row in rows]
    if bounds.start is not None and start is not None and min(times, default=start) < start - 1000:
        return f"rows before the start that was asked ({start})"
    if bounds.end is not None and end is not None and max(times, default=end) > end + 1000:
        return f"rows after the end that was asked ({end})"
    return None

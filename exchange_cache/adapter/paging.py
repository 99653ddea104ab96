"""Pure functions from a paging rule, a cursor and an answer to the next cursor.

A cursor is a small mapping for JSON, so that another process can continue a walk. A page that is
shorter than the requested limit never ends a walk: exchanges cap pages at will. The adapter calls
``page_params`` before a request and ``turn`` after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from exchange_cache.adapter import contradictions, observed_paging
from exchange_cache.adapter.contradictions import NO_CURSOR, behind, digest, is_full, is_repeated
from exchange_cache.adapter.id_order import furthest, ids_of, is_further, later
from exchange_cache.adapter.paging_rules import (
    CursorPaging,
    IdPaging,
    NumberPaging,
    ObservedPaging,
    OffsetPaging,
    OnePage,
    Paging,
    TimeBounds,
    TimePaging,
)
from exchange_cache.adapter.paths import (
    RowsMissing as RowsMissing,
    dig as dig,
    dig_or_none as dig_or_none,
    rows_of as rows_of,
)
from exchange_cache.adapter.time_paging import after_time, edge_ms, time_params
from exchange_cache.adapter.time_units import (
    row_ms as row_ms,
    window_params as window_params,
)
from exchange_cache.ledger.coverage import Span

Row = Mapping[str, Any]
Cursor = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What follows a page: the next cursor (None: the window is exhausted), whether the window must
    be halved, the last id.

    ``again``: the page repeats the one before it, or is empty but names a next one. The cursor then
    requests it once more and its rows are ignored. A second identical answer is the end.
    ``cut_ms``: the window proves no coverage before this time.
    """

    next: dict[str, Any] | None = None
    too_full: bool = False
    last_id: str | None = None
    again: bool = False
    cut_ms: int | None = None


# --- before the request ---------------------------------------------------------------------------


def page_params(paging: Paging, cursor: Cursor, bounds: TimeBounds) -> dict[str, Any]:
    """The parameters of the page at ``cursor``; they override those of the window."""
    match paging:
        case OnePage():
            return {}
        case CursorPaging():
            return {paging.param: cursor["cursor"]} if cursor.get("cursor") else {}
        case OffsetPaging():
            return {paging.param: cursor["offset"]} if cursor.get("offset") else {}
        case NumberPaging():
            return {paging.param: cursor.get("page", paging.first)}
        case IdPaging():
            return _id_params(paging, cursor)
        case TimePaging():
            return time_params(paging, cursor, bounds)
        case ObservedPaging():
            return observed_paging.edge_params(cursor, bounds)


def _seen(cursor: Cursor) -> Any:
    """The last id read: of the page before, or of an earlier walk (``{"last_id": …}``)."""
    return cursor.get("id", cursor.get("last_id"))


def _id_params(paging: IdPaging, cursor: Cursor) -> dict[str, Any]:
    seen = _seen(cursor)
    if seen is None:
        return {} if paging.start is None else {paging.param: paging.start}
    if paging.step and str(seen).isdigit():
        return {paging.param: str(int(seen) + paging.step)}
    return {paging.param: str(seen)}


# --- after the request ----------------------------------------------------------------------------


def turn(
    paging: Paging,
    cursor: Cursor,
    rows: Sequence[Any],
    response: Any,
    page_size: int | None,
    window: Span | None = None,
) -> Turn:
    """What follows this page. RowsMissing where the page contradicts the exchange's own words, or
    where rows behind it are out of reach."""
    if isinstance(paging, ObservedPaging):
        step = observed_paging.step(paging, cursor, observed_paging.stamped(rows), window)
        return Turn(next=step.next, cut_ms=step.cut_ms)
    contradictions.check_page(paging, cursor, rows, response, page_size)
    if int(cursor.get("again", 0)) < 2:
        doubtful = _asked_again(paging, cursor, rows, response)
        if doubtful is not None:
            return Turn(next=doubtful, again=True)
    if window and rows and _left_behind(paging, rows[-1], window):
        return Turn()
    made = _following(paging, cursor, rows, response, page_size)
    if made.next is None:
        if not made.too_full:
            contradictions.check_end(paging, response)
        return made
    if window is not None and _is_behind(paging, made.next, window):
        return Turn()
    noted = {"full": 1} if is_full(rows, page_size) else {}
    noted |= {"more": 1} if contradictions.states_more(paging, response) else {}
    return replace(made, next={**made.next, **noted})


def _following(
    paging: Paging, cursor: Cursor, rows: Sequence[Any], response: Any, page_size: int | None
) -> Turn:
    """The turn of each kind of paging after a page that is neither odd nor behind its window."""
    match paging:
        case OnePage():
            left_out = contradictions.states_more(paging, response)
            return Turn(too_full=left_out or is_full(rows, page_size))
        case CursorPaging():
            return Turn(next=_after_cursor(paging, cursor, rows, response))
        case OffsetPaging():
            following = _after_offset(paging, cursor, rows, response)
            return _within(paging.reach, following, 0 if following is None else following["offset"])
        case NumberPaging():
            following = _after_number(paging, cursor, rows, response)
            return _within(
                paging.reach,
                following,
                0 if following is None else (following["page"] - paging.first) * (page_size or 0),
            )
        case IdPaging():
            return _after_id(paging, cursor, rows)
        case TimePaging():
            return Turn(next=after_time(paging, cursor, rows, page_size))
        case ObservedPaging():
            raise TypeError("what was observed decides over a page")


def _asked_again(
    paging: Paging, cursor: Cursor, rows: Sequence[Any], response: Any
) -> dict[str, Any] | None:
    """Where to request an odd page again before it counts as the end: a page that has room and
    repeats the one before, a page that is empty too early."""
    asked = int(cursor.get("again", 0))
    if not rows:
        return _asked_empty(paging, cursor, response, asked)
    if asked:
        return None
    again = {**cursor, "again": 1}
    match paging:
        case OffsetPaging() | NumberPaging() if is_repeated(cursor, rows):
            return again
        case IdPaging(backward=True) if "id" in cursor and len(rows) > 1:
            ids = ids_of(rows, paging.field)
            return again if ids and furthest(ids, backward=True) == str(cursor["id"]) else None
        case IdPaging(backward=False, step=step) if step and _seen(cursor) is not None:
            reached = _after_id(paging, cursor, rows)
            return again if reached.next is None else None  # behind what was seen, all is new
    return None


def _asked_empty(
    paging: Paging, cursor: Cursor, response: Any, asked: int
) -> dict[str, Any] | None:
    """An empty page is requested again where the page before was full, or where it names a next
    page. That one is requested then: some exchanges name one even behind the last row."""
    following = (
        str(named)
        if isinstance(paging, CursorPaging)
        and cursor.get("cursor")
        and (named := dig_or_none(response, paging.path)) not in NO_CURSOR
        and not contradictions.was_passed(cursor, "cursor", str(named))
        else None
    )
    if not asked and (following or cursor.get("full")):
        return {**cursor, "again": 1}
    if asked == 1 and following:
        return {**cursor, "cursor": following, **behind(cursor, "cursor"), "again": 2}
    return None


def _after_cursor(
    paging: CursorPaging, cursor: Cursor, rows: Sequence[Any], response: Any
) -> dict[str, Any] | None:
    following = dig_or_none(response, paging.path)
    if not rows or following in NO_CURSOR:
        return None
    return {"cursor": str(following), **behind(cursor, "cursor"), "digest": digest(rows)}


def _left_behind(paging: Paging, last: Any, window: Span) -> bool:
    """Whether a newest-first walk without a start parameter has passed the beginning of its
    window."""
    if isinstance(paging, OnePage | TimePaging | ObservedPaging) or paging.stop_field is None:
        return False
    return row_ms(last, paging.stop_field, paging.stop_unit) < window.start_ms


def _is_behind(paging: Paging, following: Cursor, window: Span) -> bool:
    """Whether a backward walk by time goes on behind the beginning of its window."""
    return (
        isinstance(paging, TimePaging)
        and paging.backward
        and edge_ms(paging, following) < window.start_ms
    )


def _after_offset(
    paging: OffsetPaging, cursor: Cursor, rows: Sequence[Any], response: Any
) -> dict[str, Any] | None:
    passed = int(cursor.get("offset", 0)) + len(rows)
    if not rows or _all_passed(paging.total, response, passed):
        return None
    return None if is_repeated(cursor, rows) else {"offset": passed, **_walked(cursor, rows)}


def _after_number(
    paging: NumberPaging, cursor: Cursor, rows: Sequence[Any], response: Any
) -> dict[str, Any] | None:
    passed = int(cursor.get("passed", 0)) + len(rows)
    following = int(cursor.get("page", paging.first)) + 1
    if not rows or is_repeated(cursor, rows) or _all_passed(paging.total, response, passed):
        return None
    if _all_passed(paging.pages, response, following - paging.first):
        return None
    return {"page": following, "passed": passed, **_walked(cursor, rows)}


def _walked(cursor: Cursor, rows: Sequence[Any]) -> dict[str, Any]:
    """What tells a page that was read before, where pages are requested by their place."""
    return {**behind(cursor, "digest"), "digest": digest(rows)}


def _within(reach: int | None, following: dict[str, Any] | None, behind: int) -> Turn:
    """The turn to the next page, or to the halves of the window where the exchange serves no rows
    at that offset."""
    return Turn(too_full=True) if reach is not None and behind > reach else Turn(next=following)


def _all_passed(total_path: str | None, response: Any, passed: int) -> bool:
    """Whether the walk has passed the total of rows (or pages) that the answer states."""
    total = contradictions.stated_total(total_path, response)
    return total is not None and passed >= total


def _after_id(paging: IdPaging, cursor: Cursor, rows: Sequence[Any]) -> Turn:
    seen, ids = _seen(cursor), ids_of(rows, paging.field)
    if not ids:
        return Turn(last_id=None if seen is None or paging.backward else str(seen))
    if paging.in_order:
        return Turn(next=None if ids[-1] == str(seen) else _at_id(cursor, ids[-1], numbers=False))
    reached = furthest(ids, backward=paging.backward)
    last = None if paging.backward else later(reached, seen)
    if seen is not None and not is_further(reached, str(seen), backward=paging.backward):
        return Turn(last_id=last)
    return Turn(next=_at_id(cursor, reached, numbers=reached.isdigit()), last_id=last)


def _at_id(cursor: Cursor, reached: str, *, numbers: bool) -> dict[str, Any]:
    """The cursor behind a row; ids that do not grow may lead in a circle, so it keeps its trail."""
    return {"id": reached} if numbers else {"id": reached, **behind(cursor, "id")}

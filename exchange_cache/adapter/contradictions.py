"""Pages that contradict the exchange's own words: how many rows there are, whether more follow,
where the walk was to go on.

Such a page is a failed one. Whoever asked asks again, and where the exchange insists, the window
stays a gap; it never counts as the end. What is merely odd (a short page that comes twice) is left
to ``paging``. Pure; called by ``paging``, before and after it looks for the next page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from exchange_cache.adapter.id_order import furthest, ids_of, is_further
from exchange_cache.adapter.paging_rules import (
    CursorPaging,
    IdPaging,
    NumberPaging,
    ObservedPaging,
    OffsetPaging,
    OnePage,
    Paging,
    TimePaging,
)
from exchange_cache.adapter.paths import RowsMissing, dig_or_none

Cursor = Mapping[str, Any]

#: How many of the cursors behind it a walk remembers one by one. A longer circle is found by the
#: mark, which moves to the present cursor whenever the walk is twice as long (Brent's algorithm).
REMEMBERED = 64
#: What stands for no cursor.
NO_CURSOR = (None, "", 0, "0")


class Contradiction(RowsMissing):
    """A page contradicts what the exchange itself says."""


def check_page(
    paging: Paging, cursor: Cursor, rows: Sequence[Any], response: Any, page_size: int | None
) -> None:
    """Raise Contradiction where a page contradicts its own answer, the answer before it, or the
    request."""
    full = is_full(rows, page_size)
    if not rows and cursor.get("more"):
        raise Contradiction("the page before says that more rows follow, and there are none")
    if not rows and states_more(paging, response):
        raise Contradiction("the answer says that more rows follow, and it has none")
    match paging:
        case OnePage():
            if not full:
                _check_total(paging.total, response, 0, len(rows), whole=True)
        case OffsetPaging():
            _check_total(paging.total, response, int(cursor.get("offset", 0)), len(rows))
            if is_repeated(cursor, rows) and (full or not paging.may_repeat):
                raise Contradiction(f"the page at {cursor['offset']} is the one before it")
            _check_circle(cursor, rows)
        case NumberPaging():
            _check_total(paging.total, response, int(cursor.get("passed", 0)), len(rows))
            _check_pages(paging, cursor, rows, response)
            if is_repeated(cursor, rows) and full:
                raise Contradiction(f"page {cursor['page']} is the one before it")
            _check_circle(cursor, rows)
        case CursorPaging():
            _check_cursor(paging, cursor, rows, response)
        case IdPaging():
            _check_ids(paging, cursor, rows, full=full)
        case TimePaging():
            pass  # ``paging`` itself refuses a full page without anything new


def check_end(paging: Paging, response: Any) -> None:
    """Raise Contradiction where a walk ends although the answer says that more rows follow."""
    if states_more(paging, response):
        raise Contradiction("the answer says that more rows follow, and nothing leads to them")


def states_more(paging: Paging, response: Any) -> bool:
    """Whether the answer says that more rows follow, where it has a field for that."""
    if isinstance(paging, OffsetPaging | NumberPaging | ObservedPaging):
        return False
    path = paging.more
    found = None if path is None else dig_or_none(response, path)
    return found is True or str(found).lower() == "true"


def is_full(rows: Sequence[Any], page_size: int | None) -> bool:
    """Whether a page holds as many rows as it can."""
    return page_size is not None and len(rows) >= page_size


def is_repeated(cursor: Cursor, rows: Sequence[Any]) -> bool:
    """Whether a page has exactly the rows of the page before."""
    return bool(rows) and "digest" in cursor and digest(rows) == cursor["digest"]


def digest(rows: Sequence[Any]) -> str:
    """A short name of exactly these rows."""
    return _hashed(json.dumps(rows, sort_keys=True, default=str))[:16]


def stated_total(path: str | None, response: Any) -> int | None:
    """The number at a path; None where the exchange states none."""
    found = None if path is None else dig_or_none(response, path)
    return int(str(found)) if found is not None and str(found).isdigit() else None


def behind(cursor: Cursor, place: str) -> dict[str, Any]:
    """What the next cursor keeps of the walk behind it: the cursors (or, where pages are numbered,
    the digests) that led here, so that one that comes again is recognised, in this process or the
    next."""
    if place not in cursor:
        return {}
    here = _hashed(str(cursor[place]))[:12]
    trail = list(cursor.get("trail", ()))
    steps, mark = int(cursor.get("steps", 0)) + 1, cursor.get("mark")
    if steps & (steps - 1) == 0:
        mark = here
    return {"trail": [*trail, here][-REMEMBERED:], "steps": steps, "mark": mark}


def was_passed(cursor: Cursor, place: str, following: str) -> bool:
    """Whether a walk has been at ``following`` before, as far as it remembers; so far it stands at
    ``cursor``."""
    name = _hashed(following)[:12]
    return (
        following == str(cursor.get(place))
        or name == cursor.get("mark")
        or name in cursor.get("trail", ())
    )


# --- what is said ---------------------------------------------------------------------------------


def _check_total(
    path: str | None, response: Any, passed: int, count: int, *, whole: bool = False
) -> None:
    """``whole``: the page must hold all rows that the total counts."""
    total = stated_total(path, response)
    if total is None:
        return
    if count > total:
        raise Contradiction(f"the answer counts {total} rows in all and has {count}")
    if passed + count < total and (whole or not count):
        raise Contradiction(f"the answer counts {total} rows and ends after {passed + count}")


def _check_pages(paging: NumberPaging, cursor: Cursor, rows: Sequence[Any], response: Any) -> None:
    """An empty page that the exchange counts; the first one may be counted and be empty."""
    pages = stated_total(paging.pages, response)
    at = int(cursor.get("page", paging.first)) - paging.first
    if pages is not None and not rows and max(at, 1) < pages:
        raise Contradiction(f"the answer counts {pages} pages, and number {at + 1} is empty")


def _check_circle(cursor: Cursor, rows: Sequence[Any]) -> None:
    """Exactly the rows of an earlier page, though another one was requested: A, B, A. That of the
    page just before may be the end (``paging``)."""
    if rows and not is_repeated(cursor, rows) and was_passed(cursor, "digest", digest(rows)):
        raise Contradiction("the page is one that was read before: a circle")


def _check_cursor(paging: CursorPaging, cursor: Cursor, rows: Sequence[Any], response: Any) -> None:
    following = dig_or_none(response, paging.path)
    if following in NO_CURSOR:
        return
    if rows and was_passed(cursor, "cursor", str(following)):
        raise Contradiction("the next page that the answer names was read before: a circle")
    if is_repeated(cursor, rows):
        raise Contradiction("the page is the one before it")


def _check_ids(paging: IdPaging, cursor: Cursor, rows: Sequence[Any], *, full: bool) -> None:
    ids, seen = ids_of(rows, paging.field), cursor.get("id", cursor.get("last_id"))
    if not ids or seen is None:
        return
    if paging.in_order or not ids[-1].isdigit():
        if ids[-1] != str(seen) and was_passed(cursor, "id", ids[-1]):
            raise Contradiction(f"the page leads back to row {ids[-1]}: a circle")
        return
    reached = furthest(ids, backward=paging.backward)
    if is_further(reached, str(seen), backward=paging.backward):
        return
    if full and len(ids) > 1:
        raise Contradiction(f"a full page behind row {seen} has no row that lies behind it")
    if reached != str(seen):
        raise Contradiction(f"the page behind row {seen} ends before it: a circle")


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""The vocabulary of walking a history: how a request says from when to when, and how the pages of
one window follow each other. Part of the policies' vocabulary, and importable from there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBounds:
    """How a request says from when to when. Names are the exchange's own parameters; None: it
    cannot be said.

    ``unit`` is ms, s, us, ns or iso. The start is widened by one unit where the exchange excludes
    it, and rounding goes outwards, so that the half-open span [start, end) is always contained in
    what is asked; rows outside are kept (they are true anyway).
    """

    start: str | None = "startTime"
    end: str | None = "endTime"
    unit: str = "ms"
    start_exclusive: bool = False


# --- how the pages of one window follow each other ------------------------------------------------
# ``rows`` (on the stream) is the dotted path of the row list in the raw answer, "" when the answer
# is the list itself. A mapping there is read as rows by id (the key becomes the row's ``id``). A
# trailing "?" allows the path to be absent; "*" means unknown.


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePage:
    """The window is answered in one page. A page that holds ``page_size`` rows or more proves
    nothing: the window is halved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorPaging:
    """The answer carries the next page's cursor at ``path``; ends when it is absent, or repeats, or
    the page is empty (asked twice).

    ``stop_field`` is for endpoints that take no start: their rows come newest first, and the walk
    ends with the page whose last row (time at that path, in ``stop_unit``) lies before the window.
    """

    param: str = "cursor"
    path: str = "result.nextPageCursor"
    stop_field: str | None = None
    stop_unit: str = "ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetPaging:
    """Pages by row number; ends on an empty page or when ``total`` rows (path)
    were passed.

    ``stop_field`` as for cursors: newest first, without a start parameter. ``may_repeat``: whether
    the exchange knows the offset is not documented, so a page that repeats the one before ends the
    walk. ``reach``: rows that lie further behind than this are not served, so a window that holds
    more is halved.
    """

    param: str = "ofs"
    total: str | None = None
    stop_field: str | None = None
    stop_unit: str = "ms"
    may_repeat: bool = False
    reach: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPaging:
    """Pages by page number; ends on an empty page, on a repetition of the page before, or when
    ``total`` rows (path) were passed.

    ``pages`` is the path of the number of pages, where the exchange states it. ``stop_field`` as
    for cursors: newest first, without a start parameter. ``reach`` as for offsets.
    """

    param: str = "page"
    first: int = 1
    total: str | None = None
    pages: str | None = None
    stop_field: str | None = None
    stop_unit: str = "ms"
    reach: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdPaging:
    """Pages by row id. ``backward``: the next page lies before the smallest id (``after``,
    ``idLessThan``); forward: from the largest id on (``fromId``), plus ``step``.
    ``start`` is the first page's value, None: not sent. ``in_order``: ids do not grow with
    time, so the next page begins at the last row, whatever its id.

    With ``whole_history`` the stream has no windows: ids alone walk everything from the beginning,
    the last id is remembered, and an increment goes on there. Ends on a page without new ids.
    ``stop_field`` as for cursors, for a backward walk where a start parameter may be ignored.
    """

    param: str
    field: str = "id"
    backward: bool = False
    in_order: bool = False
    step: int = 0
    start: str | None = None
    whole_history: bool = False
    stop_field: str | None = None
    stop_unit: str = "ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePaging:
    """Pages by time: forward from the last row's time (oldest first), or backward to the first
    row's (newest first).

    The boundary instant is asked again (rows of one instant may straddle pages); ends on a page
    without new ids. A full page (``page_size`` of the stream) of nothing but known rows is an
    error: what else happened in its instant cannot be reached. ``field`` is the row's time field,
    ``field_unit`` its unit; in us and ns the walk is as fine as that, and the bounds must be in the
    same unit. A backward walk also ends behind the start of its window, for exchanges that take no
    start.
    """

    field: str
    field_unit: str = "ms"
    id_field: str = "id"
    backward: bool = False


#: Rows within so many milliseconds of a page's edge are asked again: an exchange may exclude the
#: instant that is asked from, or know seconds only.
CLOSE_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPaging:
    """Pages by time over ccxt's structures, as far as the exchange was seen to follow.

    ``forward``: a later start leads to later rows; ``backward``: an earlier end to earlier ones.
    Where both do, a window is walked in both directions, whichever end its pages begin at; where
    neither does, there is one page. A walk ends when a page brings nothing new. ``order``: which
    rows a page has that cannot hold all, ``oldest first`` or ``newest first``; where that is
    unknown, and only later rows can be reached, a page that may be full proves nothing of what is
    before its oldest row. ``cap``: the rows of a full page, where one was seen; ``asked``: the
    limit that is sent. ``ids``: whether rows have ids of their own.
    """

    forward: bool = True
    backward: bool = False
    order: str = "unknown"
    cap: int | None = None
    asked: int | None = None
    ids: str = "unknown"


Paging = (
    OnePage | CursorPaging | OffsetPaging | NumberPaging | IdPaging | TimePaging | ObservedPaging
)

"""The vocabulary for walking a history: how a request states its time range, and how the pages of
one window follow each other. The policies' vocabulary includes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBounds:
    """How a request states its time range. Names are the exchange's own parameters; None: there is
    none.

    ``unit`` is ms, s, us, ns or iso. The start is widened by one unit where the exchange excludes
    it, and times are rounded outwards, so that the request always contains the half-open span
    [start, end). Rows outside the span are kept.
    """

    start: str | None = "startTime"
    end: str | None = "endTime"
    unit: str = "ms"
    start_exclusive: bool = False


# --- how the pages of one window follow each other ------------------------------------------------
# ``rows`` (of the stream) is the dotted path of the row list in the raw answer; "": the answer is
# the list. A mapping is read as rows by id (the key becomes the row's ``id``). With a trailing "?"
# the path may be absent; "*": unknown. ``more`` is the path of a flag that states whether rows
# follow. A page that contradicts such a flag, a total or a number of pages is a failed page
# (``contradictions``). An empty page after a full one is requested twice.


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePage:
    """One page answers the window. A page of ``page_size`` rows or more may be cut, and a page that
    states ``more`` is cut, so the window is halved.

    ``total`` is the path of the number of rows: a page that has room and holds fewer contradicts
    itself.
    """

    total: str | None = None
    more: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorPaging:
    """The answer names the next page's cursor at ``path``. The walk ends when the cursor is absent,
    or when the page is empty twice. A cursor that the walk has passed leads in a circle, which is a
    contradiction.

    ``stop_field`` is for endpoints without a start parameter, whose rows are newest first: the walk
    ends with the page whose last row (time at that path, in ``stop_unit``) lies before the window.
    """

    param: str = "cursor"
    path: str = "result.nextPageCursor"
    more: str | None = None
    stop_field: str | None = None
    stop_unit: str = "ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetPaging:
    """Pages by row number. The walk ends on an empty page or after ``total`` rows (a path). A page
    with exactly the rows of an earlier one is a contradiction.

    ``stop_field`` as for cursors. ``may_repeat``: it is not documented whether the exchange knows
    the offset, so a page that has room and repeats the one before ends the walk. ``reach``: the
    exchange serves no rows beyond this offset, so a window with more rows is halved.
    """

    param: str = "ofs"
    total: str | None = None
    stop_field: str | None = None
    stop_unit: str = "ms"
    may_repeat: bool = False
    reach: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPaging:
    """Pages by page number. The walk ends on an empty page, on a page that has room and repeats the
    one before, or after ``total`` rows (a path). A page that repeats an earlier one is a
    contradiction.

    ``pages`` is the path of the number of pages, where the exchange states it. ``stop_field`` as
    for cursors, ``reach`` as for offsets.
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
    ``idLessThan``); forward: it begins at the largest id plus ``step`` (``fromId``). ``start`` is
    the first page's value; None: not sent. ``in_order``: ids do not grow with time, so the next
    page begins at the last row. The walk ends on a page without new ids.

    With ``whole_history`` the stream has no windows: the walk follows the ids from the beginning,
    and a later walk continues at the remembered last id. ``stop_field`` as for cursors, for a
    backward walk whose start parameter the exchange may ignore.
    """

    param: str
    field: str = "id"
    backward: bool = False
    in_order: bool = False
    step: int = 0
    start: str | None = None
    whole_history: bool = False
    more: str | None = None
    stop_field: str | None = None
    stop_unit: str = "ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePaging:
    """Pages by time: forward from the last row's time (oldest first), or backward to the first
    row's (newest first).

    Each page repeats the boundary instant, because rows of one instant may straddle pages. The walk
    ends on a page without new ids. A full page (``page_size`` of the stream) of known rows is an
    error: further rows of that instant are out of reach; so is a page that has only rows from
    before the boundary. ``field`` is the row's time field,
    ``field_unit`` its unit; in us and ns the walk is equally fine, and the bounds must have the
    same unit. A backward walk also ends before the start of its window, for exchanges without a
    start parameter.
    """

    field: str
    field_unit: str = "ms"
    id_field: str = "id"
    backward: bool = False
    more: str | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """A history that is requested once per target (per account): how to list the targets, and the
    parameter that names one.

    The list is the first page of a window and has no records. The paging of the stream then runs
    inside each target. ``paging`` is that of the list itself. ``lasting``: a target once listed
    stays listed, so that rows cannot go missing with it.
    """

    method: str
    param: str
    params: Mapping[str, object] = field(default_factory=dict)
    rows: str = "data"
    field: str = "id"
    paging: Paging = OnePage()
    lasting: bool = False

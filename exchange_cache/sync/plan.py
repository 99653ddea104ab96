"""The pure plan of a history: from a stream's policy and its stored coverage to the windows to
request, in order.

A window that a killed run left open is first and continues at its cursor: there is room for one
cursor, and another walk would lose it. The head then reaches from the watermark (minus an overlap)
to now, and the backfill fills every other gap down to the retention floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from exchange_cache.adapter.policy import IdPaging, ObservedPaging, StreamPolicy
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import SKEW
from exchange_cache.ledger.coverage import Ranges, Span, cut_where_the_clock_was_ahead
from exchange_cache.sync.settling import settling_from

#: The distance of the first request from the retention edge, which moves while the request travels.
EDGE = timedelta(minutes=1)
#: The first head of a stream that was never requested, where the policy limits windows.
DEFAULT_HEAD = timedelta(days=7)
#: So many windows behind the head are asked in a run where nobody reviewed how many there are; the
#: next runs ask the others.
OBSERVED_WINDOWS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one walk covers: a span, or the whole history by id (``span`` None); ``cursor`` is the
    place to continue inside it.

    ``settles`` is the settling time that this window and those beside it walk again: what is stored
    of it and not served by any of them is missed.
    """

    span: Span | None
    cursor: Mapping[str, object] = field(default_factory=dict)
    resumed: bool = False
    settles: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlan:
    """The windows of one stream for one run, first the one left open and the newest; ``floor_ms``
    is the oldest instant to request. ``rest``: later runs request further windows."""

    head: tuple[Window, ...]
    backfill: tuple[Window, ...]
    floor_ms: int
    rest: bool = False

    @property
    def windows(self) -> tuple[Window, ...]:
        return self.head + self.backfill


def is_of_the_future(state: StreamState, now_ms: int) -> bool:
    """Whether a stored progress has future times: a clock that was ahead stored it."""
    ends = (state.covered.end_ms, state.open.end_ms if state.open else None)
    times = (*ends, state.asked_ms, state.completed_ms, state.settled_ms, state.floor_ms)
    return any(time is not None and time > now_ms + to_span_ms(SKEW) for time in times)


def without_the_future(
    policy: StreamPolicy, state: StreamState, now_ms: int, newest_row_ms: int | None
) -> StreamState:
    """The trustworthy part of a progress that was stored while the clock was ahead.

    Its coverage ends at the newest stored row of this history (see
    ``cut_where_the_clock_was_ahead``) or, where that is later, at the retention floor, since time
    before it cannot be requested again. A window left open beyond now is started again: its cursor
    does not know later rows.
    """
    if not is_of_the_future(state, now_ms):
        return state
    served = retention_floor(policy, now_ms) if policy.retention is not None else None
    known = max((time for time in (newest_row_ms, served) if time is not None), default=None)
    is_past = state.open is not None and state.open.end_ms <= now_ms
    return replace(
        state,
        covered=cut_where_the_clock_was_ahead(state.covered, now_ms, known),
        open=state.open if is_past else None,
        cursor=state.cursor if is_past or walks_whole_history(policy) else {},
        asked_ms=_past(state.asked_ms, now_ms),
        completed_ms=_past(state.completed_ms, now_ms),
        settled_ms=_past(state.settled_ms, now_ms),
        floor_ms=_past(state.floor_ms, now_ms),
    )


def _past(time_ms: int | None, now_ms: int) -> int | None:
    return time_ms if time_ms is None or time_ms <= now_ms else None


def retention_floor(policy: StreamPolicy, now_ms: int) -> int:
    """The oldest instant that the exchange serves now."""
    if policy.retention is None:
        return policy.history_start_ms
    return max(policy.history_start_ms, now_ms - to_span_ms(policy.retention) + to_span_ms(EDGE))


def proven_floor(policy: StreamPolicy, now_ms: int) -> int:
    """The oldest instant from which an answer proves that there are no other rows."""
    floor = retention_floor(policy, now_ms)
    return (
        floor
        if policy.proven is None
        else max(floor, now_ms - to_span_ms(policy.proven) + to_span_ms(EDGE))
    )


def _asked_floor(policy: StreamPolicy, state: StreamState, now_ms: int, full: bool) -> int:
    """The oldest instant to request; time before the proven one, or beyond the newest rows, is
    requested once."""
    floor = retention_floor(policy, now_ms)
    if full:
        return floor
    if policy.newest_rows is not None and state.floor_ms is not None:
        return max(floor, min(state.floor_ms, now_ms))
    if state.completed_ms is None:
        return floor
    return max(
        floor, min(proven_floor(policy, now_ms), state.completed_ms - to_span_ms(policy.overlap))
    )  # later time was not requested yet


def to_span_ms(length: timedelta) -> int:
    """A length in integer milliseconds."""
    return length // timedelta(milliseconds=1)


def walks_whole_history(policy: StreamPolicy) -> bool:
    """Whether ids alone walk the stream, without windows."""
    return isinstance(policy.paging, IdPaging) and policy.paging.whole_history


def plan_stream(
    policy: StreamPolicy,
    state: StreamState,
    now_ms: int,
    *,
    full: bool = False,
    revisit_ms: int | None = None,
    missed_ms: int | None = None,
    settling_id: str | None = None,
    daily: bool = False,
) -> StreamPlan:
    """The windows to request now. ``full`` requests everything again; ``revisit_ms`` moves the
    head's start back (unsettled orders). ``missed_ms`` is when the oldest row happened that was
    missed, and ``settling_id`` the last id before the settling time, where ids alone lead.
    ``daily``: see ``settling_from``."""
    state = without_the_future(policy, state, now_ms, None)
    floor = _asked_floor(policy, state, now_ms, full)
    settling_ms = settling_from(policy, state, now_ms, missed_ms, daily=daily)
    if walks_whole_history(policy):
        settles = None if settling_ms is None else Span(settling_ms, now_ms)
        window = _whole_history(state, full, settles, settling_id)
        return StreamPlan(head=(window,), backfill=(), floor_ms=floor)
    if floor >= now_ms:
        return StreamPlan(head=(), backfill=(), floor_ms=floor)
    covered = Ranges() if full else state.covered
    resumed = _resumed(policy, state, floor) if not full else ()
    taken = covered.plus(
        Ranges(tuple(window.span for window in resumed if window.span is not None))
    )
    since = [time for time in (revisit_ms, settling_ms) if time is not None]
    head = _head_span(policy, taken, now_ms, floor, min(since, default=None))
    behind = Ranges.of((floor, head.start_ms)).minus(taken)
    settles = None if settling_ms is None else head
    head_windows = tuple(Window(span=span, settles=settles) for span in chop(head, policy.window))
    gaps = [span for gap in behind for span in chop(gap, policy.window)]
    if policy.backfill == "newest_first":
        gaps.reverse()
    most = OBSERVED_WINDOWS if isinstance(policy.paging, ObservedPaging) else len(gaps)
    return StreamPlan(
        head=resumed + head_windows,
        backfill=tuple(Window(span=span) for span in gaps[:most]),
        floor_ms=floor,
        rest=len(gaps) > most,
    )


def rests(policy: StreamPolicy, state: StreamState, plan: StreamPlan, now_ms: int) -> bool:
    """Whether a history that no longer grows was read completely, or not offered, so recently that
    it is not requested."""
    if (
        policy.recheck is None
        or state.asked_ms is None
        or now_ms - state.asked_ms >= to_span_ms(policy.recheck)
    ):
        return False
    whole = (
        state.state == "ok"
        and state.completed_ms is not None
        and state.open is None
        and not plan.backfill
    )
    return whole or state.state == "not_offered"


def _whole_history(
    state: StreamState, full: bool, settles: Span | None, settling_id: str | None
) -> Window:
    """Where ids alone lead: the walk goes on where it ended, or begins again at the last id before
    the settling time."""
    if full:
        return Window(span=None, settles=settles)
    if state.cursor:
        return Window(span=None, cursor=dict(state.cursor), resumed=True)
    last_id = state.last_id if settles is None else _earlier(settling_id, state.last_id)
    cursor = {} if last_id is None else {"last_id": last_id}
    return Window(span=None, cursor=cursor, settles=settles)


def _earlier(one: str | None, other: str | None) -> str | None:
    """The smaller of two ids; None, the beginning, precedes all."""
    if one is None or other is None or not other.isdigit():
        return None
    return min(one, other, key=int)


def _resumed(policy: StreamPolicy, state: StreamState, floor: int) -> tuple[Window, ...]:
    """The open window, without the part that is now out of retention; a cursor is only used with
    its own bounds."""
    if state.open is None or state.open.end_ms <= floor:
        return ()
    if state.open.start_ms >= floor:
        return (Window(span=state.open, cursor=dict(state.cursor), resumed=True),)
    served = Span(floor, state.open.end_ms)
    if policy.window is None:  # one window for all of the past would never end if it started anew
        return (Window(span=served, cursor=dict(state.cursor), resumed=True),)
    return (Window(span=served),)


def _head_span(
    policy: StreamPolicy, covered: Ranges, now_ms: int, floor: int, revisit_ms: int | None
) -> Span:
    watermark = covered.end_ms
    if watermark is None:
        start = (
            floor
            if policy.window is None
            else now_ms - min(to_span_ms(policy.window), to_span_ms(DEFAULT_HEAD))
        )
    else:
        start = min(watermark, now_ms) - to_span_ms(policy.overlap)
        if revisit_ms is not None:
            start = min(start, revisit_ms)
    return Span(min(max(start, floor), now_ms - 1), now_ms)


def chop(span: Span, window: timedelta | None) -> list[Span]:
    """A span in pieces of at most one window each, oldest first."""
    if window is None:
        return [span]
    size = to_span_ms(window)
    starts = range(span.start_ms, span.end_ms, size)
    return [Span(start, min(start + size, span.end_ms)) for start in starts]


def halves(span: Span) -> tuple[Span, Span]:
    """The halves of a span; ValueError when it is one millisecond."""
    middle = (span.start_ms + span.end_ms) // 2
    return Span(span.start_ms, middle), Span(middle, span.end_ms)


def out_of_retention(state: StreamState) -> Ranges:
    """The time that the exchange no longer served at the last request, without what is stored."""
    if state.floor_ms is None:
        return Ranges()
    start = state.history_start_ms or 0
    return Ranges.of((start, state.floor_ms)).minus(state.covered)


def gaps(state: StreamState, until_ms: int) -> Ranges:
    """The uncovered time between the floor of the last request and ``until_ms``."""
    if state.floor_ms is None:
        return Ranges()
    return Ranges.of((state.floor_ms, until_ms)).minus(state.covered)

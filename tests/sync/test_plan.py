"""Tables for the plan: which windows are asked, in which order, from what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.policy import CursorPaging, IdPaging, StreamPolicy
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.plan import (
    StreamPlan,
    Window,
    chop,
    gaps,
    halves,
    out_of_retention,
    plan_stream,
    rests,
    retention_floor,
)

H = 3_600_000
D = 24 * H
NOW = 1000 * D
KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


def policy(start: int = 980 * D, **more: Any) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.FILLS, scope="spot", method="fake", history_start_ms=start, **more
    )


WEEKLY = policy(window=timedelta(days=7))
WHOLE = policy(window=None, paging=CursorPaging())
KEPT_30 = policy(start=0, window=timedelta(days=7), retention=timedelta(days=30))
FLOOR_30 = NOW - 30 * D + 60_000


def state(*covered: tuple[int, int], **more: Any) -> StreamState:
    return StreamState(key=KEY, covered=Ranges.of(*covered), **more)


def spans(windows: tuple[Window, ...]) -> list[tuple[int, int] | None]:
    return [
        None if item.span is None else (item.span.start_ms, item.span.end_ms) for item in windows
    ]


def days(*pairs: tuple[float, float]) -> list[tuple[int, int]]:
    return [(int(start * D), int(end * D)) for start, end in pairs]


def asked(plan: StreamPlan) -> Ranges:
    return Ranges.union_of(window.span for window in plan.windows if window.span is not None)


@pytest.mark.parametrize(
    ("stream", "stored", "head", "backfill"),
    [
        pytest.param(
            WEEKLY,
            state(),
            days((993, 1000)),
            days((987, 993), (980, 987)),
            id="never asked: newest week first",
        ),
        pytest.param(
            replace(WEEKLY, backfill="oldest_first"),
            state(),
            days((993, 1000)),
            days((980, 987), (987, 993)),
            id="oldest first",
        ),
        pytest.param(
            WHOLE, state(), days((980, 1000)), [], id="never asked, any window: all at once"
        ),
        pytest.param(
            policy(window=timedelta(days=30)),
            state(),
            days((993, 1000)),
            days((980, 993)),
            id="the first head is a week",
        ),
        pytest.param(
            WEEKLY,
            state((980 * D, NOW - 5 * H)),
            [(NOW - 6 * H, NOW)],
            [],
            id="head: from the watermark minus an overlap",
        ),
        pytest.param(
            WEEKLY, state((980 * D, NOW)), [(NOW - H, NOW)], [], id="all covered: the overlap alone"
        ),
        pytest.param(
            WEEKLY,
            state((980 * D, 985 * D)),
            [(985 * D - H, 992 * D - H), (992 * D - H, 999 * D - H), (999 * D - H, NOW)],
            [],
            id="long unsynced: oldest week first, so the watermark never jumps",
        ),
        pytest.param(
            WEEKLY,
            state((981 * D, 982 * D), (984 * D, NOW)),
            [(NOW - H, NOW)],
            days((982, 984), (980, 981)),
            id="every gap is filled, newest first",
        ),
        pytest.param(
            KEPT_30,
            state((0, NOW - D)),
            [(NOW - D - H, NOW)],
            [],
            id="covered beyond the retention: nothing behind it",
        ),
        pytest.param(
            KEPT_30,
            state((0, NOW - 40 * D)),
            [
                (FLOOR_30, FLOOR_30 + 7 * D),
                (FLOOR_30 + 7 * D, FLOOR_30 + 14 * D),
                (FLOOR_30 + 14 * D, FLOOR_30 + 21 * D),
                (FLOOR_30 + 21 * D, FLOOR_30 + 28 * D),
                (FLOOR_30 + 28 * D, NOW),
            ],
            [],
            id="unsynced beyond the retention: from the floor",
        ),
        pytest.param(
            WEEKLY,
            state((980 * D, NOW + D)),
            days((993, 1000)),
            days((987, 993), (980, 987)),
            id="covered into the future, nobody knows since when: everything again",
        ),
    ],
)
def test_plan(
    stream: StreamPolicy,
    stored: StreamState,
    head: list[tuple[int, int]],
    backfill: list[tuple[int, int]],
) -> None:
    plan = plan_stream(stream, stored, NOW)

    assert spans(plan.head) == head
    assert spans(plan.backfill) == backfill
    assert not any(window.cursor or window.resumed for window in plan.windows)


def test_nothing_before_the_retention_floor_is_asked_and_its_edge_is_kept_away_from() -> None:
    plan = plan_stream(KEPT_30, state(), NOW)

    assert plan.floor_ms == retention_floor(KEPT_30, NOW) == FLOOR_30
    assert asked(plan) == Ranges.of((FLOOR_30, NOW))


PROVEN_3_OF_30 = replace(KEPT_30, proven=timedelta(days=3))


@pytest.mark.parametrize(
    ("stored", "full", "oldest"),
    [
        pytest.param(state(), False, FLOOR_30, id="never asked: all that may be served"),
        pytest.param(
            state((NOW - 5 * D, NOW - H), completed_ms=NOW - H, settled_ms=NOW - H),
            False,
            NOW - 2 * H,
            id="what proves nothing is asked once",
        ),
        pytest.param(
            state((0, NOW - 9 * D), completed_ms=NOW - 9 * D),
            False,
            NOW - 9 * D - H,
            id="a long pause is asked whole",
        ),
        pytest.param(
            state((NOW - 5 * D, NOW - H), completed_ms=NOW - H),
            True,
            FLOOR_30,
            id="a full run asks all again",
        ),
    ],
)
def test_what_lies_before_the_proven_time_is_asked_once(
    stored: StreamState, full: bool, oldest: int
) -> None:
    assert asked(plan_stream(PROVEN_3_OF_30, stored, NOW, full=full)).start_ms == oldest


def test_the_floor_is_never_before_the_exchange_began() -> None:
    assert retention_floor(replace(KEPT_30, history_start_ms=NOW - D), NOW) == NOW - D
    assert retention_floor(WEEKLY, NOW) == 980 * D


def test_a_history_that_begins_in_the_future_is_not_asked() -> None:
    assert plan_stream(policy(start=NOW + D), state(), NOW).windows == ()
    assert plan_stream(policy(start=NOW), state(), NOW).windows == ()


def test_no_window_is_longer_than_the_exchange_allows() -> None:
    for stream in (WEEKLY, KEPT_30):
        for stored in (state(), state((980 * D, 985 * D)), state((990 * D, 991 * D))):
            assert all(
                window.span.length_ms <= 7 * D
                for window in plan_stream(stream, stored, NOW).windows
                if window.span
            )


def test_an_open_window_comes_first_and_goes_on_at_its_cursor() -> None:
    stored = state((993 * D, NOW), open=Span(986 * D, 993 * D), cursor={"cursor": "abc"})
    plan = plan_stream(WEEKLY, stored, NOW)

    assert plan.head[0] == Window(
        span=Span(986 * D, 993 * D), cursor={"cursor": "abc"}, resumed=True
    )
    assert spans(plan.head[1:]) == [(NOW - H, NOW)]
    assert spans(plan.backfill) == days((980, 986))


def test_a_first_walk_that_was_killed_goes_on_and_only_asks_the_news_beside_it() -> None:
    begun = NOW - 2 * H
    stored = state(open=Span(980 * D, begun), cursor={"offset": 500})
    plan = plan_stream(WHOLE, stored, NOW)

    assert spans(plan.head) == [(980 * D, begun), (begun - H, NOW)]
    assert plan.head[0].cursor == {"offset": 500}
    assert plan.backfill == ()


def test_an_open_window_that_reaches_out_of_retention_is_cut_and_begun_again() -> None:
    stored = state(
        (NOW - 7 * D, NOW), open=Span(FLOOR_30 - D, FLOOR_30 + 6 * D), cursor={"cursor": "abc"}
    )
    plan = plan_stream(KEPT_30, stored, NOW)

    assert plan.head[0] == Window(span=Span(FLOOR_30, FLOOR_30 + 6 * D))
    assert min(window.span.start_ms for window in plan.windows if window.span) == FLOOR_30
    assert asked(plan).plus(stored.covered) == Ranges.of((FLOOR_30, NOW))


def test_an_open_window_of_all_the_past_keeps_its_cursor_when_it_is_cut() -> None:
    stream = replace(KEPT_30, window=None)
    plan = plan_stream(stream, state(open=Span(FLOOR_30 - D, NOW - D), cursor={"offset": 9}), NOW)

    assert plan.head[0] == Window(span=Span(FLOOR_30, NOW - D), cursor={"offset": 9}, resumed=True)


def test_an_open_window_wholly_out_of_retention_is_dropped() -> None:
    plan = plan_stream(
        KEPT_30, state((NOW - D, NOW), open=Span(0, FLOOR_30), cursor={"cursor": "abc"}), NOW
    )

    assert not any(window.resumed for window in plan.windows)


def test_full_asks_everything_again_whatever_is_stored() -> None:
    stored = state((980 * D, NOW), open=Span(981 * D, 982 * D), cursor={"cursor": "abc"})
    plan = plan_stream(WEEKLY, stored, NOW, full=True)

    assert asked(plan) == Ranges.of((980 * D, NOW))
    assert plan == plan_stream(WEEKLY, state(), NOW)


@pytest.mark.parametrize(
    ("revisit", "start"),
    [(None, NOW - H), (NOW - 3 * D, NOW - 3 * D), (NOW - 60_000, NOW - H), (0, FLOOR_30)],
    ids=["none", "older than the overlap", "within the overlap", "out of retention"],
)
def test_the_head_reaches_back_to_the_oldest_unsettled_row(revisit: int | None, start: int) -> None:
    plan = plan_stream(KEPT_30, state((0, NOW)), NOW, revisit_ms=revisit)

    assert plan.head[0].span is not None
    assert plan.head[0].span.start_ms == start
    assert asked(plan) == Ranges.of((start, NOW))


IDS = policy(paging=IdPaging(param="fromId", step=1, start="0", whole_history=True))


@pytest.mark.parametrize(
    ("stored", "full", "cursor", "resumed"),
    [
        (state(), False, {}, False),
        (state((0, NOW), last_id="77"), False, {"last_id": "77"}, False),
        (state(last_id="77", cursor={"id": "50"}), False, {"id": "50"}, True),
        (state((0, NOW), last_id="77", cursor={"id": "50"}), True, {}, False),
    ],
    ids=["never asked", "from the last id", "where it was killed", "full"],
)
def test_a_history_walked_by_id_is_one_window(
    stored: StreamState, full: bool, cursor: dict[str, object], resumed: bool
) -> None:
    plan = plan_stream(IDS, stored, NOW, full=full)

    assert plan.windows == (Window(span=None, cursor=cursor, resumed=resumed),)
    assert plan.backfill == ()


FROZEN = policy(window=timedelta(days=7), recheck=timedelta(days=7), overlap=timedelta(days=7))


@pytest.mark.parametrize(
    ("stored", "resting"),
    [
        pytest.param(
            state((980 * D, NOW - D), asked_ms=NOW - D, completed_ms=NOW - D),
            True,
            id="read wholly yesterday",
        ),
        pytest.param(
            state((980 * D, NOW - 7 * D), asked_ms=NOW - 7 * D, completed_ms=NOW - 7 * D),
            False,
            id="read wholly a week ago",
        ),
        pytest.param(
            state((985 * D, NOW - D), asked_ms=NOW - D, completed_ms=NOW - D),
            False,
            id="not back to where it begins now",
        ),
        pytest.param(state((980 * D, NOW - D), asked_ms=NOW - D), False, id="never to its end"),
        pytest.param(
            state((980 * D, NOW - D), asked_ms=NOW - D, completed_ms=NOW - D, state="failed"),
            False,
            id="failed",
        ),
        pytest.param(
            state(
                (980 * D, NOW - D), asked_ms=NOW - D, completed_ms=NOW - D, open=Span(NOW - D, NOW)
            ),
            False,
            id="a window left open",
        ),
        pytest.param(
            state(asked_ms=NOW - D, state="not_offered"), True, id="not to be had, as of yesterday"
        ),
        pytest.param(
            state(asked_ms=NOW - 7 * D, state="not_offered"), False, id="not to be had a week ago"
        ),
        pytest.param(state(), False, id="never asked"),
    ],
)
def test_a_history_that_does_not_grow_is_left_alone_for_a_while(
    stored: StreamState, resting: bool
) -> None:
    assert rests(FROZEN, stored, plan_stream(FROZEN, stored, NOW), NOW) is resting
    assert not rests(WEEKLY, stored, plan_stream(WEEKLY, stored, NOW), NOW), (
        "one that grows is asked each time"
    )


def test_after_its_rest_a_history_is_asked_again_from_well_before_it() -> None:
    stored = state((980 * D, NOW - 7 * D), asked_ms=NOW - 7 * D, completed_ms=NOW - 7 * D)
    assert spans(plan_stream(FROZEN, stored, NOW).windows) == days((986, 993), (993, 1000))


def test_spans_are_chopped_without_holes() -> None:
    assert chop(Span(0, 10), timedelta(milliseconds=4)) == [Span(0, 4), Span(4, 8), Span(8, 10)]
    assert chop(Span(0, 10), None) == [Span(0, 10)]
    assert halves(Span(0, 5)) == (Span(0, 2), Span(2, 5))
    with pytest.raises(ValueError, match="span"):
        halves(Span(0, 1))


def test_what_the_exchange_no_longer_served_is_not_covered_but_reported() -> None:
    stored = state((50, 100), floor_ms=40, history_start_ms=10)

    assert out_of_retention(stored) == Ranges.of((10, 40))
    assert gaps(stored, 120) == Ranges.of((40, 50), (100, 120))
    assert not out_of_retention(state((50, 100)))
    assert not gaps(state(), 100)


def test_what_was_stored_before_it_fell_out_of_retention_is_not_lost() -> None:
    assert out_of_retention(state((10, 100), floor_ms=60, history_start_ms=0)) == Ranges.of((0, 10))

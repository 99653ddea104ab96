"""When the settling time of a history is walked again, and from where on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.policy import FanOut, IdPaging, OffsetPaging
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.plan import plan_stream
from exchange_cache.sync.settling import serves_all, settling_from
from tests.builders import NOW
from tests.sync.fake_port import DAY, HOUR, stream

NOW_MS, H, D = to_ms(NOW), 3_600_000, 86_400_000
KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


def read(*, settled: int | None = NOW_MS - 2 * H, **more: Any) -> StreamState:
    """A history that was read to the end an hour ago."""
    values: dict[str, Any] = {
        "covered": Ranges.of((0, NOW_MS - H)),
        "completed_ms": NOW_MS - H,
        "asked_ms": NOW_MS - H,
        "settled_ms": settled,
        **more,
    }
    return StreamState(key=KEY, **values)


@pytest.mark.parametrize(
    ("state", "missed", "since"),
    [
        pytest.param(StreamState(key=KEY), None, None, id="never asked: all is asked anyhow"),
        pytest.param(
            read(completed_ms=None), None, None, id="the first walk has not come to its end"
        ),
        pytest.param(read(), None, None, id="settled today: the overlap alone"),
        pytest.param(read(settled=NOW_MS - D + 1), None, None, id="a day is not over"),
        pytest.param(
            read(settled=NOW_MS - D),
            None,
            NOW_MS - 4 * D - H,
            id="from three days before the walk of yesterday",
        ),
        pytest.param(
            read(settled=NOW_MS - 9 * D), None, NOW_MS - 12 * D - H, id="after a long pause"
        ),
        pytest.param(read(settled=None), None, NOW_MS - 4 * D - H, id="an earlier version read it"),
        pytest.param(
            read(), NOW_MS - 5 * D, NOW_MS - 5 * D - H, id="a row was missed: from before it"
        ),
        pytest.param(read(), NOW_MS - D, NOW_MS - 2 * H - 3 * D - H, id="a row was missed lately"),
    ],
)
def test_the_settling_time_is_walked_once_a_day(
    state: StreamState, missed: int | None, since: int | None
) -> None:
    assert settling_from(stream(), state, NOW_MS, missed) == since


def test_a_history_that_is_asked_more_seldom_settles_more_seldom() -> None:
    seldom = stream(at_most_every=timedelta(days=3))

    assert settling_from(seldom, read(settled=NOW_MS - 2 * D), NOW_MS) is None
    assert settling_from(seldom, read(settled=NOW_MS - 3 * D), NOW_MS) == NOW_MS - 6 * D - H


def test_an_exchange_may_state_another_settling_time() -> None:
    week = stream(settling=timedelta(days=7))

    assert settling_from(week, read(settled=NOW_MS - D), NOW_MS) == NOW_MS - 8 * D - H


def test_the_head_reaches_back_over_the_settling_time_and_compares() -> None:
    plan = plan_stream(stream(window=2 * DAY), read(settled=NOW_MS - D), NOW_MS)

    whole = Span(NOW_MS - 4 * D - H, NOW_MS)
    assert Ranges.union_of(window.span for window in plan.head if window.span) == Ranges((whole,))
    assert [window.settles for window in plan.head] == [whole] * 3


def test_the_overlap_alone_compares_nothing() -> None:
    plan = plan_stream(stream(), read(), NOW_MS)

    assert [(window.span, window.settles) for window in plan.windows] == [
        (Span(NOW_MS - 2 * H, NOW_MS), None)
    ]


def test_what_is_out_of_retention_is_not_walked_again() -> None:
    plan = plan_stream(stream(retention=2 * DAY), read(settled=NOW_MS - D), NOW_MS)

    (window,) = plan.head
    assert window.settles == window.span == Span(NOW_MS - 2 * D + 60_000, NOW_MS)


def test_a_window_that_was_left_open_does_not_compare() -> None:
    left = Span(NOW_MS - 3 * D, NOW_MS - H)
    state = read(settled=NOW_MS - D, open=left, cursor={"cursor": "x"})

    resumed, settling = plan_stream(stream(), state, NOW_MS).head
    assert (resumed.span, resumed.settles) == (left, None)
    assert settling.settles == Span(NOW_MS - 4 * D - H, NOW_MS)


@pytest.mark.parametrize(
    ("behind", "last", "cursor"),
    [
        pytest.param("40", "99", {"last_id": "40"}, id="from the last id before"),
        pytest.param("99", "40", {"last_id": "40"}, id="never later than the walk goes on"),
        pytest.param(None, "99", {}, id="all of it happened in the settling time"),
    ],
)
def test_a_history_by_id_is_walked_again_from_the_last_id_before_its_settling_time(
    behind: str | None, last: str, cursor: dict[str, str]
) -> None:
    by_id = stream(paging=IdPaging(param="fromId", step=1, start="0", whole_history=True))
    state = read(settled=NOW_MS - D, last_id=last)

    (window,) = plan_stream(by_id, state, NOW_MS, settling_id=behind).head
    assert (dict(window.cursor), window.settles) == (cursor, Span(NOW_MS - 4 * D - H, NOW_MS))


@pytest.mark.parametrize(
    ("more", "whole"),
    [
        ({}, True),
        ({"newest_rows": 2000}, False),
        ({"brings_forward": True}, False),
        ({"partial": True}, False),
        ({"paging": OffsetPaging(may_repeat=True)}, False),
        ({"fan_out": FanOut(method="m", param="p")}, False),
        ({"fan_out": FanOut(method="m", param="p", lasting=True)}, True),
    ],
)
def test_only_a_history_that_serves_all_of_a_time_can_miss_a_row(
    more: dict[str, Any], whole: bool
) -> None:
    assert serves_all(stream(**more)) is whole


def test_the_overlap_of_each_run_stays_an_hour() -> None:
    assert stream().overlap == HOUR

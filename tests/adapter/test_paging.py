"""How pages follow each other, for every paging kind: tables of (cursor, rows, answer) ->
(parameters, next cursor)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exchange_cache.adapter.paging import (
    RowsMissing,
    page_params,
    turn,
)
from exchange_cache.adapter.policy import (
    CursorPaging,
    IdPaging,
    NumberPaging,
    OffsetPaging,
    OnePage,
    TimeBounds,
    TimePaging,
)
from exchange_cache.ledger.coverage import Span

BOUNDS = TimeBounds()
CURSOR = CursorPaging(param="cursor", path="result.next")
FORWARD = IdPaging(param="fromId", step=1, start="0", whole_history=True)
BACKWARD = IdPaging(param="after", field="billId", backward=True)


def place(cursor: Any) -> Any:
    """Where a cursor stands, without what it carries of the walk behind it."""
    carried = {"full", "more", "trail", "steps", "mark", "digest"}
    return cursor and {key: value for key, value in cursor.items() if key not in carried}


def ids(*numbers: int, field: str = "id") -> list[dict[str, Any]]:
    return [{field: str(number)} for number in numbers]


def test_one_page_full_must_be_halved_and_any_other_is_the_end() -> None:
    assert turn(OnePage(), {}, ids(1, 2, 3), [], 3).too_full
    made = turn(OnePage(), {}, ids(1, 2), [], 3)
    assert (made.too_full, made.next) == (False, None)
    assert not turn(OnePage(), {}, ids(*range(999)), [], None).too_full


@pytest.mark.parametrize(
    ("cursor", "rows", "stated", "expected"),
    [
        ({}, ids(1), "b", {"cursor": "b"}),
        ({"cursor": "b"}, ids(2), "c", {"cursor": "c"}),
        ({"cursor": "b"}, [], "", None),
        ({"cursor": "b", "again": 1}, ids(2), "c", {"cursor": "c"}),
        ({}, ids(1), "", None),
        ({}, ids(1), None, None),
    ],
)
def test_cursors_end_when_absent_or_on_an_empty_page(
    cursor: Any, rows: Any, stated: Any, expected: Any
) -> None:
    assert place(turn(CURSOR, cursor, rows, {"result": {"next": stated}}, 50).next) == expected


@pytest.mark.parametrize(
    ("paging", "stated"),
    [
        (CURSOR, {"result": {"next": "b"}}),
        (BACKWARD, {}),
        (FORWARD, {}),
        (NumberPaging(), {}),
        (OffsetPaging(), {}),
        (OffsetPaging(may_repeat=True), {}),
        (TimePaging(field="ts"), {}),
    ],
    ids=["cursor", "backward id", "forward id", "page number", "offset", "may repeat", "time"],
)
def test_a_full_page_of_exactly_the_same_rows_is_a_failed_one(paging: Any, stated: Any) -> None:
    rows = [{"id": 9, "billId": 9, "ts": 5}, {"id": 8, "billId": 8, "ts": 5}]
    following = turn(paging, {}, rows, stated, 2).next
    assert following is not None
    with pytest.raises(RowsMissing):
        turn(paging, following, rows, stated, 2)


@pytest.mark.parametrize(
    ("paging", "cursor", "page"),
    [
        (BACKWARD, {"id": "8"}, ids(9, 8, field="billId")),
        (NumberPaging(), turn(NumberPaging(), {}, ids(1, 2), {}, 3).next, ids(1, 2)),
        (
            OffsetPaging(may_repeat=True),
            turn(OffsetPaging(), {}, ids(1, 2), {}, 3).next,
            ids(1, 2),
        ),
    ],
    ids=["backward id", "page number", "offset"],
)
def test_a_page_with_room_for_more_that_comes_twice_is_asked_again_and_then_the_end(
    paging: Any, cursor: Any, page: Any
) -> None:
    again = turn(paging, cursor, page, {}, 3)
    assert (again.again, again.last_id) == (True, None)
    assert page_params(paging, again.next or {}, BOUNDS) == page_params(paging, cursor, BOUNDS)
    assert turn(paging, again.next or {}, page, {}, 3).next is None


def test_an_offset_that_brings_the_page_before_is_a_failed_page_even_with_room_for_more() -> None:
    following = turn(OffsetPaging(), {}, ids(1, 2), {}, 3).next
    with pytest.raises(RowsMissing, match="the page at 2 is the one before it"):
        turn(OffsetPaging(), following or {}, ids(1, 2), {}, 3)


def test_an_empty_page_that_names_a_next_one_is_asked_twice_and_then_passed_once() -> None:
    named = {"result": {"next": "c"}}
    again = turn(CURSOR, {"cursor": "b"}, [], named, 2)
    assert (again.again, page_params(CURSOR, again.next or {}, BOUNDS)) == (True, {"cursor": "b"})
    passed = turn(CURSOR, again.next or {}, [], named, 2)
    assert (passed.again, page_params(CURSOR, passed.next or {}, BOUNDS)) == (True, {"cursor": "c"})
    more = {"result": {"next": "d"}}
    assert place(turn(CURSOR, passed.next or {}, ids(1), more, 2).next) == {"cursor": "d"}
    assert turn(CURSOR, passed.next or {}, [], more, 2).next is None, "Bybit names one without end"
    assert turn(CURSOR, {}, [], named, 2).next is None, "a window may be empty"


@pytest.mark.parametrize(
    ("paging", "stated"),
    [
        (CURSOR, {"result": {"next": "b"}}),
        (BACKWARD, {}),
        (FORWARD, {}),
        (NumberPaging(), {}),
        (OffsetPaging(), {}),
        (TimePaging(field="ts"), {}),
    ],
    ids=["cursor", "backward id", "forward id", "page number", "offset", "time"],
)
def test_an_empty_page_after_a_full_one_is_asked_twice(paging: Any, stated: Any) -> None:
    rows = [{"id": 9, "billId": 9, "ts": 5}, {"id": 8, "billId": 8, "ts": 4}]
    following = turn(paging, {}, rows, stated, 2).next or {}
    again = turn(paging, following, [], {}, 2)
    assert (again.again, again.last_id) == (True, None)
    assert page_params(paging, again.next or {}, BOUNDS) == page_params(paging, following, BOUNDS)
    assert turn(paging, again.next or {}, [], {}, 2).next is None


@pytest.mark.parametrize("circle", [2, 3, 64, 65, 500])
def test_cursors_that_lead_in_a_circle_are_recognised_whatever_its_length(circle: int) -> None:
    def walk(paging: Any, page: Any) -> int:
        cursor: Any = {}
        for step in range(10 * circle):
            rows, answer = page(step)
            cursor = json.loads(json.dumps(turn(paging, cursor, rows, answer, 1).next))
            assert len(json.dumps(cursor)) < 1_500, "a cursor is stored with every page"
        return step

    by_name = CursorPaging(param="cursor", path="next")
    by_row = IdPaging(param="from", backward=True, in_order=True)
    with pytest.raises(RowsMissing, match="circle"):
        walk(by_name, lambda step: (ids(step), {"next": f"c{step % circle}"}))
    with pytest.raises(RowsMissing, match="circle"):
        walk(by_row, lambda step: (ids(1000 - step % circle), {}))
    for by_place in (OffsetPaging(), OffsetPaging(may_repeat=True), NumberPaging()):
        with pytest.raises(RowsMissing, match="circle"):
            walk(by_place, lambda step: (ids(step % circle), {}))


def test_a_circle_of_two_cursors_costs_three_pages() -> None:
    paging, cursor = CursorPaging(param="cursor", path="next"), {}
    for number, name in enumerate(("A", "B")):
        cursor = turn(paging, cursor, ids(number), {"next": name}, 1).next or {}
    with pytest.raises(RowsMissing, match="circle"):
        turn(paging, cursor, ids(3), {"next": "A"}, 1)


@pytest.mark.parametrize("paging", [OffsetPaging(total="count"), NumberPaging(total="count")])
def test_pages_a_b_a_b_do_not_add_up_to_the_stated_total(paging: Any) -> None:
    cursor: Any = {}
    for page in (ids(1, 2), ids(3, 4)):
        cursor = turn(paging, cursor, page, {"count": 6}, 2).next
    with pytest.raises(RowsMissing, match="circle"):
        turn(paging, cursor, ids(1, 2), {"count": 6}, 2)
    with pytest.raises(RowsMissing, match="circle"):
        turn(paging, cursor, ids(1, 2), {"count": 6}, 5)
    assert turn(paging, cursor, ids(5, 6), {"count": 6}, 2).next is None


HOUR = 3_600_000


@pytest.mark.parametrize(
    ("paging", "field", "hours"),
    [
        (BACKWARD, "billId", (4, 3, 2, 1)),
        (FORWARD, "id", (1, 2, 3, 4)),
        (TimePaging(field="ts"), "ts", (1, 2, 3, 4)),
        (TimePaging(field="ts", backward=True), "ts", (4, 3, 2, 1)),
    ],
    ids=["backward id", "forward id", "time", "backward time"],
)
def test_pages_a_b_a_b_that_have_room_are_no_end_either(
    paging: Any, field: str, hours: tuple[int, ...]
) -> None:
    rows = [{field: hour * HOUR, "id": str(hour * HOUR)} for hour in hours]
    cursor = turn(paging, {}, rows[:2], {}, 100).next
    cursor = turn(paging, cursor or {}, rows[2:], {}, 100).next
    with pytest.raises(RowsMissing, match="circle"):
        turn(paging, cursor or {}, rows[:2], {}, 100)


@pytest.mark.parametrize("backward", [False, True])
def test_a_last_page_of_the_boundary_and_the_second_around_it_is_the_end(backward: bool) -> None:
    paging = TimePaging(field="ts", backward=backward)
    cursor = turn(paging, {}, [{"ts": HOUR, "id": "a"}], {}, 100).next or {}
    near = {"ts": HOUR + (999 if backward else -999), "id": "b"}
    assert turn(paging, cursor, [near], {}, 100).next is None
    assert turn(paging, cursor, [], {}, 100).next is None


TOTAL, PAGES = "result.count", "result.pages"


@pytest.mark.parametrize(
    ("paging", "cursor", "rows", "answer"),
    [
        (OffsetPaging(total=TOTAL), {"offset": 100}, [], {"count": 348}),
        (OffsetPaging(total=TOTAL), {}, [], {"count": 348}),
        (OffsetPaging(total=TOTAL), {}, ids(1, 2), {"count": 1}),
        (NumberPaging(total=TOTAL), {"page": 3, "passed": 4}, [], {"count": 5}),
        (NumberPaging(total=TOTAL), {}, [], {"count": "5"}),
        (NumberPaging(pages=PAGES), {"page": 2}, [], {"pages": 3}),
        (NumberPaging(pages=PAGES), {}, [], {"pages": 2}),
        (OnePage(total=TOTAL), {}, ids(1, 2), {"count": 3}),
        (CursorPaging(path="next", more="result.more"), {}, ids(1), {"more": True}),
        (CursorPaging(path="next", more="result.more"), {"cursor": "b"}, [], {"more": True}),
        (CursorPaging(path="next"), {"cursor": "b", "more": 1}, [], {}),
        (IdPaging(param="from", backward=True, more="result.more"), {}, [], {"more": True}),
        (TimePaging(field="ts", more="result.more"), {}, [], {"more": "true"}),
    ],
)
def test_a_page_that_contradicts_its_own_answer_is_a_failed_one(
    paging: Any, cursor: Any, rows: Any, answer: Any
) -> None:
    with pytest.raises(RowsMissing, match=r"the answer|the page before"):
        turn(paging, cursor, rows, {"result": answer}, 3)


@pytest.mark.parametrize(
    ("paging", "cursor", "rows", "answer"),
    [
        (OffsetPaging(total=TOTAL), {"offset": 100}, [], {"count": 100}),
        (OffsetPaging(total=TOTAL), {}, [], {"count": 0}),
        (OffsetPaging(total=TOTAL), {"offset": 100}, [], {"count": None}),
        (NumberPaging(pages=PAGES), {}, [], {"pages": 1}),
        (OnePage(total=TOTAL), {}, ids(1, 2, 3), {"count": 3}),
        (CursorPaging(path="next", more="result.more"), {}, [], {"more": False}),
        (IdPaging(param="from", backward=True, more="result.more"), {}, [], {"more": False}),
    ],
)
def test_a_page_in_agreement_with_its_answer_is_the_end(
    paging: Any, cursor: Any, rows: Any, answer: Any
) -> None:
    assert turn(paging, cursor, rows, {"result": answer}, 4).next is None


def test_a_window_of_which_an_answer_left_rows_out_is_halved() -> None:
    left_out = OnePage(more="moreData")
    assert turn(left_out, {}, ids(1, 2), {"moreData": True}, 1000).too_full
    assert not turn(left_out, {}, ids(1, 2), {"moreData": False}, 1000).too_full


def test_cursors_are_sent_only_when_there_is_one() -> None:
    assert page_params(CURSOR, {}, BOUNDS) == {}
    assert page_params(CURSOR, {"cursor": "b"}, BOUNDS) == {"cursor": "b"}


def test_a_newest_first_walk_without_a_start_stops_behind_its_window() -> None:
    paging = CursorPaging(param="starting_after", path="next", stop_field="at", stop_unit="iso")
    rows = [{"at": "2025-06-01T00:00:02Z"}, {"at": "2025-06-01T00:00:01Z"}]
    inside, behind = (
        Span(1_748_736_000_000, 1_748_739_600_000),
        Span(1_748_736_001_500, 1_748_739_600_000),
    )
    assert place(turn(paging, {}, rows, {"next": "x"}, 100, inside).next) == {"cursor": "x"}
    assert turn(paging, {}, rows, {"next": "x"}, 100, behind).next is None


def test_offsets_count_rows_and_stop_at_the_total_or_on_an_empty_page() -> None:
    paging = OffsetPaging(param="ofs", total="result.count")
    assert page_params(paging, {}, BOUNDS) == {}
    assert _offset(turn(paging, {}, ids(*range(50)), {"result": {"count": 120}}, 50)) == 50
    assert page_params(paging, {"offset": 50}, BOUNDS) == {"ofs": 50}
    assert (
        turn(paging, {"offset": 100}, ids(*range(20)), {"result": {"count": 120}}, 50).next is None
    )
    unsure = OffsetPaging(may_repeat=True)
    first = turn(unsure, {}, ids(1), {}, 50).next
    again = turn(unsure, first or {}, ids(1), {}, 50).next
    assert again is not None and turn(unsure, again, ids(1), {}, 50).next is None, (
        "ignored offsets repeat the page"
    )
    assert _offset(turn(OffsetPaging(), {}, ids(1), {}, 50)) == 1, "a short page is not the end"


def _offset(made: Any) -> int:
    return int(made.next["offset"])


def test_numbered_pages_stop_on_an_empty_page_a_repetition_or_the_total() -> None:
    first = turn(NumberPaging(), {}, ids(1, 2), {}, 100)
    assert first.next is not None and first.next["page"] == 2
    assert page_params(NumberPaging(), first.next, BOUNDS) == {"page": 2}
    again = turn(NumberPaging(), first.next, ids(1, 2), {}, 100).next
    assert again is not None and turn(NumberPaging(), again, ids(1, 2), {}, 100).next is None
    assert turn(NumberPaging(), first.next, [], {}, 100).next is None
    assert turn(NumberPaging(total="total"), first.next, ids(3), {"total": 3}, 100).next is None
    assert page_params(NumberPaging(param="current", first=0), {}, BOUNDS) == {"current": 0}


def test_a_forward_walk_by_id_begins_at_its_start_and_ends_without_new_ids() -> None:
    assert page_params(FORWARD, {}, BOUNDS) == {"fromId": "0"}
    first = turn(FORWARD, {}, ids(5, 7, 6), [], 3)
    assert (place(first.next), first.last_id) == ({"id": "7"}, "7")
    assert page_params(FORWARD, {"id": "7"}, BOUNDS) == {"fromId": "8"}
    last = turn(FORWARD, {"id": "7"}, [], [], 3)
    assert (last.next, last.last_id) == (None, "7")
    again = turn(FORWARD, {"id": "7"}, ids(5, 6, 7), [], 4)
    assert (again.again, again.next) == (True, {"id": "7", "again": 1}), (
        "rows from behind 7 on were asked for"
    )
    assert turn(FORWARD, again.next, ids(5, 6, 7), [], 4).next is None


def test_a_walk_goes_on_another_day_behind_the_last_id() -> None:
    assert page_params(FORWARD, {"last_id": "41"}, BOUNDS) == {"fromId": "42"}
    made = turn(FORWARD, {"last_id": "41"}, ids(42), [], 3)
    assert (made.next, made.last_id) == ({"id": "42"}, "42")


def test_a_backward_walk_by_id_goes_before_the_smallest() -> None:
    assert page_params(BACKWARD, {}, BOUNDS) == {}
    assert place(turn(BACKWARD, {}, ids(9, 8, field="billId"), {}, 2).next) == {"id": "8"}
    assert page_params(BACKWARD, {"id": "8"}, BOUNDS) == {"after": "8"}
    assert turn(BACKWARD, {"id": "8"}, ids(8, field="billId"), {}, 2).next is None
    end = turn(BACKWARD, {"id": "8"}, [], {}, 2)
    assert (end.next, end.last_id) == (None, None), (
        "a walk inside windows has no id to go on from another day"
    )
    words = IdPaging(param="before", field="id", backward=True)
    assert place(turn(words, {}, [{"id": "x"}, {"id": "f"}], {}, 2).next) == {"id": "f"}


def test_walks_by_time_ask_the_boundary_again_and_end_without_new_ids() -> None:
    paging = TimePaging(field="ts", id_field="id")
    rows = [{"ts": "1000", "id": "a"}, {"ts": "2000", "id": "b"}, {"ts": "2000", "id": "c"}]
    first = turn(paging, {}, rows, {}, 3).next
    assert place(first) == {"time": 2000, "ids": ["b", "c"]}
    assert page_params(paging, first, BOUNDS) == {"startTime": 2000}
    same = turn(paging, first, [{"ts": "2000", "id": "c"}, {"ts": "2000", "id": "d"}], {}, 3).next
    assert same == {"time": 2000, "ids": ["b", "c", "d"]}, (
        "a third row of the same millisecond is not lost"
    )
    assert turn(paging, same, [{"ts": "2000", "id": "d"}], {}, 3).next is None


@pytest.mark.parametrize("backward", [True, False])
def test_rows_behind_the_boundary_that_come_again_are_nothing_new(backward: bool) -> None:
    paging, behind = (
        TimePaging(field="ts", id_field="id", backward=backward),
        "2001" if backward else "1999",
    )
    again = [{"ts": behind, "id": "b"}, {"ts": "2000", "id": "c"}]
    assert turn(paging, {"time": 2000, "ids": ["c"]}, again, {}, 10).next is None, (
        "a widened bound would be asked for ever"
    )
    more = turn(
        paging, {"time": 2000, "ids": ["c"]}, [*again, {"ts": "2000", "id": "d"}], {}, 10
    ).next
    assert more == {"time": 2000, "ids": ["c", "d"]}


def test_ids_that_do_not_grow_with_time_are_taken_in_the_order_of_the_rows() -> None:
    paging = IdPaging(param="from", backward=True, in_order=True)
    first = turn(paging, {}, ids(50, 3, 70), {}, 3).next
    assert place(first) == {"id": "70"} and page_params(paging, first, BOUNDS) == {"from": "70"}
    assert place(turn(paging, first, ids(70, 9, 40), {}, 3).next) == {"id": "40"}, (
        "the row named begins the next page"
    )
    assert turn(paging, {"id": "40"}, ids(40), {}, 3).next is None
    assert turn(paging, {"id": "40"}, [], {}, 3).next is None


@pytest.mark.parametrize(
    ("paging", "cursor", "halved"),
    [
        (NumberPaging(reach=200), {"page": 2}, False),
        (NumberPaging(reach=200), {"page": 3}, True),
        (OffsetPaging(reach=200), {"offset": 198}, False),
        (OffsetPaging(reach=200), {"offset": 199}, True),
    ],
)
def test_a_window_with_more_rows_than_an_exchange_pages_through_is_halved(
    paging: Any, cursor: Any, halved: bool
) -> None:
    made = turn(paging, cursor, ids(1, 2), {}, 100)
    assert (made.too_full, made.next is None) == (halved, halved)


def test_a_backward_walk_by_id_ends_where_it_leaves_the_window_even_if_the_start_was_ignored() -> (
    None
):
    paging = IdPaging(param="offset", field="id", backward=True, stop_field="at")
    rows = [{"id": 9, "at": 3_000}, {"id": 8, "at": 2_000}]
    assert place(turn(paging, {}, rows, {}, 2, Span(2_000, 4_000)).next) == {"id": "8"}
    assert turn(paging, {}, rows, {}, 2, Span(2_001, 4_000)).next is None


def test_backward_walks_by_time_include_the_boundary() -> None:
    paging, bounds = (
        TimePaging(field="ts", id_field="depId", backward=True),
        TimeBounds(start="before", end="after", start_exclusive=True),
    )
    first = turn(
        paging, {}, [{"ts": "5000", "depId": "1"}, {"ts": "4000", "depId": "2"}], {}, 2
    ).next
    assert place(first) == {"time": 4000, "ids": ["2"]}
    assert page_params(paging, first, bounds) == {"after": 4001}


def test_cursors_survive_json() -> None:
    for paging, rows in (
        (CURSOR, ids(1)),
        (FORWARD, ids(1)),
        (NumberPaging(), ids(1)),
        (OffsetPaging(), ids(1)),
    ):
        made = turn(paging, {}, rows, {"result": {"next": "n"}}, 1).next
        assert json.loads(json.dumps(made)) == made


def test_a_full_page_of_one_instant_is_an_error_and_not_the_end() -> None:
    paging = TimePaging(field="ts")
    rows = [{"ts": "2000", "id": name} for name in "bcd"]
    first = turn(paging, {}, rows, {}, 3).next
    assert place(first) == {"time": 2000, "ids": ["b", "c", "d"]}
    with pytest.raises(RowsMissing, match="more rows at 2000 than a page of 3 can hold"):
        turn(paging, first, rows, {}, 3)
    assert turn(paging, first, rows, {}, 4).next is None, (
        "a page with room for more holds all of the instant"
    )


def test_walks_by_nanoseconds_pass_a_millisecond_that_no_page_can_hold() -> None:
    paging = TimePaging(field="ns", field_unit="ns", backward=True)
    bounds = TimeBounds(start="from", end="to", unit="ns")
    window = Span(1_000, 2_000)
    first = turn(
        paging,
        {},
        [{"ns": "1500000002", "id": "c"}, {"ns": "1500000001", "id": "b"}],
        {},
        2,
        window,
    ).next
    assert place(first) == {"time_ns": 1_500_000_001, "ids": ["b"]}
    assert page_params(paging, first, bounds) == {"to": 1_500_000_002}
    second = turn(
        paging,
        first,
        [{"ns": "1500000001", "id": "b"}, {"ns": "1500000000", "id": "a"}],
        {},
        2,
        window,
    ).next
    assert place(second) == {"time_ns": 1_500_000_000, "ids": ["a"]}
    assert turn(paging, second, [{"ns": "999999999", "id": "z"}], {}, 2, window).next is None, (
        "behind its window"
    )


def test_numbered_pages_stop_at_the_last_page_that_the_exchange_tells() -> None:
    paging = NumberPaging(pages="totalPages")
    first = turn(paging, {}, ids(1, 2), {"totalPages": 2}, 100).next
    assert first is not None and first["page"] == 2
    assert turn(paging, first, ids(3), {"totalPages": 2}, 100).next is None
    assert turn(paging, first, ids(3), {}, 100).next is not None, (
        "without the number the walk goes on to an empty page"
    )
    assert turn(NumberPaging(first=0, pages="pages"), {}, ids(1), {"pages": 1}, 100).next is None

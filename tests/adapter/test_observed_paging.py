"""The walk by what was observed: where the next page begins, and when a direction ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from exchange_cache.adapter import paging
from exchange_cache.adapter.observed_paging import contradiction, repeats_ids, stamped
from exchange_cache.adapter.paging_rules import ObservedPaging, TimeBounds
from exchange_cache.adapter.paths import RowsMissing
from exchange_cache.ledger.coverage import Span

BOUNDS = TimeBounds(start="since", end="until")
WINDOW = Span(0, 1_000_000)
FORWARD = ObservedPaging(order="oldest first")
BOTH = ObservedPaging(backward=True)
BACKWARD = ObservedPaging(forward=False, backward=True)
NEWEST = ObservedPaging(forward=False, asked=100)


def row(at_ms: int, number: int | None = None) -> dict[str, Any]:
    name = None if number is None else str(number)
    return {"timestamp": at_ms, "id": name, "price": "1", "symbol": "A/B", "order": name}


def rows(*times: int) -> list[dict[str, Any]]:
    return [row(at_ms, number) for number, at_ms in enumerate(times)]


def walked(rule: ObservedPaging, history: Sequence[dict[str, Any]], cap: int, newest: bool) -> Any:
    """The numbers of a history that a walk finds, and its requests."""
    found: set[str] = set()
    cursor: dict[str, Any] = {}
    for request in range(1, 100):
        params = {
            **paging.window_params(BOUNDS, WINDOW),
            **paging.page_params(rule, cursor, BOUNDS),
        }
        inside = [one for one in history if params["since"] <= one["timestamp"] <= params["until"]]
        page = inside[-cap:] if newest else inside[:cap]
        found |= {one["id"] for one in page}
        turn = paging.turn(rule, cursor, page, None, cap, WINDOW)
        if turn.next is None:
            return len(found), request
        cursor = turn.next
    raise AssertionError("it does not end")


HISTORY = rows(*(5_000 * number for number in range(100)))


@pytest.mark.parametrize(("rule", "newest"), [(FORWARD, False), (BOTH, False), (BOTH, True)])
def test_all_pages_are_walked_from_either_end(rule: ObservedPaging, newest: bool) -> None:
    found, requests = walked(rule, HISTORY, 10, newest)
    assert found == 100
    assert requests <= 100 // 9 + 4


def test_a_second_that_alone_fills_a_page_is_asked_from_its_edge() -> None:
    crowded = rows(*(10_000 + 100 * number for number in range(60)))
    assert walked(FORWARD, crowded, 7, newest=False)[0] == 60
    assert walked(BOTH, crowded, 7, newest=True)[0] == 60


def test_more_rows_in_an_instant_than_a_page_holds_are_an_error() -> None:
    crowded = rows(*range(0, 20_000, 2_000), *[30_000] * 30)
    with pytest.raises(RowsMissing, match="more rows at 30000 than a page of 10 can hold"):
        walked(FORWARD, crowded, 10, newest=False)


def test_a_few_rows_of_one_instant_are_no_full_page() -> None:
    assert walked(FORWARD, rows(5_000, 5_000), 10, newest=False)[0] == 2


def test_a_full_page_of_the_newest_rows_proves_nothing_before_them() -> None:
    page = rows(*range(1_000, 101_000, 1_000))
    assert paging.turn(NEWEST, {}, page, None, 100, WINDOW).cut_ms == 1_000
    assert paging.turn(NEWEST, {}, page[:37], None, 100, WINDOW).cut_ms is None
    assert paging.turn(NEWEST, {}, page[:40], None, 100, WINDOW).cut_ms == 1_000, "a round number"


def test_a_full_page_of_the_oldest_rows_with_no_way_on_proves_nothing() -> None:
    rule = ObservedPaging(forward=False, order="oldest first", asked=3)
    turn = paging.turn(rule, {}, rows(1, 2, 3), None, 3, WINDOW)
    assert turn.cut_ms == 4


def test_where_the_order_is_unknown_one_page_that_may_be_full_proves_nothing_before_it() -> None:
    rule = ObservedPaging(asked=10)
    page = rows(*range(1_000, 11_000, 1_000))
    first = paging.turn(rule, {}, page, None, 10, WINDOW)
    assert first.next is not None
    assert paging.turn(rule, first.next, page[-1:], None, 10, WINDOW).cut_ms == 1_000


def test_a_walk_ends_behind_its_window() -> None:
    first = paging.turn(FORWARD, {}, rows(2_000_000), None, 10, WINDOW)
    assert first.next is not None
    beyond = [*rows(2_000_000), row(3_000_000, 9)]
    assert paging.turn(FORWARD, first.next, beyond, None, 10, WINDOW).next is None


def test_rows_outside_what_was_asked_contradict_what_was_observed() -> None:
    asked = Span(100_000, 200_000)
    inside = stamped(rows(100_000, 150_000))
    assert contradiction({}, inside, asked, BOUNDS) is None
    before, after = stamped(rows(50_000)), stamped(rows(300_000))
    assert "before the start" in str(contradiction({}, before, asked, BOUNDS))
    assert "after the end" in str(contradiction({}, after, asked, BOUNDS))
    open_ended = TimeBounds(start="since", end=None)
    assert contradiction({}, after, asked, open_ended) is None


def test_rows_without_an_id_differ_by_what_they_say_and_equal_ones_counted() -> None:
    names = [name for _, name in stamped([row(1), row(1), row(2)])]
    assert len(set(names)) == 3
    assert names == [name for _, name in stamped([row(1), row(1), row(2)])]


def test_rows_that_differ_but_have_one_id_are_noticed() -> None:
    assert repeats_ids([row(1, 7), {**row(2, 7), "order": "8"}])
    assert not repeats_ids([row(1, 7), row(1, 7), row(2), row(3)])


def test_a_row_without_a_time_is_an_error() -> None:
    with pytest.raises(RowsMissing, match="no time"):
        stamped([{"timestamp": None}])

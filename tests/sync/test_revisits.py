"""Which windows are requested again, and when: tables without a cache or an exchange."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Span
from exchange_cache.sync.plan import Window
from exchange_cache.sync.revisits import (
    MOST_WINDOWS,
    REVISITS,
    Revisited,
    from_id,
    is_served,
    revisited,
    stored,
    windows,
)
from tests.builders import NOW
from tests.sync.fake_port import DAY, HOUR, stream

NOW_MS = to_ms(NOW)
HOUR_MS, DAY_MS = HOUR // timedelta(milliseconds=1), DAY // timedelta(milliseconds=1)


def ago(hours: float, length: float = 1) -> Span:
    start = NOW_MS - int(hours * HOUR_MS)
    return Span(start, start + int(length * HOUR_MS))


def spans(found: tuple[Window, ...]) -> list[Span | None]:
    return [window.span for window in found]


@pytest.mark.parametrize(
    ("times", "hours_ago", "due"),
    [(0, 0, True), (1, 0, True), (2, 0, False), (2, 23, False), (2, 24, True), (9, 24, True)],
)
def test_a_contradiction_is_requested_again_twice_as_soon_as_possible_and_then_daily(
    times: int, hours_ago: int, due: bool
) -> None:
    past = Revisited(times=times, at_ms=NOW_MS - hours_ago * HOUR_MS)
    assert past.is_due(NOW_MS) is due
    assert past.once_more(NOW_MS) == Revisited(times=times + 1, at_ms=NOW_MS)
    assert past.is_persistent is (times >= 2)


def test_what_was_requested_again_survives_the_memory_of_an_account() -> None:
    known = {"fills spot": Revisited(times=3, at_ms=NOW_MS)}
    assert revisited({REVISITS: stored(known)}) == known
    assert revisited({}) == {}


def test_spans_of_one_window_are_requested_together_and_longer_ones_in_pieces() -> None:
    policy = stream(window=DAY)
    assert spans(windows(policy, [ago(50), ago(40), ago(10)], NOW_MS)) == [ago(50, 11), ago(10)]
    assert spans(windows(policy, [ago(60, 30)], NOW_MS)) == [ago(60, 24), ago(36, 6)]


def test_a_few_spans_of_any_length_are_requested_one_by_one_and_many_in_one_walk() -> None:
    policy = stream(window=None)
    few = [ago(hours) for hours in (50, 40, 10)]
    assert spans(windows(policy, few, NOW_MS)) == few
    many = [ago(hours) for hours in range(50, 10, -2)]
    assert spans(windows(policy, many, NOW_MS)) == [Span(many[0].start_ms, many[-1].end_ms)]


def test_only_what_is_served_and_has_happened_is_requested() -> None:
    policy = stream(window=None, retention=2 * DAY)
    minute = HOUR_MS // 60
    edge = NOW_MS - 2 * DAY_MS + minute
    assert spans(windows(policy, [ago(100), ago(48.5), ago(0.5)], NOW_MS)) == [
        Span(edge, ago(48.5).end_ms),
        Span(ago(0.5).start_ms, NOW_MS),
    ]
    assert windows(policy, [ago(100)], NOW_MS) == ()
    assert not is_served(policy, ago(48.5), NOW_MS) and is_served(policy, ago(47), NOW_MS)


def test_a_run_requests_a_bounded_number_of_windows_and_the_next_one_the_following() -> None:
    policy = stream(window=HOUR)
    doubted = [ago(4 * number) for number in range(70, 0, -1)]
    first, second = (windows(policy, doubted, NOW_MS, turn=turn) for turn in (0, 1))
    assert len(first) == len(second) == MOST_WINDOWS
    assert {*spans(first), *spans(second)} == set(doubted)


def test_a_history_by_id_is_walked_from_a_row_before_the_doubt() -> None:
    assert from_id("41") == (Window(span=None, cursor={"last_id": "41"}),)
    assert from_id(None) == (Window(span=None),)

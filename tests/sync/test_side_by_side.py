"""Questions that are asked at once."""

from __future__ import annotations

import threading

import pytest

from exchange_cache.sync.side_by_side import AT_ONCE, side_by_side


def test_answers_are_in_the_order_of_the_questions_and_meet() -> None:
    meeting = threading.Barrier(AT_ONCE)

    def ask(number: int) -> int:
        meeting.wait(20)
        return number * number

    assert side_by_side(ask, range(AT_ONCE)) == [number * number for number in range(AT_ONCE)]


def test_the_first_fault_is_raised_and_nothing_is_asked_for_nobody() -> None:
    def ask(number: int) -> int:
        if number in {3, 5}:
            raise ValueError(number)
        return number

    with pytest.raises(ValueError, match="3"):
        side_by_side(ask, range(8))
    assert side_by_side(ask, ()) == []


def test_no_more_than_so_many_are_asked_at_once() -> None:
    asking, most, lock = [0], [0], threading.Lock()

    def ask(_: int) -> None:
        with lock:
            asking[0] += 1
            most[0] = max(most[0], asking[0])
        with lock:
            asking[0] -= 1

    side_by_side(ask, range(200))
    assert most[0] <= AT_ONCE

"""Which runs had a clock that was ahead, and how far a stream is cut back."""

from __future__ import annotations

import pytest

from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.repair_scene import DAY_MS, Doubt, runs_ahead, without
from tests.builders import NOW

NOW_MS = to_ms(NOW)
KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


@pytest.mark.parametrize(
    ("started", "ahead"),
    [
        ([], ()),
        ([1, 2, 3], ()),
        ([1, 2, 90], (2,)),  # the last one lies in the future
        ([90], (0,)),
        ([1, 40, 3, 4, 5], (1,)),  # once ahead, though its time has passed by now
        ([20, 21, 1, 22, 23], ()),  # once behind: the others are right
    ],
)
def test_a_run_is_ahead_when_its_time_has_not_come_or_later_runs_came_before_it(
    started: list[int], ahead: tuple[int, ...]
) -> None:
    minutes = [NOW_MS - DAY_MS + item * 20 * 60_000 for item in started]
    assert runs_ahead(minutes, NOW_MS) == ahead


def test_a_stream_is_cut_back_to_the_trustworthy_moment_and_keeps_the_rest() -> None:
    state = StreamState(
        key=KEY,
        covered=Ranges.of((100, 9_000)),
        open=Span(8_000, 9_000),
        cursor={"page": 2},
        floor_ms=100,
        asked_ms=9_000,
        completed_ms=9_000,
    )
    cut = without(state, Doubt(2_000, 9_000), 0, 5_000)
    assert (cut.covered, cut.open, cut.cursor) == (Ranges.of((100, 2_000)), None, {})
    assert (cut.asked_ms, cut.completed_ms, cut.floor_ms) == (2_000, 2_000, 100)


def test_without_a_trustworthy_moment_all_that_is_still_served_is_asked_again() -> None:
    state = StreamState(
        key=KEY, covered=Ranges.of((100, 9_000)), floor_ms=500, asked_ms=9_000, completed_ms=9_000
    )
    cut = without(state, Doubt(None, 9_000), 500, 5_000)
    assert (cut.covered, cut.floor_ms, cut.completed_ms) == (Ranges.of((100, 500)), None, None)


def test_a_stream_that_claims_none_of_the_doubtful_time_is_left_as_it_is() -> None:
    state = StreamState(
        key=KEY, covered=Ranges.of((100, 1_000)), asked_ms=1_000, completed_ms=1_000
    )
    assert without(state, Doubt(2_000, 9_000), 0, 5_000) is state

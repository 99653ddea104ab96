"""Windows as parameters in an exchange's unit, and the times of raw rows."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.adapter.paging import RowsMissing, window_params
from exchange_cache.adapter.policy import (
    TimeBounds,
)
from exchange_cache.adapter.time_units import in_unit, row_ms
from exchange_cache.ledger.coverage import Span


def test_windows_are_contained_in_what_is_asked() -> None:
    window = Span(1_500, 2_001)
    assert window_params(TimeBounds(), window) == {"startTime": 1_500, "endTime": 2_001}
    assert window_params(TimeBounds(start="start", end="end", unit="s"), window) == {
        "start": 1,
        "end": 3,
    }
    assert window_params(
        TimeBounds(start="start", end="end", unit="s", start_exclusive=True), Span(2_000, 3_000)
    ) == {"start": 1, "end": 3}
    assert window_params(TimeBounds(start=None, end="end"), window) == {"end": 2_001}
    assert window_params(TimeBounds(), None) == {}


@pytest.mark.parametrize(
    ("unit", "up", "expected"),
    [
        ("ms", False, 1_234_567_890_123),
        ("s", False, 1_234_567_890),
        ("s", True, 1_234_567_891),
        ("us", True, 1_234_567_890_123_000),
        ("ns", False, 1_234_567_890_123_000_000),
        ("iso", False, "2009-02-13T23:31:30.123Z"),
    ],
)
def test_units(unit: str, up: bool, expected: int | str) -> None:
    assert in_unit(1_234_567_890_123, unit, up=up) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("1710429248.3052235", "s", 1_710_429_248_305),
        ("1710429248", "s", 1_710_429_248_000),
        (1_710_429_248_305, "ms", 1_710_429_248_305),
        ("1710429248305000000", "ns", 1_710_429_248_305),
        ("2024-03-14T15:14:08.305Z", "iso", 1_710_429_248_305),
        ("2024-03-14 15:14:08", "iso", 1_710_429_248_000),
    ],
)
def test_row_times(value: Any, unit: str, expected: int) -> None:
    assert row_ms({"t": value}, "t", unit) == expected


def test_a_row_without_its_time_is_an_error() -> None:
    with pytest.raises(RowsMissing, match="ts"):
        row_ms({}, "ts", "ms")

"""Clocks are passed in; stored times are exact to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from exchange_cache.clock import SKEW, SetClock, SystemClock, from_ms, is_ahead, to_ms

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_a_set_clock_moves_only_by_sleeping() -> None:
    clock = SetClock(at=NOW)
    before = clock.monotonic()
    assert clock.now() == clock.now() == NOW
    clock.sleep(90)
    assert clock.now() == NOW + timedelta(seconds=90)
    assert clock.monotonic() - before == 90


def test_the_system_clock_is_aware_and_never_runs_backwards() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()


def test_a_stored_time_is_ahead_beyond_an_ordinary_correction_of_the_clock() -> None:
    assert not is_ahead(NOW + SKEW, NOW)
    assert is_ahead(NOW + SKEW + timedelta(milliseconds=1), NOW)
    assert not is_ahead(NOW - timedelta(days=1), NOW)


@pytest.mark.parametrize(
    ("moment", "ms"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 1, 1, 0, 0, 0, 1000, tzinfo=UTC), 1_767_225_600_001),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 1_767_225_600_000),
        (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), -1),
    ],
)
def test_times_and_milliseconds_are_converted_exactly(moment: datetime, ms: int) -> None:
    assert to_ms(moment) == ms
    assert from_ms(ms) == moment
    assert from_ms(ms).tzinfo is UTC

"""How far a machine's clock is ahead of an exchange's, from one answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.adapter.exchange_time import (
    ClockOffset,
    offset_by_date,
    offset_by_statement,
)

#: 2026-05-04 12:00:00 UTC.
DATE = {"Date": "Mon, 04 May 2026 12:00:00 GMT"}
DATE_MS = 1_777_896_000_000
SIGNED = "GET private account"


def test_the_offset_lies_between_request_and_arrival_and_the_second_of_the_date() -> None:
    found = offset_by_date(SIGNED, DATE, DATE_MS + 5_000, DATE_MS + 5_250)
    assert found == ClockOffset(least_ms=4_000, most_ms=5_250)


def test_a_clock_is_corrected_only_where_it_is_certainly_ahead() -> None:
    ahead = offset_by_date(SIGNED, DATE, DATE_MS + 5_000, DATE_MS + 5_250)
    within_the_second = offset_by_date(SIGNED, DATE, DATE_MS + 900, DATE_MS + 1_200)
    behind = offset_by_date(SIGNED, DATE, DATE_MS - 60_000, DATE_MS - 59_000)
    assert ahead is not None and ahead.ahead == timedelta(milliseconds=5_250)
    assert within_the_second is not None and within_the_second.ahead == timedelta(0)
    assert behind is not None and behind.ahead == timedelta(0)


@pytest.mark.parametrize(
    ("least", "most", "nearest"), [(4_000, 5_000, 4_000), (-9_000, -8_000, -8_000), (-1, 2, 0)]
)
def test_the_reported_offset_is_the_smallest_that_fits(least: int, most: int, nearest: int) -> None:
    assert ClockOffset(least_ms=least, most_ms=most).nearest_ms == nearest


@pytest.mark.parametrize(
    ("endpoint", "headers"),
    [
        pytest.param("GET public time", DATE, id="a public read may come from a cache"),
        pytest.param(SIGNED, {**DATE, "Age": "120"}, id="it came from a cache"),
        pytest.param(SIGNED, {}, id="no date"),
        pytest.param(SIGNED, {"Date": "yesterday"}, id="no date that can be read"),
        pytest.param(None, DATE, id="no request"),
    ],
)
def test_answers_that_prove_no_time_are_passed_over(
    endpoint: str | None, headers: dict[str, str]
) -> None:
    assert offset_by_date(endpoint, headers, DATE_MS, DATE_MS) is None


def test_a_public_read_by_post_is_never_cached() -> None:
    assert offset_by_date("POST public info", {"date": DATE["Date"]}, DATE_MS, DATE_MS) is not None


def test_a_time_endpoint_may_state_whole_seconds() -> None:
    found = offset_by_statement(DATE_MS, DATE_MS + 900, DATE_MS + 910)
    assert found == ClockOffset(least_ms=-100, most_ms=910)
    assert found.ahead == timedelta(0)

"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exchange_cache.cli.moments import is_day, midnight, moment_of

NOW = datetime(2026, 5, 31, 12, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", utc(2026, 1, 31)),
        ("2026-01-31T12:00", utc(2026, 1, 31, 12)),
        ("2026-01-31 12:00:05", utc(2026, 1, 31, 12, 0, 5)),
        ("2026-01-31T12:00+02:00", utc(2026, 1, 31, 10)),
        ("today", utc(2026, 5, 31)),
        ("Yesterday", utc(2026, 5, 30)),
        ("90s", NOW - timedelta(seconds=90)),
        ("10min", NOW - timedelta(minutes=10)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("3w", NOW - timedelta(weeks=3)),
        ("1m", utc(2026, 4, 30, 12, 30)),  # April has 30 days
        ("3m", utc(2026, 2, 28, 12, 30)),
        ("6m", utc(2025, 11, 30, 12, 30)),
        ("1y", utc(2025, 5, 31, 12, 30)),
        ("27m", utc(2024, 2, 29, 12, 30)),
    ],
)
def test_a_text_is_one_moment(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


def test_a_text_without_an_offset_is_in_the_zone() -> None:
    assert moment_of("2026-01-31", NOW, BERLIN) == utc(2026, 1, 30, 23)
    assert moment_of("2026-07-31T08:00", NOW, BERLIN) == utc(2026, 7, 31, 6)
    assert moment_of("2026-01-31T12:00Z", NOW, BERLIN) == utc(2026, 1, 31, 12)
    assert moment_of("yesterday", utc(2026, 5, 30, 23), BERLIN) == utc(2026, 5, 29, 22)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("soon", "'soon' is not a time: use 2026-01-31"),
        ("31.12.2025", "is not a time"),
        ("-7d", "is not a time"),
        ("", "is not a time"),
        ("99999999999d", "is too long ago"),
        ("999999999999y", "is too long ago"),
        ("100y", "is too long ago"),
        ("0001-01-01T00:00+12:00", "is too long ago"),
        ("1969-12-31", "is too long ago: before 1970-01-01"),
    ],
)
def test_any_other_text_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal.replace("(", r"\(")):
        moment_of(text, NOW)


def test_words_and_dates_are_days() -> None:
    assert all(is_day(text) for text in ("2026-01-31", "20260131", "today", "YESTERDAY"))
    assert not any(is_day(text) for text in ("2026-01-31T00:00", "7d", "1y"))


def test_midnight_follows_the_clock_of_the_zone() -> None:
    assert midnight(utc(2026, 3, 29, 12), BERLIN) == utc(2026, 3, 28, 23)
    assert midnight(utc(2026, 3, 29, 12), BERLIN, days=1) == utc(2026, 3, 29, 22)  # a day of 23 h

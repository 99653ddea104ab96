"""Exact values for programs."""

from datetime import UTC, datetime

import pytest

from exchange_cache.render.machine import exact, iso


def test_times_have_as_many_digits_as_they_need():
    assert iso(datetime(2026, 1, 31, 12, tzinfo=UTC)) == "2026-01-31T12:00:00Z"
    assert iso(datetime(2026, 1, 31, 12, 0, 0, 5000, tzinfo=UTC)) == "2026-01-31T12:00:00.005Z"


def test_a_float_never_becomes_text():
    with pytest.raises(TypeError, match="no exact text for float"):
        exact({"value": 0.1})

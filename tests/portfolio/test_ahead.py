"""Between the moments at which something gets stale, one reading stands for the whole span."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.portfolio.ahead import MOST_SPANS, SHORTEST, Span, spans
from tests.builders import NOW

MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


def test_without_a_moment_ahead_the_present_has_no_end() -> None:
    assert spans([], NOW) == [Span(NOW, None)]
    assert spans([NOW - HOUR], NOW) == [Span(NOW, None)]


def test_a_span_ends_before_the_moment_and_the_next_starts_after_it() -> None:
    assert spans([NOW + 2 * HOUR, NOW + HOUR, NOW + HOUR], NOW) == [
        Span(NOW, NOW + HOUR),
        Span(NOW + HOUR + MS, NOW + 2 * HOUR),
        Span(NOW + 2 * HOUR + MS, None),
    ]


def test_short_spans_after_the_present_one_are_left_out() -> None:
    close = [NOW + HOUR + number * SHORTEST / 2 for number in range(3)]
    assert spans(close, NOW) == [Span(NOW, close[0]), Span(close[-1] + MS, None)]
    assert spans([NOW, NOW + MS], NOW)[0] == Span(NOW, NOW)


def test_of_many_spans_the_longest_are_kept() -> None:
    found = spans([NOW + number * number * HOUR for number in range(1, 20)], NOW)
    assert len(found) == MOST_SPANS + 1
    assert found[0].start == NOW
    assert found[-1].end is None
    assert found == sorted(found, key=lambda span: span.start)

"""Coverage is a set of instants: its arithmetic agrees with plain sets of milliseconds."""

from __future__ import annotations

import random

import pytest

from exchange_cache.ledger.coverage import Ranges, Span, cut_where_the_clock_was_ahead


def instants(ranges: Ranges) -> set[int]:
    return {ms for span in ranges for ms in range(span.start_ms, span.end_ms)}


def random_ranges(chance: random.Random) -> Ranges:
    starts = [chance.randrange(30) for _ in range(chance.randrange(5))]
    return Ranges.of(*((start, start + chance.randrange(6)) for start in starts))


def test_a_span_is_never_empty() -> None:
    assert Span(1, 3).length_ms == 2
    with pytest.raises(ValueError, match="a span must end after it starts"):
        Span(3, 3)


def test_spans_that_touch_are_merged_and_empty_ones_dropped() -> None:
    found = Ranges.of((5, 9), (1, 3), (3, 4), (7, 7))
    assert found == Ranges((Span(1, 4), Span(5, 9)))
    assert (found.start_ms, found.end_ms, found.length_ms, bool(found)) == (1, 9, 7, True)
    assert (Ranges().start_ms, Ranges().end_ms, Ranges().length_ms, bool(Ranges())) == (
        None,
        None,
        0,
        False,
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_arithmetic_is_that_of_sets(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        one, other = random_ranges(chance), random_ranges(chance)
        assert instants(one.plus(other)) == instants(one) | instants(other)
        assert instants(one.minus(other)) == instants(one) - instants(other)
        end = chance.randrange(40)
        assert instants(one.until(end)) == {ms for ms in instants(one) if ms < end}
        ms = chance.randrange(40)
        assert one.contains(ms) == (ms in instants(one))
        span = Span(ms, ms + 3)
        assert one.covers(span) == ({ms, ms + 1, ms + 2} <= instants(one))


@pytest.mark.parametrize(
    ("known", "left"),
    [
        (None, Ranges()),
        (6, Ranges.of((0, 5), (6, 6))),
        (7, Ranges.of((0, 5), (6, 7))),
        (99, Ranges.of((0, 5), (6, 10))),
    ],
)
def test_coverage_of_the_future_is_kept_up_to_what_was_certainly_requested(
    known: int | None, left: Ranges
) -> None:
    covered = Ranges.of((0, 5), (6, 20))
    assert cut_where_the_clock_was_ahead(covered, 10, known) == left


def test_coverage_up_to_now_is_kept() -> None:
    covered = Ranges.of((0, 5), (6, 10))
    assert cut_where_the_clock_was_ahead(covered, 10, None) == covered
    assert cut_where_the_clock_was_ahead(Ranges(), 10, None) == Ranges()

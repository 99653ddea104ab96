"""Which time ranges of a history are stored, and the arithmetic on them: half-open ranges in
integer milliseconds.

A :class:`Ranges` value is always sorted, disjoint and merged, so equal coverages are equal values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """What a statement of coverage rests on.

    Proven: a reviewed policy, whose totals, ids or cursors close. Observed: what requests showed of
    how the exchange serves this history. Stated: a file says so, no chain of balances in it proves
    it. Assumed: neither could show that there is no more.
    """

    PROVEN = "proven"
    OBSERVED = "observed"
    STATED = "stated"
    ASSUMED = "assumed"

    def with_(self, other: Grade | None) -> Grade:
        """The grade of two statements together: the weaker one; None says nothing."""
        order = list(Grade)
        return self if other is None else order[max(order.index(self), order.index(other))]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range, never empty: ``start_ms <= t < end_ms``."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.start_ms >= self.end_ms:
            raise ValueError(f"a span must end after it starts: [{self.start_ms}, {self.end_ms})")

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of instants as merged spans, oldest first."""

    spans: tuple[Span, ...] = ()

    @staticmethod
    def of(*pairs: tuple[int, int]) -> Ranges:
        """The union of ``(start_ms, end_ms)`` pairs; empty pairs are dropped."""
        return Ranges.union_of(Span(start, end) for start, end in pairs if start < end)

    @staticmethod
    def union_of(spans: Iterable[Span]) -> Ranges:
        merged: list[Span] = []
        for span in sorted(spans):
            if merged and span.start_ms <= merged[-1].end_ms:
                if span.end_ms > merged[-1].end_ms:
                    merged[-1] = Span(merged[-1].start_ms, span.end_ms)
            else:
                merged.append(span)
        return Ranges(tuple(merged))

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    @property
    def start_ms(self) -> int | None:
        return self.spans[0].start_ms if self.spans else None

    @property
    def end_ms(self) -> int | None:
        return self.spans[-1].end_ms if self.spans else None

    @property
    def length_ms(self) -> int:
        return sum(span.length_ms for span in self.spans)

    def plus(self, other: Ranges) -> Ranges:
        return Ranges.union_of((*self.spans, *other.spans))

    def minus(self, other: Ranges) -> Ranges:
        """The part of this set that is not in the other: the gaps in what should be covered."""
        left: list[Span] = []
        for span in self.spans:
            start = span.start_ms
            for hole in other.spans:
                if hole.end_ms <= start or hole.start_ms >= span.end_ms:
                    continue
                if hole.start_ms > start:
                    left.append(Span(start, hole.start_ms))
                start = max(start, hole.end_ms)
            if start < span.end_ms:
                left.append(Span(start, span.end_ms))
        return Ranges(tuple(left))

    def until(self, end_ms: int) -> Ranges:
        """The part of this set before an instant."""
        own = (span for span in self.spans if span.start_ms < end_ms)
        return Ranges(tuple(Span(span.start_ms, min(span.end_ms, end_ms)) for span in own))

    def contains(self, ms: int) -> bool:
        return any(span.start_ms <= ms < span.end_ms for span in self.spans)

    def covers(self, span: Span) -> bool:
        """Whether every instant of the span is in this set."""
        return any(
            own.start_ms <= span.start_ms and span.end_ms <= own.end_ms for own in self.spans
        )


def cut_where_the_clock_was_ahead(covered: Ranges, now_ms: int, known_ms: int | None) -> Ranges:
    """The trustworthy part of a coverage: all of it unless it reaches into the future.

    Coverage of the future proves that the clock was ahead by an unknown amount when it was stored,
    so the requests ended somewhere before now. ``known_ms`` is an instant that was certainly
    requested (the exchange's own time of the newest row of this history): everything after it is
    dropped. Without such an instant everything is dropped. Repeating a request costs little, but
    trusting too much loses rows permanently.
    """
    end = covered.end_ms
    if end is None or end <= now_ms:
        return covered
    return Ranges() if known_ms is None else covered.until(min(known_ms, now_ms))

"""Windows that are requested again because something contradicts their history: orders that report
more than the stored fills, a balance that moved away from its events.

Pure. What was requested again, and when, is kept in the memory of the account. A contradiction is
requested again when it is found and by the next run, and then daily, so that it costs a bounded
number of requests, however long it stands. The exchange may list a fill late, or answer correctly
only later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.sync.plan import (
    Window,
    chop,
    retention_floor,
    to_span_ms,
    walks_whole_history,
)

#: Where the account's memory keeps what was requested again.
REVISITS = "revisits"
#: So often a contradiction is requested again as soon as possible; then it is once a day.
SOON = 2
DAILY = timedelta(days=1)
#: So many windows of one history a run requests again; the next run takes the following ones.
MOST_WINDOWS = 50
#: A history whose windows may span any time is walked once over all spans, where these are more.
_MANY_SPANS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisited:
    """How often a contradiction was requested again, and when for the last time."""

    times: int = 0
    at_ms: int = 0

    def is_due(self, now_ms: int) -> bool:
        return self.times < SOON or now_ms - self.at_ms >= to_span_ms(DAILY)

    def once_more(self, now_ms: int) -> Revisited:
        return Revisited(times=self.times + 1, at_ms=now_ms)

    @property
    def is_persistent(self) -> bool:
        """Whether requesting again as soon as possible did not help."""
        return self.times >= SOON


def revisited(memory: Mapping[str, object]) -> dict[str, Revisited]:
    """What the memory of an account keeps, by the name of the contradiction."""
    stored = memory.get(REVISITS)
    return {
        str(name): Revisited(times=int(item["times"]), at_ms=int(item["at_ms"]))
        for name, item in (stored.items() if isinstance(stored, dict) else ())
    }


def stored(known: Mapping[str, Revisited]) -> dict[str, object]:
    """What the memory of an account is to keep."""
    return {
        name: {"times": item.times, "at_ms": item.at_ms} for name, item in sorted(known.items())
    }


def windows(
    policy: StreamPolicy, doubted: Iterable[Span], now_ms: int, *, turn: int = 0
) -> tuple[Window, ...]:
    """The windows that cover the doubted spans as far as the exchange still serves them, few
    enough for one run: ``turn`` says which of them, where they are more."""
    floor = retention_floor(policy, now_ms)
    served = [
        Span(max(span.start_ms, floor), min(span.end_ms, now_ms))
        for span in doubted
        if max(span.start_ms, floor) < min(span.end_ms, now_ms)
    ]
    spans = _together(Ranges.union_of(served), policy.window)
    made = [Window(span=part) for span in spans for part in chop(span, policy.window)]
    first = turn * MOST_WINDOWS % len(made) if made else 0
    return tuple((made[first:] + made[:first])[:MOST_WINDOWS])


def is_served(policy: StreamPolicy, span: Span, now_ms: int) -> bool:
    """Whether the exchange still serves the whole of a span."""
    return span.start_ms >= retention_floor(policy, now_ms)


def from_id(last_id: str | None) -> tuple[Window, ...]:
    """The one window of a history that ids alone walk, from a row before the doubted time on (None:
    from its beginning)."""
    return (Window(span=None, cursor={} if last_id is None else {"last_id": last_id}),)


def walks_by_id(policy: StreamPolicy) -> bool:
    """Whether ``from_id`` is how a history is requested again."""
    return walks_whole_history(policy)


def _together(spans: Ranges, window: timedelta | None) -> list[Span]:
    """Spans that one request can answer, or one walk, as one."""
    if window is None:
        many = len(spans.spans) > _MANY_SPANS
        return [Span(spans.spans[0].start_ms, spans.spans[-1].end_ms)] if many else [*spans]
    made: list[Span] = []
    for span in spans:
        if made and span.end_ms - made[-1].start_ms <= to_span_ms(window):
            made[-1] = Span(made[-1].start_ms, span.end_ms)
        else:
            made.append(span)
    return made

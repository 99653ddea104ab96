"""The time that ``status --coverage`` shows of histories that rest: covered until they were read,
and since then nothing was seen to move."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.render.coverage import CoverageSpan
from exchange_cache.render.words import zoned_time
from exchange_cache.value.unmoved import Checks

#: The state of that time in the rows for programs.
UNMOVED = "unmoved"


def unmoved_spans(state: StreamState, checks: Checks) -> tuple[CoverageSpan, ...]:
    """The time after what a history covers in which nothing was seen to move."""
    end_ms = state.covered.end_ms
    if end_ms is None or state.state != "ok" or state.completed_ms is None or state.open:
        return ()
    read_at = from_ms(max(end_ms, state.completed_ms))
    checked = checks.after(state.key.account, state.key.data_type, read_at)
    return () if checked is None else ((end_ms, to_ms(checked), UNMOVED),)


def unmoved_words(states: Iterable[StreamState], checks: Checks, now: datetime) -> str:
    """Since when histories were not read, because nothing moved; empty if they were."""
    starts = [start for state in states for start, _, _ in unmoved_spans(state, checks)]
    if not starts:
        return ""
    return f"nothing seen to move since {zoned_time(from_ms(min(starts)), now)}, not read since"

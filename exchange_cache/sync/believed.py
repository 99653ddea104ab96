"""Cuts progress that was stored while the clock was ahead, before the sync plans from it."""

from __future__ import annotations

from collections.abc import Iterable

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import from_ms
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.scope_names import history_name
from exchange_cache.sync.plan import is_of_the_future, without_the_future


def cut_the_future(
    repository: ExchangeCacheRepository, account: str, streams: Iterable[StreamPolicy], now_ms: int
) -> tuple[str, ...]:
    """Cut the stored progress of these histories back to the trustworthy part; a sentence about the
    cut, if any."""
    policies = {(stream.data_type, stream.scope): stream for stream in streams}
    cut: list[tuple[StreamState, StreamState]] = []
    for state in repository.ledger.states(account):
        stream = policies.get((state.key.data_type, state.key.scope))
        if stream is None or not is_of_the_future(state, now_ms):
            continue
        category = None if stream.mixed else stream.category
        newest = repository.newest_time(state.key, now_ms, category, stream.fill_kind)
        believed = without_the_future(stream, state, now_ms, newest)
        repository.ledger.save_state(believed)
        cut.append((state, believed))
    return (_sentence(cut, now_ms),) if cut else ()


def _sentence(cut: list[tuple[StreamState, StreamState]], now_ms: int) -> str:
    names = list(
        dict.fromkeys(history_name(state.key.data_type, state.key.scope) for state, _ in cut)
    )
    some = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    ends = [state.covered.end_ms for state, _ in cut if (state.covered.end_ms or 0) > now_ms]
    sentence = f"the clock was ahead in an earlier run, which stored future times for {some}"
    if not ends:
        return sentence
    starts = [_first_cut(state.covered, believed.covered) for state, believed in cut]
    since = min(start for start in starts if start is not None)
    until = f"{from_ms(max(end for end in ends if end is not None)):%Y-%m-%d %H:%M}"
    return f"{sentence} (up to {until} UTC); fetched again from {from_ms(since):%Y-%m-%d} on"


def _first_cut(before: Ranges, after: Ranges) -> int | None:
    return before.minus(after).start_ms

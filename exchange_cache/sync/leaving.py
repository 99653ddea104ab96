"""History that is not fetched and soon leaves what its exchange serves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.scope_names import history_name
from exchange_cache.sync.plan import gaps, retention_floor
from exchange_cache.value.alerts import Leaving


def leaving(
    repository: ExchangeCacheRepository,
    account: str,
    policy: ExchangePolicy,
    now: datetime,
    within: timedelta,
) -> Iterator[Leaving]:
    """Each kind of history of an account of which a part that was never read is served for less
    than ``within``, and for less than half of the time that its exchange serves rows at all."""
    streams = {
        (one.data_type, one.scope): one
        for one in policy.streams
        if one.retention and not one.brings_forward
    }
    first: dict[str, datetime] = {}
    for state in repository.ledger.states(account) if streams else ():
        stream = streams.get((state.key.data_type, state.key.scope))
        until = None if stream is None else _until(stream, state, now, within)
        if until is not None:
            name = history_name(state.key.data_type, state.key.scope)
            first[name] = min(until, first.get(name, until))
    for name, until in sorted(first.items()):
        yield Leaving(account=account, history=name, until=until)


def _until(
    stream: StreamPolicy, state: StreamState, now: datetime, within: timedelta
) -> datetime | None:
    """When the oldest part that is not read leaves; None if that is not soon."""
    assert stream.retention is not None
    floor_ms = retention_floor(stream, to_ms(now))
    unread = [
        max(span.start_ms, floor_ms) for span in gaps(state, to_ms(now)) if span.end_ms > floor_ms
    ]
    if not unread:
        return None
    until = from_ms(min(unread)) + stream.retention
    return until if until - now < min(within, stream.retention / 2) else None

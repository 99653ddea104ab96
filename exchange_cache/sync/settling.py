"""The settling time of a history: what happened so lately that it may still come late, change or be
taken back.

The overlap of each run is short, so that it costs one page. Once a day the settling time is walked
again, in as many pages as it has, from before the walk of the day before: a row that is served no
later than the settling time after it happened is read within a day. What a walk of the settling
time did not serve is missed, and the next run asks that time again, since only a second answer
confirms it. Pure.
"""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import OffsetPaging, StreamPolicy
from exchange_cache.cache.streams import StreamState
from exchange_cache.records import DataType

#: How often the settling time is walked again.
TURN = timedelta(days=1)
#: Orders, deposits and withdrawals have several times (created, applied, completed), and exchanges
#: may go by another than the one that is stored.
SEVERAL_TIMES = timedelta(days=1)
_MS = timedelta(milliseconds=1)


def settling_from(
    policy: StreamPolicy,
    state: StreamState,
    now_ms: int,
    missed_ms: int | None = None,
    *,
    daily: bool = False,
) -> int | None:
    """From when on the settling time is walked in this run; None: it is not its turn, or the
    history was not read to its end yet.

    ``missed_ms`` is when the oldest row happened that the walk before missed. ``daily``: the run is
    the daily round of the account, in which it is the turn of all histories together.
    """
    if state.completed_ms is None or not policy.settling:
        return None
    turn = max(TURN, policy.at_most_every or TURN) // _MS
    last_ms = now_ms - turn if state.settled_ms is None else min(state.settled_ms, now_ms)
    its_turn = state.settled_ms is None or now_ms - last_ms >= turn
    its_turn |= daily and turn == TURN // _MS
    if not its_turn and missed_ms is None:
        return None
    since_ms = last_ms - (policy.settling + policy.overlap) // _MS
    return since_ms if missed_ms is None else min(since_ms, missed_ms - reach_ms(policy))


def is_new(state: StreamState) -> bool:
    """Whether nothing of a history was read yet: all of it will be read from now on, so that now is
    when its settling time is walked."""
    begun = state.covered or state.open is not None or state.completed_ms is not None
    return state.settled_ms is None and not begun


def reach_ms(policy: StreamPolicy) -> int:
    """How long before a row its time must be asked, so that its absence proves something."""
    if policy.data_type is DataType.FILLS:
        return policy.overlap // _MS
    return max(policy.overlap, SEVERAL_TIMES) // _MS


def serves_all(policy: StreamPolicy) -> bool:
    """Whether a history that is asked whole serves every row that it ever served of that time, so
    that a row can be missed."""
    limited = policy.newest_rows is not None or policy.brings_forward or policy.partial
    paging = policy.paging
    may_end_early = isinstance(paging, OffsetPaging) and paging.may_repeat
    asked_all = policy.fan_out is None or policy.fan_out.lasting
    return asked_all and not limited and not may_end_early

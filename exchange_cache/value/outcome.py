"""What a reading means for the command that prints it: how it was answered, and whether to sync."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.clock import is_ahead
from exchange_cache.data_types import COSTS_OPEN, DataType
from exchange_cache.value.states import State

if TYPE_CHECKING:
    from exchange_cache.value.reading import PortfolioReading


def needs_refresh(reading: PortfolioReading) -> bool:
    """Whether a sync would refresh or compute anything."""
    return any(item.due for item in reading.freshness) or any(
        one.code == COSTS_OPEN for one in reading.warnings
    )


def answered(reading: PortfolioReading) -> str:
    """The outcome of a read: miss (no cached data), stale (some is stale) or hit."""
    balances = [item.state for item in reading.freshness if item.data_type == DataType.BALANCES]
    if (
        not reading.holdings
        and not reading.positions
        and all(state == State.MISSING for state in balances)
    ):
        return "miss"
    return (
        "stale"
        if any(item.state in {State.STALE, State.MISSING} for item in reading.freshness)
        else "hit"
    )


class Outcome(NamedTuple):
    """How a read was answered; ``due``: a sync would refresh something; ``failed``: a last try
    failed; ``newest``: the newest success, not counting those of a clock that was ahead."""

    answered: str
    due: bool
    failed: bool
    newest: datetime | None


def outcome_of(reading: PortfolioReading, now: datetime) -> Outcome:
    times = [item.succeeded_at for item in reading.freshness if item.succeeded_at is not None]
    return Outcome(
        answered=answered(reading),
        due=needs_refresh(reading),
        failed=any(item.failed for item in reading.freshness),
        newest=max((time for time in times if not is_ahead(time, now)), default=None),
    )

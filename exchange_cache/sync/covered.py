"""What a run that just ended did not read for a command that waited for it: pure, from the times at
which its parts started.

The time of success is not enough: a run may have requested the balances before the moment in
question and ended after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange_cache.clock import is_ahead
from exchange_cache.records import LEDGER_TYPES, DataType
from exchange_cache.value.freshness import SyncStatus


def not_covered(
    statuses: Iterable[SyncStatus], accounts: Iterable[str], since: datetime, now: datetime
) -> dict[str, frozenset[DataType]]:
    """Per account the data types that were not completely requested between ``since`` and now,
    without accounts that have none.

    Histories reach up to the start of their account's run, which reads balances first. So they are
    covered only when the balances were also requested after ``since``.
    """
    known: dict[tuple[str, DataType], list[SyncStatus]] = {}
    for status in statuses:
        known.setdefault((status.account, status.data_type), []).append(status)
    left: dict[str, frozenset[DataType]] = {}
    for account in accounts:
        started = _is_covered(known.get((account, DataType.BALANCES), []), since, now)
        own = frozenset(
            data_type
            for data_type in DataType
            if not _is_covered(known.get((account, data_type), []), since, now)
            or (data_type in LEDGER_TYPES and not started)
        )
        if own:
            left[account] = own
    return left


def _is_covered(statuses: list[SyncStatus], since: datetime, now: datetime) -> bool:
    parts = [status for status in statuses if status.part]
    if not parts:
        return any(status.state == "not_offered" for status in statuses)
    return all(
        part.state != "failed" and _is_within(part.attempted_at, since, now) for part in parts
    )


def _is_within(attempted: datetime | None, since: datetime, now: datetime) -> bool:
    """Whether an attempt started in that time; the true time of one in the future is unknown."""
    return attempted is not None and attempted >= since and not is_ahead(attempted, now)

"""What a run that just ended did not do for somebody who waited for it: pure, from the times at
which its parts were begun.

The time of success does not show it: a run that began before the moment in question may have asked
for the balances before it, and ended after it.
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
    """Per account the data types that were not wholly asked for between ``since`` and now.

    Accounts with nothing left are left out.

    Histories are asked up to the beginning of their account's run, which begins with the balances:
    they are covered only when those were asked for after ``since``, too.
    """
    known: dict[tuple[str, DataType], list[SyncStatus]] = {}
    for status in statuses:
        known.setdefault((status.account, status.data_type), []).append(status)
    left: dict[str, frozenset[DataType]] = {}
    for account in accounts:
        begun = _is_covered(known.get((account, DataType.BALANCES), []), since, now)
        own = frozenset(
            data_type
            for data_type in DataType
            if not _is_covered(known.get((account, data_type), []), since, now)
            or (data_type in LEDGER_TYPES and not begun)
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
    """Whether an attempt was made in that time; one of the future was made nobody knows when."""
    return attempted is not None and attempted >= since and not is_ahead(attempted, now)

"""Bounds of an average whose holding contains units of unknown cost: what it would be if they cost
the lowest, or the highest, price of the days in which they came.

A bound is no average. Where the days of some units are unknown, or their prices, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.cost.reconcile import Reconciled
from exchange_cache.money import EXACT, published

_DAY = timedelta(days=1)
#: Reasons whose days are those on which the units came.
_DATED = re.compile(
    r"(deposit|reward|airdrop|interest|other|unclassified|rebate|no_rate|transfer|renamed)"
    r" (?P<first>\d{4}-\d\d-\d\d)(?:\.\.(?P<last>\d{4}-\d\d-\d\d))?(?: x\d+)?"
)

_SHOWN_NOWHERE = ("not_in_history", "no_history")

#: From midnight UTC of the first day to that after the last one.
Days = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The least and the most that a unit of the whole holding cost on average, and the days in
    which its units of unknown cost came."""

    low: Decimal
    high: Decimal
    since: datetime
    until: datetime


def days_of(reason: str) -> Days | None:
    """The days that a stored reason (``deposit 2026-01-05..2026-02-03 x3``) names; None where the
    units may have come at any time."""
    found = _DATED.fullmatch(reason)
    if found is None:
        return None
    first, last = found["first"], found["last"] or found["first"]
    return _midnight(first), _midnight(last) + _DAY


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def all_days(reasons: Iterable[str], arrived: Days | None = None) -> tuple[Days, ...] | None:
    """The days of all reasons; None where one of them names none. ``arrived``: those in which the
    units came that no row shows."""
    found = [arrived if reason in _SHOWN_NOWHERE else days_of(reason) for reason in reasons]
    known = tuple(days for days in found if days is not None)
    return known if known and len(known) == len(found) else None


def bounds_of(
    result: Reconciled,
    ranges: Mapping[Days, tuple[Decimal, Decimal]],
    arrived: Days | None = None,
) -> Bounds | None:
    """The bounds of a holding, by the lowest and highest prices of its days; None where a part of
    them is unknown, and where nothing is. ``arrived``: see ``all_days``."""
    days = all_days(result.reasons, arrived)
    if result.unknown <= 0 or days is None or not ranges.keys() >= set(days):
        return None
    low = min(ranges[span][0] for span in days)
    high = max(ranges[span][1] for span in days)
    with localcontext(EXACT):
        return Bounds(
            low=published((result.cost + result.unknown * low) / result.balance),
            high=published((result.cost + result.unknown * high) / result.balance),
            since=min(since for since, _ in days),
            until=max(until for _, until in days),
        )

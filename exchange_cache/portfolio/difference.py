"""``excache diff``: compares two moments of the cache and reports what nothing explains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import to_ms
from exchange_cache.findings import Finding
from exchange_cache.portfolio.past import PastReader
from exchange_cache.records import DataType
from exchange_cache.value.alarms import alarms
from exchange_cache.value.difference import Difference, Standing, completed, difference
from exchange_cache.value.dust import least_amounts

#: The key under which a sync stores, for all accounts, the amount of an asset too small to sell.
_DUST = "dust_limits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The split of a change and its findings.

    ``watched_since``: balances are stored from here on, so unexplained changes appear; None:
    nowhere. ``unrequested``: the candles that would price what has no price and were never
    requested.
    """

    found: Difference
    findings: tuple[Finding, ...]
    watched_since: datetime | None
    unrequested: tuple[tuple[str, datetime], ...] = ()


def change_between(
    past: PastReader,
    repository: ExchangeCacheRepository,
    since: datetime,
    until: datetime | None,
    asset: str,
) -> Change:
    """The change from ``since`` to ``until`` (None: now).

    Holdings at ``since`` are those of a snapshot at most a day older, else they are replayed.
    """
    end = past.standing_now() if until is None else past.standing(until)
    start = past.standing(since)
    flows = past.flows(start, end)
    start, end = completed(start, end, flows, past.price_then)
    found = difference(start, end, flows, reporting_asset=asset, price_at=past.price_at)
    unrequested = (
        *past.fetchable(since, found.unpriced_before),
        *past.fetchable(end.at, found.unpriced_after),
    )
    watched = start if start.observed else past.observed_from(since)
    if watched is None or not end.observed or watched.at >= end.at:
        return Change(found=found, findings=(), watched_since=None, unrequested=unrequested)
    seen = found
    if watched is not start:
        begun, again = (to_ms(min(one.at, *one.times.values())) for one in (start, watched))
        flows = (
            past.flows(watched, end)
            if again < begun
            else tuple(one for one in flows if to_ms(one.time) >= again)
        )
        seen = difference(watched, end, flows, reporting_asset=asset, price_at=past.price_at)
    findings = [
        one
        for one in alarms(seen, dust_of(repository), end.quantities)
        if histories_reach(repository, one.account or "", end)
    ]
    return Change(
        found=found,
        findings=tuple(findings),
        watched_since=watched.at,
        unrequested=unrequested,
    )


def histories_reach(repository: ExchangeCacheRepository, account: str, end: Standing) -> bool:
    """Whether fills and transfers were fetched after the balances.

    Until then no change can be called unexplained.
    """
    seen = end.times.get(account, end.at)
    statuses = {
        one.data_type: one for one in repository.progress.statuses([account]) if one.part == ""
    }
    histories = [statuses.get(kind) for kind in (DataType.FILLS, DataType.TRANSFERS)]
    return all(
        one is not None and one.succeeded_at is not None and one.succeeded_at >= seen
        for one in histories
    )


def dust_of(repository: ExchangeCacheRepository) -> dict[str, Decimal]:
    return least_amounts(repository.progress.memory("").get(_DUST))

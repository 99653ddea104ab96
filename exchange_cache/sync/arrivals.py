"""When units came that no row shows: between the last comparison in which a balance agreed with its
events and the first in which it held more. Kept in the memory of the account, for the bounds of an
average, until the balance agrees again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, from_ms, to_ms
from exchange_cache.cost.bounds import Days
from exchange_cache.money import ZERO, to_text
from exchange_cache.sync.differences import Agreed, Comparison, Difference, Verdict

#: Where the memory of an account keeps them.
ARRIVALS = "arrivals"
_DAY_MS = to_ms(from_ms(0) + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """So much of an asset came after the one instant and before the other."""

    amount: Decimal
    since_ms: int
    until_ms: int

    @property
    def days(self) -> Days:
        until_ms = -(-self.until_ms // _DAY_MS) * _DAY_MS
        return from_ms(self.since_ms // _DAY_MS * _DAY_MS), from_ms(until_ms)


def noted(
    known: Mapping[str, Arrival], before: Verdict, found: Iterable[Difference], now_ms: int
) -> dict[str, Arrival]:
    """The arrivals after a comparison; ``before`` is the verdict on the one before it."""
    arrivals: dict[str, Arrival] = {}
    for one in found:
        if one.amount <= one.rounding:
            continue
        arrival = known.get(one.asset)
        agreed = before.agreed.get(one.asset, Agreed(at_ms=before.checked_ms))
        if arrival is not None:
            moved = abs(one.amount - arrival.amount) > one.rounding
            until_ms = now_ms if moved else arrival.until_ms
            arrivals[one.asset] = Arrival(
                amount=one.amount, since_ms=arrival.since_ms, until_ms=until_ms
            )
        elif agreed.at_ms and abs(agreed.difference) <= one.rounding:
            arrivals[one.asset] = Arrival(amount=one.amount, since_ms=agreed.at_ms, until_ms=now_ms)
    return arrivals


def note_arrivals(
    repository: ExchangeCacheRepository, account: str, compared: Comparison, clock: Clock
) -> None:
    """Keep the arrivals that a comparison of an account shows."""
    known = remembered(repository.progress.memory(account))
    found = noted(known, compared.before, compared.found, to_ms(clock.now()))
    if found != known:
        repository.progress.remember(account, {ARRIVALS: stored(found)}, clock.now())


def stored(arrivals: Mapping[str, Arrival]) -> dict[str, object]:
    return {
        asset: {
            "amount": to_text(one.amount),
            "since_ms": one.since_ms,
            "until_ms": one.until_ms,
        }
        for asset, one in sorted(arrivals.items())
    }


def remembered(memory: Mapping[str, Any]) -> dict[str, Arrival]:
    kept = memory.get(ARRIVALS)
    if not isinstance(kept, dict):
        return {}
    return {
        asset: Arrival(
            amount=Decimal(one["amount"]), since_ms=one["since_ms"], until_ms=one["until_ms"]
        )
        for asset, one in kept.items()
    }


def days_together(arrivals: Iterable[Arrival | None]) -> Days | None:
    """The days of several arrivals; None without any, and where one is unknown."""
    found = list(arrivals)
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    return Arrival(
        amount=sum((one.amount for one in known), ZERO),
        since_ms=min(one.since_ms for one in known),
        until_ms=max(one.until_ms for one in known),
    ).days


def arrived_days(memories: Iterable[Mapping[str, Any]]) -> set[tuple[str, Days]]:
    """Per asset the days of the arrivals, of each account and of all together."""
    own: dict[str, list[Arrival]] = {}
    for memory in memories:
        for asset, one in remembered(memory).items():
            own.setdefault(asset, []).append(one)
    found = {(asset, one.days) for asset, each in own.items() for one in each}
    for asset, each in own.items():
        if (together := days_together(each)) is not None:
            found.add((asset, together))
    return found

"""Subscriptions for new assets: units given, units refunded and units allotted, as one exchange.

Rows of one account that share a reference belong together. Two rows without one are an exchange
where an account gave one asset and received another within a second, and nothing else of this kind
happened within a second of either; any other row without a reference stands alone, because which
rows belong together is not known.

What was given, less what was refunded, pays for what was allotted: a trade at the market value of
the units given. Where nothing is allotted yet, the units are set aside with their cost, and a
refund brings them back. An allotment whose payment is not known has no known cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from exchange_cache.ledger.pairing import has_happened
from exchange_cache.money import ZERO
from exchange_cache.records import Transfer, TransferKind

#: Two rows of one exchange are booked at most this far apart.
_TOGETHER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """The rows of one subscription, oldest first, and what they add up to by asset."""

    rows: tuple[Transfer, ...]
    given: dict[str, Decimal]  # positive
    allotted: dict[str, Decimal]

    @property
    def is_complete(self) -> bool:
        return bool(self.given and self.allotted)


def subscriptions(transfers: Iterable[Transfer]) -> tuple[Subscription, ...]:
    """All subscriptions, the oldest first; repeated rows count once. In the EXACT context."""
    unique = {
        one.key: one
        for one in transfers
        if one.kind is TransferKind.SUBSCRIPTION and has_happened(one)
    }
    ordered = sorted(unique.values(), key=lambda one: (one.time, one.key))
    pairs = _pairs(ordered)
    groups: dict[tuple[str, ...], list[Transfer]] = defaultdict(list)
    for one in ordered:
        alone = pairs.get(one.key, one.key)
        groups[(one.account, one.reference) if one.reference else alone].append(one)
    return tuple(_subscription(rows) for rows in groups.values())


def _pairs(ordered: Iterable[Transfer]) -> dict[tuple[str, str, str], tuple[str, str, str]]:
    """By the key of a second row, that of the first one with which it is an exchange."""
    moments: dict[str, list[list[Transfer]]] = defaultdict(list)
    for one in ordered:
        found = moments[one.account]
        if found and one.time - found[-1][-1].time <= _TOGETHER:
            found[-1].append(one)
        else:
            found.append([one])
    pairs = (rows for found in moments.values() for rows in found if _is_exchange(rows))
    return {second.key: first.key for first, second in pairs}


def _is_exchange(rows: list[Transfer]) -> bool:
    """Whether the rows of one moment are one asset given and another one received."""
    return (
        len(rows) == 2
        and not any(one.reference for one in rows)
        and rows[0].asset != rows[1].asset
        and rows[0].quantity * rows[1].quantity < 0
    )


def _subscription(rows: list[Transfer]) -> Subscription:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in rows:
        sums[one.asset] += one.quantity
    return Subscription(
        rows=tuple(rows),
        given={asset: -quantity for asset, quantity in sums.items() if quantity < 0},
        allotted={asset: quantity for asset, quantity in sums.items() if quantity > 0},
    )

"""Subscriptions for new assets: units given, units refunded and units allotted, as one exchange.

Rows of one account that share a reference belong together; a row without one stands alone. What
was given, less what was refunded, pays for what was allotted: a trade at the market value of the
units given. Where nothing is allotted yet, the units are set aside with their cost, and a refund
brings them back. An allotment whose payment is not known has no known cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from exchange_cache.ledger.pairing import has_happened
from exchange_cache.money import ZERO
from exchange_cache.records import Transfer, TransferKind


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
    groups: dict[tuple[str, ...], list[Transfer]] = defaultdict(list)
    for one in sorted(unique.values(), key=lambda one: (one.time, one.key)):
        groups[(one.account, one.reference) if one.reference else one.key].append(one)
    return tuple(_subscription(rows) for rows in groups.values())


def _subscription(rows: list[Transfer]) -> Subscription:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in rows:
        sums[one.asset] += one.quantity
    return Subscription(
        rows=tuple(rows),
        given={asset: -quantity for asset, quantity in sums.items() if quantity < 0},
        allotted={asset: quantity for asset, quantity in sums.items() if quantity > 0},
    )

"""What the last 24 hours' prices did to today's quantities."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.money import ZERO, published


class Held(NamedTuple):
    """The value of an asset, and the change of its price as a fraction."""

    asset: str
    value: Decimal | None
    change: Decimal | None


def day_change(held: Sequence[Held], reporting_asset: str) -> tuple[Decimal | None, Decimal | None]:
    """The change of the value as a fraction and in the reporting asset, as far as known; that asset
    itself, which never changes, is no knowledge of others. A price that fell by all of its digits
    states no value of before."""
    known = [
        (one.asset, one.value, one.value / (1 + one.change))
        for one in held
        if one.value is not None and one.change is not None and one.change > -1
    ]
    trivial = all(asset == reporting_asset for asset, _, _ in known)
    if not known or (trivial and len(held) > len(known)):
        return None, None
    before = sum((old for _, _, old in known), ZERO)
    change = sum((new for _, new, _ in known), ZERO) - before
    return (published(change / before) if before > 0 else None), published(change)

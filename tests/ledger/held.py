"""The plain replay: known holdings, with every movement since taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.ledger.replay import Flow, Place
from exchange_cache.money import EXACT, ZERO


def held_at(
    quantities: Mapping[Place, Decimal],
    times: Mapping[str, datetime],
    found: Iterable[Flow],
    moment: datetime,
) -> dict[Place, Decimal]:
    """What each account held at ``moment``: ``quantities``, true at ``times`` (per account),
    adjusted by the changes in between."""
    held: dict[Place, Decimal] = defaultdict(lambda: ZERO, quantities)
    with localcontext(EXACT):
        for flow in found:
            known_at = times.get(flow.account)
            if known_at is None:
                continue
            if moment < flow.time <= known_at:
                held[flow.account, flow.asset] -= flow.quantity
            elif known_at < flow.time <= moment:
                held[flow.account, flow.asset] += flow.quantity
    return {place: quantity for place, quantity in held.items() if quantity}

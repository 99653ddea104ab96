"""What exchanges do to their histories afterwards: fills that are served late, amended or taken
back, orders that grow after they ended.

Only the histories change; balances stay those of the trade. For tests.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.venue.core import Venue
from exchange_cache.simulator.venue.records import Fill, Order


def hide(venue: Venue, fill: Fill) -> None:
    """Serve a fill no more, until it is shown."""
    with venue.lock:
        venue.state.fills.remove(fill.time_ms, fill)
        del venue.state.fill_by_id[fill.account, fill.symbol, fill.id]


def show(venue: Venue, fill: Fill) -> None:
    """Serve a hidden fill, at the time at which it happened."""
    with venue.lock:
        venue.state.fills.add(fill.time_ms, fill)
        venue.state.fill_by_id[fill.account, fill.symbol, fill.id] = fill


def amend(venue: Venue, fill: Fill, **values: Any) -> Fill:
    """Serve another version of a fill from now on."""
    hide(venue, fill)
    amended = replace(fill, **values)
    show(venue, amended)
    return amended


def grow(venue: Venue, order: Order, amount: Decimal) -> None:
    """Let an order that ended have filled so much more, at its average price."""
    with venue.lock:
        order.cost += amount * order.cost / order.filled
        order.amount += amount
        order.filled += amount

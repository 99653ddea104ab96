"""The whole history of fills and transfers as one ordered list of events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from exchange_cache.ledger.converts import moving_fills
from exchange_cache.ledger.derivatives import realised_by_fill
from exchange_cache.ledger.events import LedgerEvent, RateLookup, Rates, StatedBasis
from exchange_cache.ledger.fill_events import derivative_event, fill_event
from exchange_cache.ledger.pairing import Pairing
from exchange_cache.ledger.transfer_events import (
    arrival_events,
    move_events,
    other_events,
    withdrawal_event,
)
from exchange_cache.records import Fill, Transfer


def build_events(
    fills: Iterable[Fill],
    transfers: Iterable[Transfer],
    pairing: Pairing,
    *,
    reporting_asset: str,
    rates: RateLookup,
    stated: Sequence[StatedBasis] = (),
    cash: Collection[str] = (),
) -> list[LedgerEvent]:
    """All events in their one order; the order of the input, and rows that come twice, change
    nothing."""
    own = Rates(rates, reporting_asset)
    unique = moving_fills(fills)
    derived = [fill for fill in unique.values() if fill.is_derivative]
    results = realised_by_fill(derived)
    events = [fill_event(fill, own) for fill in unique.values() if not fill.is_derivative]
    events += [derivative_event(fill, results[fill.key], own) for fill in derived]
    events += move_events(pairing.pairs, reporting_asset)
    events += arrival_events(transfers, pairing, stated, own, cash)
    events += [withdrawal_event(transfer) for transfer in pairing.withdrawals]
    events += other_events(transfers, own)
    events.sort(key=lambda event: event.order)
    return events

"""The complete history of fills and transfers as one ordered list of events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from exchange_cache.ledger.events import LedgerEvent, StatedBasis
from exchange_cache.ledger.fill_events import fill_events
from exchange_cache.ledger.pairing import Pairing
from exchange_cache.ledger.rates import Rates
from exchange_cache.ledger.transfer_events import transfer_events
from exchange_cache.records import Fill, Transfer


@dataclass(frozen=True, slots=True)
class History:
    """All events in order; ``unplaced``: statements of the user that match nothing."""

    events: list[LedgerEvent]
    unplaced: tuple[StatedBasis, ...]


def build_history(
    fills: Iterable[Fill],
    transfers: Iterable[Transfer],
    pairing: Pairing,
    *,
    rates: Rates,
    stated: Sequence[StatedBasis] = (),
    cash: Collection[str] = (),
) -> History:
    """Build the history. The order of the input and repeated rows change nothing."""
    moved, unplaced = transfer_events(transfers, pairing, stated, rates, cash)
    events = [*fill_events(fills, rates), *moved]
    events.sort(key=lambda event: event.order)
    return History(events, unplaced)

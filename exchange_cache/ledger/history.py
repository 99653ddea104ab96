"""The complete history of fills and transfers as one ordered list of events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from exchange_cache.ledger.bookings import Carry
from exchange_cache.ledger.events import LedgerEvent, StatedBasis, digest_of, event_order
from exchange_cache.ledger.fill_events import fill_events
from exchange_cache.ledger.income import VALUED
from exchange_cache.ledger.pairing import Pairing
from exchange_cache.ledger.rates import Rates
from exchange_cache.ledger.transfer_events import transfer_events
from exchange_cache.money import to_text_or_none
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
    carries: Iterable[Carry] = (),
    income: str = VALUED,
) -> History:
    """Build the history. The order of the input and repeated rows change nothing."""
    moved, unplaced = transfer_events(transfers, pairing, stated, rates, cash, income)
    events = [*fill_events(fills, rates), *moved, *map(carry_event, carries)]
    events.sort(key=lambda event: event.order)
    return History(events, unplaced)


def carry_event(carry: Carry) -> LedgerEvent:
    """An asset event at one account: before all rows of its moment, or where it is booked."""
    event, kind = carry.event, str(carry.event.kind)
    amounts = f"{to_text_or_none(carry.given)}:{to_text_or_none(carry.received)}"
    source = f"{event.sentence}/{amounts}/{carry.source_id}"
    rank = 2 if carry.is_booked else -1
    return LedgerEvent(
        time=carry.time,
        kind=kind,
        account=carry.account,
        symbol=None,
        source_id=carry.source_id,
        legs=(),
        order=event_order(carry.time, rank, carry.account, kind, event.old, carry.source_id),
        digest=digest_of(kind, carry.account, source, carry.time, ()),
        subject=event.new,
        note=event.sentence,
        carry=carry,
    )

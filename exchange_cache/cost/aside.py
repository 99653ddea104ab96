"""Units set aside: moved to wallets that are not read, or given for an allotment to come.

They keep their cost and their age, and return with them. What returns from a wallet that is not
read beyond what was moved there is unclassified: it may be the wallet's result, or a deposit.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.lot_book import new_book
from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent, Leg
from exchange_cache.money import ZERO

#: The flow of what returns beyond the units set aside.
_BEYOND = {le.UNREAD: le.UNCLASSIFIED, le.SUBSCRIBED: le.SUBSCRIBED}


class Aside(NamedTuple):
    """What a leg did at its account, so that the pool of all accounts does the same."""

    absent: Decimal = ZERO  # left without having been held
    beyond: Decimal = ZERO  # returned without having been set aside
    settled: Decimal = ZERO  # returned units that offset oversold ones
    oversold: Decimal = ZERO  # the change by the units beyond


def set_aside(
    state: AssetState, leg: Leg, event: LedgerEvent, order: int, known: Aside | None
) -> Aside:
    """Book a leg of units that are set aside (negative) or return. ``known``: what it did at its
    account, when the pool follows."""
    place = place_of(state, leg.flow)
    if leg.quantity < 0:
        return _depart(state, place, leg, event, order, known)
    return _return(state, place, leg, event, order, known)


def _depart(
    state: AssetState,
    place: AssetState,
    leg: Leg,
    event: LedgerEvent,
    order: int,
    known: Aside | None,
) -> Aside:
    absent = ZERO if known is None else known.absent
    removed = state.send(-leg.quantity, event, order, absent, leg.flow)
    place.receive(removed, event, order, leg.reason)
    state.audit(event, leg.quantity, removed.cost, event.note)
    return Aside(absent=removed.excess)


def _return(
    state: AssetState,
    place: AssetState,
    leg: Leg,
    event: LedgerEvent,
    order: int,
    known: Aside | None,
) -> Aside:
    there = place.book.explained + place.book.unknown
    beyond = max(ZERO, leg.quantity - there) if known is None else known.beyond
    back, before = leg.quantity - beyond, state.book.oversold
    settled = ZERO
    if back:
        removed = place.send(back, event, order)
        settled_by = None if known is None else known.settled
        state.receive(removed, event, order, flow=leg.flow, settled=settled_by)
        settled = before - state.book.oversold
        state.audit(event, back, removed.cost, event.note)
    if not beyond:
        return Aside(settled=settled)
    rest = leg._replace(quantity=beyond, flow=_BEYOND[leg.flow])
    change = state.apply(rest, event, order, None if known is None else known.oversold)
    return Aside(beyond=beyond, settled=settled, oversold=change)


def place_of(state: AssetState, flow: str) -> AssetState:
    """Where an account's units are set aside, by cause; they have no dust and no short."""
    if flow not in state.aside:
        state.aside[flow] = AssetState(
            account=state.account,
            asset=state.asset,
            book=new_book(state.book.method, reporting=state.reporting),
            reporting=state.reporting,
            explained=False,
        )
    return state.aside[flow]

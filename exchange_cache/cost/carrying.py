"""Carries units with their cost through an asset event, from one asset to another.

Nothing is sold: each unit keeps its cost and its age (each lot, where the method keeps lots), units
of unknown cost stay unknown, and owed units are owed in the new asset. The costs of both assets
together are the same before and after, to the last digit. Of a split-off the old units stay, and
the stated share of their cost goes with the new ones.

Where the exchange books the event, its quantities count: units that it took beyond those known are
missing history, and what they became has no known cost. Otherwise everything held is carried.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.lots import Piece, Removed, UnknownPart
from exchange_cache.ledger.bookings import Carry
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.money import ZERO, rounded

#: The reason for units received for others that the history does not contain.
RENAMED = "renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What an event changed at one account; the pool of all accounts carries the same."""

    quantity: Decimal
    absent: Decimal
    owed: Decimal
    lent: Decimal
    missing: Decimal  # oversold units that count in the new unit of the same code


def carry_over(
    carry: Carry,
    sender: AssetState,
    receiver: AssetState,
    *,
    event: LedgerEvent,
    order: int,
    known: Carried | None = None,
) -> Carried:
    """Carry units from ``sender`` to ``receiver`` (one state for a redenomination).

    ``known``: what the account carried, when the pool follows.
    """
    done = _held(carry, sender) if known is None else known
    before = sender.cost
    whole = sender.send(done.quantity, event, order, done.absent)
    done = replace(done, absent=whole.excess) if known is None else done
    if carry.event.cost_share is not None:
        kept, given = _split(whole, carry.event.cost_share)
        sender.receive(kept, event, order, RENAMED)
        sender.book.oversold -= whole.excess
        received = _scaled(given, carry, done.quantity)
    else:
        received = _scaled(whole, carry, done.quantity)
        _carry_debt(carry, sender, receiver, done, order)
    receiver.receive(received, event, order, RENAMED)
    _audit(carry, sender, receiver, event, done.quantity, before - sender.cost)
    return done


def has_any(sender: AssetState | None) -> bool:
    """Whether an event has anything to carry: units held, owed, lent or missing."""
    if sender is None:
        return False
    book = sender.book
    return any((book.explained, book.unknown, book.oversold, book.short.quantity, sender.lent))


def _held(carry: Carry, sender: AssetState) -> Carried:
    """What an account is to carry: as booked, else all that it holds and owes."""
    book = sender.book
    if carry.given is not None:
        return Carried(quantity=carry.given, absent=ZERO, owed=ZERO, lent=ZERO, missing=ZERO)
    held = book.explained + book.unknown
    if carry.event.cost_share is not None:
        return Carried(quantity=held, absent=ZERO, owed=ZERO, lent=ZERO, missing=ZERO)
    same = carry.event.old == carry.event.new
    return Carried(
        quantity=held,
        absent=ZERO,
        owed=book.short.quantity,
        lent=sender.lent,
        missing=book.oversold if same else ZERO,
    )


def _carry_debt(
    carry: Carry, sender: AssetState, receiver: AssetState, done: Carried, order: int
) -> None:
    """Owe, and miss, in the new asset what was owed and missing in the old one."""
    factor = carry.event.factor
    owed = min(done.owed, sender.book.short.quantity)
    for quantity, proceeds in sender.book.short.release(owed):
        receiver.book.short.open(quantity * factor, proceeds, order)
    sender.lent = max(ZERO, sender.lent - done.lent)
    receiver.lent += done.lent * factor
    receiver.book.oversold += done.missing * (factor - 1)


def _scaled(removed: Removed, carry: Carry, given: Decimal) -> Removed:
    """The same units as units of the new asset, in all exactly as many as were booked."""
    if carry.received is None:
        by = carry.event.factor
        return removed._replace(
            pieces=tuple(one._replace(quantity=one.quantity * by) for one in removed.pieces),
            excess=removed.excess * by,
            parts=_counted(removed, by),
        )
    if not given:
        return removed._replace(excess=carry.received)
    by, left = carry.received / given, carry.received
    excess = rounded(removed.excess * by) if removed.pieces else left
    left -= excess
    pieces: tuple[Piece, ...] = ()
    for number, piece in enumerate(removed.pieces, start=1):
        last = number == len(removed.pieces)
        quantity = left if last else rounded(piece.quantity * by)
        left -= quantity
        pieces += (piece._replace(quantity=quantity),)
    return removed._replace(pieces=pieces, excess=excess, parts=_counted(removed, by))


def _counted(removed: Removed, by: Decimal) -> tuple[UnknownPart, ...]:
    return tuple(replace(part, quantity=part.quantity * by) for part in removed.parts)


def _split(removed: Removed, share: Decimal) -> tuple[Removed, Removed]:
    """The units of a split-off, which stay with what is left of their cost, and again with the cost
    that leaves."""
    kept: list[Piece] = []
    gone: list[Piece] = []
    for piece in removed.pieces:
        leaves = None if piece.cost is None else rounded(piece.cost * share)
        stays = None if piece.cost is None or leaves is None else piece.cost - leaves
        kept.append(piece._replace(cost=stays))
        gone.append(piece._replace(cost=leaves))
    return _of(removed, kept), _of(removed, gone)


def _of(removed: Removed, pieces: list[Piece]) -> Removed:
    cost = sum((piece.cost for piece in pieces if piece.cost is not None), ZERO)
    return removed._replace(pieces=tuple(pieces), cost=cost, excess=ZERO)


def _audit(
    carry: Carry,
    sender: AssetState,
    receiver: AssetState,
    event: LedgerEvent,
    given: Decimal,
    cost: Decimal,
) -> None:
    """A step at each end; one step where the unit alone changed."""
    received = given * carry.event.factor if carry.received is None else carry.received
    if not given and not received:
        return
    if sender is receiver:
        sender.audit(event, received - given, ZERO, event.note)
        return
    left = ZERO if carry.event.cost_share is not None else given
    sender.audit(event, -left, cost, event.note)
    receiver.audit(event, received, cost, event.note)

"""One asset during the pass over the events: its book, the sources of its cost, and the audit.

The pass (``averages``) gives every leg to the state of its asset (``apply``; for a move between own
accounts ``send`` and ``receive``) and takes the answer at the end (``finish``). The book (``lots``)
manages quantities and costs; results, reasons and steps are kept here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from exchange_cache.cost.asset_record import RESULTS, AssetRecord
from exchange_cache.cost.journal import DUST
from exchange_cache.cost.lots import BEFORE_ALL, UNSEEN, Removed, unpriced
from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent, Leg
from exchange_cache.money import ZERO, rounded, to_text

FLAGS = {
    "no_rate": "no rate at that time: cost unknown",
    "fee_missing": "the exchange did not report the fee",
    "fee_unvalued": "a fee without a rate is not in the cost",
}


@dataclass(slots=True, eq=False, kw_only=True)
class AssetState(AssetRecord):
    """One asset of one account, or (``account`` None) pooled over all, by one method."""

    aside: dict[str, AssetState] = field(default_factory=dict)  # units set aside, by their flow

    def apply(
        self, leg: Leg, event: LedgerEvent, order: int, oversold: Decimal | None = None
    ) -> Decimal:
        """Book one leg; returns the change of the oversold quantity.

        ``oversold``: that change, if known (in a pool: from the pass account by account).
        """
        value = leg.value
        special = self.explained or self.journal is not None or leg.lends or leg.at_cost
        if (
            value is not None
            and not special
            and self._apply_plain(leg.quantity, value, leg.flow, event, order, oversold)
        ):
            return ZERO
        if leg.flow == le.LENT:
            return self._lend(leg, event, order)
        book = self.book
        before, borrowed, known = self.realised, ZERO, book.oversold
        if leg.quantity > 0:
            if book.shrunk and self.has_dust():
                self.sweep(event, order)
                before = self.realised
            self._add(leg, event, order, None if oversold is None else -oversold)
        else:
            borrowed = self._remove(leg, event, order, oversold)
        self.record(event, order)
        if self.explained:
            note, gain, width = _note(leg, event, borrowed), self.realised - before, leg.resolution
            self.audit(event, leg.quantity, leg.value, note, realised=gain, resolution=width)
        return ZERO if book.oversold is known else book.oversold - known

    def _apply_plain(
        self,
        quantity: Decimal,
        value: Decimal,
        flow: str,
        event: LedgerEvent,
        order: int,
        oversold: Decimal | None,
    ) -> bool:
        """Book a leg as most are: units at a known value, held where they are removed, nothing
        owed. Returns False, having done nothing, for any other."""
        book = self.book
        if quantity > 0:
            if book.short.quantity or (book.shrunk and book.dust):
                return False
            book.hold(quantity, value, order)
            gain = quantity - value if self.reporting else ZERO
            self.flows[flow] += value
        else:
            short = not self.reporting and (book.unknown or -quantity > book.explained)
            if short or oversold or not quantity:
                return False
            gain = value - book.give(-quantity, order)
            self.flows[flow] -= value
        if flow in RESULTS:
            self.outside += value if quantity > 0 else -value
        self.trading += gain
        if gain or flow in RESULTS:
            self.close_day(event)
        self.trail.record(event, order)
        return True

    def _lend(self, leg: Leg, event: LedgerEvent, order: int) -> Decimal:
        self.lent = max(ZERO, self.lent + leg.quantity)
        self.record(event, order)
        done = "lent" if leg.quantity > 0 else "paid back"
        self.audit(event, ZERO, None, f"{to_text(abs(leg.quantity))} {done}")
        return ZERO

    def _add(self, leg: Leg, event: LedgerEvent, order: int, settled: Decimal | None) -> None:
        """Add a positive leg. ``settled``: how much of it offsets the oversold quantity (None: the
        book decides)."""
        quantity, value = leg.quantity, leg.value
        self.lent = max(ZERO, self.lent - quantity) if leg.lends else self.lent
        if value is None and not self.reporting:
            part = unpriced(leg.reason, quantity, event.time)
            owed = self.book.acquire_unpriced(quantity, part, order, settled)
            self.cover(owed, event, order, leg)
            return
        value = quantity if value is None else value
        self.flow(leg, value, event, order)
        self.cover(self.book.acquire(quantity, value, order), event, order, leg)
        self.revalue(quantity, value, event, order, leg)

    def _remove(self, leg: Leg, event: LedgerEvent, order: int, absent: Decimal | None) -> Decimal:
        """Remove a negative leg: at its cost, for a value, or for something without a rate.

        ``absent``: how much of it the account never held (None: the book decides). Returns how much
        of it was borrowed.
        """
        quantity, value = -leg.quantity, leg.value
        absent = self._absent(leg, quantity) if absent is None else absent
        removed = self.book.remove(quantity, order, value=value, absent=absent)
        self.lent += quantity if leg.lends else ZERO
        self._note_excess(removed.excess, event)
        if leg.at_cost:
            self.flow(leg, -(removed.cost + removed.owed), event, order)
            self.fees += removed.cost + removed.owed if leg.flow == le.EXPENSE else ZERO
        elif value is None:
            self.written_off += removed.cost
            self.close(removed, (None, None), event, order, leg)
        else:
            self.flow(leg, -value, event, order)
            had, value = quantity - removed.borrowed, value - removed.owed
            known = value if removed.explained == had else rounded(value * removed.explained / had)
            self.unexplained += value - known
            if removed.explained or not quantity:
                self.trading += known - removed.cost
            self.close(removed, (known, value - known), event, order, leg)
        return removed.borrowed

    def _absent(self, leg: Leg, quantity: Decimal) -> Decimal:
        """How much of a removal was neither held nor lent.

        A sale on margin may use units that a later sale elsewhere then misses. That sale is a short
        as well, while margin wallets have lent more than they received back.
        """
        missing = max(ZERO, quantity - self.book.explained - self.book.unknown)
        if leg.lends or leg.value is None:
            return ZERO
        return max(ZERO, missing - max(ZERO, self.lent - self.book.short.quantity))

    def send(
        self,
        quantity: Decimal,
        event: LedgerEvent,
        order: int,
        absent: Decimal = ZERO,
        flow: str = le.MOVE,
    ) -> Removed:
        """Remove units at their cost, which goes on elsewhere: to another own account, or as
        another asset. ``absent``: how much of them is known to have never been held."""
        removed = self.book.remove(quantity, order, absent=absent)
        self.flows[flow] -= removed.cost
        self._note_excess(removed.excess, event)
        self.record(event, order)
        return removed

    def receive(
        self,
        removed: Removed,
        event: LedgerEvent,
        order: int,
        unseen: str = UNSEEN,
        flow: str = le.MOVE,
        settled: Decimal | None = None,
    ) -> None:
        """Add the units of a move as the other account removed them: each with its cost and age.

        ``unseen``: the reason for the units that the other account never held. ``settled``: how
        many of unknown cost offset oversold ones (None: the book decides).
        """
        if self.has_dust():
            self.sweep(event, order)
        book, parts = self.book, removed.parts
        for piece in removed.pieces:
            if piece.cost is not None:
                self.cover(book.acquire(piece.quantity, piece.cost, piece.order), event, order)
                self.revalue(piece.quantity, piece.cost, event, order)
            elif parts:
                offset = None if settled is None else min(settled, piece.quantity)
                settled = None if settled is None or offset is None else settled - offset
                owed = book.acquire_unpriced(piece.quantity, parts[0], piece.order, offset)
                self.cover(owed, event, order)
                for part in parts[1:]:
                    book.remember(part)
                parts = parts[:1]
        if removed.excess:
            part = unpriced(unseen, removed.excess, event.time)
            self.cover(book.acquire_unpriced(removed.excess, part, BEFORE_ALL), event, order)
        self.flows[flow] += removed.cost
        self.record(event, order)

    def misplace(self, oversold: Decimal, event: LedgerEvent, order: int) -> None:
        """In a pool: a move of which the sender never held ``oversold`` (negative: the move offsets
        what the receiver had oversold)."""
        if oversold:
            self.book.misplace(oversold, event.time)
        self._note_excess(max(ZERO, oversold), event)
        self.record(event, order)
        self.audit(event, ZERO, None, event.note)

    def _note_excess(self, excess: Decimal, event: LedgerEvent) -> None:
        if excess and self.oversold_at is None:
            self.oversold_at = event.time

    def has_dust(self) -> bool:
        """Whether a removal has left too little to be sold."""
        book = self.book
        if not book.dust or not book.shrunk:
            return False
        return book.explained > ZERO and book.explained + book.unknown <= book.dust

    def sweep(self, event: LedgerEvent, order: int) -> None:
        """Write off the dust: below the dust limit there is no position and no average."""
        left = self.book.explained
        if self.journal is not None:
            account, lots = self.place(event, None), self.book.pieces()
            self.journal.closed(event, order, account, lots, ZERO, kind=DUST)
        lost = self.book.sweep(event.time, order)
        self.trading -= lost
        self.close_day(event)
        note = f"{to_text(left)} left is dust: its cost is written off"
        self.audit(event, ZERO, None, note, kind="reset", realised=-lost)


def _note(leg: Leg, event: LedgerEvent, borrowed: Decimal) -> str:
    if leg.flow == le.FEE:
        return f"fee of {event.symbol}"
    owed = f"{to_text(borrowed)} of it borrowed" if borrowed else ""
    return "; ".join(
        part for part in (event.note, owed, *(FLAGS[flag] for flag in event.flags)) if part
    )

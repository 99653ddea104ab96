"""Turns events into entries: what each leg changes at its account, by one method.

The states are those of ``cost.asset_state``, account by account; nothing is pooled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, localcontext
from functools import partial
from typing import NamedTuple

from exchange_cache.cost.aside import set_aside
from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.basis import Method
from exchange_cache.cost.carrying import carry_over, has_any
from exchange_cache.cost.event_place import next_place
from exchange_cache.cost.lots import Book
from exchange_cache.export.entries import INTERNAL, OPENING, Change, Held, Place, Units
from exchange_cache.export.noted import NotedBook, NotedShort, noted_book
from exchange_cache.ledger import events as le
from exchange_cache.ledger.bookings import Carry
from exchange_cache.ledger.events import LedgerEvent, Leg
from exchange_cache.money import EXACT, ZERO

#: Flows by which units of unknown cost may be received, although their values cancel out.
TRADES = frozenset({le.TRADE, le.FEE})


class _Figures(NamedTuple):
    """The sums of a state before or after a change."""

    held: Held
    unknown: Decimal
    oversold: Decimal
    trading: Decimal
    unexplained: Decimal
    written_off: Decimal


def held_by(state: AssetState) -> Held:
    book = state.book
    return Held(
        units=book.explained + book.unknown,
        cost=book.cost,
        owed=book.short.quantity,
        proceeds=book.short.proceeds,
    )


def _figures(state: AssetState) -> _Figures:
    return _Figures(
        held_by(state),
        state.book.unknown,
        state.book.oversold,
        state.trading,
        state.unexplained,
        state.written_off,
    )


class Books:
    """The states of all accounts after the events that were entered."""

    def __init__(self, method: Method, reporting_asset: str, dust: Mapping[str, Decimal]) -> None:
        self._method, self._reporting, self._dust = method, reporting_asset, dust
        self.states: dict[tuple[str, str], AssetState] = {}
        self._order = -1

    def enter(self, event: LedgerEvent) -> tuple[Change, ...]:
        """Apply the next event; what it changed, leg by leg."""
        self._order = next_place(self._order, event.moment)
        with localcontext(EXACT):
            changes = list(self._carry(event.carry, event)) if event.carry is not None else []
            for leg in event.legs:
                changes += self._leg(leg, event)
        return tuple(changes)

    def sweep(self, event: LedgerEvent) -> Iterator[tuple[Change, ...]]:
        """Write off the dust that is left after ``event``, the last one."""
        with localcontext(EXACT):
            for state in list(self.states.values()):
                if state.has_dust():
                    yield self._changed(
                        [(state, "")], le.TRADE, partial(state.sweep, event, self._order)
                    )

    def is_reporting(self, asset: str) -> bool:
        return asset == self._reporting

    def opening(self) -> Iterator[Change]:
        """What is held, as units that are added."""
        for state in self.states.values():
            for one, aside in ((state, ""), *((own, flow) for flow, own in state.aside.items())):
                held = held_by(one)
                if held == Held():
                    continue
                added, borrowed = _present(one)
                yield Change(
                    place=Place(account=state.account or "", asset=state.asset, aside=aside),
                    flow=OPENING,
                    before=Held(),
                    after=held,
                    reporting=one.reporting,
                    flowed=held.cost - held.proceeds,
                    unknown=one.book.unknown,
                    added=added,
                    borrowed=borrowed,
                )

    # --- legs -------------------------------------------------------------------------------------

    def _leg(self, leg: Leg, event: LedgerEvent) -> tuple[Change, ...]:
        account = (leg.there and event.to_account) or event.account
        state = self._state(account, leg.asset)
        if leg.flow == le.MOVE:
            return self._move(leg, event, state)
        if leg.flow in le.ASIDE:
            return self._set_aside(leg, event, state)
        swept = self._swept(state, event) if leg.quantity > 0 else ()
        removes = leg.quantity < 0 and not leg.at_cost and leg.value is not None
        before = self._before(state)
        state.apply(leg, event, self._order)
        worth = leg.value if removes else None
        lent = leg.quantity if leg.flow == le.LENT else ZERO
        return (*swept, _change(state, "", leg.flow, before, worth=worth, lent=lent))

    def _set_aside(self, leg: Leg, event: LedgerEvent, state: AssetState) -> tuple[Change, ...]:
        """Units that are set aside or return; what returns beyond them is received."""
        place = self._aside(state, leg.flow)
        there = place.book.explained + place.book.unknown
        beyond = max(ZERO, leg.quantity - there)
        changes: tuple[Change, ...] = ()
        if leg.quantity != beyond:
            known = leg._replace(quantity=leg.quantity - beyond)
            changes = self._changed(
                [(state, ""), (place, leg.flow)],
                leg.flow,
                lambda: set_aside(state, known, event, self._order, None),
            )
        if beyond:
            changes += self._leg(leg._replace(quantity=beyond, flow=le.UNCLASSIFIED), event)
        return changes

    def _swept(self, state: AssetState, event: LedgerEvent) -> tuple[Change, ...]:
        """The dust that is written off before units are added, as a change of its own."""
        if not state.has_dust():
            return ()
        return self._changed([(state, "")], le.TRADE, lambda: state.sweep(event, self._order))

    def _move(self, leg: Leg, event: LedgerEvent, sender: AssetState) -> tuple[Change, ...]:
        receiver = self._state(event.to_account or "", leg.asset)
        swept = self._swept(receiver, event)
        removed = []
        sent = self._changed(
            [(sender, "")],
            le.MOVE,
            lambda: removed.append(sender.send(leg.quantity, event, self._order)),
        )
        received = self._changed(
            [(receiver, "")], le.MOVE, lambda: receiver.receive(removed[0], event, self._order)
        )
        return (*swept, *sent, *received)

    def _carry(self, carry: Carry, event: LedgerEvent) -> tuple[Change, ...]:
        there = self.states.get((event.account, carry.event.old))
        if not (carry.is_booked or has_any(there)):
            return ()
        sender = self._state(event.account, carry.event.old)
        receiver = self._state(event.account, carry.event.new)
        ends = [(sender, "")] if sender is receiver else [(sender, ""), (receiver, "")]
        return self._changed(
            ends,
            le.MOVE,
            lambda: carry_over(carry, sender, receiver, event=event, order=self._order),
        )

    # --- what a change was ------------------------------------------------------------------------

    def _changed(
        self, ends: list[tuple[AssetState, str]], flow: str, act: Callable[[], object]
    ) -> tuple[Change, ...]:
        """Act; what that changed at some states."""
        before = [self._before(state) for state, _ in ends]
        act()
        found = (
            _change(state, aside, flow, was)
            for (state, aside), was in zip(ends, before, strict=True)
        )
        return tuple(one for one in found if one.is_any)

    def _before(self, state: AssetState) -> _Figures:
        if isinstance(state.book, NotedBook):
            state.book.clear()
        return _figures(state)

    # --- states -----------------------------------------------------------------------------------

    def _state(self, account: str, asset: str) -> AssetState:
        found = self.states.get((account, asset))
        if found is None:
            dust = self._dust.get(asset, ZERO)
            found = self.states[account, asset] = self._new(account, asset, dust)
        return found

    def _new(self, account: str | None, asset: str, dust: Decimal = ZERO) -> AssetState:
        reporting = asset == self._reporting
        return AssetState(
            account=account,
            asset=asset,
            book=noted_book(self._method, dust=dust, reporting=reporting),
            reporting=reporting,
            explained=False,
        )

    def _aside(self, state: AssetState, flow: str) -> AssetState:
        if flow not in state.aside:
            state.aside[flow] = self._new(state.account, state.asset)
        return state.aside[flow]


def _present(state: AssetState) -> tuple[tuple[Units, ...], tuple[Units, ...]]:
    """All lots of a state, and those that it owes."""
    book = state.book
    if not isinstance(book, NotedBook) or not isinstance(book.short, NotedShort):
        return (), ()
    return tuple(book.present()), tuple(book.short.present())


def _change(
    state: AssetState,
    aside: str,
    flow: str,
    was: _Figures,
    *,
    worth: Decimal | None = None,
    lent: Decimal = ZERO,
) -> Change:
    book, held = state.book, held_by(state)
    oversold = book.oversold - was.oversold
    cost = held.cost - held.proceeds - was.held.cost + was.held.proceeds
    gain, written_off = state.trading - was.trading, state.written_off - was.written_off
    unexplained = state.unexplained - was.unexplained
    lots = _lots_of(book)
    return Change(
        place=Place(account=state.account or "", asset=state.asset, aside=aside),
        flow=flow,
        before=was.held,
        after=held,
        reporting=state.reporting,
        worth=worth,
        flowed=cost - gain - unexplained + written_off,
        gain=gain,
        unexplained=unexplained,
        written_off=written_off,
        opened=max(ZERO, oversold),
        settled=max(ZERO, -oversold),
        unknown=ZERO if flow in INTERNAL - TRADES else max(ZERO, book.unknown - was.unknown),
        lent=lent,
        taken=lots.taken,
        added=lots.added,
        covered=lots.covered,
        borrowed=lots.borrowed,
        unordered=isinstance(book, NotedBook) and book.is_unordered,
    )


class _Lots(NamedTuple):
    """The lots that a change concerned."""

    taken: tuple[Units, ...] = ()
    added: tuple[Units, ...] = ()
    covered: tuple[Units, ...] = ()
    borrowed: tuple[Units, ...] = ()


_NONE = _Lots()


def _lots_of(book: Book) -> _Lots:
    if not isinstance(book, NotedBook) or not isinstance(book.short, NotedShort):
        return _NONE
    short = book.short
    return _Lots(*map(tuple, (book.taken, book.added, short.covered, short.borrowed)))

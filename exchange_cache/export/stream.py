"""The stream of an export: entries from the events of a ledger, then balances and prices.

One entry at a time is in memory. Options leave out changes, never events: whatever was before and
elsewhere decides the costs of what is exported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.export.books import Books, held_by
from exchange_cache.export.entries import (
    UNEXPLAINED,
    UNREALISED,
    Balance,
    Change,
    Entry,
    Held,
    Item,
    Place,
    Price,
    Units,
)
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.money import EXACT, ZERO

#: The kinds of entries that no row of the ledger caused.
OPENING = "opening"
DUST = "dust"
CLOSING = "closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What an exchange reports of an asset at an account. ``unrealised``: the results of open
    positions that it contains."""

    quantity: Decimal
    at: datetime
    unrealised: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which changes are exported; None and empty: all."""

    accounts: Collection[str] = ()
    asset: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def has(self, place: Place) -> bool:
        return (not self.accounts or place.account in self.accounts) and (
            self.asset is None or place.asset == self.asset
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What is known at the end. ``complete``: accounts all of whose balances are reported."""

    reported: Mapping[tuple[str, str], Reported] = field(default_factory=dict)
    complete: Collection[str] = ()
    prices: tuple[Price, ...] = ()


def items(
    events: Iterable[LedgerEvent],
    books: Books,
    selection: Selection,
    end: Callable[[], End],
    tx_id: Callable[[LedgerEvent], str | None] = lambda event: None,
) -> Iterator[Item]:
    """Everything to write, in order. ``end`` is read behind the last event."""
    chosen = _Chosen(selection)
    last: LedgerEvent | None = None
    opened = selection.since is None
    for event in events:
        if selection.until is not None and event.moment >= selection.until:
            break
        if not opened and selection.since is not None and event.moment >= selection.since:
            opened = True
            yield from _opening(books, chosen, selection.since)
        changes = chosen.of(books.enter(event))
        last = event
        if opened and changes:
            yield Entry(event=event, time=event.moment, changes=changes, tx_id=tx_id(event))
    if last is None:
        return
    if not opened and selection.since is not None:
        yield from _opening(books, chosen, selection.since)
    for changes in map(chosen.of, books.sweep(last)):
        if changes:
            yield Entry(
                event=_own(DUST, changes[0], last.moment), time=last.moment, changes=changes
            )
    yield from _ending(books, chosen, end(), last.moment)


class _Chosen:
    def __init__(self, selection: Selection) -> None:
        self.has = selection.has

    def of(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        return tuple(one for one in changes if self.has(one.place))


def _own(kind: str, change: Change, at: datetime) -> LedgerEvent:
    """An event that no row caused."""
    return LedgerEvent(
        time=at,
        kind=kind,
        account=change.place.account,
        symbol=None,
        source_id="",
        legs=(),
        order=(at,),
        digest=b"",
        subject=change.place.asset,
    )


def _opening(books: Books, chosen: _Chosen, at: datetime) -> Iterator[Entry]:
    for change in books.opening():
        if chosen.has(change.place):
            yield Entry(event=_own(OPENING, change, at), time=at, changes=(change,))


def _ending(books: Books, chosen: _Chosen, end: End, last: datetime) -> Iterator[Item]:
    """What balances contain beyond the events, then the balances, then the prices."""
    balances: list[Balance] = []
    at = max([last, *(one.at for one in end.reported.values())])
    places = {(account, asset) for account, asset in books.states}
    for account, asset in sorted(places | set(end.reported)):
        place = Place(account=account, asset=asset)
        if not chosen.has(place):
            continue
        state = books.states.get((account, asset))
        held = Held() if state is None else held_by(state)
        reported = end.reported.get((account, asset))
        if reported is None and account in end.complete:
            reported = Reported(quantity=ZERO, at=at)
        if reported is not None:
            for change in _differences(place, held, reported, books.is_reporting(asset)):
                yield Entry(event=_own(CLOSING, change, at), time=at, changes=(change,))
        if reported is not None or held != Held():
            quantity = held.balance if reported is None else reported.quantity
            known = reported is not None
            balances.append(
                Balance(place=place, quantity=quantity, held=held, at=at, reported=known)
            )
    yield from balances
    yield from _aside(books, chosen, at)
    assets = {one.place.asset for one in balances}
    yield from (one for one in end.prices if one.asset in assets)


def _aside(books: Books, chosen: _Chosen, at: datetime) -> Iterator[Balance]:
    """What the parts of accounts hold that no exchange reports, also where that is nothing."""
    for account, asset in sorted(books.states):
        for flow, state in sorted(books.states[account, asset].aside.items()):
            place, held = Place(account=account, asset=asset, aside=flow), held_by(state)
            if chosen.has(place):
                yield Balance(place=place, quantity=held.balance, held=held, at=at, reported=False)


def _differences(place: Place, held: Held, reported: Reported, reporting: bool) -> Iterator[Change]:
    """The unrealised results in a balance, and what no event explains, as units without a cost
    beside those held."""
    with localcontext(EXACT):
        rest = reported.quantity - reported.unrealised - held.balance
    for flow, units in ((UNREALISED, reported.unrealised), (UNEXPLAINED, rest)):
        if units:
            cost = units if reporting else ZERO
            yield Change(
                place=place._replace(aside="" if reporting else flow),
                flow=flow,
                before=Held(),
                after=Held(units=units, cost=cost),
                reporting=reporting,
                flowed=cost,
                unknown=ZERO if reporting else units,
                added=() if reporting else (Units(1, reported.at, units, None),),
            )

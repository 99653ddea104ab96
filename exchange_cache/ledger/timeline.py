"""The events of a history of any length, window by window, so that no more of it than one window
is in memory.

Rows come from ``LedgerRows``, which reads the cache. Rows that only mean something together are
read whole at the beginning: deposits and withdrawals (pairs), converts (halves), subscriptions,
moves to wallets that are not read, and what may book an asset event. The events are the same, in
the same order, as those of ``history``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Protocol

from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents
from exchange_cache.ledger.bookings import Carry, find_bookings
from exchange_cache.ledger.converts import moving_fills
from exchange_cache.ledger.events import LedgerEvent, StatedBasis
from exchange_cache.ledger.fill_events import fill_event
from exchange_cache.ledger.history import carry_event
from exchange_cache.ledger.income import VALUED
from exchange_cache.ledger.pairing import Pair, Pairing, pair_transfers
from exchange_cache.ledger.rates import Rates
from exchange_cache.ledger.transfer_events import stated_accounts, transfer_events
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fill, Transfer, TransferKind

#: An event may happen so long before its row: a loan takes effect before its order.
EARLY = timedelta(minutes=1)

#: The kinds of events of units whose cost the user states that are no row of another kind.
_STATED = ("stated", str(TransferKind.DEPOSIT))


class LedgerRows(Protocol):
    """The rows of a ledger. Every row is served once; ``start`` <= time < ``end``."""

    def accounts(self) -> Collection[str]:
        """All accounts that have a row."""

    def converts(self) -> Iterable[Fill]:
        """All fills of converts."""

    def ends(self) -> Iterable[Transfer]:
        """All deposits, withdrawals and subscriptions."""

    def internal(self) -> Iterable[Transfer]:
        """All moves between wallets of one account."""

    def of_codes(self, codes: Collection[str]) -> Iterable[Transfer]:
        """All other transfers of these codes."""

    def others(self) -> Iterable[Transfer]:
        """All transfers of other kinds."""

    def fills(self, start: datetime, end: datetime) -> Iterator[Fill]:
        """The other fills that move assets, in their order (``fill_order``)."""

    def transfers(self, start: datetime, end: datetime) -> Iterable[Transfer]:
        """The transfers of other kinds. The rows of a window may be
        limited to those of some assets."""


class Timeline:
    """Events in order. ``pairing`` and ``carries`` are those of all time; ``unplaced``: statements
    of the user that match nothing."""

    def __init__(
        self,
        rows: LedgerRows,
        *,
        rates: Rates,
        assets: AssetEvents,
        stated: Sequence[StatedBasis] = (),
        cash: Collection[str] = (),
        income: str = VALUED,
    ) -> None:
        self._rows, self._rates, self._cash, self._income = rows, rates, cash, income
        self.accounts = frozenset(rows.accounts()) | stated_accounts(stated)
        halves = tuple(rows.converts())
        self.halves = tuple(_in_halves(halves))
        whole = tuple(moving_fills(halves).values())
        codes = assets.codes()
        ends = (*rows.ends(), *(rows.internal() if assets.unread else ()))
        booking = (*ends, *rows.of_codes(codes)) if codes else ends
        self._bookings = find_bookings(assets, whole, booking, self.accounts)
        self.carries: tuple[Carry, ...] = self._bookings.carries
        self._converts = [one for fill in whole if (one := self._bookings.fill(fill)) is not None]
        read = self._read(ends)
        self.between_accounts = self._bookings.kinds
        self._between = {one.key: one for one in ends if one.key in self.between_accounts}
        self.pairing = pair_transfers(read)
        subscribed = [one for one in read if one.kind is TransferKind.SUBSCRIPTION]
        self.subscribed = self._events(
            subscribed, Pairing(pairs=(), withdrawals=(), deposits=()), ()
        )[0]
        self._stated_assets = frozenset(one.asset for one in stated)
        self.stated_events, self.unplaced = self._stated(stated)

    def moved_between(self) -> Iterator[tuple[Transfer, TransferKind]]:
        """The moves between accounts, each with the kind that it is read as."""
        for key, row in self._between.items():
            yield row, self.between_accounts[key]

    def of_codes(self, rows: LedgerRows, codes: frozenset[str]) -> Timeline:
        """The events that move these codes, and others that are rows of a window in ``rows``."""
        found, whole = copy.copy(self), self.pairing
        found._rows = rows
        found._converts = [
            one
            for one in self._converts
            if not codes.isdisjoint((one.base, one.quote, *(fee.asset for fee in one.fees)))
        ]
        found.pairing = Pairing(
            pairs=tuple(one for one in whole.pairs if _moves(codes, one.withdrawal, one.deposit)),
            withdrawals=tuple(one for one in whole.withdrawals if _moves(codes, one)),
            deposits=tuple(one for one in whole.deposits if _moves(codes, one)),
        )
        found.subscribed = [one for one in self.subscribed if codes_of(one) & codes]
        found.stated_events = [one for one in self.stated_events if codes_of(one) & codes]
        found.carries = tuple(
            one for one in self.carries if not {one.event.old, one.event.new}.isdisjoint(codes)
        )
        return found

    def whole(self, start: datetime, end: datetime) -> Iterator[LedgerEvent]:
        """Of the events of a window those of deposits, withdrawals, pairs and subscriptions, and
        what the user states: all that does not change the holdings when its row does."""
        moved, _ = self._events((), self._pairing_of(start, end), ())
        stated = (one for one in self.stated_events if one.kind in _STATED)
        for event in (*moved, *self.subscribed, *stated):
            if start <= event.time < end:
                yield event

    def replaced(self) -> dict[tuple[str, AssetEvent], datetime]:
        """From when on the rows of a replaced code are read as another asset's, by account."""
        found: dict[tuple[str, AssetEvent], datetime] = {}
        for carry in self.carries:
            if carry.event.replaces:
                place = (carry.account, carry.event)
                found[place] = max(carry.time, found.get(place, carry.time))
        return found

    def between(
        self, start: datetime, end: datetime, results: Callable[[Fill], Decimal]
    ) -> Iterator[LedgerEvent]:
        """The events with ``start`` <= moment < ``end``. ``results`` is given every fill of a
        derivative, in order, and returns what it realised."""
        others = self._others(start, end)
        place = 0
        for fill in self._rows.fills(start, end):
            known = self._bookings.fill(fill)
            if known is None:
                continue
            result = results(known) if known.is_derivative else ZERO
            event = fill_event(known, result, self._rates)
            while place < len(others) and others[place].moment <= event.time:
                if others[place].order > event.order:
                    break
                yield others[place]
                place += 1
            yield event
        yield from others[place:]

    def _others(self, start: datetime, end: datetime) -> list[LedgerEvent]:
        """The events of everything but ordinary fills."""
        rows = [
            one
            for one in self._read(self._rows.transfers(start, end + EARLY))
            if one.asset not in self._stated_assets and one.key not in self.between_accounts
        ]
        moved, _ = self._events(rows, self._pairing_of(start, end), ())
        converts = [one for one in self._converts if start <= one.time < end]
        carries = [carry_event(one) for one in self.carries if start <= one.time < end]
        found = [*moved, *self.stated_events, *self.subscribed, *carries]
        found = [event for event in found if start <= event.moment < end]
        found += [fill_event(fill, ZERO, self._rates) for fill in converts]
        return sorted(found, key=lambda event: event.order)

    def _pairing_of(self, start: datetime, end: datetime) -> Pairing:
        """What of the pairing happens in a window, without what is stated."""
        whole = self.pairing
        return Pairing(
            pairs=tuple(pair for pair in whole.pairs if start <= began(pair) < end),
            withdrawals=tuple(one for one in whole.withdrawals if start <= one.time < end),
            deposits=tuple(
                one
                for one in whole.deposits
                if start <= one.time < end and one.asset not in self._stated_assets
            ),
        )

    def _stated(
        self, stated: Sequence[StatedBasis]
    ) -> tuple[list[LedgerEvent], tuple[StatedBasis, ...]]:
        """All receipts of the assets whose cost the user states: a statement may concern any."""
        if not stated:
            return [], ()
        assets = self._stated_assets
        everything = self._read(self._rows.others())
        deposits = tuple(one for one in self.pairing.deposits if one.asset in assets)
        own = replace(self.pairing, pairs=(), withdrawals=(), deposits=deposits)
        rows = [
            one
            for one in everything
            if one.asset in assets and one.key not in self.between_accounts
        ]
        return self._events(rows, own, stated)

    def _events(
        self, rows: Iterable[Transfer], pairing: Pairing, stated: Sequence[StatedBasis]
    ) -> tuple[list[LedgerEvent], tuple[StatedBasis, ...]]:
        with localcontext(EXACT):
            return transfer_events(rows, pairing, stated, self._rates, self._cash, self._income)

    def _read(self, transfers: Iterable[Transfer]) -> list[Transfer]:
        found = (self._bookings.transfer(one) for one in transfers)
        return [one for one in found if one is not None]


def began(pair: Pair) -> datetime:
    """When the transfer of a pair happened, as an event."""
    return min(pair.withdrawal.time, pair.deposit.time)


def _in_halves(halves: Iterable[Fill]) -> Iterator[tuple[Fill, ...]]:
    """The rows of each convert that has several."""
    found: dict[tuple[str, str, str], list[Fill]] = {}
    for one in halves:
        if one.order_id is not None:
            found.setdefault((one.account, one.category, one.order_id), []).append(one)
    return (tuple(own) for own in found.values() if len(own) > 1)


def codes_of(event: LedgerEvent) -> frozenset[str]:
    """Every asset that an event moves or counts for."""
    return frozenset((event.subject, *(leg.asset for leg in event.legs)))


def _moves(codes: frozenset[str], *rows: Transfer) -> bool:
    """Whether any of some transfers moves one of these codes."""
    return any(row.asset in codes or (row.fee and row.fee.asset in codes) for row in rows)

"""Finds where each asset event happened in an account, and reads the other rows under the codes of
their assets.

An exchange may book the event: units of the old code out and units of the new one in, as two rows
of one moment or as a convert at exactly the factor. Those rows are the event, once, and count
neither as a withdrawal nor as income; they are recognised at any exchange. Otherwise the event
applies at its date. An alias (a second code of one asset) is read as its asset first, in every row,
and a wallet that is not read is marked in every move.

Pure. ``history`` turns each ``Carry`` into an event, ``cost.carrying`` carries the cost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.ledger.asset_events import ONE, AssetEvent, AssetEvents, EventKind
from exchange_cache.ledger.converts import moving_fills
from exchange_cache.ledger.pairing import has_happened
from exchange_cache.ledger.unread import between_accounts, marked
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, Fill, FillKind, Side, Transfer, TransferKind

#: An exchange books an event at most this long before the listed date.
EARLY = timedelta(days=60)
#: The two rows of one booking are at most this far apart.
TOGETHER = timedelta(hours=24)
#: An exchange credits a split-off at most this long after its date.
SPLIT_WINDOW = timedelta(days=60)
#: Kinds under which exchanges book an event: credited or charged, for no cause of its own.
MAY_BOOK = frozenset(
    {
        TransferKind.UNCLASSIFIED,
        TransferKind.ADJUSTMENT,
        TransferKind.REWARD,
        TransferKind.AIRDROP,
        TransferKind.SUBSCRIPTION,
    }
)
#: A booking may differ from the factor by this share: exchanges round.
ROUNDING = Decimal("1e-6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """One event at one account. ``given`` and ``received`` as booked; None: all that it holds."""

    account: str
    event: AssetEvent
    time: datetime
    given: Decimal | None = None
    received: Decimal | None = None
    source_id: str = ""

    @property
    def is_booked(self) -> bool:
        return self.received is not None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The carries, and the other rows under the codes of their assets."""

    fills: tuple[Fill, ...]
    transfers: tuple[Transfer, ...]
    carries: tuple[Carry, ...]


@dataclass(frozen=True, slots=True)
class Bookings:
    """Where the events happened, and how every row is to be read because of them: one that books
    an event as nothing, one of a replaced code as a row of the new asset."""

    carries: tuple[Carry, ...]
    _aliases: _Names
    _names: _Names
    _used: frozenset[tuple[str, ...]]
    _unread: Mapping[str, frozenset[str]]
    kinds: Mapping[tuple[str, str, str], TransferKind]  # of moves that are between accounts

    def fill(self, fill: Fill) -> Fill | None:
        if self._used and fill.key in self._used:
            return None
        fill = self._aliases.fill(fill) if self._aliases.any else fill
        return self._names.fill(fill) if self._names.any else fill

    def transfer(self, transfer: Transfer) -> Transfer | None:
        if transfer.key in self._used:
            return None
        if self._unread:
            transfer = marked(transfer, self._unread.get(transfer.account, ()))
            if transfer.key in self.kinds:
                transfer = replace(transfer, kind=self.kinds[transfer.key])
        return self._names.transfer(self._aliases.transfer(transfer))


def find_bookings(
    assets: AssetEvents,
    converts: Iterable[Fill],
    transfers: Iterable[Transfer],
    accounts: Iterable[str],
) -> Bookings:
    """Find each event at each account. ``converts`` (whole ones) and ``transfers``: at least all
    that may book one; ``accounts``: all that have any row."""
    aliases = _Names(aliases=assets.aliases)
    moves = [marked(one, assets.unread.get(one.account, ())) for one in transfers]
    kinds = between_accounts(moves, assets) if assets.unread else {}
    moves = [replace(one, kind=kinds[one.key]) if one.key in kinds else one for one in moves]
    if not assets.events:
        return Bookings((), aliases, _Names(), frozenset(), assets.unread, kinds)
    codes = {code for event in assets.events for code in (event.old, event.new)}
    with localcontext(EXACT):
        fills = [aliases.fill(fill) for fill in converts]
        moves = [aliases.transfer(transfer) for transfer in moves]
        search = _Search(assets, codes, fills, moves, accounts)
        carries = tuple(search.carries())
        used = frozenset(search.used)
        return Bookings(carries, aliases, _Names(carries), used, assets.unread, kinds)


def recognise(
    assets: AssetEvents,
    fills: Iterable[Fill],
    transfers: Iterable[Transfer],
    accounts: Collection[str] = (),
) -> Recognised:
    """Find each event at each account, take out the rows that book it, and read later rows of a
    replaced code as the new asset. ``accounts``: others than those of the rows."""
    fills, transfers = tuple(fills), tuple(transfers)
    if assets.unread:
        transfers = tuple(marked(one, assets.unread.get(one.account, ())) for one in transfers)
        kinds = between_accounts(transfers, assets)
        transfers = tuple(
            replace(one, kind=kinds[one.key]) if one.key in kinds else one for one in transfers
        )
    if assets.aliases:
        names = _Names(aliases=assets.aliases)
        fills = tuple(map(names.fill, fills))
        transfers = tuple(map(names.transfer, transfers))
    if not assets.events:
        return Recognised(fills, transfers, ())
    codes = {code for event in assets.events for code in (event.old, event.new)}
    with localcontext(EXACT):
        if any(fill.kind is FillKind.CONVERT and fill.base in codes for fill in fills):
            fills = tuple(moving_fills(fills).values())
        found = {*accounts, *(one.account for one in fills), *(one.account for one in transfers)}
        search = _Search(assets, codes, fills, transfers, found)
        carries = tuple(search.carries())
        names = _Names(carries)
        return Recognised(
            tuple(names.fill(fill) for fill in fills if fill.key not in search.used),
            tuple(names.transfer(one) for one in transfers if one.key not in search.used),
            carries,
        )


class _Search:
    """Looks for the rows of each event; ``used`` are the keys of those that book one."""

    def __init__(
        self,
        assets: AssetEvents,
        codes: set[str],
        fills: Sequence[Fill],
        transfers: Sequence[Transfer],
        accounts: Iterable[str],
    ) -> None:
        self._assets = assets
        self.used: set[tuple[str, ...]] = set()
        self._accounts = frozenset(accounts)
        self._converts = sorted(
            (
                one
                for one in fills
                if one.kind is FillKind.CONVERT and {one.base, one.quote} <= codes
            ),
            key=lambda one: (one.time, one.key),
        )
        unique = {one.key: one for one in transfers if one.asset in codes and _may_book(one)}
        self._rows = sorted(unique.values(), key=lambda one: (one.time, one.key))

    def carries(self) -> Iterator[Carry]:
        for event in sorted(self._assets.events, key=lambda event: (event.at, event.old)):
            for account in sorted(self._accounts):
                booked = [*self._by_rows(event, account), *self._by_converts(event, account)]
                yield from booked
                if not booked and self._assets.applies(event, account):
                    yield Carry(account=account, event=event, time=event.at)

    def _by_rows(self, event: AssetEvent, account: str) -> Iterator[Carry]:
        rows = [one for one in self._rows if one.account == account and one.key not in self.used]
        arrived = [one for one in rows if one.asset == event.new and one.quantity > 0]
        if event.kind is EventKind.SPLIT_OFF:
            found = [one for one in arrived if event.at - TOGETHER <= one.time]
            found = [one for one in found if one.time <= event.at + SPLIT_WINDOW]
            if found:
                yield self._booked(event, None, found[0])
            return
        for left in rows:
            if left.asset != event.old or left.quantity >= 0 or left.time < event.at - EARLY:
                continue
            fitting = [
                one
                for one in arrived
                if one.key not in self.used
                and abs(one.time - left.time) <= TOGETHER
                and _fits(event, -left.quantity, one.quantity)
            ]
            if fitting:
                yield self._booked(
                    event, left, min(fitting, key=lambda one: (abs(one.time - left.time), one.key))
                )

    def _booked(self, event: AssetEvent, left: Transfer | None, arrived: Transfer) -> Carry:
        self.used.add(arrived.key)
        if left is not None:
            self.used.add(left.key)
        return Carry(
            account=arrived.account,
            event=event,
            time=arrived.time if left is None else min(left.time, arrived.time),
            given=None if left is None else -left.quantity,
            received=arrived.quantity,
            source_id=arrived.transfer_id,
        )

    def _by_converts(self, event: AssetEvent, account: str) -> Iterator[Carry]:
        for one in self._converts:
            if one.account != account or one.time < event.at - EARLY:
                continue
            buys = one.side is Side.BUY
            given, received = (one.cost, one.quantity) if buys else (one.quantity, one.cost)
            codes = (one.quote, one.base) if buys else (one.base, one.quote)
            if codes == (event.old, event.new) and _fits(event, given, received):
                self.used.add(one.key)
                yield Carry(
                    account=account,
                    event=event,
                    time=one.time,
                    given=given,
                    received=received,
                    source_id=one.fill_id,
                )


def _may_book(transfer: Transfer) -> bool:
    """Whether a row may be one side of a booked event: credited or charged, for no stated cause."""
    fee = transfer.fee is not None and transfer.fee.amount
    return transfer.kind in MAY_BOOK and not fee and has_happened(transfer)


def _fits(event: AssetEvent, given: Decimal, received: Decimal) -> bool:
    exact = given * event.factor
    return abs(received - exact) <= exact * ROUNDING


class _Names:
    """Reads a row of an alias or of a replaced code as one of the asset that it stands for at its
    time."""

    def __init__(
        self,
        carries: Iterable[Carry] = (),
        aliases: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._aliases = aliases or {}
        last: dict[tuple[str, AssetEvent], Carry] = {}
        for carry in carries:
            key = (carry.account, carry.event)
            if carry.event.replaces and (key not in last or last[key].time < carry.time):
                last[key] = carry
        self._by_account: dict[str, list[Carry]] = {}
        for carry in sorted(last.values(), key=lambda carry: carry.time):
            self._by_account.setdefault(carry.account, []).append(carry)
        names = {code for codes in self._aliases.values() for code in codes}
        self._codes = frozenset(names | {carry.event.old for carry in last.values()})

    @property
    def any(self) -> bool:
        """Whether any code stands for another asset."""
        return bool(self._aliases or self._by_account)

    def of(self, account: str, code: str, at: datetime) -> tuple[str, Decimal]:
        """The asset of a code at a time, and how many of its units one unit of the code is."""
        factor, code = ONE, self._aliases.get(account, {}).get(code, code)
        for carry in self._by_account.get(account, ()):
            if code == carry.event.old and at >= carry.time:
                code, factor = carry.event.new, factor * carry.event.factor
        return code, factor

    def fill(self, fill: Fill) -> Fill:
        codes = {fill.base, fill.quote, *(fee.asset for fee in fill.fees)}
        if self._codes.isdisjoint(codes):
            return fill
        base, by = self.of(fill.account, fill.base, fill.time)
        quote, to = self.of(fill.account, fill.quote, fill.time)
        fees = tuple(self._fee(fee, fill) for fee in fill.fees)
        if fill.is_derivative or (base, quote, fees) == (fill.base, fill.quote, fill.fees):
            return fill
        return replace(
            fill,
            base=base,
            quote=quote,
            quantity=fill.quantity * by,
            cost=fill.cost * to,
            price=fill.price * to / by,
            fees=fees,
        )

    def transfer(self, transfer: Transfer) -> Transfer:
        asset, factor = self.of(transfer.account, transfer.asset, transfer.time)
        fee = transfer.fee and self._fee(transfer.fee, transfer)
        if asset == transfer.asset and fee == transfer.fee:
            return transfer
        return replace(transfer, asset=asset, quantity=transfer.quantity * factor, fee=fee)

    def _fee(self, fee: Fee, row: Fill | Transfer) -> Fee:
        asset, factor = self.of(row.account, fee.asset, row.time)
        return fee if asset == fee.asset else Fee(asset=asset, amount=fee.amount * factor)

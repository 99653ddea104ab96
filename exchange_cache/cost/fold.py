"""Cost of every asset by several methods in one pass over the events, account by account and
pooled, from any state on.

Each event is given to the states of its account at once and then to those of the pool, so no list
of events is needed. An asset of which only one account ever had any is its own pool. The states are
those of ``asset_state``; ``averages`` derives the same answers as plainly as possible, from
nothing, and is what this module is compared with.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext

from exchange_cache.cost.answer import finish
from exchange_cache.cost.aside import set_aside
from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.carrying import carry_over, has_any
from exchange_cache.cost.journal import Entry, Journal
from exchange_cache.cost.lot_book import new_book
from exchange_cache.cost.trail import Trail, pooled_digest
from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent, Leg
from exchange_cache.money import EXACT, ZERO

#: The account of what is pooled.
POOL = ""


@dataclass(slots=True, eq=False)
class Holding:
    """One asset of one account, or pooled: its states in the order of the methods; one state of
    the reporting asset, which all methods share."""

    account: str
    asset: str
    trail: Trail
    states: tuple[AssetState, ...]
    pool: Holding | None = None  # None: no other account has had any
    changed: bool = False  # since it was last stored
    origin: str | None = None  # of a new pool: the account whose earlier days are its own

    def pairs(self) -> Iterable[tuple[AssetState, AssetState]]:
        """Each state with that of the pool."""
        assert self.pool is not None
        return zip(self.states, self.pool.states, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldSettings:
    """``alone``: the ledger has one account, so nothing is pooled. ``apart``: the reporting asset
    is part of an asset event, so that its states differ by method. ``journal``: keep what is closed
    (``drained``). ``only``: the assets to follow, None for all."""

    reporting_asset: str
    methods: tuple[Method, ...]
    dust: Mapping[str, Decimal] = field(default_factory=dict)
    explain: Collection[str] = ()
    alone: bool = False
    apart: bool = False
    journal: bool = False
    only: Collection[str] | None = None


#: Reads the stored holdings of an asset, each account's and the pool.
Load = Callable[["Fold", str], Iterable[Holding]]


class Fold:
    """The states after the events that were applied."""

    def __init__(self, settings: FoldSettings, load: Load | None = None) -> None:
        self.settings = settings
        self._load = load
        self._only = settings.only
        self._loaded: set[str] = set()
        self.holdings: dict[tuple[str, str], Holding] = {}
        self._accounts: dict[str, list[Holding]] = {}  # by asset, the holdings of accounts

    def apply(self, event: LedgerEvent, order: int) -> None:
        """Apply the next event; ``order`` grows."""
        if event.carry is not None and self._follows(event.subject):
            self._carry(event, order)
        for leg in event.legs:
            if self._only is not None and leg.asset not in self._only:
                continue
            if leg.flow == le.MOVE:
                self._move(leg, event, order)
            elif leg.flow in le.ASIDE:
                self._set_aside(leg, event, order)
            else:
                self._leg(leg, event, order)
        if (event.fees_value or event.flags) and self._follows(event.subject):
            self._tally(event)

    def _follows(self, asset: str) -> bool:
        return self._only is None or asset in self._only

    def _leg(self, leg: Leg, event: LedgerEvent, order: int) -> None:
        own = self.own((leg.there and event.to_account) or event.account, leg.asset)
        trade = leg.flow == le.TRADE
        own.trail.fills += trade
        if own.pool is None:
            for state in own.states:
                state.apply(leg, event, order)
            return
        own.pool.trail.fills += trade
        for state, pooled in own.pairs():
            pooled.apply(leg, event, order, state.apply(leg, event, order))

    def _set_aside(self, leg: Leg, event: LedgerEvent, order: int) -> None:
        """Set units aside, or bring them back; pooled, as many as the account."""
        own = self.own(event.account, leg.asset)
        for number, state in enumerate(own.states):
            done = set_aside(state, leg, event, order, None)
            if own.pool is not None:
                set_aside(own.pool.states[number], leg, event, order, done)

    def _move(self, leg: Leg, event: LedgerEvent, order: int) -> None:
        """Move units with their cost between own accounts; pooled, nothing changes."""
        sender = self.own(event.account, leg.asset)
        receiver = self.own(event.to_account or "", leg.asset)
        if sender is receiver and not self.settings.alone:
            self._pooled(sender)
        for number, (giving, taking) in enumerate(zip(sender.states, receiver.states, strict=True)):
            ends = {giving, taking}
            before = sum((state.book.oversold for state in ends), ZERO)
            removed = giving.send(leg.quantity, event, order)
            taking.receive(removed, event, order)
            oversold = sum((state.book.oversold for state in ends), ZERO) - before
            giving.audit(event, -leg.quantity, removed.cost, event.note)
            taking.audit(event, leg.quantity, removed.cost, event.note)
            if sender.pool is not None:
                sender.pool.states[number].misplace(oversold, event, order)

    def _carry(self, event: LedgerEvent, order: int) -> None:
        """Carry units with their cost from one asset to another; pooled, as many as the account."""
        carry = event.carry
        assert carry is not None
        codes = (carry.event.old, carry.event.new)
        there = self.known(event.account, codes[0])
        if not carry.is_booked and (there is None or not any(map(has_any, there.states))):
            return
        old, new = (self.own(event.account, code) for code in codes)
        pools = (old.pool, new.pool)
        if (old.pool is None) != (new.pool is None):
            pools = (self._pooled(old), self._pooled(new))
        for number, ends in enumerate(zip(old.states, new.states, strict=True)):
            if not (carry.is_booked or has_any(ends[0])):
                continue
            done = carry_over(carry, *ends, event=event, order=order)
            if pools[0] is not None and pools[1] is not None:
                pooled = (pools[0].states[number], pools[1].states[number])
                carry_over(carry, *pooled, event=event, order=order, known=done)

    def _tally(self, event: LedgerEvent) -> None:
        """Add fees and flags, once per event."""
        own = self.own(event.account, event.subject)
        for holding in (own,) if own.pool is None else (own, own.pool):
            holding.trail.flag(event.flags)
            for state in holding.states:
                state.fees += event.fees_value

    # --- holdings ---------------------------------------------------------------------------------

    def own(self, account: str, asset: str) -> Holding:
        """The holding of an account, to be changed."""
        found = self.known(account, asset)
        if found is None:
            found = self.new(account, asset)
            self.add(found)
            first = self._accounts[asset][0]
            if found is not first:
                found.pool = self._pooled(first)
        found.changed = True
        if found.pool is not None:
            found.pool.changed = True
        return found

    def known(self, account: str, asset: str) -> Holding | None:
        if asset not in self._loaded:
            self.load(asset)
        return self.holdings.get((account, asset))

    def load(self, asset: str) -> None:
        """Read the stored holdings of an asset, once."""
        self._loaded.add(asset)
        for holding in () if self._load is None else self._load(self, asset):
            self.add(holding)
        pool = self.holdings.get((POOL, asset))
        for holding in self._accounts.get(asset, ()):
            holding.pool = pool

    def add(self, holding: Holding) -> None:
        self.holdings[holding.account, holding.asset] = holding
        if holding.account != POOL:
            self._accounts.setdefault(holding.asset, []).append(holding)

    def _pooled(self, first: Holding) -> Holding:
        """The pool of an asset, of which so far only ``first`` had any."""
        if first.pool is None:
            for state in first.states:
                state.book.read_all()
            pool = copy.deepcopy(first)
            pool.account, pool.trail.pooled = POOL, True
            pool.origin = first.account
            for state in pool.states:
                for one in (state, *state.aside.values()):
                    one.account = None
                    one.book.unstored()
            self.add(pool)
            first.pool = pool
        first.pool.changed = True
        return first.pool

    def new(self, account: str, asset: str) -> Holding:
        """A holding without any event."""
        options = self.settings
        limit, reporting = options.dust.get(asset, ZERO), asset == options.reporting_asset
        trail = Trail(pooled=account == POOL)
        methods = options.methods[:1] if reporting and not options.apart else options.methods
        books = [new_book(method, dust=limit, reporting=reporting) for method in methods]
        states = (
            AssetState(
                account=account or None,
                asset=asset,
                book=book,
                reporting=reporting,
                explained=asset in options.explain,
                trail=trail,
                journal=Journal(asset, dated=book.dated) if options.journal else None,
            )
            for book in books
        )
        return Holding(account, asset, trail, tuple(states))

    # --- answers ----------------------------------------------------------------------------------

    def bases(self, last: LedgerEvent, order: int) -> list[AssetBasis]:
        """Every answer after ``last``, the last of all events: of every method, pooled and of each
        account. The states cannot be used afterwards."""
        return [
            basis
            for place in sorted(self.holdings)
            for basis in self.finished(self.holdings[place], last, order)
        ]

    def finished(self, holding: Holding, last: LedgerEvent, order: int) -> list[AssetBasis]:
        """The answers of one holding by every method; of an asset's only one, the pooled ones
        too."""
        pooled = holding.account == POOL
        own = self._accounts[holding.asset] if pooled else [holding]
        digest = pooled_digest(
            [one.trail.digest for one in sorted(own, key=lambda one: one.account)]
        )
        asset = self.settings.reporting_asset
        with localcontext(EXACT):
            found = [
                finish(state, last, order, asset, method, digest)
                for method, state in zip(self.settings.methods, self.each(holding), strict=True)
            ]
        alone = not pooled and holding.pool is None
        return [*found, *(replace(basis, account=None) for basis in found if alone)]

    def accounts_states(self, method: Method) -> list[AssetState]:
        """The states of all accounts by one method."""
        number = self.settings.methods.index(method)
        own = [self.holdings[place] for place in sorted(self.holdings) if place[0] != POOL]
        return [self.each(holding)[number] for holding in own]

    def drained(self, *, pooled: bool) -> list[Entry]:
        """What was closed since the last time, in order: of the pools (and of assets that only one
        account ever had), or of the accounts."""
        found: list[Entry] = []
        for holding in self.holdings.values():
            own = holding.account != POOL
            for journal in filter(None, (state.journal for state in holding.states)):
                entries = journal.drained()
                if own != pooled or (pooled and holding.pool is None):
                    found += entries
        return sorted(found, key=lambda one: one.place)

    def each(self, holding: Holding) -> tuple[AssetState, ...]:
        """A holding's state for every method."""
        shared = len(holding.states) == 1
        return holding.states * len(self.settings.methods) if shared else holding.states

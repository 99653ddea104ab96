"""Average entry price and realised result per asset, per account and pooled, from fills and
transfers.

The path from a fill to an average leads downwards: ``ledger.history`` converts the rows to events,
the pass below gives each leg of an event to the state of its asset (``asset_state``; an asset event
carries the cost from one state to another, ``carrying``), the state keeps quantity and cost in a
book (``lots``), and at the end every state returns its answer.

Called after a sync (the answers are stored, so that a read does not depend on the length of the
history) and by ``explain`` (with steps). Pure: the order of the history and repeated rows do not
change the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.cost.answer import finish
from exchange_cache.cost.aside import Aside, set_aside
from exchange_cache.cost.asset_state import FLAGS, AssetState
from exchange_cache.cost.basis import AssetBasis, BasisStep, Method
from exchange_cache.cost.carrying import Carried, carry_over, has_any
from exchange_cache.cost.lot_book import new_book
from exchange_cache.cost.trail import Trail, pooled_digest
from exchange_cache.findings import Finding
from exchange_cache.ledger import events as le
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.bookings import Carry, recognise
from exchange_cache.ledger.events import LedgerEvent, Leg, StatedBasis
from exchange_cache.ledger.history import build_history
from exchange_cache.ledger.income import VALUED
from exchange_cache.ledger.pairing import Pairing, pair_transfers
from exchange_cache.ledger.rates import RateLookup, Rates
from exchange_cache.ledger.transfer_events import stated_accounts
from exchange_cache.money import EXACT, ZERO, grouped
from exchange_cache.records import Fill, Transfer

__all__ = ["AssetBasis", "BasisBook", "BasisStep", "Method", "compute_basis"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisBook:
    """All answers of one computation. ``steps``: the audit, pooled, oldest first."""

    reporting_asset: str
    method: Method
    pooled: Mapping[str, AssetBasis]
    by_account: Mapping[tuple[str, str], AssetBasis]
    findings: tuple[Finding, ...]
    pairing: Pairing
    steps: Mapping[str, tuple[BasisStep, ...]]
    account_steps: Mapping[tuple[str, str], tuple[BasisStep, ...]]
    unplaced: tuple[StatedBasis, ...]  # statements of the user that match nothing

    @property
    def bases(self) -> tuple[AssetBasis, ...]:
        """Pooled first, then account by account."""
        return (*self.pooled.values(), *self.by_account.values())


def compute_basis(
    fills: Iterable[Fill],
    transfers: Iterable[Transfer] = (),
    *,
    reporting_asset: str,
    rates: RateLookup,
    method: Method | str = Method.AVERAGE,
    dust: Mapping[str, Decimal] | None = None,
    stated: Sequence[StatedBasis] = (),
    explain: Collection[str] = (),
    pairing: Pairing | None = None,
    cash: Collection[str] = (),
    until: datetime | None = None,
    assets: AssetEvents | None = None,
    income: str = VALUED,
) -> BasisBook:
    """Compute the cost of every asset. ``dust``: per asset, the largest quantity too small to be
    sold; ``explain``: assets whose steps are kept.

    ``cash``: assets whose unpaired deposits cost their market value of the day (say EUR); none by
    default. ``until``: the cost by the events that took effect before that moment, with today's
    knowledge (for example which deposit a withdrawal became). ``assets``: the renames and the like
    through which cost passes. ``income``: whether rewards, airdrops and interest cost their market
    value, as income (``value``), or nothing (``zero``).
    """
    assets = assets or AssetEvents()
    rows = recognise(assets, fills, transfers, stated_accounts(stated))
    with localcontext(EXACT):
        pairing = pair_transfers(rows.transfers) if pairing is None else pairing
        known = Rates(rates, reporting_asset, assets)
        history = build_history(
            rows.fills,
            rows.transfers,
            pairing,
            rates=known,
            stated=stated,
            cash=cash,
            carries=rows.carries,
            income=income,
        )
        events = [event for event in history.events if until is None or event.moment < until]
        options = _Options(reporting_asset, Method(method), dust or {}, explain)
        own = _Pass(options)
        own.play(events)
        pool = own
        accounts = {event.account for event in events} | {event.to_account for event in events}
        if len(accounts - {None}) > 1:
            pool = _Pass(options, own=own)
            pool.play(events)
        return BasisBook(
            reporting_asset=reporting_asset,
            method=options.method,
            pooled={
                asset: replace(basis, account=None) for (_, asset), basis in pool.bases.items()
            },
            by_account=own.bases,
            findings=tuple(state_findings(own.states[key] for key in own.bases)),
            pairing=pairing,
            steps={asset: steps for (_, asset), steps in pool.steps().items()},
            account_steps=own.steps(),
            unplaced=history.unplaced,
        )


def stream_bases(
    events: Iterable[LedgerEvent],
    *,
    reporting_asset: str,
    methods: Iterable[Method],
    dust: Mapping[str, Decimal],
) -> list[AssetBasis]:
    """The answers of several methods after events in their order, of which one at a time is in
    memory; pooled and by account, as those of ``compute_basis``."""
    owns = [_Pass(_Options(reporting_asset, method, dust, ())) for method in methods]
    pools = [_Pass(own.options, own=own) for own in owns]
    accounts: set[str | None] = set()
    with localcontext(EXACT):
        order = -1
        last: LedgerEvent | None = None
        for event in events:
            order, last = order + 1, event
            accounts |= {event.account, event.to_account}
            for each in (*owns, *pools):
                each.step(event, order)
        if last is not None:
            for each in (*owns, *pools):
                each.finish(last, order)
    several = len(accounts - {None}) > 1
    found: list[AssetBasis] = []
    for own, pool in zip(owns, pools, strict=True):
        pooled = pool.bases if several else own.bases
        found += [replace(basis, account=None) for basis in pooled.values()]
        found += own.bases.values()
    return found


@dataclass(frozen=True, slots=True)
class _Options:
    reporting_asset: str
    method: Method
    dust: Mapping[str, Decimal]
    explain: Collection[str]


class _Pass:
    """One pass over the events: account by account or, after the pass over the ``own`` accounts,
    with all accounts as one.

    Units that an account removed without holding them belong to its own missing history, never to
    another account: the pool counts as oversold what the accounts counted.
    """

    def __init__(self, options: _Options, *, own: _Pass | None = None) -> None:
        self.options = options
        self.pooled = own is not None
        #: The change of the oversold quantity by event and leg.
        self.oversold: dict[tuple[int, int], Decimal] = {} if own is None else own.oversold
        #: What each asset event carried, by event.
        self.carried: dict[int, Carried] = {} if own is None else own.carried
        self.own: Mapping[tuple[str, str], AssetState] = {} if own is None else own.states
        #: What each leg did with units that are set aside, by event and leg.
        self.asides: dict[tuple[int, int], Aside] = {} if own is None else own.asides
        self.states: dict[tuple[str, str], AssetState] = {}
        self.bases: dict[tuple[str, str], AssetBasis] = {}

    def play(self, events: Sequence[LedgerEvent]) -> None:
        for order, event in enumerate(events):
            self.step(event, order)
        if events:
            self.finish(events[-1], len(events) - 1)

    def step(self, event: LedgerEvent, order: int) -> None:
        """Apply one event."""
        if event.carry is not None:
            self._carry(event.carry, event, order)
        for number, leg in enumerate(event.legs):
            if leg.flow == le.MOVE:
                self._move(leg, event, order, number)
            elif leg.flow in le.ASIDE:
                self._set_aside(leg, event, order, number)
            else:
                self._apply(leg, event, order, number)
        self._tally(event)

    def finish(self, last: LedgerEvent, order: int) -> None:
        """Take the answers after the last event."""
        self.bases = {
            key: finish(
                self.states[key],
                last,
                order,
                self.options.reporting_asset,
                self.options.method,
                self._digest(key),
            )
            for key in sorted(self.states)
        }

    def _digest(self, key: tuple[str, str]) -> bytes:
        """The digest of the events that concern an asset at an account, or at all."""
        if not self.pooled:
            return pooled_digest([self.states[key].trail.digest])
        own = [state for place, state in sorted(self.own.items()) if place[1] == key[1]]
        return pooled_digest([state.trail.digest for state in own])

    def _apply(self, leg: Leg, event: LedgerEvent, order: int, number: int) -> None:
        state = self._state((leg.there and event.to_account) or event.account, leg.asset)
        state.trail.fills += leg.flow == le.TRADE
        if self.pooled:
            state.apply(leg, event, order, self.oversold.get((order, number), ZERO))
        elif change := state.apply(leg, event, order):
            self.oversold[order, number] = change

    def _set_aside(self, leg: Leg, event: LedgerEvent, order: int, number: int) -> None:
        """Set units aside, or bring them back; pooled, as many as the account."""
        known = self.asides.get((order, number)) if self.pooled else None
        done = set_aside(self._state(event.account, leg.asset), leg, event, order, known)
        self.asides.setdefault((order, number), done)

    def _move(self, leg: Leg, event: LedgerEvent, order: int, number: int) -> None:
        """Move units with their cost between own accounts; pooled, nothing changes."""
        sender = self._state(event.account, leg.asset)
        if self.pooled:
            sender.misplace(self.oversold.get((order, number), ZERO), event, order)
            return
        receiver = self._state(event.to_account or "", leg.asset)
        ends = {sender, receiver}
        before = sum((state.book.oversold for state in ends), ZERO)
        removed = sender.send(leg.quantity, event, order)
        receiver.receive(removed, event, order)
        self.oversold[order, number] = sum((end.book.oversold for end in ends), ZERO) - before
        sender.audit(event, -leg.quantity, removed.cost, event.note)
        receiver.audit(event, leg.quantity, removed.cost, event.note)

    def _carry(self, carry: Carry, event: LedgerEvent, order: int) -> None:
        """Carry units with their cost from one asset to another; pooled, as many as the account."""
        known = self.carried.get(order)
        there = self.states.get((event.account, carry.event.old))
        if known is None and (self.pooled or not (carry.is_booked or has_any(there))):
            return
        ends = [self._state(event.account, code) for code in (carry.event.old, carry.event.new)]
        done = carry_over(carry, *ends, event=event, order=order, known=known)
        self.carried.setdefault(order, done)

    def _tally(self, event: LedgerEvent) -> None:
        """Add fees and flags, once per event."""
        if event.fees_value:
            self._state(event.account, event.subject).fees += event.fees_value
        if event.flags:
            self._state(event.account, event.subject).trail.flag(event.flags)

    def _state(self, account: str, asset: str) -> AssetState:
        key = ("" if self.pooled else account, asset)
        if key not in self.states:
            options, limit = self.options, self.options.dust.get(asset, ZERO)
            reporting = asset == options.reporting_asset
            self.states[key] = AssetState(
                account=None if self.pooled else account,
                asset=asset,
                book=new_book(options.method, dust=limit, reporting=reporting),
                reporting=reporting,
                explained=asset in options.explain,
                trail=Trail(pooled=self.pooled),
            )
        return self.states[key]

    def steps(self) -> dict[tuple[str, str], tuple[BasisStep, ...]]:
        return {key: tuple(self.states[key].steps) for key in self.bases if self.states[key].steps}


def state_findings(states: Iterable[AssetState]) -> Iterable[Finding]:
    """What the states of accounts show to be missing from their history."""
    for state in states:
        if state.book.oversold and state.oversold_at is not None:
            yield _oversold_finding(state, state.oversold_at)
        if le.UNREAD in state.aside and state.aside[le.UNREAD].quantity:
            yield _unread_finding(state, state.aside[le.UNREAD])
        for flag, count in sorted(state.trail.flags.items()):
            yield _flag_finding(state, flag, count)


def _oversold_finding(state: AssetState, since: datetime) -> Finding:
    return Finding(
        code="sold_more_than_known",
        account=state.account,
        asset=state.asset,
        message=(
            f"{grouped(state.book.oversold)} {state.asset} left beyond what stored fills and"
            f" transfers account for, first on {since:%Y-%m-%d}: earlier history is missing"
        ),
        hint=f"excache status --missing --account {state.account}",
    )


def _unread_finding(state: AssetState, place: AssetState) -> Finding:
    cost = "" if state.reporting or not place.cost else f" (cost {grouped(place.cost)})"
    return Finding(
        code="unread_wallet",
        account=state.account,
        asset=state.asset,
        message=(
            f"{grouped(place.quantity)} {state.asset}{cost} were moved to wallets that are not"
            " read: no balance and no total contains them"
        ),
        hint=f"excache explain {state.asset}",
    )


def _flag_finding(state: AssetState, flag: str, count: int) -> Finding:
    fills = "1 fill" if count == 1 else f"{count} fills"
    return Finding(
        code=flag,
        account=state.account,
        asset=state.asset,
        message=f"{fills} of {state.asset}: {FLAGS[flag]}",
        hint=f"excache explain {state.asset}",
    )

"""What is held cost: average entry price and realised result per asset, per account and pooled,
from fills and transfers.

Called after a sync (the answers are stored, so that reading stays flat) and by ``explain`` (with
steps). Pure: history in, values out; the same history in any order, with rows repeated, gives the
same answer. What the legs of an event are worth is decided in ``ledger_events``, which units a sale
takes in ``lots``, what a balance makes of it in ``reconcile``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.cost.asset_state import AssetState, BasisStep
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.lots import BEFORE_ALL, Removed, new_book, unseen
from exchange_cache.findings import Finding
from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent, Leg, RateLookup, Rates, StatedBasis
from exchange_cache.ledger.history import build_events
from exchange_cache.ledger.pairing import Pairing, pair_transfers
from exchange_cache.ledger.transfer_events import unplaced
from exchange_cache.money import EXACT, ZERO, to_text
from exchange_cache.records import Fill, Transfer

__all__ = ["AssetBasis", "BasisBook", "BasisStep", "Method", "compute_basis"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisBook:
    """All answers of one computation. ``steps`` holds the audit of the assets asked for, pooled,
    oldest first."""

    reporting_asset: str
    method: Method
    pooled: Mapping[str, AssetBasis]
    by_account: Mapping[tuple[str, str], AssetBasis]
    findings: tuple[Finding, ...]
    pairing: Pairing
    steps: Mapping[str, tuple[BasisStep, ...]]
    account_steps: Mapping[tuple[str, str], tuple[BasisStep, ...]]
    unplaced: tuple[StatedBasis, ...]  # what the user said that could be applied to nothing

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
) -> BasisBook:
    """The cost of every asset. ``dust``: per asset, what can no longer be sold; ``explain``: assets
    whose steps are wanted.

    ``cash``: assets whose unpaired deposits cost their market value on the day (say EUR); none by
    default. ``until``: the cost as it was at that moment, with what is known now (which deposit a
    withdrawal became).
    """
    transfers = tuple(transfers)
    with localcontext(EXACT):
        pairing = pair_transfers(transfers) if pairing is None else pairing
        events = build_events(
            fills,
            transfers,
            pairing,
            reporting_asset=reporting_asset,
            rates=rates,
            stated=stated,
            cash=cash,
        )
        if until is not None:
            events = [event for event in events if event.time < until]
        method, limits = Method(method), {} if dust is None else dust
        own = _Run(reporting_asset, method, limits, explain)
        own.play(events)
        pool = own
        if (
            len(
                {event.to_account or event.account for event in events}
                | {event.account for event in events}
            )
            > 1
        ):
            pool = _Run(reporting_asset, method, limits, explain, own=own)
            pool.play(events)
        return BasisBook(
            reporting_asset=reporting_asset,
            method=method,
            pooled={
                state.asset: replace(state.basis(method), account=None)
                for state in pool.sorted_states()
            },
            by_account={
                (state.account or "", state.asset): state.basis(method)
                for state in own.sorted_states()
            },
            findings=tuple(own.findings()),
            pairing=pairing,
            steps={
                state.asset: tuple(state.steps) for state in pool.sorted_states() if state.steps
            },
            account_steps={
                (state.account or "", state.asset): tuple(state.steps)
                for state in own.sorted_states()
                if state.steps
            },
            unplaced=unplaced(transfers, pairing, stated, Rates(rates, reporting_asset), cash),
        )


class _Run:
    """One pass over the events: account by account, or, with the pass over ``own`` accounts at
    hand, all accounts as one.

    What an account gave out without having it came from its own missing past, never from the units
    of another account: so the pool counts as oversold what the account counted.
    """

    def __init__(
        self,
        reporting_asset: str,
        method: Method,
        dust: Mapping[str, Decimal],
        explain: Collection[str],
        *,
        own: _Run | None = None,
    ) -> None:
        self.reporting_asset = reporting_asset
        self.method = method
        self.dust = dust
        self.explain = explain
        self.pooled = own is not None
        self.oversold: dict[tuple[int, int], Decimal] = (
            {} if own is None else own.oversold
        )  # what a leg changed of it
        self.states: dict[tuple[str, str], AssetState] = {}

    def state(self, account: str, asset: str) -> AssetState:
        key = ("", asset) if self.pooled else (account, asset)
        found = self.states.get(key)
        if found is None:
            limit = self.dust.get(asset, ZERO)
            book = new_book(self.method, dust=limit, reporting=asset == self.reporting_asset)
            seed = f"{self.method}|{self.reporting_asset}|{asset}|{to_text(limit)}\n".encode()
            found = AssetState(
                None if self.pooled else account, asset, book, asset in self.explain, seed
            )
            self.states[key] = found
        return found

    def sorted_states(self) -> list[AssetState]:
        return [self.states[key] for key in sorted(self.states)]

    def play(self, events: Iterable[LedgerEvent]) -> None:
        order, event = 0, None
        for order, event in enumerate(events):
            for number, leg in enumerate(event.legs):
                if leg.flow == le.MOVE:
                    self.move(leg, event, order, number)
                elif leg.flow == le.LENT:
                    self.lend(leg, event, order)
                else:
                    self.apply(leg, event, order, number)
            self.tally(event)
        for state in self.sorted_states():
            if event is not None and state.book.has_dust():
                state.sweep(event, order)

    def apply(self, leg: Leg, event: LedgerEvent, order: int, number: int) -> None:
        state = self.state((leg.there and event.to_account) or event.account, leg.asset)
        before, borrowed, oversold = state.realised, ZERO, state.book.oversold
        told = self.oversold.get((order, number), ZERO) if self.pooled else None
        if leg.quantity > 0:
            if state.book.shrunk and state.book.has_dust():
                state.sweep(event, order)
                before = state.realised
            state.come(leg, event, order, None if told is None else -told)
        else:
            borrowed = state.go(leg, event, order, told)
        if told is None and state.book.oversold != oversold:
            self.oversold[order, number] = state.book.oversold - oversold
        state.fills += leg.flow == le.TRADE
        self.seen(state, event, order)
        if state.explained:
            note = _note(leg, event, borrowed)
            state.steps.append(
                state.step(event, leg.quantity, leg.value, note, realised=state.realised - before)
            )

    def lend(self, leg: Leg, event: LedgerEvent, order: int) -> None:
        state = self.state(event.account, leg.asset)
        state.lent = max(ZERO, state.lent + leg.quantity)
        self.seen(state, event, order)
        if state.explained:
            note = f"{to_text(abs(leg.quantity))} {'lent' if leg.quantity > 0 else 'paid back'}"
            state.steps.append(state.step(event, ZERO, None, note))

    def seen(self, state: AssetState, event: LedgerEvent, order: int) -> None:
        state.close_day(event)
        if state.seen != order:
            state.seen = order
            state.sha.update(event.digest)
            state.first = state.first or event.time
            state.last = event.time

    def move(self, leg: Leg, event: LedgerEvent, order: int, number: int) -> None:
        """Carry units with their cost from one own account to another; pooled, nothing comes or
        goes."""
        if self.pooled:
            state = self.state(event.account, leg.asset)
            state.misplace(self.oversold.get((order, number), ZERO), event)
            self.seen(state, event, order)
            if state.explained:
                state.steps.append(state.step(event, ZERO, None, event.note))
            return
        left, came = (
            self.state(event.account, leg.asset),
            self.state(event.to_account or "", leg.asset),
        )
        ends = {left, came}
        oversold = sum((state.book.oversold for state in ends), ZERO)
        removed = left.book.remove(leg.quantity, order)
        left.flows[le.MOVE] -= removed.cost
        if removed.excess and left.oversold_at is None:
            left.oversold_at = event.time
        self.seen(left, event, order)
        if came.book.shrunk and came.book.has_dust():
            came.sweep(event, order)
        _carry(removed, came, event)
        came.flows[le.MOVE] += removed.cost
        self.seen(came, event, order)
        self.oversold[order, number] = sum((state.book.oversold for state in ends), ZERO) - oversold
        for state, delta in ((left, -leg.quantity), (came, leg.quantity)):
            if state.explained:
                state.steps.append(state.step(event, delta, removed.cost, event.note))

    def tally(self, event: LedgerEvent) -> None:
        """Fees and flags, once per event."""
        if event.fees_value:
            self.state(event.account, event.subject).fees += event.fees_value
        for flag in event.flags:
            self.state(event.account, event.subject).flags[flag] += 1

    def findings(self) -> Iterable[Finding]:
        for state in self.sorted_states():
            if state.book.oversold and state.oversold_at is not None:
                yield Finding(
                    code="sold_more_than_known",
                    account=state.account,
                    asset=state.asset,
                    message=(
                        f"{to_text(state.book.oversold)} {state.asset} left that no stored fill or"
                        f" transfer had brought, first on {state.oversold_at:%Y-%m-%d}: earlier"
                        " history is missing"
                    ),
                    hint=(
                        f"excache sync --account {state.account} --full, or excache basis set"
                        f" {state.asset}"
                    ),
                )
            for flag, count in sorted(state.flags.items()):
                yield _flag_finding(state, flag, count)


def _note(leg: Leg, event: LedgerEvent, borrowed: Decimal) -> str:
    if leg.flow == le.FEE:
        return f"fee of {event.symbol}"
    owed = f"{to_text(borrowed)} of it borrowed" if borrowed else ""
    return "; ".join(
        part for part in (event.note, owed, *(_FLAGS[flag] for flag in event.flags)) if part
    )


def _carry(removed: Removed, came: AssetState, event: LedgerEvent) -> None:
    book, parts = came.book, removed.parts
    for piece in removed.pieces:
        if piece.cost is not None:
            came.trading += book.acquire(piece.quantity, piece.cost, piece.order)
        elif parts:
            came.unexplained += book.arrive(piece.quantity, parts[0], piece.order)
            for part in parts[1:]:
                book.remember(part)
            parts = parts[:1]
    if removed.excess:
        came.unexplained += book.arrive(
            removed.excess, unseen(removed.excess, event.time), BEFORE_ALL
        )


_FLAGS = {
    "no_rate": "no rate at that time: cost unknown",
    "fee_missing": "the exchange did not tell the fee",
    "fee_unvalued": "a fee without a rate is not in the cost",
}


def _flag_finding(state: AssetState, flag: str, count: int) -> Finding:
    fills = "1 fill" if count == 1 else f"{count} fills"
    return Finding(
        code=flag,
        account=state.account,
        asset=state.asset,
        message=f"{fills} of {state.asset}: {_FLAGS[flag]}",
        hint=f"excache explain {state.asset}",
    )

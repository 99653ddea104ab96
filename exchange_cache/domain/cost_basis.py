"""What is held cost: average entry price and realised result per asset, per account and pooled, from fills and transfers.

Called after a sync (the answers are stored, so that reading stays flat) and by ``explain`` (with steps). Pure: history in,
values out; the same history in any order, with rows repeated, gives the same answer. What the legs of an event are worth is
decided in ``ledger_events``, which units a sale takes in ``lots``, what a balance makes of it in ``reconcile``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, localcontext

from exchange_cache.domain import ledger_events as le
from exchange_cache.domain.basis import AssetBasis, Method
from exchange_cache.domain.ledger_events import LedgerEvent, Leg, RateLookup, StatedBasis
from exchange_cache.domain.lots import Book, Removed, ReportingBook, UnknownPart, new_book
from exchange_cache.domain.money import EXACT, ZERO, to_text
from exchange_cache.domain.pairing import Pairing, pair_transfers
from exchange_cache.domain.quotients import published, rounded
from exchange_cache.domain.reading import Finding
from exchange_cache.domain.records import Fee, Fill, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisStep:
    """One line of the audit: what happened to one asset, and what was held at which cost after it."""

    time: datetime
    kind: str
    account: str
    symbol: str | None
    source_id: str
    quantity_delta: Decimal
    price: Decimal | None  # in the fill's quote
    value: Decimal | None  # of this change, in the reporting asset, fees included
    fees: tuple[Fee, ...]
    fees_value: Decimal
    realised: Decimal
    held_after: Decimal
    explained_after: Decimal
    unknown_after: Decimal
    cost_after: Decimal
    average_after: Decimal | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisBook:
    """All answers of one computation. ``steps`` holds the audit of the assets asked for, pooled, oldest first."""

    reporting_asset: str
    method: Method
    pooled: Mapping[str, AssetBasis]
    by_account: Mapping[tuple[str, str], AssetBasis]
    findings: tuple[Finding, ...]
    pairing: Pairing
    steps: Mapping[str, tuple[BasisStep, ...]]
    account_steps: Mapping[tuple[str, str], tuple[BasisStep, ...]]

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
) -> BasisBook:
    """The cost of every asset. ``dust``: per asset, what can no longer be sold; ``explain``: assets whose steps are wanted.

    ``cash``: assets whose unpaired deposits cost their market value on the day (say EUR); none by default.
    """
    transfers = tuple(transfers)
    with localcontext(EXACT):
        pairing = pair_transfers(transfers) if pairing is None else pairing
        events = le.build_events(fills, transfers, pairing, reporting_asset=reporting_asset, rates=rates, stated=stated, cash=cash)
        method, limits = Method(method), {} if dust is None else dust
        own = _Run(reporting_asset, method, limits, explain, pooled=False)
        own.play(events)
        pool = own
        if len({event.to_account or event.account for event in events} | {event.account for event in events}) > 1:
            pool = _Run(reporting_asset, method, limits, explain, pooled=True)
            pool.play(events)
        return BasisBook(
            reporting_asset=reporting_asset,
            method=method,
            pooled={state.asset: replace(state.basis(method), account=None) for state in pool.sorted_states()},
            by_account={(state.account or "", state.asset): state.basis(method) for state in own.sorted_states()},
            findings=tuple(own.findings()),
            pairing=pairing,
            steps={state.asset: tuple(state.steps) for state in pool.sorted_states() if state.steps},
            account_steps={(state.account or "", state.asset): tuple(state.steps) for state in own.sorted_states() if state.steps},
        )


def reason_text(part: UnknownPart) -> str:
    """The stored form of a reason: ``deposit 2026-01-05`` or ``deposit 2026-01-05..2026-02-03 x3``."""
    days = f"{part.first:%Y-%m-%d}"
    if part.last.date() != part.first.date():
        days += f"..{part.last:%Y-%m-%d}"
    return f"{part.reason} {days}" + (f" x{part.count}" if part.count > 1 else "")


class _State:
    """One asset (of one account, or of all) while the events go by."""

    __slots__ = (
        "account",
        "asset",
        "book",
        "by_day",
        "explained",
        "fees",
        "fills",
        "first",
        "flags",
        "flows",
        "last",
        "oversold_at",
        "realised",
        "seen",
        "sha",
        "steps",
        "trading",
        "unexplained",
        "written_off",
    )

    def __init__(self, account: str | None, asset: str, book: Book, explained: bool, seed: bytes) -> None:
        self.account = account
        self.asset = asset
        self.book = book
        self.explained = explained
        self.flows: dict[str, Decimal] = dict.fromkeys(le.FLOWS, ZERO)
        self.trading = self.unexplained = self.written_off = self.fees = ZERO
        self.realised = ZERO
        self.by_day: dict[date, Decimal] = {}
        self.fills = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.flags: dict[str, int] = defaultdict(int)
        self.oversold_at: datetime | None = None
        self.seen = -1  # the last event that was digested
        self.sha = hashlib.sha256(seed)
        self.steps: list[BasisStep] = []

    def come(self, leg: Leg, event: LedgerEvent, order: int) -> None:
        """Take in a positive leg."""
        value = leg.value
        reporting = isinstance(self.book, ReportingBook)
        if value is None and not reporting:
            part = UnknownPart(reason=leg.reason, quantity=leg.quantity, count=1, first=event.time, last=event.time)
            self.book.arrive(leg.quantity, part, order)
            return
        if value is None:
            value = leg.quantity
        self.flows[leg.flow] += value
        self.book.acquire(leg.quantity, value, order)
        if reporting and value != leg.quantity:
            self.realise(event, leg.quantity - value)

    def go(self, leg: Leg, event: LedgerEvent, order: int) -> None:
        """Give out a negative leg: at its cost, for a value, or for something that has no rate."""
        quantity, value = -leg.quantity, leg.value
        removed = self.book.remove(quantity, order)
        if removed.excess and self.oversold_at is None:
            self.oversold_at = event.time
        if leg.at_cost:
            self.flows[leg.flow] -= removed.cost
            self.fees += removed.cost if leg.flow == le.EXPENSE else ZERO
        elif value is None:
            self.written_off += removed.cost
        else:
            self.flows[leg.flow] -= value
            known = value if removed.explained == quantity else rounded(value * removed.explained / quantity)
            self.unexplained += value - known
            if removed.explained or not quantity:
                self.realise(event, known - removed.cost)

    def realise(self, event: LedgerEvent, amount: Decimal) -> None:
        self.trading += amount

    def close_day(self, event: LedgerEvent) -> None:
        """Book what the event changed in the closed result on its day."""
        flows = self.flows
        total = self.trading + flows[le.DERIVATIVE] + flows[le.FUNDING] + flows[le.INCOME] + flows[le.EXPENSE]
        if total != self.realised:
            day = event.time.date()
            self.by_day[day] = self.by_day.get(day, ZERO) + total - self.realised
            self.realised = total

    def sweep(self, event: LedgerEvent, order: int) -> None:
        """Write the dust off: below the dust limit there is no position, and no average."""
        quantity = self.book.explained
        lost = self.book.sweep(event.time, order)
        self.realise(event, -lost)
        self.close_day(event)
        if self.explained:
            self.steps.append(
                self.step(event, ZERO, None, f"{to_text(quantity)} left is dust: its cost is written off", kind="reset", realised=-lost)
            )

    def step(
        self, event: LedgerEvent, delta: Decimal, value: Decimal | None, note: str, *, kind: str | None = None, realised: Decimal = ZERO
    ) -> BasisStep:
        book, mine = self.book, event.subject == self.asset and kind is None
        return BasisStep(
            time=event.time,
            kind=kind or event.kind,
            account=event.account,
            symbol=event.symbol,
            source_id=event.source_id,
            quantity_delta=delta,
            price=event.price if kind is None else None,
            value=value,
            fees=event.fees if mine else (),
            fees_value=event.fees_value if mine else ZERO,
            realised=realised,
            held_after=book.quantity,
            explained_after=book.explained,
            unknown_after=book.unknown,
            cost_after=book.cost,
            average_after=published(book.average),
            note=note,
        )

    def basis(self, method: Method) -> AssetBasis:
        book, flows = self.book, self.flows
        return AssetBasis(
            asset=self.asset,
            account=self.account,
            quantity=book.quantity,
            explained_quantity=book.explained,
            unknown_quantity=book.unknown,
            cost=book.cost,
            average_entry_price=published(book.average),
            realised_pnl=self.realised,
            fees_paid=self.fees,
            unknown_reasons=self.reasons(),
            fills_count=self.fills,
            first_event=self.first,
            last_event=self.last,
            method=method,
            inputs_sha256=self.sha.hexdigest(),
            oversold_quantity=book.oversold,
            trading_pnl=self.trading,
            derivative_pnl=flows[le.DERIVATIVE],
            funding=flows[le.FUNDING],
            income=flows[le.INCOME],
            expenses=flows[le.EXPENSE],
            deposited=flows[le.DEPOSIT] + flows[le.WITHDRAWAL],
            traded=flows[le.TRADE] + flows[le.FEE],
            moved=flows[le.MOVE],
            unexplained_proceeds=self.unexplained,
            written_off=self.written_off,
            realised_by_day=tuple(sorted(self.by_day.items())),
        )

    def reasons(self) -> tuple[str, ...]:
        parts = sorted(self.book.parts.values(), key=lambda part: (part.first, part.reason)) if self.book.unknown else []
        told = [reason_text(part) for part in parts]
        if self.book.oversold and self.oversold_at is not None:
            told.append(f"sold_more_than_known {self.oversold_at:%Y-%m-%d}")
        return tuple(told)


class _Run:
    """One pass over the events: account by account, or all accounts as one."""

    def __init__(
        self, reporting_asset: str, method: Method, dust: Mapping[str, Decimal], explain: Collection[str], *, pooled: bool
    ) -> None:
        self.reporting_asset = reporting_asset
        self.method = method
        self.dust = dust
        self.explain = explain
        self.pooled = pooled
        self.states: dict[tuple[str, str], _State] = {}

    def state(self, account: str, asset: str) -> _State:
        key = ("", asset) if self.pooled else (account, asset)
        found = self.states.get(key)
        if found is None:
            limit = self.dust.get(asset, ZERO)
            book = new_book(self.method, dust=limit, reporting=asset == self.reporting_asset)
            seed = f"{self.method}|{self.reporting_asset}|{asset}|{to_text(limit)}\n".encode()
            found = _State(None if self.pooled else account, asset, book, asset in self.explain, seed)
            self.states[key] = found
        return found

    def sorted_states(self) -> list[_State]:
        return [self.states[key] for key in sorted(self.states)]

    def play(self, events: Iterable[LedgerEvent]) -> None:
        order, event = 0, None
        for order, event in enumerate(events):
            for leg in event.legs:
                if leg.flow == le.MOVE:
                    self.move(leg, event, order)
                else:
                    self.apply(leg, event, order)
            self.tally(event)
        for state in self.sorted_states():
            if event is not None and state.book.has_dust():
                state.sweep(event, order)

    def apply(self, leg: Leg, event: LedgerEvent, order: int) -> None:
        state = self.state(event.account, leg.asset)
        before = state.realised
        if leg.quantity > 0:
            if state.book.shrunk and state.book.has_dust():
                state.sweep(event, order)
                before = state.realised
            state.come(leg, event, order)
        else:
            state.go(leg, event, order)
        state.fills += leg.flow == le.TRADE
        self.seen(state, event, order)
        if state.explained:
            state.steps.append(state.step(event, leg.quantity, leg.value, _note(leg, event), realised=state.realised - before))

    def seen(self, state: _State, event: LedgerEvent, order: int) -> None:
        state.close_day(event)
        if state.seen != order:
            state.seen = order
            state.sha.update(event.digest)
            state.first = state.first or event.time
            state.last = event.time

    def move(self, leg: Leg, event: LedgerEvent, order: int) -> None:
        """Carry units with their cost from one own account to another; pooled, nothing happens at all."""
        if self.pooled:
            state = self.state(event.account, leg.asset)
            self.seen(state, event, order)
            if state.explained:
                state.steps.append(state.step(event, ZERO, None, event.note))
            return
        left, came = self.state(event.account, leg.asset), self.state(event.to_account or "", leg.asset)
        removed = left.book.remove(leg.quantity, order)
        left.flows[le.MOVE] -= removed.cost
        if removed.excess and left.oversold_at is None:
            left.oversold_at = event.time
        self.seen(left, event, order)
        if came.book.shrunk and came.book.has_dust():
            came.sweep(event, order)
        _carry(removed, came.book, event)
        came.flows[le.MOVE] += removed.cost
        self.seen(came, event, order)
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
                    message=f"{to_text(state.book.oversold)} {state.asset} left that no stored fill or transfer had brought, "
                    f"first on {state.oversold_at:%Y-%m-%d}: earlier history is missing",
                    hint=f"excache sync --account {state.account} --full, or excache basis set {state.asset}",
                )
            for flag, count in sorted(state.flags.items()):
                yield _flag_finding(state, flag, count)


def _note(leg: Leg, event: LedgerEvent) -> str:
    if leg.flow == le.FEE:
        return f"fee of {event.symbol}"
    return "; ".join(part for part in (event.note, *(_FLAGS[flag] for flag in event.flags)) if part)


def _carry(removed: Removed, book: Book, event: LedgerEvent) -> None:
    parts = removed.parts
    for piece in removed.pieces:
        if piece.cost is not None:
            book.acquire(piece.quantity, piece.cost, piece.order)
        elif parts:
            book.arrive(piece.quantity, parts[0], piece.order)
            for part in parts[1:]:
                book.remember(part)
            parts = parts[:1]
    if removed.excess:
        part = UnknownPart(reason="transfer", quantity=removed.excess, count=1, first=event.time, last=event.time)
        book.arrive(removed.excess, part, 0)


_FLAGS = {
    "no_rate": "no rate at that time: cost unknown",
    "fee_missing": "the exchange did not tell the fee",
    "fee_unvalued": "a fee without a rate is not in the cost",
}


def _flag_finding(state: _State, flag: str, count: int) -> Finding:
    fills = "1 fill" if count == 1 else f"{count} fills"
    return Finding(
        code=flag,
        account=state.account,
        asset=state.asset,
        message=f"{fills} of {state.asset}: {_FLAGS[flag]}",
        hint=f"excache explain {state.asset}",
    )

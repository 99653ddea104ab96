"""One asset while the events go by: its book, where its cost came from, and the audit of every
step."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.lots import Book, ReportingBook, UnknownPart
from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent, Leg
from exchange_cache.money import ZERO, published, rounded, to_text
from exchange_cache.records import Fee


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisStep:
    """One line of the audit: what happened to one asset, and what was held at which cost after
    it."""

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


def reason_text(part: UnknownPart) -> str:
    """The stored form of a reason: ``deposit 2026-01-05`` or ``deposit 2026-01-05..2026-02-03
    x3``."""
    days = f"{part.first:%Y-%m-%d}"
    if part.last.date() != part.first.date():
        days += f"..{part.last:%Y-%m-%d}"
    return f"{part.reason} {days}" + (f" x{part.count}" if part.count > 1 else "")


class AssetState:
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
        "lent",
        "oversold_at",
        "realised",
        "seen",
        "sha",
        "steps",
        "trading",
        "unexplained",
        "written_off",
    )

    def __init__(
        self, account: str | None, asset: str, book: Book, explained: bool, seed: bytes
    ) -> None:
        self.account = account
        self.asset = asset
        self.book = book
        self.explained = explained
        self.flows: dict[str, Decimal] = dict.fromkeys(le.FLOWS, ZERO)
        self.trading = self.unexplained = self.written_off = self.fees = ZERO
        self.realised = ZERO
        self.by_day: dict[date, Decimal] = {}
        #: What left margin wallets and has not come back there, or was lent and not paid back: so
        #: much may be owed.
        self.lent = ZERO
        self.fills = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.flags: dict[str, int] = defaultdict(int)
        self.oversold_at: datetime | None = None
        self.seen = -1  # the last event that was digested
        self.sha = hashlib.sha256(seed)
        self.steps: list[BasisStep] = []

    def come(
        self, leg: Leg, event: LedgerEvent, order: int, settled: Decimal | None = None
    ) -> None:
        """Take in a positive leg. ``settled``: how much of it made good what its account had
        oversold (None: as the book says)."""
        value = leg.value
        self.lent = max(ZERO, self.lent - leg.quantity) if leg.lends else self.lent
        reporting = isinstance(self.book, ReportingBook)
        if value is None and not reporting:
            part = UnknownPart(
                reason=leg.reason, quantity=leg.quantity, count=1, first=event.time, last=event.time
            )
            self.unexplained += self.book.arrive(leg.quantity, part, order, settled)
            return
        if value is None:
            value = leg.quantity
        self.flows[leg.flow] += value
        self.trading += self.book.acquire(leg.quantity, value, order)
        if reporting and value != leg.quantity:
            self.trading += leg.quantity - value

    def go(
        self, leg: Leg, event: LedgerEvent, order: int, absent: Decimal | None = None
    ) -> Decimal:
        """Give out a negative leg: at its cost, for a value, or for something that has no rate;
        returns how much was borrowed for it.

        ``absent``: how much of it its account had never had (None: as the book says).
        """
        quantity, value = -leg.quantity, leg.value
        absent = self.absent(leg, quantity) if absent is None else absent
        removed = self.book.remove(quantity, order, may_borrow=value is not None, absent=absent)
        self.lent += quantity if leg.lends else ZERO
        if removed.excess and self.oversold_at is None:
            self.oversold_at = event.time
        owed = self.owe(removed.borrowed, quantity, value, order)
        if leg.at_cost:
            self.flows[leg.flow] -= removed.cost + owed
            self.fees += removed.cost + owed if leg.flow == le.EXPENSE else ZERO
        elif value is None:
            self.written_off += removed.cost
        else:
            self.flows[leg.flow] -= value
            had, value = quantity - removed.borrowed, value - owed
            known = value if removed.explained == had else rounded(value * removed.explained / had)
            self.unexplained += value - known
            if removed.explained or not quantity:
                self.trading += known - removed.cost
        return removed.borrowed

    def absent(self, leg: Leg, quantity: Decimal) -> Decimal:
        """How much of a removal was neither held nor lent. A sale on margin may take units that a
        later sale elsewhere then lacks: that one is short as well, as long as more left the margin
        wallets than came back there.
        """
        missing = max(ZERO, quantity - self.book.explained - self.book.unknown)
        if leg.lends or leg.value is None:
            return ZERO
        return max(ZERO, missing - max(ZERO, self.lent - self.book.short.quantity))

    def misplace(self, quantity: Decimal, event: LedgerEvent) -> None:
        """In a pool: ``quantity`` of what one account sent to another it had never had (negative:
        made good what the other lacked)."""
        if quantity:
            self.book.misplace(quantity, event.time)
        if quantity > 0 and self.oversold_at is None:
            self.oversold_at = event.time

    def owe(
        self, borrowed: Decimal, quantity: Decimal, value: Decimal | None, order: int
    ) -> Decimal:
        """Open a short for the borrowed part of a removal; returns its share of the value."""
        if not borrowed or value is None:
            return ZERO
        share = value if borrowed == quantity else rounded(value * borrowed / quantity)
        self.book.short.open(borrowed, share, order)
        return share

    def close_day(self, event: LedgerEvent) -> None:
        """Book what the event changed in the closed result on its day."""
        flows = self.flows
        total = (
            self.trading
            + flows[le.DERIVATIVE]
            + flows[le.FUNDING]
            + flows[le.INCOME]
            + flows[le.EXPENSE]
        )
        if total != self.realised:
            day = event.time.date()
            self.by_day[day] = self.by_day.get(day, ZERO) + total - self.realised
            self.realised = total

    def sweep(self, event: LedgerEvent, order: int) -> None:
        """Write the dust off: below the dust limit there is no position, and no average."""
        quantity = self.book.explained
        lost = self.book.sweep(event.time, order)
        self.trading -= lost
        self.close_day(event)
        if self.explained:
            self.steps.append(
                self.step(
                    event,
                    ZERO,
                    None,
                    f"{to_text(quantity)} left is dust: its cost is written off",
                    kind="reset",
                    realised=-lost,
                )
            )

    def step(
        self,
        event: LedgerEvent,
        delta: Decimal,
        value: Decimal | None,
        note: str,
        *,
        kind: str | None = None,
        realised: Decimal = ZERO,
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
            explained_after=book.known,
            unknown_after=book.unknown,
            cost_after=book.known_cost,
            average_after=published(book.average),
            note=note,
        )

    def basis(self, method: Method) -> AssetBasis:
        book, flows = self.book, self.flows
        return AssetBasis(
            asset=self.asset,
            account=self.account,
            quantity=book.quantity,
            explained_quantity=book.known,
            unknown_quantity=book.unknown,
            cost=book.known_cost,
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
        parts = (
            sorted(self.book.parts.values(), key=lambda part: (part.first, part.reason))
            if self.book.unknown
            else []
        )
        told = [reason_text(part) for part in parts]
        if self.book.oversold and self.oversold_at is not None:
            told.append(f"sold_more_than_known {self.oversold_at:%Y-%m-%d}")
        return tuple(told)

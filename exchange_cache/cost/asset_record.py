"""What is kept of one asset while its events are applied: figures, results by day, audit, journal.

``asset_state`` decides what an event changes, and records here what it realised. Callers run inside
the EXACT decimal context.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from exchange_cache.cost.basis import BasisStep
from exchange_cache.cost.journal import Journal
from exchange_cache.cost.lots import BEFORE_ALL, Book, Piece, Removed
from exchange_cache.cost.shorts import Covered
from exchange_cache.cost.trail import Trail
from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent, Leg
from exchange_cache.money import ZERO, published

#: Flows that are results, besides those of trades.
RESULTS = frozenset({le.DERIVATIVE, le.FUNDING, le.INCOME, le.EXPENSE})


@dataclass(slots=True, eq=False, kw_only=True)
class AssetRecord:
    """What is kept of one asset while its events are applied, and the figures that follow."""

    account: str | None
    asset: str
    book: Book
    reporting: bool  # the asset is the reporting asset
    explained: bool  # keep the steps
    trail: Trail = field(default_factory=Trail)
    flows: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(le.FLOWS, ZERO))
    trading: Decimal = ZERO
    unexplained: Decimal = ZERO
    written_off: Decimal = ZERO
    fees: Decimal = ZERO
    outside: Decimal = ZERO  # the sum of the flows that are results
    realised: Decimal = ZERO
    by_day: dict[date, Decimal] = field(default_factory=dict)
    #: The newest day when it was last stored: those before are stored, and not in ``by_day``. None:
    #: there are none.
    stored_until: date | None = None
    #: Units that margin wallets lent, or loans, not yet paid back: the most that may be owed.
    lent: Decimal = ZERO
    oversold_at: datetime | None = None
    steps: list[BasisStep] = field(default_factory=list)
    journal: Journal | None = None  # what was closed, where it is kept

    @property
    def known(self) -> Decimal:
        """The quantity whose cost is known; negative when it is owed (one part is always zero)."""
        return self.book.explained - self.book.short.quantity

    @property
    def quantity(self) -> Decimal:
        return self.known + self.book.unknown - self.book.oversold

    @property
    def cost(self) -> Decimal:
        """The cost of the known quantity; of a short, its negative proceeds."""
        return self.book.cost - self.book.short.proceeds

    @property
    def average(self) -> Decimal | None:
        if self.reporting:
            return Decimal(1)
        return published(self.cost / self.known) if self.known else None

    def audit(
        self,
        event: LedgerEvent,
        delta: Decimal,
        value: Decimal | None,
        note: str,
        *,
        kind: str | None = None,
        realised: Decimal = ZERO,
        resolution: int = 0,
    ) -> None:
        """Keep a step, where steps are kept."""
        if not self.explained:
            return
        mine = event.subject == self.asset and kind is None
        step = BasisStep(
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
            held_after=self.quantity,
            explained_after=self.known,
            unknown_after=self.book.unknown,
            cost_after=self.cost,
            average_after=self.average,
            note=note,
            resolution=resolution,
        )
        self.steps.append(step)

    # --- results ----------------------------------------------------------------------------------

    def flow(self, leg: Leg, value: Decimal, event: LedgerEvent, order: int) -> None:
        self.flows[leg.flow] += value
        if leg.flow in RESULTS:
            self.outside += value
            if self.journal is not None:
                self.journal.result(event, order, self.place(event, leg), leg.flow, value)

    def record(self, event: LedgerEvent, order: int) -> None:
        """Add the event to the trail, and its result to its day."""
        self.close_day(event)
        self.trail.record(event, order)

    def close_day(self, event: LedgerEvent) -> None:
        total = self.trading + self.outside
        if total != self.realised:
            day = event.time.date()
            self.by_day[day] = self.by_day.get(day, ZERO) + total - self.realised
            self.realised = total

    def cover(
        self, units: Sequence[Covered], event: LedgerEvent, order: int, leg: Leg | None = None
    ) -> None:
        """Realise what covering owed units brought."""
        for one in units:
            if one.cost is None:
                self.unexplained += one.proceeds
            else:
                self.trading += one.proceeds - one.cost
        if units and self.journal is not None:
            self.journal.covered(event, order, self.place(event, leg), units)

    def revalue(
        self,
        quantity: Decimal,
        cost: Decimal,
        event: LedgerEvent,
        order: int,
        leg: Leg | None = None,
    ) -> None:
        """Realise what units of the reporting asset are worth beyond their cost: each costs one."""
        if not self.reporting or cost == quantity:
            return
        self.trading += quantity - cost
        if self.journal is not None:
            piece = Piece(BEFORE_ALL, quantity, cost)
            self.journal.closed(event, order, self.place(event, leg), [piece], quantity)

    def place(self, event: LedgerEvent, leg: Leg | None) -> str:
        """The account of a leg, also in a pool."""
        there = event.to_account if leg is not None and leg.there else None
        return self.account or there or event.account

    def close(
        self,
        removed: Removed,
        proceeds: tuple[Decimal | None, Decimal | None],
        event: LedgerEvent,
        order: int,
        leg: Leg,
    ) -> None:
        """Keep what was closed, where it is kept: lots of known cost, and units of unknown cost,
        each for their part of the ``proceeds``."""
        known, unknown = proceeds
        if self.journal is None or (self.reporting and known == removed.cost):
            return
        account = self.place(event, leg)
        lots = [piece for piece in removed.pieces if piece.cost is not None]
        if not leg.quantity:
            lots = [Piece(BEFORE_ALL, ZERO, ZERO)] if known else []
        others = [piece for piece in removed.pieces if piece.cost is None]
        if removed.excess:
            others.append(Piece(BEFORE_ALL, removed.excess, None))
        self.journal.closed(event, order, account, lots, known)
        self.journal.closed(event, order, account, others, unknown)

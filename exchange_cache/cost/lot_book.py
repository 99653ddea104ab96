"""Books that keep units as lots, by FIFO, LIFO and HIFO; those from before are read when needed."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Protocol

from exchange_cache.cost.basis import Method
from exchange_cache.cost.lots import BEFORE_ALL, Book, Piece, ReportingBook, UnknownPart
from exchange_cache.cost.shorts import Covered, LotShort
from exchange_cache.money import ZERO, rounded

#: The place of a lot in its book: its cost where that decides, then age, then entry.
LotKey = tuple[str, int, int]


@dataclass(slots=True, eq=False)
class Lot:
    """Units of one cost. ``row`` is its number where it is stored, ``since`` the position at which
    it was, and ``stored`` its quantity there."""

    order: int
    quantity: Decimal
    cost: Decimal | None
    row: int | None = None
    since: int = 0
    stored: Decimal | None = None


class LotSource(Protocol):
    """Stored lots of one book, in the order in which it removes them."""

    def after(self, key: LotKey | None, count: int) -> list[tuple[LotKey, Lot]]:
        """The next lots behind a key, at most ``count``; fewer only at the end."""


@dataclass(slots=True, eq=False)
class LotBook(Book):
    """Units kept as lots; ``method`` decides which lot is removed first.

    Lots from before are read from ``source`` when they are needed. A dataclass with slots is a new
    class, on which ``super()`` without arguments fails, so the methods name ``Book``.
    """

    dated: ClassVar[bool] = True

    lots: list[tuple[str, int, int, Lot]] = field(default_factory=list)  # a heap
    entered: int = 0
    source: LotSource | None = None
    reached: LotKey | None = None  # the last key that was read from the source
    gone: list[Lot] = field(default_factory=list)  # stored lots that were used up

    def hold(self, quantity: Decimal, cost: Decimal, order: int) -> None:
        Book.hold(self, quantity, cost, order)
        self._push(quantity, cost, order)

    def acquire_unpriced(
        self, quantity: Decimal, part: UnknownPart, order: int, settled: Decimal | None = None
    ) -> Sequence[Covered]:
        before = self.unknown
        covered = Book.acquire_unpriced(self, quantity, part, order, settled)
        if self.unknown > before:
            self._push(self.unknown - before, None, order)
        return covered

    def misplace(self, quantity: Decimal, at: datetime) -> None:
        before = self.unknown
        Book.misplace(self, quantity, at)
        if self.unknown > before:
            self._push(self.unknown - before, None, BEFORE_ALL)
        gone = before - self.unknown
        if gone <= 0:
            return
        self.read_all()
        for *_, lot in sorted(self.lots):
            share = ZERO if lot.cost is not None else min(gone, lot.quantity)
            lot.quantity -= share
            gone -= share
            if not lot.quantity:
                self._use_up(lot)
        self.lots = [each for each in self.lots if each[3].quantity]
        heapq.heapify(self.lots)

    def give(self, quantity: Decimal, order: int) -> Decimal:
        _, cost, _ = self.take(quantity, self.explained, order)
        self.explained -= quantity
        self.cost -= cost
        self.shrunk = True
        self.parts = {}
        return cost

    def _push(self, quantity: Decimal, cost: Decimal | None, order: int) -> None:
        self.entered += 1
        key = self._key(quantity, cost, order)
        heapq.heappush(self.lots, (*key, Lot(order, quantity, cost)))

    def _key(self, quantity: Decimal, cost: Decimal | None, order: int) -> LotKey:
        if self.method is Method.FIFO:
            return ("", order, self.entered)
        if self.method is Method.LIFO:
            return ("", -order, -self.entered)
        return (_dearest_first(None if cost is None else cost / quantity), order, self.entered)

    def take(
        self, taken: Decimal, there: Decimal, order: int
    ) -> tuple[Decimal, Decimal, tuple[Piece, ...]]:
        explained = cost = ZERO
        pieces: list[Piece] = []
        while taken > 0:
            lot = self._first()
            part = min(taken, lot.quantity)
            whole = part == lot.quantity
            share = (
                lot.cost if lot.cost is None or whole else rounded(lot.cost * part / lot.quantity)
            )
            if whole:
                heapq.heappop(self.lots)
                self._use_up(lot)
            lot.quantity -= part
            taken -= part
            if share is not None and lot.cost is not None:
                lot.cost -= share
                explained += part
                cost += share
            pieces.append(Piece(lot.order, part, share))
        return explained, cost, tuple(pieces)

    def pieces(self) -> tuple[Piece, ...]:
        self.read_all()
        lots = (lot for *_, lot in sorted(self.lots, key=lambda each: each[:3]))
        return tuple(
            Piece(lot.order, lot.quantity, lot.cost) for lot in lots if lot.cost is not None
        )

    def sweep(self, at: datetime, order: int) -> Decimal:
        lost = Book.sweep(self, at, order)
        self.read_all()
        for *_, lot in self.lots:
            self._use_up(lot)
        self.lots = []
        self._push(self.unknown, None, order)
        return lost

    # --- stored lots ------------------------------------------------------------------------------

    def _first(self) -> Lot:
        """The lot to remove from next: all that precede it are read."""
        while self.source is not None and not (
            self.lots and self.reached is not None and self.lots[0][:3] <= self.reached
        ):
            self._read(self.source, _READ)
        return self.lots[0][3]

    def _read(self, source: LotSource, count: int) -> None:
        found = source.after(self.reached, count)
        for key, lot in found:
            heapq.heappush(self.lots, (*key, lot))
        if len(found) < count:
            self.source = None
        else:
            self.reached = found[-1][0]

    def read_all(self) -> None:
        """Read every stored lot that is not read yet."""
        while self.source is not None:
            self._read(self.source, 10_000)

    def _use_up(self, lot: Lot) -> None:
        if lot.row is not None:
            self.gone.append(lot)

    def unstored(self) -> None:
        """This is a copy of a stored book: its own lots are not stored yet."""
        self.gone = []
        for *_, lot in self.lots:
            lot.row = lot.stored = None


#: How many stored lots are read at a time.
_READ = 16
#: The digits of a cost per unit: as many as EXACT has.
_DIGITS = 60


def _dearest_first(price: Decimal | None) -> str:
    """A text that sorts prices from the highest to the lowest, and no price last."""
    if price is None:
        return "9"
    if not price:
        return "5"
    size, digits = price.adjusted(), int(abs(price).scaleb(_DIGITS - 1 - price.adjusted()))
    if price < 0:
        return f"6{1000 + size:04d}{digits:0{_DIGITS}d}"
    return f"1{1000 - size:04d}{10**_DIGITS - digits:0{_DIGITS}d}"


def new_book(method: Method, *, dust: Decimal = ZERO, reporting: bool = False) -> Book:
    """An empty book of the method; the reporting asset has its own kind for every method."""
    if reporting:
        return ReportingBook(method)
    return (
        Book(method, dust) if method is Method.AVERAGE else LotBook(method, dust, LotShort(method))
    )

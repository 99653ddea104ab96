"""Holdings and cost of one asset: books that add and remove units by a cost method.

A book divides a holding into three parts: *explained* (its cost is known), *unknown* (received
without a price) and *oversold* (more was removed than was ever added, so earlier history is
missing). Units lent by a margin wallet are not oversold but a *short*, which later units cover. The
plain sum of all changes is always explained + unknown - oversold - short.

Decisions:
- With the running average a removal takes explained and unknown parts in proportion, because the
  units are alike. With FIFO and LIFO an unknown lot has its place in time like any other. With HIFO
  unknown lots are removed last.
- Only later units of unknown cost offset the oversold quantity, never a purchase: a purchase has a
  price, and the balance decides whether the missing units existed before it, not this module.
- A remainder below the dust limit is written off when the next quantity is added or the list ends,
  so that splitting a sale changes nothing.

Callers run inside the EXACT decimal context. Quotients are rounded to QUANTUM, so that every sum of
them is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, NamedTuple

from exchange_cache.cost.basis import Method
from exchange_cache.cost.shorts import Covered, Short, shares
from exchange_cache.money import ZERO, rounded

#: The order of units held before anything that is stored.
BEFORE_ALL = -1
#: The reason for units that another own account sent without a record of receiving them.
UNSEEN = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPart:
    """Why a holding contains units without a cost: reason, quantity, count and days."""

    reason: str
    quantity: Decimal
    count: int
    first: datetime
    last: datetime

    def plus(self, other: UnknownPart) -> UnknownPart:
        return UnknownPart(
            reason=self.reason,
            quantity=self.quantity + other.quantity,
            count=self.count + other.count,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
        )


def unpriced(reason: str, quantity: Decimal, at: datetime) -> UnknownPart:
    """Units received without a cost at one moment."""
    return UnknownPart(reason=reason, quantity=quantity, count=1, first=at, last=at)


class Piece(NamedTuple):
    """Units removed from a book, as another book receives them: ``cost`` None if unknown."""

    order: int
    quantity: Decimal
    cost: Decimal | None


class Removed(NamedTuple):
    """The result of a removal: explained + unknown + excess + borrowed = the quantity to remove.

    ``owed`` is the borrowed units' share of the proceeds.
    """

    explained: Decimal
    cost: Decimal
    unknown: Decimal
    excess: Decimal
    pieces: tuple[Piece, ...]
    parts: tuple[UnknownPart, ...] = ()
    borrowed: Decimal = ZERO
    owed: Decimal = ZERO


@dataclass(slots=True, eq=False)
class Book:
    """The running average of one asset; the base class of the other methods."""

    dated: ClassVar[bool] = False  # its pieces have an age

    method: Method
    dust: Decimal = ZERO  # the largest quantity too small to be sold
    short: Short = field(default_factory=Short)
    explained: Decimal = ZERO
    unknown: Decimal = ZERO
    oversold: Decimal = ZERO
    cost: Decimal = ZERO
    parts: dict[str, UnknownPart] = field(default_factory=dict)
    shrunk: bool = False  # the last change was a removal

    def acquire(self, quantity: Decimal, cost: Decimal, order: int) -> Sequence[Covered]:
        """Add units whose cost is known, covering the short first; returns the covered units."""
        if not self.short.quantity or not quantity:
            self.hold(quantity, cost, order)
            return ()
        covered = min(quantity, self.short.quantity)
        share = cost if covered == quantity else rounded(cost * covered / quantity)
        owed = self.short.cover(covered)
        if quantity > covered:
            self.hold(quantity - covered, cost - share, order)
        costs = shares(share, [part.quantity for part in owed])
        return [Covered(*part, own) for part, own in zip(owed, costs, strict=True)]

    def hold(self, quantity: Decimal, cost: Decimal, order: int) -> None:
        """Hold units whose cost is known."""
        self.explained += quantity
        self.cost += cost
        self.shrunk = False

    def give(self, quantity: Decimal, order: int) -> Decimal:
        """Remove units of a book that holds at least as many, all at a known cost; returns it."""
        explained = self.explained
        whole = quantity == explained
        cost = self.cost if whole else rounded(self.cost * quantity / explained)
        self.explained = explained - quantity
        self.cost -= cost
        self.shrunk = True
        self.parts = {}
        return cost

    def acquire_unpriced(
        self, quantity: Decimal, part: UnknownPart, order: int, settled: Decimal | None = None
    ) -> Sequence[Covered]:
        """Add units whose cost is unknown. They first offset the oversold quantity (as much as
        ``settled`` states, if given), then cover the short.

        Returns the covered units, whose proceeds are a result without a known cost.
        """
        settled = min(quantity, self.oversold) if settled is None else settled
        self.oversold -= settled
        covered = min(quantity - settled, self.short.quantity)
        owed = self.short.cover(covered) if covered else ()
        self.shrunk = False
        if quantity > settled + covered:
            self.unknown += quantity - settled - covered
            self.remember(part)
        return [Covered(*one, None) for one in owed]

    def remember(self, part: UnknownPart) -> None:
        known = self.parts.get(part.reason)
        self.parts[part.reason] = part if known is None else known.plus(part)

    def remove(
        self,
        quantity: Decimal,
        order: int,
        *,
        value: Decimal | None = None,
        absent: Decimal = ZERO,
    ) -> Removed:
        """Remove units by the method; units not held are the excess and count as oversold.

        ``value``: the proceeds. With it, units not held are borrowed and open a short. ``absent``:
        how much of the quantity was never in this book, whatever else it holds.
        """
        parts = tuple(self.parts.values()) if self.unknown else ()
        there = self.explained + self.unknown
        taken = min(quantity - absent, there)
        explained, cost, pieces = self.take(taken, there, order)
        unknown = taken - explained
        missing = quantity - absent - taken
        excess, borrowed = (absent + missing, ZERO) if value is None else (absent, missing)
        self.explained -= explained
        self.cost -= cost
        self.unknown -= unknown
        self.oversold += excess
        self.shrunk = True
        if not self.unknown and self.parts:
            self.parts = {}
        owed = ZERO if value is None else self._borrow(borrowed, quantity, value, order)
        return Removed(explained, cost, unknown, excess, pieces, parts, borrowed, owed)

    def _borrow(self, part: Decimal, whole: Decimal, value: Decimal, order: int) -> Decimal:
        """Open a short for the borrowed part of a removal; returns its share of the value."""
        if not part:
            return ZERO
        share = value if part == whole else rounded(value * part / whole)
        self.short.open(part, share, order)
        return share

    def misplace(self, quantity: Decimal, at: datetime) -> None:
        """Count units as oversold at the sender and as unknown at the receiver; negative: undo
        that."""
        quantity = max(quantity, -self.unknown)
        self.oversold += quantity
        self.unknown += quantity
        if quantity > 0:
            self.remember(unpriced(UNSEEN, quantity, at))

    def take(
        self, taken: Decimal, there: Decimal, order: int
    ) -> tuple[Decimal, Decimal, tuple[Piece, ...]]:
        """How much of the explained part a removal takes, and at which cost."""
        if taken == there:
            explained, cost = self.explained, self.cost
        else:
            explained = taken if not self.unknown else rounded(taken * self.explained / there)
            cost = rounded(self.cost * explained / self.explained) if explained else ZERO
        pieces = [Piece(order, explained, cost)] if explained else []
        if taken > explained:
            pieces.append(Piece(order, taken - explained, None))
        return explained, cost, tuple(pieces)

    def pieces(self) -> tuple[Piece, ...]:
        """The units of known cost, as their removal would take them."""
        return (Piece(BEFORE_ALL, self.explained, self.cost),) if self.explained else ()

    def read_all(self) -> None:
        """Read what is stored of the book: nothing, where units are alike."""

    def unstored(self) -> None:
        """This is a copy of a stored book."""

    def sweep(self, at: datetime, order: int) -> Decimal:
        """Turn the remainder into an unknown quantity; returns the cost written off."""
        lost, left = self.cost, self.explained
        self.explained = self.cost = ZERO
        self.unknown += left
        self.remember(unpriced("dust", left, at))
        return lost


class ReportingBook(Book):
    """The reporting asset itself: each unit costs one, and none is unknown."""

    __slots__ = ()

    def acquire(self, quantity: Decimal, cost: Decimal, order: int) -> Sequence[Covered]:
        self.explained += quantity
        self.cost += quantity
        return ()

    def hold(self, quantity: Decimal, cost: Decimal, order: int) -> None:
        self.explained += quantity
        self.cost += quantity

    def give(self, quantity: Decimal, order: int) -> Decimal:
        self.explained -= quantity
        self.cost -= quantity
        return quantity

    def acquire_unpriced(
        self, quantity: Decimal, part: UnknownPart, order: int, settled: Decimal | None = None
    ) -> Sequence[Covered]:
        return self.acquire(quantity, quantity, order)

    def remove(
        self,
        quantity: Decimal,
        order: int,
        *,
        value: Decimal | None = None,
        absent: Decimal = ZERO,
    ) -> Removed:
        self.explained -= quantity
        self.cost -= quantity
        return Removed(quantity, quantity, ZERO, ZERO, (Piece(order, quantity, quantity),))

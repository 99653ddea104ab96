"""Books of lots that note which lots each change removed and added."""

from __future__ import annotations

import heapq
from datetime import date, datetime
from decimal import Decimal

from exchange_cache.clock import EPOCH
from exchange_cache.cost.basis import Method
from exchange_cache.cost.event_place import moment_at
from exchange_cache.cost.lot_book import Lot, LotBook
from exchange_cache.cost.lots import Book, Piece, ReportingBook
from exchange_cache.cost.shorts import LotShort, Owed
from exchange_cache.export.entries import Units
from exchange_cache.money import ZERO


def acquired(order: int) -> datetime:
    """When units were acquired, by their place; long ago if that is before everything stored."""
    return moment_at(order) or EPOCH


class NotedShort(LotShort):
    """Units owed, with notes of the lots covered and opened."""

    __slots__ = ("borrowed", "covered")

    def __init__(self, method: Method) -> None:
        super().__init__(method)
        self.borrowed: list[Units] = []
        self.covered: list[Units] = []

    def open(self, quantity: Decimal, proceeds: Decimal, order: int) -> None:
        super().open(quantity, proceeds, order)
        self.borrowed.append(Units(self.entered, acquired(order), quantity, proceeds))

    def present(self) -> list[Units]:
        """All that is owed, in the order in which it was opened."""
        place = 1 if self.method is Method.HIFO else 0
        found = [
            Units(abs(int(key[-1])), acquired(abs(int(key[place]))), quantity, proceeds)
            for key, quantity, proceeds in self.lots
        ]
        return sorted(found)

    def take(self, quantity: Decimal) -> list[Owed]:
        before = self.present()
        parts = super().take(quantity)
        left = {one.number: one for one in self.present()}
        for lot in before:
            rest = left.get(lot.number)
            if rest is None:
                self.covered.append(lot)
            elif rest.quantity != lot.quantity:
                cost = (lot.cost or ZERO) - (rest.cost or ZERO)
                part = lot.quantity - rest.quantity
                self.covered.append(lot._replace(quantity=part, cost=cost))
        return parts


class NotedBook(LotBook):
    """Units held as lots, with notes of the lots taken and added since they were last cleared.

    A program that knows only the days of lots removes those of one day in the order in which they
    were added. ``is_mixed`` states whether that is not their order of age.
    """

    __slots__ = ("added", "mixed", "newest", "seen", "taken")

    def __init__(self, method: Method, dust: Decimal) -> None:
        LotBook.__init__(self, method, dust, NotedShort(method))
        self.added: list[Units] = []
        self.taken: list[Units] = []
        self.seen: list[tuple[int, int]] = []
        self.newest: dict[date, int] = {}
        self.mixed: set[date] = set()

    def clear(self) -> None:
        self.added, self.taken = [], []
        assert isinstance(self.short, NotedShort)
        self.short.borrowed, self.short.covered = [], []

    @property
    def is_unordered(self) -> bool:
        """Whether the lots taken since cannot be left to a rule that goes by their days."""
        if self.method is not Method.FIFO:
            return True
        return bool(self.mixed) and any(one.acquired.date() in self.mixed for one in self.taken)

    def present(self) -> list[Units]:
        """All lots, in the order in which they were added."""
        return sorted(self._units(lot) for *_, lot in self.lots)

    def _units(self, lot: Lot) -> Units:
        return Units(lot.since, acquired(lot.order), lot.quantity, lot.cost)

    def _push(self, quantity: Decimal, cost: Decimal | None, order: int) -> None:
        self.entered += 1
        lot = Lot(order, quantity, cost, since=self.entered)
        heapq.heappush(self.lots, (*self._key(quantity, cost, order), lot))
        self.added.append(self._units(lot))
        day = acquired(order).date()
        if order < self.newest.get(day, order):
            self.mixed.add(day)
        else:
            self.newest[day] = order

    def _first(self) -> Lot:
        lot = LotBook._first(self)
        self.seen.append((lot.since, lot.order))
        return lot

    def take(
        self, taken: Decimal, there: Decimal, order: int
    ) -> tuple[Decimal, Decimal, tuple[Piece, ...]]:
        self.seen = []
        explained, cost, pieces = LotBook.take(self, taken, there, order)
        for (number, age), piece in zip(self.seen, pieces, strict=True):
            self.taken.append(Units(number, acquired(age), piece.quantity, piece.cost))
        return explained, cost, pieces

    def sweep(self, at: datetime, order: int) -> Decimal:
        self.taken += self.present()
        return LotBook.sweep(self, at, order)


def noted_book(method: Method, *, dust: Decimal, reporting: bool) -> Book:
    """An empty book; one of lots notes its changes."""
    if reporting:
        return ReportingBook(method)
    return Book(method, dust) if method is Method.AVERAGE else NotedBook(method, dust)

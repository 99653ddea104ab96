"""Units sold on credit: their quantity and proceeds, until purchases cover them.

A short is the mirror of a holding: its average entry price is the price at which the units were
sold. Covering removes proceeds by the cost method as a sale removes cost from a holding: the
running average in proportion, FIFO and LIFO by age, HIFO the lowest proceeds first, since that
leaves the smallest gain. Callers run inside the EXACT decimal context.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.cost.basis import Method
from exchange_cache.money import ZERO, rounded


class Owed(NamedTuple):
    """Owed units that were sold at one moment: ``order`` is the place of the sale, None where units
    are alike."""

    order: int | None
    quantity: Decimal
    proceeds: Decimal


class Covered(NamedTuple):
    """Owed units that were covered; ``cost`` None: by units of unknown cost."""

    order: int | None
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal | None


def shares(amount: Decimal, sizes: Sequence[Decimal]) -> list[Decimal]:
    """An amount split in proportion to sizes; the last has what is left, so that the sum of the
    parts is the amount."""
    left, whole = amount, sum(sizes, ZERO)
    found = []
    for size in sizes[:-1]:
        found.append(rounded(amount * size / whole) if size else ZERO)
        left -= found[-1]
    return [*found, left] if sizes else []


class Short:
    """Units owed at the running average of their proceeds."""

    __slots__ = ("proceeds", "quantity")

    def __init__(self) -> None:
        self.quantity = ZERO
        self.proceeds = ZERO

    def open(self, quantity: Decimal, proceeds: Decimal, order: int) -> None:
        """Owe more units; for interest, ``proceeds`` is the value of the added debt."""
        self.quantity += quantity
        self.proceeds += proceeds

    def cover(self, quantity: Decimal) -> list[Owed]:
        """Owe ``quantity`` (at most all) less; returns these units with their proceeds."""
        parts = self.take(quantity)
        self.quantity -= quantity
        self.proceeds -= sum((part.proceeds for part in parts), ZERO)
        return parts

    def release(self, quantity: Decimal) -> list[tuple[Decimal, Decimal]]:
        """Owe ``quantity`` (at most all) less, because it is owed as another asset: its parts and
        their proceeds."""
        return [part[1:] for part in self.cover(quantity)] if quantity else []

    def take(self, quantity: Decimal) -> list[Owed]:
        proceeds = (
            self.proceeds
            if quantity == self.quantity
            else rounded(self.proceeds * quantity / self.quantity)
        )
        return [Owed(None, quantity, proceeds)]


class LotShort(Short):
    """Units owed as lots; ``method`` decides which is covered first."""

    __slots__ = ("entered", "lots", "method")

    def __init__(self, method: Method) -> None:
        super().__init__()
        self.method = method
        self.entered = 0
        self.lots: list[
            tuple[tuple[Decimal | int, ...], Decimal, Decimal]
        ] = []  # key, quantity, proceeds

    def open(self, quantity: Decimal, proceeds: Decimal, order: int) -> None:
        super().open(quantity, proceeds, order)
        self.entered += 1
        heapq.heappush(self.lots, (self._key(quantity, proceeds, order), quantity, proceeds))

    def _key(self, quantity: Decimal, proceeds: Decimal, order: int) -> tuple[Decimal | int, ...]:
        if self.method is Method.LIFO:
            return (-order, -self.entered)
        return (
            (order, self.entered)
            if self.method is Method.FIFO
            else (proceeds / quantity, order, self.entered)
        )

    def release(self, quantity: Decimal) -> list[tuple[Decimal, Decimal]]:
        parts = [part[1:] for part in self.cover(quantity)]
        return parts[::-1] if self.method is Method.LIFO else parts

    def take(self, quantity: Decimal) -> list[Owed]:
        parts: list[Owed] = []
        while quantity > 0:
            key, size, proceeds = heapq.heappop(self.lots)
            part = min(quantity, size)
            share = proceeds if part == size else rounded(proceeds * part / size)
            if part < size:
                heapq.heappush(self.lots, (key, size - part, proceeds - share))
            parts.append(Owed(abs(int(key[-2])), part, share))
            quantity -= part
        return parts

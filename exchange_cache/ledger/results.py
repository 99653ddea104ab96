"""The realised result of every derivative's fill: long and short, linear and inverse, one-way and
hedged.

Linear contracts settle in the quote; their entry price is the mean by quantity. Inverse contracts
are worth a fixed amount of the quote and settle in the base; their entry price is the mean by value
(harmonic). Options are cash: premium paid or received.

A fill does not state which side of a hedged symbol it belongs to; ``hedged`` names such symbols.
There a fill with a realised result closes and one without opens, whatever its size.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from exchange_cache.ledger.fill_order import fill_order
from exchange_cache.money import ZERO, rounded
from exchange_cache.records import Fill, Side


@dataclass(slots=True, eq=False)
class Exposure:
    """One side of one symbol while its fills are applied; ``opened`` is the worth at entry."""

    side: str  # long | short
    size: Decimal = ZERO  # linear: base units; inverse: quote units
    opened: Decimal = ZERO  # linear: quote paid; inverse: base equivalent
    contracts: Decimal | None = ZERO
    realised: Decimal = ZERO
    reported: Decimal | None = ZERO  # the results that the exchange reports
    fees: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    times: list[datetime] = field(default_factory=list)  # of the first fill and of the last
    count: int = 0

    def touch(self, fill: Fill) -> None:
        self.count += 1
        self.times = [*self.times[:1], fill.time]

    def report(self, result: Decimal | None) -> None:
        """Add the exchange's result of a closing fill; the sum is unknown once one is missing."""
        known = self.reported
        self.reported = None if known is None or result is None else known + result

    def open(self, size: Decimal, worth: Decimal, contracts: Decimal | None) -> None:
        self.size += size
        self.opened += worth
        self.contracts = (
            None if contracts is None or self.contracts is None else self.contracts + contracts
        )

    def close(
        self, size: Decimal, worth: Decimal, contracts: Decimal | None, *, inverse: bool
    ) -> Decimal:
        """Remove ``size``; returns its present worth less its worth at entry."""
        whole = size == self.size
        at_entry = self.opened if whole else rounded(self.opened * size / self.size)
        self.size -= size
        self.opened -= at_entry
        self.contracts = (
            ZERO
            if whole
            else None
            if contracts is None or self.contracts is None
            else self.contracts - contracts
        )
        gained = worth - at_entry
        result = gained if (self.side == "long") != inverse else -gained
        self.realised += result
        return result


class SymbolExposure:
    """Both sides of one symbol of one account; fills are applied oldest first."""

    def __init__(self, hedged: bool) -> None:
        self.hedged = hedged
        self.sides = {"long": Exposure("long"), "short": Exposure("short")}

    def apply(self, fill: Fill) -> Decimal:
        """Apply one fill; returns the result that it realised, in the settle asset."""
        size, worth = _size_and_worth(fill)
        opens, against = ("long", "short") if fill.side is Side.BUY else ("short", "long")
        closing = self.sides[against] if not self.hedged or _closes(fill) == against else None
        closed = min(size, closing.size) if closing is not None else ZERO
        result = ZERO
        if closing is not None and closed:
            share = worth if closed == size else rounded(worth * closed / size)
            result = closing.close(
                closed, share, _part(fill.contracts, closed, size), inverse=is_inverse(fill)
            )
            closing.report(fill.realised_pnl)
            worth -= share
        if size > closed and not (self.hedged and closing is not None):
            self.sides[opens].open(size - closed, worth, _part(fill.contracts, size - closed, size))
            if closed:
                self.sides[opens].touch(fill)
        home = closing if closing is not None and closed else self.sides[opens]
        home.touch(fill)
        for fee in fill.fees:
            home.fees[fee.asset] += fee.amount
        return result

    def deliver(self, result: Decimal, at: datetime) -> None:
        """Close what an expired contract left, with the result that its delivery booked. Of two
        open sides the larger one has it: exchanges book one result for both."""
        left = sorted((side for side in self.sides.values() if side.size), key=lambda one: one.size)
        for side in left:
            side.close(side.size, side.opened, side.contracts, inverse=False)
            side.times = [*side.times[:1], at]
        if left:
            left[-1].realised += result
            left[-1].report(result)


def expires_on(symbol: str) -> date | None:
    """The day on which a dated contract expires (the last of its month, where its symbol states no
    day); None for others."""
    found = re.search(r"-(\d{2})(\d{2})(\d{2})?(?:-|$)", symbol.partition(":")[2])
    if found is None:
        return None
    year, month = 2000 + int(found[1]), int(found[2])
    return date(year, month, int(found[3] or monthrange(year, month)[1]))


def is_inverse(fill: Fill) -> bool:
    return fill.settle == fill.base and fill.category != "option"


def _size_and_worth(fill: Fill) -> tuple[Decimal, Decimal]:
    """Linear: base units and their quote; inverse: quote units and their base."""
    if not is_inverse(fill):
        return fill.quantity, fill.cost
    if fill.contracts is not None and fill.contract_size is not None:
        size = fill.contracts * fill.contract_size
        return size, rounded(size / fill.price) if fill.price else fill.quantity
    return fill.cost, fill.quantity


def _closes(fill: Fill) -> str | None:
    """In hedge mode, the side that a fill with a reported result closes."""
    if not fill.realised_pnl:
        return None
    return "short" if fill.side is Side.BUY else "long"


def _part(contracts: Decimal | None, part: Decimal, whole: Decimal) -> Decimal | None:
    if contracts is None or part == whole:
        return contracts
    return rounded(contracts * part / whole)


def _sorted(fills: Iterable[Fill]) -> list[Fill]:
    unique = {fill.key: fill for fill in fills}
    return sorted(unique.values(), key=fill_order)


Place = tuple[str, str, str]


def exposures(
    fills: Iterable[Fill], *, hedged: Collection[tuple[str, str]] = ()
) -> Iterator[tuple[Fill, SymbolExposure, Decimal]]:
    """Every fill, oldest first, with its symbol's exposure after it and the result it realised.
    ``hedged``: (account, symbol) with two sides."""
    book = ExposureBook(hedged)
    for fill in _sorted(fills):
        symbol, result = book.apply(fill)
        yield fill, symbol, result


class ExposureBook:
    """The exposure of every symbol while fills are applied, oldest first."""

    def __init__(self, hedged: Collection[tuple[str, str]] = ()) -> None:
        self._hedged = hedged
        self.symbols: dict[Place, SymbolExposure] = {}

    def apply(self, fill: Fill) -> tuple[SymbolExposure, Decimal]:
        """Apply one fill; its symbol's exposure after it, and the result that it realised."""
        place = (fill.account, fill.category, fill.symbol)
        symbol = self.symbols.get(place)
        if symbol is None:
            symbol = SymbolExposure((fill.account, fill.symbol) in self._hedged)
            self.symbols[place] = symbol
        if fill.category == "option":
            return symbol, fill.cost if fill.side is Side.SELL else -fill.cost
        return symbol, symbol.apply(fill)


def realised_by_fill(
    fills: Iterable[Fill], *, hedged: Collection[tuple[str, str]] = ()
) -> dict[tuple[str, str, str, str], Decimal]:
    """The result of every derivative's fill in the settle asset, before fees: the reported one, or
    else computed. An option's is the premium that moved, whatever result is reported."""
    return {
        fill.key: computed
        if fill.realised_pnl is None or fill.category == "option"
        else fill.realised_pnl
        for fill, _, computed in exposures(fills, hedged=hedged)
    }

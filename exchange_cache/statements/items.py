"""Rows to compare, of files and of the ledger, and those of the ledger by time."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import Any, TypeVar

from exchange_cache.clock import to_ms
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fill, Side, Transfer, TransferKind

_OUT = frozenset({TransferKind.WITHDRAWAL, TransferKind.REPAYMENT})

Bucket = tuple[str, ...]
Leg = tuple[str, Decimal]


@dataclass(slots=True, eq=False)
class Item:
    """A row to compare. ``legs`` are the changes of a fill, by asset."""

    record: Fill | Transfer
    key: Any
    ms: int = 0
    bucket: Bucket = ()
    size: Decimal = ZERO
    cost: Decimal | None = None
    fee: Decimal = ZERO
    legs: list[Leg] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ms = to_ms(self.record.time)
        if isinstance(self.record, Fill):
            self._of_fill(self.record)
        else:
            self._of_transfer(self.record)

    def _of_fill(self, fill: Fill) -> None:
        if fill.is_derivative:
            self.bucket = ("contract", fill.symbol, fill.side)
            contracts = fill.contracts
            self.size = fill.quantity if contracts is None else contracts
            self.cost = fill.cost
            result = fill.realised_pnl
            self.legs = [(fill.settle, result)] if fill.settle and result else []
            self._add_fees(fill)
            return
        ends = (fill.base, fill.quote) if fill.side is Side.BUY else (fill.quote, fill.base)
        self.bucket = ("swap", *ends)
        sizes = (fill.quantity, fill.cost)
        self.size, self.cost = sizes if fill.side is Side.BUY else sizes[::-1]
        self.legs = [(ends[0], self.size), (ends[1], -self.cost)]
        self._add_fees(fill)

    def _add_fees(self, fill: Fill) -> None:
        self.legs += [(fee.asset, -fee.amount) for fee in fill.fees if fee.amount]

    def _of_transfer(self, move: Transfer) -> None:
        if move.kind is TransferKind.INTERNAL:
            self.bucket = ("internal", move.asset)
        else:
            out = move.kind in _OUT or move.quantity < 0
            self.bucket = ("out" if out else "in", move.asset)
        self.size = move.quantity.copy_abs()
        if move.fee is not None and move.fee.asset == move.asset:
            self.fee = move.fee.amount

    @property
    def assets(self) -> tuple[str, str]:
        """The assets of ``size`` and ``cost``."""
        if self.bucket[0] == "contract":
            assert isinstance(self.record, Fill)
            return self.record.base, self.record.quote
        return self.bucket[1], self.bucket[-1]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a row, or the sums of several."""

    size: Decimal
    cost: Decimal | None
    fee: Decimal


@dataclass(slots=True, eq=False)
class Pile:
    """Equal rows of one moment, of which any stands for the others; those that are not used up."""

    first: Item
    items: deque[Item]

    @property
    def ms(self) -> int:
        return self.first.ms

    @property
    def figures(self) -> Figures:
        """The figures of one of the rows."""
        return Figures(self.first.size, self.first.cost, self.first.fee)


def sums(piles: Iterable[Pile]) -> Figures:
    """The sums of all rows that are left of piles."""
    left = [(pile.first, len(pile.items)) for pile in piles]
    return Figures(
        total(_times(one.size, count) for one, count in left),
        total(_times(one.cost or ZERO, count) for one, count in left),
        total(_times(one.fee, count) for one, count in left),
    )


def total(figures: Iterable[Decimal]) -> Decimal:
    """A sum without rounding; one figure is itself, however many digits it has."""
    return reduce(EXACT.add, figures)


def _times(figure: Decimal, count: int) -> Decimal:
    """So many equal figures; one is itself, however many digits it has."""
    return figure if count == 1 else EXACT.multiply(figure, Decimal(count))


def piled(items: Iterable[Item]) -> list[Pile]:
    """Rows as piles, in the order of time and key."""
    found: dict[tuple[object, ...], Pile] = {}
    for item in ordered(items):
        same = (item.bucket, item.ms, item.record.kind, item.size, item.cost, item.fee, tx(item))
        pile = found.get(same)
        if pile is None:
            found[same] = Pile(item, deque([item]))
        else:
            pile.items.append(item)
    return list(found.values())


def ordered(items: Iterable[Item]) -> list[Item]:
    """Rows by time and key."""
    return sorted(items, key=lambda one: (one.ms, one.key))


def tx(item: Item) -> str | None:
    """The transaction on a chain that a row names."""
    tx_id = item.record.tx_id if isinstance(item.record, Transfer) else None
    return tx_id.lower().removeprefix("0x") if tx_id else None


class KnownRows:
    """The rows of the ledger by time: as piles of what may be equal, and the fills by what they
    moved, and by contract."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._piles: dict[Bucket, list[Pile]] = defaultdict(list)
        self._fills: dict[tuple[str, bool], list[Item]] = defaultdict(list)
        self._contracts: dict[str, list[Item]] = defaultdict(list)
        for pile in piled(items):
            self._piles[pile.first.bucket].append(pile)
            if pile.first.bucket[0] == "contract":
                self._contracts[pile.first.bucket[1]].append(pile.first)
            for item in pile.items:
                for asset, change in item.legs:
                    self._fills[asset, change > 0].append(item)

    def near(self, item: Item, apart_ms: int) -> list[Pile]:
        """What may be equal to a row, at most so far from it, and is not used up."""
        among = self._piles.get(item.bucket, [])
        return [pile for pile in _within(among, item.ms, apart_ms) if pile.items]

    def fills_near(self, item: Item, asset: str, apart_ms: int, *, up: bool) -> list[Item]:
        """The fills at most so far from a row that moved an asset up, or down."""
        among = self._fills.get((asset, up), [])
        return list(dict.fromkeys(_within(among, item.ms, apart_ms)))

    def contracts_near(self, item: Item, symbol: str | None, apart_ms: int) -> Iterator[Item]:
        """Fills of a contract at most so far from a row; one of each pile."""
        yield from _within(self._contracts.get(symbol or "", []), item.ms, apart_ms)


T = TypeVar("T", Item, Pile)


def _within(among: Sequence[T], ms: int, apart_ms: int) -> Iterator[T]:
    start = bisect_left(among, ms - apart_ms, key=lambda one: one.ms)
    for place in range(start, len(among)):
        if among[place].ms > ms + apart_ms:
            return
        yield among[place]

"""Which rows of a file are rows that the ledger has already, where the file carries no ids.

A row is known where the same account moved the same asset, by the same amount to the file's
digits, in the same second. Every row is used up once, so two equal rows are two. Files that sum up
the trades of a second are compared with the sum. Deposits and withdrawals may be hours apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import Any

from exchange_cache.clock import to_ms
from exchange_cache.ledger.converts import whole_converts
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fill, FillKind, Side, Transfer, TransferKind

#: A file writes whole seconds, cut or rounded, where the API writes milliseconds.
WITHIN_MS = 1_999
#: A deposit or a withdrawal is dated when it began, when it was confirmed, or when it was booked.
LATE_MS = 86_400_000
#: The cost of a fill may be rounded further than its quantity; no figure may be further apart.
_COST = Decimal("0.001")
#: Without the digits of an asset: those that files usually write.
_DIGITS = 8
#: A figure with fewer digits is not taken for one that was rounded.
_FEWEST = 2
_OUT = frozenset({TransferKind.WITHDRAWAL, TransferKind.REPAYMENT})
#: What a row may be that states one side of a trade or of a convert, the result of a contract, or a
#: fee.
_SIDES = frozenset(
    {
        TransferKind.SETTLEMENT,
        TransferKind.SUBSCRIPTION,
        TransferKind.FEE,
        TransferKind.ADJUSTMENT,
        TransferKind.UNCLASSIFIED,
    }
)

Bucket = tuple[str, ...]


@dataclass(slots=True, eq=False)
class Item:
    """A row to compare. ``legs`` are the changes of a fill, by asset, as far as no row has used
    them up."""

    record: Fill | Transfer
    key: Any
    ms: int = 0
    bucket: Bucket = ()
    size: Decimal = ZERO
    cost: Decimal | None = None
    fee: Decimal = ZERO
    used: bool = False
    legs: list[tuple[str, Decimal]] = field(default_factory=list)

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


class Matching:
    """Compares rows of files with those that the ledger has; ``digits`` are those of the file, by
    asset."""

    def __init__(self, known: Iterable[Item], digits: Mapping[str, int]) -> None:
        self._digits = digits
        self._known: dict[Bucket, list[Item]] = defaultdict(list)
        self._sides: dict[tuple[str, bool], list[Item]] = defaultdict(list)
        for item in sorted(known, key=lambda one: (one.ms, one.key)):
            self._known[item.bucket].append(item)
            for asset, change in item.legs:
                self._sides[asset, change > 0].append(item)

    def new(self, stated: Iterable[Item]) -> list[Item]:
        """The rows that the ledger does not have."""
        rest = [item for item in _ordered(stated) if not self._one(item, exactly=True)]
        rest = [item for item in rest if not self._one(item)]
        rest = [item for item in rest if not self._several(item)]
        rest = list(self._parts(rest))
        return [item for item in rest if not self._side(item)]

    def late(self, stated: Iterable[Item]) -> list[Item]:
        """The deposits and withdrawals that the ledger does not have at another time either. Those
        of one transaction on a chain go together first, then those that are nearest."""
        items = _ordered(stated)
        pairs = [
            (_tx(item) is None or _tx(one) is None, abs(one.ms - item.ms), place, one)
            for place, item in enumerate(items)
            for one in self._late(item)
        ]
        found = set[int]()
        for _, _, place, one in sorted(pairs, key=lambda pair: (*pair[:3], pair[3].ms)):
            if place not in found and not one.used:
                one.used = True
                found.add(place)
        return [item for place, item in enumerate(items) if place not in found]

    def _late(self, item: Item) -> Iterator[Item]:
        """The rows of the ledger that may be a deposit or a withdrawal at another time."""
        among = self._known.get(item.bucket, [])
        start = bisect_left(among, item.ms - LATE_MS, key=lambda one: one.ms)
        for one in among[start:]:
            if one.ms > item.ms + LATE_MS:
                return
            of_chains = {_tx(item), _tx(one)} - {None}
            same = one.record.kind == item.record.kind and len(of_chains) <= 1
            if same and not one.used and self._are_equal(item, (one,)):
                yield one

    def _near(self, item: Item, among: Iterable[Item]) -> list[Item]:
        return [one for one in among if not one.used and abs(one.ms - item.ms) <= WITHIN_MS]

    def _one(self, item: Item, *, exactly: bool = False) -> bool:
        """Whether one row of the ledger is this row, or has the very same size; it is used up
        then."""
        found = [
            one
            for one in self._near(item, self._known.get(item.bucket, ()))
            if (item.size == one.size or not exactly) and self._are_equal(item, (one,))
        ]
        if not found:
            return False
        kind = item.record.kind
        best = min(found, key=lambda one: (one.record.kind != kind, abs(one.ms - item.ms)))
        best.used = True
        return True

    def _several(self, item: Item) -> bool:
        """Whether all rows of this second, or around it, sum up to this one."""
        near = self._near(item, self._known.get(item.bucket, ()))
        second = [one for one in near if one.ms // 1000 == item.ms // 1000]
        for group in (second, near):
            if len(group) > 1 and self._are_equal(item, group):
                for one in group:
                    one.used = True
                return True
        return False

    def _parts(self, items: Sequence[Item]) -> Iterator[Item]:
        """The rows that are not, together with the others of their second, one of the ledger."""
        groups: dict[tuple[Bucket, int], list[Item]] = defaultdict(list)
        for item in items:
            groups[item.bucket, item.ms // 1000].append(item)
        for group in groups.values():
            near = self._near(group[0], self._known.get(group[0].bucket, ()))
            whole = [one for one in near if len(group) > 1 and self._are_equal(one, group)]
            if whole:
                whole[0].used = True
            else:
                yield from group

    def _side(self, item: Item) -> bool:
        """Whether fills of this second state what the row states by itself: one side of a convert
        that the file does not pair, the result of a contract, or a fee."""
        move = item.record
        if not isinstance(move, Transfer) or move.kind not in _SIDES:
            return False
        change = item.size if item.bucket[0] == "in" else -item.size
        near = [
            one
            for one in dict.fromkeys(self._sides.get((move.asset, change > 0), ()))
            if abs(one.ms - item.ms) <= WITHIN_MS
        ]
        second = [one for one in near if one.ms // 1000 == item.ms // 1000]
        legs = _legs(near, move.asset)
        alike = [part for part in legs if (part[1][1] > 0) is (change > 0)]
        ways = [
            *([part] for part in alike),
            *([part for part in alike if part[0] in among] for among in (second, near)),
            *(_legs([one], move.asset) for one in near),  # net of a fee in the same asset
            *(_legs(among, move.asset) for among in (second, near)),
        ]
        for group in ways:
            if group and self._is_near(change, _sum(leg[1] for _, leg in group), move.asset):
                for one, leg in group:
                    one.legs.remove(leg)
                return True
        return False

    def _are_equal(self, item: Item, others: Sequence[Item]) -> bool:
        size = _sum(one.size for one in others)
        first, second = item.assets
        if not self._is_near(item.size, size, first):
            fees = _sum(one.fee for one in others)
            return item.cost is None and (
                self._is_near(item.size, EXACT.add(size, fees), first)
                or self._is_near(EXACT.add(item.size, item.fee), size, first)
            )
        if item.cost is None:
            return True
        cost = _sum(one.cost or ZERO for one in others)
        apart = EXACT.subtract(item.cost, cost).copy_abs()
        return self._is_near(item.cost, cost, second) or apart <= EXACT.multiply(
            item.cost.copy_abs(), _COST
        )

    def _is_near(self, stated: Decimal, known: Decimal, asset: str) -> bool:
        if stated == known:
            return True
        unit = Decimal(1).scaleb(-self._digits.get(asset, _DIGITS))
        apart = EXACT.subtract(stated, known).copy_abs()
        return apart < unit or _is_rounded(known, stated, apart)


def _is_rounded(known: Decimal, stated: Decimal, apart: Decimal) -> bool:
    """Whether the ledger's figure is the file's with fewer digits: some lists cut amounts to those
    of a currency."""
    places = decimals(known)
    return (
        places >= _FEWEST
        and apart < Decimal(1).scaleb(-places)
        and apart <= EXACT.multiply(stated.copy_abs(), _COST)
    )


def whole(items: Sequence[Item]) -> list[Item]:
    """Rows of the ledger with the halves of every convert joined, as files state converts."""
    halves = {
        id(item.record): (item, item.record)
        for item in items
        if isinstance(item.record, Fill)
        and item.record.kind is FillKind.CONVERT
        and item.record.order_id is not None
    }
    if len(halves) < 2:
        return list(items)
    found = [item for item in items if id(item.record) not in halves]
    for made in whole_converts(fill for _, fill in halves.values()):
        own = halves.get(id(made))
        found.append(Item(record=made, key=made.key) if own is None else own[0])
    return found


def _tx(item: Item) -> str | None:
    """The transaction on a chain that a row names."""
    tx_id = item.record.tx_id if isinstance(item.record, Transfer) else None
    return tx_id.lower().removeprefix("0x") if tx_id else None


def _legs(items: Iterable[Item], asset: str) -> list[tuple[Item, tuple[str, Decimal]]]:
    """What fills changed of an asset, a leg each, as far as no row has used them up."""
    return [(one, leg) for one in items for leg in one.legs if leg[0] == asset]


def _sum(figures: Iterable[Decimal]) -> Decimal:
    """A sum without rounding; one figure is itself, however many digits it has."""
    return reduce(EXACT.add, figures)


def _ordered(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda one: (one.ms, one.key))


def decimals(value: Decimal) -> int:
    """How many digits a figure has behind the point."""
    return max(0, -int(value.as_tuple().exponent))

"""Which rows of a file are rows that the ledger has already, where the file carries no ids.

A row is known where the same account moved the same asset, by the same amount to the file's
digits, in the same second. Every row is used up once, so two equal rows are two. Files that sum up
the trades of a second are compared with the sum. Deposits and withdrawals may be hours apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from exchange_cache.ledger.converts import whole_converts
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Fill, FillKind, Transfer, TransferKind
from exchange_cache.statements.items import (
    Bucket,
    Figures,
    Item,
    KnownRows,
    Leg,
    Pile,
    ordered,
    piled,
    sums,
    total,
    tx,
)

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


class Matching:
    """Compares rows of files with those that the ledger has; ``digits`` are those of the file, by
    asset."""

    def __init__(self, known: Iterable[Item], digits: Mapping[str, int]) -> None:
        self._digits = digits
        self._known = KnownRows(known)
        self._left: dict[Item, list[Leg]] = {}

    def new(self, stated: Iterable[Item]) -> list[Item]:
        """The rows that the ledger does not have."""
        rest = [item for item in ordered(stated) if not self._one(item, exactly=True)]
        rest = [item for item in rest if not self._one(item)]
        rest = [item for item in rest if not self._several(item)]
        rest = list(self._parts(rest))
        return [item for item in rest if not self._side(item)]

    def late(self, stated: Iterable[Item]) -> list[Item]:
        """The deposits and withdrawals that the ledger does not have at another time either. Those
        of one transaction on a chain go together first, then those that are nearest."""
        piles = piled(stated)
        pairs = [
            (tx(pile.first) is None or tx(one.first) is None, abs(one.ms - pile.ms), place, one)
            for place, pile in enumerate(piles)
            for one in self._late(pile.first)
        ]
        for _, _, place, one in sorted(pairs, key=lambda pair: (*pair[:3], pair[3].ms)):
            own = piles[place].items
            for _ in range(min(len(own), len(one.items))):
                own.popleft()
                one.items.popleft()
        return [item for pile in piles for item in pile.items]

    def is_sum(self, item: Item, parts: Iterable[Item]) -> bool:
        """Whether rows, whatever their time, sum up to this one."""
        own = [part for part in parts if part.bucket == item.bucket]
        return bool(own) and self._are_equal(item, sums(piled(own)))

    def _late(self, item: Item) -> Iterator[Pile]:
        """The rows of the ledger that may be a deposit or a withdrawal at another time."""
        for pile in self._known.near(item, LATE_MS):
            of_chains = {tx(item), tx(pile.first)} - {None}
            same = pile.first.record.kind == item.record.kind and len(of_chains) <= 1
            if same and self._are_equal(item, pile.figures):
                yield pile

    def _one(self, item: Item, *, exactly: bool = False) -> bool:
        """Whether one row of the ledger is this row, or has the very same size; it is used up
        then."""
        found = [
            pile
            for pile in self._known.near(item, WITHIN_MS)
            if (item.size == pile.first.size or not exactly) and self._are_equal(item, pile.figures)
        ]
        if not found:
            return False
        kind = item.record.kind
        best = min(found, key=lambda one: (one.first.record.kind != kind, abs(one.ms - item.ms)))
        best.items.popleft()
        return True

    def _several(self, item: Item) -> bool:
        """Whether all rows of this second, or around it, sum up to this one."""
        near = self._known.near(item, WITHIN_MS)
        second = [pile for pile in near if pile.ms // 1000 == item.ms // 1000]
        for group in (second, near):
            if sum(len(pile.items) for pile in group) > 1 and self._are_equal(item, sums(group)):
                for pile in group:
                    pile.items.clear()
                return True
        return False

    def _parts(self, items: Sequence[Item]) -> Iterator[Item]:
        """The rows that are not, together with the others of their second, one of the ledger."""
        groups: dict[tuple[Bucket, int], list[Item]] = defaultdict(list)
        for item in items:
            groups[item.bucket, item.ms // 1000].append(item)
        for group in groups.values():
            near = self._known.near(group[0], WITHIN_MS) if len(group) > 1 else []
            stated = sums(piled(group))
            whole = [pile for pile in near if self._are_equal(pile.first, stated)]
            if whole:
                whole[0].items.popleft()
            else:
                yield from group

    def _side(self, item: Item) -> bool:
        """Whether fills of this second state what the row states by itself: one side of a convert
        that the file does not pair, the result of a contract, or a fee."""
        move = item.record
        if not isinstance(move, Transfer) or move.kind not in _SIDES:
            return False
        if move.kind is TransferKind.SETTLEMENT and self._follows(item, move):
            return True
        change = item.size if item.bucket[0] == "in" else -item.size
        near = self._known.fills_near(item, move.asset, WITHIN_MS, up=change > 0)
        second = [one for one in near if one.ms // 1000 == item.ms // 1000]
        legs = self._legs(near, move.asset)
        alike = [part for part in legs if (part[1][1] > 0) is (change > 0)]
        ways = [
            *([part] for part in alike),
            *([part for part in alike if part[0] in among] for among in (second, near)),
            *(self._legs([one], move.asset) for one in near),  # net of a fee in the same asset
            *(self._legs(among, move.asset) for among in (second, near)),
        ]
        for group in ways:
            if group and self._is_near(change, total(leg[1] for _, leg in group), move.asset):
                for one, leg in group:
                    self._left.setdefault(one, list(one.legs)).remove(leg)
                return True
        return False

    def _legs(self, items: Iterable[Item], asset: str) -> list[tuple[Item, Leg]]:
        """What fills changed of an asset, a leg each, as far as no row has used them up."""
        return [
            (one, leg) for one in items for leg in self._left.get(one, one.legs) if leg[0] == asset
        ]

    def _follows(self, item: Item, move: Transfer) -> bool:
        """Whether the result of a position follows from its fills: the one that closed it is there,
        and states no result of its own."""
        return any(
            isinstance(one.record, Fill)
            and one.record.symbol == move.symbol
            and one.record.realised_pnl is None
            for one in self._known.contracts_near(item, move.symbol, WITHIN_MS)
        )

    def _are_equal(self, item: Item, others: Figures) -> bool:
        first, second = item.assets
        if not self._is_near(item.size, others.size, first):
            return item.cost is None and (
                self._is_near(item.size, EXACT.add(others.size, others.fee), first)
                or self._is_near(EXACT.add(item.size, item.fee), others.size, first)
            )
        if item.cost is None:
            return True
        cost = others.cost or ZERO
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


def decimals(value: Decimal) -> int:
    """How many digits a figure has behind the point."""
    return max(0, -int(value.as_tuple().exponent))

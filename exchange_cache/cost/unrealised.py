"""The unrealised PnL of positions, and how much of it the totals of wallets already contain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from exchange_cache.money import EXACT, ZERO, published
from exchange_cache.records import MARGIN, Balance, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Unrealised PnL that wallets' totals contain: the positions, and the amount by (account,
    asset)."""

    keys: frozenset[tuple[str, str, str, str]]
    by_place: Mapping[tuple[str, str], Decimal]

    @property
    def by_asset(self) -> Mapping[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
        with localcontext(EXACT):
            for (_, asset), amount in self.by_place.items():
                sums[asset] += amount
        return sums


def unrealised_inside(positions: Iterable[Position], balances: Iterable[Balance]) -> Inside:
    including = {
        (one.account, one.wallet, one.asset) for one in balances if one.includes_unrealised
    }
    found = [one for one in positions if (one.account, one.wallet, one.settle_asset) in including]
    sums: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    with localcontext(EXACT):
        for position in found:
            sums[position.account, position.settle_asset] += unrealised_of(position) or ZERO
    return Inside(keys=frozenset(one.key for one in found), by_place=sums)


def unrealised_of(position: Position) -> Decimal | None:
    """As the exchange reports it, or from entry and mark price; in the settle asset."""
    if position.unrealised_pnl is not None:
        return position.unrealised_pnl
    entry, mark, size = position.entry_price, position.mark_price, entry_size(position)
    if not entry or not mark:
        return None
    sign = 1 if position.side == "long" else -1
    if is_inverse(position):
        return published(sign * size * (mark - entry) / (entry * mark))
    return sign * size * (mark - entry)


def entry_size(position: Position) -> Decimal:
    """What the entry price turns into the settle asset: base units, for inverse contracts quote
    units.

    A margin position whose margin is the base asset gains in it as an inverse contract does, but
    its size is in base units.
    """
    size = position.contracts * position.contract_size
    if position.category == MARGIN and position.entry_price and is_inverse(position):
        return size * position.entry_price
    return size


def is_inverse(position: Position) -> bool:
    return (
        position.category == "inverse" or position.symbol.split("/", 1)[0] == position.settle_asset
    )

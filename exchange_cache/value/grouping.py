"""Groups a reading by asset, account, wallet or exchange; the groups add up to the total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from exchange_cache.money import EXACT, ZERO, published
from exchange_cache.value.ordering import GROUPINGS, group_name, price_at

if TYPE_CHECKING:
    from exchange_cache.value.reading import Holding, PortfolioReading


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupValue:
    """One group: ``value`` of its priced holdings and of its positions' unrealised PnL; ``share``
    is a fraction of the total."""

    name: str
    value: Decimal
    holdings_value: Decimal
    positions_value: Decimal
    share: Decimal | None
    unpriced_assets: tuple[str, ...]
    quantities: Mapping[str, Decimal]


@dataclass(slots=True)
class _Sum:
    holdings: Decimal = ZERO
    positions: Decimal = ZERO
    unpriced: set[str] = field(default_factory=set)
    quantities: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))


def group_values(
    reading: PortfolioReading, by: str, *, exchange_of: Mapping[str, str] | None = None
) -> tuple[GroupValue, ...]:
    """Groups by value, the largest first. ``exchange_of`` maps accounts to exchanges (for
    ``exchange``)."""
    if by not in GROUPINGS:
        raise ValueError(f"group by one of {', '.join(GROUPINGS)}, not {by!r}")
    names = exchange_of or {}
    with localcontext(EXACT):
        sums: dict[str, _Sum] = defaultdict(_Sum)
        for holding in reading.holdings:
            _add(sums, holding, by, names)
        for own in reading.positions:
            if not own.in_wallet and own.unrealised_value is not None:
                place = group_name(
                    by, own.position.settle_asset, own.position.account, own.position.wallet, names
                )
                sums[place].positions += own.unrealised_value
        groups = [_group(name, one, reading.totals.value) for name, one in sums.items()]
        return tuple(sorted(groups, key=lambda group: (-group.value, group.name)))


def _add(sums: dict[str, _Sum], holding: Holding, by: str, names: Mapping[str, str]) -> None:
    for part in holding.wallets:
        group = sums[group_name(by, holding.asset, part.account, part.wallet, names)]
        group.quantities[holding.asset] += part.total
        price = price_at(holding, part.account)
        if price is None:
            group.unpriced.add(holding.asset)
        else:
            group.holdings += part.total * price


def _group(name: str, one: _Sum, total: Decimal) -> GroupValue:
    value = one.holdings + one.positions
    return GroupValue(
        name=name,
        value=value,
        holdings_value=one.holdings,
        positions_value=one.positions,
        share=published(value / total) if total > 0 else None,
        unpriced_assets=tuple(sorted(one.unpriced)),
        quantities=dict(one.quantities),
    )

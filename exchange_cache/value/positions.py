"""Open positions with their results in the reporting asset."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from exchange_cache.cost.unrealised import entry_size, is_inverse, unrealised_of
from exchange_cache.money import published
from exchange_cache.records import DataType, Position
from exchange_cache.value.freshness import Ages
from exchange_cache.value.price_graph import PriceGraph
from exchange_cache.value.reading import PositionReading


def _entry_notional(position: Position) -> Decimal | None:
    """The notional at entry, in the settle asset."""
    if not position.entry_price:
        return None
    size = entry_size(position)
    return size / position.entry_price if is_inverse(position) else size * position.entry_price


def read_position(
    position: Position, graph: PriceGraph, ages: Ages, *, inside: bool
) -> PositionReading:
    unrealised, quote = (
        unrealised_of(position),
        graph.quote(position.settle_asset, position.account),
    )
    notional, mark, liquidation = (
        _entry_notional(position),
        position.mark_price,
        position.liquidation_price,
    )
    aged = ages.is_stale(position.account, DataType.POSITIONS, position.fetched_at)
    return PositionReading(
        position=position,
        unrealised_value=None if unrealised is None or quote is None else unrealised * quote.value,
        unrealised_fraction=published(unrealised / notional)
        if unrealised is not None and notional
        else None,
        liquidation_distance=published(abs(liquidation - mark) / mark)
        if liquidation and mark
        else None,
        in_wallet=inside,
        stale=aged or (quote is not None and quote.stale),
    )


def unpriced_settlements(positions: Iterable[PositionReading]) -> set[str]:
    """The assets of results that are known, and that no price converts."""
    return {
        one.position.settle_asset
        for one in positions
        if one.unrealised_value is None and unrealised_of(one.position) is not None
    }

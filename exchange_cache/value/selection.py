"""A reading of some assets: their holdings, the positions that trade or settle in them, and totals
of these alone. Shares stay those of the whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal, localcontext

from exchange_cache.money import EXACT, ZERO
from exchange_cache.value.day_change import Held, day_change
from exchange_cache.value.positions import unpriced_settlements
from exchange_cache.value.reading import Holding, PortfolioReading, PositionReading, Totals


def selected(reading: PortfolioReading, assets: Collection[str]) -> PortfolioReading:
    """The reading of these assets; all of it without any."""
    if not assets:
        return reading
    holdings = tuple(one for one in reading.holdings if one.asset in assets)
    positions = tuple(one for one in reading.positions if _concerns(one, assets))
    warnings = tuple(one for one in reading.warnings if one.asset is None or one.asset in assets)
    with localcontext(EXACT):
        totals = _totals(holdings, positions, reading.reporting_asset)
    return replace(
        reading, holdings=holdings, positions=positions, warnings=warnings, totals=totals
    )


def _concerns(one: PositionReading, assets: Collection[str]) -> bool:
    base = one.position.symbol.partition("/")[0]
    return base in assets or one.position.settle_asset in assets


def _totals(
    held: tuple[Holding, ...], own: tuple[PositionReading, ...], reporting_asset: str
) -> Totals:
    """As of the whole: results of positions count as value unless a wallet contains them."""
    outside = [one for one in own if not one.in_wallet]
    value = _sum(one.value for one in held) + _sum(one.unrealised_value for one in outside)
    stale = _sum(one.stale_value for one in held)
    stale += _sum(one.unrealised_value for one in outside if one.stale)
    unpriced = {one.asset for one in held if one.value is None}
    unpriced |= unpriced_settlements(outside)
    change, change_value = day_change(
        [Held(one.asset, one.value, one.change_24h) for one in held], reporting_asset
    )
    return Totals(
        value=value,
        priced_value=value - stale,
        stale_value=stale,
        unpriced_assets=tuple(sorted(unpriced)),
        realised_pnl=_known(one.realised_pnl for one in held),
        unrealised_pnl=_known(
            [*(one.unrealised_pnl for one in held), *(one.unrealised_value for one in own)]
        ),
        change_24h=change,
        change_24h_value=change_value,
    )


def _sum(figures: Iterable[Decimal | None]) -> Decimal:
    return sum((one for one in figures if one is not None), ZERO)


def _known(figures: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None if nothing is."""
    known = [one for one in figures if one is not None]
    return sum(known, ZERO) if known else None

"""Past prices in the reporting asset, as the cost basis looks them up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.money import rounded, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The value of one unit in the reporting asset; ``resolution`` is the width of the candle in
    seconds (0: exact)."""

    value: Decimal
    route: tuple[str, ...] = ()
    resolution: int = 0

    def note(self, asset: str) -> str:
        """``1 USD = 0.999 by USDT/USD@main, priced by the day``."""
        by = " x ".join(self.route) or "the rate given"
        how = priced_by(self.resolution)
        return f"1 {asset} = {to_text(rounded(self.value))} by {by}" + (
            f", priced by the {how}" if how else ""
        )


_WIDTHS = {3_600: "hour", 86_400: "day", 604_800: "week"}


def priced_by(resolution: int) -> str | None:
    """The width of a candle (seconds) in words; None for an exact rate."""
    return _WIDTHS.get(resolution, f"{resolution} s") if resolution else None


class RateLookup(Protocol):
    """Past prices in the reporting asset, never of that asset itself; None if unknown."""

    def rate(self, asset: str, at: datetime) -> Rate | None: ...


@dataclass(frozen=True, slots=True)
class Rates:
    """A lookup that also knows the reporting asset's own rate, 1, and an asset's other codes: where
    it has no market of its own, the code before or after it was renamed prices it."""

    lookup: RateLookup
    reporting_asset: str
    assets: AssetEvents = field(default_factory=AssetEvents)

    def rate(self, asset: str, at: datetime) -> Rate | None:
        return self._rate(asset, at, frozenset())

    def _rate(self, asset: str, at: datetime, tried: frozenset[str]) -> Rate | None:
        if asset == self.reporting_asset:
            return Rate(value=Decimal(1))
        found = self.lookup.rate(asset, at)
        if found is not None:
            return found
        tried |= {asset}
        for code, given, units in self.assets.other_codes(asset, at):
            if code not in tried and (other := self._rate(code, at, tried)) is not None:
                return replace(other, value=other.value * given / units)
        return None

    def value(self, asset: str, quantity: Decimal, at: datetime) -> Decimal | None:
        """The value of the quantity at that time; None without a rate."""
        found = self.rate(asset, at)
        return None if found is None else rounded(quantity * found.value)

"""Costs in another asset than the one that they are stored in, computed from nothing, row by row.

A rate in that asset is a stored one, or the stored rate in the reporting asset times that of the
reporting asset itself: so one series of candles is all that a whole history needs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import localcontext

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.averages import stream_bases
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.ledger.events import StatedBasis
from exchange_cache.ledger.rates import Rate, Rates
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.money import EXACT
from exchange_cache.sync.all_events import all_events
from exchange_cache.sync.costs import CostSettings, ledger_of
from exchange_cache.sync.known_rates import KnownRates
from exchange_cache.sync.rates import hour_of


class CrossRates:
    """Rates in ``quote``; ``missing`` collects the hours of the reporting asset that were never
    requested."""

    def __init__(
        self, repository: ExchangeCacheRepository, quote: str, reporting_asset: str
    ) -> None:
        self._derived = repository.derived
        self._own = KnownRates(repository.derived, quote)
        self._base = KnownRates(repository.derived, reporting_asset)
        self._quote, self._reporting = quote, reporting_asset
        self.missing: set[tuple[str, datetime]] = set()

    def rate(self, asset: str, at: datetime) -> Rate | None:
        if asset == self._reporting:
            return self.of_reporting(at)
        found = self._own.rate(asset, at)
        if found is not None:
            return found
        base = self._base.rate(asset, at)
        if base is None:
            return None
        whole = self.of_reporting(at)
        return None if whole is None else _times(base, whole)

    def of_reporting(self, at: datetime) -> Rate | None:
        """The value of one unit of the reporting asset, by its own rate or by the other's."""
        found = self._own.rate(self._reporting, at)
        if found is not None:
            return found
        turned = self._base.rate(self._quote, at)
        if turned is not None and turned.value:
            with localcontext(EXACT):
                return replace(turned, value=1 / turned.value)
        hour = hour_of(at)
        if not self._derived.is_requested(self._reporting, self._quote, hour):
            self.missing.add((self._reporting, hour))
        return None


def _times(one: Rate, other: Rate) -> Rate:
    with localcontext(EXACT):
        return Rate(
            value=one.value * other.value,
            route=(*one.route, *other.route),
            resolution=max(one.resolution, other.resolution),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedCosts:
    """Every cost in another asset; ``missing``: the rates (asset, hour) to request for the rest."""

    bases: tuple[AssetBasis, ...]
    missing: frozenset[tuple[str, datetime]]


def quoted_costs(
    repository: ExchangeCacheRepository, settings: CostSettings, quote: str
) -> QuotedCosts:
    """The costs of all stored fills and transfers in ``quote``."""
    rates = CrossRates(repository, quote, settings.reporting_asset)
    ledger = ledger_of(repository, settings)
    timeline = Timeline(
        repository.ledger_rows(ledger.inputs.without, streamed=True),
        rates=Rates(rates, quote, settings.assets),
        assets=settings.assets,
        stated=[one for item in ledger.inputs.stated if (one := _stated(item, rates))],
        cash=ledger.cash,
        income=settings.income,
    )
    bases = stream_bases(
        all_events(timeline),
        reporting_asset=quote,
        methods=(Method(settings.method),),
        dust=ledger.inputs.dust,
    )
    return QuotedCosts(bases=tuple(bases), missing=frozenset(rates.missing))


def _stated(item: StatedBasis, rates: CrossRates) -> StatedBasis | None:
    """A cost that the user stated, at the rate of its time; None where that is not known."""
    whole = rates.of_reporting(item.at)
    if whole is None:
        return None
    with localcontext(EXACT):
        return replace(item, price=item.price * whole.value)

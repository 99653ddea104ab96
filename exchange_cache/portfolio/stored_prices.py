"""Prices of earlier moments from the cache: candles, fills, snapshots, current tickers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock
from exchange_cache.portfolio.series import printed_prices
from exchange_cache.records import Fill, Price
from exchange_cache.value.past_prices import DAY, PastPrices, Sighting, fill_sightings


class StoredPrices:
    """Past prices in one reporting asset; candles and fills are read once, on first use."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        clock: Clock,
        asset: str,
        fills: Callable[[], tuple[Fill, ...]],
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._asset = asset
        self._fills = fills
        self._prices: PastPrices | None = None

    def nearest(self, asset: str, moment: datetime) -> Decimal | None:
        """The price of one unit, quoted directly within a day of ``moment``."""
        found = self._seen().nearest(asset, self._asset, moment)
        if found is not None:
            return found
        return PastPrices(self._printed(moment)).nearest(asset, self._asset, moment)

    def forget(self) -> None:
        """Read candles and fills again, after some were fetched."""
        self._prices = None

    def _seen(self) -> PastPrices:
        if self._prices is None:
            self._prices = PastPrices([*self._rates(), *fill_sightings(self._fills())])
        return self._prices

    def _rates(self) -> Iterator[Sighting]:
        """Candles, each at its end: its value is the closing price."""
        for rate in self._repository.derived.rates(self._asset):
            if rate.value is not None:
                at = rate.at + timedelta(seconds=rate.resolution_s)
                yield Sighting(
                    base=rate.asset, quote=rate.quote, at=at, value=rate.value, source="candle"
                )

    def _printed(self, moment: datetime) -> Iterator[Sighting]:
        """The prices of the last snapshot in the day before a moment, else of the first in the day
        after."""
        before = self._repository.derived.snapshots(
            since=moment - DAY, until=moment + timedelta(milliseconds=1), newest=1
        )
        until = min(moment + DAY, self._clock.now() + timedelta(milliseconds=1))
        for snapshot in before or self._repository.derived.snapshots(since=moment, until=until)[:1]:
            for asset, at, value in printed_prices(snapshot):
                yield Sighting(
                    base=asset,
                    quote=snapshot.reporting_asset,
                    at=at,
                    value=value,
                    source="snapshot",
                )

    def of(self, moment: datetime) -> tuple[Price, ...]:
        """All prices of a moment's day, with current tickers if they are of that day."""
        found = (*self._seen().day(moment), *PastPrices(self._printed(moment)).day(moment))
        if self._clock.now() - moment > DAY:
            return found
        return (
            *found,
            *(
                one
                for one in self._repository.mirror.prices()
                if abs(one.fetched_at - moment) <= DAY
            ),
        )

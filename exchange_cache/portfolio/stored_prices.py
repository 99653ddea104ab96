"""Prices of earlier moments from the cache: candles, fills, snapshots, current tickers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, from_ms, to_ms
from exchange_cache.portfolio.series import printed_prices
from exchange_cache.records import Price
from exchange_cache.value.past_prices import DAY, HOUR, PastPrices, Sighting

#: The widest candle.
LONGEST = timedelta(weeks=1)
MILLISECOND = timedelta(milliseconds=1)


class StoredPrices:
    """Past prices in one reporting asset. Candles and fills of a span are read once: of the days
    beside a moment, or beside all that ``cover`` names."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        clock: Clock,
        asset: str,
        accounts: Collection[str],
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._asset = asset
        self._accounts = frozenset(accounts)
        self._prices: PastPrices | None = None
        self._since = self._until = clock.now()

    def nearest(self, asset: str, moment: datetime, *, of_then: bool = False) -> Decimal | None:
        """The price of one unit, quoted directly within a day of ``moment``. ``of_then``: that can
        be the price of the moment itself, which a change is computed from."""
        found = self._seen(moment).nearest(asset, self._asset, moment, of_then=of_then)
        if found is not None:
            return found
        printed = PastPrices(self._printed(moment))
        return printed.nearest(asset, self._asset, moment, of_then=of_then)

    def cover(self, since: datetime, until: datetime) -> None:
        """Read the prices of all moments of a span at once."""
        self._since, self._until, self._prices = since, until, None

    def forget(self) -> None:
        """Read candles and fills again, after some were fetched."""
        self._prices = None

    def _seen(self, moment: datetime) -> PastPrices:
        """The prices of a span with a moment."""
        if not self._since <= moment <= self._until:
            self.cover(moment, moment)
        if self._prices is None:
            self._prices = PastPrices([*self._rates(), *self._trades()])
        return self._prices

    def _trades(self) -> Iterator[Sighting]:
        """What the trades paid that may price a moment of the span."""
        everybody = self._repository.ledger_rows().accounts()
        rows = self._repository.ledger_rows(everybody - self._accounts)
        start, end = to_ms(self._since - DAY), to_ms(self._until + DAY + MILLISECOND)
        for base, quote, at_ms, price, account in rows.trade_prices(start, end):
            at, value = from_ms(at_ms), Decimal(price)
            yield Sighting(base=base, quote=quote, at=at, value=value, source=account)

    def _rates(self) -> Iterator[Sighting]:
        """Candles, each at its end: its value is the closing price."""
        since, until = self._since - DAY - LONGEST, self._until + DAY + MILLISECOND
        for rate in self._repository.derived.rates(self._asset, since=since, until=until):
            if rate.value is not None:
                at = rate.at + timedelta(seconds=rate.resolution_s)
                yield Sighting(
                    base=rate.asset,
                    quote=rate.quote,
                    at=at,
                    value=rate.value,
                    source="candle",
                    opened=rate.at,
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
        found = (*self._seen(moment).day(moment), *PastPrices(self._printed(moment)).day(moment))
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

    def of_then(self, moment: datetime) -> tuple[Price, ...]:
        """Those of them that can be the prices of the moment itself."""
        return tuple(one for one in self.of(moment) if one.fetched_at - moment <= HOUR)

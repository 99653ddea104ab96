"""The stored rates, each read when it is first needed: a long history needs few of them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange_cache.cache.derived import Derived
from exchange_cache.cache.stored import StoredRate
from exchange_cache.ledger.rates import Rate
from exchange_cache.sync.rates import StoredRates, hour_of

#: So many rates are kept in memory.
_KEPT = 20_000


class KnownRates(StoredRates):
    """Like ``StoredRates``, of one reporting asset."""

    def __init__(self, derived: Derived, reporting_asset: str) -> None:
        super().__init__(())
        self._derived, self._quote = derived, reporting_asset
        self._looked_up: set[tuple[str, datetime]] = set()

    def rate(self, asset: str, at: datetime) -> Rate | None:
        place = (asset, hour_of(at))
        if place not in self._looked_up:
            if len(self._looked_up) >= _KEPT:
                self._forget()
            self._looked_up.add(place)
            found = self._derived.rate(asset, self._quote, place[1])
            if found is not None:
                self._rates[place] = found
        return super().rate(asset, at)

    def add(self, rates: Iterable[StoredRate]) -> None:
        super().add(rates)
        self._forget()

    def hours(self) -> set[tuple[str, datetime]]:
        return {(rate.asset, rate.at) for rate in self._derived.rates(self._quote)}

    def _forget(self) -> None:
        self._rates.clear()
        self._looked_up.clear()

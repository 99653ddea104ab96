"""The stored rates, read when they are first needed: a long history needs few of them again.

A history needs the rates of an asset in the order of their hours, so some of the next ones are read
with each, and more of them the longer that goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from exchange_cache.cache.derived import Derived
from exchange_cache.cache.stored import StoredRate
from exchange_cache.ledger.rates import Rate
from exchange_cache.sync.rates import StoredRates, hour_of

#: So many rates are kept in memory.
_KEPT = 20_000
#: So many rates of an asset are read at first, and at most.
_FEW, _MANY = 2, 512
_NO_END = datetime.max.replace(tzinfo=UTC)


class _Read(NamedTuple):
    """The hours of an asset whose rates are read, both included, and how many were read last."""

    first: datetime
    last: datetime
    rows: int


class KnownRates(StoredRates):
    """Like ``StoredRates``, of one reporting asset."""

    def __init__(self, derived: Derived, reporting_asset: str) -> None:
        super().__init__(())
        self._derived, self._quote = derived, reporting_asset
        self._read: dict[str, _Read] = {}

    def rate(self, asset: str, at: datetime) -> Rate | None:
        read, hour = self._read.get(asset), hour_of(at)
        if read is None or not read.first <= hour <= read.last:
            self._read_from(asset, hour, read)
        return super().rate(asset, at)

    def add(self, rates: Iterable[StoredRate]) -> None:
        super().add(rates)
        self._forget()

    def hours(self) -> set[tuple[str, datetime]]:
        return {(rate.asset, rate.at) for rate in self._derived.rates(self._quote)}

    def _read_from(self, asset: str, hour: datetime, read: _Read | None) -> None:
        """Read the next rates of an asset."""
        if len(self._rates) >= _KEPT:
            self._forget()
        goes_on = read is not None and hour > read.last
        count = min(_MANY, 2 * read.rows) if read is not None and goes_on else _FEW
        found = self._derived.rates_from(asset, self._quote, hour, count)
        self._rates.update({(asset, one.at): one for one in found})
        last = found[-1].at if len(found) == count else _NO_END
        self._read[asset] = _Read(hour, last, count)

    def _forget(self) -> None:
        self._rates.clear()
        self._read.clear()

"""The venue as one exchange shows it while row faults, another clock or unlisted markets are
switched on: what dialects ask in place of the venue.

Without a fault it answers as the venue does. The books, and everything that changes them, are the
venue's own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from exchange_cache.simulator.misbehaviour import OtherClock, Row, RowFault, Unlisted
from exchange_cache.simulator.venue import (
    Conversion,
    Entry,
    Fill,
    Income,
    Market,
    Order,
    Transfer,
    Venue,
)

Active = Callable[[], tuple[object, ...]]


class Shown(Venue):
    """`Shown(venue, exchange, active)`; `active` returns the faults that are switched on."""

    def __init__(self, venue: Venue, exchange: str, active: Active) -> None:
        self._venue, self._exchange, self._active = venue, exchange, active
        self.seed, self.start_ms, self.lock = venue.seed, venue.start_ms, venue.lock
        self.state, self.trader = venue.state, venue.trader
        self.moves, self.loans = venue.moves, venue.loans
        self.clock = self.now

    def now(self) -> int:
        ahead = (
            fault.by_ms
            for fault in self._active()
            if isinstance(fault, OtherClock) and fault.exchange == self._exchange
        )
        return self._venue.now() + sum(ahead)

    def markets(
        self, exchange: str, kind: str | None = None, *, listed_at: int | None = None
    ) -> list[Market]:
        known = super().markets(exchange, kind)
        for fault in self._active():
            if isinstance(fault, Unlisted) and fault.exchange == exchange:
                known = [m for market in known if (m := _unlisted(market, fault)) is not None]
        return [m for m in known if listed_at is None or m.trades_at(listed_at)]

    def market_by_id(self, exchange: str, market_id: str, kind: str = "spot") -> Market | None:
        """What the history names is found, listed or not."""
        known = super().markets(exchange, kind)
        return next((market for market in known if market.id == market_id), None)

    def fills(self, account: str, **options: Any) -> list[Fill]:
        return self._shown(super().fills(account, **options))

    def fill(self, account: str, symbol: str, fill_id: str) -> Fill | None:
        return self._one(super().fill(account, symbol, fill_id))

    def orders(self, account: str, **options: Any) -> list[Order]:
        return self._shown(super().orders(account, **options))

    def closed_orders(self, account: str, **options: Any) -> list[Order]:
        return self._shown(super().closed_orders(account, **options))

    def order(self, account: str, symbol: str, order_id: str) -> Order | None:
        return self._one(super().order(account, symbol, order_id))

    def transfers(self, account: str, **options: Any) -> list[Transfer]:
        return self._shown(super().transfers(account, **options))

    def conversions(self, account: str, **options: Any) -> list[Conversion]:
        return self._shown(super().conversions(account, **options))

    def incomes(self, account: str, **options: Any) -> list[Income]:
        return self._shown(super().incomes(account, **options))

    def entries(self, account: str, **options: Any) -> list[Entry]:
        return self._shown(super().entries(account, **options))

    def _one(self, row: Row | None) -> Row | None:
        """A row asked by its id is found although no list shows it: other rows refer to it."""
        return None if row is None else next(iter(self._shown([row])), row)

    def _shown(self, rows: list[Row]) -> list[Row]:
        faults = [fault for fault in self._active() if isinstance(fault, RowFault)]
        if not faults:
            return rows
        now_ms, found = self.now(), []
        for row in rows:
            shown: Row | None = row
            for fault in faults:
                if shown is not None and fault.concerns(row):
                    shown = fault.shown(shown, now_ms)
            if shown is not None:
                found.append(shown)
        return found


def _unlisted(market: Market, fault: Unlisted) -> Market | None:
    if market.symbol != fault.symbol:
        return market
    return None if fault.purged else dataclasses.replace(market, listed_until=fault.at_ms)

"""The venue's memory: records on their shelves, balances, positions, ids. No decisions, only
keeping and finding."""

from __future__ import annotations

from collections.abc import Mapping

from exchange_cache.simulator.venue.books import Books
from exchange_cache.simulator.venue.derivatives import Positions
from exchange_cache.simulator.venue.ids import IdMaker
from exchange_cache.simulator.venue.prices import PricePath
from exchange_cache.simulator.venue.profile import Profile
from exchange_cache.simulator.venue.records import (
    Account,
    Conversion,
    CostEdit,
    Fill,
    Income,
    LoanEvent,
    Market,
    Order,
    Transfer,
)
from exchange_cache.simulator.venue.timeline import Shelf

Keys = tuple[tuple[str, ...], ...]


def _by_market(record: Fill | Order) -> Keys:
    return (
        (record.account,),
        (record.account, record.kind),
        (record.account, record.kind, record.symbol),
    )


def _by_kind(record: Transfer | Conversion | Income | LoanEvent) -> Keys:
    return ((record.account,), (record.account, record.kind))


class State:
    """Everything that happened and stands at the venue."""

    def __init__(
        self, seed: int, profiles: Mapping[str, Profile], accounts: Mapping[str, Account]
    ) -> None:
        self.prices = PricePath(seed)
        self.profiles = dict(profiles)
        self.accounts = dict(accounts)
        self.ids = {name: IdMaker(item.exchange, seed) for name, item in accounts.items()}
        self._seq = 0
        self.books = Books(self.ids, self.next_seq)
        self.positions = Positions()
        self.fills: Shelf[Fill] = Shelf(_by_market)
        self.orders: Shelf[Order] = Shelf(_by_market)
        self.closed: Shelf[Order] = Shelf(_by_market)
        self.open: dict[tuple[str, str, str], Order] = {}
        self.order_by_id: dict[tuple[str, str, str], Order] = {}
        self.fill_by_id: dict[tuple[str, str, str], Fill] = {}
        self.transfers: Shelf[Transfer] = Shelf(_by_kind)
        self.conversions: Shelf[Conversion] = Shelf(_by_kind)
        self.incomes: Shelf[Income] = Shelf(_by_kind)
        self.loans: Shelf[LoanEvent] = Shelf(_by_kind)
        self.cost_edits: list[CostEdit] = []
        self.fill_count = 0
        self.markets: dict[tuple[str, str], Market] = {
            (exchange, market.symbol): market
            for exchange, profile in profiles.items()
            for market in profile.markets
        }

    def next_seq(self) -> int:
        """A number that rises by one with every record of the venue."""
        self._seq += 1
        return self._seq

    def profile_of(self, account: str) -> Profile:
        return self.profiles[self.accounts[account].exchange]

    def add_order(self, order: Order) -> None:
        key = (order.account, order.symbol, order.id)
        self.orders.add(order.created_ms, order)
        self.order_by_id[key] = order
        self.open[key] = order

    def close_order(self, order: Order) -> None:
        del self.open[(order.account, order.symbol, order.id)]
        self.closed.add(order.updated_ms, order)

    def add_fill(self, fill: Fill) -> None:
        self.fill_count += 1
        self.fills.add(fill.time_ms, fill)
        self.fill_by_id[(fill.account, fill.symbol, fill.id)] = fill

"""What the books of cost realised on each day: the newest day of a book is in its state, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.fold import Holding
from exchange_cache.money import ZERO

_BOOK = "(SELECT id FROM cost_books WHERE account = ? AND asset = ?)"
_INSERT = "INSERT INTO cost_days (book, method, day, amount)"
_REPLACE = "ON CONFLICT (book, method, day) DO UPDATE SET amount = EXCLUDED.amount"


class CostDays:
    """The table ``cost_days``."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def store(self, book: int, method: Method, state: AssetState) -> None:
        """Store the days of a state, which keeps the newest of them."""
        days = [(day.isoformat(), str(amount)) for day, amount in state.by_day.items()]
        self._database.run_all(
            f"{_INSERT} VALUES (?, ?, ?, ?) {_REPLACE}", [(book, str(method), *day) for day in days]
        )
        if state.by_day:
            state.stored_until = last = max(state.by_day)
            state.by_day = {last: state.by_day[last]}

    def copy(self, pool: Holding, book: int) -> None:
        """Give a new pool the stored days of its first account before it had a pool."""
        query = (
            f"{_INSERT} SELECT CAST(? AS BIGINT), method, day, amount FROM cost_days"
            f" WHERE book = {_BOOK} AND method = ? AND day < ? {_REPLACE}"
        )
        self._database.run_all(
            query,
            [
                (book, pool.origin, pool.asset, str(state.book.method), until.isoformat())
                for state in pool.states
                if (until := state.stored_until) is not None
            ],
        )

    def joined(
        self, basis: AssetBasis, holding: Holding, state: AssetState, method: Method
    ) -> AssetBasis:
        """The basis of a state of a holding with what was realised on the stored days, too.
        ``method``: whose days they are."""
        if state.stored_until is None:
            return basis
        account = holding.origin or holding.account
        known = self.between(account, basis.asset, date.min, state.stored_until, method)
        days = (*sorted(known.items()), *basis.realised_by_day)
        return replace(basis, realised_by_day=days)

    def between(
        self, account: str, asset: str, first: date, end: date, method: Method = Method.AVERAGE
    ) -> dict[date, Decimal]:
        """What a book realised on each day from the first to before the last."""
        query = (
            f"SELECT day, amount FROM cost_days WHERE book = {_BOOK} AND method = ?"
            " AND day >= ? AND day < ?"
        )
        values = (account, asset, str(method), first.isoformat(), end.isoformat())
        found = self._database.select(query, values)
        return {date.fromisoformat(day): Decimal(amount) for day, amount in found}

    def add(
        self,
        account: str,
        asset: str,
        more: Mapping[date, Decimal],
        newest: Mapping[date, Decimal],
    ) -> None:
        """Add to what a book without lots realised on some days. ``newest``: the newest day as its
        newest state had it; that may be its only place."""
        known = {
            day: self.between(account, asset, day, day + timedelta(days=1)).get(
                day, newest.get(day, ZERO)
            )
            for day in more
        }
        self._database.run_all(
            f"{_INSERT} VALUES ({_BOOK}, '{Method.AVERAGE}', ?, ?) {_REPLACE}",
            [(account, asset, day.isoformat(), str(known[day] + more[day])) for day in more],
        )

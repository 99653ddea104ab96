"""Mirror tables: each part is replaced as a whole in one transaction, so nothing sold stays
visible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from exchange_cache.cache.codec import Row
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.models import (
    BALANCES,
    ORDERS,
    POSITIONS,
    PRICES,
    BalanceRow,
    OrderRow,
    PositionRow,
    PriceRow,
)
from exchange_cache.cache.orm import EXCLUDED, Expression, Model
from exchange_cache.cache.reading import MirrorReading
from exchange_cache.records import Balance, Order, OrderStatus, Position, Price


def insert_many(
    database: CacheDatabase, model: type[Model], table_rows: Sequence[Row], conflict: str
) -> int:
    """Insert rows that have the same columns; returns the number of affected rows. ``conflict`` is
    ignore, replace or fail."""
    if not table_rows:
        return 0
    query = _insert(model, table_rows[0])
    if conflict == "ignore":
        query = query.on_conflict_ignore()
    elif conflict == "replace":
        query = query.on_conflict_replace()
    return database.run_each(query, _values(table_rows))


def _insert(model: Any, row: Row) -> Any:
    """A query that inserts one row; its columns are in the order of the row."""
    fields = [model._meta.fields[name] for name in row]
    return model.insert_many([tuple(row.values())], fields=fields)


def _values(table_rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
    names = tuple(table_rows[0])
    if all(tuple(row) == names for row in table_rows):
        return (tuple(row.values()) for row in table_rows)
    return (tuple(row[name] for name in names) for row in table_rows)


def upsert(
    database: CacheDatabase,
    model: Any,
    table_rows: Sequence[Row],
    keep: str,
    values: Mapping[str, Any] | None = None,
) -> tuple[int, int]:
    """Insert new rows and update those that differ; returns how many were new and how many changed.

    The column ``keep`` is never updated. ``values`` are expressions for columns whose stored value
    stays when the new row does not report one.
    """
    new = insert_many(database, model, table_rows, "ignore")
    if new == len(table_rows):
        return new, 0
    return new, update_known(database, model, table_rows, keep, values)


def update_known(
    database: CacheDatabase,
    model: Any,
    table_rows: Sequence[Row],
    keep: str,
    values: Mapping[str, Any] | None = None,
) -> int:
    """Update the stored rows that differ, as ``upsert`` does; how many changed."""
    key = model._meta.primary_key.field_names
    changing = [name for name in table_rows[0] if name not in key and name != keep]
    following = {name: (values or {}).get(name, getattr(EXCLUDED, name)) for name in changing}
    differs = reduce(
        or_,
        (Expression(getattr(model, name), "IS NOT", value) for name, value in following.items()),
    )
    query = _insert(model, table_rows[0]).on_conflict(
        conflict_target=[getattr(model, name) for name in key],
        update={getattr(model, name): value for name, value in following.items()},
        where=differs,
    )
    return database.run_each(query, _values(table_rows))


class Mirror(MirrorReading):
    """The present state at the exchanges, as of the last success of each part."""

    def __init__(self, database: CacheDatabase) -> None:
        super().__init__(database)
        self._database = database

    def replace_balances(self, account: str, wallet: str, balances: Iterable[Balance]) -> None:
        with self._database.write():
            self._database.run(
                BalanceRow.delete().where(
                    BalanceRow.account == account, BalanceRow.wallet == wallet
                )
            )
            insert_many(
                self._database, BalanceRow, [BALANCES.encode(item) for item in balances], "replace"
            )

    def keep_wallets(self, account: str, wallets: Iterable[str]) -> None:
        """Delete the wallets that are no longer read (switched off in the configuration)."""
        with self._database.write():
            self._database.run(
                BalanceRow.delete().where(
                    BalanceRow.account == account, BalanceRow.wallet.not_in(list(wallets))
                )
            )

    def replace_positions(self, account: str, part: str, positions: Iterable[Position]) -> None:
        with self._database.write():
            self._database.run(
                PositionRow.delete().where(PositionRow.account == account, PositionRow.part == part)
            )
            insert_many(
                self._database,
                PositionRow,
                [POSITIONS.encode(item, part=part) for item in positions],
                "replace",
            )

    def keep_positions(self, account: str, parts: Iterable[str]) -> None:
        """Delete the positions of parts that are no longer read."""
        with self._database.write():
            self._database.run(
                PositionRow.delete().where(
                    PositionRow.account == account, PositionRow.part.not_in(list(parts))
                )
            )

    def replace_prices(self, account: str, category: str, prices: Iterable[Price]) -> None:
        """Replace the tickers of one category. A symbol that lost its price keeps the old price and
        time."""
        fresh = [PRICES.encode(item) for item in prices if item.value is not None]
        with self._database.write():
            insert_many(self._database, PriceRow, fresh, "replace")

    def replace_open_orders(
        self, account: str, category: str, orders: Iterable[Order], seen_ms: int
    ) -> int:
        """Replace the open list of one category; returns how many orders are new.

        Orders no longer in it become ``unknown`` until the history reports how they ended.
        """
        fresh = [ORDERS.encode(item, seen_ms=seen_ms, served_by=None) for item in orders]
        listed = {(row["symbol"], row["order_id"]) for row in fresh}
        with self._database.write():
            open_rows = self._database.rows(
                OrderRow.select(OrderRow.symbol, OrderRow.order_id).where(
                    OrderRow.account == account,
                    OrderRow.category == category,
                    OrderRow.status == str(OrderStatus.OPEN),
                )
            )
            for symbol, order_id in open_rows:
                if (symbol, order_id) not in listed:
                    self._database.run(
                        OrderRow.update(status=str(OrderStatus.UNKNOWN)).where(
                            OrderRow.account == account,
                            OrderRow.category == category,
                            OrderRow.symbol == symbol,
                            OrderRow.order_id == order_id,
                        )
                    )
            keeps = {"served_by": OrderRow.served_by}  # no history served it now
            new, _ = upsert(self._database, OrderRow, fresh, "seen_ms", keeps)
        return new

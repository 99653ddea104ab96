"""Compares stored orders with stored fills: what an order reports as filled but no fill shows, and
what fills show but no stored order reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.ledger_models import FillRow
from exchange_cache.cache.models import OrderRow
from exchange_cache.cache.orm import JOIN, Case, fn
from exchange_cache.cache.revisions import only_counting
from exchange_cache.cache.table import selected
from exchange_cache.records import DataType, FillKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulOrder:
    """An order that its stored fills contradict: none of them is stored, or (spot and margin) they
    add up to another quantity."""

    category: str
    symbol: str
    order_id: str
    created_ms: int
    updated_ms: int | None


_DOUBTFUL_ORDERS = Codec(DoubtfulOrder)
#: How far the sum of an order's fills may fall short of its report: exchanges round.
SHORT = 1e-6
#: Orders counted in the base asset, whose fills can be summed; contracts have many units.
ADDED_UP = ("spot", "margin")


def orders_beyond_fills(database: CacheDatabase, account: str) -> tuple[DoubtfulOrder, ...]:
    """Orders that report more than their stored fills, except in markets with fills that name no
    order.

    The comparison only raises an alarm, so it is in floating point: no figure of it is kept or
    shown.
    """
    executed = _executed(account)
    per_market = only_counting(_per_market(executed), FillRow, DataType.FILLS)
    per_order = only_counting(_per_order(executed), FillRow, DataType.FILLS)
    filled = OrderRow.filled.cast("REAL")
    short = OrderRow.category.in_(ADDED_UP) & (per_order.c.q < filled * (1 - SHORT))
    own_market = (per_market.c.c == OrderRow.category) & (per_market.c.s == OrderRow.symbol)
    query = (
        selected(OrderRow, _DOUBTFUL_ORDERS)
        .join(per_order, JOIN.LEFT_OUTER, on=_own_order(per_order))
        .switch(OrderRow)
        .join(per_market, JOIN.LEFT_OUTER, on=own_market)
        .where(OrderRow.account == account, filled > 0, fn.COALESCE(per_market.c.n, 0) == 0)
        .where(per_order.c.q.is_null() | short)
    )
    return _DOUBTFUL_ORDERS.read(database.rows(only_counting(query, OrderRow, DataType.ORDERS)))


def orders_behind_fills(database: CacheDatabase, account: str) -> tuple[DoubtfulOrder, ...]:
    """Orders counted in the base asset that report less than their stored fills: they are stored as
    they were before the last of these."""
    fills = only_counting(_per_order(_executed(account)), FillRow, DataType.FILLS)
    per_order, filled = fills, OrderRow.filled.cast("REAL")
    query = (
        selected(OrderRow, _DOUBTFUL_ORDERS)
        .join(per_order, on=_own_order(per_order))
        .where(OrderRow.account == account, OrderRow.category.in_(ADDED_UP))
        .where(per_order.c.q > filled * (1 + SHORT))
    )
    return _DOUBTFUL_ORDERS.read(database.rows(only_counting(query, OrderRow, DataType.ORDERS)))


def orders_not_stored(database: CacheDatabase, account: str) -> tuple[DoubtfulOrder, ...]:
    """Orders that are not stored although fills name them. When they were placed is not known: they
    stand as created with the first of their fills."""
    known = OrderRow.select(OrderRow.order_id).where(OrderRow.account == account)
    query = (
        FillRow.select(
            FillRow.category,
            FillRow.symbol,
            FillRow.order_id,
            fn.MIN(FillRow.time_ms).alias("created_ms"),
            fn.MAX(FillRow.time_ms).alias("updated_ms"),
        )
        .where(_executed(account), FillRow.order_id.is_null(False))
        .where(FillRow.order_id.not_in(known))
        .group_by(FillRow.category, FillRow.symbol, FillRow.order_id)
    )
    return _DOUBTFUL_ORDERS.read(database.rows(only_counting(query, FillRow, DataType.FILLS)))


def fill_before(
    database: CacheDatabase, account: str, category: str, symbol: str, before_ms: int
) -> str | None:
    """The id of the newest fill of a market that is stored from before an instant."""
    query = (
        FillRow.select(FillRow.fill_id)
        .where(
            _executed(account),
            FillRow.category == category,
            FillRow.symbol == symbol,
            FillRow.time_ms < before_ms,
        )
        .order_by(FillRow.time_ms.desc(), FillRow.fill_id.desc())
        .limit(1)
    )
    found = database.value(query)
    return None if found is None else str(found)


def _executed(account: str) -> Any:
    return (FillRow.account == account) & FillRow.kind.in_(
        [str(FillKind.TRADE), str(FillKind.LEVERAGED)]
    )


def _own_order(per_order: Any) -> Any:
    return (
        (per_order.c.c == OrderRow.category)
        & (per_order.c.s == OrderRow.symbol)
        & (per_order.c.o == OrderRow.order_id)
    )


def _per_market(executed: Any) -> Any:
    """Per market, the number of fills that name no order."""
    nameless = fn.SUM(Case(None, [(FillRow.order_id.is_null(), 1)], 0))
    return (
        FillRow.select(FillRow.category.alias("c"), FillRow.symbol.alias("s"), nameless.alias("n"))
        .where(executed)
        .group_by(FillRow.category, FillRow.symbol)
    )


def _per_order(executed: Any) -> Any:
    """Per order, the sum of its fills."""
    size = fn.SUM(FillRow.quantity.cast("REAL"))
    return (
        FillRow.select(
            FillRow.category.alias("c"),
            FillRow.symbol.alias("s"),
            FillRow.order_id.alias("o"),
            size.alias("q"),
        )
        .where(executed, FillRow.order_id.is_null(False))
        .group_by(FillRow.category, FillRow.symbol, FillRow.order_id)
    )

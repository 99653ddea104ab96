"""How far a history was certainly read, by the exchange's clock: the newest row of a walk."""

from __future__ import annotations

from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.ledger_models import FillRow, TransferRow
from exchange_cache.cache.models import OrderRow
from exchange_cache.cache.orm import fn
from exchange_cache.cache.streams import StreamKey
from exchange_cache.records import DataType, FillKind

_MODEL: dict[DataType, Any] = {
    DataType.FILLS: FillRow,
    DataType.ORDERS: OrderRow,
    DataType.TRANSFERS: TransferRow,
}


def newest_time(
    database: CacheDatabase, key: StreamKey, until_ms: int, category: str | None, kind: FillKind
) -> int | None:
    """The time of the newest row of a history not later than ``until_ms``; None without one.

    Orders whose final state is unknown are ignored: they come from open lists, not from the
    history.
    """
    model = _MODEL[key.data_type]
    time = OrderRow.created_ms if model is OrderRow else model.time_ms
    query = model.select(fn.MAX(time)).where(model.account == key.account, time <= until_ms)
    if model is TransferRow:
        query = query.where(TransferRow.scope == key.scope)
    elif category is not None:
        query = query.where(model.category == category)
    if model is FillRow:
        query = query.where(FillRow.kind == str(kind))
    if model is OrderRow:
        query = query.where(OrderRow.status.not_in(["open", "unknown"]))
    if key.symbol:
        query = query.where(model.symbol == key.symbol)
    found = database.value(query)
    return None if found is None else int(found)

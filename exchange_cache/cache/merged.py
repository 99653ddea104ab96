"""The tables of the ledger that files add to, each with the one of what files state for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.codecs import FILLS, ORDERS, TRANSFERS
from exchange_cache.cache.imported_models import (
    IMPORTED_FILLS,
    IMPORTED_ORDERS,
    IMPORTED_TRANSFERS,
    ImportedFillRow,
    ImportedOrderRow,
    ImportedTransferRow,
)
from exchange_cache.cache.ledger_models import FillRow, TransferRow
from exchange_cache.cache.models import OrderRow
from exchange_cache.records import Fill, Order, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A table of the ledger and the one of what files state for it. ``time`` is the column of
    their time, ``figure`` that of the amount which says whether two rows are one."""

    record: type
    ledger: str
    model: Any
    imported: str
    stated_model: Any
    codec: Codec[Any]
    stated: Codec[Any]
    key: tuple[str, ...]
    time: str = "time_ms"
    figure: str = "quantity"


#: What rows without ids are compared with.
COMPARED = (
    Merged(
        record=Fill,
        ledger="exchange_fills",
        model=FillRow,
        imported="imported_fills",
        stated_model=ImportedFillRow,
        codec=FILLS,
        stated=IMPORTED_FILLS,
        key=("account", "category", "symbol", "fill_id"),
    ),
    Merged(
        record=Transfer,
        ledger="exchange_transfers",
        model=TransferRow,
        imported="imported_transfers",
        stated_model=ImportedTransferRow,
        codec=TRANSFERS,
        stated=IMPORTED_TRANSFERS,
        key=("account", "scope", "transfer_id"),
    ),
)
#: Orders move nothing, so files state them by the API's ids alone.
BY_ID = Merged(
    record=Order,
    ledger="exchange_orders",
    model=OrderRow,
    imported="imported_orders",
    stated_model=ImportedOrderRow,
    codec=ORDERS,
    stated=IMPORTED_ORDERS,
    key=("account", "category", "symbol", "order_id"),
    time="created_ms",
    figure="filled",
)
KINDS = (*COMPARED, BY_ID)

"""What exchanges changed afterwards, as records; light, because ``status`` needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from exchange_cache.cache.codec import Codec
from exchange_cache.records import DataType, Fill, Order, Transfer

#: The columns that say what happened, beside the key. A version of a row is kept when one of them
#: changes.
STATED: Mapping[DataType, frozenset[str]] = {
    DataType.FILLS: frozenset(
        {
            "time_ms",
            "side",
            "base",
            "quote",
            "quantity",
            "price",
            "cost",
            "fees",
            "settle",
            "contracts",
            "realised_pnl",
        }
    ),
    DataType.ORDERS: frozenset({"side", "status", "amount", "filled", "average", "cost"}),
    DataType.TRANSFERS: frozenset(
        {"kind", "time_ms", "asset", "quantity", "fee", "fee_asset", "status"}
    ),
}


class Change(StrEnum):
    """What became of a row after it was stored."""

    CHANGED = "changed"
    VANISHED = "vanished"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKey:
    """Which row of the ledger: ``place`` is its category, of transfers the scope."""

    account: str
    data_type: DataType
    place: str
    symbol: str  # "" of transfers
    row_id: str

    @property
    def record_key(self) -> tuple[str, ...]:
        """The ``key`` of the record."""
        symbol = () if self.data_type is DataType.TRANSFERS else (self.symbol,)
        return (self.account, self.place, *symbol, self.row_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an exchange stated of a row until it stated something else. ``former`` are the columns
    of the row as they were."""

    id: int = 0
    row: RowKey
    what: Change
    former: Mapping[str, Any]
    seen_at: datetime
    replaced_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A row that its history did not serve where it should have; ``vanished_at``: nor once more,
    later."""

    row: RowKey
    served_by: str
    stream_symbol: str
    at: datetime
    missed_at: datetime
    vanished_at: datetime | None = None


def row_key(record: Fill | Order | Transfer) -> RowKey:
    """The key of the row that holds a record."""
    if isinstance(record, Transfer):
        place, symbol, row_id = record.scope, "", record.transfer_id
        kind = DataType.TRANSFERS
    elif isinstance(record, Fill):
        place, symbol, row_id = record.category, record.symbol, record.fill_id
        kind = DataType.FILLS
    else:
        place, symbol, row_id = record.category, record.symbol, record.order_id
        kind = DataType.ORDERS
    return RowKey(account=record.account, data_type=kind, place=place, symbol=symbol, row_id=row_id)


VERSIONS = Codec(Version, numbered=True)
ABSENCES = Codec(Absence)

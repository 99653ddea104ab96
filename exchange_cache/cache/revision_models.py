"""The tables of what exchanges changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.table import table
from exchange_cache.records import DataType, Fill, Order, Transfer


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


#: Append-only: each former version of a row that an exchange changed or took back.
VERSIONS = Codec(Version, numbered=True)
VersionRow = table("ledger_versions", VERSIONS, key=("id",))

#: The rows that are missing from their history now. The row itself stays where it is; what has
#: vanished is read by nobody who counts.
ABSENCES = Codec(Absence)
AbsenceRow = table(
    "ledger_absences", ABSENCES, key=("account", "data_type", "place", "symbol", "row_id")
)

"""Rows of markets that nobody can name yet, kept as the exchange sent them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class UnidentifiedRow:
    """One raw row whose market neither the exchange's list nor its ids identify.

    It counts as nothing: it has no asset and no category until its market is known. ``scope`` is
    the history that served it (or the list of what is open), ``symbol`` what was asked for, where
    that is asked per symbol. ``row_id`` is the row's own id, or a digest of the row; ``row`` is the
    row as JSON, without secrets. ``time`` is None where only the market could tell it.
    """

    account: str
    data_type: DataType
    scope: str
    row_id: str
    symbol: str
    market_id: str
    reason: str
    time: datetime | None
    row: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.account, str(self.data_type), self.scope, self.row_id

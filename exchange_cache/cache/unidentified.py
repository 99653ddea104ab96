"""The table of rows whose market is not known: kept as they were sent, until it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from exchange_cache.cache import storing
from exchange_cache.cache.codec import Codec
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.revisions import Revisions
from exchange_cache.cache.streams import StreamKey
from exchange_cache.cache.table import selected, table
from exchange_cache.clock import to_ms
from exchange_cache.records import DataType
from exchange_cache.unidentified import UnidentifiedRow

#: Never keyed by its market: that is what is not known. A row that is sent again (an order that
#: grew) replaces what it was.
UNIDENTIFIED = Codec(UnidentifiedRow, extra={"seen_ms": "integer"})
UnidentifiedTable = table(
    "unidentified_rows", UNIDENTIFIED, key=("account", "data_type", "scope", "row_id")
)

#: Where the rows of a data type are once their market is known: table, id and time.
_STORED = {
    DataType.FILLS: ("exchange_fills", "fill_id", "time_ms"),
    DataType.ORDERS: ("exchange_orders", "order_id", "created_ms"),
}


class Unidentified:
    """What waits for its market."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def rows(
        self,
        account: str | None = None,
        data_type: DataType | None = None,
        scope: str | None = None,
    ) -> tuple[UnidentifiedRow, ...]:
        """The rows (of an account, of a data type, of a history) in the order of their time."""
        model: Any = UnidentifiedTable
        query = selected(model, UNIDENTIFIED).order_by(
            model.time_ms.is_null(False), model.time_ms, model.row_id
        )
        chosen = {"account": account, "data_type": data_type and str(data_type), "scope": scope}
        for name, value in chosen.items():
            if value is not None:
                query = query.where(getattr(model, name) == value)
        return UNIDENTIFIED.read(self._database.rows(query))

    def replace(
        self,
        account: str,
        data_type: DataType,
        scope: str,
        rows: Iterable[UnidentifiedRow],
        now: datetime,
    ) -> None:
        """The rows of a list that is read whole take the place of those that it had."""
        model: Any = UnidentifiedTable
        with self._database.write():
            self._database.run(
                model.delete().where(
                    model.account == account,
                    model.data_type == str(data_type),
                    model.scope == scope,
                )
            )
            keep(self._database, rows, to_ms(now))

    def move(
        self, found: Mapping[UnidentifiedRow, Iterable[storing.Record]], now: datetime
    ) -> None:
        """Move rows whose market is known by now to their place. One that was fetched again in the
        meantime is the same record."""
        revisions = Revisions(self._database)
        with self._database.write():
            for row, made in found.items():
                key = StreamKey(
                    account=row.account,
                    data_type=row.data_type,
                    scope=row.scope,
                    symbol=row.symbol,
                )
                records = list(made)
                storing.save_records(self._database, key, records, to_ms(now), refresh=False)
                revisions.served(records, to_ms(now))
            _forget(self._database, found)

    @contextmanager
    def without(self, rows: Iterable[UnidentifiedRow]) -> Iterator[None]:
        """Remove rows in one transaction with what the caller does."""
        with self._database.write():
            _forget(self._database, rows)
            yield


def keep(database: CacheDatabase, rows: Iterable[UnidentifiedRow], seen_ms: int) -> None:
    """Store rows inside the caller's transaction, without those of contracts that are stored since
    the time when they were listed."""
    new = (row for row in rows if not _is_stored(database, row))
    encoded = [UNIDENTIFIED.encode(row, seen_ms=seen_ms) for row in new]
    insert_many(database, UnidentifiedTable, encoded, "replace")


def _forget(database: CacheDatabase, rows: Iterable[UnidentifiedRow]) -> None:
    """Delete rows that wait no more, inside the caller's transaction."""
    model: Any = UnidentifiedTable
    for row in rows:
        database.run(
            model.delete().where(
                model.account == row.account,
                model.data_type == str(row.data_type),
                model.scope == row.scope,
                model.row_id == row.row_id,
            )
        )


def _is_stored(database: CacheDatabase, row: UnidentifiedRow) -> bool:
    """Whether a row is a contract's fill or order that is known: by its id and its moment."""
    place = _STORED.get(row.data_type)
    if place is None or row.time is None:
        return False
    table, name, time = place
    found = database.select(
        f"SELECT 1 FROM {table} WHERE {time} = ? AND account = ? AND {name} = ?"
        " AND category IN ('linear', 'inverse', 'option') LIMIT 1",
        (to_ms(row.time), row.account, row.row_id.removeprefix(f"{row.market_id}:")),
    )
    return bool(found)

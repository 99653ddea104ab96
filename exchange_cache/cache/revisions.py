"""What exchanges changed afterwards: former versions of rows, and rows no longer served.

A row is missed when its history was asked whole and did not serve it, and it has vanished when that
happens once more, later. It returns when it is served again. Nothing is deleted: readers that
count leave out what has vanished.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from exchange_cache.booked import BookedFees
from exchange_cache.cache.codec import Row
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.orm import fn
from exchange_cache.cache.revision_models import (
    ABSENCES,
    Absence,
    AbsenceRow,
    Change,
    RowKey,
    row_key,
)
from exchange_cache.cache.revisions_reading import RevisionsReading
from exchange_cache.cache.storing import (
    KINDS,
    Kind,
    Record,
    count_changes,
    keep_versions,
    known_rows,
    served_by,
)
from exchange_cache.cache.streams import StreamKey
from exchange_cache.cache.table import selected
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType

#: So much later than the first time a row must be missed again: an exchange that answers badly
#: does so for minutes.
CONFIRMED_AFTER = timedelta(minutes=30)
_CONFIRMED_MS = CONFIRMED_AFTER // timedelta(milliseconds=1)


class Revisions(RevisionsReading):
    """Versions and absences of the rows of the ledger."""

    def __init__(self, database: CacheDatabase) -> None:
        super().__init__(database)
        self._database = database

    # --- writing ----------------------------------------------------------------------------------

    def compare(
        self,
        stream: StreamKey,
        span: Span,
        served: Collection[RowKey],
        now: datetime,
        reach_ms: int,
    ) -> None:
        """Mark the rows of a history that it did not serve although ``span`` was asked whole.

        Only rows that happened ``reach_ms`` after its beginning count: exchanges may go by another
        of their times than the one that is stored.
        """
        now_ms = to_ms(now)
        with self._database.write():
            for kind in KINDS:
                stored = self._rows(kind, stream, Span(span.start_ms, span.end_ms))
                missing = [
                    row
                    for row in stored
                    if row[kind.time] >= span.start_ms + reach_ms and kind.key(row) not in served
                ]
                self._mark(kind, stream, missing, now_ms)

    def _rows(self, kind: Kind, stream: StreamKey, span: Span) -> list[Row]:
        """The rows that came with a history (of one symbol, where it is asked per symbol), happened
        in a span and count."""
        model = kind.model
        time = getattr(model, kind.time)
        query = model.select(*(getattr(model, name) for name in kind.columns)).where(
            model.account == stream.account,
            model.served_by == served_by(stream),
            time >= span.start_ms,
            time < span.end_ms,
        )
        if stream.symbol:
            query = query.where(model.symbol == stream.symbol)
        if kind.data_type is DataType.ORDERS:  # one that filled nothing is dropped early by many
            query = query.where(model.filled.is_null(False), model.filled != "0")
            query = query.where(fn.COALESCE(model.updated_ms, 0) < span.end_ms)
        rows = [dict(zip(kind.columns, row, strict=True)) for row in self._database.rows(query)]
        return [row for row in rows if kind.settled(row)]

    def _mark(self, kind: Kind, stream: StreamKey, missing: Sequence[Row], now_ms: int) -> None:
        """Note what is missing, and what is for the second time; all else of this history is not
        marked any more."""
        if not missing:
            return
        known = {one.row: one for one in self.absences(stream.account)}
        fresh = [row for row in missing if kind.key(row) not in known]
        insert_many(
            self._database,
            AbsenceRow,
            [ABSENCES.encode(_absence(kind, stream, row, now_ms)) for row in fresh],
            "ignore",
        )
        gone = [
            row
            for row in missing
            if (found := known.get(kind.key(row))) is not None
            and found.vanished_at is None
            and now_ms - to_ms(found.missed_at) >= _CONFIRMED_MS
        ]
        for row in gone:
            self._database.run(AbsenceRow.update(vanished_ms=now_ms).where(*_is(kind.key(row))))
        keep_versions(self._database, kind, gone, Change.VANISHED, now_ms)
        if kind.data_type is not DataType.ORDERS:
            count_changes(self._database, len(gone), now_ms)

    def served(self, records: Collection[Record], now_ms: int) -> None:
        """Forget that these were missed: they are served. To be called inside a transaction."""
        if not records or not self.any():
            return
        keys = {row_key(one) for one in records if not isinstance(one, BookedFees)}
        accounts = {key.account for key in keys}
        known = [one for name in accounts for one in self.absences(name) if one.row in keys]
        for one in known:
            self._database.run(AbsenceRow.delete().where(*_is(one.row)))
        back = [one.row for one in known if one.vanished_at is not None]
        for kind in KINDS:
            own = {key for key in back if key.data_type is kind.data_type}
            rows = known_rows(self._database, kind, map(_as_row(kind), own))
            keep_versions(self._database, kind, rows.values(), Change.RETURNED, now_ms)
            if kind.data_type is not DataType.ORDERS:
                count_changes(self._database, len(rows), now_ms)

    def give_up(self, account: str, history: tuple[str, str], before_ms: int) -> None:
        """Forget the rows of a history that were missed once and happened before ``before_ms``:
        they cannot be asked for again."""
        source, symbol = history
        query = AbsenceRow.delete().where(
            AbsenceRow.account == account,
            AbsenceRow.served_by == source,
            AbsenceRow.stream_symbol == symbol,
            AbsenceRow.vanished_ms.is_null(True),
            AbsenceRow.at_ms < before_ms,
        )
        with self._database.write():
            self._database.run(query)

    # --- reading ----------------------------------------------------------------------------------

    def absences(self, account: str | None = None) -> tuple[Absence, ...]:
        """The rows that are missing now, those missed once included."""
        query = selected(AbsenceRow, ABSENCES).order_by(AbsenceRow.at_ms)
        if account is not None:
            query = query.where(AbsenceRow.account == account)
        return ABSENCES.read(self._database.rows(query))

    def missed(self, account: str) -> dict[tuple[str, str], int]:
        """By history and symbol: when the oldest row happened that was missed once."""
        found: dict[tuple[str, str], int] = {}
        for one in self.absences(account):
            if one.vanished_at is None:
                found.setdefault((one.served_by, one.stream_symbol), to_ms(one.at))
        return found


def only_counting(query: Any, model: Any, data_type: DataType) -> Any:
    """A query without the rows that have vanished."""
    kind = next(kind for kind in KINDS if kind.data_type is data_type)
    gone = AbsenceRow.select(AbsenceRow.row_id).where(
        AbsenceRow.account == model.account,
        AbsenceRow.data_type == str(data_type),
        AbsenceRow.place == getattr(model, kind.place),
        AbsenceRow.symbol == (getattr(model, kind.symbol) if kind.symbol else ""),
        AbsenceRow.row_id == getattr(model, kind.row_id),
        AbsenceRow.vanished_ms.is_null(False),
    )
    return query.where(~fn.EXISTS(gone))


def _is(key: RowKey) -> tuple[Any, ...]:
    return (
        AbsenceRow.account == key.account,
        AbsenceRow.data_type == str(key.data_type),
        AbsenceRow.place == key.place,
        AbsenceRow.symbol == key.symbol,
        AbsenceRow.row_id == key.row_id,
    )


def _absence(kind: Kind, stream: StreamKey, row: Row, now_ms: int) -> Absence:
    return Absence(
        row=kind.key(row),
        served_by=served_by(stream),
        stream_symbol=stream.symbol,
        at=from_ms(row[kind.time]),
        missed_at=from_ms(now_ms),
    )


def _as_row(kind: Kind) -> Any:
    """From a key to the columns that ``Kind.key`` reads."""

    def made(key: RowKey) -> Row:
        symbol = {kind.symbol: key.symbol} if kind.symbol else {}
        return {"account": key.account, kind.place: key.place, kind.row_id: key.row_id, **symbol}

    return made

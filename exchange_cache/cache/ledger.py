"""Ledger tables: what happened. Rows and the progress of their stream are written in one
transaction; no row is ever dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from exchange_cache.cache import storing
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.ledger_models import (
    COVERAGE,
    STREAMS,
    CoverageRow,
    FillRow,
    StreamRow,
    TransferRow,
)
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.models import OrderRow
from exchange_cache.cache.orm import fn
from exchange_cache.cache.places import ordered_places, traded_assets, traded_places
from exchange_cache.cache.reading import LedgerReading
from exchange_cache.cache.revisions import Revisions
from exchange_cache.cache.streams import CoveredSpan, StreamKey, StreamState
from exchange_cache.cache.table import selected
from exchange_cache.cache.unidentified import keep
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.unidentified import UnidentifiedRow

_MODEL = {DataType.FILLS: FillRow, DataType.ORDERS: OrderRow, DataType.TRANSFERS: TransferRow}


class Ledger(LedgerReading):
    """Fills, orders and transfers, and the coverage of their histories."""

    def __init__(self, database: CacheDatabase) -> None:
        super().__init__(database)
        self._database = database
        self.revisions: Revisions = Revisions(database)

    # --- writing ----------------------------------------------------------------------------------

    def save_page(
        self,
        state: StreamState,
        records: Iterable[storing.Record | UnidentifiedRow],
        seen_at: datetime,
        *,
        refresh: bool = False,
    ) -> int:
        """Write one page's rows and the stream's progress together; returns how many rows were new.

        Known rows are updated where they differ, and their former version is kept. A fill that
        reports less than the known one (no fees, no result) removes nothing, unless ``refresh``.
        """
        seen_ms = to_ms(seen_at)
        items, waiting = [], []
        for record in records:
            if isinstance(record, UnidentifiedRow):
                waiting.append(record)
            else:
                items.append(record)
        with self._database.write():
            keep(self._database, waiting, seen_ms)
            new = storing.save_records(self._database, state.key, items, seen_ms, refresh=refresh)
            self.revisions.served(items, seen_ms)
            self._save_state(replace(state, rows=state.rows + new))
        return new

    def save_state(self, state: StreamState) -> None:
        """Write only the progress (an empty window, an error, a newly discovered symbol)."""
        with self._database.write():
            self._save_state(state)

    def add_streams(self, keys: Iterable[tuple[StreamKey, str]]) -> None:
        """Remember symbols to request, with the reason; known ones stay unchanged."""
        new = [STREAMS.encode(StreamState(key=key, source=source)) for key, source in keys]
        if new:
            with self._database.write():
                insert_many(self._database, StreamRow, new, "ignore")

    def changes(self) -> int:
        """How often a known fill or transfer has changed; never decreases."""
        return storing.changes(self._database)

    def _save_state(self, state: StreamState) -> None:
        key = state.key
        self._database.run(StreamRow.insert(**STREAMS.encode(state)).on_conflict_replace())
        if self._covered(key) != tuple(state.covered):
            self._database.run(CoverageRow.delete().where(*_is(CoverageRow, key)))
            spans = [COVERAGE.encode(CoveredSpan(key=key, span=span)) for span in state.covered]
            insert_many(self._database, CoverageRow, spans, "replace")

    # --- reading progress -------------------------------------------------------------------------

    def _covered(self, key: StreamKey) -> tuple[Span, ...]:
        query = selected(CoverageRow, COVERAGE).where(*_is(CoverageRow, key))
        found = COVERAGE.read(self._database.rows(query.order_by(CoverageRow.start_ms)))
        return tuple(one.span for one in found)

    def states(
        self, account: str | None = None, data_type: DataType | None = None
    ) -> tuple[StreamState, ...]:
        """Every known stream (of an account, of a data type) with its coverage."""
        queries = []
        for model, codec in ((CoverageRow, COVERAGE), (StreamRow, STREAMS)):
            query = selected(model, codec).order_by(*_stream_of(model))
            if account is not None:
                query = query.where(model.account == account)
            if data_type is not None:
                query = query.where(model.data_type == str(data_type))
            queries.append(query)
        covered: dict[StreamKey, list[Span]] = {}
        with self._database.snapshot():
            for one in COVERAGE.read(self._database.rows(queries[0])):
                covered.setdefault(one.key, []).append(one.span)
            found = [
                STREAMS.decode(row, covered=Ranges()) for row in self._database.rows(queries[1])
            ]
        return tuple(
            replace(state, covered=Ranges.union_of(covered.get(state.key, []))) for state in found
        )

    def state(self, key: StreamKey) -> StreamState:
        """The progress of one stream; an empty one if it is new."""
        with self._database.snapshot():
            query = selected(StreamRow, STREAMS).where(*_is(StreamRow, key))
            found = self._database.rows(query)
            covered = Ranges.union_of(self._covered(key)) if found else Ranges()
        for row in found:
            return STREAMS.decode(row, covered=covered)
        return StreamState(key=key)

    def newest_id_before(self, key: StreamKey, category: str, before_ms: int) -> str | None:
        """The largest id of a row of a history that happened before a moment: where to go on, where
        ids are numbers and grow with time."""
        kind = next(kind for kind in storing.KINDS if kind.data_type is key.data_type)
        row_id = getattr(kind.model, kind.row_id)
        query = kind.model.select(fn.MAX(row_id.cast("INTEGER"))).where(
            kind.model.account == key.account,
            getattr(kind.model, kind.place) == category,
            getattr(kind.model, kind.time) < before_ms,
            ~(row_id % "*[^0-9]*"),  # GLOB
        )
        if key.symbol and kind.symbol:
            query = query.where(getattr(kind.model, kind.symbol) == key.symbol)
        found = self._database.value(query)
        return None if found is None else str(found)

    # --- reading rows -----------------------------------------------------------------------------

    def count(self, data_type: DataType, account: str | None = None) -> int:
        model: Any = _MODEL[data_type]
        query = model.select(fn.COUNT(1))
        if account is not None:
            query = query.where(model.account == account)
        return int(self._database.value(query))

    def has_more_fills(self, account: str, number: int) -> bool:
        """Whether an account has more fills than this; reads no more of them."""
        sql = "SELECT 1 FROM exchange_fills WHERE account = ? LIMIT 1 OFFSET ?"
        return bool(self._database.select(sql, (account, number)))

    def oldest_pending_transfer(self, account: str, scope: str, since_ms: int) -> int | None:
        """The time of the oldest pending transfer of a stream that is not older than
        ``since_ms``."""
        query = TransferRow.select(fn.MIN(TransferRow.time_ms)).where(
            TransferRow.account == account,
            TransferRow.scope == scope,
            TransferRow.status == "pending",
            TransferRow.time_ms >= since_ms,
        )
        found = self._database.value(query)
        return None if found is None else int(found)

    def oldest_order_ended_since(
        self,
        account: str,
        category: str,
        symbol: str | None,
        *,
        since_ms: int,
        made_since_ms: int,
    ) -> int | None:
        """When the oldest order was created, not before ``made_since_ms``, that was updated since
        a moment."""
        query = OrderRow.select(fn.MIN(OrderRow.created_ms)).where(
            OrderRow.account == account,
            OrderRow.category == category,
            OrderRow.updated_ms >= since_ms,
            OrderRow.created_ms >= made_since_ms,
        )
        if symbol:
            query = query.where(OrderRow.symbol == symbol)
        found = self._database.value(query)
        return None if found is None else int(found)

    def seen_symbols(self, account: str, category: str) -> frozenset[str]:
        """Every symbol of a category that this account has traded or ordered, converts excluded:
        they have no market to request."""
        found = (*traded_places(self._database, account), *ordered_places(self._database, account))
        return frozenset(symbol for own, symbol in found if own == category)

    def seen_assets(self, account: str) -> frozenset[str]:
        """Every asset in a fill or a transfer of this account."""
        moved = TransferRow.select(TransferRow.asset).where(TransferRow.account == account)
        return traded_assets(self._database, account) | self._values(moved)

    def assets_moved(self, account: str, wallet: str) -> frozenset[str]:
        """Every asset that a transfer added to or removed from a wallet of this account."""
        query = TransferRow.select(TransferRow.asset).where(
            TransferRow.account == account,
            (TransferRow.from_wallet == wallet) | (TransferRow.to_wallet == wallet),
        )
        return self._values(query)

    def seen_transfer_symbols(self, account: str) -> frozenset[str]:
        """Symbols of income rows (funding payments), which exchanges report without a request per
        symbol."""
        query = TransferRow.select(TransferRow.symbol).where(
            TransferRow.account == account, TransferRow.symbol.is_null(False)
        )
        return self._values(query)

    def _values(self, query: Any) -> frozenset[str]:
        """The distinct values of a query's only column."""
        return frozenset(value for (value,) in self._database.rows(query.distinct()))

    def oldest_unsettled_order(
        self,
        account: str,
        category: str,
        symbol: str | None,
        *,
        listed: bool = False,
        since_ms: int = 0,
    ) -> tuple[int, str] | None:
        """(created ms, id) of the oldest order whose final state is unknown; its history is
        requested again from there.

        ``listed``: an open list is read as well, so it decides about open orders. Orders last
        reported before ``since_ms`` are ignored.
        """
        unsettled = ["unknown"] if listed else ["open", "unknown"]
        query = (
            OrderRow.select(OrderRow.created_ms, OrderRow.order_id)
            .where(
                OrderRow.account == account,
                OrderRow.category == category,
                OrderRow.status.in_(unsettled),
            )
            .where(OrderRow.fetched_ms >= since_ms)
            .order_by(OrderRow.created_ms + 0)  # by the index of the status, not that of the time
            .limit(1)
        )
        if symbol:
            query = query.where(OrderRow.symbol == symbol)
        for created_ms, order_id in self._database.rows(query):
            return int(created_ms), str(order_id)
        return None


def _stream_of(model: Any) -> tuple[Any, ...]:
    """The columns that name a stream."""
    return model.account, model.data_type, model.scope, model.symbol


def _is(model: Any, key: StreamKey) -> Iterator[Any]:
    yield model.account == key.account
    yield model.data_type == str(key.data_type)
    yield model.scope == key.scope
    yield model.symbol == key.symbol

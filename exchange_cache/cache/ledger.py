"""Ledger tables: what happened. Rows and the progress of their stream are written in one
transaction; nothing is ever dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from peewee import EXCLUDED, Case, fn

from exchange_cache.cache.codec import Codec, Row
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.filter import ALL, Filter
from exchange_cache.cache.ledger_models import (
    COVERAGE,
    FILLS,
    STREAMS,
    TRANSFERS,
    CoverageRow,
    FillRow,
    StreamRow,
    TransferRow,
)
from exchange_cache.cache.mirror import insert_many, upsert
from exchange_cache.cache.models import ORDERS, MemoryRow, OrderRow
from exchange_cache.cache.streams import CoveredSpan, StreamKey, StreamState
from exchange_cache.cache.table import selected
from exchange_cache.cache.unidentified import forget, keep
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType, Fill, FillKind, Order, Transfer
from exchange_cache.unidentified import UnidentifiedRow

Record = Fill | Order | Transfer | UnidentifiedRow
#: Where changes of known rows are counted, for everybody.
_CHANGES = "ledger_changes"
#: What a known fill keeps where another version of it does not state it.
_KNOWN_OF_FILLS: Mapping[str, Any] = {
    **{
        name: fn.COALESCE(getattr(EXCLUDED, name), getattr(FillRow, name))
        for name in ("order_id", "liquidity", "realised_pnl")
    },
    "fees": Case(None, [(EXCLUDED.fees_known, EXCLUDED.fees)], FillRow.fees),
    "fees_known": fn.MAX(EXCLUDED.fees_known, FillRow.fees_known),
}
_MODEL = {DataType.FILLS: FillRow, DataType.ORDERS: OrderRow, DataType.TRANSFERS: TransferRow}


class Ledger:
    """Fills, orders and transfers, and the coverage of their histories."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    # --- writing ----------------------------------------------------------------------------------

    def save_page(
        self,
        state: StreamState,
        records: Iterable[Record],
        seen_at: datetime,
        *,
        refresh: bool = False,
    ) -> int:
        """Write one page's rows and the stream's progress together; the number of rows that were
        new.

        Known rows are updated where they differ; a fill that states less than the known one (no
        fees, no result) removes nothing, unless ``refresh``.
        """
        seen_ms = to_ms(seen_at)
        items = list(records)
        with self._database.write():
            new = self._save_records(items, seen_ms, refresh)
            self._save_state(replace(state, rows=state.rows + new))
        return new

    def identify(self, found: Mapping[UnidentifiedRow, Iterable[Record]], seen_at: datetime) -> int:
        """Move rows whose market is known by now to their place; the number of records that are
        new. One that was fetched again in the meantime is the same record."""
        with self._database.write():
            records = [record for made in found.values() for record in made]
            new = self._save_records(records, to_ms(seen_at), refresh=False)
            forget(self._database, found)
        return new

    def save_state(self, state: StreamState) -> None:
        """Write the progress alone (an empty window, an error, a newly discovered symbol)."""
        with self._database.write():
            self._save_state(state)

    def add_streams(self, keys: Iterable[tuple[StreamKey, str]]) -> None:
        """Remember symbols worth asking for, with the reason; known ones are left as they are."""
        new = [STREAMS.encode(StreamState(key=key, source=source)) for key, source in keys]
        if new:
            with self._database.write():
                insert_many(self._database, StreamRow, new, "ignore")

    def _save_records(self, items: list[Record], seen_ms: int, refresh: bool) -> int:
        """Each record into the table of its kind: a page of a ledger may hold transfers and,
        for converts, fills."""
        fills = [FILLS.encode(item, seen_ms=seen_ms) for item in items if isinstance(item, Fill)]
        orders = [ORDERS.encode(item, seen_ms=seen_ms) for item in items if isinstance(item, Order)]
        transfers = [
            TRANSFERS.encode(item, seen_ms=seen_ms) for item in items if isinstance(item, Transfer)
        ]
        new = (
            self._save_events(FillRow, fills, seen_ms, None if refresh else _KNOWN_OF_FILLS)
            if fills
            else 0
        )
        new += upsert(self._database, OrderRow, orders, "seen_ms")[0] if orders else 0
        keep(self._database, (one for one in items if isinstance(one, UnidentifiedRow)), seen_ms)
        return new + (self._save_events(TransferRow, transfers, seen_ms) if transfers else 0)

    def _save_events(
        self,
        model: Any,
        table_rows: list[Row],
        seen_ms: int,
        values: Mapping[str, Any] | None = None,
    ) -> int:
        """Upsert fills or transfers; that known ones changed is counted, since what was derived
        from them no longer holds."""
        new, changed = upsert(self._database, model, table_rows, "seen_ms", values)
        if changed:
            values = {
                "account": "",
                "key": _CHANGES,
                "value": str(self.changes() + changed),
                "updated_ms": seen_ms,
            }
            self._database.run(MemoryRow.insert(**values).on_conflict_replace())
        return new

    def changes(self) -> int:
        """How often a fill or transfer that was known turned out to be different; only ever
        grows."""
        query = MemoryRow.select(MemoryRow.value).where(
            MemoryRow.account == "", MemoryRow.key == _CHANGES
        )
        return int(self._database.value(query) or 0)

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
        """The progress of one stream; a blank one where it is new."""
        with self._database.snapshot():
            query = selected(StreamRow, STREAMS).where(*_is(StreamRow, key))
            found = self._database.rows(query)
            covered = Ranges.union_of(self._covered(key)) if found else Ranges()
        for row in found:
            return STREAMS.decode(row, covered=covered)
        return StreamState(key=key)

    # --- reading rows -----------------------------------------------------------------------------

    def fills(self, only: Filter = ALL) -> tuple[Fill, ...]:
        """Fills, oldest first unless ``newest_first``; so are orders and transfers."""
        query = _filtered(FillRow, FILLS, FillRow.time_ms, only)
        if only.kind is not None:
            query = query.where(FillRow.kind == str(only.kind))
        return FILLS.read(self._database.rows(_traded(FillRow, query, only.asset)))

    def orders(self, only: Filter = ALL) -> tuple[Order, ...]:
        query = _filtered(OrderRow, ORDERS, OrderRow.created_ms, only)
        if only.status is not None:
            query = query.where(OrderRow.status == str(only.status))
        return ORDERS.read(self._database.rows(_traded(OrderRow, query, only.asset)))

    def transfers(self, only: Filter = ALL) -> tuple[Transfer, ...]:
        query = _filtered(TransferRow, TRANSFERS, TransferRow.time_ms, only)
        if only.kind is not None:
            query = query.where(TransferRow.kind == str(only.kind))
        if only.asset is not None:
            query = query.where(TransferRow.asset == only.asset)
        return TRANSFERS.read(self._database.rows(query))

    def count(self, data_type: DataType, account: str | None = None) -> int:
        model: Any = _MODEL[data_type]
        query = model.select(fn.COUNT(1))
        if account is not None:
            query = query.where(model.account == account)
        return int(self._database.value(query))

    def oldest_pending_transfer(self, account: str, scope: str, since_ms: int) -> int | None:
        """When the oldest transfer of a stream began that is still on its way, among those not
        older than ``since_ms``."""
        query = TransferRow.select(fn.MIN(TransferRow.time_ms)).where(
            TransferRow.account == account,
            TransferRow.scope == scope,
            TransferRow.status == "pending",
            TransferRow.time_ms >= since_ms,
        )
        found = self._database.value(query)
        return None if found is None else int(found)

    def seen_symbols(self, account: str, category: str) -> frozenset[str]:
        """Every symbol of a category in which this account ever traded or ordered; converts and the
        like have no market to ask."""
        traded = FillRow.select(FillRow.symbol).where(
            FillRow.account == account,
            FillRow.category == category,
            FillRow.kind == str(FillKind.TRADE),
        )
        ordered = OrderRow.select(OrderRow.symbol).where(
            OrderRow.account == account, OrderRow.category == category
        )
        return self._values(traded) | self._values(ordered)

    def seen_assets(self, account: str) -> frozenset[str]:
        """Every asset that a fill or a transfer of this account ever touched."""
        fills = [FillRow.select(column) for column in (FillRow.base, FillRow.quote)]
        queries = [query.where(FillRow.account == account) for query in fills]
        queries.append(TransferRow.select(TransferRow.asset).where(TransferRow.account == account))
        return frozenset().union(*(self._values(query) for query in queries))

    def assets_moved(self, account: str, wallet: str) -> frozenset[str]:
        """Every asset that a transfer added to a wallet of this account or removed from it."""
        query = TransferRow.select(TransferRow.asset).where(
            TransferRow.account == account,
            (TransferRow.from_wallet == wallet) | (TransferRow.to_wallet == wallet),
        )
        return self._values(query)

    def seen_transfer_symbols(self, account: str) -> frozenset[str]:
        """Symbols named by income rows (funding payments), which exchanges report without a request
        per symbol."""
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
        """(created ms, id) of the oldest order whose end is not known yet, so that its history is
        requested again from there.

        ``listed``: an open list is read as well, so open orders are as it states. Those last
        reported before ``since_ms`` are given up.
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
            .order_by(OrderRow.created_ms)
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


def _traded(model: Any, query: Any, asset: str | None) -> Any:
    """Only what bought or sold an asset."""
    return query if asset is None else query.where((model.base == asset) | (model.quote == asset))


def _filtered(model: Any, codec: Codec[Any], time: Any, only: Filter) -> Any:
    row_id = getattr(model, model._meta.primary_key.field_names[-1])
    order = (time.desc(), row_id.desc()) if only.newest_first else (time, row_id)
    query = selected(model, codec).order_by(*order)
    if only.accounts is not None:
        query = query.where(model.account.in_(list(only.accounts)))
    if only.symbol is not None:
        query = query.where(model.symbol == only.symbol)
    if only.since is not None:
        query = query.where(time >= to_ms(only.since))
    if only.until is not None:
        query = query.where(time < to_ms(only.until))
    if only.seen_since is not None:
        query = query.where(model.seen_ms >= to_ms(only.seen_since))
    if only.seen_until is not None:
        query = query.where(model.seen_ms <= to_ms(only.seen_until))
    return query if only.limit is None else query.limit(only.limit)

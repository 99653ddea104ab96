"""Ledger tables: what happened. Rows and the progress of their stream are written in one
transaction; nothing is ever dropped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from peewee import EXCLUDED, Case, fn

from exchange_cache.cache.codec import Codec, Row
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many, upsert
from exchange_cache.cache.models import (
    FILLS,
    ORDERS,
    TRANSFERS,
    CoverageRow,
    FillRow,
    MemoryRow,
    OrderRow,
    StreamRow,
    TransferRow,
    selected,
)
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType, Fill, FillKind, Order, Transfer

Record = Fill | Order | Transfer
#: Where changes of known rows are counted, for everybody.
_CHANGES = "ledger_changes"
#: What stays of a known fill where another version of it does not say it.
_KNOWN_OF_FILLS: Mapping[str, Any] = {
    **{
        name: fn.COALESCE(getattr(EXCLUDED, name), getattr(FillRow, name))
        for name in ("order_id", "liquidity", "realised_pnl")
    },
    "fees": Case(None, [(EXCLUDED.fees_known, EXCLUDED.fees)], FillRow.fees),
    "fees_known": fn.MAX(EXCLUDED.fees_known, FillRow.fees_known),
}
_MODEL = {DataType.FILLS: FillRow, DataType.ORDERS: OrderRow, DataType.TRANSFERS: TransferRow}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamKey:
    """One walkable history: account, data type, scope of the policy, and the symbol where the
    exchange needs one ('' else)."""

    account: str
    data_type: DataType
    scope: str
    symbol: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """Where a walk stands. ``open`` with ``cursor`` is a window begun and not yet exhausted;
    ``covered`` holds exhausted ones.

    ``floor_ms`` is the oldest instant the exchange served when last asked; what lies before it and
    is not covered is out of retention. ``history_start_ms`` is where the history could begin at
    all.
    """

    key: StreamKey
    covered: Ranges = field(default_factory=Ranges)
    open: Span | None = None
    cursor: dict[str, object] = field(default_factory=dict)
    last_id: str | None = None
    floor_ms: int | None = None
    history_start_ms: int | None = None
    asked_ms: int | None = None
    completed_ms: int | None = None
    rows: int = 0
    state: str = "ok"
    error: str | None = None
    source: str | None = None


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

        Known rows are updated where they differ; a fill that says less than the known one (no fees,
        no result) takes nothing away, unless ``refresh``.
        """
        seen_ms = to_ms(seen_at)
        items = list(records)
        with self._database.write():
            new = self._save_records(items, seen_ms, refresh)
            self._save_state(replace(state, rows=state.rows + new))
        return new

    def save_state(self, state: StreamState) -> None:
        """Write the progress alone (an empty window, an error, a newly discovered symbol)."""
        with self._database.write():
            self._save_state(state)

    def add_streams(self, keys: Iterable[tuple[StreamKey, str]]) -> None:
        """Remember symbols worth asking for, with the reason; known ones are left as they are."""
        new = [
            {
                "account": key.account,
                "data_type": str(key.data_type),
                "scope": key.scope,
                "symbol": key.symbol,
                "rows": 0,
                "state": "ok",
                "source": source,
            }
            for key, source in keys
        ]
        if new:
            with self._database.write():
                insert_many(self._database, StreamRow, new, "ignore")

    def _save_records(self, items: list[Record], seen_ms: int, refresh: bool) -> int:
        """Each record into the table of its kind: a page of kraken's ledger holds transfers and,
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
        found = self._database.rows(query)
        return int(found[0][0]) if found else 0

    def _save_state(self, state: StreamState) -> None:
        key = state.key
        values = {
            "account": key.account,
            "data_type": str(key.data_type),
            "scope": key.scope,
            "symbol": key.symbol,
            "open_start_ms": state.open.start_ms if state.open else None,
            "open_end_ms": state.open.end_ms if state.open else None,
            "cursor": json.dumps(state.cursor) if state.cursor else None,
            "last_id": state.last_id,
            "floor_ms": state.floor_ms,
            "history_start_ms": state.history_start_ms,
            "asked_ms": state.asked_ms,
            "completed_ms": state.completed_ms,
            "rows": state.rows,
            "state": state.state,
            "error": state.error,
            "source": state.source,
        }
        self._database.run(StreamRow.insert(**values).on_conflict_replace())
        stored = self._database.rows(self._coverage(key))
        wanted = [(span.start_ms, span.end_ms) for span in state.covered]
        if [tuple(row) for row in stored] != wanted:
            self._database.run(CoverageRow.delete().where(*_is(CoverageRow, key)))
            insert_many(
                self._database,
                CoverageRow,
                [
                    {
                        "account": key.account,
                        "data_type": str(key.data_type),
                        "scope": key.scope,
                        "symbol": key.symbol,
                        "start_ms": start,
                        "end_ms": end,
                    }
                    for start, end in wanted
                ],
                "replace",
            )

    # --- reading progress -------------------------------------------------------------------------

    def _coverage(self, key: StreamKey) -> Any:
        return (
            CoverageRow.select(CoverageRow.start_ms, CoverageRow.end_ms)
            .where(*_is(CoverageRow, key))
            .order_by(CoverageRow.start_ms)
        )

    def states(
        self, account: str | None = None, data_type: DataType | None = None
    ) -> tuple[StreamState, ...]:
        """Every known stream (of an account, of a data type) with its coverage."""
        coverage_query = CoverageRow.select().order_by(
            CoverageRow.account,
            CoverageRow.data_type,
            CoverageRow.scope,
            CoverageRow.symbol,
            CoverageRow.start_ms,
        )
        query = StreamRow.select().order_by(
            StreamRow.account, StreamRow.data_type, StreamRow.scope, StreamRow.symbol
        )
        if account is not None:
            query = query.where(StreamRow.account == account)
            coverage_query = coverage_query.where(CoverageRow.account == account)
        if data_type is not None:
            query = query.where(StreamRow.data_type == str(data_type))
            coverage_query = coverage_query.where(CoverageRow.data_type == str(data_type))
        covered: dict[tuple[str, str, str, str], list[Span]] = {}
        with self._database.snapshot():
            for row in self._database.rows(coverage_query):
                covered.setdefault((row[0], row[1], row[2], row[3]), []).append(
                    Span(row[4], row[5])
                )
            return tuple(_to_state(row, covered) for row in self._database.rows(query))

    def state(self, key: StreamKey) -> StreamState:
        """The progress of one stream; a blank one where it is new."""
        with self._database.snapshot():
            found = self._database.rows(StreamRow.select().where(*_is(StreamRow, key)))
            if not found:
                return StreamState(key=key)
            spans = [Span(start, end) for start, end in self._database.rows(self._coverage(key))]
        index = (key.account, str(key.data_type), key.scope, key.symbol)
        return _to_state(found[0], {index: spans})

    # --- reading rows -----------------------------------------------------------------------------

    def fills(self, **wanted: Any) -> tuple[Fill, ...]:
        """Fills, oldest first by default.

        By ``accounts, asset, symbol, since, until, limit, seen_since, seen_until, newest_first,
        kind``.
        """
        query = _filtered(FillRow, FILLS, FillRow.time_ms, wanted)
        asset = wanted.get("asset")
        if asset is not None:
            query = query.where((FillRow.base == asset) | (FillRow.quote == asset))
        return FILLS.read(self._database.rows(query))

    def orders(self, **wanted: Any) -> tuple[Order, ...]:
        query = _filtered(OrderRow, ORDERS, OrderRow.created_ms, wanted)
        asset = wanted.get("asset")
        if asset is not None:
            query = query.where((OrderRow.base == asset) | (OrderRow.quote == asset))
        if wanted.get("status") is not None:
            query = query.where(OrderRow.status == str(wanted["status"]))
        return ORDERS.read(self._database.rows(query))

    def transfers(self, **wanted: Any) -> tuple[Transfer, ...]:
        query = _filtered(TransferRow, TRANSFERS, TransferRow.time_ms, wanted)
        if wanted.get("asset") is not None:
            query = query.where(TransferRow.asset == wanted["asset"])
        return TRANSFERS.read(self._database.rows(query))

    def count(self, data_type: DataType, account: str | None = None) -> int:
        model: Any = _MODEL[data_type]
        query = model.select(fn.COUNT(1))
        if account is not None:
            query = query.where(model.account == account)
        return int(self._database.rows(query)[0][0])

    def oldest_pending_transfer(self, account: str, scope: str, since_ms: int) -> int | None:
        """When the oldest transfer of a stream began that is still on its way, among those not
        older than ``since_ms``."""
        query = TransferRow.select(fn.MIN(TransferRow.time_ms)).where(
            TransferRow.account == account,
            TransferRow.scope == scope,
            TransferRow.status == "pending",
            TransferRow.time_ms >= since_ms,
        )
        found = self._database.rows(query)[0][0]
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
        return frozenset(
            row[0] for query in (traded, ordered) for row in self._database.rows(query.distinct())
        )

    def seen_assets(self, account: str) -> frozenset[str]:
        """Every asset that a fill or a transfer of this account ever touched."""
        found: set[str] = set()
        for column in (FillRow.base, FillRow.quote):
            found.update(
                row[0]
                for row in self._database.rows(
                    FillRow.select(column).where(FillRow.account == account).distinct()
                )
            )
        query = (
            TransferRow.select(TransferRow.asset).where(TransferRow.account == account).distinct()
        )
        found.update(row[0] for row in self._database.rows(query))
        return frozenset(found)

    def assets_moved(self, account: str, wallet: str) -> frozenset[str]:
        """Every asset that a transfer brought into a wallet of this account or took out of it."""
        query = TransferRow.select(TransferRow.asset).where(
            TransferRow.account == account,
            (TransferRow.from_wallet == wallet) | (TransferRow.to_wallet == wallet),
        )
        return frozenset(row[0] for row in self._database.rows(query.distinct()))

    def seen_transfer_symbols(self, account: str) -> frozenset[str]:
        """Symbols named by income rows (funding payments), which exchanges tell without being asked
        per symbol."""
        query = (
            TransferRow.select(TransferRow.symbol)
            .where(TransferRow.account == account, TransferRow.symbol.is_null(False))
            .distinct()
        )
        return frozenset(row[0] for row in self._database.rows(query))

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
        asked again from there.

        ``listed``: an open list is read as well, so open orders are as it tells. Those last told of
        before ``since_ms`` are given up.
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
        found = self._database.rows(query)
        return (int(found[0][0]), str(found[0][1])) if found else None


def _is(model: Any, key: StreamKey) -> Iterator[Any]:
    yield model.account == key.account
    yield model.data_type == str(key.data_type)
    yield model.scope == key.scope
    yield model.symbol == key.symbol


def _to_state(
    row: tuple[Any, ...], covered: dict[tuple[str, str, str, str], list[Span]]
) -> StreamState:
    return StreamState(
        key=StreamKey(account=row[0], data_type=DataType(row[1]), scope=row[2], symbol=row[3]),
        covered=Ranges.union_of(covered.get((row[0], row[1], row[2], row[3]), [])),
        open=Span(row[4], row[5]) if row[4] is not None else None,
        cursor=json.loads(row[6]) if row[6] else {},
        last_id=row[7],
        floor_ms=row[8],
        history_start_ms=row[9],
        asked_ms=row[10],
        completed_ms=row[11],
        rows=row[12],
        state=row[13],
        error=row[14],
        source=row[15],
    )


def _filtered(model: Any, codec: Codec[Any], time_column: Any, wanted: dict[str, Any]) -> Any:
    newest_first = bool(wanted.get("newest_first"))
    id_column = getattr(model, model._meta.primary_key.field_names[-1])
    order = (time_column.desc(), id_column.desc()) if newest_first else (time_column, id_column)
    query = selected(model, codec).order_by(*order)
    if wanted.get("accounts") is not None:
        query = query.where(model.account.in_(list(wanted["accounts"])))
    if wanted.get("symbol") is not None:
        query = query.where(model.symbol == wanted["symbol"])
    if wanted.get("kind") is not None and hasattr(model, "kind"):
        query = query.where(model.kind == str(wanted["kind"]))
    if wanted.get("since") is not None:
        query = query.where(time_column >= to_ms(wanted["since"]))
    if wanted.get("until") is not None:
        query = query.where(time_column < to_ms(wanted["until"]))
    if wanted.get("seen_since") is not None:
        query = query.where(model.seen_ms >= to_ms(wanted["seen_since"]))
    if wanted.get("seen_until") is not None:
        query = query.where(model.seen_ms <= to_ms(wanted["seen_until"]))
    if wanted.get("limit") is not None:
        query = query.limit(int(wanted["limit"]))
    return query

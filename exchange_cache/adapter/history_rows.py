"""The rows of one page as records, each by itself: a row whose market is not known is kept whole,
any other that cannot be read refuses the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from exchange_cache.adapter import row_filters, row_order, translate, translate_moves, unidentified
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import Cursor, LedgerRecord
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.traffic import Stated, recorded
from exchange_cache.adapter.values import Origin
from exchange_cache.errors import BadResponse, MarketUnidentified
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType, FillKind, TransferKind
from exchange_cache.scope_names import history_name
from exchange_cache.unidentified import UnidentifiedRow

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One page to request: its stream and place, and ``doing``, which errors name."""

    stream: StreamPolicy
    market: Market | None
    window: Span | None
    cursor: Cursor
    doing: str


def records_of(session: Session, ask: Ask, desk: Desk, found: Sequence[Any]) -> list[LedgerRecord]:
    """The records of raw rows; a row whose market is not known is kept, and blocks no other."""
    return [record for _, made in listed_of(session, ask, desk, found) for record in made]


def listed_of(
    session: Session, ask: Ask, desk: Desk, found: Sequence[Any]
) -> list[row_order.Listed]:
    """The rows that count, each with its records."""
    listed: list[row_order.Listed] = []
    for row in found:
        if (field := row_filters.garbled(ask.stream, row)) is not None:
            raise desk.origin.bad(f"has no word in {field!r}", row)
        if row_filters.counts(ask.stream, row):
            listed.append((row, _records_or_kept(session, ask, desk, row)))
    return listed


def _records_or_kept(session: Session, ask: Ask, desk: Desk, row: Any) -> tuple[LedgerRecord, ...]:
    def read() -> tuple[LedgerRecord, ...]:
        if callable(ask.stream.parser):
            return desk.records(row)
        return (_parsed(session, ask, desk.origin, row),)

    try:
        return session.once(ask.doing, read)
    except MarketUnidentified as error:
        return (kept_row(session, ask, desk, row, error),)


def unified_record(
    session: Session, ask: Ask, structure: Mapping[str, Any], stated: Stated
) -> LedgerRecord:
    """A ccxt structure as a record; its row where its market is not known."""
    origin, stream = session.origin_of(ask.stream), ask.stream
    return or_kept(
        session,
        ask,
        structure,
        partial(_unified_record, session, ask, structure, stated),
        partial(record_of, origin, stream, structure, stated),
    )


def or_kept(
    session: Session,
    ask: Ask,
    structure: Mapping[str, Any],
    make: Callable[[], R],
    read: Callable[[Market], object],
) -> R | UnidentifiedRow:
    """What ``make`` returns of a ccxt structure; its row where its market is not known, and
    ``read`` reads it with some market."""
    try:
        return session.once(ask.doing, make)
    except MarketUnidentified as error:
        unidentified.readable(session, ask.doing, ask.stream, read)
        name = unidentified.dated_name(session, ask.doing, structure)
        return _kept(session, ask, structure.get("info"), error, name)


def kept_row(
    session: Session, ask: Ask, desk: Desk, row: Any, error: MarketUnidentified
) -> UnidentifiedRow:
    """A raw row whose market is not known; BadResponse for one that no market makes readable."""
    read = partial(_read_blindly, session, ask, desk, row)
    unidentified.readable(session, ask.doing, ask.stream, read)
    named = session.once(ask.doing, partial(unidentified.name_of, desk, row))
    return _kept(session, ask, row, error, named)


def _read_blindly(session: Session, ask: Ask, desk: Desk, row: Any, market: Market) -> object:
    if callable(ask.stream.parser):
        return unidentified.blind(desk, market).records(row)
    return _parsed(session, replace(ask, market=market), desk.origin, row)


def _kept(
    session: Session,
    ask: Ask,
    raw: Any,
    error: MarketUnidentified,
    named: tuple[str | None, datetime | None],
) -> UnidentifiedRow:
    symbol = "" if ask.market is None else str(ask.market["symbol"])
    stream = ask.stream
    return unidentified.row_of(
        session, stream.data_type, stream.scope, raw, error, symbol=symbol, named=named
    )


def identify(
    session: Session,
    stream: StreamPolicy,
    rows: Sequence[UnidentifiedRow],
    read: Callable[[Session, Ask, Any], Sequence[LedgerRecord]],
) -> dict[str, tuple[LedgerRecord, ...] | None]:
    """The records of rows that were kept, by row id, as ``read`` translates each: None for one that
    it cannot read whatever its market is. Rows whose market is still not known are left out. No
    request but that for the market list."""
    found: dict[str, tuple[LedgerRecord, ...] | None] = {}
    for row in rows:
        market = session.market(row.symbol, stream.category) if row.symbol else None
        doing = history_name(stream.data_type.value, stream.scope)
        ask = Ask(stream=stream, market=market, window=None, cursor={}, doing=doing)
        try:
            records = tuple(read(session, ask, json.loads(row.row)))
        except BadResponse:
            found[row.row_id] = None
            continue
        if not any(isinstance(record, UnidentifiedRow) for record in records):
            found[row.row_id] = records
    return found


def records_again(session: Session, ask: Ask, row: Any) -> list[LedgerRecord]:
    """The records of one raw row that was kept."""
    desk = replace(session.desk(ask.stream), market=ask.market)
    return records_of(session, ask, desk, [row])


def _parsed(session: Session, ask: Ask, origin: Origin, row: Any) -> LedgerRecord:
    """One raw row through ccxt's own parse method, then translated."""
    stream = ask.stream
    market = _requested(session, ask, row) or session.raw_market(row, stream)
    parse = getattr(session.client, str(stream.parser or parse_method(stream)))
    with recorded(session.client) as traffic:
        structure = parse(row, market) if has_market(stream) else parse(row)
    found = session.market_of(structure, market, stream)
    return record_of(origin, stream, structure, traffic.stated, found)


def _unified_record(
    session: Session, ask: Ask, structure: Mapping[str, Any], stated: Stated
) -> LedgerRecord:
    stream = ask.stream
    requested = _requested(session, ask, structure.get("info"))
    market = session.market_of(structure, requested, stream)
    return record_of(session.origin_of(stream), stream, structure, stated, market)


def _requested(session: Session, ask: Ask, row: Any) -> Market | None:
    """The market that was requested; the row may state the size of an unlisted contract."""
    market = ask.market
    if market is None or not market.get("contract") or market.get("contractSize") is not None:
        return market
    return session.raw_market(row, ask.stream) or market


def record_of(
    origin: Origin,
    stream: StreamPolicy,
    structure: Mapping[str, Any],
    stated: Stated,
    market: Market | None,
) -> LedgerRecord:
    """One ccxt structure as a record of the stream's data type."""
    if has_market(stream) and market is None:
        raise origin.bad("names no market", structure)
    if stream.data_type is DataType.ORDERS:
        return translate.order(origin, structure, stated.of("order", structure), market or {})
    if stream.data_type is DataType.FILLS and market is not None:
        return translate.fill(origin, structure, stated.of("trade", structure), market)
    if stream.data_type is DataType.FILLS:
        return translate_moves.conversion(origin, structure)
    if stream.transfer_kind is TransferKind.INTERNAL:
        return translate_moves.internal(origin, structure)
    kind = stream.transfer_kind or _transaction_kind(origin, structure)
    return translate_moves.transaction(origin, structure, kind)


def parse_method(stream: StreamPolicy) -> str:
    """ccxt's parse method for the rows of a stream."""
    if stream.data_type is DataType.ORDERS:
        return "parse_order"
    if stream.data_type is DataType.FILLS:
        return "parse_trade" if has_market(stream) else "parse_conversion"
    return (
        "parse_transfer" if stream.transfer_kind is TransferKind.INTERNAL else "parse_transaction"
    )


def has_market(stream: StreamPolicy) -> bool:
    return stream.data_type is DataType.ORDERS or (
        stream.data_type is DataType.FILLS and stream.fill_kind is not FillKind.CONVERT
    )


def _transaction_kind(origin: Origin, structure: Mapping[str, Any]) -> TransferKind:
    word = str(structure.get("type"))
    if word not in {"deposit", "withdrawal"}:
        raise origin.bad(f"is neither deposit nor withdrawal: {word!r}", structure)
    return TransferKind(word)

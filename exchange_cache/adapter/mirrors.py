"""Reads what is open at present: positions and orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

from exchange_cache.adapter import paging, raw_rows, translate, unidentified
from exchange_cache.adapter.markets import Market, category_of
from exchange_cache.adapter.policy import (
    CallPolicy,
    PositionParser,
    StreamPolicy,
    TimeBounds,
)
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.traffic import Answer, parsed
from exchange_cache.adapter.translate_positions import position
from exchange_cache.errors import MarketUnidentified
from exchange_cache.records import DataType, Order, Position
from exchange_cache.unidentified import UnidentifiedRow

T = TypeVar("T")

#: A mirror with more pages than this has a cursor that never ends.
MAX_PAGES = 200


class Found(NamedTuple):
    """A row as a ccxt structure, the figures that the row itself states, and its market."""

    structure: Mapping[str, Any]
    stated: Mapping[str, Any]
    market: Market


def positions(session: Session, call: CallPolicy) -> tuple[Position | UnidentifiedRow, ...]:
    """Open positions of one call; empty rows are left out, those of an unknown market are kept as
    they were sent."""
    doing = f"positions {call.category}"
    origin = session.origin(category=call.category, scope=doing, wallet=call.wallet)
    unified = partial(session.client.fetch_positions, None, session.filled(call.params))

    def made(item: Found) -> tuple[Position, ...]:
        one = session.once(doing, partial(position, origin, item.structure, item.market))
        return () if one is None else (one,)

    return _made(
        session, call, DataType.POSITIONS, _read(session, call, None, "position", unified), made
    )


def open_orders(
    session: Session, call: CallPolicy, symbol: str | None
) -> tuple[Order | UnidentifiedRow, ...]:
    """Open orders of one call; rows of an unknown market are kept as they were sent."""
    origin = session.origin(category=call.category, scope=f"open orders {call.category}")
    asked = None if symbol is None else str(session.market(symbol, call.category)["symbol"])
    if callable(call.parser):
        return _parsed_orders(session, call, symbol)
    unified = partial(
        session.client.fetch_open_orders, asked, None, None, session.filled(call.params)
    )

    def made(item: Found) -> tuple[Order, ...]:
        read = partial(translate.order, origin, item.structure, item.stated, item.market)
        return (session.once(f"orders {call.category}", read),)

    return _made(
        session, call, DataType.ORDERS, _read(session, call, symbol, "order", unified), made
    )


def _made(
    session: Session,
    call: CallPolicy,
    data_type: DataType,
    found: Iterable[Found | UnidentifiedRow],
    make: Callable[[Found], tuple[T, ...]],
) -> tuple[T | UnidentifiedRow, ...]:
    """What the rows of a call are; a row whose contract has no known size is kept, too."""
    records: list[T | UnidentifiedRow] = []
    for item in found:
        if isinstance(item, UnidentifiedRow):
            records.append(item)
            continue
        try:
            records.extend(make(item))
        except MarketUnidentified as error:
            raw = item.structure.get("info") or item.structure
            records.append(_kept(session, call, data_type, raw, item.structure, error))
    return tuple(records)


def _kept(
    session: Session,
    call: CallPolicy,
    data_type: DataType,
    raw: Any,
    structure: Mapping[str, Any],
    error: MarketUnidentified,
) -> UnidentifiedRow:
    if data_type is DataType.ORDERS:
        named = unidentified.dated_name(session, f"open orders {call.category}", structure)
    else:
        named = unidentified.structure_name(structure)
    return unidentified.row_of(session, data_type, scope_of(call), raw, error, named=named)


def scope_of(call: CallPolicy) -> str:
    """What the rows of a list of what is open are kept under."""
    return f"open {call.category} {call.scope}".strip()


# --- rows of positions and open orders ------------------------------------------------------------


def _read(
    session: Session, call: CallPolicy, symbol: str | None, kind: str, unified: Callable[[], Any]
) -> list[Found | UnidentifiedRow]:
    """All rows of a call (``kind``: order or position) as ccxt structures with their markets,
    without positions of size zero."""
    doing = f"{kind}s {call.category}"
    if call.method.startswith("fetch_"):
        found = _read_unified(session, call, kind, doing, unified)
    else:
        found = _read_raw(session, call, symbol, kind, doing)
    return [
        item
        for item in found
        if isinstance(item, UnidentifiedRow)
        or category_of(item.market) == call.category
        or not call.mixed
    ]


def _read_unified(
    session: Session, call: CallPolicy, kind: str, doing: str, unified: Callable[[], Any]
) -> list[Found | UnidentifiedRow]:
    answer = session.call(doing, unified)
    structures, response = answer.value, answer.response
    # Without a response, ccxt turned an error into an empty list.
    if call.rows != "*" and (structures or response is not None):
        rows = session.raw(response, raw_rows.rule_of(call))
        session.nothing_lost(doing, len(structures), len(rows))
    elif not structures and response is not None:
        session.not_hollow(doing, response)
    return [
        _found_or_kept(
            session,
            call,
            kind,
            row,
            partial(_found, session, call, row, answer.stated.of(kind, row), None),
        )
        for row in structures
        if not _is_flat(row.get("info"), call)
    ]


def _found_or_kept(
    session: Session, call: CallPolicy, kind: str, row: Any, read: Callable[[], Found]
) -> Found | UnidentifiedRow:
    """A row with its market; the row itself where its market is not known."""
    try:
        return session.once(f"{kind}s {call.category}", read)
    except MarketUnidentified as error:
        data_type = DataType.ORDERS if kind == "order" else DataType.POSITIONS
        structure = row if isinstance(row, Mapping) and "info" in row else {}
        return _kept(session, call, data_type, structure.get("info", row), structure, error)


def _found(
    session: Session,
    call: CallPolicy,
    structure: Mapping[str, Any],
    stated: Mapping[str, Any],
    market: Market | None,
) -> Found:
    return Found(structure, stated, _market_of(session, call, structure, market))


def _market_of(
    session: Session, call: CallPolicy, structure: Mapping[str, Any], market: Market | None
) -> Market:
    found = session.market_of(structure, market, call)
    if found is None:
        name = structure.get("id") or "?"
        raise session.bad(f"row {name} names no market")
    return cast("Market", found)


def _is_flat(row: Any, call: CallPolicy) -> bool:
    return bool(call.figures) and raw_rows.is_nothing(row, call.figures)


def _parsed_orders(
    session: Session, call: CallPolicy, symbol: str | None
) -> tuple[Order | UnidentifiedRow, ...]:
    """Open orders, read by a row parser of the project."""
    doing = f"open orders {call.category}"
    stream = StreamPolicy(
        data_type=DataType.ORDERS,
        scope=doing,
        category=call.category,
        method=call.method,
        params=call.params,
        market_field=call.market_field,
        mixed=call.mixed,
        parser=call.parser,
    )
    desk = session.desk(stream)
    found = [
        record
        for row in _raw_rows(session, call, symbol, doing)
        for record in _orders(session, call, row, desk)
    ]
    return tuple(
        order
        for order in found
        if isinstance(order, UnidentifiedRow) or not call.mixed or order.category == call.category
    )


def _orders(
    session: Session, call: CallPolicy, row: Any, desk: Desk
) -> list[Order | UnidentifiedRow]:
    """The orders of a raw row; the row itself where its market is not known."""
    try:
        records = session.once(f"open orders {call.category}", partial(desk.records, row))
    except MarketUnidentified as error:
        doing = f"open orders {call.category}"
        named = session.once(doing, partial(unidentified.name_of, desk, row))
        scope = scope_of(call)
        return [unidentified.row_of(session, DataType.ORDERS, scope, row, error, named=named)]
    return [record for record in records if isinstance(record, Order)]


def _read_raw(
    session: Session, call: CallPolicy, symbol: str | None, kind: str, doing: str
) -> list[Found | UnidentifiedRow]:
    rows = (row for row in _raw_rows(session, call, symbol, doing) if not _is_flat(row, call))
    return [
        _found_or_kept(session, call, kind, row, partial(_parse, session, call, kind, row))
        for row in rows
    ]


def _raw_rows(session: Session, call: CallPolicy, symbol: str | None, doing: str) -> list[Any]:
    """All rows of all pages of a call."""
    made: list[Any] = []
    cursor: Mapping[str, Any] = {}
    for _ in range(MAX_PAGES):
        params = {
            **session.filled(call.params),
            **paging.page_params(call.paging, cursor, TimeBounds()),
        }
        if symbol is not None:
            params[call.symbol_param] = session.market(symbol, call.category)["id"]
        request = partial(getattr(session.client, call.method), params)
        page, turn = session.read(doing, request, partial(_page, session, call, doing, cursor))
        made.extend(() if turn.again else page)
        if turn.next is None:
            return made
        cursor = turn.next
    raise session.bad(f"{doing} did not end after {MAX_PAGES} pages")


def _page(
    session: Session, call: CallPolicy, doing: str, cursor: Mapping[str, Any], answer: Answer[Any]
) -> tuple[list[Any], paging.Turn]:
    """The rows of an answer and what follows; BadResponse where rows are missing, also those that a
    full list without further pages has no room for."""
    response = answer.value
    rows = (
        session.rows(response, call.rows)
        if call.rows == "*"
        else session.raw(response, raw_rows.rule_of(call))
    )
    turn = session.turn(doing, call.paging, cursor, rows, response, call.page_size)
    if turn.too_full:
        raise session.bad(f"{doing}: the answer is full with {len(rows)} rows and may miss others")
    return rows, turn


def _parse(session: Session, call: CallPolicy, kind: str, row: Any) -> Found:
    market = session.raw_market(row, call)
    if callable(call.parser):
        if market is None:
            raise session.bad(f"a position names no market at {call.market_field!r}")
        structure, found = cast("PositionParser", call.parser)(row, market)
        return Found(structure, structure, found)
    structure, stated = parsed(session.client, kind, row, market, call.parser or "")
    return _found(session, call, structure, stated, market)

"""Reads histories: one page of a stream per request. A row that cannot be translated fails the
page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from exchange_cache.adapter import (
    legs,
    paging,
    row_filters,
    row_order,
    translate,
    translate_moves,
)
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.policy import FanOut, IdPaging, StreamPolicy
from exchange_cache.adapter.port import Cursor, LedgerRecord, Page
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.traffic import Answer, Stated, recorded
from exchange_cache.adapter.unsettled import hold_unsettled
from exchange_cache.adapter.values import Origin
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType, FillKind, TransferKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One page to request: its stream and place, and ``doing``, which errors name."""

    stream: StreamPolicy
    market: Market | None
    window: Span | None
    cursor: Cursor
    doing: str


def page(
    session: Session, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
) -> Page:
    """The page of a stream at ``cursor`` inside ``window``. One request."""
    doing = " ".join(part for part in (stream.data_type.value, stream.scope, symbol) if part)
    market = session.market(symbol, stream.category) if symbol is not None else None
    ask = Ask(stream=stream, market=market, window=window, cursor=cursor, doing=doing)
    return (
        _page(session, ask)
        if stream.fan_out is None
        else _fanned_page(session, ask, stream.fan_out)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The rows of an answer, what follows them, and what ccxt made of it where a unified method
    asked: structures, beside what their rows state."""

    rows: list[Any]
    turn: paging.Turn
    structures: list[Any] | None
    stated: Stated


def _page(session: Session, ask: Ask, extra: Mapping[str, Any] | None = None) -> Page:
    asked = session.read(
        ask.doing, partial(_request, session, ask, extra or {}), partial(_asked, session, ask)
    )
    found, structures, turn = asked.rows, asked.structures, asked.turn
    if turn.again:
        return Page(records=(), next=turn.next, row_count=0)
    if structures is None:
        return _raw_page(session, ask, found, turn)
    if ask.stream.rows != "*":
        session.nothing_lost(ask.doing, len(structures), len(found))
    records = [
        session.once(ask.doing, partial(_unified_record, session, ask, row, asked.stated))
        for row in structures
    ]
    listed = row_order.of_structures(structures, records, found)
    if not listed:
        return _made(session, ask, found, records, turn)
    return _placed(session, ask, found, listed, turn)


def _request(session: Session, ask: Ask, extra: Mapping[str, Any]) -> Any:
    """One request, by a unified method of ccxt or an implicit one."""
    stream, market = ask.stream, ask.market
    method = getattr(session.client, stream.method)
    params: dict[str, Any] = {
        **session.filled(stream.params),
        **extra,
        **paging.window_params(stream.bounds, ask.window),
        **paging.page_params(stream.paging, ask.cursor, stream.bounds),
    }
    if stream.limit_param and stream.page_size is not None:
        params[stream.limit_param] = stream.page_size
    if _is_unified(stream):
        symbol = market["symbol"] if market is not None else None
        limit = stream.page_size if stream.limit_param is None else None
        return method(symbol, params.pop("since", None), limit, params)
    if market is not None:
        params[stream.symbol_param] = market["id"]
    if stream.limit_param is None and stream.page_size is not None:
        params["limit"] = stream.page_size
    return method(params)


def _is_unified(stream: StreamPolicy) -> bool:
    return stream.method.startswith("fetch_")


def _asked(session: Session, ask: Ask, answer: Answer[Any]) -> Asked:
    """What an answer holds. BadResponse where it contradicts itself, so that it is asked again."""
    unified = _is_unified(ask.stream)
    response = answer.response if unified else answer.value
    other = row_filters.other_echo(ask.stream, response)
    if other is not None:
        raise session.bad(f"{ask.stream.scope}: {other}")
    null_is_empty, structures = ask.stream.null_is_empty, answer.value if unified else None
    found = session.rows(response, ask.stream.rows, null_is_empty=null_is_empty)
    if ask.stream.rows == "*" and not found and not session.policy.generic:
        session.not_hollow(ask.doing, response)
    if structures is not None and ask.stream.rows == "*" and len(structures) > len(found):
        found = structures  # the rows were guessed wrong: what ccxt made of the answer counts
    rule = (ask.stream.paging, ask.cursor, found, response, ask.stream.page_size, ask.window)
    return Asked(
        rows=found,
        turn=session.turn(ask.stream.scope, *rule),
        structures=structures,
        stated=answer.stated,
    )


def _placed(
    session: Session,
    ask: Ask,
    found: Sequence[Any],
    listed: Sequence[row_order.Listed],
    turn: paging.Turn,
) -> Page:
    """The page whose fills know their order within a millisecond. A full page may hold only part of
    a millisecond; its window is requested again."""
    if turn.too_full:
        return _made(session, ask, found, [one for _, made in listed for one in made], turn)
    made = row_order.placed(ask.stream, listed, ask.cursor, turn.next)
    return _made(session, ask, found, made.records, replace(turn, next=made.next))


def _made(
    session: Session,
    ask: Ask,
    found: Sequence[Any],
    records: Sequence[LedgerRecord],
    turn: paging.Turn,
) -> Page:
    following, last_id, stream = turn.next, turn.last_id, ask.stream
    if (
        stream.data_type is not DataType.FILLS
        and isinstance(stream.paging, IdPaging)
        and stream.paging.whole_history
    ):
        following, last_id = hold_unsettled(
            ask.cursor, records, following, last_id, stream.paging.step
        )
    return Page(
        records=tuple(records),
        next=following,
        row_count=len(found),
        too_full=turn.too_full,
        last_id=last_id,
        symbols=_named_symbols(session, stream, found),
    )


# --- rows -----------------------------------------------------------------------------------------


def _raw_page(session: Session, ask: Ask, found: list[Any], turn: paging.Turn) -> Page:
    """The page of an implicit endpoint: rows are translated one by one, and a parser may return no
    record for a row."""
    desk = replace(session.desk(ask.stream), market=ask.market)
    kind = ask.stream.legs
    if kind is None:
        return _placed(session, ask, found, _listed(session, ask, desk, found), turn)
    carried = ask.cursor.get("carry")
    before = carried if isinstance(carried, list) else ()
    split = partial(legs.split_legs, kind, found, before, last=turn.next is None)
    alone, together, carry = session.once(ask.doing, split)
    records = _records(session, ask, desk, alone)
    records += session.once(ask.doing, partial(legs.join, kind, together, desk, ask.window))
    if turn.next is not None and carry:
        turn = replace(turn, next={**turn.next, "carry": carry})
    return _made(session, ask, found, records, turn)


def _records(session: Session, ask: Ask, desk: Desk, found: Sequence[Any]) -> list[LedgerRecord]:
    return [record for _, made in _listed(session, ask, desk, found) for record in made]


def _listed(session: Session, ask: Ask, desk: Desk, found: Sequence[Any]) -> list[row_order.Listed]:
    """The rows that count, each with its records."""
    if callable(ask.stream.parser):
        parse: Callable[[Any], Sequence[LedgerRecord]] = desk.records
    else:
        parse = partial(_parsed, session, ask, desk.origin)
    return [
        (row, session.once(ask.doing, partial(parse, row)))
        for row in found
        if row_filters.counts(ask.stream, row)
    ]


def _parsed(session: Session, ask: Ask, origin: Origin, row: Any) -> tuple[LedgerRecord]:
    """One raw row through ccxt's own parse method, then translated."""
    stream = ask.stream
    market = ask.market or session.raw_market(row, stream)
    parse = getattr(session.client, str(stream.parser or _parse_method(stream)))
    with recorded(session.client) as traffic:
        structure = parse(row, market) if _has_market(stream) else parse(row)
    found = session.market_of(structure, market, stream.category)
    return (_record(origin, stream, structure, traffic.stated, found),)


def _unified_record(
    session: Session, ask: Ask, structure: Mapping[str, Any], stated: Stated
) -> LedgerRecord:
    stream = ask.stream
    market = session.market_of(structure, ask.market, stream.category)
    return _record(session.origin_of(stream), stream, structure, stated, market)


def _record(
    origin: Origin,
    stream: StreamPolicy,
    structure: Mapping[str, Any],
    stated: Stated,
    market: Market | None,
) -> LedgerRecord:
    """One ccxt structure as a record of the stream's data type."""
    if _has_market(stream) and market is None:
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


def _parse_method(stream: StreamPolicy) -> str:
    """ccxt's parse method for the rows of a stream."""
    if stream.data_type is DataType.ORDERS:
        return "parse_order"
    if stream.data_type is DataType.FILLS:
        return "parse_trade" if _has_market(stream) else "parse_conversion"
    return (
        "parse_transfer" if stream.transfer_kind is TransferKind.INTERNAL else "parse_transaction"
    )


def _has_market(stream: StreamPolicy) -> bool:
    return stream.data_type is DataType.ORDERS or (
        stream.data_type is DataType.FILLS and stream.fill_kind is not FillKind.CONVERT
    )


def _transaction_kind(origin: Origin, structure: Mapping[str, Any]) -> TransferKind:
    word = str(structure.get("type"))
    if word not in {"deposit", "withdrawal"}:
        raise origin.bad(f"is neither deposit nor withdrawal: {word!r}", structure)
    return TransferKind(word)


def _named_symbols(session: Session, stream: StreamPolicy, found: Sequence[Any]) -> tuple[str, ...]:
    """Symbols that the rows of a transfer stream name, where the policy states the field."""
    if not stream.market_field or stream.data_type is not DataType.TRANSFERS:
        return ()
    markets = (
        session.once(stream.scope, partial(session.raw_market, row, stream)) for row in found
    )
    return tuple(sorted({str(market["symbol"]) for market in markets if market is not None}))


# --- histories that are requested once per target -------------------------------------------------


def _fanned_page(session: Session, ask: Ask, fan: FanOut) -> Page:
    """A page of one target or, first, of the list of targets; the cursor says which."""
    targets = ask.cursor.get("targets")
    if not isinstance(targets, list) or "listing" in ask.cursor:
        return _targets_page(session, ask, fan, targets if isinstance(targets, list) else [])
    at, inner = int(str(ask.cursor.get("at", 0))), ask.cursor.get("inner")
    made = _page(
        session,
        replace(ask, cursor=inner if isinstance(inner, dict) else {}),
        {fan.param: targets[at]},
    )
    if made.next is not None:
        return replace(made, next={"targets": targets, "at": at, "inner": dict(made.next)})
    return replace(made, next={"targets": targets, "at": at + 1} if at + 1 < len(targets) else None)


def _targets_page(session: Session, ask: Ask, fan: FanOut, known: list[Any]) -> Page:
    listing = ask.cursor.get("listing")
    place: Mapping[str, Any] = listing if isinstance(listing, dict) else {}
    params = {
        **session.filled(fan.params),
        **paging.page_params(fan.paging, place, ask.stream.bounds),
    }

    def listed(answer: Answer[Any]) -> tuple[list[Any], paging.Turn]:
        found = session.rows(answer.value, fan.rows)
        return found, session.turn(fan.method, fan.paging, place, found, answer.value, None)

    request = partial(getattr(session.client, fan.method), params)
    found, turn = session.read(ask.doing, request, listed)
    names = [paging.dig_or_none(row, fan.field) for row in found]
    if not all(isinstance(name, str | int) and name != "" for name in names):
        raise session.bad(f"a row of {ask.doing} at {fan.rows!r} has no {fan.field!r}")
    targets = [*known, *(() if turn.again else map(str, names))]
    if turn.next is not None:
        return Page(records=(), next={"targets": targets, "listing": turn.next}, row_count=0)
    return Page(records=(), next={"targets": targets, "at": 0} if targets else None, row_count=0)

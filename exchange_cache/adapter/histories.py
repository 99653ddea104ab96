"""Reads histories: one page of a stream per request. A row that cannot be translated fails the
page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from exchange_cache.adapter import legs, paging, translate, translate_moves
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.policy import FanOut, IdPaging, StreamPolicy
from exchange_cache.adapter.port import Cursor, LedgerRecord, Page
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.traffic import Answer, Stated, recorded
from exchange_cache.adapter.values import Origin
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType, FillKind, Order, OrderStatus, Transfer, TransferKind

#: After so many records behind an unsettled one, a walk by id no longer returns to it.
UNSETTLED_REACH = 5_000


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
    """A raw answer and its rows; for a unified method also ccxt's structures and the figures that
    their rows state."""

    response: Any
    rows: list[Any]
    structures: list[Any] | None
    stated: Stated


def _page(session: Session, ask: Ask, extra: Mapping[str, Any] | None = None) -> Page:
    asked = session.read(
        ask.doing, partial(_request, session, ask, extra or {}), partial(_asked, session, ask)
    )
    found, structures = asked.rows, asked.structures
    if structures is not None and ask.stream.rows == "*" and len(structures) > len(found):
        found = structures  # the guess at the rows was wrong: ccxt's structures count
    turn = session.once(ask.doing, partial(_turn, session, ask, found, asked.response))
    if turn.again:
        return Page(records=(), next=turn.next, row_count=0)
    if structures is None:
        return _raw_page(session, ask, found, turn)
    if ask.stream.rows != "*":
        session.nothing_lost(ask.doing, len(structures), len(found))
    made = (
        session.once(ask.doing, partial(unified_record, session, ask, row, asked.stated))
        for row in structures
    )
    records = [record for record in made if record is not None]
    return _made(session, ask, found, records, turn)


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
    unified = _is_unified(ask.stream)
    response = answer.response if unified else answer.value
    return Asked(
        response=response,
        rows=session.rows(response, ask.stream.rows),
        structures=answer.value if unified else None,
        stated=answer.stated,
    )


def _turn(session: Session, ask: Ask, found: Sequence[Any], response: Any) -> paging.Turn:
    try:
        return paging.turn(
            ask.stream.paging, ask.cursor, found, response, ask.stream.page_size, ask.window
        )
    except paging.RowsMissing as error:
        raise session.bad(f"{ask.stream.scope}: {error}") from error


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
        return _made(session, ask, found, _records(session, ask, desk, found), turn)
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
    valid = [row for row in found if not _is_void(ask.stream, row)]
    if callable(ask.stream.parser):
        made = (session.once(ask.doing, partial(desk.records, row)) for row in valid)
        return [record for records in made for record in records]
    return [
        session.once(ask.doing, partial(_parsed, session, ask, desk.origin, row)) for row in valid
    ]


def _is_void(stream: StreamPolicy, row: Any) -> bool:
    """Whether the exchange marks a row as reversed."""
    return any(str(paging.dig_or_none(row, name)) == value for name, value in stream.void.items())


def _parsed(session: Session, ask: Ask, origin: Origin, row: Any) -> LedgerRecord:
    """One raw row through ccxt's own parse method, then translated."""
    stream = ask.stream
    market = ask.market or session.raw_market(row, stream)
    parse = getattr(session.client, str(stream.parser or _parse_method(stream)))
    with recorded(session.client) as traffic:
        structure = parse(row, market) if _has_market(stream) else parse(row)
    found = session.market_of(structure, market, stream.category)
    return _record(origin, stream, structure, traffic.stated, found)


def unified_record(
    session: Session, ask: Ask, structure: Mapping[str, Any], stated: Stated
) -> LedgerRecord | None:
    """One ccxt structure as the record that the stream is about; None for an order that filled
    nothing, where orders stand for fills. A row may be of another symbol than was asked."""
    stream, asked = ask.stream, ask.market
    foreign = asked is not None and structure.get("symbol") not in (None, asked["symbol"])
    market = session.market_of(structure, None if foreign else asked, stream.category)
    origin = session.origin_of(stream)
    if stream.of_orders and market is not None:
        return translate.fill_of_order(origin, structure, stated.of("order", structure), market)
    return _record(origin, stream, structure, stated, market)


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
    answer = session.call(ask.doing, lambda: getattr(session.client, fan.method)(params))
    response, found = answer.value, session.rows(answer.value, fan.rows)
    turn = session.once(ask.doing, partial(paging.turn, fan.paging, place, found, response, None))
    names = [paging.dig_or_none(row, fan.field) for row in found]
    if not all(isinstance(name, str | int) and name != "" for name in names):
        raise session.bad(f"a row of {ask.doing} at {fan.rows!r} has no {fan.field!r}")
    targets = [*known, *(() if turn.again else map(str, names))]
    if turn.next is not None:
        return Page(records=(), next={"targets": targets, "listing": turn.next}, row_count=0)
    return Page(records=(), next={"targets": targets, "at": 0} if targets else None, row_count=0)


# --- orders and transfers by id -------------------------------------------------------------------


def hold_unsettled(
    cursor: Cursor,
    records: Sequence[LedgerRecord],
    following: dict[str, Any] | None,
    last_id: str | None,
    step: int,
) -> tuple[dict[str, Any] | None, str | None]:
    """Let the next walk begin before the oldest order or transfer that is not settled, so that it
    reads the outcome."""
    held, passed = cursor.get("hold"), int(str(cursor.get("passed", 0)))
    still_open = [
        int(name) for item in records if (name := _unsettled(item)) is not None and name.isdigit()
    ]
    if held is None and still_open:
        held, passed = str(min(still_open) - step), 0
    passed += len(records)
    if held is None or passed > UNSETTLED_REACH:
        return following, last_id
    return (None if following is None else {**following, "hold": str(held), "passed": passed}), str(
        held
    )


def _unsettled(item: LedgerRecord) -> str | None:
    """The id of an order that is still open, or of a transfer that is still pending."""
    if isinstance(item, Order):
        return item.order_id if item.status is OrderStatus.OPEN else None
    return item.transfer_id if isinstance(item, Transfer) and item.status == "pending" else None

"""Reading a history of an exchange that nobody reviewed: one request a page, through ccxt's unified
methods, of whose answers ccxt may drop nothing.

Two questions are asked in the same way: a look, whose rows only show how the exchange serves its
history, and a page, whose rows become records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from exchange_cache.adapter import observed_paging, paging, translate
from exchange_cache.adapter.fill_names import NO_ID, identified
from exchange_cache.adapter.history_rows import (
    Ask,
    has_market,
    or_kept,
    parse_method,
    record_of,
)
from exchange_cache.adapter.looks import Look, Question, SeenRow
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.policy import ObservedPaging, StreamPolicy
from exchange_cache.adapter.port import Cursor, LedgerRecord, Page
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.traffic import Answer, Stated, recorded
from exchange_cache.errors import (
    NotOffered,
    PermissionMissing,
    RequestRefused,
    SymbolUnknown,
)
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType
from exchange_cache.scope_names import history_name, scope_name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An answer: every row as ccxt's structure, and what the raw rows state."""

    rows: list[dict[str, Any]]
    stated: Stated


def look(session: Session, stream: StreamPolicy, symbol: str | None, question: Question) -> Look:
    """What the exchange answers to one question. Raises what is more than a refusal of it."""
    ask = _ask(session, stream, symbol, None, {})
    bounds = {"since": question.since_ms, "until": question.until_ms}
    params = {name: value for name, value in bounds.items() if value is not None}
    try:
        read = _read(session, ask, params, question.limit)
    except (NotOffered, PermissionMissing, SymbolUnknown):
        raise
    except RequestRefused as error:
        return Look(refusal=error.message, needs_symbol=symbol is None and _lacks_symbol(error))
    rows = [row for row in read.rows if row.get("timestamp") is not None]
    stamped = session.once(ask.doing, partial(observed_paging.stamped, rows))
    return Look(
        rows=tuple(
            SeenRow(time_ms=at.time_ms, name=at.name, id=_own_id(row), order=_text(row, "order"))
            for at, row in zip(stamped, rows, strict=True)
        ),
        foreign=symbol is not None and any(_is_foreign(row, symbol) for row in rows),
    )


def page(
    session: Session, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
) -> Page:
    """The page of a stream at ``cursor`` inside ``window``. One request."""
    ask = _ask(session, stream, symbol, window, cursor)
    params = {
        **paging.window_params(stream.bounds, window),
        **paging.page_params(stream.paging, cursor, stream.bounds),
    }
    read = _read(session, ask, params, stream.page_size if stream.limit_param is None else None)
    stamped = session.once(ask.doing, partial(observed_paging.stamped, read.rows))
    if _is_fill(stream) and _shares_ids(stream, read.rows):
        against = observed_paging.REPEATED_IDS  # stored, one would take the place of the other
        return Page(records=(), next=None, row_count=len(read.rows), contradiction=against)
    shown = observed_paging.contradiction(cursor, stamped, window, stream.bounds)
    records = _records(session, ask, read)
    if shown is not None:
        return Page(records=records, next=None, row_count=len(read.rows), contradiction=shown)
    try:
        turn = paging.turn(stream.paging, cursor, read.rows, None, stream.page_size, window)
    except paging.RowsMissing as error:
        raise session.bad(f"{scope_name(stream.scope)}: {error}") from error
    return Page(records=records, next=turn.next, row_count=len(read.rows), cut_ms=turn.cut_ms)


def _ask(
    session: Session, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
) -> Ask:
    doing = history_name(stream.data_type.value, f"{stream.scope} {symbol or ''}".strip())
    market = session.market(symbol, stream.category) if symbol is not None else None
    return Ask(stream=stream, market=market, window=window, cursor=cursor, doing=doing)


def _read(session: Session, ask: Ask, params: Mapping[str, Any], limit: int | None) -> _Read:
    return session.read(
        ask.doing,
        partial(_request, session, ask, params, limit),
        _all_of,
    )


def _request(session: Session, ask: Ask, params: Mapping[str, Any], limit: int | None) -> Any:
    session.client.traffic.whole = True
    method = getattr(session.client, ask.stream.method)
    symbol = ask.market["symbol"] if ask.market is not None else None
    sent = {**session.filled(ask.stream.params), **params}
    return method(symbol, sent.pop("since", None), limit, sent)


def _all_of(answer: Answer[Any]) -> _Read:
    return _Read(rows=[dict(row) for row in answer.value], stated=answer.stated)


def _records(session: Session, ask: Ask, read: _Read) -> tuple[LedgerRecord, ...]:
    """The records of a page. A row whose market is not known is kept; any other that cannot be read
    refuses the page."""
    named = _is_fill(ask.stream)
    rows = [{**row, "id": _own_id(row) or NO_ID} if named else row for row in read.rows]
    made = (
        or_kept(
            session,
            ask,
            row,
            partial(_record, session, ask, row, read.stated),
            partial(_record_of, session, ask, row, read.stated),
        )
        for row in rows
    )
    records = tuple(record for record in made if record is not None)
    rule = ask.stream.paging
    return identified(records, rule.ids) if isinstance(rule, ObservedPaging) and named else records


def records_again(session: Session, ask: Ask, row: Any) -> tuple[LedgerRecord, ...]:
    """The records of one raw row that was kept."""
    stream = ask.stream
    parse = getattr(session.client, "parse_order" if stream.of_orders else parse_method(stream))
    with recorded(session.client) as traffic:
        structure = parse(row, ask.market) if has_market(stream) else parse(row)
    return _records(session, ask, _Read(rows=[dict(structure)], stated=traffic.stated))


def _record(
    session: Session, ask: Ask, structure: Mapping[str, Any], stated: Stated
) -> LedgerRecord | None:
    """One ccxt structure as the record that the stream is about; None for an order that filled
    nothing, where orders stand for fills. A row may be of another symbol than was asked."""
    stream, asked = ask.stream, ask.market
    foreign = asked is not None and _is_foreign(structure, asked["symbol"])
    market = session.market_of(structure, None if foreign else asked, stream)
    return _record_of(session, ask, structure, stated, market)


def _record_of(
    session: Session, ask: Ask, structure: Mapping[str, Any], stated: Stated, market: Market | None
) -> LedgerRecord | None:
    stream, origin = ask.stream, session.origin_of(ask.stream)
    if stream.of_orders and market is not None:
        return translate.fill_of_order(origin, structure, stated.of("order", structure), market)
    return record_of(origin, stream, structure, stated, market)


def _is_fill(stream: StreamPolicy) -> bool:
    return stream.data_type is DataType.FILLS and not stream.of_orders


def _shares_ids(stream: StreamPolicy, rows: list[dict[str, Any]]) -> bool:
    """Whether ids that were unique are not any more."""
    rule = stream.paging
    repeated = isinstance(rule, ObservedPaging) and rule.ids == "repeated"
    return not repeated and observed_paging.repeats_ids(rows)


def _own_id(row: Mapping[str, Any]) -> str | None:
    return _text(row, "id")


def _text(row: Mapping[str, Any], field: str) -> str | None:
    return None if row.get(field) in (None, "") else str(row[field])


def _is_foreign(row: Mapping[str, Any], symbol: str) -> bool:
    return row.get("symbol") not in (None, symbol)


def _lacks_symbol(error: RequestRefused) -> bool:
    """Whether ccxt itself refused, because it asks nothing without a symbol."""
    import ccxt

    return isinstance(error.__cause__, ccxt.ArgumentsRequired) and "symbol" in str(error.__cause__)

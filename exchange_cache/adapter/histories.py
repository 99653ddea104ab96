"""Reads histories: one page of a stream per request. A row that cannot be translated fails the
page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from exchange_cache.adapter import legs, paging, row_filters, row_order
from exchange_cache.adapter.history_rows import (
    Ask,
    kept_row,
    listed_of,
    records_of,
    unified_record,
)
from exchange_cache.adapter.policy import FanOut, IdPaging, StreamPolicy
from exchange_cache.adapter.port import Cursor, LedgerRecord, Page
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.traffic import Answer, Stated
from exchange_cache.adapter.unsettled import hold_unsettled
from exchange_cache.errors import MarketUnidentified
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType
from exchange_cache.scope_names import history_name, scope_name
from exchange_cache.unidentified import UnidentifiedRow


def page(
    session: Session, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
) -> Page:
    """The page of a stream at ``cursor`` inside ``window``. One request."""
    doing = history_name(stream.data_type.value, f"{stream.scope} {symbol or ''}".strip())
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
    records = [unified_record(session, ask, row, asked.stated) for row in structures]
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
        raise session.bad(f"{scope_name(ask.stream.scope)}: {other}")
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
    symbols, nameless = _named(session, ask, found)
    return Page(
        records=tuple(dict.fromkeys((*records, *nameless))),
        next=following,
        row_count=len(found),
        too_full=turn.too_full,
        last_id=last_id,
        symbols=symbols,
    )


# --- rows -----------------------------------------------------------------------------------------


def _raw_page(session: Session, ask: Ask, found: list[Any], turn: paging.Turn) -> Page:
    """The page of an implicit endpoint: rows are translated one by one, and a parser may return no
    record for a row."""
    desk = replace(session.desk(ask.stream), market=ask.market)
    kind = ask.stream.legs
    if kind is None:
        return _placed(session, ask, found, listed_of(session, ask, desk, found), turn)
    carried = ask.cursor.get("carry")
    before = carried if isinstance(carried, list) else ()
    split = partial(legs.split_legs, kind, found, before, last=turn.next is None)
    alone, together, carry = session.once(ask.doing, split)
    records = records_of(session, ask, desk, alone)
    records += session.once(ask.doing, partial(legs.join, kind, together, desk, ask.window))
    if turn.next is not None and carry:
        turn = replace(turn, next={**turn.next, "carry": carry})
    return _made(session, ask, found, records, turn)


def _named(
    session: Session, ask: Ask, found: Sequence[Any]
) -> tuple[tuple[str, ...], tuple[UnidentifiedRow, ...]]:
    """Symbols that the rows of a transfer stream name, where the policy says in which field, and
    the rows whose market is not known."""
    stream = ask.stream
    if not stream.market_field or stream.data_type is not DataType.TRANSFERS:
        return (), ()
    symbols, kept = set(), []
    for row in found:
        try:
            market = session.once(ask.doing, partial(session.raw_market, row, stream))
        except MarketUnidentified as error:
            kept.append(kept_row(session, ask, session.desk(stream), row, error))
        else:
            symbols |= {str(market["symbol"])} if market is not None else set()
    return tuple(sorted(symbols)), tuple(kept)


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

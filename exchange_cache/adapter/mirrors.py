"""Reads the present state of an account: balances, positions, open orders."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, cast

from exchange_cache.adapter import (
    paging,
    raw_rows,
    translate,
    translate_wallets,
)
from exchange_cache.adapter.markets import Market, category_of
from exchange_cache.adapter.policy import (
    CallPolicy,
    OnePage,
    PositionParser,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.adapter.port import WalletReading
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.traffic import Answer, parsed
from exchange_cache.adapter.translate_positions import position
from exchange_cache.adapter.values import Origin
from exchange_cache.records import Balance, DataType, Order, Position

#: A mirror with more pages than this has a cursor that never ends.
MAX_PAGES = 200


class Found(NamedTuple):
    """A row as a ccxt structure, the figures that the row itself states, and its market."""

    structure: Mapping[str, Any]
    stated: Mapping[str, Any]
    market: Market


def wallet(session: Session, policy: WalletPolicy) -> WalletReading:
    """One wallet; BadResponse where a raw row did not become a balance."""
    doing = f"balances of wallet {policy.name}"
    answer = session.read(
        doing,
        lambda: getattr(session.client, policy.method)(session.filled(policy.params)),
        partial(_with_structure, session, policy),
    )
    codes = translate_wallets.codes(answer.value)
    session.once(doing, partial(_nothing_lost, session, policy, answer.response, codes))
    origin = session.origin(category="spot", scope=f"wallet {policy.name}", wallet=policy.name)
    found = session.once(doing, partial(_balances, session, origin, policy, answer))
    return WalletReading(
        balances=found,
        emptied=frozenset(codes - {item.code for item in found}),
        symbols=_pairs(session, policy, answer.response) if policy.market_rows else frozenset(),
    )


def _balances(
    session: Session, origin: Origin, policy: WalletPolicy, answer: Answer[Mapping[str, Any]]
) -> tuple[Balance, ...]:
    averages = policy.averages and policy.averages(answer.response, session.client)
    known = _known_assets(session.client)
    return translate_wallets.balances(origin, answer.value, policy, session.policy, known, averages)


def _pairs(session: Session, policy: WalletPolicy, response: Any) -> frozenset[str]:
    rows = session.rows(response, policy.market_rows)
    ids = [paging.dig_or_none(row, policy.market_field) for row in rows]
    if not all(ids):
        raise session.bad(f"a row at {policy.market_rows!r} has no {policy.market_field!r}")
    return frozenset(
        str(session.market_by_id(str(market_id), "spot")["symbol"]) for market_id in ids
    )


def _with_structure(
    session: Session, policy: WalletPolicy, answer: Answer[Any]
) -> Answer[Mapping[str, Any]]:
    """The answer with its wallet as a ccxt balance structure."""
    if policy.must_have and paging.dig_or_none(answer.response, policy.must_have) is None:
        raise session.bad(f"the answer has no {policy.must_have!r}")
    _is_whole(session, policy, answer.response)
    if policy.parser is None:
        return answer
    return replace(answer, value=policy.parser(answer.value, session.client))


def _is_whole(session: Session, policy: WalletPolicy, response: Any) -> None:
    """Refuse a wallet that the answer has no room for, or that it does not list to the end."""
    if policy.paging == OnePage() and policy.page_size is None:
        return
    rows = session.raw(response, policy.rows[0])
    what = f"the {policy.name} wallet"
    if session.turn(what, policy.paging, {}, rows, response, policy.page_size).too_full:
        raise session.bad(f"{what}: the answer ends after {len(rows)} rows and may miss others")


def _nothing_lost(
    session: Session, policy: WalletPolicy, response: Any, found: Collection[str]
) -> None:
    """BadResponse unless every raw row can be read and each that is not zero is in the structure,
    which may name it differently."""
    if not policy.rows and not found:
        session.not_hollow(f"the {policy.name} wallet", response)
    for rule in policy.rows:
        session.raw(response, rule)
    names = {
        name for rule in policy.rows if rule.name for name in raw_rows.held_names(response, rule)
    }
    held = {str(session.client.safe_currency_code(name)) for name in names}
    missing = held.difference(found)
    if len(missing) > len(set(found) - held):
        raise session.bad(
            f"the {policy.name} wallet holds {', '.join(sorted(missing))}, which could not be read"
        )


def _known_assets(client: Any) -> set[str]:
    return {str(market["base"]) for market in client.markets.values() if market.get("base")} | set(
        client.currencies or ()
    )


def positions(session: Session, call: CallPolicy) -> tuple[Position, ...]:
    """Open positions of one call, without empty rows."""
    doing = f"positions {call.category}"
    origin = session.origin(category=call.category, scope=doing, wallet=call.wallet)
    unified = partial(session.client.fetch_positions, None, session.filled(call.params))
    found = _read(session, call, None, "position", unified)
    made = (
        session.once(doing, partial(position, origin, item.structure, item.market))
        for item in found
    )
    return tuple(one for one in made if one is not None)


def open_orders(session: Session, call: CallPolicy, symbol: str | None) -> tuple[Order, ...]:
    """Open orders of one call."""
    origin = session.origin(category=call.category, scope=f"open orders {call.category}")
    asked = None if symbol is None else str(session.market(symbol, call.category)["symbol"])
    if callable(call.parser):
        return _parsed_orders(session, call, symbol)
    unified = partial(
        session.client.fetch_open_orders, asked, None, None, session.filled(call.params)
    )
    return tuple(
        session.once(
            f"orders {call.category}",
            partial(translate.order, origin, item.structure, item.stated, item.market),
        )
        for item in _read(session, call, symbol, "order", unified)
    )


# --- rows of positions and open orders ------------------------------------------------------------


def _read(
    session: Session, call: CallPolicy, symbol: str | None, kind: str, unified: Callable[[], Any]
) -> list[Found]:
    """All rows of a call (``kind``: order or position) as ccxt structures with their markets,
    without positions of size zero."""
    doing = f"{kind}s {call.category}"
    if call.method.startswith("fetch_"):
        found = _read_unified(session, call, kind, doing, unified)
    else:
        found = _read_raw(session, call, symbol, kind, doing)
    return [item for item in found if category_of(item.market) == call.category or not call.mixed]


def _read_unified(
    session: Session, call: CallPolicy, kind: str, doing: str, unified: Callable[[], Any]
) -> list[Found]:
    answer = session.call(doing, unified)
    structures, response = answer.value, answer.response
    # Without a response, ccxt turned an error into an empty list.
    if call.rows != "*" and (structures or response is not None):
        rows = session.raw(response, raw_rows.rule_of(call))
        session.nothing_lost(doing, len(structures), len(rows))
    elif not structures and response is not None:
        session.not_hollow(doing, response)
    return [
        session.once(doing, partial(_found, session, call, row, answer.stated.of(kind, row), None))
        for row in structures
        if not _is_flat(row.get("info"), call)
    ]


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
    found = session.market_of(structure, market, call.category)
    if found is None:
        name = structure.get("id") or "?"
        raise session.bad(f"row {name} names no market")
    return cast("Market", found)


def _is_flat(row: Any, call: CallPolicy) -> bool:
    return bool(call.figures) and raw_rows.is_nothing(row, call.figures)


def _parsed_orders(session: Session, call: CallPolicy, symbol: str | None) -> tuple[Order, ...]:
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
    found = (
        record
        for row in _raw_rows(session, call, symbol, doing)
        for record in session.once(doing, partial(_orders, row, desk))
    )
    return tuple(order for order in found if not call.mixed or order.category == call.category)


def _orders(row: Any, desk: Desk) -> list[Order]:
    return [record for record in desk.records(row) if isinstance(record, Order)]


def _read_raw(
    session: Session, call: CallPolicy, symbol: str | None, kind: str, doing: str
) -> list[Found]:
    rows = (row for row in _raw_rows(session, call, symbol, doing) if not _is_flat(row, call))
    return [session.once(doing, partial(_parse, session, call, kind, row)) for row in rows]


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

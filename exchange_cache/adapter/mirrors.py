"""Reading what is true now: balances, positions, open orders, prices, candles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast

from exchange_cache.adapter import paging, raw_rows, translate, translate_wallets
from exchange_cache.adapter.markets import Market, category_of
from exchange_cache.adapter.policy import (
    CallPolicy,
    RawRows,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.adapter.port import Candle
from exchange_cache.adapter.rows import Desk
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.translate import Origin, required_number
from exchange_cache.clock import to_ms
from exchange_cache.money import to_amount
from exchange_cache.records import Balance, DataType, Order, Position, Price

Found = tuple[Mapping[str, Any], Market]
#: A parse method of ccxt by its name, or a function of the exchange's own file.
Parse = str | Callable[[Any, Any], Any]

#: A mirror that needs more pages than this has a cursor that never ends.
MAX_PAGES = 200


def balances(session: Session, wallet: WalletPolicy) -> tuple[Balance, ...]:
    """Every non-zero code of one wallet; BadResponse where a raw row did not become one."""
    doing = f"balances of wallet {wallet.name}"
    structure = session.call(doing, partial(_wallet, session, wallet))
    session.once(doing, partial(_nothing_lost, session, wallet, structure))
    origin = session.origin(category="spot", scope=f"wallet {wallet.name}", wallet=wallet.name)
    known = _known_assets(session.client)
    found = session.once(
        doing, lambda: translate_wallets.balances(origin, structure, wallet, session.policy, known)
    )
    session.emptied |= translate_wallets.codes(structure) - {item.code for item in found}
    if wallet.market_rows:
        session.wallet_symbols[wallet.name] = _pairs(session, wallet)
    return found


def _pairs(session: Session, wallet: WalletPolicy) -> frozenset[str]:
    ids = [
        paging.dig_or_none(row, wallet.market_field)
        for row in session.rows(session.client.last_response, wallet.market_rows)
    ]
    if not all(ids):
        raise session.bad(f"a row at {wallet.market_rows!r} has no {wallet.market_field!r}")
    return frozenset(
        str(session.market_by_id(str(market_id), "spot")["symbol"]) for market_id in ids
    )


def _wallet(session: Session, wallet: WalletPolicy) -> Mapping[str, Any]:
    response = getattr(session.client, wallet.method)(session.filled(wallet.params))
    if (
        wallet.must_have
        and paging.dig_or_none(session.client.last_response, wallet.must_have) is None
    ):
        raise session.bad(f"the answer has no {wallet.must_have!r}")
    structure: Mapping[str, Any] = (
        response if wallet.parser is None else wallet.parser(response, session.client)
    )
    return structure


def _nothing_lost(session: Session, wallet: WalletPolicy, structure: Mapping[str, Any]) -> None:
    """Every raw row can be read, and each that holds something is in the structure (which may name
    it differently)."""
    answer, found = session.client.last_response, translate_wallets.codes(structure)
    if not wallet.rows and not found:
        session.not_hollow(f"the {wallet.name} wallet")
    for rule in wallet.rows:
        session.raw(answer, rule)
    names = {
        name for rule in wallet.rows if rule.name for name in raw_rows.held_names(answer, rule)
    }
    held = {str(session.client.safe_currency_code(name)) for name in names}
    if len(held - found) > len(found - held):
        raise session.bad(
            f"the {wallet.name} wallet holds {', '.join(sorted(held - found))}, which could not be"
            " read"
        )


def _known_assets(client: Any) -> set[str]:
    return {str(market["base"]) for market in client.markets.values() if market.get("base")} | set(
        client.currencies or ()
    )


def positions(session: Session, call: CallPolicy) -> tuple[Position, ...]:
    """Open positions of one call; empty rows are left out."""
    origin = session.origin(
        category=call.category, scope=f"positions {call.category}", wallet=call.wallet
    )
    found = _read(
        session,
        call,
        None,
        "parse_position",
        lambda: session.client.fetch_positions(None, session.filled(call.params)),
    )
    made = (
        session.once(f"positions {call.category}", partial(translate.position, origin, row, market))
        for row, market in found
    )
    return tuple(position for position in made if position is not None)


def open_orders(session: Session, call: CallPolicy, symbol: str | None) -> tuple[Order, ...]:
    """Open orders of one call."""
    origin = session.origin(category=call.category, scope=f"open orders {call.category}")
    asked = None if symbol is None else str(session.market(symbol, call.category)["symbol"])
    if callable(call.parser):
        return _parsed_orders(session, call, symbol)
    unified = partial(
        session.client.fetch_open_orders, asked, None, None, session.filled(call.params)
    )
    found = _read(session, call, symbol, "parse_order", unified)
    return tuple(
        session.once(f"orders {call.category}", partial(translate.order, origin, row, market))
        for row, market in found
    )


def prices(session: Session, call: CallPolicy) -> tuple[Price, ...]:
    """All tickers of one call that price a listed market."""
    doing = f"prices {call.category}"
    tickers = session.call(
        doing, lambda: getattr(session.client, call.method)(None, dict(call.params))
    )
    if call.rows != "*":
        _no_ticker_lost(session, call, tickers)
    elif not tickers:
        raise session.bad(f"no {call.category} ticker came")
    found = [
        price
        for ticker in tickers.values()
        if (price := session.once(doing, partial(_price, session, call, ticker))) is not None
    ]
    if tickers and not found:
        raise session.bad(f"none of {len(tickers)} {call.category} tickers could be read")
    return tuple(found)


def _price(session: Session, call: CallPolicy, ticker: Mapping[str, Any]) -> Price | None:
    market = session.client.markets.get(ticker.get("symbol"))
    origin = session.origin(
        category=category_of(market) if market else call.category, scope=f"prices {call.category}"
    )
    return translate_wallets.price(origin, ticker, market)


def _no_ticker_lost(session: Session, call: CallPolicy, tickers: Mapping[str, Any]) -> None:
    """Every raw ticker that has a price, and is of a listed market, became one."""
    rule = _rule(call)
    session.raw(session.client.last_response, rule)
    for name in sorted(raw_rows.held_names(session.client.last_response, rule)):
        listed = session.client.markets_by_id.get(name) or []
        symbols = {
            market["symbol"] for market in (listed if isinstance(listed, list) else [listed])
        }
        if symbols and not symbols & set(tickers):
            raise session.bad(f"the ticker of {name} could not be read")


def candles(
    session: Session, symbol: str, since: datetime, limit: int, resolution: str
) -> tuple[Candle, ...]:
    """Candles of a symbol from ``since`` on."""
    asked = str(session.market(symbol, "spot")["symbol"])
    doing = f"candles of {symbol}"
    found = session.call(
        doing, lambda: session.client.fetch_ohlcv(asked, resolution, to_ms(since), limit)
    )
    seconds = int(session.client.parse_timeframe(resolution))
    origin = session.origin(category="spot", scope=doing)
    return tuple(
        session.once(doing, partial(_candle, origin, asked, seconds, row))
        for row in found
        if None not in (row[1], row[4])
    )


def _candle(origin: Origin, symbol: str, seconds: int, row: Sequence[Any]) -> Candle:
    opened = int(required_number(origin, {"time": row[0]}, "time"))
    return Candle(
        symbol=symbol,
        opened_at=origin.instant(opened, "time", {"id": symbol}),
        resolution_s=seconds,
        open=to_amount(str(row[1])),
        close=to_amount(str(row[4])),
    )


# --- rows of positions and open orders ------------------------------------------------------------


def _read(
    session: Session, call: CallPolicy, symbol: str | None, parse: str, unified: Callable[[], Any]
) -> list[Found]:
    """All rows of a call as ccxt structures with their markets; positions of no size are left
    out."""
    doing = f"{parse.removeprefix('parse_')}s {call.category}"
    if call.method.startswith("fetch_"):
        found = _read_unified(session, call, doing, unified)
    else:
        found = _read_raw(session, call, symbol, call.parser or parse, doing)
    return (
        [item for item in found if category_of(item[1]) == call.category] if call.mixed else found
    )


def _read_unified(
    session: Session, call: CallPolicy, doing: str, unified: Callable[[], Any]
) -> list[Found]:
    structures = session.call(doing, unified)
    answer = session.client.last_response
    if call.rows != "*" and (
        structures or answer is not None
    ):  # None: an error that ccxt takes for an empty list
        session.nothing_lost(doing, len(structures), len(session.raw(answer, _rule(call))))
    elif not structures and answer is not None:
        session.not_hollow(doing)
    return [
        session.once(doing, partial(_found, session, call, row))
        for row in structures
        if not _is_flat(row.get("info"), call)
    ]


def _found(session: Session, call: CallPolicy, structure: Mapping[str, Any]) -> Found:
    return structure, _market_of(session, call, structure, None)


def _market_of(
    session: Session, call: CallPolicy, structure: Mapping[str, Any], market: Market | None
) -> Market:
    found = session.market_of(structure, market, call.category)
    if found is None:
        name = structure.get("id") or "?"
        raise session.bad(f"row {name} names no market")
    return cast("Market", found)


def _rule(call: CallPolicy) -> RawRows:
    """What the raw rows of a call must have."""
    path = ".".join(part for part in (call.rows, "*") if part)
    return RawRows(
        path=path,
        name=call.market_field,
        texts=call.texts,
        figures=call.figures,
        blank=call.blank,
        null_is_empty=call.null_is_empty,
        keyed=call.keyed,
    )


def _is_flat(row: Any, call: CallPolicy) -> bool:
    return bool(call.figures) and raw_rows.is_nothing(row, call.figures)


def _parsed_orders(session: Session, call: CallPolicy, symbol: str | None) -> tuple[Order, ...]:
    """Open orders through a raw row parser of the project."""
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
    session: Session, call: CallPolicy, symbol: str | None, parse: Parse, doing: str
) -> list[Found]:
    rows = (row for row in _raw_rows(session, call, symbol, doing) if not _is_flat(row, call))
    return [session.once(doing, partial(_parse, session, call, parse, row)) for row in rows]


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
        response, page = session.call(doing, partial(_ask, session, call, params))
        turn = session.once(
            doing, partial(paging.turn, call.paging, cursor, page, response, call.page_size)
        )
        made.extend(() if turn.again else page)
        if turn.next is None:
            return made
        cursor = turn.next
    raise session.bad(f"{doing} did not end after {MAX_PAGES} pages")


def _ask(session: Session, call: CallPolicy, params: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    response = getattr(session.client, call.method)(dict(params))
    if call.rows == "*":
        return response, session.rows(response, call.rows)
    return response, session.raw(response, _rule(call))


def _parse(session: Session, call: CallPolicy, parse: Parse, row: Any) -> Found:
    market = session.raw_market(row, call)
    if callable(parse):
        if market is None:
            raise session.bad(f"a position names no market at {call.market_field!r}")
        made: Found = parse(row, market)
        return made
    structure = getattr(session.client, parse)(row, market)
    return structure, _market_of(session, call, structure, market)

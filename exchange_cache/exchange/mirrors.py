"""Reading what is true now: balances, positions, open orders, prices, candles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.domain.money import to_decimal
from exchange_cache.domain.records import Balance, DataType, Order, Position, Price
from exchange_cache.exchange import paging, translate, translate_wallets
from exchange_cache.exchange.markets import Market, category_of
from exchange_cache.exchange.parsers import PARSERS
from exchange_cache.exchange.policy import CallPolicy, StreamPolicy, TimeBounds, WalletPolicy
from exchange_cache.exchange.port import Candle
from exchange_cache.exchange.position_rows import POSITION_PARSERS
from exchange_cache.exchange.rows import Desk
from exchange_cache.exchange.session import Session
from exchange_cache.exchange.wallet_rows import WALLET_PARSERS

Found = tuple[Mapping[str, Any], Market]

#: A mirror that needs more pages than this has a cursor that never ends.
MAX_PAGES = 200


def balances(session: Session, wallet: WalletPolicy) -> tuple[Balance, ...]:
    """Every non-zero code of one wallet."""
    structure = session.call(f"balances of wallet {wallet.name}", partial(_wallet, session, wallet))
    origin = session.origin(category="spot", scope=f"wallet {wallet.name}", wallet=wallet.name)
    known = _known_assets(session.client)
    found = translate_wallets.balances(origin, structure, wallet, session.policy, known)
    session.emptied |= translate_wallets.codes(structure) - {item.code for item in found}
    if wallet.market_rows:
        session.wallet_symbols[wallet.name] = _pairs(session, wallet)
    return found


def _pairs(session: Session, wallet: WalletPolicy) -> frozenset[str]:
    ids = [paging.dig_or_none(row, wallet.market_field) for row in session.rows(session.client.last_response, wallet.market_rows)]
    if not all(ids):
        raise session.bad(f"a row at {wallet.market_rows!r} has no {wallet.market_field!r}")
    return frozenset(str(session.market_by_id(str(market_id), "spot")["symbol"]) for market_id in ids)


def _wallet(session: Session, wallet: WalletPolicy) -> Mapping[str, Any]:
    response = getattr(session.client, wallet.method)(session.filled(wallet.params))
    if wallet.must_have and paging.dig_or_none(session.client.last_response, wallet.must_have) is None:
        raise session.bad(f"the answer has no {wallet.must_have!r}")
    structure: Mapping[str, Any] = response if wallet.parser is None else WALLET_PARSERS[wallet.parser](response, session.client)
    return structure


def _known_assets(client: Any) -> set[str]:
    return {str(market["base"]) for market in client.markets.values() if market.get("base")} | set(client.currencies or ())


def positions(session: Session, call: CallPolicy) -> tuple[Position, ...]:
    """Open positions of one call; empty rows are left out."""
    origin = session.origin(category=call.category, scope=f"positions {call.category}", wallet=call.wallet)
    found = _read(session, call, None, "parse_position", lambda: session.client.fetch_positions(None, session.filled(call.params)))
    made = (translate.position(origin, row, market) for row, market in found)
    return tuple(position for position in made if position is not None)


def open_orders(session: Session, call: CallPolicy, symbol: str | None) -> tuple[Order, ...]:
    """Open orders of one call."""
    origin = session.origin(category=call.category, scope=f"open orders {call.category}")
    asked = None if symbol is None else str(session.market(symbol, call.category)["symbol"])
    if call.parser in PARSERS:
        return _parsed_orders(session, call, symbol)
    unified = partial(session.client.fetch_open_orders, asked, None, None, session.filled(call.params))
    return tuple(translate.order(origin, row, market) for row, market in _read(session, call, symbol, "parse_order", unified))


def prices(session: Session, call: CallPolicy) -> tuple[Price, ...]:
    """All tickers of one call that price a listed market."""
    tickers = session.call(f"prices {call.category}", lambda: getattr(session.client, call.method)(None, dict(call.params)))
    found = []
    for ticker in tickers.values():
        market = session.client.markets.get(ticker.get("symbol"))
        origin = session.origin(category=category_of(market) if market else call.category, scope=f"prices {call.category}")
        price = translate_wallets.price(origin, ticker, market)
        if price is not None:
            found.append(price)
    if tickers and not found:
        raise session.bad(f"none of {len(tickers)} {call.category} tickers could be read")
    return tuple(found)


def candles(session: Session, symbol: str, since: datetime, limit: int, resolution: str) -> tuple[Candle, ...]:
    """Candles of a symbol from ``since`` on."""
    asked = str(session.market(symbol, "spot")["symbol"])
    found = session.call(f"candles of {symbol}", lambda: session.client.fetch_ohlcv(asked, resolution, to_ms(since), limit))
    seconds = int(session.client.parse_timeframe(resolution))
    told = [row for row in found if row[1] is not None and row[4] is not None]
    return tuple(
        Candle(
            symbol=asked,
            opened_at=from_ms(int(row[0])),
            resolution_s=seconds,
            open=to_decimal(str(row[1])),
            close=to_decimal(str(row[4])),
        )
        for row in told
    )


# --- rows of positions and open orders -----------------------------------------------------------------------


def _read(session: Session, call: CallPolicy, symbol: str | None, parse: str, unified: Callable[[], Any]) -> list[Found]:
    """All rows of a call as ccxt structures with their markets."""
    doing = f"{parse.removeprefix('parse_')}s {call.category}"
    if call.method.startswith("fetch_"):
        structures = session.call(doing, unified)
        if call.rows != "*":
            session.nothing_lost(doing, len(structures), len(session.rows(session.client.last_response, call.rows)))
        found = [(row, session.market_of(row, None, call.category)) for row in structures]
    else:
        found = _read_raw(session, call, symbol, call.parser or parse, doing)
    return [item for item in found if category_of(item[1]) == call.category] if call.mixed else found


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
    )
    desk = session.desk(stream)
    found = (record for row in _raw_rows(session, call, symbol, doing) for record in session.once(doing, partial(_orders, call, row, desk)))
    return tuple(order for order in found if not call.mixed or order.category == call.category)


def _orders(call: CallPolicy, row: Any, desk: Desk) -> list[Order]:
    return [record for record in PARSERS[str(call.parser)](row, desk) if isinstance(record, Order)]


def _read_raw(session: Session, call: CallPolicy, symbol: str | None, parse: str, doing: str) -> list[Found]:
    return [session.once(doing, partial(_parse, session, call, parse, row)) for row in _raw_rows(session, call, symbol, doing)]


def _raw_rows(session: Session, call: CallPolicy, symbol: str | None, doing: str) -> list[Any]:
    """All rows of all pages of a call."""
    made: list[Any] = []
    cursor: Mapping[str, Any] = {}
    for _ in range(MAX_PAGES):
        params = {**session.filled(call.params), **paging.page_params(call.paging, cursor, TimeBounds())}
        if symbol is not None:
            params[call.symbol_param] = session.market(symbol, call.category)["id"]
        response, page = session.call(doing, partial(_ask, session, call, params))
        turn = session.once(doing, partial(paging.turn, call.paging, cursor, page, response, call.page_size))
        made.extend(() if turn.again else page)
        if turn.next is None:
            return made
        cursor = turn.next
    raise session.bad(f"{doing} did not end after {MAX_PAGES} pages")


def _ask(session: Session, call: CallPolicy, params: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    response = getattr(session.client, call.method)(dict(params))
    return response, session.rows(response, call.rows)


def _parse(session: Session, call: CallPolicy, parse: str, row: Any) -> Found:
    market = session.raw_market(row, call)
    if parse in POSITION_PARSERS:
        if market is None:
            raise session.bad(f"a position names no market at {call.market_field!r}")
        return POSITION_PARSERS[parse](row, market)
    structure = getattr(session.client, parse)(row, market)
    return structure, session.market_of(structure, market, call.category)

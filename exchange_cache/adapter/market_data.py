"""Reads prices and past candles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from exchange_cache.adapter import raw_rows, translate_wallets
from exchange_cache.adapter.markets import category_of
from exchange_cache.adapter.policy import CallPolicy
from exchange_cache.adapter.port import Candle
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.values import Origin, required_number
from exchange_cache.clock import to_ms
from exchange_cache.money import to_amount
from exchange_cache.records import Price


def prices(session: Session, call: CallPolicy) -> tuple[Price, ...]:
    """All tickers of one call that price a listed market."""
    doing = f"prices {call.category}"
    answer = session.call(
        doing, lambda: getattr(session.client, call.method)(None, dict(call.params))
    )
    tickers = answer.value
    if call.rows != "*":
        _no_ticker_lost(session, call, tickers, answer.response)
    elif not tickers:
        raise session.bad(f"the answer has no {call.category} ticker")
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


def _no_ticker_lost(
    session: Session, call: CallPolicy, tickers: Mapping[str, Any], response: Any
) -> None:
    """BadResponse for a raw ticker that has a price and a listed market but was not parsed."""
    rule = raw_rows.rule_of(call)
    session.raw(response, rule)
    for name in sorted(raw_rows.held_names(response, rule)):
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
    ).value
    seconds = int(session.client.parse_timeframe(resolution))
    origin = session.origin(category="spot", scope=doing)
    rows = [row for row in found if None not in row[1:5]]
    return session.once(doing, lambda: tuple(_candle(origin, asked, seconds, row) for row in rows))


def _candle(origin: Origin, symbol: str, seconds: int, row: Sequence[Any]) -> Candle:
    opened = int(required_number(origin, {"time": row[0]}, "time"))
    return Candle(
        symbol=symbol,
        opened_at=origin.instant(opened, "time", {"id": symbol}),
        resolution_s=seconds,
        open=to_amount(str(row[1])),
        close=to_amount(str(row[4])),
        high=to_amount(str(row[2])),
        low=to_amount(str(row[3])),
    )

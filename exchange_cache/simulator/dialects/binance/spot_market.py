"""Public spot endpoints: /api/v3 ping, time, exchangeInfo, tickers and klines.

A market that trades no more either keeps its row with status BREAK (`extra["after"]` of the venue's
market) and a ticker frozen at the last trade, or is gone altogether.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.limits import Limits
from exchange_cache.simulator.dialects.binance.signing import SignedDialect
from exchange_cache.simulator.dialects.binance.words import (
    bad_combination,
    eight,
    limit_of,
    number,
    only,
    refuse,
    required,
    symbol_of,
    text,
)
from exchange_cache.simulator.venue import SPOT, Market, Ticker
from exchange_cache.simulator.venue.market_data import TIMEFRAME_MS
from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.wire import Request

_ORDER_TYPES = [
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
]
_STP = ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"]
_ON_MARGIN = (
    "BTC",
    "ETH",
    "SOL",
    "BNB",
    "XRP",
    "ADA",
    "DOGE",
    "LINK",
    "LTC",
    "AVAX",
    "ATOM",
    "NEAR",
)
_MINI = (
    "symbol",
    "openPrice",
    "highPrice",
    "lowPrice",
    "lastPrice",
    "volume",
    "quoteVolume",
    "openTime",
    "closeTime",
    "firstId",
    "lastId",
    "count",
)


class SpotMarket(SignedDialect):
    """What anybody may ask."""

    limits: Limits
    SPOT_MARKET_ROUTES: ClassVar[dict[str, str]] = {
        "GET /api/v3/ping": "ping",
        "GET /api/v3/time": "time",
        "GET /api/v3/exchangeInfo": "spot_exchange_info",
        "GET /api/v3/ticker/24hr": "spot_ticker_day",
        "GET /api/v3/ticker/price": "spot_ticker_price",
        "GET /api/v3/ticker/bookTicker": "spot_ticker_book",
        "GET /api/v3/klines": "spot_klines",
    }

    def ping(self, request: Request) -> Any:
        return {}

    def time(self, request: Request) -> Any:
        return {"serverTime": request.now_ms}

    def spot_exchange_info(self, request: Request) -> Any:
        only(request, "symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus")
        return {
            "timezone": "UTC",
            "serverTime": request.now_ms,
            "rateLimits": [
                _rate_limit("REQUEST_WEIGHT", "MINUTE", 1, self.limits.limit("api")),
                _rate_limit("ORDERS", "SECOND", 10, 100), _rate_limit("ORDERS", "DAY", 1, 200_000),
                _rate_limit("RAW_REQUESTS", "MINUTE", 5, 61_000),
            ],
            "exchangeFilters": [],
            "symbols": [
                _symbol_row(market, "TRADING" if market.trades_at(request.now_ms) else "BREAK")
                for market in self._asked(request)
            ],
        }  # fmt: skip

    def spot_ticker_day(self, request: Request) -> Any:
        only(request, "symbol", "symbols", "type", "symbolStatus")
        kind = text(request, "type") or "FULL"
        if kind not in ("FULL", "MINI"):
            raise refuse(-1139, "Invalid ticker type.")

        def row(market: Market) -> dict[str, Any]:
            full = self._day_row(market, request.now_ms)
            return full if kind == "FULL" else {key: full[key] for key in _MINI}

        return self._one_or_all(request, row)

    def spot_ticker_price(self, request: Request) -> Any:
        only(request, "symbol", "symbols", "symbolStatus")
        return self._one_or_all(
            request,
            lambda market: _pick(
                self._day_row(market, request.now_ms), {"symbol": "symbol", "price": "lastPrice"}
            ),
        )

    def spot_ticker_book(self, request: Request) -> Any:
        only(request, "symbol", "symbols", "symbolStatus")
        names = {name: name for name in ("symbol", "bidPrice", "bidQty", "askPrice", "askQty")}
        return self._one_or_all(
            request, lambda market: _pick(self._day_row(market, request.now_ms), names)
        )

    def spot_klines(self, request: Request) -> Any:
        only(request, "symbol", "interval", "startTime", "endTime", "timeZone", "limit")
        return self.klines(request, self.spot_market(request, listed_only=True), 500, 1000)

    # -- shared
    #   --------------------------------------------------------------------------------------------

    def klines(
        self, request: Request, market: Market, default: int, maximum: int
    ) -> list[list[Any]]:
        """Candles from startTime on, or the newest up to endTime."""
        interval = required(request, "interval")
        step = TIMEFRAME_MS.get(interval)
        if step is None:
            raise refuse(-1120, "Invalid interval.")
        limit = limit_of(request, default, maximum)
        start, end = number(request, "startTime"), number(request, "endTime")
        last = request.now_ms if end is None else min(end, request.now_ms)
        first = (last // step - limit + 1) * step if start is None else start
        candles = self.venue.candles(
            self.exchange, market.symbol, interval, max(first, market.listed_from), limit
        )
        return [
            [
                c.time_ms,
                eight(c.open),
                eight(c.high),
                eight(c.low),
                eight(c.close),
                eight(c.volume),
                c.time_ms + step - 1,
                eight(c.volume * c.close),
                c.trades,
                eight(c.volume / 2),
                eight(c.volume * c.close / 2),
                "0",
            ]
            for c in candles
            if c.time_ms <= last
        ]

    def listed_spot(self, now_ms: int) -> list[Market]:
        """Markets with a row in exchangeInfo: those that trade, and those on BREAK."""
        markets = self.venue.markets(self.exchange, SPOT)
        return [
            m for m in markets
            if m.trades_at(now_ms) or (m.listed_from <= now_ms and m.extra.get("after") == "BREAK")
        ]  # fmt: skip

    def spot_market(self, request: Request, *, listed_only: bool = False) -> Market:
        """The market of the mandatory symbol. Private endpoints know delisted ones as well."""
        market = self.venue.market_by_id(self.exchange, symbol_of(request), SPOT)
        if market is None or (listed_only and market not in self.listed_spot(request.now_ms)):
            raise refuse(-1121, "Invalid symbol.")
        return market

    def _asked(self, request: Request) -> list[Market]:
        """The markets named by symbol or symbols, all when neither is sent."""
        listed = self.listed_spot(request.now_ms)
        one, many = text(request, "symbol"), text(request, "symbols")
        if one is not None and many is not None:
            raise bad_combination()
        if one is None and many is None:
            return listed
        try:
            names = [symbol_of(request)] if many is None else json.loads(many)
        except ValueError:
            raise refuse(-1100, "Illegal characters found in parameter 'symbols'.") from None
        by_id = {market.id: market for market in listed}
        if not isinstance(names, list) or any(name not in by_id for name in names):
            raise refuse(-1121, "Invalid symbol.")
        return [by_id[name] for name in names]

    def _one_or_all(self, request: Request, row: Callable[[Market], dict[str, Any]]) -> Any:
        rows = [row(market) for market in self._asked(request)]
        return rows[0] if "symbol" in request.query else rows

    def _day_row(self, market: Market, now_ms: int) -> dict[str, Any]:
        ticker = self.venue.ticker(self.exchange, market.symbol, now_ms)
        if ticker is not None:
            return _day_row(ticker)
        return _frozen(
            market, self.venue.price(self.exchange, market.symbol, (market.listed_until or 1) - 1)
        )


def _rate_limit(kind: str, interval: str, count: int, limit: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": count, "limit": limit}


def _pick(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {name: row[source] for name, source in names.items()}


def _symbol_row(market: Market, status: str) -> dict[str, Any]:
    return {
        "symbol": market.id,
        "status": status,
        "baseAsset": market.base,
        "baseAssetPrecision": 8,
        "quoteAsset": market.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": _ORDER_TYPES,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": True,
        "isSpotTradingAllowed": status == "TRADING",
        "isMarginTradingAllowed": offers_margin(market) and status == "TRADING",
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": eight(market.tick),
                "maxPrice": "1000000.00000000",
                "tickSize": eight(market.tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": eight(market.min_amount),
                "maxQty": "9000000.00000000",
                "stepSize": eight(market.lot),
            },
            {"filterType": "ICEBERG_PARTS", "limit": 100},
            {
                "filterType": "MARKET_LOT_SIZE",
                "minQty": "0.00000000",
                "maxQty": "100000.00000000",
                "stepSize": "0.00000000",
            },
            {
                "filterType": "TRAILING_DELTA",
                "minTrailingAboveDelta": 10,
                "maxTrailingAboveDelta": 2000,
                "minTrailingBelowDelta": 10,
                "maxTrailingBelowDelta": 2000,
            },
            {
                "filterType": "PERCENT_PRICE_BY_SIDE",
                "bidMultiplierUp": "5",
                "bidMultiplierDown": "0.2",
                "askMultiplierUp": "5",
                "askMultiplierDown": "0.2",
                "avgPriceMins": 5,
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": eight(market.min_cost),
                "applyMinToMarket": True,
                "maxNotional": "9000000.00000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
        ],
        "permissions": [],
        "permissionSets": [["SPOT", *(["MARGIN"] if offers_margin(market) else []), "TRD_GRP_004"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": _STP,
    }


def offers_margin(market: Market) -> bool:
    """Margin trading is offered on the large USDT markets."""
    return market.quote == "USDT" and market.base in _ON_MARGIN


def _day_row(t: Ticker) -> dict[str, Any]:
    m, last = t.market, t.last
    traded = last is not None
    price = Decimal(0) if last is None else last
    opened = t.open if traded else Decimal(0)
    change = price - opened
    return {
        "symbol": m.id,
        "priceChange": eight(change),
        "priceChangePercent": f"{change / opened * 100 if opened else Decimal(0):.3f}",
        "weightedAvgPrice": eight((t.high + t.low + price) / 3 if traded else price),
        "prevClosePrice": eight(opened),
        "lastPrice": eight(price),
        "lastQty": eight(m.lot if traded else Decimal(0)),
        "bidPrice": eight(t.bid),
        "bidQty": eight(t.bid_size),
        "askPrice": eight(t.ask),
        "askQty": eight(t.ask_size),
        "openPrice": eight(opened),
        "highPrice": eight(t.high if traded else price),
        "lowPrice": eight(t.low if traded else price),
        "volume": eight(t.base_volume if traded else price),
        "quoteVolume": eight(t.quote_volume if traded else price),
        "openTime": t.time_ms - DAY_MS,
        "closeTime": t.time_ms,
        "firstId": 1 if traded else -1,
        "lastId": t.trades if traded else -1,
        "count": t.trades if traded else 0,
    }


def _frozen(market: Market, last: Decimal) -> dict[str, Any]:
    """The ticker of a market on BREAK: the last trade's price for ever, no orders, no volume."""
    zero, price, closed = "0.00000000", eight(last), market.listed_until or 0
    return {
        "symbol": market.id,
        "priceChange": zero,
        "priceChangePercent": "0.000",
        "weightedAvgPrice": zero,
        "prevClosePrice": price,
        "lastPrice": price,
        "lastQty": zero,
        "bidPrice": zero,
        "bidQty": zero,
        "askPrice": zero,
        "askQty": zero,
        "openPrice": price,
        "highPrice": price,
        "lowPrice": price,
        "volume": zero,
        "quoteVolume": zero,
        "openTime": closed - DAY_MS,
        "closeTime": closed,
        "firstId": -1,
        "lastId": -1,
        "count": 0,
    }

"""Public endpoints of USD-M (/fapi) and COIN-M futures (/dapi): exchangeInfo, tickers, premium
index, klines.

One method serves both families; `family` tells by the path which one is asked. USD-M's day ticker
knows no bid and ask; COIN-M counts in contracts of 100 or 10 dollars and answers with a list even
for one symbol.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.margin_history import MarginHistory
from exchange_cache.simulator.dialects.binance.words import (
    decimals,
    eight,
    on_step,
    plain,
    refuse,
    symbol_of,
    text,
)
from exchange_cache.simulator.venue import INVERSE, LINEAR, Market, Ticker
from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.wire import Request

FUNDING_MS = 8 * 3_600_000
PERPETUAL_ENDS_MS = 4_133_404_800_000
_ORDER_TYPES = [
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
]


def family(request: Request) -> str:
    """LINEAR for /fapi, INVERSE for /dapi."""
    return LINEAR if request.path.startswith("/fapi/") else INVERSE


class FuturesMarket(MarginHistory):
    """What anybody may ask about contracts."""

    FUTURES_MARKET_ROUTES: ClassVar[dict[str, str]] = {
        f"GET /{prefix}/v1/{path}": method
        for prefix in ("fapi", "dapi")
        for path, method in {
            "ping": "ping",
            "time": "time",
            "exchangeInfo": "futures_exchange_info",
            "ticker/24hr": "futures_day",
            "ticker/price": "futures_price",
            "ticker/bookTicker": "futures_book",
            "premiumIndex": "premium_index",
            "klines": "futures_klines",
        }.items()
    } | {"GET /fapi/v2/ticker/price": "futures_price"}

    def futures_exchange_info(self, request: Request) -> Any:
        kind = family(request)
        limit = self.limits.limit("fapi" if kind == LINEAR else "dapi")
        info: dict[str, Any] = {
            "timezone": "UTC",
            "serverTime": request.now_ms,
            "futuresType": "U_MARGINED" if kind == LINEAR else "D_MARGINED",
            "rateLimits": [
                {
                    "rateLimitType": "REQUEST_WEIGHT",
                    "interval": "MINUTE",
                    "intervalNum": 1,
                    "limit": limit,
                },
                {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
            ],
            "exchangeFilters": [],
            "symbols": [_contract_row(market, request.now_ms) for market in self._listed(request)],
        }
        if kind == LINEAR:
            info["assets"] = [
                {"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"}
                for asset in dict.fromkeys(market.settle for market in self._listed(request))
            ]
        return info

    def futures_day(self, request: Request) -> Any:
        return self._answer(request, _linear_day if family(request) == LINEAR else _inverse_day)

    def futures_price(self, request: Request) -> Any:
        return self._answer(
            request,
            lambda t: {
                "symbol": t.market.id,
                **_pair(t.market),
                "price": _price(t.market, t.last or t.mark),
                "time": t.time_ms,
            },
        )

    def futures_book(self, request: Request) -> Any:
        return self._answer(request, lambda t: {
            "symbol": t.market.id, **_pair(t.market), "bidPrice": _price(t.market, t.bid),
            "bidQty": on_step(t.bid_size, t.market.lot), "askPrice": _price(t.market, t.ask),
            "askQty": on_step(t.ask_size, t.market.lot), "time": t.time_ms,
        })  # fmt: skip

    def premium_index(self, request: Request) -> Any:
        return self._answer(
            request,
            lambda t: {
                "symbol": t.market.id,
                **_pair(t.market),
                "markPrice": eight(t.mark),
                "indexPrice": eight(t.index),
                "estimatedSettlePrice": eight(t.index),
                "lastFundingRate": "0.00010000",
                "interestRate": "0.00010000",
                "nextFundingTime": (t.time_ms // FUNDING_MS + 1) * FUNDING_MS,
                "time": t.time_ms,
            },
        )

    def futures_klines(self, request: Request) -> Any:
        return self.klines(request, self.contract(request), 500, 1500)

    # -- shared
    #   --------------------------------------------------------------------------------------------

    def contract(self, request: Request) -> Market:
        """The contract of the mandatory symbol."""
        market = self.venue.market_by_id(self.exchange, symbol_of(request), family(request))
        if market is None:
            raise refuse(-1121, "Invalid symbol.")
        return market

    def _listed(self, request: Request) -> list[Market]:
        return self.venue.markets(self.exchange, family(request), listed_at=request.now_ms)

    def _answer(self, request: Request, row: Callable[[Ticker], dict[str, Any]]) -> Any:
        """One row or all of them; COIN-M gives a list in any case and takes a pair as well."""
        kind = family(request)
        markets = self._listed(request)
        if text(request, "symbol") is not None:
            markets = [self.contract(request)]
        elif kind == INVERSE and text(request, "pair") is not None:
            markets = [market for market in markets if pair_of(market) == text(request, "pair")]
        tickers = [
            self.venue.ticker(self.exchange, market.symbol, request.now_ms) for market in markets
        ]
        rows = [row(ticker) for ticker in tickers if ticker is not None]
        return rows[0] if kind == LINEAR and "symbol" in request.query and rows else rows


def pair_of(market: Market) -> str:
    return f"{market.base}{market.quote}"


def _pair(market: Market) -> dict[str, str]:
    return {"pair": pair_of(market)} if market.kind == INVERSE else {}


def _price(market: Market, price: Decimal) -> str:
    return on_step(price, market.tick)


def _linear_day(t: Ticker) -> dict[str, Any]:
    m, last = t.market, t.last or t.mark
    return {
        "symbol": m.id,
        **_change(t, last),
        "weightedAvgPrice": _price(m, (t.high + t.low + last) / 3),
        "lastPrice": _price(m, last),
        "lastQty": on_step(m.lot, m.lot),
        "openPrice": _price(m, t.open),
        "highPrice": _price(m, t.high),
        "lowPrice": _price(m, t.low),
        "volume": on_step(t.base_volume, m.lot),
        "quoteVolume": f"{t.base_volume * last:.2f}",
        **_day_ids(t),
    }


def _inverse_day(t: Ticker) -> dict[str, Any]:
    m, last = t.market, t.last or t.mark
    return {
        "symbol": m.id,
        "pair": pair_of(m),
        **_change(t, last),
        "weightedAvgPrice": eight((t.high + t.low + last) / 3),
        "lastPrice": _price(m, last),
        "lastQty": "1",
        "openPrice": _price(m, t.open),
        "highPrice": _price(m, t.high),
        "lowPrice": _price(m, t.low),
        "volume": str(int(t.base_volume * last / m.contract_size)),
        "baseVolume": eight(t.base_volume),
        **_day_ids(t),
    }


def _change(t: Ticker, last: Decimal) -> dict[str, str]:
    change = last - t.open
    return {
        "priceChange": _price(t.market, change),
        "priceChangePercent": f"{change / t.open * 100:.3f}",
    }


def _day_ids(t: Ticker) -> dict[str, int]:
    return {
        "openTime": t.time_ms - DAY_MS,
        "closeTime": t.time_ms,
        "firstId": 1,
        "lastId": t.trades,
        "count": t.trades,
    }


def _contract_row(m: Market, now_ms: int) -> dict[str, Any]:
    status = "TRADING" if m.trades_at(now_ms) else "SETTLING"
    expiry = m.extra.get("expiry")
    common = {
        "symbol": m.id,
        "pair": pair_of(m),
        "contractType": "CURRENT_QUARTER" if expiry else "PERPETUAL",
        "deliveryDate": expiry or PERPETUAL_ENDS_MS,
        "onboardDate": max(m.listed_from, 1_569_398_400_000),
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": m.base,
        "quoteAsset": m.quote,
        "marginAsset": m.settle,
        "pricePrecision": decimals(m.tick),
        "quantityPrecision": decimals(m.lot),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"] if m.base == "BTC" else ["Layer-1"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": plain(m.tick),
                "maxPrice": "4529764",
                "tickSize": plain(m.tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": plain(m.min_amount),
                "maxQty": "1000000",
                "stepSize": plain(m.lot),
            },
            {
                "filterType": "MARKET_LOT_SIZE",
                "minQty": plain(m.min_amount),
                "maxQty": "120000",
                "stepSize": plain(m.lot),
            },
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": "1.0500",
                "multiplierDown": "0.9500",
                "multiplierDecimal": "4",
            },
            *(
                [{"filterType": "MIN_NOTIONAL", "notional": plain(m.min_cost)}]
                if m.kind == LINEAR
                else []
            ),
        ],
        "orderTypes": _ORDER_TYPES,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }
    if m.kind == LINEAR:
        return {**common, "status": status, "permissionSets": ["GRID", "COPY"]}
    return {
        **common,
        "contractStatus": status,
        "contractSize": int(m.contract_size),
        "equalQtyPrecision": 4,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }

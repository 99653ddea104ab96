"""Bybit v5 market data: time, instruments, tickers, klines (docs/v5/market)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from exchange_cache.simulator.dialects.bybit_base import DAY_MS, OPTION, BybitBase, num, tidy
from exchange_cache.simulator.venue import INVERSE, LINEAR, SPOT, Candle, Market, Ticker
from exchange_cache.simulator.wire import Request

_INTERVALS = {
    "1": "1m",
    "3": "3m",
    "5": "5m",
    "15": "15m",
    "30": "30m",
    "60": "1h",
    "120": "2h",
    "240": "4h",
    "360": "6h",
    "720": "12h",
    "D": "1d",
    "W": "1w",
}
_STEPS = {
    "1": 1,
    "3": 3,
    "5": 5,
    "15": 15,
    "30": 30,
    "60": 60,
    "120": 120,
    "240": 240,
    "360": 360,
    "720": 720,
    "D": 1440,
    "W": 10080,
}
_FUNDING_MS = 8 * 3_600_000
_LAUNCH = 1_585_526_400_000


class BybitMarket(BybitBase):
    """Everything that needs no key."""

    def time(self, request: Request) -> Any:
        return self._ok(
            request,
            {"timeSecond": str(request.now_ms // 1000), "timeNano": f"{request.now_ms}000000"},
        )

    def system_status(self, request: Request) -> Any:
        return self._ok(request, {"list": []}, "")

    def instruments(self, request: Request) -> Any:
        """Trading ones unless `status` says otherwise; only contracts are paged (500, at most 1000
        a page)."""
        category = self._category(request)
        selected = self._market(request, category)
        status = request.query.get("status") or ("Trading" if selected is None else "")
        base = request.query.get("baseCoin")
        markets = [] if category == OPTION else self.venue.markets(self.exchange, category)
        markets = [
            m
            for m in sorted(markets, key=lambda m: m.id)
            if selected in (None, m)
            and base in (None, "", m.base)
            and status in ("", _status(m, request.now_ms))
        ]
        if category == SPOT:
            return self._ok(
                request, {"category": SPOT, "list": [_spot(m, request.now_ms) for m in markets]}
            )
        after = unquote(request.query.get("cursor", "")).rpartition("last=")[2]
        markets = [m for m in markets if m.id > after]
        page = markets[: self._limit(request, 500, 1000)]
        more = len(page) < len(markets)
        cursor = f"first%3D{page[0].id}%26last%3D{page[-1].id}" if more else ""
        rows = [_contract(m, request.now_ms) for m in page]
        return self._ok(request, {"category": category, "list": rows, "nextPageCursor": cursor})

    def tickers(self, request: Request) -> Any:
        category = self._category(request)
        market = self._market(request, category)
        if category == OPTION:
            if not (request.query.get("baseCoin") or request.query.get("symbol")):
                raise self._refuse(request, 10001, "params error: symbol or baseCoin is required")
            found: list[Ticker] = []
        elif market is not None:
            one = self.venue.ticker(self.exchange, market.symbol, request.now_ms)
            found = [] if one is None else [one]
        else:
            found = self.venue.tickers(self.exchange, category, request.now_ms)
        rows = [
            self._spot_ticker(t) if category == SPOT else self._contract_ticker(t) for t in found
        ]
        return self._ok(request, {"category": category, "list": rows})

    def _spot_ticker(self, t: Ticker) -> dict[str, Any]:
        usd = Decimal(repr(self.venue.state.prices.usd(t.market.base, t.time_ms)))
        row = {"symbol": t.market.id, **_book(t), **_day(t), "usdIndexPrice": tidy(usd)}
        return row | {
            "volume24h": _traded(t, t.base_volume),
            "turnover24h": _traded(t, t.quote_volume),
        }

    def _contract_ticker(self, t: Ticker) -> dict[str, Any]:
        """Inverse volumes are in contracts (dollars), their turnover in the coin."""
        dollars = (t.base_volume * t.mark).quantize(Decimal(1))
        volume, turnover = (
            (dollars, t.base_volume)
            if t.market.kind == INVERSE
            else (t.base_volume, t.quote_volume)
        )
        held, worth = volume * 3, turnover * 3
        hour_ago = self.venue.price(self.exchange, t.market.symbol, t.time_ms - 3_600_000)
        return {
            "symbol": t.market.id,
            **_day(t),
            "indexPrice": num(t.index),
            "markPrice": num(t.mark),
            "prevPrice1h": num(hour_ago),
            "openInterest": num(held),
            "openInterestValue": tidy(worth, "1e-4"),
            "turnover24h": tidy(turnover),
            "volume24h": num(volume),
            "fundingRate": "0.0001",
            "nextFundingTime": str((t.time_ms // _FUNDING_MS + 1) * _FUNDING_MS),
            "predictedDeliveryPrice": "",
            "basisRate": "",
            "basis": "",
            "deliveryFeeRate": "",
            "deliveryTime": "0",
            **_book(t),
            "preOpenPrice": "",
            "preQty": "",
            "curPreListingPhase": "",
            "fundingIntervalHour": "8",
            "fundingCap": "0.005",
            "basisRateYear": "",
        }

    def kline(self, request: Request) -> Any:
        """[start, open, high, low, close, volume, turnover], newest first."""
        market, candles = self._candles(request)
        rows = []
        for c in reversed(candles):
            inverse = market.kind == INVERSE
            volume = (c.volume * c.close).quantize(Decimal(1)) if inverse else c.volume
            turnover = c.volume if inverse else c.volume * c.close
            rows.append([str(c.time_ms), *_prices(c), num(volume), tidy(turnover)])
        return self._ok(request, {"category": market.kind, "symbol": market.id, "list": rows})

    def price_kline(self, request: Request) -> Any:
        """Mark, index and premium klines: prices only."""
        market, candles = self._candles(request)
        rows = [[str(c.time_ms), *_prices(c)] for c in reversed(candles)]
        return self._ok(request, {"category": market.kind, "symbol": market.id, "list": rows})

    def _candles(self, request: Request) -> tuple[Market, list[Candle]]:
        category = self._category(request, LINEAR, (SPOT, LINEAR, INVERSE))
        market = self._market(request, category)
        interval = request.query.get("interval", "")
        if market is None:
            raise self._refuse(request, 10001, "params error: symbol invalid")
        if interval not in _INTERVALS:
            raise self._refuse(request, 10001, "Invalid period!")
        limit = self._limit(request, 200, 1000)
        step = _STEPS[interval] * 60_000
        start, end = self._integer(request, "start"), self._integer(request, "end")
        last = request.now_ms if end is None else min(end, request.now_ms)
        newest = last // step * step
        if start is None:
            first = newest - (limit - 1) * step
        elif end is None:
            first, newest = (
                start // step * step,
                min(newest, start // step * step + (limit - 1) * step),
            )
        else:
            first = max(start // step * step, newest - (limit - 1) * step)
        count = (newest - first) // step + 1
        if count < 1:
            return market, []
        found = self.venue.candles(self.exchange, market.symbol, _INTERVALS[interval], first, count)
        return market, [c for c in found if c.time_ms <= newest]


def _prices(c: Candle) -> tuple[str, str, str, str]:
    return num(c.open), num(c.high), num(c.low), num(c.close)


def _status(market: Market, now_ms: int) -> str:
    if market.trades_at(now_ms):
        return "Trading"
    return "PreLaunch" if now_ms < market.listed_from else "Closed"


def _book(t: Ticker) -> dict[str, str]:
    return {
        "bid1Price": num(t.bid),
        "bid1Size": num(t.bid_size),
        "ask1Price": num(t.ask),
        "ask1Size": num(t.ask_size),
    }


def _day(t: Ticker) -> dict[str, str]:
    """Last price and the change over a day; zeros where nothing has traded yet."""
    if t.last is None:
        names = ("lastPrice", "prevPrice24h", "price24hPcnt", "highPrice24h", "lowPrice24h")
        return dict.fromkeys(names, "0")
    return {
        "lastPrice": num(t.last),
        "prevPrice24h": num(t.open),
        "price24hPcnt": tidy(t.last / t.open - 1, "1e-6"),
        "highPrice24h": num(t.high),
        "lowPrice24h": num(t.low),
    }


def _traded(t: Ticker, volume: Decimal) -> str:
    return "0" if t.last is None else tidy(volume)


def _spot(m: Market, now_ms: int) -> dict[str, Any]:
    return {
        "symbol": m.id,
        "baseCoin": m.base,
        "quoteCoin": m.quote,
        "innovation": "0",
        "status": _status(m, now_ms),
        "marginTrading": "utaOnly" if m.quote in ("USDT", "USDC") else "none",
        "stTag": "0",
        "lotSizeFilter": {
            "basePrecision": num(m.lot),
            "quotePrecision": "0.00000001",
            "minOrderQty": num(m.min_amount),
            "maxOrderQty": num(m.min_amount * 1_000_000),
            "minOrderAmt": num(m.min_cost),
            "maxOrderAmt": "4000000",
            "maxLimitOrderQty": num(m.min_amount * 1_000_000),
            "maxMarketOrderQty": num(m.min_amount * 500_000),
            "postOnlyMaxLimitOrderSize": num(m.min_amount * 1_000_000),
        },
        "priceFilter": {"tickSize": num(m.tick)},
        "riskParameters": {"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"},
        "symbolType": "",
    }


def _contract(m: Market, now_ms: int) -> dict[str, Any]:
    expiry = m.extra.get("expiry")
    early = _status(m, now_ms) == "PreLaunch"
    phase = {
        "phase": "NotStarted",
        "startTime": str(m.listed_from - DAY_MS),
        "endTime": str(m.listed_from),
    }
    info = {
        "curAuctionPhase": "NotStarted",
        "phases": [phase],
        "auctionFeeInfo": {
            "auctionFeeRate": "0",
            "takerFeeRate": "0.001",
            "makerFeeRate": "0.0004",
        },
    }
    return {
        "symbol": m.id,
        "contractType": f"{m.kind.title()}{'Futures' if expiry else 'Perpetual'}",
        "status": _status(m, now_ms),
        "baseCoin": m.base,
        "quoteCoin": m.quote,
        "launchTime": str(m.listed_from or _LAUNCH),
        "deliveryTime": str(expiry or 0),
        "deliveryFeeRate": "",
        "priceScale": str(max(0, -int(m.tick.as_tuple().exponent))),
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {
            "minPrice": num(m.tick),
            "maxPrice": num(m.tick * 20_000_000),
            "tickSize": num(m.tick),
        },
        "lotSizeFilter": {
            "maxOrderQty": num(m.lot * 1_000_000),
            "minOrderQty": num(m.min_amount),
            "qtyStep": num(m.lot),
            "postOnlyMaxOrderQty": num(m.lot * 1_000_000),
            "maxMktOrderQty": num(m.lot * 200_000),
            "minNotionalValue": "5" if m.kind == LINEAR else "",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
        "settleCoin": m.settle,
        "copyTrading": "none",
        "upperFundingRate": "0.005",
        "lowerFundingRate": "-0.005",
        "isPreListing": early,
        "preListingInfo": info if early else None,
        "riskParameters": {"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"},
        "displayName": "",
        "forbidUplWithdrawal": False,
        "symbolType": "",
    }

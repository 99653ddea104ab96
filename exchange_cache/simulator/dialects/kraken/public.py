"""Kraken's public market data: Time, SystemStatus, Assets, AssetPairs, Ticker, OHLC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.dialects.kraken.wording import (
    cost_decimals,
    decimals,
    fixed,
    price_text,
    refusal,
    step_decimals,
)
from exchange_cache.simulator.venue import Candle, Market, Ticker
from exchange_cache.simulator.wire import ApiError, Request

_INTERVALS = {
    1: "1m",
    5: "5m",
    15: "15m",
    30: "30m",
    60: "1h",
    240: "4h",
    1440: "1d",
    10080: "1w",
    21600: "15d",
}
_OHLC_ROWS = 720
_TAKER_FEES = [
    [0, 0.4],
    [10000, 0.35],
    [50000, 0.24],
    [100000, 0.22],
    [250000, 0.2],
    [500000, 0.18],
    [1000000, 0.16],
]
_MAKER_FEES = [
    [0, 0.25],
    [10000, 0.2],
    [50000, 0.14],
    [100000, 0.12],
    [250000, 0.08],
    [500000, 0.06],
    [1000000, 0.04],
]
_MORE_ASSETS = ("BTC.M", "ETH.F", "EUR.M", "ETH2", "ETH2.S", "USD.HOLD", "KFEE", "GBP")
_ALTNAMES = {
    "XXBT": "XBT",
    "XETH": "ETH",
    "XXRP": "XRP",
    "XXDG": "XDG",
    "XLTC": "LTC",
    "XXLM": "XLM",
    "ZEUR": "EUR",
    "ZUSD": "USD",
}


class PublicCalls(Dialect):
    """Market data from the venue's price path."""

    CALLS: ClassVar[dict[str, str]] = {
        "Time": "time",
        "SystemStatus": "system_status",
        "Assets": "assets",
        "AssetPairs": "asset_pairs",
        "Ticker": "ticker",
        "OHLC": "ohlc",
    }

    def time(self, request: Request) -> Any:
        now = datetime.fromtimestamp(request.now_ms // 1000, UTC)
        return {
            "unixtime": request.now_ms // 1000,
            "rfc1123": now.strftime("%a, %d %b %y %H:%M:%S +0000"),
        }

    def system_status(self, request: Request) -> Any:
        now = datetime.fromtimestamp(request.now_ms // 1000, UTC)
        return {"status": "online", "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def assets(self, request: Request) -> Any:
        """All assets, or those of the comma list `asset` (own names or altnames)."""
        known = {asset_id: _asset(asset_id) for asset_id in self._asset_ids()}
        selected = request.params.get("asset")
        if not selected:
            return known
        by_alt = {row["altname"]: asset_id for asset_id, row in known.items()}
        ids = [by_alt.get(name, name) for name in str(selected).split(",")]
        if any(asset_id not in known for asset_id in ids):
            raise ApiError(refusal("EQuery:Unknown asset"))
        return {asset_id: known[asset_id] for asset_id in ids}

    def asset_pairs(self, request: Request) -> Any:
        return {market.id: self._pair(market) for market in self._selected(request)}

    def ticker(self, request: Request) -> Any:
        rows = (
            (m, self.venue.ticker(self.exchange, m.symbol, request.now_ms))
            for m in self._selected(request)
        )
        return {market.id: _ticker(row) for market, row in rows if row is not None}

    def ohlc(self, request: Request) -> Any:
        """The last 720 candles at most, whatever `since` says; the last one is not finished."""
        if "pair" not in request.params:
            raise ApiError(refusal("EGeneral:Invalid arguments"))
        market = self._selected(request)[0]
        try:
            minutes = int(request.params.get("interval", 1))
            since = int(float(request.params.get("since", 0) or 0))
            timeframe = _INTERVALS[minutes]
        except (KeyError, ValueError):
            raise ApiError(refusal("EGeneral:Invalid arguments")) from None
        oldest = request.now_ms - _OHLC_ROWS * minutes * 60_000
        start = max(oldest, since * 1000 + 1)
        rows = self.venue.candles(self.exchange, market.symbol, timeframe, start, _OHLC_ROWS)
        last = rows[-2].time_ms if len(rows) > 1 else start
        return {market.id: [_candle(market, row) for row in rows], "last": last // 1000}

    def _selected(self, request: Request) -> list[Market]:
        """The listed markets, or those of the comma list `pair` (ids or altnames)."""
        listed = self.venue.markets(self.exchange, listed_at=request.now_ms)
        selected = request.params.get("pair")
        if not selected:
            return listed
        by_name = {
            name: market for market in listed for name in (market.id, market.extra["altname"])
        }
        try:
            return [by_name[name] for name in str(selected).split(",")]
        except KeyError:
            raise ApiError(refusal("EQuery:Unknown asset pair")) from None

    def _asset_ids(self) -> Iterable[str]:
        profile = self.venue.profile(self.exchange)
        codes = [code for m in profile.markets for code in (m.base, m.quote)]
        return dict.fromkeys(
            profile.asset_id(code) for code in (*codes, "BTC.F", "DOT.S", *_MORE_ASSETS)
        )

    def _pair(self, market: Market) -> dict[str, Any]:
        name = self.venue.profile(self.exchange).asset_id
        return {
            "altname": market.extra["altname"],
            "wsname": market.extra["wsname"],
            "aclass_base": "currency",
            "base": name(market.base),
            "aclass_quote": "currency",
            "quote": name(market.quote),
            "lot": "unit",
            "cost_decimals": cost_decimals(market),
            "pair_decimals": step_decimals(market.tick),
            "lot_decimals": step_decimals(market.lot),
            "lot_multiplier": 1,
            "leverage_buy": [],
            "leverage_sell": [],
            "fees": _TAKER_FEES,
            "fees_maker": _MAKER_FEES,
            "fee_volume_currency": "ZUSD",
            "margin_call": 80,
            "margin_stop": 40,
            "ordermin": market.min_amount,
            "costmin": market.min_cost,
            "tick_size": market.tick,
            "status": "online",
        }


def _asset(asset_id: str) -> dict[str, Any]:
    places = decimals(asset_id)
    shown = {10: 5, 4: 2, 2: 2}.get(places, 5)
    altname = _ALTNAMES.get(asset_id, asset_id)
    return {
        "aclass": "currency",
        "altname": altname,
        "decimals": places,
        "display_decimals": shown,
        "status": "enabled",
    }


def _ticker(row: Ticker) -> dict[str, Any]:
    """Prices as text; a pair without a trade today shows zeros in c, v, p."""
    market = row.market
    mean = (row.high + row.low) / 2
    traded = row.last is not None
    last = row.last or Decimal(0)
    volume = row.base_volume if traded else Decimal(0)
    mean = mean if traded else Decimal(0)
    high, low = (row.high, row.low) if traded else (last, last)

    def text(price: Decimal) -> str:
        return price_text(market, price)

    lot = str(int(row.ask_size) or 1)
    return {
        "a": [text(row.ask), lot, fixed(row.ask_size, 3)],
        "b": [text(row.bid), lot, fixed(row.bid_size, 3)],
        "c": [text(last), fixed(row.bid_size if traded else Decimal(0), 8)],
        "v": [fixed(volume / 2, 8), fixed(volume, 8)],
        "p": [text(mean), text(mean)],
        "t": [row.trades // 2 if traded else 0, row.trades if traded else 0],
        "l": [text(low), text(low)],
        "h": [text(high), text(high)],
        "o": text(row.open if traded else last),
    }


def _candle(market: Market, row: Candle) -> list[Any]:
    prices = [price_text(market, price) for price in (row.open, row.high, row.low, row.close)]
    mean = price_text(market, (row.high + row.low) / 2)
    return [row.time_ms // 1000, *prices, mean, fixed(row.volume, 8), row.trades]

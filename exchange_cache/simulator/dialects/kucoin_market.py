"""KuCoin's public market data: currencies, symbols, tickers and candles of spot; contracts, tickers
and candles of futures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.kucoin_base import KucoinBase, integer, num, refusal, xbt
from exchange_cache.simulator.venue import INVERSE, SPOT, Market, Ticker
from exchange_cache.simulator.venue.market_data import TIMEFRAME_MS
from exchange_cache.simulator.wire import Request

_SPOT_TYPES = {
    "1min": "1m",
    "3min": "3m",
    "5min": "5m",
    "15min": "15m",
    "30min": "30m",
    "1hour": "1h",
    "2hour": "2h",
    "4hour": "4h",
    "6hour": "6h",
    "12hour": "12h",
    "1day": "1d",
    "1week": "1w",
}
_MINUTES = {
    1: "1m",
    5: "5m",
    15: "15m",
    30: "30m",
    60: "1h",
    120: "2h",
    240: "4h",
    720: "12h",
    1440: "1d",
    10080: "1w",
}
_SPOT_CANDLES, _FUTURES_CANDLES = 1500, 500
_FUNDING_MS = 8 * 3_600_000
_FULL_NAMES = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "USDT": "Tether",
    "USDC": "USD Coin",
    "KCS": "KuCoin Token",
}
_CHAINS = {
    "BTC": ("BTC", "btc"),
    "SOL": ("SOL", "sol"),
    "XRP": ("XRP", "xrp"),
    "ADA": ("ADA", "ada"),
    "KCS": ("KCC", "kcc"),
}
_FIAT = ("EUR",)


class KucoinMarket(KucoinBase):
    """Market data from the venue's price path."""

    # -- spot
    #   --------------------------------------------------------------------------------------------

    def timestamp(self, request: Request) -> Any:
        return request.now_ms

    def status(self, request: Request) -> Any:
        return {"status": "open", "msg": ""}

    def currencies(self, request: Request) -> Any:
        """Everything that spot trades; money of states has no chains."""
        codes = dict.fromkeys(
            code for m in self.venue.markets(self.exchange, SPOT) for code in (m.base, m.quote)
        )
        return [_currency(code) for code in codes]

    def symbols(self, request: Request) -> Any:
        markets = self.venue.markets(self.exchange, SPOT, listed_at=request.now_ms)
        return [
            _symbol(m)
            for m in markets
            if request.query.get("market") in (None, "", m.quote, _area(m))
        ]

    def all_tickers(self, request: Request) -> Any:
        fees = self.venue.profile(self.exchange).fees
        rows = self.venue.tickers(self.exchange, SPOT, request.now_ms)
        return {"time": request.now_ms, "ticker": [_ticker(row, fees.spot) for row in rows]}

    def stats(self, request: Request) -> Any:
        row = self._row(self._listed(request, SPOT), request.now_ms)
        return {"time": request.now_ms, **_ticker(row, self.venue.profile(self.exchange).fees.spot)}

    def level1(self, request: Request) -> Any:
        row = self._row(self._listed(request, SPOT), request.now_ms)
        return {
            "time": request.now_ms,
            "sequence": str(request.now_ms),
            "price": None if row.last is None else num(row.last),
            "size": num(row.bid_size),
            "bestBid": num(row.bid),
            "bestBidSize": num(row.bid_size),
            "bestAsk": num(row.ask),
            "bestAskSize": num(row.ask_size),
        }

    def candles(self, request: Request) -> Any:
        """Newest first, at most 1500; times in seconds; open, close, high, low in this order."""
        market = self._listed(request, SPOT)
        timeframe = _SPOT_TYPES.get(request.query.get("type", ""))
        if timeframe is None:
            raise refusal("400100", "This type is not supported")
        end = integer(request, "endAt") or request.now_ms // 1000
        earliest = (
            min(end, request.now_ms // 1000) - _SPOT_CANDLES * TIMEFRAME_MS[timeframe] // 1000
        )
        start = max(integer(request, "startAt") or 0, earliest)
        rows = self.venue.candles(
            self.exchange, market.symbol, timeframe, start * 1000, _SPOT_CANDLES
        )
        rows = [row for row in rows if row.time_ms < end * 1000]
        return [
            [
                str(c.time_ms // 1000),
                num(c.open),
                num(c.close),
                num(c.high),
                num(c.low),
                num(c.volume),
                num(c.volume * c.close),
            ]
            for c in reversed(rows)
        ]

    # -- futures
    #   --------------------------------------------------------------------------------------------

    def contracts(self, request: Request) -> Any:
        markets = self.venue.markets(self.exchange, listed_at=request.now_ms)
        return [self._contract(m, request.now_ms) for m in markets if m.settle is not None]

    def one_contract_ticker(self, request: Request) -> Any:
        return _contract_ticker(self._row(self._listed(request, None), request.now_ms))

    def contract_tickers(self, request: Request) -> Any:
        markets = self.venue.markets(self.exchange, listed_at=request.now_ms)
        return [
            _contract_ticker(self._row(m, request.now_ms)) for m in markets if m.settle is not None
        ]

    def contract_candles(self, request: Request) -> Any:
        """Oldest first, at most 500; times in milliseconds, numbers."""
        market = self._listed(request, None)
        timeframe = _MINUTES.get(integer(request, "granularity") or 0)
        if timeframe is None:
            raise refusal("400100", "granularity is invalid")
        end = integer(request, "to") or request.now_ms
        start = integer(request, "from") or max(0, end - 20 * 86_400_000)
        rows = self.venue.candles(self.exchange, market.symbol, timeframe, start, _FUTURES_CANDLES)
        return [
            [c.time_ms, float(c.open), float(c.high), float(c.low), float(c.close), float(c.volume)]
            for c in rows if c.time_ms <= end
        ]  # fmt: skip

    def _listed(self, request: Request, kind: str | None) -> Market:
        market = self.market(request, kind, needed=True)
        assert market is not None
        if not market.trades_at(request.now_ms):
            raise refusal("900001", "symbol not exists")
        return market

    def _row(self, market: Market, now_ms: int) -> Ticker:
        row = self.venue.ticker(self.exchange, market.symbol, now_ms)
        assert row is not None
        return row

    def _contract(self, market: Market, now_ms: int) -> dict[str, Any]:
        """`FFWCSX` is a perpetual; `FFICSX` has dates of expiry and settlement, and no funding."""
        expiry = market.extra.get("expiry")
        row = self._row(market, now_ms)
        inverse = market.kind == INVERSE
        fees = self.venue.profile(self.exchange).fees
        maker, taker = fees.inverse if inverse else fees.linear
        size = -market.contract_size if inverse else market.contract_size
        base = xbt(market.base)
        change = row.index - row.open
        return {
            "symbol": market.id,
            "rootSymbol": xbt(market.settle or ""),
            "type": "FFICSX" if expiry else "FFWCSX",
            "firstOpenDate": 1_585_555_200_000,
            "expireDate": expiry,
            "settleDate": expiry,
            "baseCurrency": base,
            "quoteCurrency": market.quote,
            "settleCurrency": xbt(market.settle or ""),
            "maxOrderQty": 1_000_000,
            "maxPrice": 1_000_000.0,
            "lotSize": int(market.lot),
            "tickSize": float(market.tick),
            "indexPriceTickSize": 0.01,
            "multiplier": float(size),
            "initialMargin": 0.01,
            "maintainMargin": 0.005,
            "maxRiskLimit": 200_000,
            "minRiskLimit": 200_000,
            "riskStep": 100_000,
            "makerFeeRate": float(maker),
            "takerFeeRate": float(taker),
            "takerFixFee": 0.0,
            "makerFixFee": 0.0,
            "settlementFee": None,
            "isDeleverage": True,
            "isQuanto": False,
            "isInverse": inverse,
            "markMethod": "FairPrice",
            "fairMethod": "FundingRate",
            "fundingBaseSymbol": f".{base}INT8H",
            "fundingRateSymbol": f".{market.id}FPI8H",
            "indexSymbol": f".K{base}USDT",
            "settlementSymbol": "",
            "status": "Open",
            "fundingFeeRate": 0.0001,
            "predictedFundingFeeRate": 0.0001,
            "openInterest": "8033200",
            "turnoverOf24h": float(row.quote_volume),
            "volumeOf24h": float(row.base_volume),
            "markPrice": float(row.mark),
            "indexPrice": float(row.index),
            "lastTradePrice": float(row.last or 0),
            "nextFundingRateTime": None if expiry else _FUNDING_MS - now_ms % _FUNDING_MS,
            "maxLeverage": 100,
            "lowPrice": float(row.low),
            "highPrice": float(row.high),
            "priceChgPct": float(round(change / row.open, 4)),
            "priceChg": float(change),
            "fundingRateGranularity": _FUNDING_MS,
        }


def _area(market: Market) -> str:
    """The name of the tab a market stands in."""
    return (
        "USDS"
        if market.quote in ("USDT", "USDC")
        else "FIAT"
        if market.quote in _FIAT
        else market.quote
    )


def _currency(code: str) -> dict[str, Any]:
    chain, chain_id = _CHAINS.get(code, ("ERC20", "eth"))
    chains = [
        {
            "chainName": chain,
            "chainId": chain_id,
            "withdrawalMinSize": "0.001",
            "depositMinSize": None,
            "withdrawFeeRate": "0",
            "withdrawalMinFee": "0.0005",
            "isWithdrawEnabled": True,
            "isDepositEnabled": True,
            "confirms": 12,
            "preConfirms": 6,
            "contractAddress": "",
            "withdrawPrecision": 8,
            "maxWithdraw": None,
            "maxDeposit": None,
            "needTag": code == "XRP",
        }
    ]
    return {
        "currency": code,
        "name": code,
        "fullName": _FULL_NAMES.get(code, code),
        "precision": 2 if code in _FIAT else 8,
        "confirms": None,
        "contractAddress": None,
        "isMarginEnabled": False,
        "isDebitEnabled": False,
        "chains": None if code in _FIAT else chains,
    }


def _symbol(market: Market) -> dict[str, Any]:
    return {
        "symbol": market.id,
        "name": market.id,
        "baseCurrency": market.base,
        "quoteCurrency": market.quote,
        "feeCurrency": market.quote,
        "market": _area(market),
        "baseMinSize": num(market.min_amount),
        "quoteMinSize": num(market.min_cost),
        "baseMaxSize": "10000000000",
        "quoteMaxSize": "99999999",
        "baseIncrement": num(market.lot),
        "quoteIncrement": "0.000001",
        "priceIncrement": num(market.tick),
        "priceLimitRate": "0.1",
        "minFunds": num(market.min_cost),
        "isMarginEnabled": False,
        "enableTrading": True,
        "feeCategory": 1,
        "makerFeeCoefficient": "1.00",
        "takerFeeCoefficient": "1.00",
        "st": False,
        "callauctionIsEnabled": False,
    }


def _ticker(row: Ticker, fees: tuple[Decimal, Decimal]) -> dict[str, Any]:
    """ "buy" is the best bid, "sell" the best ask; what never traded has no last price."""
    traded = row.last is not None
    change = row.index - row.open
    return {
        "symbol": row.market.id,
        "symbolName": row.market.id,
        "buy": num(row.bid),
        "bestBidSize": num(row.bid_size),
        "sell": num(row.ask),
        "bestAskSize": num(row.ask_size),
        "changeRate": num(round(change / row.open, 4)) if traded else None,
        "changePrice": num(change) if traded else None,
        "high": num(row.high) if traded else None,
        "low": num(row.low) if traded else None,
        "vol": num(row.base_volume) if traded else "0",
        "volValue": num(row.quote_volume) if traded else "0",
        "last": None if row.last is None else num(row.last),
        "averagePrice": num((row.high + row.low) / 2) if traded else None,
        "takerFeeRate": num(fees[1]),
        "makerFeeRate": num(fees[0]),
        "takerCoefficient": "1",
        "makerCoefficient": "1",
    }


def _contract_ticker(row: Ticker) -> dict[str, Any]:
    return {
        "sequence": row.time_ms,
        "symbol": row.market.id,
        "side": "buy",
        "size": 10,
        "price": num(row.last or row.bid),
        "bestBidSize": max(1, int(row.bid_size)),
        "bestBidPrice": num(row.bid),
        "bestAskPrice": num(row.ask),
        "bestAskSize": max(1, int(row.ask_size)),
        "tradeId": str(row.time_ms),
        "ts": row.time_ms * 1_000_000,
    }

"""Coinbase's market data: products, books, candles and tickers of Advanced Trade; currencies, rates
and prices of v2."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.coinbase_base import (
    FIAT,
    CoinbaseBase,
    iso,
    limit,
    made_uuid,
    plain,
    refusal,
    several,
    v2_refusal,
)
from exchange_cache.simulator.venue import Market, Ticker
from exchange_cache.simulator.wire import Request

# "Get Product Candles": at most 350 buckets per request
_MOST_CANDLES = 350
_GRANULARITIES = {
    "ONE_MINUTE": ("1m", 60),
    "FIVE_MINUTE": ("5m", 300),
    "FIFTEEN_MINUTE": ("15m", 900),
    "THIRTY_MINUTE": ("30m", 1800),
    "ONE_HOUR": ("1h", 3600),
    "TWO_HOUR": ("2h", 7200),
    "FOUR_HOUR": ("4h", 14_400),
    "SIX_HOUR": ("6h", 21_600),
    "ONE_DAY": ("1d", 86_400),
}
NAMES = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "SOL": "Solana",
    "XRP": "XRP",
    "DOGE": "Dogecoin",
    "ADA": "Cardano",
    "LTC": "Litecoin",
    "AVAX": "Avalanche",
    "LINK": "Chainlink",
    "USDC": "USDC",
    "USDT": "Tether",
    "MATIC": "Polygon",
    "DAI": "Dai",
    "DOT": "Polkadot",
    "XLM": "Stellar Lumens",
    "USD": "US Dollar",
    "EUR": "Euro",
    "GBP": "British Pound",
    "ATOM": "Cosmos",
    "UNI": "Uniswap",
    "SHIB": "Shiba Inu",
    "ALGO": "Algorand",
    "NEAR": "NEAR Protocol",
    "APT": "Aptos",
    "ARB": "Arbitrum",
    "OP": "Optimism",
    "SUI": "Sui",
    "PEPE": "Pepe",
    "LDO": "Lido DAO",
    "1INCH": "1inch",
    "TRX": "TRON",
}
EXPONENTS = {
    "USD": 2,
    "EUR": 2,
    "GBP": 2,
    "USDC": 6,
    "USDT": 6,
    "XRP": 6,
    "ADA": 6,
    "XLM": 7,
    "DOT": 10,
}


class CoinbaseMarket(CoinbaseBase):
    """Market data from the venue's price path."""

    # -- Advanced Trade
    #   -------------------------------------------------------------------------------------------

    def server_time(self, request: Request) -> Any:
        now = request.now_ms
        return {
            "iso": iso(now, digits=0),
            "epochSeconds": str(now // 1000),
            "epochMillis": str(now),
        }

    def products(self, request: Request) -> Any:
        """All products, of one `product_type` and among `product_ids` when given; nothing here has
        a contract."""
        selected, kind = set(several(request, "product_ids")), request.query.get("product_type", "")
        if kind not in ("", "UNKNOWN_PRODUCT_TYPE", "SPOT", "FUTURE"):
            raise refusal(
                400,
                "INVALID_ARGUMENT",
                f'parsing field "product_type": "{kind}" is not a valid value',
            )
        markets = (
            [] if kind == "FUTURE" else self.venue.markets(self.exchange, listed_at=request.now_ms)
        )
        rows = [
            self._product(m, request.now_ms) for m in markets if not selected or m.id in selected
        ]
        offset = int(request.query.get("offset") or 0)
        size = limit(request, len(rows), max(1, len(rows)))
        return {"products": rows[offset : offset + size], "num_products": len(rows)}

    def one_product(self, request: Request, product_id: str) -> Any:
        return self._product(self._listed(product_id, request.now_ms), request.now_ms)

    def candles(self, request: Request, product_id: str) -> Any:
        """Buckets that open between `start` and `end` (Unix seconds, inclusive), newest first."""
        market = self._listed(product_id, request.now_ms)
        query = request.query
        try:
            start, end = int(query["start"]), int(query["end"])
            timeframe, seconds = _GRANULARITIES[query.get("granularity", "")]
        except (KeyError, ValueError):
            raise refusal(
                400, "INVALID_ARGUMENT", "start, end and granularity must be valid arguments"
            ) from None
        if (end - start) // seconds > _MOST_CANDLES:
            message = f"number of candles requested should be less than {_MOST_CANDLES}"
            raise refusal(400, "INVALID_ARGUMENT", message)
        rows = self.venue.candles(
            self.exchange, market.symbol, timeframe, start * 1000, _MOST_CANDLES
        )
        rows = [row for row in rows if row.time_ms <= end * 1000][
            : limit(request, _MOST_CANDLES, _MOST_CANDLES)
        ]
        return {
            "candles": [
                {
                    "start": str(c.time_ms // 1000),
                    "low": plain(c.low),
                    "high": plain(c.high),
                    "open": plain(c.open),
                    "close": plain(c.close),
                    "volume": plain(c.volume),
                }
                for c in reversed(rows)
            ]
        }

    def product_ticker(self, request: Request, product_id: str) -> Any:
        """The last trades and the best prices."""
        row = self._ticker(self._listed(product_id, request.now_ms), request.now_ms)
        if "limit" not in request.query:
            raise refusal(400, "INVALID_ARGUMENT", "limit is required")
        count = 0 if row.last is None else limit(request, 1, 10)
        trades = [
            {
                "trade_id": str(900_000_000 - index),
                "product_id": row.market.id,
                "price": plain(row.last or row.bid),
                "size": plain(row.bid_size),
                "time": iso(request.now_ms - index * 700),
                "side": "BUY",
                "bid": "",
                "ask": "",
                "exchange": "coinbase",
            }
            for index in range(count)
        ]
        return {"trades": trades, "best_bid": plain(row.bid), "best_ask": plain(row.ask)}

    def product_book(self, request: Request) -> Any:
        row = self._ticker(
            self._listed(request.query.get("product_id", ""), request.now_ms), request.now_ms
        )
        depth = limit(request, 10, 500)
        spread = row.ask - row.bid
        middle = (row.ask + row.bid) / 2
        return {
            "pricebook": _book(row, depth),
            "last": "" if row.last is None else plain(row.last),
            "mid_market": plain(middle),
            "spread_bps": plain((spread / middle * 10_000).quantize(Decimal("0.001"))),
            "spread_absolute": plain(spread),
        }

    def best_bid_ask(self, request: Request) -> Any:
        self.signed(request)
        selected = several(request, "product_ids")
        markets = (
            [self._listed(one, request.now_ms) for one in selected]
            if selected
            else self.venue.markets(self.exchange, listed_at=request.now_ms)
        )
        return {"pricebooks": [_book(self._ticker(m, request.now_ms), 1) for m in markets]}

    def private_products(self, request: Request) -> Any:
        self.signed(request)
        return self.products(request)

    def private_product_book(self, request: Request) -> Any:
        self.signed(request)
        return self.product_book(request)

    def private_one_product(self, request: Request, product_id: str) -> Any:
        self.signed(request)
        return self.one_product(request, product_id)

    def private_candles(self, request: Request, product_id: str) -> Any:
        self.signed(request)
        return self.candles(request, product_id)

    def private_product_ticker(self, request: Request, product_id: str) -> Any:
        self.signed(request)
        return self.product_ticker(request, product_id)

    def _listed(self, product_id: str, now_ms: int) -> Market:
        market = self.product(product_id)
        if not market.trades_at(now_ms):
            raise refusal(404, "NOT_FOUND", f"product {product_id} not found")
        return market

    def _ticker(self, market: Market, now_ms: int) -> Ticker:
        row = self.venue.ticker(self.exchange, market.symbol, now_ms)
        assert row is not None
        return row

    def _product(self, market: Market, now_ms: int) -> dict[str, Any]:
        row = self._ticker(market, now_ms)
        change = (row.index - row.open) / row.open * 100
        alias = market.extra.get("alias", "")
        aliased = [
            m.id for m in self.venue.markets(self.exchange) if m.extra.get("alias") == market.id
        ]
        return {
            "product_id": market.id,
            "price": "" if row.last is None else plain(row.last),
            "price_percentage_change_24h": plain(change.quantize(Decimal("1e-14"))),
            "volume_24h": plain(row.base_volume),
            "volume_percentage_change_24h": "1.25",
            "base_increment": plain(market.lot),
            "quote_increment": plain(market.tick),
            "quote_min_size": plain(market.min_cost),
            "quote_max_size": "50000000",
            "base_min_size": plain(market.min_amount),
            "base_max_size": "100000000",
            "base_name": NAMES.get(market.base, market.base),
            "quote_name": NAMES.get(market.quote, market.quote),
            "watched": False,
            "is_disabled": False,
            "new": False,
            "status": "online",
            "cancel_only": False,
            "limit_only": False,
            "post_only": False,
            "trading_disabled": False,
            "auction_mode": False,
            "product_type": "SPOT",
            "quote_currency_id": market.quote,
            "base_currency_id": market.base,
            "fcm_trading_session_details": None,
            "mid_market_price": "",
            "alias": alias,
            "alias_to": aliased,
            "base_display_symbol": market.base,
            "quote_display_symbol": "USD" if market.quote == "USDC" else market.quote,
            "view_only": False,
            "price_increment": plain(market.tick),
            "display_name": f"{market.base}-{market.quote}",
            "product_venue": "CBE",
            "approximate_quote_24h_volume": plain(row.quote_volume.quantize(Decimal("0.01"))),
            "new_at": "2023-01-01T00:00:00Z",
        }

    # -- v2
    #   --------------------------------------------------------------------------------------------

    def v2_time(self, request: Request) -> Any:
        now = datetime.fromtimestamp(request.now_ms // 1000, UTC)
        return {
            "data": {"iso": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "epoch": request.now_ms // 1000}
        }

    def currencies(self, request: Request) -> Any:
        """Money of states only; coins are in `crypto_currencies`."""
        return {
            "data": [{"id": code, "name": NAMES[code], "min_size": "0.01"} for code in sorted(FIAT)]
        }

    def crypto_currencies(self, request: Request) -> Any:
        return {"data": [crypto_currency(code) for code in self.codes() if code not in FIAT]}

    def exchange_rates(self, request: Request) -> Any:
        """How much of everything one unit of `currency` (default USD) buys."""
        currency = request.query.get("currency", "USD")
        codes = self.codes()
        if currency not in codes:
            raise v2_refusal(400, "invalid_request", "Invalid currency")
        rate = self.venue.state.prices.rate
        rates = {
            code: plain(
                Decimal(repr(rate(currency, code, request.now_ms))).quantize(Decimal("1e-16"))
            )
            for code in codes
        }
        return {"data": {"currency": currency, "rates": rates}}

    def price(self, request: Request, pair: str, side: str) -> Any:
        """The spot price, or what a buy or sale would pay, half a percent off."""
        base, _, quote = pair.partition("-")
        if not {base, quote} <= set(self.codes()):
            raise v2_refusal(404, "not_found", "Invalid base currency")
        rate = self.venue.state.prices.rate(base, quote, request.now_ms)
        amount = rate * {"buy": 1.005, "sell": 0.995}.get(side, 1.0)
        places = "0.01" if quote in FIAT and amount >= 1 else "0.00000001"
        return {
            "data": {
                "amount": plain(Decimal(repr(amount)).quantize(Decimal(places))),
                "base": base,
                "currency": quote,
            }
        }

    def codes(self) -> list[str]:
        """Everything the exchange names: what its markets trade, and coins it knows beside."""
        traded = (code for m in self.venue.markets(self.exchange) for code in (m.base, m.quote))
        return list(dict.fromkeys((*traded, *NAMES)))


def crypto_currency(code: str) -> dict[str, Any]:
    return {
        "asset_id": made_uuid(f"asset:{code}"),
        "code": code,
        "name": NAMES.get(code, code),
        "color": "#0433FF",
        "sort_index": 100 + sum(map(ord, code)),
        "exponent": EXPONENTS.get(code, 8),
        "type": "crypto",
        "address_regex": f"^{re.escape(code.lower())}[0-9a-z]+$",
    }


def _book(row: Ticker, depth: int) -> dict[str, Any]:
    tick = row.market.tick
    steps = [tick * step for step in range(depth)]
    size = plain(row.bid_size)
    return {
        "product_id": row.market.id,
        "bids": [{"price": plain(row.bid - s), "size": size} for s in steps if row.bid > s],
        "asks": [{"price": plain(row.ask + s), "size": size} for s in steps],
        "time": iso(row.time_ms),
    }

"""Adapters on scripted servers, markets without a download, and rows with exactly the fields that a
test is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter, open_adapter
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import Page
from exchange_cache.adapter.translate import Origin
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.exchanges import narrowed, policy_for
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType
from tests.exchanges.stub import Script, StubServer

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
NOW_MS = to_ms(NOW)
DAY_MS = 86_400_000
SECRETS = {
    "api_key": "AKIAEXAMPLEKEY01",
    "secret": "c2VjcmV0LXZhbHVlLTAx",
    "password": "pass-phrase-01",
}
WALLET = "0x00000000000000000000000000000000000000aa"


def market(market_id: str, symbol: str, **more: Any) -> dict[str, Any]:
    """A ccxt market; the symbol says what kind."""
    pair, _, settle = symbol.partition(":")
    base, quote = pair.split("/")
    contract, inverse = bool(settle), settle == base
    return {
        "id": market_id,
        "symbol": symbol,
        "base": base,
        "quote": quote,
        "baseId": base,
        "quoteId": quote,
        "settle": settle or None,
        "settleId": settle or None,
        "type": "swap" if contract else "spot",
        "spot": not contract,
        "margin": False,
        "swap": contract,
        "future": False,
        "option": False,
        "contract": contract,
        "active": True,
        "linear": (not inverse) if contract else None,
        "inverse": inverse if contract else None,
        "contractSize": "1" if contract else None,
        "precision": {"amount": "0.00000001", "price": "0.01"},
        "limits": {"amount": {"min": "0.0001"}},
        "info": {},
        **more,
    }


MARKETS = {
    "binance": (
        market("BTCUSDT", "BTC/USDT"),
        market("ETHUSDT", "ETH/USDT"),
        market("BNBUSDT", "BNB/USDT"),
        market("BTCUSDT", "BTC/USDT:USDT"),
        market("BTCUSD_PERP", "BTC/USD:BTC", contractSize="100"),
    ),
    "binanceus": (market("BTCUSDT", "BTC/USDT"), market("ETHUSDT", "ETH/USDT")),
    "hashkey": (market("BTCUSDT-PERPETUAL", "BTC/USDT:USDT", contractSize="0.001"),),
    "bybit": (
        market("BTCUSDT", "BTC/USDT"),
        market("BTCUSDT", "BTC/USDT:USDT"),
        market("BTCUSD", "BTC/USD:BTC"),
    ),
    "kraken": (
        market("XXBTZUSD", "BTC/USD", baseId="XXBT", quoteId="ZUSD", altname="XBTUSD"),
        market("DOTUSD", "DOT/USD", altname="DOTUSD"),
    ),
    "okx": (
        market("BTC-USDT", "BTC/USDT"),
        market("BTC-USDT-SWAP", "BTC/USDT:USDT", contractSize="0.01"),
        market("BTC-USD-SWAP", "BTC/USD:BTC", contractSize="100"),
    ),
    "coinbase": (
        market("BTC-USD", "BTC/USD"),
        market("ETH-USD", "ETH/USD"),
        market("BIT-27JUN25-CDE", "BTC/USD:USD", contractSize="0.01"),
    ),
    "kucoin": (
        market("BTC-USDT", "BTC/USDT"),
        market("XBTUSDTM", "BTC/USDT:USDT", contractSize="0.001"),
        market("XBTUSDM", "BTC/USD:BTC", contractSize="1"),
    ),
    "bitget": (
        market("BTCUSDT", "BTC/USDT"),
        market("BTCUSDT", "BTC/USDT:USDT"),
        market("BTCPERP", "BTC/USDC:USDC"),
        market("BTCUSD", "BTC/USD:BTC"),
    ),
    "gate": (
        market("BTC_USDT", "BTC/USDT"),
        market("BTC_USDT", "BTC/USDT:USDT", contractSize="0.0001"),
        market("BTC_USD", "BTC/USD:BTC", contractSize="1"),
    ),
    "htx": (
        market("btcusdt", "BTC/USDT", baseId="btc", quoteId="usdt"),
        market("BTC-USDT", "BTC/USDT:USDT", contractSize="0.001"),
        market("BTC-USD", "BTC/USD:BTC", contractSize="100"),
    ),
    "mexc": (
        market("BTCUSDT", "BTC/USDT"),
        market("BTC_USDT", "BTC/USDT:USDT", contractSize="0.0001"),
        market("BTC_USD", "BTC/USD:BTC", contractSize="100"),
    ),
    "bitfinex": (
        market("tBTCUSD", "BTC/USD", baseId="BTC", quoteId="USD"),
        market("tBTCF0:USTF0", "BTC/USDT:USDT", baseId="BTCF0", quoteId="USTF0"),
    ),
    "krakenfutures": (market("PF_XBTUSD", "BTC/USD:USD"), market("PI_XBTUSD", "BTC/USD:BTC")),
    "bitstamp": (
        market("btcusd", "BTC/USD", baseId="btc", quoteId="usd"),
        market("ethbtc", "ETH/BTC", baseId="eth", quoteId="btc"),
    ),
    "gemini": (
        market("btcusd", "BTC/USD", baseId="BTC", quoteId="USD"),
        market("etheur", "ETH/EUR", baseId="ETH", quoteId="EUR"),
    ),
    "cryptocom": (market("BTC_USD", "BTC/USD"), market("BTCUSD-PERP", "BTC/USD:USD")),
    "deribit": (
        market("BTC_USDC", "BTC/USDC"),
        market("BTC-PERPETUAL", "BTC/USD:BTC", contractSize="10"),
        market("ETH_USDC-PERPETUAL", "ETH/USDC:USDC", contractSize="0.001"),
    ),
    "hyperliquid": (
        market("ETH/USDC:USDC", "ETH/USDC:USDC"),
        market("@107", "HYPE/USDC", baseId="HYPE", quoteId="USDC"),
        market("PURR/USDC", "PURR/USDC"),
    ),
    "bitvavo": (market("BTC-EUR", "BTC/EUR"), market("ETH-EUR", "ETH/EUR")),
    "bingx": (
        market("BTC-USDT", "BTC/USDT"),
        market("BTC-USDT", "BTC/USDT:USDT"),
        market("BTC-USD", "BTC/USD:BTC", contractSize="100"),
    ),
    "phemex": (
        market("sBTCUSDT", "BTC/USDT", priceScale=8, valueScale=8, ratioScale=8),
        market("BTCUSDT", "BTC/USDT:USDT"),
        market(
            "BTCUSD",
            "BTC/USD:BTC",
            priceScale=4,
            valueScale=8,
            ratioScale=8,
            info={"settlementCurrency": "BTC"},
        ),
    ),
    "whitebit": (
        market("BTC_USDT", "BTC/USDT"),
        market("ETH_USDT", "ETH/USDT"),
        market("BTC_PERP", "BTC/USDT:USDT"),
    ),
    "digifinex": (market("BTCUSDT", "BTC/USDT"),),
    "poloniex": (market("BTC_USDT", "BTC/USDT"), market("ETH_USDT", "ETH/USDT")),
    "hollaex": (market("btc-usdt", "BTC/USDT", baseId="btc", quoteId="usdt"),),
    "latoken": (
        market("btc-usdt", "BTC/USDT", baseId="btc-id", quoteId="usdt-id"),
        market("eth-usdt", "ETH/USDT", baseId="eth-id", quoteId="usdt-id"),
    ),
    "upbit": (market("USDT-BTC", "BTC/USDT"),),
}


@contextmanager
def adapter_for(
    exchange: str, script: Script, **more: Any
) -> Iterator[tuple[CcxtAdapter, StubServer]]:
    """An adapter whose exchange is ``script``; its markets are remembered and those of now, so that
    all requests are those under test."""
    with StubServer(script) as stub:
        adapter = open_stubbed(exchange, stub.url, **more)
        adapter._session.markets.take_as_current()
        yield adapter, stub


def open_stubbed(exchange: str, url: str, **more: Any) -> CcxtAdapter:
    import ccxt

    listed = MARKETS.get(exchange, ())
    if exchange == "gemini":
        more.setdefault("credentials", {**SECRETS, "api_key": "account-EXAMPLE"})
    memory = {
        "ccxt": ccxt.__version__,
        "markets": list(listed),
        "markets_at": NOW_MS,
        "currencies": {},
        "options": {"marketsByAltname": {item["altname"]: item for item in listed}}
        if exchange == "kraken"
        else {},
    }
    credentials = (
        SECRETS
        if exchange in {"okx", "kucoin", "bitget"}
        else {name: SECRETS[name] for name in ("api_key", "secret")}
    )
    credentials = {"wallet_address": WALLET} if exchange == "hyperliquid" else credentials
    account = more.pop("account", "main")
    return open_adapter(
        account,
        narrowed(policy_for(exchange), more.pop("wallets", None), account),
        more.pop("credentials", credentials),
        {"urls": {"api": url}, "rateLimit": 1} | more.pop("config", {}),
        more.pop("clock", SetClock(NOW)),
        more.pop("memory", memory if listed else None),
        random=Random(1),
        **more,
    )


def stream(adapter: CcxtAdapter, data_type: DataType, scope: str) -> StreamPolicy:
    return next(
        item
        for item in adapter.policy.streams
        if (item.data_type, item.scope) == (data_type, scope)
    )


def walk(
    adapter: CcxtAdapter,
    policy: StreamPolicy,
    symbol: str | None,
    window: Span | None,
    cursor: Any = None,
) -> list[Page]:
    """All pages of a window."""
    pages, place = [], dict(cursor or {})
    while True:
        page = adapter.page(policy, symbol, window, place)
        pages.append(page)
        if page.next is None:
            return pages
        place = dict(page.next)


def origin(**more: Any) -> Origin:
    return Origin(
        **(
            {
                "account": "main",
                "exchange": "binance",
                "category": "spot",
                "scope": "spot",
                "fetched_at": NOW,
            }
            | more
        )
    )

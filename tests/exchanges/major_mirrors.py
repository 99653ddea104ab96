"""The documented answers of every wallet and list of six exchanges whose histories have tests of
their own.

Sources: developers.binance.com (account, asset, simple-earn, derivatives),
bybit-exchange.github.io/docs/v5, docs.kraken.com/api (BalanceEx, OpenOrders, Ticker),
www.okx.com/docs-v5, www.kucoin.com/docs-new, docs.cdp.coinbase.com (list-accounts, list-orders,
list-positions, list-products).
"""

from __future__ import annotations

from typing import Any

from tests.exchanges.builders import NOW_MS
from tests.exchanges.scripted import Mirror

AT = NOW_MS - 3_600_000
BTC, PERP, COIN = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"


def _binance_order(symbol: str, **more: Any) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "orderId": 28,
        "clientOrderId": "c",
        "price": "100",
        "origQty": "2",
        "executedQty": "0",
        "status": "NEW",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "time": AT,
        "updateTime": AT,
        **more,
    }


def _binance_position(symbol: str, **more: Any) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "positionSide": "BOTH",
        "positionAmt": "-2",
        "entryPrice": "40000",
        "markPrice": "50000",
        "unRealizedProfit": "-1.5",
        "liquidationPrice": "0",
        "leverage": "10",
        "marginType": "cross",
        "updateTime": AT,
        **more,
    }


_SPOT_TICKER = {
    "symbol": "BTCUSDT",
    "lastPrice": "110",
    "bidPrice": "109",
    "bidQty": "1",
    "askPrice": "111",
    "openPrice": "100",
    "highPrice": "120",
    "lowPrice": "90",
    "volume": "1",
    "quoteVolume": "110",
    "closeTime": AT,
}
_CONTRACTS = {
    "assets": [
        {"asset": "USDT", "walletBalance": "100", "availableBalance": "90", "initialMargin": "10"}
    ]
}

BINANCE = (
    Mirror(
        exchange="binance",
        what="wallet",
        name="spot",
        path="/account",
        makes=[("BTC", "1", "1.5", False)],
        reply={"updateTime": AT, "balances": [{"asset": "BTC", "free": "1", "locked": "0.5"}]},
    ),
    Mirror(
        exchange="binance",
        what="wallet",
        name="funding",
        path="/get-funding-asset",
        makes=[("USDT", "1", "1.75", False)],
        reply=[
            {
                "asset": "USDT",
                "free": "1",
                "locked": "0.5",
                "freeze": "0.25",
                "withdrawing": "0",
                "btcValuation": "0",
            }
        ],
    ),
    Mirror(
        exchange="binance",
        what="wallet",
        name="linear",
        path="/fapi/v3/account",
        reply=_CONTRACTS,
        makes=[("USDT", "90", "100", False)],
    ),
    Mirror(
        exchange="binance",
        what="wallet",
        name="inverse",
        path="/dapi/v1/account",
        reply=_CONTRACTS,
        makes=[("USDT", "90", "100", False)],
    ),
    Mirror(
        exchange="binance",
        what="wallet",
        name="earn",
        path="/locked/position",
        makes=[("DOT", None, "12.5", False)],
        reply={
            "rows": [
                {
                    "positionId": "1",
                    "projectId": "D*90",
                    "asset": "DOT",
                    "amount": "12.5",
                    "purchaseTime": str(AT),
                }
            ],
            "total": 1,
        },
    ),
    Mirror(
        exchange="binance",
        what="positions",
        name="linear",
        path="/positionRisk",
        makes=[(PERP, "linear", "short", "2", "40000", "-1.5")],
        reply=[_binance_position("BTCUSDT", notional="-100000")],
    ),
    Mirror(
        exchange="binance",
        what="positions",
        name="inverse",
        path="/positionRisk",
        makes=[(COIN, "inverse", "short", "0.004", "40000", "-1.5")],
        reply=[
            _binance_position(
                "BTCUSD_PERP", notionalValue="-0.004", marginType="isolated", isolatedMargin="1"
            )
        ],
    ),
    Mirror(
        exchange="binance",
        what="open_orders",
        name="spot",
        path="/openOrders",
        makes=[("28", "spot", BTC, "buy", "open", "2", "0", None)],
        reply=[_binance_order("BTCUSDT", cummulativeQuoteQty="0")],
    ),
    Mirror(
        exchange="binance",
        what="open_orders",
        name="linear",
        path="/openOrders",
        makes=[("28", "linear", PERP, "buy", "open", "2", "0", None)],
        reply=[
            _binance_order(
                "BTCUSDT", avgPrice="0", cumQuote="0", reduceOnly=False, positionSide="BOTH"
            )
        ],
    ),
    Mirror(
        exchange="binance",
        what="open_orders",
        name="inverse",
        path="/openOrders",
        makes=[("28", "inverse", COIN, "buy", "open", "2", "0", None)],
        reply=[
            _binance_order(
                "BTCUSD_PERP", avgPrice="0", cumBase="0", reduceOnly=False, positionSide="BOTH"
            )
        ],
    ),
    Mirror(
        exchange="binance",
        what="tickers",
        name="spot",
        path="/ticker/24hr",
        reply=[_SPOT_TICKER],
        makes=[(BTC, "110")],
    ),
)


def _bybit(result: dict[str, Any]) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": AT}


def _bybit_position(symbol: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "side": "Sell",
        "size": "2",
        "avgPrice": "40000",
        "markPrice": "50000",
        "positionIdx": 0,
        "positionValue": "80000",
        "leverage": "10",
        "unrealisedPnl": "-1.5",
        "liqPrice": "",
        "createdTime": str(AT),
        "updatedTime": str(AT),
        "tradeMode": 0,
        "positionIM": "100",
        "positionMM": "10",
        "positionBalance": "0",
    }


def _bybit_order(symbol: str) -> dict[str, Any]:
    return {
        "orderId": "b7",
        "orderLinkId": "",
        "symbol": symbol,
        "side": "Buy",
        "orderType": "Limit",
        "price": "100",
        "qty": "2",
        "cumExecQty": "0",
        "cumExecValue": "0",
        "cumExecFee": "0",
        "avgPrice": "",
        "orderStatus": "New",
        "createdTime": str(AT),
        "updatedTime": str(AT),
        "reduceOnly": False,
        "timeInForce": "GTC",
    }


def _bybit_ticker(symbol: str, category: str) -> dict[str, Any]:
    return _bybit(
        {
            "category": category,
            "list": [
                {
                    "symbol": symbol,
                    "lastPrice": "110",
                    "bid1Price": "109",
                    "ask1Price": "111",
                    "prevPrice24h": "100",
                    "highPrice24h": "120",
                    "lowPrice24h": "90",
                    "volume24h": "1",
                    "turnover24h": "110",
                    **({} if category == "spot" else {"openInterestValue": "1"}),
                }
            ],
        }
    )


_BYBIT_COIN = {
    "coin": "USDT",
    "equity": "99",
    "walletBalance": "100",
    "locked": "10",
    "borrowAmount": "0",
    "accruedInterest": "0",
    "totalPositionIM": "0",
    "totalOrderIM": "0",
    "availableToWithdraw": "",
    "unrealisedPnl": "-1",
    "spotBorrow": "0",
    "free": "",
}
_CATEGORIES = (("linear", "BTCUSDT", PERP, "2"), ("inverse", "BTCUSD", COIN, "0.00004"))

BYBIT = (
    Mirror(
        exchange="bybit",
        what="wallet",
        name="unified",
        path="/v5/account/wallet-balance",
        makes=[("USDT", "90", "100", False)],
        reply=_bybit({"list": [{"accountType": "UNIFIED", "coin": [_BYBIT_COIN]}]}),
    ),
    Mirror(
        exchange="bybit",
        what="wallet",
        name="funding",
        path="/query-account-coins-balance",
        makes=[("USDT", "6", "7", False)],
        reply=_bybit(
            {
                "accountType": "FUND",
                "balance": [
                    {"coin": "USDT", "walletBalance": "7", "transferBalance": "6", "bonus": ""}
                ],
            }
        ),
    ),
    *(
        Mirror(
            exchange="bybit",
            what="wallet",
            name=name,
            path="/v5/earn/position",
            makes=[("USDT", None, "25.5", False)],
            reply=_bybit(
                {
                    "list": [
                        {
                            "coin": "USDT",
                            "productId": "428",
                            "amount": "25.5",
                            "totalPnl": "0",
                            "claimableYield": "0",
                        }
                    ]
                }
            ),
        )
        for name in ("earn", "earn-onchain")
    ),
    *(
        Mirror(
            exchange="bybit",
            what="positions",
            name=category,
            path="/v5/position/list",
            reply=_bybit({"list": [_bybit_position(market)], "nextPageCursor": ""}),
            makes=[(symbol, category, "short", base, "40000", "-1.5")],
        )
        for category, market, symbol, base in _CATEGORIES
    ),
    *(
        Mirror(
            exchange="bybit",
            what="open_orders",
            name=category,
            path="/v5/order/realtime",
            reply=_bybit({"list": [_bybit_order(market)], "nextPageCursor": ""}),
            makes=[("b7", category, symbol, "buy", "open", "2", "0", None)],
        )
        for category, market, symbol in (
            ("spot", "BTCUSDT", BTC),
            *(row[:3] for row in _CATEGORIES),
        )
    ),
    Mirror(
        exchange="bybit",
        what="tickers",
        name="spot",
        path="/v5/market/tickers",
        reply=_bybit_ticker("BTCUSDT", "spot"),
        makes=[(BTC, "110")],
    ),
    *(
        Mirror(
            exchange="bybit",
            what="tickers",
            name=category,
            path="/v5/market/tickers",
            reply=_bybit_ticker(market, category),
            makes=[(symbol, "110")],
        )
        for category, market, symbol, _ in _CATEGORIES
    ),
)

KRAKEN = (
    Mirror(
        exchange="kraken",
        what="wallet",
        name="spot",
        path="/BalanceEx",
        makes=[("BTC", "1", "1.5", False), ("DOT", "4", "4", False)],
        reply={
            "error": [],
            "result": {
                "XXBT": {"balance": "1.5", "hold_trade": "0.5"},
                "DOT": {"balance": "4", "hold_trade": "0"},
            },
        },
    ),
    Mirror(
        exchange="kraken",
        what="open_orders",
        name="spot",
        path="/OpenOrders",
        makes=[("O1", "spot", "BTC/USD", "buy", "open", "2", "0", None)],
        reply={
            "error": [],
            "result": {
                "open": {
                    "O1": {
                        "status": "open",
                        "opentm": AT / 1000,
                        "vol": "2",
                        "vol_exec": "0",
                        "cost": "0",
                        "fee": "0",
                        "price": "0",
                        "oflags": "fciq",
                        "descr": {
                            "pair": "XBTUSD",
                            "type": "buy",
                            "ordertype": "limit",
                            "price": "100",
                            "order": "buy 2 XBTUSD @ limit 100",
                        },
                    }
                }
            },
        },
    ),
    Mirror(
        exchange="kraken",
        what="positions",
        name="margin",
        path="/OpenPositions",
        makes=[("BTC/USD", "margin", "short", "0.5", "40000", "-2500")],
        reply={
            "error": [],
            "result": [
                {
                    "pair": "XXBTZUSD",
                    "positions": "1",
                    "type": "sell",
                    "leverage": "5.00000",
                    "cost": "20000.00000",
                    "fee": "20.00000",
                    "vol": "0.50000000",
                    "vol_closed": "0.00000000",
                    "margin": "4000.00000",
                    "value": "22500.0",
                    "net": "-2500.0000",
                }
            ],
        },
    ),
    Mirror(
        exchange="kraken",
        what="tickers",
        name="spot",
        path="/Ticker",
        makes=[("BTC/USD", "110")],
        reply={
            "error": [],
            "result": {
                "XXBTZUSD": {
                    "a": ["111", "1", "1"],
                    "b": ["109", "1", "1"],
                    "c": ["110", "1"],
                    "v": ["1", "1"],
                    "p": ["105", "105"],
                    "l": ["90", "90"],
                    "h": ["120", "120"],
                    "o": "100",
                }
            },
        },
    ),
)


def _okx(*data: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(data)}


def _okx_position(market: str) -> dict[str, Any]:
    return {
        "instId": market,
        "instType": "SWAP",
        "posSide": "net",
        "pos": "-5",
        "avgPx": "40000",
        "markPx": "50000",
        "upl": "-1.5",
        "mgnMode": "cross",
        "lever": "3",
        "ccy": "USDT",
        "uTime": str(AT),
        "cTime": str(AT),
        "posId": "1",
    }


def _okx_order(market: str, kind: str) -> dict[str, Any]:
    return {
        "instId": market,
        "instType": kind,
        "ordId": "o7",
        "clOrdId": "",
        "px": "100",
        "sz": "2",
        "accFillSz": "0",
        "avgPx": "",
        "side": "buy",
        "ordType": "limit",
        "state": "live",
        "fee": "0",
        "feeCcy": "USDT",
        "cTime": str(AT),
        "uTime": str(AT),
        "tdMode": "cash",
        "reduceOnly": "false",
    }


OKX = (
    Mirror(
        exchange="okx",
        what="wallet",
        name="trading",
        path="/account/balance",
        makes=[("USDT", "90", "100", False)],
        reply=_okx(
            {
                "uTime": str(AT),
                "details": [
                    {
                        "ccy": "USDT",
                        "cashBal": "100",
                        "availBal": "90",
                        "frozenBal": "10",
                        "eq": "99",
                    }
                ],
            }
        ),
    ),
    Mirror(
        exchange="okx",
        what="wallet",
        name="funding",
        path="/asset/balances",
        makes=[("BTC", "1", "1.5", False)],
        reply=_okx({"ccy": "BTC", "bal": "1.5", "availBal": "1", "frozenBal": "0.5"}),
    ),
    Mirror(
        exchange="okx",
        what="wallet",
        name="earn",
        path="/finance/savings/balance",
        makes=[("USDT", None, "25.5", False)],
        reply=_okx({"ccy": "USDT", "amt": "25.5", "loanAmt": "0", "earnings": "1", "rate": "0.01"}),
    ),
    Mirror(
        exchange="okx",
        what="wallet",
        name="earn-staking",
        path="/orders-active",
        makes=[("ETH", None, "3", False)],
        reply=_okx(
            {
                "ordId": "1",
                "state": "1",
                "ccy": "ETH",
                "investData": [{"ccy": "ETH", "amt": "3"}],
                "earningData": [],
            }
        ),
    ),
    Mirror(
        exchange="okx",
        what="positions",
        name="linear",
        path="/account/positions",
        reply=_okx(_okx_position("BTC-USDT-SWAP")),
        makes=[(PERP, "linear", "short", "0.05", "40000", "-1.5")],
    ),
    Mirror(
        exchange="okx",
        what="positions",
        name="inverse",
        path="/account/positions",
        reply=_okx(_okx_position("BTC-USD-SWAP")),
        makes=[(COIN, "inverse", "short", "0.01", "40000", "-1.5")],
    ),
    Mirror(
        exchange="okx",
        what="positions",
        name="margin",
        path="/account/positions",
        reply=_okx(
            {
                "instId": "BTC-USDT",
                "instType": "MARGIN",
                "posSide": "net",
                "pos": "0.5",
                "posCcy": "BTC",
                "liab": "-20000",
                "liabCcy": "USDT",
                "avgPx": "40000",
                "markPx": "50000",
                "upl": "0.1",
                "mgnMode": "isolated",
                "margin": "0.05",
                "lever": "5",
                "ccy": "BTC",
                "uTime": str(AT),
                "posId": "1",
            }
        ),
        makes=[(BTC, "margin", "long", "0.5", "40000", "0.1")],
    ),
    *(
        Mirror(
            exchange="okx",
            what="open_orders",
            name=category,
            path="/orders-pending",
            reply=_okx(_okx_order(market, kind)),
            more=[_okx()],
            makes=[("o7", category, symbol, "buy", "open", "2", "0", None)],
        )
        for category, market, kind, symbol in (
            ("spot", "BTC-USDT", "SPOT", BTC),
            ("margin", "BTC-USDT", "MARGIN", BTC),
            ("linear", "BTC-USDT-SWAP", "SWAP", PERP),
            ("inverse", "BTC-USD-SWAP", "SWAP", COIN),
        )
    ),
    Mirror(
        exchange="okx",
        what="tickers",
        name="spot",
        path="/market/tickers",
        makes=[(BTC, "110")],
        reply=_okx(
            {
                "instId": "BTC-USDT",
                "instType": "SPOT",
                "last": "110",
                "askPx": "111",
                "bidPx": "109",
                "open24h": "100",
                "high24h": "120",
                "low24h": "90",
                "vol24h": "1",
                "volCcy24h": "110",
                "ts": str(AT),
            }
        ),
    ),
)


def _kucoin(data: Any) -> dict[str, Any]:
    return {"code": "200000", "data": data}


def _kucoin_position(market: str) -> dict[str, Any]:
    return {
        "id": "1",
        "symbol": market,
        "isOpen": True,
        "currentQty": -20,
        "avgEntryPrice": "40000",
        "markPrice": "50000",
        "unrealisedPnl": "-1.5",
        "settleCurrency": "USDT",
        "realLeverage": "10",
        "posInit": "10",
        "liquidationPrice": "0",
        "currentTimestamp": AT,
        "openingTimestamp": AT,
        "marginMode": "CROSS",
        "crossMode": True,
        "maintMarginReq": "0.01",
    }


_KUCOIN_HELD = {
    "id": "5b",
    "currency": "BTC",
    "type": "trade",
    "balance": "1.5",
    "available": "1",
    "holds": "0.5",
}
_KUCOIN_ORDER = {
    "id": "k7",
    "symbol": "BTC-USDT",
    "opType": "DEAL",
    "type": "limit",
    "side": "buy",
    "price": "100",
    "size": "2",
    "funds": "0",
    "dealFunds": "0",
    "dealSize": "0",
    "fee": "0",
    "feeCurrency": "USDT",
    "active": True,
    "inOrderBook": True,
    "cancelExist": False,
    "createdAt": AT,
    "lastUpdatedAt": AT,
    "clientOid": "c",
}
_KUCOIN_FUTURE = {
    "id": "k8",
    "type": "limit",
    "side": "buy",
    "price": "100",
    "size": 2,
    "value": "0",
    "dealValue": "0",
    "dealSize": 0,
    "filledSize": 0,
    "filledValue": "0",
    "status": "open",
    "isActive": True,
    "cancelExist": False,
    "reduceOnly": False,
    "createdAt": AT,
    "updatedAt": AT,
    "orderTime": AT * 1_000_000,
    "settleCurrency": "USDT",
}

KUCOIN = (
    *(
        Mirror(
            exchange="kucoin",
            what="wallet",
            name=name,
            path="/accounts",
            reply=_kucoin([{**_KUCOIN_HELD, "type": name}]),
            makes=[("BTC", "1", "1.5", False)],
        )
        for name in ("trade", "trade_hf", "main")
    ),
    *(
        Mirror(
            exchange="kucoin",
            what="wallet",
            name=name,
            path="/account-overview",
            makes=[(code, "90", "98.5", False)],
            reply=_kucoin(
                {
                    "currency": asset,
                    "accountEquity": 100,
                    "unrealisedPNL": "1.5",
                    "marginBalance": 98.5,
                    "availableBalance": 90,
                }
            ),
        )
        for name, asset, code in (
            ("futures-usdt", "USDT", "USDT"),
            ("futures-usdc", "USDC", "USDC"),
            ("futures-btc", "XBT", "BTC"),
        )
    ),
    Mirror(
        exchange="kucoin",
        what="wallet",
        name="margin",
        path="/margin/account",
        makes=[("BTC", "1", "1.5", False)],
        reply=_kucoin(
            {
                "debtRatio": "0.1",
                "accounts": [
                    {
                        "currency": "BTC",
                        "totalBalance": "1.5",
                        "availableBalance": "1",
                        "holdBalance": "0.5",
                        "liability": "0",
                    },
                ],
            }
        ),
    ),
    Mirror(
        exchange="kucoin",
        what="wallet",
        name="margin-isolated",
        path="/isolated/accounts",
        makes=[("BTC", "1", "1.25", False), ("USDT", "9", "9", False)],
        reply=_kucoin(
            {
                "timestamp": AT,
                "assets": [
                    {
                        "symbol": "BTC-USDT",
                        "status": "DEBT",
                        "baseAsset": {
                            "currency": "BTC",
                            "total": "1.5",
                            "hold": "0.5",
                            "available": "1",
                            "liability": "0.25",
                            "interest": "0",
                        },
                        "quoteAsset": {
                            "currency": "USDT",
                            "total": "9",
                            "hold": "0",
                            "available": "9",
                            "liability": "0",
                            "interest": "0",
                        },
                    }
                ],
            }
        ),
    ),
    Mirror(
        exchange="kucoin",
        what="wallet",
        name="earn",
        path="/earn/hold-assets",
        makes=[("USDT", None, "25.5", False)],
        reply=_kucoin(
            {
                "totalNum": 1,
                "currentPage": 1,
                "items": [{"orderId": "1", "currency": "USDT", "holdAmount": "25.5"}],
            }
        ),
    ),
    Mirror(
        exchange="kucoin",
        what="positions",
        name="linear",
        path="/positions",
        reply=_kucoin([_kucoin_position("XBTUSDTM")]),
        makes=[(PERP, "linear", "short", "0.02", "40000", "-1.5")],
    ),
    Mirror(
        exchange="kucoin",
        what="positions",
        name="inverse",
        path="/positions",
        reply=_kucoin([_kucoin_position("XBTUSDM")]),
        makes=[(COIN, "inverse", "short", "0.0004", "40000", "-1.5")],
    ),
    Mirror(
        exchange="kucoin",
        what="open_orders",
        name="spot",
        path="/hf/orders/active",
        symbol=BTC,
        reply=_kucoin([_KUCOIN_ORDER]),
        makes=[("k7", "spot", BTC, "buy", "open", "2", "0", None)],
    ),
    *(
        Mirror(
            exchange="kucoin",
            what="open_orders",
            name=category,
            path="/orders",
            makes=[("k8", category, symbol, "buy", "open", "2", "0", None)],
            reply=_kucoin(
                {
                    "currentPage": 1,
                    "pageSize": 1000,
                    "totalNum": 1,
                    "items": [{**_KUCOIN_FUTURE, "symbol": market}],
                }
            ),
        )
        for category, market, symbol in (("linear", "XBTUSDTM", PERP), ("inverse", "XBTUSDM", COIN))
    ),
    Mirror(
        exchange="kucoin",
        what="tickers",
        name="spot",
        path="/allTickers",
        makes=[(BTC, "110")],
        reply=_kucoin(
            {
                "time": AT,
                "ticker": [
                    {
                        "symbol": "BTC-USDT",
                        "last": "110",
                        "buy": "109",
                        "sell": "111",
                        "high": "120",
                        "low": "90",
                        "vol": "1",
                        "volValue": "110",
                        "changePrice": "10",
                        "averagePrice": "105",
                    }
                ],
            }
        ),
    ),
)

COINBASE = (
    Mirror(
        exchange="coinbase",
        what="wallet",
        name="spot",
        path="/brokerage/accounts",
        makes=[("BTC", "1", "1.5", False)],
        reply={
            "accounts": [
                {
                    "uuid": "u",
                    "name": "BTC Wallet",
                    "currency": "BTC",
                    "available_balance": {"value": "1", "currency": "BTC"},
                    "active": True,
                    "type": "ACCOUNT_TYPE_CRYPTO",
                    "hold": {"value": "0.5", "currency": "BTC"},
                }
            ],
            "has_next": False,
            "cursor": "",
            "size": 1,
        },
    ),
    Mirror(
        exchange="coinbase",
        what="open_orders",
        name="spot",
        path="/orders/historical/batch",
        makes=[("c7", "spot", "BTC/USD", "buy", "open", "2", "0", None)],
        reply={
            "orders": [
                {
                    "order_id": "c7",
                    "product_id": "BTC-USD",
                    "side": "BUY",
                    "client_order_id": "c",
                    "status": "OPEN",
                    "created_time": "2025-06-01T11:00:00Z",
                    "order_configuration": {
                        "limit_limit_gtc": {
                            "base_size": "2",
                            "limit_price": "100",
                            "post_only": False,
                        }
                    },
                    "filled_size": "0",
                    "average_filled_price": "0",
                    "fee": "",
                    "number_of_fills": "0",
                    "filled_value": "0",
                    "total_fees": "0",
                    "order_type": "LIMIT",
                    "settled": False,
                    "product_type": "SPOT",
                }
            ],
            "has_next": False,
            "cursor": "",
        },
    ),
    Mirror(
        exchange="coinbase",
        what="tickers",
        name="spot",
        path="/market/products",
        makes=[("BTC/USD", "110")],
        reply={
            "products": [
                {
                    "product_id": "BTC-USD",
                    "price": "110",
                    "price_percentage_change_24h": "1",
                    "volume_24h": "1",
                    "product_type": "SPOT",
                    "base_currency_id": "BTC",
                    "quote_currency_id": "USD",
                    "status": "online",
                }
            ],
            "num_products": 1,
        },
    ),
)

MAJOR = (*BINANCE, *BYBIT, *KRAKEN, *OKX, *KUCOIN, *COINBASE)

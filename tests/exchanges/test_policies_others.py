"""MEXC, Bitfinex, Bitstamp, Gemini: every stream's first, next and last page, and
every mirror."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from exchange_cache.records import Fill
from tests.exchanges.builders import NOW_MS, adapter_for, stream, walk
from tests.exchanges.scripted import (
    DAY,
    END,
    FILLS,
    ORDERS,
    START,
    TRANSFERS,
    Case,
    Mirror,
    each,
    named,
    run_mirror,
    run_stream,
    uncovered,
    unread,
)

AT = NOW_MS - 5_000
MS = {"startTime": START, "endTime": END}
SNAKE = {"start_time": START, "end_time": END}
BTC = "BTC/USDT"


def iso(ms: int, gap: str = "T", tail: str = "Z") -> str:
    return (
        datetime.fromtimestamp(ms / 1000, UTC).strftime(f"%Y-%m-%d{gap}%H:%M:%S.")
        + f"{ms % 1000:03d}{tail}"
    )


# --- mexc -----------------------------------------------------------------------------------------

MEXC_FILL = {
    "symbol": "BTCUSDT",
    "id": "fad2af9e942049b6adbda1a271f990c6",
    "orderId": "bb41e5663e124046bd9497a3f5692f39",
    "orderListId": -1,
    "price": "100",
    "qty": "2",
    "quoteQty": "200",
    "commission": "0.4",
    "commissionAsset": "USDT",
    "time": AT,
    "isBuyer": True,
    "isMaker": False,
    "isBestMatch": True,
    "isSelfTrade": True,
    "clientOrderId": None,
}
MEXC_ORDER = {
    "symbol": "BTCUSDT",
    "orderId": "133734823834147272",
    "orderListId": "-1",
    "clientOrderId": None,
    "price": "100",
    "origQty": "2",
    "executedQty": "0.5",
    "cummulativeQuoteQty": "49.5",
    "status": "PARTIALLY_CANCELED",
    "timeInForce": None,
    "type": "LIMIT",
    "side": "BUY",
    "time": AT,
    "updateTime": AT,
    "isWorking": True,
    "origQuoteOrderQty": "6",
}
MEXC_DUST = {
    "totalConvert": "0.000145",
    "totalFee": "0.0000029",
    "convertTime": AT,
    "convertDetails": [
        {
            "id": "3737",
            "convert": "0.000145",
            "fee": "0.0000029",
            "amount": "0.008",
            "time": AT,
            "asset": "GENE",
        }
    ],
}
MEXC_DEPOSIT = {
    "amount": "50000",
    "coin": "USDT-TRX",
    "network": "TRX",
    "status": 5,
    "address": "TM",
    "addressTag": None,
    "txId": "x:0",
    "insertTime": AT,
    "unlockConfirm": "12",
    "confirmTimes": "24",
}
MEXC_WITHDRAWAL = {
    "id": "adc1541440402",
    "txId": None,
    "coin": "USDT-TRX",
    "network": "TRX",
    "address": "TM",
    "amount": "100",
    "transferType": 0,
    "status": 7,
    "transactionFee": "1",
    "applyTime": AT,
}
MEXC_MOVE = {
    "tranId": "11945860693",
    "asset": "BTC",
    "amount": "0.1",
    "fromAccountType": "SPOT",
    "toAccountType": "FUTURES",
    "status": "SUCCESS",
    "timestamp": AT,
}
MEXC_DEAL = {
    "id": "5989610",
    "symbol": "BTC_USDT",
    "side": "2",
    "vol": "30",
    "price": "50000",
    "feeCurrency": "USDT",
    "fee": "0.09",
    "timestamp": AT,
    "profit": "1.5",
    "category": 1,
    "orderId": "26",
    "positionMode": 1,
    "taker": True,
}
MEXC_CONTRACT_ORDER = {
    "orderId": "265230764677709315",
    "symbol": "BTC_USDT",
    "price": "51000",
    "vol": "102",
    "side": "3",
    "category": "1",
    "orderType": "1",
    "dealAvgPrice": "50500",
    "dealVol": "100",
    "takerFee": "0",
    "makerFee": "0",
    "feeCurrency": "USDT",
    "state": "4",
    "createTime": AT,
    "updateTime": AT,
    "positionMode": "1",
}
MEXC_FUNDING = {
    "id": 2573,
    "symbol": "BTC_USDT",
    "positionType": 1,
    "positionValue": "10",
    "funding": "-0.021",
    "rate": "0.0001",
    "settleTime": AT,
}

MEXC = (
    Case(
        exchange="mexc",
        data_type=FILLS,
        scopes=("spot",),
        path="/myTrades",
        symbol=BTC,
        replies=[[MEXC_FILL]],
        asks=[{**MS, "symbol": "BTCUSDT", "limit": 100}],
        makes=[
            (
                "fad2af9e942049b6adbda1a271f990c6",
                "spot",
                BTC,
                "buy",
                "2",
                "100",
                "200",
                {"USDT": "0.4"},
            )
        ],
    ),
    Case(
        exchange="mexc",
        data_type=ORDERS,
        scopes=("spot",),
        path="/allOrders",
        symbol=BTC,
        replies=[[MEXC_ORDER]],
        asks=[{**MS, "symbol": "BTCUSDT", "limit": 1000}],
        makes=[("133734823834147272", "spot", BTC, "buy", "canceled", "2", "0.5", "99")],
    ),
    Case(
        exchange="mexc",
        data_type=FILLS,
        scopes=("dust",),
        path="/capital/convert",
        replies=[
            {"data": [MEXC_DUST], "totalRecords": 2, "page": 1},
            {"data": [], "totalRecords": 2},
        ],
        asks=[{**MS, "page": 1, "limit": 1000}, {"page": 2}],
        makes=[
            (
                "3737:GENE",
                "spot",
                "MX/GENE",
                "buy",
                "0.000145",
                None,
                "0.008",
                {"MX": "0.0000029"},
                "dust",
            )
        ],
    ),
    Case(
        exchange="mexc",
        data_type=TRANSFERS,
        scopes=("deposits",),
        path="/capital/deposit/hisrec",
        replies=[[MEXC_DEPOSIT]],
        asks=[{**MS, "limit": 1000}],
        makes=[("x:0", "deposit", "USDT", "50000", None, "ok")],
    ),
    Case(
        exchange="mexc",
        data_type=TRANSFERS,
        scopes=("withdrawals",),
        path="/capital/withdraw/history",
        replies=[[MEXC_WITHDRAWAL]],
        asks=[MS],
        makes=[("adc1541440402", "withdrawal", "USDT", "99", "1 USDT", "ok")],
    ),
    *(
        Case(
            exchange="mexc",
            data_type=TRANSFERS,
            scopes=(f"moves-{source.lower()}-{target.lower()}",),
            path="/capital/transfer",
            replies=[{"rows": [MEXC_MOVE], "total": 1}],
            asks=[
                {**MS, "fromAccountType": source, "toAccountType": target, "page": 1, "size": 100}
            ],
            makes=[("11945860693", "internal", "BTC", "0.1", None, "ok")],
        )
        for source, target in (("SPOT", "FUTURES"), ("FUTURES", "SPOT"))
    ),
    Case(
        exchange="mexc",
        data_type=TRANSFERS,
        scopes=("funding",),
        path="/position/funding_records",
        replies=[
            {
                "success": True,
                "code": 0,
                "data": {"pageSize": 100, "totalCount": 900, "resultList": [MEXC_FUNDING]},
            },
            {
                "success": True,
                "code": 0,
                "data": {
                    "totalCount": 900,
                    "resultList": [{**MEXC_FUNDING, "id": 2572, "settleTime": START - 1}],
                },
            },
        ],
        asks=[{"page_num": 1, "page_size": 100, "startTime": None}, {"page_num": 2}],
        makes=[("2573", "funding", "USDT", "-0.021", None, "ok")],
    ),
    Case(
        exchange="mexc",
        data_type=FILLS,
        scopes=("contracts",),
        path="/order/list/order_deals",
        symbol="BTC/USDT:USDT",
        replies=[
            {"success": True, "code": 0, "data": [MEXC_DEAL]},
            {"success": True, "code": 0, "data": []},
        ],
        asks=[{**SNAKE, "symbol": "BTC_USDT", "page_num": 1, "page_size": 100}, {"page_num": 2}],
        makes=[
            ("5989610", "linear", "BTC/USDT:USDT", "buy", "0.003", "50000", "150", {"USDT": "0.09"})
        ],
    ),
    Case(
        exchange="mexc",
        data_type=ORDERS,
        scopes=("contracts",),
        path="/order/list/history_orders",
        replies=[
            {"success": True, "code": 0, "data": [MEXC_CONTRACT_ORDER]},
            {"success": True, "code": 0, "data": []},
        ],
        asks=[{**SNAKE, "symbol": None, "page_num": 1}, {"page_num": 2}],
        makes=[
            (
                "265230764677709315",
                "linear",
                "BTC/USDT:USDT",
                "sell",
                "canceled",
                "102",
                "100",
                "50500",
            )
        ],
    ),
)

MEXC_POSITION = {
    "positionId": 1394650,
    "symbol": "BTC_USDT",
    "positionType": 2,
    "openType": 1,
    "state": 1,
    "holdVol": "30",
    "holdAvgPrice": "50000",
    "openAvgPrice": "50000",
    "liquidatePrice": "60000",
    "im": "5",
    "leverage": 20,
    "createTime": AT,
    "updateTime": AT,
}
MEXC_MIRRORS = (
    Mirror(
        exchange="mexc",
        what="wallet",
        name="spot",
        path="/account",
        makes=[("BTC", "1", "1.5", False)],
        reply={
            "canTrade": True,
            "accountType": "SPOT",
            "balances": [{"asset": "BTC", "free": "1", "locked": "0.5"}],
        },
    ),
    Mirror(
        exchange="mexc",
        what="wallet",
        name="futures",
        path="/account/assets",
        makes=[("USDT", "90", "100", True)],
        reply={
            "success": True,
            "code": 0,
            "data": [
                {
                    "currency": "USDT",
                    "positionMargin": "9",
                    "availableBalance": "90",
                    "cashBalance": "90",
                    "frozenBalance": "0",
                    "equity": "100",
                    "unrealized": "1",
                }
            ],
        },
    ),
    Mirror(
        exchange="mexc",
        what="positions",
        name="linear",
        path="/position/open_positions",
        reply={"success": True, "code": 0, "data": [MEXC_POSITION]},
        makes=[("BTC/USDT:USDT", "linear", "short", "0.003", "50000", None)],
    ),
    Mirror(
        exchange="mexc",
        what="positions",
        name="inverse",
        path="/position/open_positions",
        reply={"success": True, "data": [MEXC_POSITION]},
        makes=[],
    ),
    Mirror(
        exchange="mexc",
        what="open_orders",
        name="spot",
        path="/openOrders",
        symbol=BTC,
        asks={"symbol": "BTCUSDT"},
        reply=[{**MEXC_ORDER, "status": "NEW", "executedQty": "0", "cummulativeQuoteQty": "0"}],
        makes=[("133734823834147272", "spot", BTC, "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="mexc",
        what="open_orders",
        name="linear",
        path="/order/list/open_orders",
        asks={"page_num": 1},
        more=[{"success": True, "data": []}],
        reply={
            "success": True,
            "data": [{**MEXC_CONTRACT_ORDER, "state": "2", "dealVol": "0", "dealAvgPrice": "0"}],
        },
        makes=[("265230764677709315", "linear", "BTC/USDT:USDT", "sell", "open", "102", "0", None)],
    ),
    Mirror(
        exchange="mexc",
        what="open_orders",
        name="inverse",
        path="/order/list/open_orders",
        reply={"success": True, "data": []},
        makes=[],
    ),
    Mirror(
        exchange="mexc",
        what="tickers",
        name="spot",
        path="/ticker/24hr",
        makes=[(BTC, "110")],
        reply=[
            {
                "symbol": "BTCUSDT",
                "priceChange": "1",
                "lastPrice": "110",
                "bidPrice": "109",
                "askPrice": "111",
                "openPrice": "100",
                "highPrice": "1",
                "lowPrice": "1",
                "volume": "1",
                "quoteVolume": "1",
                "openTime": AT,
                "closeTime": AT,
            }
        ],
    ),
)

# --- bitfinex -------------------------------------------------------------------------------------

BFX_TRADE = [
    402088407,
    "tBTCUSD",
    AT,
    34938060782,
    -0.2,
    153.5,
    "EXCHANGE LIMIT",
    0,
    1,
    -0.061668,
    "USD",
    1,
]
BFX_MARGIN = [402088408, "tBTCUSD", AT, 34938060783, 0.2, 153.5, "LIMIT", 0, -1, 0.001, "USD", 1]
BFX_PERP = [
    402088409,
    "tBTCF0:USTF0",
    AT,
    34938060784,
    0.5,
    40000,
    "MARKET",
    0,
    -1,
    -13,
    "USTF0",
    1,
]
BFX_ORDER = [
    33950998276,
    None,
    1573476812756,
    "tBTCUSD",
    AT,
    AT,
    1.5,
    2,
    "EXCHANGE LIMIT",
    None,
    None,
    None,
    0,
    "CANCELED was: PARTIALLY FILLED @ 99.0(0.5)",
    None,
    None,
    100,
    99.0,
    0,
    0,
    None,
    None,
    None,
    0,
    0,
    None,
    None,
    None,
    "BFX",
    None,
    None,
    {},
]
BFX_MOVEMENT = [
    13293039,
    "ETH",
    "ETHEREUM",
    None,
    None,
    AT,
    AT + 1,
    None,
    None,
    "COMPLETED",
    None,
    None,
    -0.24,
    -0.00135,
    None,
    None,
    "0x38",
    None,
    None,
    None,
    "0x523",
    None,
]


def bfx_ledger(number: int, amount: float, text: str) -> list[Any]:
    return [number, "USD", None, AT, None, amount, 100, None, text]


BFX_BACK = {"start": START, "end": END}
BITFINEX = (
    Case(
        exchange="bitfinex",
        data_type=FILLS,
        scopes=("trades",),
        path="/v2/auth/r/trades/hist",
        replies=[[BFX_TRADE, BFX_MARGIN, BFX_PERP], [BFX_PERP]],
        asks=[{**BFX_BACK, "limit": 2500}, {"start": START, "end": AT + 1}],
        makes=[
            ("402088407", "spot", "BTC/USD", "sell", "0.2", "153.5", "30.7", {"USD": "0.061668"}),
            ("402088408", "margin", "BTC/USD", "buy", "0.2", "153.5", "30.7", {"USD": "-0.001"}),
            (
                "402088409",
                "linear",
                "BTC/USDT:USDT",
                "buy",
                "0.5",
                "40000",
                "20000",
                {"USDT": "13"},
            ),
        ],
    ),
    Case(
        exchange="bitfinex",
        data_type=ORDERS,
        scopes=("orders",),
        path="/v2/auth/r/orders/hist",
        replies=[[BFX_ORDER]],
        asks=[{**BFX_BACK, "limit": 2500}],
        makes=[("33950998276", "spot", "BTC/USD", "buy", "canceled", "2", "0.5", "99")],
    ),
    Case(
        exchange="bitfinex",
        data_type=TRANSFERS,
        scopes=("movements",),
        path="/v2/auth/r/movements/hist",
        replies=[[BFX_MOVEMENT], []],
        asks=[{**BFX_BACK, "limit": 1000}, {"end": AT + 1}],
        makes=[("13293039", "withdrawal", "ETH", "0.24", "0.00135 ETH", "ok")],
    ),
    Case(
        exchange="bitfinex",
        data_type=TRANSFERS,
        scopes=("ledger",),
        path="/v2/auth/r/ledgers/hist",
        replies=[
            [
                bfx_ledger(1, 0.55, "Margin Funding Payment on wallet funding"),
                bfx_ledger(
                    2, -5, "Transfer of 5.0 USD from wallet Exchange to Trading on wallet exchange"
                ),
                bfx_ledger(
                    3,
                    -0.06,
                    "Trading fees for 0.2 BTC (BTCUSD) @ 153.5 on BFX (0.2%) on wallet exchange",
                ),
                bfx_ledger(4, 30.7, "Exchange 0.2 BTC for USD @ 153.5 on wallet exchange"),
                bfx_ledger(5, -0.01, "Derivatives Funding Event for tBTCF0:USTF0 on wallet margin"),
                bfx_ledger(6, -1, "Something new"),
            ],
            [],
        ],
        asks=[{**BFX_BACK, "limit": 2500}, {"end": AT + 1}],
        makes=[
            ("1", "reward", "USD", "0.55", None, "ok"),
            ("2", "internal", "USD", "5", None, "ok"),
            ("5", "funding", "USD", "-0.01", None, "ok"),
            ("6", "other", "USD", "-1", None, "ok"),
        ],
    ),
)
BFX_WALLETS = [
    ["exchange", "UST", 100.5, 0, 90.5, None, None],
    ["margin", "USTF0", 7, 0, 7, None, None],
    ["margin", "UST", 3, 0, 3, None, None],
    ["funding", "USD", 12, 0, None, None, None],
]
BFX_POSITION = [
    "tBTCF0:USTF0",
    "ACTIVE",
    -0.5,
    40000,
    0,
    0,
    12.5,
    0.1,
    60000,
    5,
    None,
    142355652,
    AT,
    AT,
    None,
    1,
    None,
    4000,
    40,
    {},
]
BFX_OPEN = [*BFX_ORDER[:13], "ACTIVE", *BFX_ORDER[14:]]
BFX_OPEN[6] = 2
BFX_OPEN[17] = 0
BITFINEX_MIRRORS = (
    Mirror(
        exchange="bitfinex",
        what="wallet",
        name="spot",
        path="/v2/auth/r/wallets",
        reply=BFX_WALLETS,
        makes=[("USDT", "90.5", "100.5", False)],
    ),
    Mirror(
        exchange="bitfinex",
        what="wallet",
        name="margin",
        path="/v2/auth/r/wallets",
        reply=BFX_WALLETS,
        makes=[("USDT", "10", "10", False)],
    ),
    Mirror(
        exchange="bitfinex",
        what="wallet",
        name="funding",
        path="/v2/auth/r/wallets",
        reply=BFX_WALLETS,
        makes=[("USD", None, "12", False)],
    ),
    Mirror(
        exchange="bitfinex",
        what="positions",
        name="linear",
        path="/v2/auth/r/positions",
        reply=[BFX_POSITION, ["tBTCUSD", "ACTIVE", 0.1, 30000, *BFX_POSITION[4:]]],
        makes=[
            ("BTC/USDT:USDT", "linear", "short", "0.5", "40000", "12.5"),
            ("BTC/USD", "linear", "long", "0.1", "30000", "12.5"),
        ],
    ),
    Mirror(
        exchange="bitfinex",
        what="open_orders",
        name="spot",
        path="/v2/auth/r/orders",
        reply=[BFX_OPEN],
        makes=[("33950998276", "spot", "BTC/USD", "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="bitfinex",
        what="open_orders",
        name="margin",
        path="/v2/auth/r/orders",
        reply=[[*BFX_OPEN[:8], "LIMIT", *BFX_OPEN[9:]]],
        makes=[("33950998276", "margin", "BTC/USD", "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="bitfinex",
        what="open_orders",
        name="linear",
        path="/v2/auth/r/orders",
        reply=[BFX_OPEN],
        makes=[],
    ),
    Mirror(
        exchange="bitfinex",
        what="tickers",
        name="spot",
        path="/v2/tickers",
        asks={"symbols": "ALL"},
        makes=[("BTC/USD", "110")],
        reply=[["tBTCUSD", 109, 5, 111, 5, 1, 0.1, 110, 1000, 120, 90]],
    ),
)


# --- bitstamp -------------------------------------------------------------------------------------

BITSTAMP_TIME = iso(AT, " ", "000")
BITSTAMP_TRADE = {
    "fee": "0.11128",
    "btc_usd": 4451.25,
    "datetime": BITSTAMP_TIME,
    "usd": "-22.26",
    "order_id": 1429545880227846,
    "btc": "0.00500000",
    "type": "2",
    "id": 209895701,
    "eur": 0,
}
BITSTAMP_OLD = {
    **BITSTAMP_TRADE,
    "id": 1,
    "datetime": "2018-09-08 09:00:31",
    "btc": "-0.1",
    "usd": "445.1",
}
BITSTAMP_OUT = {
    "fee": "0.02",
    "btc_usd": "0.00",
    "id": 1234567894,
    "usd": 0,
    "btc": 0,
    "datetime": BITSTAMP_TIME,
    "type": "1",
    "xrp": "-20.00000000",
    "eur": 0,
}
BITSTAMP_REWARD = {**BITSTAMP_OUT, "id": 6, "type": "27", "xrp": "0.5", "fee": "0"}
BITSTAMP = (
    Case(
        exchange="bitstamp",
        data_type=FILLS,
        scopes=("spot",),
        path="/user_transactions/",
        replies=[[BITSTAMP_TRADE, BITSTAMP_OUT], [BITSTAMP_OLD]],
        asks=[{"offset": None, "limit": 1000, "sort": "desc"}, {"offset": 2}],
        makes=[
            ("209895701", "spot", "BTC/USD", "buy", "0.005", "4451.25", "22.26", {"USD": "0.11128"})
        ],
    ),
    Case(
        exchange="bitstamp",
        data_type=TRANSFERS,
        scopes=("transactions",),
        path="/user_transactions/",
        replies=[[BITSTAMP_TRADE, BITSTAMP_OUT, BITSTAMP_REWARD], []],
        asks=[{"offset": None}, {"offset": 3}],
        makes=[
            ("1234567894:XRP", "withdrawal", "XRP", "20", "0.02 XRP", "ok"),
            ("6:XRP", "reward", "XRP", "0.5", None, "ok"),
        ],
    ),
)
BITSTAMP_MIRRORS = (
    Mirror(
        exchange="bitstamp",
        what="wallet",
        name="spot",
        path="/account_balances/",
        makes=[("BTC", "1", "1.5", False)],
        reply=[{"currency": "btc", "total": "1.5", "available": "1", "reserved": "0.5"}],
    ),
    Mirror(
        exchange="bitstamp",
        what="open_orders",
        name="spot",
        path="/open_orders/all/",
        makes=[("12", "spot", "BTC/USD", "buy", "open", "2", None, None)],
        reply=[
            {
                "id": "12",
                "datetime": "2025-06-01 11:00:00",
                "type": "0",
                "price": "100",
                "amount": "2",
                "currency_pair": "BTC/USD",
            }
        ],
    ),
    Mirror(
        exchange="bitstamp",
        what="tickers",
        name="spot",
        path="/ticker/",
        makes=[("BTC/USD", "110")],
        reply=[
            {
                "pair": "BTC/USD",
                "timestamp": str(AT // 1000),
                "open": "100",
                "high": "120",
                "low": "90",
                "last": "110",
                "volume": "1",
                "vwap": "105",
                "bid": "109",
                "ask": "111",
                "side": "0",
                "open_24": "100",
                "percent_change_24": "1",
            }
        ],
    ),
)

# --- gemini ---------------------------------------------------------------------------------------


def gemini_fill(number: int, at: int) -> dict[str, Any]:
    return {
        "price": "3900.00",
        "amount": "0.00996",
        "timestamp": at // 1000,
        "timestampms": at,
        "type": "Sell",
        "aggressor": False,
        "fee_currency": "USD",
        "fee_amount": "0.05",
        "tid": number,
        "order_id": "73621746059",
        "exchange": "gemini",
        "is_auction_fill": False,
        "symbol": "BTCUSD",
    }


GEMINI_MOVE = {
    "type": "Deposit",
    "status": "Advanced",
    "timestampms": AT,
    "eid": 1,
    "currency": "USD",
    "amount": "36",
    "method": "ACH",
}
GEMINI_OUT = {
    "type": "Withdrawal",
    "status": "Complete",
    "timestampms": AT + 1,
    "eid": 2,
    "currency": "ETH",
    "amount": "1.5",
    "feeAmount": "0.001",
    "txHash": "ab",
}
GEMINI_SPOT = ("13", "spot", "BTC/USD", "sell", "0.00996", "3900", "38.844", {"USD": "0.05"})
GEMINI = (
    Case(
        exchange="gemini",
        data_type=FILLS,
        scopes=("spot",),
        path="/v1/mytrades",
        symbol="BTC/USD",
        replies=[
            [
                gemini_fill(13, AT + 9),
                gemini_fill(12, AT) | {"break": "manual"},
                gemini_fill(11, AT) | {"break": "full"},
            ],
            [gemini_fill(14, AT + 9), gemini_fill(13, AT + 9)],
            [gemini_fill(14, AT + 9)],
        ],
        asks=[
            {"symbol": "btcusd", "timestamp": START, "limit_trades": 500},
            {"timestamp": AT + 9},
            {"timestamp": AT + 9},
        ],
        makes=[GEMINI_SPOT, ("12", *GEMINI_SPOT[1:])],
    ),
    Case(
        exchange="gemini",
        data_type=FILLS,
        scopes=("linear",),
        path="/v1/mytrades",
        symbol="BTC/USD",
        replies=[[]],
        asks=[{"timestamp": START}],
        makes=[],
    ),
    Case(
        exchange="gemini",
        data_type=TRANSFERS,
        scopes=("transfers",),
        path="/v1/transfers",
        replies=[[GEMINI_OUT, GEMINI_MOVE], [GEMINI_OUT]],
        asks=[{"timestamp": START, "limit_transfers": 50}, {"timestamp": AT + 1}],
        makes=[
            ("2", "withdrawal", "ETH", "1.5", "0.001 ETH", "ok"),
            ("1", "deposit", "USD", "36", None, "ok"),
        ],
    ),
)
GEMINI_MIRRORS = (
    Mirror(
        exchange="gemini",
        what="wallet",
        name="spot",
        path="/v1/balances",
        makes=[("BTC", "1", "1.5", False)],
        reply=[
            {
                "type": "exchange",
                "currency": "BTC",
                "amount": "1.5",
                "available": "1",
                "availableForWithdrawal": "1",
            }
        ],
    ),
    Mirror(
        exchange="gemini",
        what="wallet",
        name="earn",
        path="/v1/balances/staking",
        makes=[("SOL", None, "3.4", False)],
        reply=[
            {
                "type": "Staking",
                "currency": "SOL",
                "balance": "3.4",
                "available": "3.4",
                "balanceByProvider": {},
            }
        ],
    ),
    Mirror(
        exchange="gemini",
        what="open_orders",
        name="spot",
        path="/v1/orders",
        makes=[("106028543717", "spot", "ETH/EUR", "buy", "open", "0.01", "0", None)],
        reply=[
            {
                "order_id": "106028543717",
                "id": "106028543717",
                "symbol": "etheur",
                "avg_execution_price": "0.00",
                "side": "buy",
                "type": "exchange limit",
                "timestampms": AT,
                "is_live": True,
                "is_cancelled": False,
                "executed_amount": "0",
                "options": [],
                "price": "2000.00",
                "original_amount": "0.01",
                "remaining_amount": "0.01",
            }
        ],
    ),
    Mirror(
        exchange="gemini",
        what="tickers",
        name="spot",
        path="/v1/pricefeed",
        makes=[("BTC/USD", "110")],
        reply=[{"pair": "BTCUSD", "price": "110", "percentChange24h": "0.01"}],
    ),
)

ALL = (
    ("mexc", MEXC, MEXC_MIRRORS),
    ("bitfinex", BITFINEX, BITFINEX_MIRRORS),
    ("bitstamp", BITSTAMP, BITSTAMP_MIRRORS),
    ("gemini", GEMINI, GEMINI_MIRRORS),
)


@pytest.mark.parametrize(("case", "scope"), each(case for _, cases, _ in ALL for case in cases))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", [case for _, _, mirrors in ALL for case in mirrors], ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


@pytest.mark.parametrize(("exchange", "cases", "mirrors"), ALL)
def test_every_stream_and_mirror_has_a_case(exchange: str, cases: Any, mirrors: Any) -> None:
    assert (uncovered(exchange, cases), unread(exchange, mirrors)) == (set(), set())


@pytest.mark.parametrize(
    ("number", "side"), [("1", "buy"), ("2", "buy"), ("3", "sell"), ("4", "sell")]
)
def test_the_four_sides_of_a_mexc_contract(number: str, side: str) -> None:
    reply = {"success": True, "data": [{**MEXC_DEAL, "side": number}]}
    answers = [reply, {"success": True, "data": []}]
    with adapter_for("mexc", lambda asked: answers.pop(0)) as (adapter, _stub):
        pages = walk(adapter, stream(adapter, FILLS, "contracts"), "BTC/USDT:USDT", DAY)
    made = pages[0].records[0]
    assert isinstance(made, Fill) and made.side == side


def test_a_bitfinex_margin_trade_settles_in_its_quote() -> None:
    answers: list[Any] = [[BFX_MARGIN], []]
    with adapter_for("bitfinex", lambda asked: answers.pop(0)) as (adapter, _stub):
        (made,) = walk(adapter, stream(adapter, FILLS, "trades"), None, DAY)[0].records
    assert isinstance(made, Fill) and made.is_derivative and made.settle == "USD"


def test_a_bitstamp_trade_too_small_for_a_cent_has_a_pair() -> None:
    row = {**BITSTAMP_TRADE, "usd": "0.00", "btc": "0.00000010", "fee": "0.00", "btc_eur": "0.00"}
    answers: list[Any] = [[row], []]
    with adapter_for("bitstamp", lambda asked: answers.pop(0)) as (adapter, _stub):
        (made,) = walk(adapter, stream(adapter, FILLS, "spot"), None, DAY)[0].records
    assert isinstance(made, Fill)
    assert (made.symbol, str(made.quantity), str(made.price), made.cost) == (
        "BTC/USD",
        "1.0E-7",
        "4451.25",
        0,
    )

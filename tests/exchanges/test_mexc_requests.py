"""MEXC: what every history and list asks, page by page, and what its rows become."""

from __future__ import annotations

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
            {
                "data": [
                    {
                        **MEXC_DUST,
                        "convertDetails": [{**MEXC_DUST["convertDetails"][0], "id": "3738"}],
                    }
                ],
                "totalRecords": 2,
            },
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
            replies=[
                {
                    "rows": [
                        {**MEXC_MOVE, "fromAccountType": source, "toAccountType": target},
                        {**MEXC_MOVE, "fromAccountType": target, "toAccountType": source},
                    ],
                    "total": 2,
                }
            ],
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


@pytest.mark.parametrize(("case", "scope"), each(MEXC))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", MEXC_MIRRORS, ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


def test_every_stream_and_mirror_has_a_case() -> None:
    assert uncovered("mexc", MEXC) == set()
    assert unread("mexc", MEXC_MIRRORS) == set()


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

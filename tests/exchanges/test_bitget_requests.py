"""Bitget: every stream's first, next and last page, and every mirror, against replies shaped as
documented."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.errors import NotOffered, OutOfRetention
from exchange_cache.records import Order
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
from tests.exchanges.stub import Answer

AT = str(NOW_MS - 5_000)
BOUNDS = {"startTime": START, "endTime": END}


def ok(data: Any) -> dict[str, Any]:
    return {"code": "00000", "msg": "success", "requestTime": NOW_MS, "data": data}


SPOT_FILL = {
    "userId": "7264631750",
    "symbol": "BTCUSDT",
    "orderId": "1098394344925597696",
    "tradeId": "1098394344974925824",
    "orderType": "market",
    "side": "sell",
    "priceAvg": "28467.68",
    "size": "0.0002",
    "amount": "5.693536",
    "feeDetail": {
        "deduction": "no",
        "feeCoin": "USDT",
        "totalDeductionFee": "",
        "totalFee": "-0.005693536",
    },
    "tradeScope": "taker",
    "cTime": AT,
    "uTime": AT,
}
CONTRACT_FILL = {
    "tradeId": "1111468664328269825",
    "symbol": "BTCUSDT",
    "orderId": "1111468664264753162",
    "price": "37271.4",
    "baseVolume": "0.001",
    "feeDetail": [
        {"deduction": "no", "feeCoin": "USDT", "totalDeductionFee": None, "totalFee": "-0.02236284"}
    ],
    "side": "buy",
    "quoteVolume": "37.2714",
    "profit": "-0.0007",
    "tradeSide": "close",
    "posMode": "hedge_mode",
    "tradeScope": "taker",
    "cTime": AT,
}
COIN_FILL = {
    **CONTRACT_FILL,
    "symbol": "BTCUSD",
    "posMode": "one_way_mode",
    "tradeSide": "sell_single",
    "side": "sell",
    "price": "40000",
    "baseVolume": "0.01",
    "quoteVolume": "400",
    "feeDetail": [{"feeCoin": "BTC", "totalFee": "-0.000006"}],
}
UTA_FILL = {
    "execId": "1322441401010528257",
    "orderId": "1322441400976261120",
    "category": "USDT-FUTURES",
    "symbol": "BTCUSDT",
    "side": "sell",
    "execPrice": "107005.4",
    "execQty": "0.0001",
    "execValue": "10.7005",
    "tradeScope": "taker",
    "feeDetail": [{"feeCoin": "USDT", "fee": "0.00642032"}],
    "createdTime": AT,
    "updatedTime": AT,
    "execPnl": "0.00017",
}
ORDER = {
    "symbol": "BTCUSDT",
    "orderId": "1",
    "clientOid": "c",
    "price": "100",
    "size": "2",
    "orderType": "limit",
    "side": "buy",
    "status": "cancelled",
    "priceAvg": "99",
    "baseVolume": "0.5",
    "quoteVolume": "49.5",
    "enterPointSource": "API",
    "cTime": AT,
    "uTime": AT,
    "feeDetail": "",
}
MIX_ORDER = {
    "symbol": "BTCUSDT",
    "size": "0.5",
    "orderId": "7",
    "clientOid": "c",
    "baseVolume": "0.5",
    "fee": "-0.02",
    "price": "100",
    "priceAvg": "99",
    "status": "filled",
    "side": "buy",
    "totalProfits": "0",
    "posSide": "net",
    "marginCoin": "USDT",
    "quoteVolume": "49.5",
    "leverage": "10",
    "marginMode": "crossed",
    "reduceOnly": "NO",
    "enterPointSource": "web",
    "tradeSide": "buy_single",
    "posMode": "one_way_mode",
    "orderType": "limit",
    "cTime": AT,
    "uTime": AT,
}
UTA_ORDER = {
    "orderId": "9",
    "clientOid": "c",
    "category": "SPOT",
    "symbol": "BTCUSDT",
    "orderType": "limit",
    "side": "buy",
    "price": "100",
    "qty": "2",
    "amount": "0",
    "cumExecQty": "0.5",
    "cumExecValue": "49.5",
    "avgPrice": "99",
    "timeInForce": "gtc",
    "orderStatus": "cancelled",
    "feeDetail": [{"feeCoin": "BTC", "fee": "0.0005"}],
    "createdTime": AT,
    "updatedTime": AT,
}
DEPOSIT = {
    "orderId": "1083832260799930368",
    "tradeId": "35bf0e588a42",
    "coin": "BTC",
    "type": "deposit",
    "size": "0.00030000",
    "status": "success",
    "toAddress": "1Bf",
    "dest": "on_chain",
    "chain": "BTC",
    "fromAddress": None,
    "cTime": AT,
    "uTime": AT,
}
UTA_DEPOSIT = {
    "orderId": "1477183242218870001",
    "recordId": "0999e9fc",
    "coin": "USDT",
    "type": "deposit",
    "size": "30",
    "status": "success",
    "toAddress": "TKt",
    "dest": "on_chain",
    "chain": "TRC20",
    "createdTime": AT,
    "updatedTime": AT,
    "fromAddress": "TFc",
}
BILL = {
    "cTime": AT,
    "coin": "USDT",
    "groupType": "transfer",
    "businessType": "transfer_out",
    "size": "-11.6",
    "balance": "1",
    "fees": "0",
    "billId": "5",
}
EARN = {
    **BILL,
    "groupType": "financial",
    "businessType": "EARN_INTEREST",
    "size": "0.25",
    "billId": "6",
}
FUNDING = {
    "billId": "8",
    "symbol": "BTCUSDT",
    "amount": "-0.37",
    "fee": "0",
    "businessType": "contract_settle_fee",
    "coin": "USDT",
    "balance": "10",
    "cTime": AT,
}
UTA_FUNDING = {
    "id": "81",
    "symbol": "BTCUSDT",
    "category": "USDT-FUTURES",
    "coin": "USDT",
    "type": "CONTRACT_MAIN_SETTLE_FEE_USER_OUT",
    "amount": "-0.12",
    "fee": "0",
    "balance": "5",
    "ts": AT,
}
CONVERT = {
    "id": "1159296505255219205",
    "fromCoin": "USDT",
    "fromCoinSize": "5",
    "cnvtPrice": "0.99940076",
    "toCoin": "USDC",
    "toCoinSize": "4.99700379",
    "ts": AT,
    "fee": "0",
}
DUST = {
    "orderId": "12",
    "fromCoin": "DOGE",
    "fromAmount": "20",
    "fromCoinPrice": "0.05",
    "toCoin": "BGB",
    "toAmount": "9.9",
    "toCoinPrice": "0.1",
    "feeDetail": [{"feeCoin": "BGB", "fee": "0.1"}],
    "status": "success",
    "ctime": AT,
}


MARGIN_FILL = {
    "orderId": "121211212121",
    "tradeId": "121211212122",
    "orderType": "limit",
    "side": "liquidation_sell",
    "priceAvg": "32111",
    "size": "0.01",
    "amount": "321.11",
    "tradeScope": "taker",
    "cTime": AT,
    "uTime": AT,
    "feeDetail": {
        "deduction": "yes",
        "feeCoin": "BGB",
        "totalDeductionFee": "-0.017118519726",
        "totalFee": "-0.017118519726",
    },
}
MARGIN_ORDER = {
    "symbol": "BTCUSDT",
    "orderType": "limit",
    "enterPointSource": "API",
    "orderId": "121211212121",
    "clientOid": "c",
    "loanType": "normal",
    "price": "32000",
    "side": "system_repay_buy",
    "status": "cancelled",
    "baseSize": "0.04",
    "quoteSize": "1280",
    "priceAvg": "32111",
    "size": "0.01",
    "amount": "321.11",
    "force": "gtc",
    "cTime": AT,
    "uTime": AT,
}
INTEREST = {
    "interestId": "31",
    "loanCoin": "USDT",
    "interestCoin": "USDT",
    "dailyInterestRate": "0.00001",
    "interestAmount": "1.2",
    "interstType": "first",
    "cTime": AT,
    "uTime": AT,
}


def flow(number: int, word: str, amount: str = "10.12") -> dict[str, Any]:
    return {
        "marginId": str(number),
        "amount": amount,
        "coin": "USDT",
        "balance": "156",
        "fee": "0",
        "marginType": word,
        "cTime": AT,
        "uTime": AT,
    }


def margin(name: str, *rows: Any) -> dict[str, Any]:
    return ok({name: list(rows), "maxId": "1", "minId": "1"})


def end_id(name: str, *rows: Any) -> dict[str, Any]:
    return ok({name: list(rows), "endId": "777"})


CASES = (
    Case(
        exchange="bitget",
        data_type=FILLS,
        scopes=("spot",),
        path="/api/v2/spot/trade/fills",
        replies=[ok([SPOT_FILL]), ok([])],
        asks=[
            {**BOUNDS, "limit": 100, "symbol": None, "idLessThan": None},
            {"idLessThan": "1098394344974925824"},
        ],
        makes=[
            (
                "1098394344974925824",
                "spot",
                "BTC/USDT",
                "sell",
                "0.0002",
                "28467.68",
                "5.693536",
                {"USDT": "0.005693536"},
            )
        ],
    ),
    Case(
        exchange="bitget",
        data_type=ORDERS,
        scopes=("spot",),
        path="/api/v2/spot/trade/history-orders",
        replies=[ok([ORDER]), ok([])],
        asks=[{**BOUNDS, "idLessThan": None}, {"idLessThan": "1"}],
        makes=[("1", "spot", "BTC/USDT", "buy", "canceled", "2", "0.5", "99")],
    ),
    *(
        case
        for wallet, place in (("margin", "crossed"), ("margin-isolated", "isolated"))
        for case in (
            Case(
                exchange="bitget",
                data_type=FILLS,
                scopes=(wallet,),
                path=f"/api/v2/margin/{place}/fills",
                symbol="BTC/USDT",
                replies=[margin("fills", MARGIN_FILL), margin("fills")],
                asks=[
                    {**BOUNDS, "symbol": "BTCUSDT", "limit": 100, "idLessThan": None},
                    {"symbol": "BTCUSDT", "idLessThan": "121211212122"},
                ],
                makes=[
                    (
                        "121211212122",
                        "margin",
                        "BTC/USDT",
                        "sell",
                        "0.01",
                        "32111",
                        "321.11",
                        {"BGB": "0.017118519726"},
                    )
                ],
            ),
            Case(
                exchange="bitget",
                data_type=ORDERS,
                scopes=(wallet,),
                path=f"/api/v2/margin/{place}/history-orders",
                symbol="BTC/USDT",
                replies=[margin("orderList", MARGIN_ORDER), margin("orderList")],
                asks=[
                    {**BOUNDS, "symbol": "BTCUSDT", "idLessThan": None},
                    {"idLessThan": "121211212121"},
                ],
                makes=[
                    (
                        "121211212121",
                        "margin",
                        "BTC/USDT",
                        "buy",
                        "canceled",
                        "0.04",
                        "0.01",
                        "32111",
                    )
                ],
            ),
            Case(
                exchange="bitget",
                data_type=TRANSFERS,
                scopes=(f"{wallet}-interest",),
                path=f"/api/v2/margin/{place}/interest-history",
                symbol=None if place == "crossed" else "BTC/USDT",
                replies=[margin("resultList", INTEREST), margin("resultList")],
                asks=[
                    {**BOUNDS, "symbol": None if place == "crossed" else "BTCUSDT"},
                    {"idLessThan": "31"},
                ],
                makes=[("31", "interest", "USDT", "-1.2", None, "ok")],
            ),
        )
    ),
    Case(
        exchange="bitget",
        data_type=TRANSFERS,
        scopes=("margin-moves",),
        path="/api/v2/margin/crossed/financial-records",
        replies=[
            margin(
                "resultList",
                flow(9, "transfer_in"),
                flow(8, "transfer_out", "-3"),
                flow(7, "deal_in"),
                flow(6, "borrow"),
                flow(5, "liquidation_fee"),
                flow(4, "exchange_in"),
                flow(3, "confiscated"),
            ),
            margin("resultList"),
        ],
        asks=[BOUNDS, {"idLessThan": "3"}],
        makes=[
            ("9", "internal", "USDT", "10.12", None, "ok"),
            ("8", "internal", "USDT", "3", None, "ok"),
            ("5", "fee", "USDT", "-10.12", None, "ok"),
            ("4", "subscription", "USDT", "10.12", None, "ok"),
            ("3", "liquidation", "USDT", "-10.12", None, "ok"),
        ],
    ),
    Case(
        exchange="bitget",
        data_type=FILLS,
        scopes=("usdt-futures",),
        path="/api/v2/mix/order/fill-history",
        replies=[end_id("fillList", CONTRACT_FILL), end_id("fillList")],
        asks=[{**BOUNDS, "productType": "USDT-FUTURES", "idLessThan": None}, {"idLessThan": "777"}],
        makes=[
            (
                "1111468664328269825",
                "linear",
                "BTC/USDT:USDT",
                "sell",
                "0.001",
                "37271.4",
                "37.2714",
                {"USDT": "0.02236284"},
            )
        ],
    ),
    Case(
        exchange="bitget",
        data_type=FILLS,
        scopes=("usdc-futures",),
        path="/api/v2/mix/order/fill-history",
        replies=[ok({"fillList": None, "endId": None})],
        asks=[{"productType": "USDC-FUTURES"}],
        makes=[],
    ),
    Case(
        exchange="bitget",
        data_type=FILLS,
        scopes=("coin-futures",),
        path="/api/v2/mix/order/fill-history",
        replies=[end_id("fillList", COIN_FILL), end_id("fillList")],
        asks=[{"productType": "COIN-FUTURES"}, {"idLessThan": "777"}],
        makes=[
            (
                "1111468664328269825",
                "inverse",
                "BTC/USD:BTC",
                "sell",
                "0.01",
                "40000",
                "400",
                {"BTC": "0.000006"},
            )
        ],
    ),
    Case(
        exchange="bitget",
        data_type=ORDERS,
        scopes=("usdt-futures",),
        path="/api/v2/mix/order/orders-history",
        replies=[end_id("entrustedList", MIX_ORDER), end_id("entrustedList")],
        asks=[{**BOUNDS, "productType": "USDT-FUTURES"}, {"idLessThan": "777"}],
        makes=[("7", "linear", "BTC/USDT:USDT", "buy", "closed", "0.5", "0.5", "99")],
    ),
    *(
        Case(
            exchange="bitget",
            data_type=ORDERS,
            scopes=(product.lower(),),
            path="/api/v2/mix/order/orders-history",
            replies=[
                end_id("entrustedList", {**MIX_ORDER, "symbol": symbol}),
                end_id("entrustedList"),
            ],
            asks=[{"productType": product}, {"idLessThan": "777"}],
            makes=[("7", category, unified, "buy", "closed", "0.5", "0.5", "99")],
        )
        for product, symbol, category, unified in (
            ("USDC-FUTURES", "BTCPERP", "linear", "BTC/USDC:USDC"),
            ("COIN-FUTURES", "BTCUSD", "inverse", "BTC/USD:BTC"),
        )
    ),
    *(
        Case(
            exchange="bitget",
            data_type=TRANSFERS,
            scopes=(f"funding-{product.lower()}",),
            path="/api/v2/mix/account/bill",
            replies=[end_id("bills", {**FUNDING, "symbol": symbol}), end_id("bills")],
            asks=[
                {"productType": product, "businessType": "contract_settle_fee"},
                {"idLessThan": "777"},
            ],
            makes=[("8", "funding", "USDT", "-0.37", None, "ok")],
        )
        for product, symbol in (
            ("USDT-FUTURES", "BTCUSDT"),
            ("USDC-FUTURES", "BTCPERP"),
            ("COIN-FUTURES", "BTCUSD"),
        )
    ),
    *(
        Case(
            exchange="bitget",
            data_type=TRANSFERS,
            scopes=(f"bills-{product.lower()}",),
            path="/api/v2/mix/account/bill",
            replies=[
                end_id("bills", {**FUNDING, "symbol": "", "businessType": "bonus_issue"}, FUNDING),
                end_id("bills"),
            ],
            asks=[{**BOUNDS, "productType": product, "businessType": None}, {"idLessThan": "777"}],
            makes=[("8", "reward", "USDT", "-0.37", None, "ok")],
        )
        for product in ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
    ),
    *(
        Case(
            exchange="bitget",
            data_type=TRANSFERS,
            scopes=(f"uta-records-{name.lower()}",),
            path="/api/v3/account/financial-records",
            replies=[
                ok(
                    {
                        "list": [
                            {**UTA_FUNDING, "symbol": "", "type": "INTEREST_SETTLEMENT_OUT"},
                            {**UTA_FUNDING, "type": "ORDER_DEALT_IN"},
                        ],
                        "cursor": "3",
                    }
                ),
                ok({"list": []}),
            ],
            asks=[{**BOUNDS, "category": name}, {"cursor": "3"}],
            makes=[("81", "interest", "USDT", "-0.12", None, "ok")],
        )
        for name in ("SPOT", "MARGIN")
    ),
    *(
        Case(
            exchange="bitget",
            data_type=FILLS,
            scopes=(f"uta-{name.lower()}",),
            path="/api/v3/trade/fills",
            replies=[
                ok({"list": [{**UTA_FILL, "symbol": symbol}], "cursor": "55"}),
                ok({"list": [], "cursor": "55"}),
            ],
            asks=[{**BOUNDS, "category": name, "cursor": None}, {"cursor": "55"}],
            makes=[
                (
                    "1322441401010528257",
                    category,
                    unified,
                    "sell",
                    "0.0001",
                    "107005.4",
                    cost,
                    {"USDT": "0.00642032"},
                )
            ],
        )
        for name, symbol, category, unified, cost in (
            ("SPOT", "BTCUSDT", "spot", "BTC/USDT", "10.7005"),
            ("MARGIN", "BTCUSDT", "margin", "BTC/USDT", "10.7005"),
            ("USDT-FUTURES", "BTCUSDT", "linear", "BTC/USDT:USDT", "10.70054"),
            ("USDC-FUTURES", "BTCPERP", "linear", "BTC/USDC:USDC", "10.70054"),
            ("COIN-FUTURES", "BTCUSD", "inverse", "BTC/USD:BTC", "10.70054"),
        )
    ),
    *(
        Case(
            exchange="bitget",
            data_type=ORDERS,
            scopes=(f"uta-{name.lower()}",),
            path="/api/v3/trade/history-orders",
            replies=[
                ok({"list": [{**UTA_ORDER, "symbol": symbol}], "cursor": "55"}),
                ok({"list": [], "cursor": ""}),
            ],
            asks=[{**BOUNDS, "category": name}, {"cursor": "55"}],
            makes=[("9", category, unified, "buy", "canceled", "2", "0.5", "99")],
        )
        for name, symbol, category, unified in (
            ("SPOT", "BTCUSDT", "spot", "BTC/USDT"),
            ("MARGIN", "BTCUSDT", "margin", "BTC/USDT"),
            ("USDT-FUTURES", "BTCUSDT", "linear", "BTC/USDT:USDT"),
            ("USDC-FUTURES", "BTCPERP", "linear", "BTC/USDC:USDC"),
            ("COIN-FUTURES", "BTCUSD", "inverse", "BTC/USD:BTC"),
        )
    ),
    Case(
        exchange="bitget",
        data_type=TRANSFERS,
        scopes=("deposits",),
        path="/api/v2/spot/wallet/deposit-records",
        replies=[ok([DEPOSIT]), ok([])],
        asks=[BOUNDS, {"idLessThan": "1083832260799930368"}],
        makes=[("1083832260799930368", "deposit", "BTC", "0.0003", None, "ok")],
    ),
    Case(
        exchange="bitget",
        data_type=TRANSFERS,
        scopes=("withdrawals",),
        path="/api/v2/spot/wallet/withdrawal-records",
        replies=[ok([{**DEPOSIT, "type": "withdraw", "size": "0.3", "fee": "-0.1"}]), ok([])],
        asks=[BOUNDS, {"idLessThan": "1083832260799930368"}],
        makes=[("1083832260799930368", "withdrawal", "BTC", "0.2", "0.1 BTC", "ok")],
    ),
    Case(
        exchange="bitget",
        data_type=TRANSFERS,
        scopes=("uta-deposits",),
        path="/api/v3/account/deposit-records",
        replies=[ok([UTA_DEPOSIT]), ok([])],
        asks=[BOUNDS, {"cursor": "1477183242218870001"}],
        makes=[("1477183242218870001", "deposit", "USDT", "30", None, "ok")],
    ),
    Case(
        exchange="bitget",
        data_type=TRANSFERS,
        scopes=("uta-withdrawals",),
        path="/api/v3/account/withdrawal-records",
        replies=[ok([{**UTA_DEPOSIT, "type": "withdraw", "fee": "-1.5"}]), ok([])],
        asks=[BOUNDS, {"cursor": "1477183242218870001"}],
        makes=[("1477183242218870001", "withdrawal", "USDT", "28.5", "1.5 USDT", "ok")],
    ),
    Case(
        exchange="bitget",
        data_type=TRANSFERS,
        scopes=("moves",),
        path="/api/v2/spot/account/bills",
        replies=[ok([BILL]), ok([])],
        asks=[{**BOUNDS, "groupType": "transfer", "limit": 500}, {"idLessThan": "5"}],
        makes=[("5", "internal", "USDT", "11.6", None, "ok")],
    ),
    Case(
        exchange="bitget",
        data_type=TRANSFERS,
        scopes=("earn",),
        path="/api/v2/spot/account/bills",
        replies=[ok([EARN]), ok([])],
        asks=[{"groupType": "financial"}, {"idLessThan": "6"}],
        makes=[("6", "interest", "USDT", "0.25", None, "ok")],
    ),
    Case(
        exchange="bitget",
        data_type=TRANSFERS,
        scopes=("bills-rest",),
        path="/api/v2/spot/account/bills",
        replies=[ok([{**EARN, "groupType": "loan"}, EARN, BILL]), ok([])],
        asks=[{**BOUNDS, "groupType": None, "limit": 500}, {"idLessThan": "5"}],
        makes=[("6", "interest", "USDT", "0.25", None, "ok")],
    ),
    Case(
        exchange="bitget",
        data_type=FILLS,
        scopes=("converts",),
        path="/api/v2/convert/convert-record",
        replies=[end_id("dataList", CONVERT), end_id("dataList")],
        asks=[{**BOUNDS, "limit": 100}, {"idLessThan": "777"}],
        makes=[
            (
                "1159296505255219205",
                "spot",
                "USDC/USDT",
                "buy",
                "4.99700379",
                None,
                "5",
                {},
                "convert",
            )
        ],
    ),
    Case(
        exchange="bitget",
        data_type=FILLS,
        scopes=("dust",),
        path="/api/v2/convert/bgb-convert-records",
        replies=[ok([DUST]), ok([])],
        asks=[BOUNDS, {"idLessThan": "12"}],
        makes=[("12:DOGE", "spot", "BGB/DOGE", "buy", "10", None, "20", {"BGB": "0.1"}, "dust")],
    ),
    *(
        Case(
            exchange="bitget",
            data_type=TRANSFERS,
            scopes=(f"uta-funding-{product.lower()}",),
            path="/api/v3/account/financial-records",
            replies=[
                ok(
                    {
                        "list": [
                            {**UTA_FUNDING, "symbol": symbol},
                            {**UTA_FUNDING, "symbol": symbol, "type": "OPEN_LONG"},
                        ],
                        "cursor": "3",
                    }
                ),
                ok({"list": []}),
            ],
            asks=[{**BOUNDS, "category": product}, {"cursor": "3"}],
            makes=[("81", "funding", "USDT", "-0.12", None, "ok")],
        )
        for product, symbol in (
            ("USDT-FUTURES", "BTCUSDT"),
            ("USDC-FUTURES", "BTCPERP"),
            ("COIN-FUTURES", "BTCUSD"),
        )
    ),
)


@pytest.mark.parametrize(("case", "scope"), each(CASES))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


def test_every_stream_has_a_case() -> None:
    assert uncovered("bitget", CASES) == set()


POSITION = {
    "marginCoin": "USDT",
    "symbol": "BTCUSDT",
    "holdSide": "long",
    "openDelegateSize": "0",
    "marginSize": "3.73555",
    "available": "0.002",
    "locked": "0",
    "total": "0.002",
    "leverage": "20",
    "achievedProfits": "0",
    "openPriceAvg": "37355.5",
    "marginMode": "crossed",
    "posMode": "hedge_mode",
    "unrealizedPL": "0.03",
    "liquidationPrice": "31725.023602417",
    "keepMarginRate": "0.004",
    "markPrice": "37370.5",
    "marginRatio": "0.029550120396",
    "cTime": AT,
}
UTA_POSITION = {
    "category": "USDT-FUTURES",
    "symbol": "BTCUSDT",
    "marginCoin": "USDT",
    "holdMode": "hedge_mode",
    "posSide": "short",
    "marginMode": "crossed",
    "positionBalance": "5.435199",
    "available": "0.001",
    "frozen": "0",
    "total": "0.001",
    "leverage": "20",
    "curRealisedPnl": "0",
    "avgPrice": "107410.3",
    "positionStatus": "normal",
    "unrealisedPnl": "0.0047",
    "liquidationPrice": "0",
    "mmr": "0.004",
    "markPrice": "107415.3",
    "createdTime": AT,
    "updatedTime": AT,
}
OPEN = {
    **ORDER,
    "status": "live",
    "baseVolume": "0",
    "quoteVolume": "0",
    "priceAvg": "100",
    "orderId": "3",
}
MIX_OPEN = {**MIX_ORDER, "status": "live", "baseVolume": "0", "priceAvg": "", "orderId": "4"}
TICKER = {
    "symbol": "BTCUSDT",
    "open": "100",
    "high24h": "120",
    "low24h": "90",
    "lastPr": "110",
    "askPr": "111",
    "bidPr": "109",
    "baseVolume": "1",
    "quoteVolume": "110",
    "ts": AT,
    "openUtc": "100",
    "change24h": "0.1",
}

MIRRORS = (
    Mirror(
        exchange="bitget",
        what="wallet",
        name="spot",
        path="/api/v2/spot/account/assets",
        makes=[("BTC", "1", "1.7", False)],
        reply=ok(
            [
                {
                    "coin": "BTC",
                    "available": "1",
                    "frozen": "0.5",
                    "locked": "0.2",
                    "limitAvailable": "0",
                    "uTime": AT,
                }
            ]
        ),
    ),
    *(
        Mirror(
            exchange="bitget",
            what="wallet",
            name=f"futures-{coin.lower()}",
            path="/api/v2/mix/account/accounts",
            asks={"productType": f"{coin}-FUTURES"},
            makes=[("USDT", "90", "100.5", True)],
            reply=ok(
                [
                    {
                        "marginCoin": "USDT",
                        "locked": "0",
                        "available": "95",
                        "maxTransferOut": "90",
                        "accountEquity": "100.5",
                        "unrealizedPL": "0.5",
                    }
                ]
            ),
        )
        for coin in ("USDT", "USDC", "COIN")
    ),
    *(
        Mirror(
            exchange="bitget",
            what="wallet",
            name=name,
            path=path,
            makes=[("BTC", "1", "0.9", False)],
            reply=ok(
                [
                    {
                        **pair,
                        "coin": "BTC",
                        "totalAmount": "1",
                        "available": "1",
                        "frozen": "0",
                        "borrow": "0.1",
                        "interest": "0",
                        "net": "0.9",
                    }
                ]
            ),
        )
        for name, path, pair in (
            ("margin", "/api/v2/margin/crossed/account/assets", {}),
            ("margin-isolated", "/api/v2/margin/isolated/account/assets", {"symbol": "BTCUSDT"}),
        )
    ),
    Mirror(
        exchange="bitget",
        what="wallet",
        name="earn",
        path="/api/v2/earn/account/assets",
        makes=[("USDT", None, "25.5", False)],
        reply=ok([{"coin": "USDT", "amount": "25.5"}]),
    ),
    Mirror(
        exchange="bitget",
        what="wallet",
        name="unified",
        path="/api/v3/account/assets",
        makes=[("USDT", "80", "100", True)],
        reply=ok(
            {
                "accountEquity": "100",
                "assets": [
                    {
                        "coin": "USDT",
                        "equity": "100",
                        "usdValue": "100",
                        "balance": "99",
                        "available": "80",
                        "debt": "0",
                        "locked": "19",
                    }
                ],
            }
        ),
    ),
    Mirror(
        exchange="bitget",
        what="wallet",
        name="funding",
        path="/api/v3/account/funding-assets",
        makes=[("USDT", "5", "6", False)],
        reply=ok([{"coin": "USDT", "balance": "6", "available": "5", "frozen": "1"}]),
    ),
    Mirror(
        exchange="bitget",
        what="positions",
        name="linear",
        path="/api/v2/mix/position/all-position",
        reply=ok([POSITION]),
        asks={"productType": "USDT-FUTURES", "marginCoin": None},
        makes=[("BTC/USDT:USDT", "linear", "long", "0.002", "37355.5", "0.03")],
    ),
    Mirror(
        exchange="bitget",
        what="positions",
        name="inverse",
        path="/api/v2/mix/position/all-position",
        reply=ok([{**POSITION, "symbol": "BTCUSD", "total": "0.01", "marginCoin": "BTC"}]),
        asks={"productType": "COIN-FUTURES"},
        makes=[("BTC/USD:BTC", "inverse", "long", "0.01", "37355.5", "0.03")],
    ),
    Mirror(
        exchange="bitget",
        what="positions",
        name="linear",
        at=2,
        path="/api/v3/position/current-position",
        reply=ok({"list": [UTA_POSITION]}),
        asks={"category": "USDT-FUTURES"},
        makes=[("BTC/USDT:USDT", "linear", "short", "0.001", "107410.3", "0.0047")],
    ),
    Mirror(
        exchange="bitget",
        what="open_orders",
        name="spot",
        path="/api/v2/spot/trade/unfilled-orders",
        reply=ok([OPEN]),
        more=[ok([])],
        makes=[("3", "spot", "BTC/USDT", "buy", "open", "2", "0", "100")],
    ),
    Mirror(
        exchange="bitget",
        what="open_orders",
        name="linear",
        path="/api/v2/mix/order/orders-pending",
        reply=end_id("entrustedList", MIX_OPEN),
        more=[end_id("entrustedList")],
        asks={"productType": "USDT-FUTURES"},
        makes=[("4", "linear", "BTC/USDT:USDT", "buy", "open", "0.5", "0", None)],
    ),
    Mirror(
        exchange="bitget",
        what="open_orders",
        name="spot",
        at=1,
        path="/api/v3/trade/unfilled-orders",
        asks={"category": "SPOT"},
        reply=ok(
            {
                "list": [
                    {
                        **UTA_ORDER,
                        "orderStatus": "live",
                        "cumExecQty": "0",
                        "cumExecValue": "0",
                        "avgPrice": "0",
                    }
                ],
                "cursor": "",
            }
        ),
        makes=[("9", "spot", "BTC/USDT", "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="bitget",
        what="tickers",
        name="spot",
        path="/api/v2/spot/market/tickers",
        reply=ok([TICKER]),
        makes=[("BTC/USDT", "110")],
    ),
)


@pytest.mark.parametrize("case", MIRRORS, ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


def test_every_mirror_has_a_case() -> None:
    left = unread("bitget", MIRRORS)
    assert left == {("open_orders", "inverse"), ("open_orders", "margin")}, (
        "asked as the linear and spot ones are"
    )


@pytest.mark.parametrize(
    ("code", "kind"), [("40085", NotOffered), ("40084", NotOffered), ("43111", OutOfRetention)]
)
def test_the_other_kind_of_account_and_the_end_of_retention_are_reported_apart(
    code: str, kind: type[Exception]
) -> None:
    answer = Answer({"code": code, "msg": "no", "requestTime": NOW_MS, "data": None}, 400)
    with adapter_for("bitget", lambda asked: answer) as (adapter, _stub), pytest.raises(kind):
        adapter.page(stream(adapter, FILLS, "spot"), None, DAY, {})


@pytest.mark.parametrize(
    ("trade_side", "mode", "side", "done"),
    [
        ("open", "hedge_mode", "sell", "sell"),
        ("close", "hedge_mode", "sell", "buy"),
        ("close", "hedge_mode", "buy", "sell"),
        ("buy_single", "one_way_mode", "buy", "buy"),
        ("reduce_close_long", "hedge_mode", "buy", "sell"),
    ],
)
def test_the_side_of_a_futures_order_is_what_it_does(
    trade_side: str, mode: str, side: str, done: str
) -> None:
    row = {**MIX_ORDER, "tradeSide": trade_side, "posMode": mode, "side": side, "reduceOnly": "NO"}
    answers = [end_id("entrustedList", row), end_id("entrustedList")]
    with adapter_for("bitget", lambda asked: answers.pop(0)) as (adapter, _stub):
        (made,) = walk(adapter, stream(adapter, ORDERS, "usdt-futures"), None, DAY)[0].records
    assert isinstance(made, Order) and made.side == done

"""HTX: what every history and list asks, page by page, and what its rows become."""

from __future__ import annotations

from typing import Any

import pytest

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
    brief,
    each,
    named,
    run_mirror,
    run_stream,
    uncovered,
    unread,
)

AT = NOW_MS - 5_000
MS = {"start_time": START, "end_time": END}


def ok(data: Any, **more: Any) -> dict[str, Any]:
    return {"status": "ok", "data": data, "ts": NOW_MS, **more}


def v5(data: Any) -> dict[str, Any]:
    return {"code": 200, "message": "Success", "data": data, "ts": NOW_MS}


def v3(*rows: Any) -> dict[str, Any]:
    return {"code": 200, "msg": "", "data": list(rows), "ts": NOW_MS}


HTX_FILL = {
    "symbol": "btcusdt",
    "fee-currency": "btc",
    "source": "spot-web",
    "price": "0.338",
    "created-at": AT,
    "role": "taker",
    "order-id": 345487249132375,
    "match-id": 5014,
    "trade-id": 1085,
    "filled-amount": "147.5",
    "filled-fees": "0",
    "filled-points": "0.1",
    "fee-deduct-currency": "hbpoint",
    "fee-deduct-state": "done",
    "id": 313288753120940,
    "type": "buy-market",
}

HTX_ORDER = {
    "id": 357632718898331,
    "symbol": "btcusdt",
    "account-id": 13496526,
    "client-order-id": "c",
    "amount": "2",
    "price": "100",
    "created-at": AT,
    "type": "buy-limit-maker",
    "field-amount": "0.5",
    "field-cash-amount": "49.5",
    "field-fees": "0.0005",
    "finished-at": AT,
    "source": "spot-api",
    "state": "partial-canceled",
    "canceled-at": 0,
}

HTX_DEPOSIT = {
    "id": 75115912,
    "type": "deposit",
    "sub-type": "NORMAL",
    "request-id": "d",
    "currency": "usdt",
    "chain": "trc20usdt",
    "tx-hash": "7c1",
    "amount": 2849.0,
    "from-addr-tag": "",
    "address": "TRF",
    "address-tag": "",
    "fee": 0,
    "state": "safe",
    "created-at": AT,
    "updated-at": AT,
}

HTX_LINEAR = {
    "id": "1513834754679549965",
    "contract_code": "BTC-USDT",
    "order_id": "1513834754585190400",
    "trade_id": "152022944",
    "side": "sell",
    "position_side": "long",
    "order_type": "1",
    "margin_mode": "cross",
    "type": "market",
    "role": "TAKER",
    "trade_price": "62688.2",
    "trade_volume": "2",
    "trade_turnover": "125.3764",
    "created_time": str(AT),
    "updated_time": str(AT),
    "fee_currency": "USDT",
    "trade_fee": "0.07522584",
    "deduction_price": "",
    "profit": "-0.3656",
    "contract_type": "swap",
}

HTX_LINEAR_ORDER = {
    "id": "1",
    "contract_code": "BTC-USDT",
    "side": "buy",
    "position_side": "both",
    "type": "limit",
    "price_match": "",
    "order_id": "1513834754585190400",
    "client_order_id": "",
    "margin_mode": "cross",
    "price": "100",
    "volume": "4",
    "lever_rate": 1,
    "state": "partially_canceled",
    "order_source": "api",
    "reduce_only": False,
    "time_in_force": "gtc",
    "trade_avg_price": "99",
    "trade_volume": "2",
    "trade_turnover": "0.198",
    "fee_currency": "USDT",
    "fee": "0.0001",
    "created_time": str(AT),
    "updated_time": str(AT),
}

HTX_BILL = {
    "id": "2194774775",
    "type": "31",
    "currency": "USDT",
    "amount": "0.000433432461821856",
    "contract_code": "BTC-USDT",
    "margin_mode": "cross",
    "created_time": str(AT),
}

HTX_INVERSE = {
    "query_id": 2424420723,
    "match_id": 113891764710,
    "order_id": 773135295142658048,
    "symbol": "BTC",
    "contract_type": "swap",
    "business_type": "swap",
    "contract_code": "BTC-USD",
    "direction": "buy",
    "offset": "open",
    "trade_volume": 1,
    "trade_price": "50000",
    "trade_turnover": 100,
    "trade_fee": "-0.0000008",
    "offset_profitloss": 0,
    "create_date": AT,
    "role": "Maker",
    "order_id_str": "773135295142658048",
    "fee_asset": "BTC",
    "real_profit": 0,
    "id": "113891764710-773135295142658048-1",
}

HTX_INVERSE_ORDER = {
    "query_id": 452057,
    "direction": "buy",
    "offset": "open",
    "volume": "3",
    "price": "50000",
    "profit": 0,
    "fee_asset": "BTC",
    "order_id": 918800256249405440,
    "order_id_str": "918800256249405440",
    "contract_code": "BTC-USD",
    "symbol": "BTC",
    "lever_rate": 1,
    "create_date": AT,
    "order_source": "api",
    "order_price_type": "limit",
    "margin_frozen": 0,
    "trade_volume": 3,
    "trade_turnover": "300",
    "fee": "-0.0000024",
    "trade_avg_price": "49900",
    "status": 6,
    "order_type": 1,
}

HTX_LEDGER = {
    "accountId": 11,
    "currency": "usdt",
    "transactType": "transfer",
    "transactId": 0,
    "transactTime": AT,
    "transferer": 28483123,
    "transferee": 13496526,
}

HTX_COIN_FUNDING = {
    "query_id": 138798248,
    "id": 117840,
    "type": 31,
    "amount": -0.0000025,
    "ts": AT,
    "contract_code": "BTC-USD",
    "asset": "BTC",
    "margin_account": "BTC-USD",
    "face_margin_account": "",
}

HTX_SYMBOL = "BTC/USDT:USDT"

HTX = (
    Case(
        exchange="htx",
        data_type=FILLS,
        scopes=("spot",),
        path="/v1/order/matchresults",
        replies=[
            ok(
                [
                    HTX_FILL,
                    {**HTX_FILL, "id": 9, "trade-id": 1084},
                    {**HTX_FILL, "id": 444, "trade-id": 1083},
                ]
            ),
            ok([{**HTX_FILL, "id": 444, "trade-id": 1083}]),
        ],
        asks=[
            {
                "start-time": START,
                "end-time": END,
                "size": 500,
                "direct": "next",
                "from": None,
                "symbol": None,
            },
            {"from": 444, "direct": "next"},
        ],
        makes=[
            (number, "spot", "BTC/USDT", "buy", "147.5", "0.338", "49.855", {"HBPOINT": "0.1"})
            for number in ("1085", "1084", "1083")
        ],
    ),
    Case(
        exchange="htx",
        data_type=ORDERS,
        scopes=("spot",),
        path="/v1/order/history",
        replies=[ok([HTX_ORDER])],
        asks=[{"start-time": START, "end-time": END, "size": 1000}],
        makes=[("357632718898331", "spot", "BTC/USDT", "buy", "canceled", "2", "0.5", "99")],
    ),
    Case(
        exchange="htx",
        data_type=TRANSFERS,
        scopes=("deposits",),
        path="/v1/query/deposit-withdraw",
        replies=[ok([HTX_DEPOSIT]), ok([])],
        asks=[{"type": "deposit", "direct": "prev", "from": 1, "size": 500}, {"from": 75115913}],
        makes=[("75115912", "deposit", "USDT", "2849", None, "ok")],
    ),
    Case(
        exchange="htx",
        data_type=TRANSFERS,
        scopes=("withdrawals",),
        path="/v1/query/deposit-withdraw",
        replies=[ok([{**HTX_DEPOSIT, "type": "withdraw", "fee": 1, "state": "confirmed"}]), ok([])],
        asks=[{"type": "withdraw", "from": 1}, {"from": 75115913}],
        makes=[("75115912", "withdrawal", "USDT", "2849", "1 USDT", "ok")],
    ),
    Case(
        exchange="htx",
        data_type=TRANSFERS,
        scopes=("moves",),
        path="/v5/account/universal_transfer_records",
        replies=[
            v5(
                [
                    {
                        "transfer_id": "9",
                        "currency": "USDT",
                        "amount": "5",
                        "from_account_type": "spot",
                        "to_account_type": "linear-swap",
                        "transfer_time": AT,
                        "status": "success",
                    }
                ]
            )
        ],
        asks=[{**MS, "limit": 100}],
        makes=[("9", "internal", "USDT", "5", None, "ok")],
    ),
    Case(
        exchange="htx",
        data_type=TRANSFERS,
        scopes=("ledger",),
        path="/v2/account/ledger",
        paths=[
            "/v1/account/accounts",
            "/v2/account/ledger",
            "/v2/account/ledger",
            "/v2/account/ledger",
        ],
        replies=[
            ok(
                [
                    {"id": 11, "type": "spot", "state": "working"},
                    {"id": 12, "type": "point", "state": "working"},
                ]
            ),
            {
                "code": 200,
                "message": "success",
                "ok": True,
                "nextId": 1622079,
                "data": [
                    {**HTX_LEDGER, "transferType": "margin-transfer-out", "transactAmt": 10.5},
                    {**HTX_LEDGER, "transferType": "margin-transfer-in", "transactAmt": -10.5},
                    {
                        **HTX_LEDGER,
                        "transferType": "sub-transfer-out",
                        "transactAmt": -3,
                        "transactId": 8,
                    },
                ],
            },
            {"code": 200, "ok": True, "data": []},
            {"code": 200, "ok": True, "data": []},
        ],
        asks=[
            {},
            {
                "accountId": 11,
                "startTime": START,
                "endTime": END,
                "fromId": None,
                "transactTypes": None,
                "limit": 500,
            },
            {"accountId": 11, "fromId": 1622079},
            {"accountId": 12, "fromId": None},
        ],
        makes=[
            (f"11:{AT}:usdt:10.5", "internal", "USDT", "10.5", None, "ok"),
            (f"11:{AT}:usdt:-10.5", "internal", "USDT", "10.5", None, "ok"),
            ("8", "withdrawal", "USDT", "3", None, "ok"),
        ],
    ),
    Case(
        exchange="htx",
        data_type=FILLS,
        scopes=("linear",),
        path="/v5/trade/order/details",
        symbol=HTX_SYMBOL,
        replies=[v5([HTX_LINEAR])],
        asks=[{**MS, "contract_code": "BTC-USDT", "limit": 100}],
        makes=[
            (
                "1513834754679549965",
                "linear",
                HTX_SYMBOL,
                "sell",
                "0.002",
                "62688.2",
                "125.3764",
                {"USDT": "0.07522584"},
            )
        ],
    ),
    Case(
        exchange="htx",
        data_type=ORDERS,
        scopes=("linear",),
        path="/v5/trade/order/history",
        symbol=HTX_SYMBOL,
        replies=[v5([HTX_LINEAR_ORDER])],
        asks=[{**MS, "contract_code": "BTC-USDT", "margin_mode": "cross"}],
        makes=[("1513834754585190400", "linear", HTX_SYMBOL, "buy", "canceled", "4", "2", "99")],
    ),
    Case(
        exchange="htx",
        data_type=ORDERS,
        scopes=("linear-isolated",),
        path="/v5/trade/order/history",
        symbol=HTX_SYMBOL,
        replies=[v5([])],
        asks=[{"margin_mode": "isolated"}],
        makes=[],
    ),
    Case(
        exchange="htx",
        data_type=TRANSFERS,
        scopes=("funding-linear",),
        path="/v5/account/bills",
        replies=[v5([HTX_BILL])],
        asks=[{**MS, "type": "30,31"}],
        makes=[("2194774775", "funding", "USDT", "-0.000433432461821856", None, "ok")],
    ),
    Case(
        exchange="htx",
        data_type=FILLS,
        scopes=("inverse",),
        path="/swap-api/v3/swap_matchresults_exact",
        symbol="BTC/USD:BTC",
        replies=[v3(HTX_INVERSE), v3()],
        asks=[
            {
                **MS,
                "contract": "BTC-USD",
                "trade_type": 0,
                "direct": "prev",
                "size": None,
                "from_id": None,
            },
            {"from_id": 2424420723},
        ],
        makes=[
            (
                "113891764710-773135295142658048-1",
                "inverse",
                "BTC/USD:BTC",
                "buy",
                "0.002",
                "50000",
                "100",
                {"BTC": "0.0000008"},
            )
        ],
    ),
    Case(
        exchange="htx",
        data_type=ORDERS,
        scopes=("inverse",),
        path="/swap-api/v3/swap_hisorders",
        symbol="BTC/USD:BTC",
        replies=[v3(HTX_INVERSE_ORDER), v3()],
        asks=[
            {
                **MS,
                "contract": "BTC-USD",
                "status": "0",
                "type": 1,
                "direct": "prev",
                "from_id": None,
            },
            {"from_id": 452057},
        ],
        makes=[
            ("918800256249405440", "inverse", "BTC/USD:BTC", "buy", "closed", "3", "3", "49900")
        ],
    ),
    Case(
        exchange="htx",
        data_type=TRANSFERS,
        scopes=("funding-inverse",),
        path="/swap-api/v3/swap_financial_record_exact",
        symbol="BTC/USD:BTC",
        replies=[v3(HTX_COIN_FUNDING), v3()],
        asks=[
            {**MS, "contract": "BTC-USD", "type": "30,31", "direct": "prev", "from_id": None},
            {"from_id": 138798248},
        ],
        makes=[("117840", "funding", "BTC", "-0.0000025", None, "ok")],
    ),
)

HTX_POSITION = {
    "contract_code": "BTC-USDT",
    "position_side": "both",
    "direction": "buy",
    "margin_mode": "cross",
    "open_avg_price": "62688.2",
    "volume": "2",
    "available": "2",
    "lever_rate": 5,
    "last_price": "62700",
    "mark_price": "62700",
    "profit_unreal": "0.03",
    "initial_margin": "25",
    "created_time": str(AT),
    "updated_time": str(AT),
}

HTX_COIN_POSITION = {
    "symbol": "BTC",
    "contract_code": "BTC-USD",
    "volume": "3",
    "available": "3",
    "frozen": 0,
    "cost_open": "50000",
    "cost_hold": "50000",
    "profit_unreal": "0.0001",
    "profit_rate": "0.1",
    "lever_rate": 1,
    "position_margin": "0.006",
    "direction": "sell",
    "profit": "0",
    "last_price": "60000",
}

HTX_ACCOUNT = {
    "symbol": "BTC",
    "margin_balance": "1.2",
    "margin_position": "0.1",
    "margin_frozen": "0",
    "margin_available": "1.1",
    "profit_real": "0",
    "profit_unreal": "0.05",
    "margin_static": "1.15",
}

HTX_LIST = [
    {"currency": "btc", "type": "trade", "balance": "1"},
    {"currency": "btc", "type": "frozen", "balance": "0.5"},
]

HTX_LOANS = [
    *HTX_LIST,
    {"currency": "btc", "type": "loan", "balance": "-0.2"},
    {"currency": "btc", "type": "transfer-out-available", "balance": "9"},
]

HTX_MIRRORS = (
    Mirror(
        exchange="htx",
        what="wallet",
        name="spot",
        path="/v1/account/accounts",
        makes=[("BTC", "1", "1.5", False)],
        reply=ok([{"id": 11, "type": "spot", "subtype": "", "state": "working"}]),
        more=[ok({"id": 11, "type": "spot", "list": HTX_LIST})],
    ),
    Mirror(
        exchange="htx",
        what="wallet",
        name="margin",
        path="/v1/cross-margin/accounts/balance",
        makes=[("BTC", "1", "1.3", False)],
        reply=ok({"id": 1, "type": "cross-margin", "list": HTX_LOANS}),
    ),
    Mirror(
        exchange="htx",
        what="wallet",
        name="margin-isolated",
        path="/v1/margin/accounts/balance",
        makes=[("BTC", "1", "1.3", False)],
        reply=ok([{"id": 1, "symbol": "btcusdt", "list": HTX_LOANS}]),
    ),
    Mirror(
        exchange="htx",
        what="wallet",
        name="linear",
        path="/v5/account/balance",
        makes=[("USDT", "90", "100", True)],
        reply=v5(
            {
                "state": "normal",
                "equity": "100",
                "details": [{"currency": "USDT", "equity": "100", "available_margin": "90"}],
            }
        ),
    ),
    Mirror(
        exchange="htx",
        what="wallet",
        name="inverse",
        path="/swap-api/v1/swap_account_info",
        reply=ok([HTX_ACCOUNT]),
        makes=[("BTC", "1.1", "1.2", True)],
    ),
    Mirror(
        exchange="htx",
        what="wallet",
        name="inverse-dated",
        path="/api/v1/contract_account_info",
        reply=ok([HTX_ACCOUNT]),
        makes=[("BTC", "1.1", "1.2", True)],
    ),
    Mirror(
        exchange="htx",
        what="positions",
        name="linear",
        path="/v5/trade/position/opens",
        reply=v5([HTX_POSITION]),
        makes=[(HTX_SYMBOL, "linear", "long", "0.002", "62688.2", "0.03")],
    ),
    Mirror(
        exchange="htx",
        what="positions",
        name="inverse",
        path="/swap-api/v1/swap_position_info",
        reply=ok([HTX_COIN_POSITION]),
        makes=[("BTC/USD:BTC", "inverse", "short", "0.006", "50000", "0.0001")],
    ),
    Mirror(
        exchange="htx",
        what="open_orders",
        name="spot",
        path="/v1/order/openOrders",
        more=[ok([])],
        asks={"direct": "next", "size": 500},
        reply=ok(
            [
                {
                    "id": 5,
                    "symbol": "btcusdt",
                    "account-id": 1,
                    "client-order-id": "c",
                    "amount": "2",
                    "price": "100",
                    "created-at": AT,
                    "type": "buy-limit",
                    "filled-amount": "0",
                    "filled-cash-amount": "0",
                    "filled-fees": "0",
                    "source": "api",
                    "state": "submitted",
                }
            ]
        ),
        makes=[("5", "spot", "BTC/USDT", "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="htx",
        what="open_orders",
        name="linear",
        path="/v5/trade/order/opens",
        reply=v5(
            [
                {
                    **HTX_LINEAR_ORDER,
                    "state": "new",
                    "trade_volume": "0",
                    "trade_turnover": "0",
                    "trade_avg_price": "",
                }
            ]
        ),
        makes=[("1513834754585190400", "linear", HTX_SYMBOL, "buy", "open", "4", "0", None)],
    ),
    Mirror(
        exchange="htx",
        what="open_orders",
        name="inverse",
        path="/swap-api/v1/swap_openorders",
        symbol="BTC/USD:BTC",
        reply=ok(
            {
                "orders": [
                    {
                        **HTX_INVERSE_ORDER,
                        "status": 3,
                        "trade_volume": 0,
                        "trade_turnover": 0,
                        "trade_avg_price": None,
                        "created_at": AT,
                    }
                ],
                "total_page": 1,
                "current_page": 1,
                "total_size": 1,
            }
        ),
        makes=[("918800256249405440", "inverse", "BTC/USD:BTC", "buy", "open", "3", "0", None)],
    ),
    Mirror(
        exchange="htx",
        what="tickers",
        name="spot",
        path="/market/tickers",
        makes=[("BTC/USDT", "110")],
        reply=ok(
            [
                {
                    "symbol": "btcusdt",
                    "open": "100",
                    "high": "120",
                    "low": "90",
                    "close": "110",
                    "amount": "1",
                    "vol": "110",
                    "count": 3,
                    "bid": "109",
                    "bidSize": "1",
                    "ask": "111",
                    "askSize": "1",
                }
            ]
        ),
    ),
)


@pytest.mark.parametrize(("case", "scope"), each(HTX))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", HTX_MIRRORS, ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


def test_every_stream_and_mirror_has_a_case() -> None:
    assert uncovered("htx", HTX) == set()
    assert unread("htx", HTX_MIRRORS) == set()


def test_an_htx_fee_is_in_usdt_whatever_it_was_deducted_in() -> None:
    row = {**HTX_LINEAR, "fee_currency": "HTX,USDT", "deduction_price": "0.0000018"}
    with adapter_for("htx", lambda asked: v5([row])) as (adapter, _stub):
        (made,) = walk(adapter, stream(adapter, FILLS, "linear"), HTX_SYMBOL, DAY)[0].records
    assert brief(made)[-1] == {"USDT": "0.07522584"}

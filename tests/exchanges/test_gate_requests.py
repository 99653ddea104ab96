"""Gate: what every history and list asks, page by page, and what its rows become."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.errors import NotOffered
from tests.exchanges.builders import NOW_MS, adapter_for, stream
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

AT = NOW_MS - 5_000
SECONDS = {"from": START // 1000, "to": END // 1000}

GATE_FILL = {
    "id": "2876130500",
    "create_time": str(AT // 1000),
    "create_time_ms": f"{AT}.399200",
    "currency_pair": "BTC_USDT",
    "side": "sell",
    "role": "taker",
    "amount": "10.97",
    "price": "0.137384",
    "order_id": "125924049993",
    "fee": "0.00301420496",
    "fee_currency": "USDT",
    "point_fee": "0",
    "gt_fee": "2.2",
}

GATE_PERP = {
    "trade_id": "26884791",
    "size": -5,
    "order_id": "130264979823",
    "role": "taker",
    "create_time": AT / 1000,
    "contract": "BTC_USDT",
    "price": "50000",
    "fee": "0.0125",
    "point_fee": "0",
}

GATE_ORDER = {
    "id": "12332324",
    "text": "t-1",
    "create_time": str(AT // 1000),
    "update_time": str(AT // 1000),
    "create_time_ms": AT,
    "update_time_ms": AT,
    "status": "cancelled",
    "currency_pair": "BTC_USDT",
    "type": "limit",
    "account": "spot",
    "side": "buy",
    "amount": "2",
    "price": "100",
    "time_in_force": "gtc",
    "left": "1.5",
    "filled_total": "49.5",
    "avg_deal_price": "99",
    "fee": "0",
    "fee_currency": "BTC",
    "finish_as": "stp",
}

GATE_PERP_ORDER = {
    "id": 15675394,
    "contract": "BTC_USDT",
    "create_time": AT / 1000,
    "finish_time": AT / 1000,
    "finish_as": "reduce_only",
    "status": "finished",
    "size": 6024,
    "left": 0,
    "price": "3765",
    "fill_price": "3700",
    "tif": "gtc",
    "text": "t-1",
    "is_reduce_only": True,
}

GATE_BOOK = [
    {
        "id": "1",
        "time": str(AT),
        "currency": "USDT",
        "change": "-100",
        "balance": "1",
        "type": "futures_in",
        "text": "",
    },
    {
        "id": "2",
        "time": str(AT),
        "currency": "USDT",
        "change": "1.5",
        "balance": "1",
        "type": "referral_fee",
        "text": "",
    },
    {
        "id": "3",
        "time": str(AT),
        "currency": "USDT",
        "change": "-9",
        "balance": "1",
        "type": "order_fill",
        "text": "",
    },
    {
        "id": "4",
        "time": str(AT),
        "currency": "USDT",
        "change": "-7",
        "balance": "1",
        "type": "flash_swap_sell",
        "text": "",
    },
    {
        "id": "5",
        "time": str(AT),
        "currency": "USDT",
        "change": "-8",
        "balance": "1",
        "type": "something_new",
        "text": "",
    },
]

GATE_SWAP = {
    "id": 54646,
    "create_time": AT,
    "update_time": AT,
    "user_id": 11135567,
    "sell_currency": "BTC",
    "sell_amount": "0.01",
    "buy_currency": "USDT",
    "buy_amount": "1000",
    "price": "100000",
    "status": 1,
}

GATE_DEPOSIT = {
    "id": "d33361395",
    "currency": "USDT",
    "address": "TErd",
    "amount": "100",
    "txid": "ae93",
    "timestamp": str(AT // 1000),
    "status": "DONE",
    "memo": "",
    "chain": "TRX",
}

GATE_WITHDRAWAL = {**GATE_DEPOSIT, "id": "w13389675", "fee": "1", "amount": "50"}

GATE_FUND = {
    "time": AT / 1000,
    "change": "-0.000010152188",
    "balance": "4.5",
    "text": "BTC_USDT:3914424",
    "type": "fund",
    "contract": "BTC_USDT",
    "trade_id": "0",
    "id": "77",
}


def gate_number(
    data: Any, scope: str, path: str, rows: list[Any], makes: list[Any], size: int, **params: Any
) -> Case:
    return Case(
        exchange="gate", data_type=data, scopes=(scope,), path=path, replies=[rows, []],
        asks=[{**SECONDS, "page": 1, "limit": size, **params}, {**SECONDS, "page": 2}], makes=makes,
    )  # fmt: skip


def gate_offset(
    data: Any, scope: str, path: str, rows: list[Any], makes: list[Any], **params: Any
) -> Case:
    return Case(
        exchange="gate", data_type=data, scopes=(scope,), path=path, replies=[rows, []],
        asks=[{**SECONDS, "offset": None, **params}, {**SECONDS, "offset": len(rows)}], makes=makes,
    )  # fmt: skip


GATE = (
    gate_number(
        FILLS,
        "spot",
        "/spot/my_trades",
        [GATE_FILL],
        [
            (
                "2876130500",
                "spot",
                "BTC/USDT",
                "sell",
                "10.97",
                "0.137384",
                "1.50710248",
                {"USDT": "0.00301420496", "GT": "2.2"},
            )
        ],
        1000,
        currency_pair=None,
    ),
    gate_number(
        ORDERS,
        "spot",
        "/spot/orders",
        [GATE_ORDER],
        [("12332324", "spot", "BTC/USDT", "buy", "canceled", "2", "0.5", "99")],
        100,
        status="finished",
        currency_pair=None,
    ),
    gate_number(
        TRANSFERS,
        "ledger",
        "/spot/account_book",
        GATE_BOOK,
        [
            ("1", "internal", "USDT", "100", None, "ok"),
            ("2", "reward", "USDT", "1.5", None, "ok"),
            ("5", "unclassified", "USDT", "-8", None, "ok"),
        ],
        1000,
    ),
    Case(
        exchange="gate",
        data_type=FILLS,
        scopes=("converts",),
        path="/flash_swap/orders",
        replies=[
            [GATE_SWAP, {**GATE_SWAP, "id": 54645, "status": 2}],
            [{**GATE_SWAP, "id": 9, "create_time": START - 1}],
        ],
        asks=[{"reverse": "true", "page": 1, "limit": 100, "from": None, "to": None}, {"page": 2}],
        makes=[("54646", "spot", "BTC/USDT", "sell", "0.01", None, "1000", {}, "convert")],
    ),
    gate_offset(
        TRANSFERS,
        "deposits",
        "/wallet/deposits",
        [GATE_DEPOSIT],
        [("d33361395", "deposit", "USDT", "100", None, "ok")],
    ),
    gate_offset(
        TRANSFERS,
        "withdrawals",
        "/wallet/withdrawals",
        [GATE_WITHDRAWAL],
        [("w13389675", "withdrawal", "USDT", "49", "1 USDT", "ok")],
    ),
    gate_offset(
        FILLS,
        "futures-usdt",
        "/futures/usdt/my_trades_timerange",
        [GATE_PERP],
        [
            (
                "26884791",
                "linear",
                "BTC/USDT:USDT",
                "sell",
                "0.0005",
                "50000",
                "25",
                {"USDT": "0.0125"},
            )
        ],
    ),
    gate_offset(
        FILLS,
        "futures-btc",
        "/futures/btc/my_trades_timerange",
        [{**GATE_PERP, "contract": "BTC_USD", "size": 100, "fee": "0.0000015"}],
        [
            (
                "26884791",
                "inverse",
                "BTC/USD:BTC",
                "buy",
                "0.002",
                "50000",
                "100",
                {"BTC": "0.0000015"},
            )
        ],
    ),
    gate_offset(
        ORDERS,
        "futures-usdt",
        "/futures/usdt/orders_timerange",
        [GATE_PERP_ORDER],
        [("15675394", "linear", "BTC/USDT:USDT", "buy", "closed", "6024", "6024", "3700")],
    ),
    gate_offset(
        ORDERS,
        "futures-btc",
        "/futures/btc/orders_timerange",
        [{**GATE_PERP_ORDER, "contract": "BTC_USD", "left": 24}],
        [("15675394", "inverse", "BTC/USD:BTC", "buy", "canceled", "6024", "6000", "3700")],
    ),
    gate_offset(
        TRANSFERS,
        "funding-usdt",
        "/futures/usdt/account_book",
        [GATE_FUND],
        [("77", "funding", "USDT", "-0.000010152188", None, "ok")],
        type="fund",
    ),
    gate_offset(
        TRANSFERS,
        "funding-btc",
        "/futures/btc/account_book",
        [{**GATE_FUND, "id": "", "contract": "", "text": "BTC_USD:39"}],
        [(f"BTC_USD:{AT / 1000}", "funding", "BTC", "-0.000010152188", None, "ok")],
        type="fund",
    ),
    Case(
        exchange="gate",
        data_type=FILLS,
        scopes=("delivery-usdt",),
        path="/delivery/usdt/my_trades",
        replies=[
            [{**GATE_PERP, "id": 7}],
            [{**GATE_PERP, "id": 6, "create_time": START / 1000 - 60}],
        ],
        asks=[{"from": None, "to": None, "offset": None}, {"offset": 1}],
        makes=[
            ("7", "linear", "BTC/USDT:USDT", "sell", "0.0005", "50000", "25", {"USDT": "0.0125"})
        ],
    ),
    Case(
        exchange="gate",
        data_type=ORDERS,
        scopes=("delivery-usdt",),
        path="/delivery/usdt/orders",
        replies=[[GATE_PERP_ORDER], []],
        asks=[{"status": "finished", "offset": None}, {"offset": 1}],
        makes=[("15675394", "linear", "BTC/USDT:USDT", "buy", "closed", "6024", "6024", "3700")],
    ),
)

GATE_POSITION = {
    "value": "4.60516",
    "leverage": "0",
    "mode": "single",
    "contract": "BTC_USDT",
    "entry_price": "46030.3",
    "mark_price": "46051.6",
    "realised_pnl": "-0.002301515",
    "close_order": None,
    "size": -1,
    "unrealised_pnl": "0.00213",
    "user": 5691076,
    "margin": "8.99",
    "liq_price": "0",
    "update_time": AT // 1000,
    "initial_margin": "0",
    "maintenance_margin": "0",
    "open_time": AT // 1000,
}

GATE_ACCOUNT = {
    "user": 1,
    "currency": "USDT",
    "total": "9707.8",
    "unrealised_pnl": "3371.2",
    "available": "9000",
    "point": "0",
}

GATE_SHORT = ("BTC/USDT:USDT", "linear", "short", "0.0001", "46030.3", "0.00213")

GATE_MIRRORS = (
    Mirror(
        exchange="gate",
        what="wallet",
        name="spot",
        path="/spot/accounts",
        makes=[("BTC", "1", "1.5", False)],
        reply=[{"currency": "BTC", "available": "1", "locked": "0.5", "update_id": 98}],
    ),
    Mirror(
        exchange="gate",
        what="wallet",
        name="margin",
        path="/margin/accounts",
        makes=[("BTC", "1", "0.9", False), ("USDT", "5", "8", False)],
        reply=[
            {
                "currency_pair": "BTC_USDT",
                "locked": False,
                "risk": "1",
                "base": {
                    "currency": "BTC",
                    "available": "1",
                    "locked": "0",
                    "borrowed": "0.1",
                    "interest": "0",
                },
                "quote": {
                    "currency": "USDT",
                    "available": "5",
                    "locked": "3",
                    "borrowed": "0",
                    "interest": "0",
                },
            }
        ],
    ),
    Mirror(
        exchange="gate",
        what="wallet",
        name="futures-usdt",
        path="/futures/usdt/accounts",
        reply=GATE_ACCOUNT,
        makes=[("USDT", "9000", "9707.8", False)],
    ),
    Mirror(
        exchange="gate",
        what="wallet",
        name="futures-btc",
        path="/futures/btc/accounts",
        reply={**GATE_ACCOUNT, "currency": "BTC"},
        makes=[("BTC", "9000", "9707.8", False)],
    ),
    Mirror(
        exchange="gate",
        what="wallet",
        name="delivery-usdt",
        path="/delivery/usdt/accounts",
        reply=GATE_ACCOUNT,
        makes=[("USDT", "9000", "9707.8", False)],
    ),
    Mirror(
        exchange="gate",
        what="wallet",
        name="options",
        path="/options/accounts",
        reply=GATE_ACCOUNT,
        makes=[("USDT", "9000", "9707.8", False)],
    ),
    Mirror(
        exchange="gate",
        what="wallet",
        name="earn",
        path="/earn/uni/lends",
        makes=[("USDT", None, "20.999992", False)],
        reply=[
            {
                "currency": "USDT",
                "current_amount": "20.999992",
                "amount": "20.999992",
                "lent_amount": "0",
                "min_rate": "0.1",
            }
        ],
    ),
    Mirror(
        exchange="gate",
        what="positions",
        name="linear",
        path="/futures/usdt/positions",
        asks={"holding": "true"},
        reply=[GATE_POSITION],
        makes=[GATE_SHORT],
    ),
    Mirror(
        exchange="gate",
        what="positions",
        name="inverse",
        path="/futures/btc/positions",
        reply=[{**GATE_POSITION, "contract": "BTC_USD", "size": 100, "mark_price": "50000"}],
        makes=[("BTC/USD:BTC", "inverse", "long", "0.002", "46030.3", "0.00213")],
    ),
    Mirror(
        exchange="gate",
        what="positions",
        name="linear",
        at=1,
        path="/delivery/usdt/positions",
        reply=[GATE_POSITION],
        makes=[GATE_SHORT],
    ),
    Mirror(
        exchange="gate",
        what="open_orders",
        name="spot",
        path="/spot/open_orders",
        reply=[
            {
                "currency_pair": "BTC_USDT",
                "total": 1,
                "orders": [
                    {
                        **GATE_ORDER,
                        "status": "open",
                        "finish_as": "open",
                        "left": "2",
                        "filled_total": "0",
                        "avg_deal_price": None,
                    }
                ],
            }
        ],
        more=[[]],
        makes=[("12332324", "spot", "BTC/USDT", "buy", "open", "2", None, None)],
    ),
    *(
        Mirror(
            exchange="gate",
            what="open_orders",
            name=category,
            path=f"/futures/{settle}/orders",
            asks={"status": "open"},
            reply=[
                {
                    **GATE_PERP_ORDER,
                    "contract": contract,
                    "status": "open",
                    "finish_as": None,
                    "left": 6024,
                    "fill_price": "0",
                }
            ],
            more=[[]],
            makes=[("15675394", category, symbol, "buy", "open", "6024", "0", None)],
        )
        for category, settle, contract, symbol in (
            ("linear", "usdt", "BTC_USDT", "BTC/USDT:USDT"),
            ("inverse", "btc", "BTC_USD", "BTC/USD:BTC"),
        )
    ),
    Mirror(
        exchange="gate",
        what="tickers",
        name="spot",
        path="/spot/tickers",
        makes=[("BTC/USDT", "110")],
        reply=[
            {
                "currency_pair": "BTC_USDT",
                "last": "110",
                "lowest_ask": "111",
                "highest_bid": "109",
                "change_percentage": "1",
                "base_volume": "1",
                "quote_volume": "110",
                "high_24h": "120",
                "low_24h": "90",
            }
        ],
    ),
)


@pytest.mark.parametrize(("case", "scope"), each(GATE))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", GATE_MIRRORS, ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


def test_every_stream_and_mirror_has_a_case() -> None:
    assert uncovered("gate", GATE) == set()
    assert unread("gate", GATE_MIRRORS) == set()


def test_a_product_that_was_never_opened_at_gate_is_not_offered() -> None:
    answer = Answer(
        {
            "label": "USER_NOT_FOUND",
            "message": "please transfer funds first to create futures account",
        },
        400,
    )
    with adapter_for("gate", lambda asked: answer) as (adapter, _stub), pytest.raises(NotOffered):
        adapter.page(stream(adapter, FILLS, "futures-usdt"), None, DAY, {})

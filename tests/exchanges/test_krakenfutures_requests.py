"""Kraken Futures: what is requested page by page, and every mirror."""

from __future__ import annotations

from datetime import UTC, datetime
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


def iso(ms: int) -> str:
    return (
        datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
    )


FILL = {
    "fillTime": iso(AT),
    "order_id": "c18f0c17",
    "fill_id": "522d4e08",
    "symbol": "pf_xbtusd",
    "side": "buy",
    "size": 0.05,
    "price": 40000.5,
    "fillType": "taker",
}

OLD = {
    **FILL,
    "fill_id": "511",
    "fillTime": iso(START - 1),
    "symbol": "PI_XBTUSD",
    "size": 2000,
    "price": 40000,
}

ORDER = {
    "uid": "o1",
    "accountUid": "a",
    "tradeable": "PF_XBTUSD",
    "direction": "Buy",
    "quantity": "2",
    "filled": "0.5",
    "timestamp": AT,
    "limitPrice": "100",
    "orderType": "lmt",
    "clientId": "",
    "reduceOnly": False,
    "lastUpdateTimestamp": AT,
}


def event(**event: Any) -> dict[str, Any]:
    return {"uid": "e", "timestamp": AT, "event": event}


def log(number: int, info: str, **more: Any) -> dict[str, Any]:
    return {
        "asset": "usd",
        "booking_uid": "b",
        "contract": "pf_xbtusd",
        "date": iso(AT),
        "execution": None,
        "fee": 0,
        "funding_rate": None,
        "id": number,
        "info": info,
        "margin_account": "flex",
        "mark_price": None,
        "new_balance": 10,
        "old_balance": 8,
        "realized_funding": None,
        "realized_pnl": None,
        "trade_price": None,
        **more,
    }


MIXED = (
    ("linear", "PF_XBTUSD", "BTC/USD:USD", "0.05"),
    ("inverse", "PI_XBTUSD", "BTC/USD:BTC", "0.00000125"),
)

CASES = (
    Case(
        exchange="krakenfutures",
        data_type=FILLS,
        scopes=("fills",),
        path="/v3/fills",
        replies=[
            {"result": "success", "fills": [FILL]},
            {"result": "success", "fills": [OLD]},
        ],
        asks=[{"lastFillTime": iso(END), "limit": None}, {"lastFillTime": iso(AT + 1)}],
        makes=[("522d4e08", "linear", "BTC/USD:USD", "buy", "0.05", "40000.5", "2000.025", {})],
    ),
    Case(
        exchange="krakenfutures",
        data_type=ORDERS,
        scopes=("orders",),
        path="/v2/orders",
        replies=[
            {
                "elements": [
                    event(OrderPlaced={"order": ORDER, "reason": "new_user_order"}),
                    event(OrderUpdated={"newOrder": ORDER, "reason": "partial_fill"}),
                    event(OrderCancelled={"order": ORDER, "reason": "cancelled_by_user"}),
                    event(
                        OrderUpdated={
                            "newOrder": {**ORDER, "uid": "o2", "filled": "2"},
                            "reason": "full_fill",
                        }
                    ),
                ],
                "continuationToken": "abc",
                "len": 4,
            },
            {"elements": [], "len": 0},
        ],
        asks=[
            {"since": START - 1, "before": END, "sort": "asc", "continuation_token": None},
            {"continuation_token": "abc"},
        ],
        makes=[
            ("o1", "linear", "BTC/USD:USD", "buy", "canceled", "2", "0.5", None),
            ("o2", "linear", "BTC/USD:USD", "buy", "closed", "2", "2", None),
        ],
    ),
    Case(
        exchange="krakenfutures",
        data_type=TRANSFERS,
        scopes=("log",),
        path="/account-log",
        replies=[
            {
                "accountUid": "a",
                "logs": [
                    log(9, "futures trade", fee=0.0035, realized_pnl=-0.0042),
                    log(10, "futures trade", asset="pf_xbtusd"),
                    log(16, "funding rate change", realized_funding=-0.0002),
                    log(17, "cross-exchange transfer", contract=None),
                    log(18, "something new", contract=None, new_balance=5),
                    log(
                        19,
                        "futures trade",
                        fee=0.5,
                        realized_funding=0.25,
                        realized_pnl=7,
                        old_balance=3,
                        new_balance=9.75,
                    ),
                    log(
                        20,
                        "futures liquidation",
                        fee=0.5,
                        liquidation_fee=1.5,
                        realized_pnl=-3,
                        old_balance=9.75,
                        new_balance=4.75,
                    ),
                    log(21, "interest payment", contract=None, old_balance=4.75, new_balance=4.5),
                ],
            },
            {"accountUid": "a", "logs": []},
        ],
        asks=[{"since": START - 1, "before": END, "sort": "asc", "count": 1000}, {"since": AT - 1}],
        makes=[
            ("9:fee", "fee", "USD", "-0.0035", None, "ok"),
            ("16", "funding", "USD", "-0.0002", None, "ok"),
            ("17", "internal", "USD", "2", None, "ok"),
            ("18", "unclassified", "USD", "-3", None, "ok"),
            ("19:fee", "fee", "USD", "-0.5", None, "ok"),
            ("19:funding", "funding", "USD", "0.25", None, "ok"),
            ("20:fee", "fee", "USD", "-0.5", None, "ok"),
            ("20:liquidation", "fee", "USD", "-1.5", None, "ok"),
            ("21", "interest", "USD", "-0.25", None, "ok"),
        ],
    ),
)

ACCOUNTS = {
    "result": "success",
    "serverTime": iso(NOW_MS),
    "accounts": {
        "flex": {
            "type": "multiCollateralMarginAccount",
            "currencies": {
                "XBT": {
                    "quantity": "0.1",
                    "value": "4000",
                    "collateral": "3900",
                    "available": "0.08",
                }
            },
        },
        "cash": {"type": "cashAccount", "balances": {"eth": "2.5", "xrp": "0.0"}},
        "fi_xbtusd": {
            "type": "marginAccount",
            "currency": "xbt",
            "balances": {"xbt": "0.3", "fi_xbtusd_180615": "50"},
            "auxiliary": {"pv": "0.3"},
        },
        "fi_ethusd": {
            "type": "marginAccount",
            "currency": "eth",
            "balances": {"eth": "1"},
            "auxiliary": {},
        },
    },
}

MARKS = (("PF_XBTUSD", 0.05), ("PI_XBTUSD", 1000))

POSITIONS = {
    "result": "success",
    "openPositions": [
        {
            "side": "short",
            "symbol": symbol,
            "price": 40000,
            "fillTime": iso(AT),
            "size": size,
            "unrealizedFunding": 0.1,
            "pnlCurrency": "USD",
        }
        for symbol, size in MARKS
    ],
}

OPEN = {
    "result": "success",
    "openOrders": [
        {
            "order_id": "59302619",
            "symbol": symbol,
            "side": "buy",
            "orderType": "lmt",
            "limitPrice": 100,
            "unfilledSize": 1.5,
            "receivedTime": iso(AT),
            "status": "partiallyFilled",
            "filledSize": 0.5,
            "reduceOnly": False,
            "lastUpdateTime": iso(AT),
        }
        for symbol, _ in MARKS
    ],
}

MIRRORS = (
    *(
        Mirror(
            exchange="krakenfutures",
            what="wallet",
            name=f"futures-{name}",
            path="/accounts",
            reply=ACCOUNTS,
            makes=makes,
        )
        for name, makes in (
            ("flex", [("BTC", "0.08", "0.1", False)]),
            ("cash", [("ETH", None, "2.5", False)]),
            ("single", [("BTC", None, "0.3", False), ("ETH", None, "1", False)]),
        )
    ),
    Mirror(
        exchange="krakenfutures",
        what="positions",
        name="linear",
        path="/openpositions",
        reply=POSITIONS,
        makes=[("BTC/USD:USD", "linear", "short", "0.05", "40000", None)],
    ),
    Mirror(
        exchange="krakenfutures",
        what="positions",
        name="inverse",
        path="/openpositions",
        reply=POSITIONS,
        makes=[("BTC/USD:BTC", "inverse", "short", "0.025", "40000", None)],
    ),
    *(
        Mirror(
            exchange="krakenfutures",
            what="open_orders",
            name=category,
            path="/openorders",
            reply=OPEN,
            makes=[("59302619", category, symbol, "buy", "open", "2", "0.5", None)],
        )
        for category, symbol in (("linear", "BTC/USD:USD"), ("inverse", "BTC/USD:BTC"))
    ),
    Mirror(
        exchange="krakenfutures",
        what="tickers",
        name="linear",
        path="/tickers",
        makes=[("BTC/USD:USD", "110")],
        reply={
            "result": "success",
            "tickers": [
                {
                    "tag": "perpetual",
                    "pair": "XBT:USD",
                    "symbol": "PF_XBTUSD",
                    "markPrice": 110.5,
                    "bid": 109,
                    "ask": 111,
                    "last": 110,
                    "lastTime": iso(AT),
                    "open24h": 100,
                    "vol24h": 1,
                    "suspended": False,
                }
            ],
        },
    ),
)

LEGS = (
    log(22, "conversion", contract=None, new_balance=5, date=iso(START + 5)),
    log(
        23,
        "conversion",
        contract=None,
        asset="xbt",
        old_balance=0.25,
        new_balance=0.2500375,
        date=iso(START + 5),
    ),
)


@pytest.mark.parametrize(
    ("pages", "makes"),
    [
        ([LEGS, ()], [("22", "spot", "BTC/USD", "buy", "0.0000375", None, "3", {}, "convert")]),
        (
            [LEGS[:1], LEGS, ()],
            [("22", "spot", "BTC/USD", "buy", "0.0000375", None, "3", {}, "convert")],
        ),
        ([LEGS[:1], ()], [("22", "subscription", "USD", "-3", None, "ok")]),
    ],
    ids=["on one page", "on two pages", "alone"],
)
def test_the_legs_of_a_conversion(pages: Any, makes: Any) -> None:
    answers = [{"logs": list(rows)} for rows in pages]
    with adapter_for("krakenfutures", lambda asked: answers.pop(0)) as (adapter, _stub):
        read = walk(adapter, stream(adapter, TRANSFERS, "log"), None, DAY)
    assert [brief(record) for page in read for record in page.records] == makes


@pytest.mark.parametrize(("case", "scope"), each(CASES))
def test_histories_are_requested_and_read(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", MIRRORS, ids=named)
def test_mirrors_are_read(case: Mirror) -> None:
    run_mirror(case)


def test_every_stream_and_mirror_has_a_case() -> None:
    assert uncovered("krakenfutures", CASES) == set()
    assert unread("krakenfutures", MIRRORS) == set()

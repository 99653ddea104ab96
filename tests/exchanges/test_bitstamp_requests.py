"""Bitstamp: what every history and list asks, page by page, and what its rows become."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.records import Fill
from tests.exchanges.builders import NOW_MS, adapter_for, stream, walk
from tests.exchanges.scripted import (
    DAY,
    FILLS,
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

BITSTAMP_TIME = "2025-06-01 11:59:55.000000"

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


@pytest.mark.parametrize(("case", "scope"), each(BITSTAMP))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", BITSTAMP_MIRRORS, ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


def test_every_stream_and_mirror_has_a_case() -> None:
    assert uncovered("bitstamp", BITSTAMP) == set()
    assert unread("bitstamp", BITSTAMP_MIRRORS) == set()


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

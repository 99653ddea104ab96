"""Bitfinex: what every history and list asks, page by page, and what its rows become."""

from __future__ import annotations

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
            ("1", "interest", "USD", "0.55", None, "ok"),
            ("2", "internal", "USD", "5", None, "ok"),
            ("5", "funding", "USD", "-0.01", None, "ok"),
            ("6", "unclassified", "USD", "-1", None, "ok"),
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


@pytest.mark.parametrize(("case", "scope"), each(BITFINEX))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", BITFINEX_MIRRORS, ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


def test_every_stream_and_mirror_has_a_case() -> None:
    assert uncovered("bitfinex", BITFINEX) == set()
    assert unread("bitfinex", BITFINEX_MIRRORS) == set()


def test_a_bitfinex_margin_trade_settles_in_its_quote() -> None:
    answers: list[Any] = [[BFX_MARGIN], []]
    with adapter_for("bitfinex", lambda asked: answers.pop(0)) as (adapter, _stub):
        (made,) = walk(adapter, stream(adapter, FILLS, "trades"), None, DAY)[0].records
    assert isinstance(made, Fill) and made.is_derivative and made.settle == "USD"

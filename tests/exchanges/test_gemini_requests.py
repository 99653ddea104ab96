"""Gemini: every stream's first, next and last page, and every mirror."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.exchanges.builders import NOW_MS
from tests.exchanges.scripted import (
    FILLS,
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
BTC = "BTC/USDT"


def iso(ms: int, gap: str = "T", tail: str = "Z") -> str:
    return (
        datetime.fromtimestamp(ms / 1000, UTC).strftime(f"%Y-%m-%d{gap}%H:%M:%S.")
        + f"{ms % 1000:03d}{tail}"
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

ALL = (("gemini", GEMINI, GEMINI_MIRRORS),)


@pytest.mark.parametrize(("case", "scope"), each(case for _, cases, _ in ALL for case in cases))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", [case for _, _, mirrors in ALL for case in mirrors], ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


@pytest.mark.parametrize(("exchange", "cases", "mirrors"), ALL)
def test_every_stream_and_mirror_has_a_case(exchange: str, cases: Any, mirrors: Any) -> None:
    assert (uncovered(exchange, cases), unread(exchange, mirrors)) == (set(), set())

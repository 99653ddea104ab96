"""Crypto.com: what every history and list asks, page by page, and what its rows become."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exchanges.builders import NOW_MS
from tests.exchanges.scripted import (
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
SNAKE = {"start_time": START, "end_time": END}
NS = AT * 1_000_000
SNAKE_NS = {"start_time": START * 1_000_000, "end_time": END * 1_000_000}


def cro(name: str, *rows: Any) -> dict[str, Any]:
    return {"id": 1, "method": "private/x", "code": 0, "result": {name: list(rows)}}


def cro_params(**params: Any) -> dict[str, Any]:
    return {"params": params}


CRO_FILL = {
    "account_id": "ds",
    "event_date": "2025-06-01",
    "journal_type": "TRADING",
    "side": "BUY",
    "instrument_name": "BTC_USD",
    "fees": "-0.0000000525",
    "trade_id": "6142909898247428343",
    "trade_match_id": "4611686018455978480",
    "create_time": AT,
    "create_time_ns": str(NS + 9),
    "traded_price": "26347.16",
    "traded_quantity": "0.00021",
    "fee_instrument_name": "BTC",
    "client_oid": "c",
    "taker_side": "TAKER",
    "order_id": "6142909895036331486",
}

CRO_PERP = {
    **CRO_FILL,
    "trade_id": "7",
    "instrument_name": "BTCUSD-PERP",
    "fees": "-0.01",
    "fee_instrument_name": "USD",
    "create_time_ns": str(NS + 7),
}

CRO_ORDER = {
    "account_id": "ce",
    "order_id": "6530219477767564494",
    "client_oid": "c",
    "order_type": "LIMIT",
    "time_in_force": "GOOD_TILL_CANCEL",
    "side": "BUY",
    "exec_inst": [],
    "quantity": "2",
    "limit_price": "100",
    "order_value": "200",
    "avg_price": "99",
    "cumulative_quantity": "0.5",
    "cumulative_value": "49.5",
    "cumulative_fee": "0.1",
    "status": "CANCELED",
    "instrument_name": "BTC_USD",
    "fee_instrument_name": "BTC",
    "create_time": AT,
    "create_time_ns": str(NS + 7),
    "update_time": AT,
}

CRO_JOURNAL = [
    {
        "journal_type": kind,
        "journal_id": str(number),
        "transaction_qty": qty,
        "transaction_cost": cost,
        "event_timestamp_ms": AT,
        "event_timestamp_ns": str(NS + number),
        "instrument_name": name,
    }
    for number, (kind, qty, cost, name) in enumerate(
        (
            ("TRADING", "1", "0", "BTC_USD"),
            ("FUNDING", "0.1", "-0.25", "BTCUSD-PERP"),
            ("AUTO_CONVERSION", "-3", "0", "USDT"),
            ("SUBACCOUNT_TX", "-7", "0", "USDT"),
            ("MARGIN_TRADE_INTEREST", "-0.01", "0", "USD"),
            ("SOFT_STAKE_REWARD", "0.5", "0", "CRO"),
            ("SESSION_SETTLE", "0", "0.1", "BTCUSD-PERP"),
        )
    )
]

CRO_DEPOSIT = {
    "currency": "BTC",
    "fee": 0,
    "create_time": AT,
    "id": "6201135",
    "update_time": AT,
    "amount": "0.00114571",
    "address": "1",
    "status": "1",
    "txid": "f0/2",
}

CRO_WITHDRAWAL = {
    **CRO_DEPOSIT,
    "client_wid": "",
    "fee": "0.0005",
    "id": "5775977",
    "status": "5",
    "network_id": "BTC",
}

CRO_REWARD = {
    "staking_inst_name": "SOL.staked",
    "underlying_inst_name": "SOL",
    "reward_inst_name": "SOL.staked",
    "reward_quantity": "0.02",
    "event_timestamp_ms": AT,
}

CRYPTOCOM = (
    Case(
        exchange="cryptocom",
        data_type=FILLS,
        scopes=("trades",),
        path="/private/get-trades",
        replies=[cro("data", CRO_FILL, CRO_PERP), cro("data", CRO_PERP)],
        asks=[
            cro_params(**SNAKE_NS, limit=100),
            cro_params(start_time=START * 1_000_000, end_time=NS + 8, limit=100),
        ],
        makes=[
            (
                "6142909898247428343",
                "spot",
                "BTC/USD",
                "buy",
                "0.00021",
                "26347.16",
                "5.5329036",
                {"BTC": "0.0000000525"},
            ),
            (
                "7",
                "linear",
                "BTC/USD:USD",
                "buy",
                "0.00021",
                "26347.16",
                "5.5329036",
                {"USD": "0.01"},
            ),
        ],
    ),
    Case(
        exchange="cryptocom",
        data_type=ORDERS,
        scopes=("orders",),
        path="/private/get-order-history",
        replies=[cro("data", CRO_ORDER), cro("data")],
        asks=[cro_params(**SNAKE_NS, limit=100), {}],
        makes=[("6530219477767564494", "spot", "BTC/USD", "buy", "canceled", "2", "0.5", "99")],
    ),
    Case(
        exchange="cryptocom",
        data_type=TRANSFERS,
        scopes=("journal",),
        path="/private/get-transactions",
        replies=[cro("data", *CRO_JOURNAL), cro("data")],
        asks=[cro_params(**SNAKE_NS, limit=100), {}],
        makes=[
            ("1", "funding", "USD", "-0.25", None, "ok"),
            ("2", "subscription", "USDT", "-3", None, "ok"),
            ("3", "withdrawal", "USDT", "7", None, "ok"),
            ("4", "interest", "USD", "-0.01", None, "ok"),
            ("5", "reward", "CRO", "0.5", None, "ok"),
        ],
    ),
    Case(
        exchange="cryptocom",
        data_type=TRANSFERS,
        scopes=("deposits",),
        path="/private/get-deposit-history",
        replies=[cro("deposit_list", CRO_DEPOSIT), cro("deposit_list")],
        asks=[
            cro_params(start_ts=START, end_ts=END, page=0, page_size=200),
            cro_params(start_ts=START, end_ts=END, page=1, page_size=200),
        ],
        makes=[("6201135", "deposit", "BTC", "0.00114571", None, "ok")],
    ),
    Case(
        exchange="cryptocom",
        data_type=TRANSFERS,
        scopes=("withdrawals",),
        path="/private/get-withdrawal-history",
        replies=[cro("withdrawal_list", CRO_WITHDRAWAL), cro("withdrawal_list")],
        asks=[{}, {}],
        makes=[("5775977", "withdrawal", "BTC", "0.00114571", "0.0005 BTC", "ok")],
    ),
    Case(
        exchange="cryptocom",
        data_type=TRANSFERS,
        scopes=("staking",),
        path="/private/staking/get-reward-history",
        replies=[cro("data", CRO_REWARD), cro("data")],
        asks=[cro_params(**SNAKE, page=0, limit=500), {}],
        makes=[(f"SOL.staked:{AT}", "reward", "SOL", "0.02", None, "ok")],
    ),
)

CRO_POSITION = {
    "account_id": "c",
    "quantity": "-0.2",
    "cost": "-6000",
    "open_pos_cost": "-6000",
    "open_position_pnl": "-0.5",
    "update_timestamp_ms": AT,
    "instrument_name": "BTCUSD-PERP",
    "type": "PERPETUAL_SWAP",
}

CRO_OPEN = {
    **CRO_ORDER,
    "status": "ACTIVE",
    "cumulative_quantity": "0",
    "cumulative_value": "0",
    "avg_price": "0",
}

CRYPTOCOM_MIRRORS = (
    Mirror(
        exchange="cryptocom",
        what="wallet",
        name="trading",
        path="/private/user-balance",
        makes=[("BTC", "1", "1.5", False)],
        reply=cro(
            "data",
            {
                "total_cash_balance": "1",
                "position_balances": [
                    {
                        "instrument_name": "BTC",
                        "quantity": "1.5",
                        "reserved_qty": "0.5",
                        "market_value": "1",
                    }
                ],
            },
        ),
    ),
    Mirror(
        exchange="cryptocom",
        what="positions",
        name="linear",
        path="/private/get-positions",
        reply=cro("data", CRO_POSITION),
        makes=[("BTC/USD:USD", "linear", "short", "0.2", "30000", "-0.5")],
    ),
    Mirror(
        exchange="cryptocom",
        what="open_orders",
        name="spot",
        path="/private/get-open-orders",
        reply=cro("data", CRO_OPEN, {**CRO_OPEN, "instrument_name": "BTCUSD-PERP"}),
        makes=[("6530219477767564494", "spot", "BTC/USD", "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="cryptocom",
        what="open_orders",
        name="linear",
        path="/private/get-open-orders",
        reply=cro("data", {**CRO_OPEN, "instrument_name": "BTCUSD-PERP"}),
        makes=[("6530219477767564494", "linear", "BTC/USD:USD", "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="cryptocom",
        what="tickers",
        name="spot",
        path="/public/get-tickers",
        makes=[("BTC/USD", "110")],
        reply=cro(
            "data",
            {
                "i": "BTC_USD",
                "h": "120",
                "l": "90",
                "a": "110",
                "v": "1",
                "vv": "110",
                "c": "0.1",
                "b": "109",
                "k": "111",
                "t": AT,
            },
        ),
    ),
)


@pytest.mark.parametrize(("case", "scope"), each(CRYPTOCOM))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", CRYPTOCOM_MIRRORS, ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


def test_every_stream_and_mirror_has_a_case() -> None:
    assert uncovered("cryptocom", CRYPTOCOM) == set()
    assert unread("cryptocom", CRYPTOCOM_MIRRORS) == set()

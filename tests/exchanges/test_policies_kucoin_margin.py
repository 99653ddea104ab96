"""KuCoin margin: fills and orders per symbol of the cross and the isolated wallet, and what each
wallet holds net of its debts."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.errors import BadResponse
from exchange_cache.exchanges import narrowed, policy_for
from exchange_cache.records import Transfer
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
    run_mirror,
    run_stream,
)

AT = NOW_MS - 3_600_000
TYPES = (("margin", "MARGIN_TRADE"), ("margin-isolated", "MARGIN_ISOLATED_TRADE"))


def page(rows: list[Any], last: int) -> dict[str, Any]:
    return {"code": "200000", "data": {"lastId": last, "items": rows}}


def trade(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 3000 + number,
        "symbol": "BTC-USDT",
        "tradeId": number,
        "orderId": "o1",
        "counterOrderId": "c1",
        "side": "sell",
        "liquidity": "taker",
        "forceTaker": False,
        "price": "50000",
        "size": "0.06",
        "funds": "3000",
        "fee": "3",
        "feeRate": "0.001",
        "feeCurrency": "USDT",
        "stop": "",
        "tradeType": kind,
        "tax": "0",
        "taxRate": "0",
        "type": "market",
        "createdAt": AT,
        **more,
    }


def order(kind: str) -> dict[str, Any]:
    return {
        "id": "o1",
        "symbol": "BTC-USDT",
        "opType": "DEAL",
        "type": "limit",
        "side": "sell",
        "price": "50000",
        "size": "0.1",
        "funds": "5000",
        "dealSize": "0.06",
        "dealFunds": "3000",
        "remainSize": "0",
        "remainFunds": "0",
        "cancelledSize": "0.04",
        "cancelledFunds": "2000",
        "fee": "3",
        "feeCurrency": "USDT",
        "timeInForce": "GTC",
        "cancelExist": True,
        "tradeType": kind,
        "active": False,
        "inOrderBook": False,
        "createdAt": AT,
        "lastUpdatedAt": AT,
    }


CASES = (
    *(
        Case(
            exchange="kucoin",
            data_type=FILLS,
            scopes=(scope,),
            path="/api/v3/hf/margin/fills",
            symbol="BTC/USDT",
            replies=[page([trade(7, kind)], 3007), page([], 3007)],
            asks=[
                {
                    "symbol": "BTC-USDT",
                    "tradeType": kind,
                    "startAt": START,
                    "endAt": END,
                    "limit": 100,
                    "lastId": None,
                },
                {"tradeType": kind, "lastId": 3007},
            ],
            makes=[("7", "margin", "BTC/USDT", "sell", "0.06", "50000", "3000", {"USDT": "3"})],
        )
        for scope, kind in TYPES
    ),
    *(
        Case(
            exchange="kucoin",
            data_type=ORDERS,
            scopes=(scope,),
            path="/api/v3/hf/margin/orders/done",
            symbol="BTC/USDT",
            replies=[page([order(kind)], 0)],
            asks=[
                {
                    "symbol": "BTC-USDT",
                    "tradeType": kind,
                    "startAt": START,
                    "endAt": END,
                    "limit": 100,
                }
            ],
            makes=[("o1", "margin", "BTC/USDT", "sell", "canceled", "0.1", "0.06", "50000")],
        )
        for scope, kind in TYPES
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.data_type}-{case.scopes[0]}")
def test_a_stream_asks_as_documented_and_its_rows_become_records(case: Case) -> None:
    run_stream(case, case.scopes[0])


def test_a_fill_of_another_wallet_is_refused_before_it_is_told_twice() -> None:
    served = adapter_for("kucoin", lambda asked: page([trade(7, "TRADE")], 0))
    with served as (adapter, _stub), pytest.raises(BadResponse, match="MARGIN_TRADE"):
        adapter.page(stream(adapter, FILLS, "margin"), "BTC/USDT", DAY, {})


def side(asset: str, total: str, liability: str = "0") -> dict[str, Any]:
    return {
        "currency": asset,
        "borrowEnabled": True,
        "transferInEnabled": True,
        "total": total,
        "hold": "0",
        "available": total,
        "liability": liability,
        "interest": "0",
        "maxBorrowSize": "0",
    }


def test_isolated_pairs_are_summed_net_of_what_is_owed() -> None:
    pairs = [
        {
            "symbol": "BTC-USDT",
            "status": "DEBT",
            "baseAsset": side("BTC", "0.5"),
            "quoteAsset": side("USDT", "100", "2500.5"),
        },
        {
            "symbol": "ETH-USDT",
            "status": "EFFECTIVE",
            "baseAsset": side("ETH", "3"),
            "quoteAsset": side("USDT", "40"),
        },
    ]
    reply = {"code": "200000", "data": {"timestamp": AT, "assets": pairs}}
    run_mirror(
        Mirror(
            exchange="kucoin",
            what="wallet",
            name="margin-isolated",
            path="/api/v3/isolated/accounts",
            reply=reply,
            makes=[
                ("BTC", "0.5", "0.5", False),
                ("USDT", "140", "-2360.5", False),
                ("ETH", "3", "3", False),
            ],
        )
    )


@pytest.mark.parametrize(
    ("told", "wallet"),
    [
        ("MARGIN", "margin"),
        ("MARGIN_V2", "margin"),
        ("ISOLATED", "margin-isolated"),
        ("TRADE_HF", "trade_hf"),
    ],
)
def test_the_ledger_names_wallets_as_the_balances_do(told: str, wallet: str) -> None:
    """What was sent to a margin wallet is how its symbols are found."""
    row = {
        "id": "1",
        "currency": "BTC",
        "amount": "0.5",
        "fee": "0",
        "balance": "1",
        "accountType": told,
        "bizType": "Transfer",
        "direction": "in",
        "createdAt": AT,
        "context": "{}",
    }
    reply = {
        "code": "200000",
        "data": {"currentPage": 1, "pageSize": 500, "totalNum": 1, "totalPage": 1, "items": [row]},
    }
    with adapter_for("kucoin", lambda asked: reply) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, TRANSFERS, "ledger"), None, DAY, {}).records
    assert isinstance(made, Transfer) and made.to_wallet == wallet


def test_margin_is_asked_of_accounts_that_have_the_wallet_and_of_what_it_touched_alone() -> None:
    margin = [item for item in policy_for("kucoin").streams if item.category == "margin"]
    assert {(item.wallet, item.opened_by, item.swept) for item in margin} == {
        (name, frozenset({name}), False) for name, _ in TYPES
    }
    spot_only = narrowed(policy_for("kucoin"), ("trade_hf",), "main")
    assert all(item.category != "margin" for item in spot_only.streams)

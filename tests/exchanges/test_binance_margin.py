"""Binance margin: cross and isolated wallets net of what is owed, fills by id per symbol, orders,
interest, sweeps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.errors import NotOffered, PermissionMissing
from exchange_cache.exchanges import narrowed, policy_for
from exchange_cache.records import MARGIN_WALLETS, Transfer
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
    run_mirror,
    run_stream,
)
from tests.exchanges.stub import Answer

AT = NOW_MS - 5_000


def trade(number: int, *, isolated: bool = False, buyer: bool = True) -> dict[str, Any]:
    return {
        "commission": "0.00006000",
        "commissionAsset": "BTC",
        "id": number,
        "isBestMatch": True,
        "isBuyer": buyer,
        "isMaker": False,
        "orderId": 39324,
        "price": "50000.00000000",
        "qty": "0.06000000",
        "symbol": "BTCUSDT",
        "isIsolated": isolated,
        "time": AT,
    }


def order(
    number: int,
    status: str = "FILLED",
    executed: str = "0.1",
    spent: str = "5000",
    *,
    isolated: bool = False,
) -> dict[str, Any]:
    return {
        "clientOrderId": "ZwfQzuDIGpceVhKW5DvCmO",
        "cummulativeQuoteQty": spent,
        "executedQty": executed,
        "icebergQty": "0.00000000",
        "isWorking": True,
        "orderId": number,
        "origQty": "0.10000000",
        "price": "50000.00000000",
        "side": "SELL",
        "status": status,
        "stopPrice": "0.00000000",
        "symbol": "BTCUSDT",
        "isIsolated": isolated,
        "time": AT,
        "timeInForce": "GTC",
        "type": "LIMIT",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "updateTime": AT,
    }


def interest(number: int, **more: Any) -> dict[str, Any]:
    return {
        "txId": number,
        "interestAccuredTime": AT,
        "asset": "ETH",
        "rawAsset": "ETH",
        "principal": "10",
        "interest": "0.00012",
        "interestRate": "0.00024",
        "type": "PERIODIC",
        **more,
    }


def fill(number: int, side: str = "buy") -> tuple[Any, ...]:
    return (str(number), "margin", "BTC/USDT", side, "0.06", "50000", "3000", {"BTC": "0.00006"})


CASES = (
    *(
        Case(
            exchange="binance",
            data_type=FILLS,
            scopes=(scope,),
            path="/sapi/v1/margin/myTrades",
            symbol="BTC/USDT",
            replies=[
                [
                    trade(7, isolated=scope != "margin"),
                    trade(8, isolated=scope != "margin", buyer=False),
                ],
                [],
            ],
            asks=[
                {
                    "symbol": "BTCUSDT",
                    "isIsolated": flag,
                    "fromId": "0",
                    "limit": 1000,
                    "startTime": None,
                    "endTime": None,
                },
                {"symbol": "BTCUSDT", "isIsolated": flag, "fromId": "9"},
            ],
            makes=[fill(7), fill(8, "sell")],
        )
        for scope, flag in (("margin", "FALSE"), ("margin-isolated", "TRUE"))
    ),
    *(
        Case(
            exchange="binance",
            data_type=ORDERS,
            scopes=(scope,),
            path="/sapi/v1/margin/allOrders",
            symbol="BTC/USDT",
            replies=[
                [
                    order(11, isolated=flag == "TRUE"),
                    order(12, "CANCELED", "0.02", "1000", isolated=flag == "TRUE"),
                    order(14, isolated=flag == "FALSE"),
                ],
                [],
            ],
            asks=[
                {
                    "symbol": "BTCUSDT",
                    "isIsolated": flag,
                    "orderId": "0",
                    "limit": 500,
                    "startTime": None,
                },
                {"symbol": "BTCUSDT", "isIsolated": flag, "orderId": "15"},
            ],
            makes=[
                ("11", "margin", "BTC/USDT", "sell", "closed", "0.1", "0.1", "50000"),
                ("12", "margin", "BTC/USDT", "sell", "canceled", "0.1", "0.02", "50000"),
            ],
        )
        for scope, flag in (("margin", "FALSE"), ("margin-isolated", "TRUE"))
    ),
    Case(
        exchange="binance",
        data_type=TRANSFERS,
        scopes=("margin-interest",),
        path="/sapi/v1/margin/interestHistory",
        replies=[
            {"rows": [interest(n) for n in range(100, 0, -1)], "total": 101},
            {"rows": [interest(101, asset="BNB")], "total": 101},
        ],
        asks=[
            {
                "startTime": START,
                "endTime": END,
                "current": 1,
                "size": 100,
                "isolatedSymbol": None,
                "limit": None,
            },
            {"startTime": START, "endTime": END, "current": 2, "size": 100},
        ],
        makes=[(f"{n}:ETH", "interest", "ETH", "-0.00012", None, "ok") for n in range(100, 0, -1)],
    ),
    Case(
        exchange="binance",
        data_type=TRANSFERS,
        scopes=("margin-isolated-interest",),
        path="/sapi/v1/margin/interestHistory",
        symbol="BTC/USDT",
        replies=[{"rows": [interest(5, isolatedSymbol="BTCUSDT", rawAsset=None)], "total": 1}],
        asks=[
            {
                "startTime": START,
                "endTime": END,
                "current": 1,
                "size": 100,
                "isolatedSymbol": "BTCUSDT",
                "symbol": None,
            }
        ],
        makes=[("5:ETH", "interest", "ETH", "-0.00012", None, "ok")],
    ),
    Case(
        exchange="binance",
        data_type=FILLS,
        scopes=("margin-dust",),
        path="/sapi/v1/asset/dribblet",
        window=DAY,
        replies=[
            {
                "total": 1,
                "userAssetDribblets": [
                    {
                        "operateTime": AT,
                        "totalTransferedAmount": "0.00132256",
                        "totalServiceChargeAmount": "0.00002699",
                        "transId": 45178372831,
                        "userAssetDribbletDetails": [
                            {
                                "transId": 4359321,
                                "serviceChargeAmount": "0.00002",
                                "amount": "0.1",
                                "operateTime": AT,
                                "transferedAmount": "0.00098",
                                "fromAsset": "ETH",
                            }
                        ],
                    }
                ],
            }
        ],
        asks=[{"accountType": "MARGIN", "startTime": START, "endTime": END, "limit": None}],
        makes=[
            (
                "4359321:ETH",
                "spot",
                "BNB/ETH",
                "buy",
                "0.001",
                None,
                "0.1",
                {"BNB": "0.00002"},
                "dust",
            )
        ],
    ),
)


def owing(
    asset: str, free: str, borrowed: str = "0", interest: str = "0", locked: str = "0"
) -> dict[str, Any]:
    return {
        "asset": asset,
        "borrowed": borrowed,
        "free": free,
        "interest": interest,
        "locked": locked,
        "netAsset": "0",
    }


def pair(symbol: str, base: dict[str, Any], quote: dict[str, Any]) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "isolatedCreated": True,
        "enabled": True,
        "marginLevel": "0.00000000",
        "baseAsset": base,
        "quoteAsset": quote,
    }


CROSS = {
    "created": True,
    "borrowEnabled": True,
    "marginLevel": "11.64405625",
    "accountType": "MARGIN_1",
    "userAssets": [
        owing("BTC", "0.5", "2", "0.001", "0.25"),
        owing("USDT", "100000"),
        owing("XRP", "0"),
    ],
}
ISOLATED = {"assets": [
    pair("BTCUSDT", owing("BTC", "0.1"), owing("USDT", "0", "4000", "1.5")),
    pair("ETHBTC", owing("ETH", "3"), owing("BTC", "0.02", "0.05")),
]}  # fmt: skip
MIRRORS = (
    Mirror(
        exchange="binance",
        what="wallet",
        name="margin",
        path="/sapi/v1/margin/account",
        reply=CROSS,
        makes=[("BTC", "0.5", "-1.251", False), ("USDT", "100000", "100000", False)],
    ),
    Mirror(
        exchange="binance",
        what="wallet",
        name="margin-isolated",
        path="/sapi/v1/margin/isolated/account",
        reply=ISOLATED,
        makes=[
            ("BTC", "0.12", "0.07", False),
            ("USDT", "0", "-4001.5", False),
            ("ETH", "3", "3", False),
        ],
    ),
    Mirror(
        exchange="binance",
        what="open_orders",
        name="margin",
        path="/sapi/v1/margin/openOrders",
        reply=[order(21, "PARTIALLY_FILLED", "0.06", "3000")],
        asks={"isIsolated": "FALSE", "symbol": None},
        makes=[("21", "margin", "BTC/USDT", "sell", "open", "0.1", "0.06", "50000")],
    ),
    Mirror(
        exchange="binance",
        what="open_orders",
        name="margin",
        at=1,
        symbol="BTC/USDT",
        path="/sapi/v1/margin/openOrders",
        reply=[order(22, "NEW", "0", "0")],
        asks={"isIsolated": "TRUE", "symbol": "BTCUSDT"},
        makes=[("22", "margin", "BTC/USDT", "sell", "open", "0.1", "0", None)],
    ),
)


@pytest.mark.parametrize(("case", "scope"), each(CASES))
def test_margin_histories_are_asked_and_read(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", MIRRORS, ids=lambda case: f"{case.name}-{case.at}")
def test_margin_wallets_and_open_orders_are_read(case: Mirror) -> None:
    run_mirror(case)


def test_isolated_pairs_are_named_empty_ones_too() -> None:
    reply = {
        "assets": [*ISOLATED["assets"], pair("LTCUSDT", owing("LTC", "0"), owing("USDT", "0"))]
    }
    with adapter_for("binance", lambda asked: reply) as (adapter, _stub):
        reading = adapter.wallet(
            next(wallet for wallet in adapter.policy.wallets if wallet.name == "margin-isolated")
        )
        assert reading.symbols == {"BTC/USDT", "ETH/BTC", "LTC/USDT"}


@pytest.mark.parametrize(
    "reply",
    [
        Answer(status=400, body={"code": -3003, "msg": "Margin account does not exist."}),
        {"created": False, "userAssets": []},
    ],
)
def test_an_account_without_margin_is_offered_none(reply: Any) -> None:
    with adapter_for("binance", lambda asked: reply) as (adapter, _stub), pytest.raises(NotOffered):
        adapter.balances(
            next(wallet for wallet in adapter.policy.wallets if wallet.name == "margin")
        )


def test_a_key_without_the_margin_right_is_reported_after_it_worked_elsewhere() -> None:
    spot = {"balances": [{"asset": "BTC", "free": "1", "locked": "0"}]}

    refusal = Answer(
        status=401, body={"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
    )

    def script(asked: Any) -> Any:
        return refusal if "margin" in asked.path else spot

    with adapter_for("binance", script) as (adapter, _stub):
        adapter.balances(next(wallet for wallet in adapter.policy.wallets if wallet.name == "spot"))
        with pytest.raises(PermissionMissing):
            adapter.balances(
                next(wallet for wallet in adapter.policy.wallets if wallet.name == "margin")
            )


def test_interest_names_the_wallet_that_lent() -> None:
    with adapter_for("binance", lambda asked: {"rows": [interest(1)], "total": 1}) as (
        adapter,
        _stub,
    ):
        (record,) = adapter.page(
            stream(adapter, TRANSFERS, "margin-interest"), None, DAY, {}
        ).records
    assert isinstance(record, Transfer)
    assert record.from_wallet in MARGIN_WALLETS
    assert record.quantity == Decimal("-0.00012")


def test_margin_histories_go_with_their_wallets() -> None:
    policy = policy_for("binance")
    scopes = {
        name: {item.scope for item in narrowed(policy, (name,), "main").streams if item.wallet}
        for name in ("spot", "margin")
    }
    assert scopes == {"spot": set(), "margin": {"margin", "margin-interest"}}


@pytest.mark.parametrize("name", ["margin", "margin-isolated"])
def test_open_orders_of_a_margin_wallet_that_is_not_selected_are_not_requested(name: str) -> None:
    """Without its wallet nothing names the pairs, and each pair without an isolated account would
    be refused in every run."""
    assert {
        call.wallet for call in narrowed(policy_for("binance"), ("spot", name), "main").open_orders
    } == {"spot", name}

# ruff: noqa: E501 - tables of replies
"""Deribit, Hyperliquid, Bitvavo, BingX, Phemex: every stream's first, next and last
page, and every mirror."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.errors import ConfigError
from exchange_cache.records import AverageMethod, Fill, Order, Transfer
from tests.exchanges.builders import NOW_MS, WALLET, adapter_for, open_stubbed, stream, walk
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
from tests.exchanges.test_policies_others import iso

AT = NOW_MS - 5_000
MS = {"startTime": START, "endTime": END}
NS = AT * 1_000_000


# --- deribit --------------------------------------------------------------------------------------


def deri(result: Any) -> dict[str, Any]:
    return {
        "jsonrpc": "2.0",
        "result": result,
        "usIn": 1,
        "usOut": 2,
        "usDiff": 1,
        "testnet": False,
    }


CURRENCIES = deri([{"currency": "BTC"}, {"currency": "USDC"}])
DERI_FILL = {
    "trade_seq": 1,
    "trade_id": "ETH-34066",
    "timestamp": AT,
    "tick_direction": 1,
    "state": "filled",
    "price": 50000,
    "order_type": "limit",
    "order_id": "ETH-1",
    "matching_id": None,
    "mark_price": 50001,
    "liquidity": "T",
    "instrument_name": "BTC-PERPETUAL",
    "index_price": 50000,
    "fee_currency": "BTC",
    "fee": "0.000001",
    "direction": "sell",
    "amount": 100,
    "profit_loss": "0.00002",
}
DERI_LINEAR = {
    **DERI_FILL,
    "trade_id": "ETH_USDC-9",
    "timestamp": AT,
    "instrument_name": "ETH_USDC-PERPETUAL",
    "price": 3000,
    "amount": "0.5",
    "fee_currency": "USDC",
    "fee": "-0.1",
}
DERI_OPTION = {
    **DERI_FILL,
    "trade_id": "BTC-55",
    "timestamp": AT,
    "instrument_name": "BTC-28JUN24-70000-C",
    "price": "0.05",
    "amount": "0.1",
    "fee": "0.00003",
}
DERI_ORDER = {
    "time_in_force": "good_til_cancelled",
    "reduce_only": False,
    "price": 50000,
    "post_only": True,
    "order_type": "limit",
    "order_state": "cancelled",
    "order_id": "146062",
    "max_show": 40,
    "last_update_timestamp": AT,
    "label": "",
    "is_liquidation": False,
    "instrument_name": "BTC-PERPETUAL",
    "filled_amount": 50,
    "direction": "buy",
    "creation_timestamp": AT,
    "commission": 0,
    "average_price": 49900,
    "api": False,
    "amount": 100,
}
DERI_DEPOSIT = {
    "address": "2N",
    "amount": "5",
    "currency": "BTC",
    "received_timestamp": AT,
    "state": "completed",
    "transaction_id": "230669",
    "updated_timestamp": AT,
}
DERI_WITHDRAWAL = {
    "address": "2N",
    "amount": "0.5",
    "confirmed_timestamp": None,
    "created_timestamp": AT,
    "currency": "BTC",
    "fee": "0.0001",
    "id": 1,
    "priority": 0.15,
    "state": "completed",
    "transaction_id": "ab",
    "updated_timestamp": AT,
}
DERI_TRANSFER = {
    "amount": "0.2",
    "created_timestamp": AT,
    "currency": "BTC",
    "direction": "payment",
    "id": 2,
    "other_side": "new_user_1_1",
    "state": "confirmed",
    "type": "subaccount",
    "updated_timestamp": AT,
}
DERI_LOG = [
    {
        "id": 10,
        "type": "settlement",
        "currency": "BTC",
        "change": "-0.002",
        "interest_pl": "-0.0001",
        "instrument_name": "BTC-PERPETUAL",
        "timestamp": AT,
    },
    {
        "id": 11,
        "type": "trade",
        "currency": "BTC",
        "change": "-0.1",
        "instrument_name": "BTC-PERPETUAL",
        "timestamp": AT,
    },
    {"id": 12, "type": "usdc_reward", "currency": "USDC", "change": "1.5", "timestamp": AT},
    {"id": 13, "type": "correction", "currency": "BTC", "change": "-0.5", "timestamp": AT},
    {
        "id": 14,
        "type": "delivery",
        "currency": "BTC",
        "change": "0.0125",
        "interest_pl": None,
        "instrument_name": "BTC-28JUN24-70000-C",
        "timestamp": AT,
    },
]
SPAN = {"start_timestamp": START, "end_timestamp": END}


def deri_fanned(
    data_type: Any, scope: str, path: str, row: Any, makes: Any, wrap: Any, first: Any, second: Any
) -> Case:
    return Case(
        exchange="deribit",
        data_type=data_type,
        scopes=(scope,),
        path=path,
        paths=["/public/get_currencies", *[path] * 3],
        replies=[CURRENCIES, wrap(row), wrap(), wrap()],
        asks=[
            {},
            {"currency": "BTC", **first},
            {"currency": "BTC", **second},
            {"currency": "USDC"},
        ],
        makes=makes,
    )


def deri_data(*rows: Any) -> dict[str, Any]:
    return deri({"count": 900, "data": list(rows)})


DERIBIT = (
    *(
        Case(
            exchange="deribit",
            data_type=FILLS,
            scopes=(scope,),
            path="/private/get_user_trades_by_currency_and_time",
            paths=[
                "/public/get_currencies",
                *["/private/get_user_trades_by_currency_and_time"] * 3,
            ],
            replies=[
                CURRENCIES,
                deri({"trades": [DERI_FILL, DERI_LINEAR, DERI_OPTION], "has_more": True}),
                deri({"trades": [DERI_OPTION]}),
                deri({"trades": []}),
            ],
            asks=[
                {},
                {
                    **SPAN,
                    "currency": "BTC",
                    "count": 1000,
                    "sorting": "asc",
                    "historical": historical,
                },
                {"currency": "BTC", "start_timestamp": AT, "end_timestamp": END},
                {**SPAN, "currency": "USDC"},
            ],
            makes=[
                (
                    "ETH-34066",
                    "inverse",
                    "BTC/USD:BTC",
                    "sell",
                    "0.002",
                    "50000",
                    "100",
                    {"BTC": "0.000001"},
                ),
                (
                    "ETH_USDC-9",
                    "linear",
                    "ETH/USDC:USDC",
                    "sell",
                    "0.5",
                    "3000",
                    "1500",
                    {"USDC": "-0.1"},
                ),
                (
                    "BTC-55",
                    "option",
                    "BTC/USD:BTC-240628-70000-C",
                    "sell",
                    "0.1",
                    "0.05",
                    "0.005",
                    {"BTC": "0.00003"},
                ),
            ],
        )
        for scope, historical in (("trades", "true"), ("trades-recent", "false"))
    ),
    deri_fanned(
        ORDERS,
        "orders",
        "/private/get_order_history_by_currency",
        DERI_ORDER,
        [("146062", "inverse", "BTC/USD:BTC", "buy", "canceled", "10", "5", "49900")],
        lambda *rows: deri(list(rows)),
        {
            "historical": "true",
            "include_old": "true",
            "include_unfilled": "true",
            "count": 1000,
            "offset": None,
        },
        {"offset": 1},
    ),
    deri_fanned(
        TRANSFERS,
        "deposits",
        "/private/get_deposits",
        DERI_DEPOSIT,
        [("230669", "deposit", "BTC", "5", None, "ok")],
        deri_data,
        {"offset": None},
        {"offset": 1},
    ),
    deri_fanned(
        TRANSFERS,
        "withdrawals",
        "/private/get_withdrawals",
        DERI_WITHDRAWAL,
        [("1", "withdrawal", "BTC", "0.5", "0.0001 BTC", "ok")],
        deri_data,
        {"count": 1000},
        {"offset": 1},
    ),
    deri_fanned(
        TRANSFERS,
        "transfers",
        "/private/get_transfers",
        DERI_TRANSFER,
        [("2", "withdrawal", "BTC", "0.2", None, "ok")],
        deri_data,
        {"count": 1000},
        {"offset": 1},
    ),
    Case(
        exchange="deribit",
        data_type=TRANSFERS,
        scopes=("log",),
        path="/private/get_transaction_log",
        paths=["/public/get_currencies", *["/private/get_transaction_log"] * 3],
        replies=[
            CURRENCIES,
            deri({"logs": DERI_LOG, "continuation": 282}),
            deri({"logs": [], "continuation": None}),
            deri({"logs": []}),
        ],
        asks=[
            {},
            {**SPAN, "currency": "BTC", "count": 250, "continuation": None},
            {"continuation": 282},
            {"currency": "USDC"},
        ],
        makes=[
            ("10", "funding", "BTC", "-0.0001", None, "ok"),
            ("12", "reward", "USDC", "1.5", None, "ok"),
            ("13", "other", "BTC", "-0.5", None, "ok"),
            ("14", "other", "BTC", "0.0125", None, "ok"),
        ],
    ),
)


def deri_position(name: str, size: Any, **more: Any) -> dict[str, Any]:
    return {
        "average_price": "40000",
        "delta": 0.1,
        "direction": "sell",
        "estimated_liquidation_price": 60000,
        "floating_profit_loss": "0.01",
        "initial_margin": "0.1",
        "instrument_name": name,
        "kind": "future",
        "leverage": 10,
        "maintenance_margin": "0.1",
        "mark_price": "50000",
        "size": size,
        "size_currency": "-0.002",
        **more,
    }


DERI_POSITIONS = deri(
    [
        deri_position("BTC-PERPETUAL", "-100"),
        deri_position("ETH_USDC-PERPETUAL", "-0.5", mark_price="3000"),
        deri_position("BTC-28JUN24-70000-C", "-0.1", mark_price="0.06", average_price="0.05"),
    ]
)
DERI_OPEN = deri(
    [
        {**DERI_ORDER, "order_state": "open", "filled_amount": 0, "average_price": 0},
        {
            **DERI_ORDER,
            "instrument_name": "BTC_USDC",
            "order_state": "open",
            "filled_amount": 0,
            "average_price": 0,
            "amount": "0.3",
        },
    ]
)
DERIBIT_MIRRORS = (
    Mirror(
        exchange="deribit",
        what="wallet",
        name="trading",
        path="/private/get_account_summaries",
        makes=[("BTC", "1", "1.5", True)],
        reply=deri(
            {
                "id": 1,
                "summaries": [
                    {
                        "currency": "BTC",
                        "available_funds": "1",
                        "maintenance_margin": "0.1",
                        "equity": "1.5",
                        "balance": "1.4",
                    }
                ],
            }
        ),
    ),
    *(
        Mirror(
            exchange="deribit",
            what="positions",
            name=category,
            path="/private/get_positions",
            asks={"currency": "any"},
            reply=DERI_POSITIONS,
            makes=[made],
        )
        for category, made in (
            ("inverse", ("BTC/USD:BTC", "inverse", "short", "0.002", "40000", "0.01")),
            ("linear", ("ETH/USDC:USDC", "linear", "short", "0.5", "40000", "0.01")),
            ("option", ("BTC/USD:BTC-240628-70000-C", "option", "short", "0.1", "0.05", "0.01")),
        )
    ),
    *(
        Mirror(
            exchange="deribit",
            what="open_orders",
            name=category,
            path="/private/get_open_orders",
            reply=DERI_OPEN,
            makes=makes,
        )
        for category, makes in (
            ("inverse", [("146062", "inverse", "BTC/USD:BTC", "buy", "open", "10", "0", None)]),
            ("spot", [("146062", "spot", "BTC/USDC", "buy", "open", "0.3", "0", None)]),
            ("linear", []),
            ("option", []),
        )
    ),
    Mirror(
        exchange="deribit",
        what="tickers",
        name="spot",
        path="/public/get_book_summary_by_currency",
        asks={"currency": "BTC"},
        makes=[("BTC/USD:BTC", "110")],
        reply=deri(
            [
                {
                    "instrument_name": "BTC-PERPETUAL",
                    "last": 110,
                    "bid_price": 109,
                    "ask_price": 111,
                    "high": 1,
                    "low": 1,
                    "volume": 1,
                    "mark_price": 110,
                    "creation_timestamp": AT,
                    "base_currency": "BTC",
                    "quote_currency": "USD",
                }
            ]
        ),
    ),
)

# --- hyperliquid ----------------------------------------------------------------------------------


def hl_fill(number: int, coin: str, **more: Any) -> dict[str, Any]:
    return {
        "closedPnl": "0.19343",
        "coin": coin,
        "crossed": True,
        "dir": "Close Long",
        "fee": "0.050062",
        "hash": "0x09",
        "oid": 3929354691,
        "px": "2381.1",
        "side": "A",
        "startPosition": "0.0841",
        "sz": "0.0841",
        "tid": number,
        "time": AT,
        "feeToken": "USDC",
        "builderFee": "0.01",
        **more,
    }


def hl_state(oid: int, status: str, left: str) -> dict[str, Any]:
    return {
        "order": {
            "coin": "ETH",
            "side": "B",
            "limitPx": "2000.0",
            "sz": left,
            "oid": oid,
            "timestamp": AT,
            "origSz": "0.5",
            "orderType": "Limit",
            "tif": "Gtc",
            "reduceOnly": False,
            "cloid": None,
            "isTrigger": False,
            "triggerPx": "0.0",
        },
        "status": status,
        "statusTimestamp": AT,
    }


def hl_update(number: int, kind: str, **delta: Any) -> dict[str, Any]:
    return {"time": AT, "hash": f"0x{number}", "delta": {"type": kind, **delta}}


HL_UPDATES = [
    hl_update(1, "deposit", usdc="100.0"),
    hl_update(2, "withdraw", usdc="30.0", nonce=1, fee="1.0"),
    hl_update(3, "accountClassTransfer", usdc="50.0", toPerp=False),
    hl_update(
        4,
        "spotTransfer",
        token="PURR",
        amount="5",
        usdcValue="1",
        user=WALLET,
        destination="0xbb",
        fee="0.0",
    ),
    hl_update(
        5,
        "internalTransfer",
        usdc="7.5",
        user="0xbb",
        destination=WALLET.upper().replace("0X", "0x"),
        fee="0.0",
    ),
    hl_update(0, "rewardsClaim", token="", amount="1.5"),
    hl_update(
        0, "rewardsClaim", token="HYPE", amount="0.25"
    ),  # the same empty hash, the same block
    hl_update(
        6,
        "send",
        token="HYPE",
        amount="2",
        user=WALLET,
        destination="0xbb",
        sourceDex="spot",
        destinationDex="spot",
        fee="1.0",
        feeToken="USDC",
        nonce=9,
    ),
    hl_update(
        7,
        "liquidation",
        accountValue="0.0",
        leverageType="Cross",
        liquidatedPositions=[{"coin": "ETH", "szi": "1"}],
    ),
    hl_update(8, "accountActivationGas", token="USDC", amount="1.0"),
    hl_update(9, "borrowLend", token="USDC", operation="supply", amount="40", interestAmount="0.0"),
    hl_update(
        10,
        "vaultWithdraw",
        vault="0xdf",
        user=WALLET,
        requestedUsd="10",
        commission="0.1",
        closingCost="0",
        basis="9",
        netWithdrawnUsd="9.9",
    ),
]
HL_FUNDING = {
    "time": AT,
    "hash": "0x0",
    "delta": {
        "type": "funding",
        "coin": "ETH",
        "usdc": "-3.625312",
        "szi": "49.1477",
        "fundingRate": "0.0000417",
    },
}
USER = {"user": WALLET}
HYPERLIQUID = (
    Case(
        exchange="hyperliquid",
        data_type=FILLS,
        scopes=("fills",),
        path="/info",
        replies=[
            [hl_fill(1, "ETH"), hl_fill(2, "@107", side="B", feeToken="HYPE")],
            [hl_fill(2, "@107")],
        ],
        asks=[
            {**USER, **MS, "type": "userFillsByTime", "limit": None},
            {**USER, "type": "userFillsByTime", "startTime": AT, "endTime": END},
        ],
        makes=[
            (
                f"1:{AT}:A",
                "linear",
                "ETH/USDC:USDC",
                "sell",
                "0.0841",
                "2381.1",
                "200.25051",
                {"USDC": "0.050062"},
            ),
            (
                f"2:{AT}:B",
                "spot",
                "HYPE/USDC",
                "buy",
                "0.0841",
                "2381.1",
                "200.25051",
                {"HYPE": "0.050062"},
            ),
        ],
    ),
    Case(
        exchange="hyperliquid",
        data_type=ORDERS,
        scopes=("orders",),
        path="/info",
        replies=[
            [
                hl_state(1, "filled", "0.0"),
                hl_state(1, "open", "0.5"),
                hl_state(2, "canceled", "0.2"),
                hl_state(3, "perpMarginRejected", "0.5"),
            ]
        ],
        asks=[{**USER, "type": "historicalOrders", "startTime": None}],
        makes=[
            ("1", "linear", "ETH/USDC:USDC", "buy", "closed", "0.5", "0.5", None),
            ("2", "linear", "ETH/USDC:USDC", "buy", "canceled", "0.5", "0.3", None),
            ("3", "linear", "ETH/USDC:USDC", "buy", "rejected", "0.5", "0", None),
        ],
    ),
    Case(
        exchange="hyperliquid",
        data_type=TRANSFERS,
        scopes=("ledger",),
        path="/info",
        replies=[HL_UPDATES, HL_UPDATES[-1:]],
        asks=[{**USER, **MS, "type": "userNonFundingLedgerUpdates"}, {"startTime": AT}],
        makes=[
            (f"0x1:{AT}:deposit:100.0", "deposit", "USDC", "100", None, "ok"),
            (f"0x2:{AT}:withdraw:1:30.0", "withdrawal", "USDC", "30", "1 USDC", "ok"),
            (f"0x3:{AT}:class:50.0", "internal", "USDC", "50", None, "ok"),
            (f"0x4:{AT}:spotTransfer:PURR:5", "withdrawal", "PURR", "5", None, "ok"),
            (f"0x5:{AT}:internalTransfer:7.5", "deposit", "USDC", "7.5", None, "ok"),
            (f"0x0:{AT}:rewardsClaim:1.5", "reward", "USDC", "1.5", None, "ok"),
            (f"0x0:{AT}:rewardsClaim:HYPE:0.25", "reward", "HYPE", "0.25", None, "ok"),
            (f"0x6:{AT}:send:HYPE:9:2", "withdrawal", "HYPE", "2", "1 USDC", "ok"),
            (f"0x8:{AT}:accountActivationGas:USDC:1.0", "fee", "USDC", "-1", None, "ok"),
            (f"0x9:{AT}:borrowLend:USDC:40", "internal", "USDC", "40", None, "ok"),
            (f"0x10:{AT}:vaultWithdraw:9.9", "internal", "USDC", "9.9", None, "ok"),
        ],
    ),
    Case(
        exchange="hyperliquid",
        data_type=TRANSFERS,
        scopes=("funding",),
        path="/info",
        replies=[[HL_FUNDING], [HL_FUNDING]],
        asks=[{**USER, **MS, "type": "userFunding"}, {"startTime": AT}],
        makes=[(f"ETH:{AT}", "funding", "USDC", "-3.625312", None, "ok")],
    ),
)
HL_OPEN = [
    {
        "coin": coin,
        "limitPx": "2000.0",
        "oid": 3991946565,
        "origSz": "0.1",
        "side": "B",
        "sz": "0.1",
        "timestamp": AT,
        "orderType": "Limit",
    }
    for coin in ("ETH", "@107")
]
HL_POSITION = {
    "position": {
        "coin": "ETH",
        "entryPx": "2213.9",
        "leverage": {"type": "cross", "value": "20"},
        "liquidationPx": "2125.0",
        "marginUsed": "24.8",
        "positionValue": "500.12",
        "szi": "-0.2259",
        "unrealizedPnl": "0.5",
    },
    "type": "oneWay",
}
HYPERLIQUID_MIRRORS = (
    Mirror(
        exchange="hyperliquid",
        what="wallet",
        name="spot",
        path="/info",
        asks={**USER, "type": "spotClearinghouseState"},
        makes=[("USDC", None, "1481.844", False)],
        reply={
            "balances": [
                {"coin": "USDC", "token": 0, "hold": "0.0", "total": "1481.844", "entryNtl": "0"}
            ]
        },
    ),
    Mirror(
        exchange="hyperliquid",
        what="wallet",
        name="swap",
        path="/info",
        asks={**USER, "type": "clearinghouseState"},
        makes=[("USDC", "90", "100", True)],
        reply={
            "assetPositions": [],
            "marginSummary": {"accountValue": "100.0", "totalMarginUsed": "10.0"},
            "withdrawable": "90.0",
            "time": AT,
        },
    ),
    Mirror(
        exchange="hyperliquid",
        what="wallet",
        name="earn",
        path="/info",
        asks={"type": "delegatorSummary"},
        makes=[("HYPE", None, "13.5", False)],
        reply={
            "delegated": "12.0",
            "undelegated": "1.5",
            "totalPendingWithdrawal": "0.0",
            "nPendingWithdrawals": 0,
        },
    ),
    Mirror(
        exchange="hyperliquid",
        what="wallet",
        name="vaults",
        path="/info",
        asks={"type": "userVaultEquities"},
        makes=[("USDC", None, "742.5", True)],
        reply=[{"vaultAddress": "0xdf", "equity": "742.5"}],
    ),
    Mirror(
        exchange="hyperliquid",
        what="positions",
        name="linear",
        path="/info",
        asks={**USER, "type": "clearinghouseState"},
        reply={"assetPositions": [HL_POSITION], "marginSummary": {}},
        makes=[("ETH/USDC:USDC", "linear", "short", "0.2259", "2213.9", "0.5")],
    ),
    Mirror(
        exchange="hyperliquid",
        what="open_orders",
        name="linear",
        path="/info",
        asks={**USER, "type": "frontendOpenOrders"},
        reply=HL_OPEN,
        makes=[("3991946565", "linear", "ETH/USDC:USDC", "buy", "open", "0.1", "0", None)],
    ),
    Mirror(
        exchange="hyperliquid",
        what="open_orders",
        name="spot",
        path="/info",
        reply=HL_OPEN,
        makes=[("3991946565", "spot", "HYPE/USDC", "buy", "open", "0.1", "0", None)],
    ),
    Mirror(
        exchange="hyperliquid",
        what="tickers",
        name="spot",
        path="/info",
        asks={"type": "spotMetaAndAssetCtxs"},
        makes=[("PURR/USDC", "0.14")],
        reply=[
            {
                "tokens": [
                    {"name": "USDC", "szDecimals": 8, "weiDecimals": 8, "index": 0},
                    {"name": "PURR", "szDecimals": 0, "weiDecimals": 5, "index": 1},
                ],
                "universe": [
                    {"name": "PURR/USDC", "tokens": [1, 0], "index": 0, "isCanonical": True}
                ],
            },
            [{"dayNtlVlm": "8906.0", "markPx": "0.14", "midPx": "0.14", "prevDayPx": "0.2"}],
        ],
    ),
    Mirror(
        exchange="hyperliquid",
        what="tickers",
        name="linear",
        path="/info",
        asks={"type": "metaAndAssetCtxs"},
        makes=[("ETH/USDC:USDC", "2000")],
        reply=[
            {
                "universe": [
                    {"maxLeverage": 50, "name": "ETH", "onlyIsolated": False, "szDecimals": 4}
                ]
            },
            [
                {
                    "dayNtlVlm": "1",
                    "funding": "0.1",
                    "impactPxs": ["1999", "2001"],
                    "markPx": "2000",
                    "midPx": "2000",
                    "openInterest": "1",
                    "oraclePx": "2000",
                    "premium": "0",
                    "prevDayPx": "1900",
                }
            ],
        ],
    ),
)

# --- bitvavo --------------------------------------------------------------------------------------

BV_FILL = {
    "id": "b0c86aa5",
    "orderId": "af76d6ce",
    "timestamp": AT,
    "market": "BTC-EUR",
    "side": "sell",
    "amount": "0.25",
    "price": "183.49",
    "taker": True,
    "fee": "0.12038925",
    "feeCurrency": "EUR",
    "settled": True,
}
BV_ORDER = {
    "orderId": "af76d6ce",
    "market": "BTC-EUR",
    "created": AT,
    "updated": AT,
    "status": "canceled",
    "side": "buy",
    "orderType": "limit",
    "amount": "2",
    "amountRemaining": "1.5",
    "price": "100",
    "onHold": "0",
    "onHoldCurrency": "EUR",
    "filledAmount": "0.5",
    "filledAmountQuote": "49.5",
    "feePaid": "0.1",
    "feeCurrency": "EUR",
    "fills": [],
}
BV_DEPOSIT = {
    "timestamp": AT,
    "symbol": "ETH",
    "amount": "0.249825",
    "fee": "0",
    "status": "completed",
    "txId": "0x5167",
}
BV_WITHDRAWAL = {
    "timestamp": AT,
    "symbol": "BTC",
    "amount": "0.99994",
    "address": "B",
    "txId": "927b",
    "fee": "0.00006",
    "status": "awaiting_processing",
}
BV_HISTORY = [
    {
        "transactionId": "t1",
        "executedAt": iso(AT),
        "type": "staking",
        "receivedCurrency": "ETH",
        "receivedAmount": "0.001",
    },
    {
        "transactionId": "t2",
        "executedAt": iso(AT),
        "type": "sell",
        "sentCurrency": "BTC",
        "sentAmount": "0.1",
        "receivedCurrency": "EUR",
        "receivedAmount": "1000",
    },
]


def bv_back(
    data_type: Any, scope: str, path: str, row: Any, makes: Any, symbol: str | None = None
) -> Case:
    return Case(
        exchange="bitvavo",
        data_type=data_type,
        scopes=(scope,),
        path=path,
        symbol=symbol,
        replies=[[row], []],
        makes=makes,
        asks=[
            {"start": START, "end": END, "limit": 1000, "market": "BTC-EUR" if symbol else None},
            {"start": START, "end": AT + 1},
        ],
    )


BITVAVO = (
    bv_back(
        FILLS,
        "spot",
        "/trades",
        BV_FILL,
        [
            (
                "b0c86aa5",
                "spot",
                "BTC/EUR",
                "sell",
                "0.25",
                "183.49",
                "45.8725",
                {"EUR": "0.12038925"},
            )
        ],
        "BTC/EUR",
    ),
    bv_back(
        ORDERS,
        "spot",
        "/orders",
        BV_ORDER,
        [("af76d6ce", "spot", "BTC/EUR", "buy", "canceled", "2", "0.5", "99")],
        "BTC/EUR",
    ),
    bv_back(
        TRANSFERS,
        "deposits",
        "/depositHistory",
        BV_DEPOSIT,
        [(f"{AT}:ETH:0.249825", "deposit", "ETH", "0.249825", None, "ok")],
    ),
    bv_back(
        TRANSFERS,
        "withdrawals",
        "/withdrawalHistory",
        BV_WITHDRAWAL,
        [(f"{AT}:BTC:0.99994", "withdrawal", "BTC", "0.99994", "0.00006 BTC", "pending")],
    ),
    Case(
        exchange="bitvavo",
        data_type=TRANSFERS,
        scopes=("history",),
        path="/account/history",
        replies=[
            {"items": BV_HISTORY, "currentPage": 1, "totalPages": 2},
            {"items": BV_HISTORY[:1], "currentPage": 2, "totalPages": 2},
        ],
        asks=[{"fromDate": START, "toDate": END, "page": 1, "maxItems": 100}, {"page": 2}],
        makes=[("t1:received", "reward", "ETH", "0.001", None, "ok")],
    ),
)
BITVAVO_MIRRORS = (
    Mirror(
        exchange="bitvavo",
        what="wallet",
        name="spot",
        path="/balance",
        reply=[{"symbol": "BTC", "available": "1", "inOrder": "0.5"}],
        makes=[("BTC", "1", "1.5", False)],
    ),
    Mirror(
        exchange="bitvavo",
        what="open_orders",
        name="spot",
        path="/ordersOpen",
        reply=[{**BV_ORDER, "status": "new", "filledAmount": "0", "filledAmountQuote": "0"}],
        makes=[("af76d6ce", "spot", "BTC/EUR", "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="bitvavo",
        what="tickers",
        name="spot",
        path="/ticker/24h",
        makes=[("BTC/EUR", "110")],
        reply=[
            {
                "market": "BTC-EUR",
                "open": "100",
                "high": "120",
                "low": "90",
                "last": "110",
                "volume": "1",
                "volumeQuote": "110",
                "bid": "109",
                "ask": "111",
                "timestamp": AT,
            }
        ],
    ),
)

# --- bingx ----------------------------------------------------------------------------------------


def bx(data: Any) -> dict[str, Any]:
    return {"code": 0, "msg": "", "debugMsg": "", "data": data}


BX_FILL = {
    "symbol": "BTC-USDT",
    "id": 36237072,
    "orderId": 1674069326895775744,
    "price": "85.891",
    "qty": "0.05",
    "quoteQty": "4.29455",
    "commission": -0.0000582,
    "commissionAsset": "BTC",
    "time": AT,
    "isBuyer": True,
    "isMaker": False,
}
BX_REBATE = {
    **BX_FILL,
    "symbol": "ETH-USDT",
    "id": 36237073,
    "commission": 0.001,
    "commissionAsset": "USDT",
    "isBuyer": False,
    "isMaker": True,
}
BX_ORDER = {
    "symbol": "BTC-USDT",
    "orderId": 1514073325788200960,
    "price": "100",
    "origQty": "2",
    "executedQty": "0.5",
    "cummulativeQuoteQty": "49.5",
    "status": "CANCELED",
    "type": "LIMIT",
    "side": "BUY",
    "time": AT,
    "updateTime": AT,
    "origQuoteOrderQty": "0",
}
BX_SWAP = {
    "filledTm": iso(AT),
    "volume": "0.002",
    "price": "50000",
    "qty": "0.002",
    "quoteQty": "100",
    "commission": "-0.05",
    "commissionAsset": "USDT",
    "orderId": "167",
    "tradeId": "99",
    "filledTime": iso(AT),
    "symbol": "BTC-USDT",
    "side": "SELL",
    "positionSide": "LONG",
    "role": "taker",
    "realisedPNL": "1.5",
}
BX_SWAP_DOC = {
    key: value
    for key, value in {
        **BX_SWAP,
        "tradeId": "98",
        "filledTime": "2025-06-01T20:00:00.000+0800",
    }.items()
    if key not in {"filledTm", "volume"}
}
BX_SWAP_ORDER = {
    "symbol": "BTC-USDT",
    "orderId": 1736007506620112100,
    "side": "SELL",
    "positionSide": "SHORT",
    "type": "LIMIT",
    "origQty": "2",
    "price": "100",
    "executedQty": "0.5",
    "avgPrice": "99",
    "cumQuote": "13",
    "commission": "-0.002",
    "status": "CANCELLED",
    "time": AT,
    "updateTime": AT,
}
BX_INCOME = [
    {
        "symbol": "BTC-USDT",
        "incomeType": "FUNDING_FEE",
        "income": "-0.0292",
        "asset": "USDT",
        "info": "Funding Fee",
        "time": AT,
        "tranId": "170*3",
        "tradeId": "",
    },
    {
        "symbol": "BTC-USDT",
        "incomeType": "REALIZED_PNL",
        "income": "1",
        "asset": "USDT",
        "info": "",
        "time": AT,
        "tranId": "171",
        "tradeId": "9",
    },
    {
        "symbol": "BTC-USDT",
        "incomeType": "ADL",
        "income": "-2",
        "asset": "USDT",
        "info": "",
        "time": AT,
        "tranId": "172",
        "tradeId": "",
    },
    {
        "symbol": "",
        "incomeType": "AFFILIATE_REBATE",
        "income": "0.5",
        "asset": "USDT",
        "info": "",
        "time": AT,
        "tranId": "173",
        "tradeId": "",
    },
]
BX_DEPOSIT = {
    "amount": "49999.0",
    "coin": "USDT",
    "network": "TRC20",
    "status": 1,
    "address": "TL",
    "addressTag": "",
    "txId": "40862",
    "insertTime": AT,
    "unlockConfirm": "2/2",
    "confirmTimes": "2/2",
}
BX_WITHDRAWAL = {
    "address": "0x",
    "amount": "7.5",
    "applyTime": iso(AT),
    "coin": "USDT",
    "id": "125",
    "network": "TRC20",
    "transferType": 0,
    "transactionFee": "1",
    "confirmNo": 1,
    "info": "",
    "txId": "ab",
    "status": 6,
}
BX_MOVE = {
    "asset": "USDT",
    "amount": "5",
    "status": "CONFIRMED",
    "transferId": "105146",
    "timestamp": AT,
    "fromAccount": "spot",
    "toAccount": "USDTMPerp",
}
BINGX = (
    Case(
        exchange="bingx",
        data_type=ORDERS,
        scopes=("spot",),
        path="/trade/historyOrders",
        replies=[bx({"orders": [BX_ORDER]}), bx({"orders": []})],
        asks=[{**MS, "pageIndex": 1, "pageSize": 100, "symbol": None}, {"pageIndex": 2}],
        makes=[("1514073325788200960", "spot", "BTC/USDT", "buy", "canceled", "2", "0.5", "99")],
    ),
    Case(
        exchange="bingx",
        data_type=FILLS,
        scopes=("spot",),
        path="/trade/myTrades",
        replies=[bx({"fills": [BX_FILL, BX_REBATE]})],
        asks=[{**MS, "symbol": None, "limit": 500}],
        makes=[
            (
                "36237072",
                "spot",
                "BTC/USDT",
                "buy",
                "0.05",
                "85.891",
                "4.29455",
                {"BTC": "0.0000582"},
            ),
            (
                "36237073",
                "spot",
                "ETH/USDT",
                "sell",
                "0.05",
                "85.891",
                "4.29455",
                {"USDT": "-0.001"},
            ),
        ],
    ),
    Case(
        exchange="bingx",
        data_type=FILLS,
        scopes=("linear",),
        path="/trade/fillHistory",
        symbol="BTC/USDT:USDT",
        replies=[
            bx({"fill_history_orders": [BX_SWAP, BX_SWAP_DOC], "total": 2}),
            bx({"fill_history_orders": None, "total": 2}),
        ],
        asks=[
            {"startTs": START, "endTs": END, "symbol": "BTC-USDT", "pageIndex": 1, "pageSize": 500},
            {"pageIndex": 2},
        ],
        makes=[
            (number, "linear", "BTC/USDT:USDT", "sell", "0.002", "50000", "100", {"USDT": "0.05"})
            for number in ("99", "98")
        ],
    ),
    Case(
        exchange="bingx",
        data_type=ORDERS,
        scopes=("linear",),
        path="/trade/fullOrder",
        replies=[bx({"orders": [BX_SWAP_ORDER]})],
        asks=[{**MS, "limit": 500, "symbol": None}],
        makes=[
            ("1736007506620112100", "linear", "BTC/USDT:USDT", "sell", "canceled", "2", "0.5", "99")
        ],
    ),
    Case(
        exchange="bingx",
        data_type=ORDERS,
        scopes=("inverse",),
        path="/trade/orderHistory",
        replies=[bx({"orders": [{**BX_SWAP_ORDER, "symbol": "BTC-USD"}]})],
        asks=[{**MS, "limit": 500}],
        makes=[
            ("1736007506620112100", "inverse", "BTC/USD:BTC", "sell", "canceled", "2", "0.5", "99")
        ],
    ),
    Case(
        exchange="bingx",
        data_type=TRANSFERS,
        scopes=("income",),
        path="/user/income",
        replies=[bx(BX_INCOME)],
        asks=[{**MS, "limit": 1000}],
        makes=[
            (f"FUNDING_FEE:170*3:BTC-USDT:{AT}", "funding", "USDT", "-0.0292", None, "ok"),
            (f"ADL:172:BTC-USDT:{AT}", "other", "USDT", "-2", None, "ok"),
            (f"AFFILIATE_REBATE:173:{AT}", "reward", "USDT", "0.5", None, "ok"),
        ],
    ),
    Case(
        exchange="bingx",
        data_type=TRANSFERS,
        scopes=("deposits",),
        path="/capital/deposit/hisrec",
        replies=[[BX_DEPOSIT], []],
        asks=[{**MS, "offset": None, "limit": 1000}, {"offset": 1}],
        makes=[("40862", "deposit", "USDT", "49999", None, "ok")],
    ),
    Case(
        exchange="bingx",
        data_type=TRANSFERS,
        scopes=("withdrawals",),
        path="/capital/withdraw/history",
        replies=[[BX_WITHDRAWAL], []],
        asks=[{**MS, "offset": None}, {"offset": 1}],
        makes=[("125", "withdrawal", "USDT", "7.5", "1 USDT", "ok")],
    ),
    *(
        Case(
            exchange="bingx",
            data_type=TRANSFERS,
            scopes=(f"moves-{source.lower()}-{target.lower()}",),
            path="/asset/transferRecord",
            replies=[{"total": 1, "rows": [BX_MOVE]}],
            asks=[
                {**MS, "fromAccount": source, "toAccount": target, "pageIndex": 1, "pageSize": 100}
            ],
            makes=[("105146", "internal", "USDT", "5", None, "ok")],
        )
        for source, target in (
            ("spot", "USDTMPerp"),
            ("USDTMPerp", "spot"),
            ("fund", "spot"),
            ("spot", "fund"),
            ("fund", "USDTMPerp"),
            ("USDTMPerp", "fund"),
        )
    ),
)
BX_POSITION = {
    "positionId": "1",
    "symbol": "BTC-USDT",
    "currency": "USDT",
    "positionAmt": "0.1",
    "availableAmt": "0.1",
    "positionSide": "SHORT",
    "isolated": False,
    "avgPrice": "40000",
    "initialMargin": "1.3",
    "leverage": 6,
    "unrealizedProfit": "-1.0393",
    "liquidationPrice": 0,
    "markPrice": "50000",
    "positionValue": "5000",
    "updateTime": AT,
}
BX_ACCOUNT = {
    "asset": "USDT",
    "balance": "194.8212",
    "equity": "196.7431",
    "unrealizedProfit": "1.9219",
    "availableMargin": "193.7609",
    "usedMargin": "1.0602",
}
BINGX_MIRRORS = (
    Mirror(
        exchange="bingx",
        what="wallet",
        name="spot",
        path="/account/balance",
        makes=[("BTC", "1", "1.5", False)],
        reply=bx({"balances": [{"asset": "BTC", "free": "1", "locked": "0.5"}]}),
    ),
    Mirror(
        exchange="bingx",
        what="wallet",
        name="funding",
        path="/account/balance",
        makes=[("USDT", "44.3", "44.3", False)],
        reply=bx({"assets": [{"asset": "USDT", "free": "44.3", "locked": "0.0"}]}),
    ),
    Mirror(
        exchange="bingx",
        what="wallet",
        name="linear",
        path="/swap/v3/user/balance",
        reply=bx([BX_ACCOUNT]),
        makes=[("USDT", "193.7609", "194.8212", False)],
    ),
    Mirror(
        exchange="bingx",
        what="wallet",
        name="inverse",
        path="/cswap/v1/user/balance",
        reply=bx([{**BX_ACCOUNT, "asset": "BTC"}]),
        makes=[("BTC", "193.7609", "194.8212", False)],
    ),
    Mirror(
        exchange="bingx",
        what="wallet",
        name="standard",
        path="/contract/v1/balance",
        makes=[("USDT", "4.7", "4.7", False)],
        reply=bx(
            [
                {"asset": "USDT", "balance": "4.7", "availableBalance": "4.7", "crossUnPnl": "0"},
                {"asset": "", "balance": "0"},
            ]
        ),
    ),
    Mirror(
        exchange="bingx",
        what="positions",
        name="linear",
        path="/swap/v2/user/positions",
        reply=bx([BX_POSITION]),
        makes=[("BTC/USDT:USDT", "linear", "short", "0.1", "40000", "-1.0393")],
    ),
    Mirror(
        exchange="bingx",
        what="positions",
        name="inverse",
        path="/cswap/v1/user/positions",
        reply=bx([{**BX_POSITION, "symbol": "BTC-USD", "positionAmt": "5"}]),
        makes=[("BTC/USD:BTC", "inverse", "short", "0.01", "40000", "-1.0393")],
    ),
    *(
        Mirror(
            exchange="bingx",
            what="open_orders",
            name=category,
            path="/trade/openOrders",
            reply=bx({"orders": [{**row, "status": "NEW", "executedQty": "0", **more}]}),
            makes=[(str(row["orderId"]), category, symbol, side, "open", "2", "0", None)],
        )
        for category, row, symbol, side, more in (
            ("spot", BX_ORDER, "BTC/USDT", "buy", {"cummulativeQuoteQty": "0"}),
            ("linear", BX_SWAP_ORDER, "BTC/USDT:USDT", "sell", {"avgPrice": "0"}),
            (
                "inverse",
                {**BX_SWAP_ORDER, "symbol": "BTC-USD"},
                "BTC/USD:BTC",
                "sell",
                {"avgPrice": "0"},
            ),
        )
    ),
    Mirror(
        exchange="bingx",
        what="tickers",
        name="spot",
        path="/ticker/24hr",
        makes=[("BTC/USDT", "110")],
        reply=bx(
            [
                {
                    "symbol": "BTC-USDT",
                    "openPrice": "100",
                    "highPrice": "1",
                    "lowPrice": "1",
                    "lastPrice": "110",
                    "volume": "1",
                    "quoteVolume": "1",
                    "openTime": AT,
                    "closeTime": AT,
                    "bidPrice": "109",
                    "askPrice": "111",
                }
            ]
        ),
    ),
)

# --- phemex ---------------------------------------------------------------------------------------


def px(data: Any) -> dict[str, Any]:
    return {"code": 0, "msg": "OK", "data": data}


PX_SPOT = {
    "qtyType": "ByQuote",
    "transactTimeNs": NS,
    "clOrdID": "c",
    "orderID": "b2b7",
    "symbol": "sBTCUSDT",
    "side": "Buy",
    "baseQtyEv": 0,
    "quoteQtyEv": 1000000000,
    "action": "New",
    "execStatus": "MakerFill",
    "ordStatus": "Filled",
    "ordType": "Limit",
    "tradeType": "Trade",
    "execId": "c6bd8979",
    "execPriceEp": 970056000000,
    "execBaseQtyEv": 103000,
    "execQuoteQtyEv": 999157680,
    "execFeeEv": 0,
    "feeRateEr": 0,
    "feeCurrency": "BTC",
}
PX_LINEAR = {
    "createdAt": AT,
    "symbol": "BTCUSDT",
    "currency": "USDT",
    "action": 1,
    "tradeType": 1,
    "execQtyRq": "0.01",
    "execPriceRp": "1271.9",
    "side": 1,
    "orderQtyRq": "0.78",
    "priceRp": "1271.9",
    "execValueRv": "12.719",
    "feeRateRr": "0.0001",
    "execFeeRv": "0.0012719",
    "ordType": 2,
    "execId": "8718cae",
    "execStatus": 6,
}
PX_FUNDING = {**PX_LINEAR, "tradeType": 4, "execId": "8718caf", "execFeeRv": "0.05"}
PX_OLD = {**PX_LINEAR, "createdAt": START - 1, "execId": "1"}
PX_INVERSE = {
    "transactTimeNs": NS,
    "symbol": "BTCUSD",
    "currency": "BTC",
    "action": "New",
    "side": "Buy",
    "tradeType": "Trade",
    "execQty": 5,
    "execPriceEp": 500000000,
    "orderQty": 5,
    "execValueEv": 10000,
    "feeRateEr": 75000,
    "execFeeEv": 21,
    "ordType": "Market",
    "execID": "5eee56a4",
    "orderID": "ee0acb82",
    "execStatus": "TakerFill",
}
PX_LINEAR_ORDER = {
    "createdAt": AT,
    "symbol": "BTCUSDT",
    "orderQtyRq": "2",
    "side": "1",
    "posSide": "3",
    "priceRp": "100",
    "execQtyRq": "0.5",
    "leavesQtyRq": "0",
    "execPriceRp": "0",
    "orderValueRv": "10",
    "cumValueRv": "49.5",
    "ordType": "2",
    "ordStatus": "8",
    "clOrdId": "c",
    "orderId": "4b3b1884",
    "totalPnlRv": None,
    "avgTransactPriceRp": "99",
    "tradeType": "0",
}
PX_SPOT_ORDER = {
    "orderID": "99232c3e",
    "avgPriceEp": 9900000000,
    "baseQtyEv": 200000000,
    "symbol": "sBTCUSDT",
    "side": "Buy",
    "quoteQtyEv": 0,
    "priceEp": 10000000000,
    "ordType": "Limit",
    "timeInForce": "GoodTillCancel",
    "ordStatus": "Canceled",
    "createTimeNs": NS,
    "cumFeeEv": 0,
    "cumBaseValueEv": 50000000,
    "cumQuoteValueEv": 4950000000,
    "feeCurrency": "BTC",
}
PX_INVERSE_ORDER = {
    "orderID": "7a1ad384",
    "clOrdID": "",
    "symbol": "BTCUSD",
    "side": "Buy",
    "actionTimeNs": NS,
    "transactTimeNs": NS,
    "orderType": "Limit",
    "priceEp": 500000000,
    "orderQty": 5,
    "cumQty": 5,
    "cumValueEv": 10000,
    "cumValue": "0.0001",
    "leavesQty": 0,
    "closedPnl": "0",
    "ordStatus": "Filled",
}
PX_DEPOSIT = {
    "id": 29200,
    "currency": "USDT",
    "txHash": "0x0b",
    "address": "0x5b",
    "amountEv": 3000000000,
    "confirmations": 13,
    "type": "Deposit",
    "status": "Success",
    "createdAt": AT,
}
PX_WITHDRAWAL = {
    "id": 7,
    "currency": "BTC",
    "address": "1L",
    "amountEv": 200000,
    "feeEv": 50000,
    "status": "Succeed",
    "txHash": "44e",
    "submitedAt": AT,
    "type": "Withdraw",
}
PX_MOVE = {
    "linkKey": "87c071a3",
    "userId": 1,
    "currency": "BTC",
    "amountEv": 67932,
    "side": 2,
    "status": 10,
    "createTime": AT,
    "bizType": 10,
}
PX_CONVERT = {
    "linkKey": "45c8ed8e",
    "createTime": AT,
    "fromCurrency": "USDT",
    "toCurrency": "BTC",
    "fromAmountEv": 4000000000,
    "toAmountEv": 41511,
    "status": 10,
    "conversionRate": 1037,
    "errorCode": 0,
}
PX_BOUNDS = {"start": START, "end": END, "limit": 200}


def px_symbol(
    data_type: Any,
    scope: str,
    path: str,
    symbol: str,
    market_id: str,
    row: Any,
    makes: Any,
    bare: bool = False,
) -> Case:
    return Case(
        exchange="phemex",
        data_type=data_type,
        scopes=(scope,),
        path=path,
        symbol=symbol,
        makes=makes,
        replies=[
            px([row] if bare else {"total": 1, "rows": [row]}),
            px([] if bare else {"total": 1, "rows": []}),
        ],
        asks=[{**PX_BOUNDS, "symbol": market_id, "offset": None}, {"offset": 1}],
    )


PX_LINEAR_MADE = (
    "8718cae",
    "linear",
    "BTC/USDT:USDT",
    "buy",
    "0.01",
    "1271.9",
    "12.719",
    {"USDT": "0.0012719"},
)
PHEMEX = (
    px_symbol(
        FILLS,
        "spot",
        "/exchange/spot/order/trades",
        "BTC/USDT",
        "sBTCUSDT",
        PX_SPOT,
        [("c6bd8979", "spot", "BTC/USDT", "buy", "0.00103", "9700.56", "9.9915768", {})],
    ),
    px_symbol(
        ORDERS,
        "spot",
        "/api-data/spots/orders",
        "BTC/USDT",
        "sBTCUSDT",
        PX_SPOT_ORDER,
        [("99232c3e", "spot", "BTC/USDT", "buy", "canceled", "2", "0.5", "99")],
        bare=True,
    ),
    px_symbol(
        FILLS,
        "inverse",
        "/exchange/order/trade",
        "BTC/USD:BTC",
        "BTCUSD",
        PX_INVERSE,
        [
            (
                "5eee56a4",
                "inverse",
                "BTC/USD:BTC",
                "buy",
                "0.0001",
                "50000",
                "5",
                {"BTC": "0.00000021"},
            )
        ],
    ),
    px_symbol(
        ORDERS,
        "inverse",
        "/exchange/order/list",
        "BTC/USD:BTC",
        "BTCUSD",
        PX_INVERSE_ORDER,
        [("7a1ad384", "inverse", "BTC/USD:BTC", "buy", "closed", "5", "5", None)],
    ),
    *(
        Case(
            exchange="phemex",
            data_type=FILLS,
            scopes=(f"linear-{settle.lower()}",),
            path="/exchange/order/v2/tradingList",
            replies=[
                px({"total": 9, "rows": [PX_LINEAR, PX_FUNDING]}),
                px({"total": 9, "rows": [PX_OLD]}),
            ],
            asks=[{"currency": settle, "offset": None, "limit": 200, "start": None}, {"offset": 2}],
            makes=[PX_LINEAR_MADE, ("8718caf", "funding", "USDT", "-0.05", None, "ok")],
        )
        for settle in ("USDT", "USDC")
    ),
    *(
        Case(
            exchange="phemex",
            data_type=ORDERS,
            scopes=(f"linear-{settle.lower()}",),
            path="/exchange/order/v2/orderList",
            replies=[px({"total": 9, "rows": [PX_LINEAR_ORDER]}), px({"total": 9, "rows": []})],
            asks=[{"currency": settle, "offset": None}, {"offset": 1}],
            makes=[("4b3b1884", "linear", "BTC/USDT:USDT", "buy", "canceled", "2", "0.5", "99")],
        )
        for settle in ("USDT", "USDC")
    ),
    Case(
        exchange="phemex",
        data_type=TRANSFERS,
        scopes=("deposits",),
        path="/exchange/wallets/depositList",
        replies=[px([PX_DEPOSIT])] * 3,
        asks=[{"offset": None, "limit": 200}, {"offset": 1}, {"offset": 1}],
        makes=[("29200", "deposit", "USDT", "30", None, "ok")],
    ),
    Case(
        exchange="phemex",
        data_type=TRANSFERS,
        scopes=("withdrawals",),
        path="/exchange/wallets/withdrawList",
        replies=[px([PX_WITHDRAWAL]), px([])],
        asks=[{"offset": None}, {"offset": 1}],
        makes=[("7", "withdrawal", "BTC", "0.002", "0.0005 BTC", "ok")],
    ),
    Case(
        exchange="phemex",
        data_type=TRANSFERS,
        scopes=("moves",),
        path="/assets/transfer",
        paths=["/spot/wallets", "/assets/transfer", "/assets/transfer"],
        replies=[
            px([{"currency": "BTC", "balanceEv": 1}]),
            px({"rows": [PX_MOVE]}),
            px({"rows": []}),
        ],
        asks=[{}, {"currency": "BTC", "start": START, "end": END, "offset": None}, {"offset": 1}],
        makes=[("87c071a3", "internal", "BTC", "0.00067932", None, "ok")],
    ),
    Case(
        exchange="phemex",
        data_type=FILLS,
        scopes=("converts",),
        path="/assets/convert",
        replies=[px({"total": 2, "rows": [PX_CONVERT]}), px({"total": 2, "rows": []})],
        asks=[{**MS, "offset": None}, {"offset": 1}],
        makes=[("45c8ed8e", "spot", "BTC/USDT", "buy", "0.00041511", None, "40", {}, "convert")],
    ),
)
PX_POSITION = {
    "symbol": "BTCUSDT",
    "currency": "USDT",
    "side": "Sell",
    "sizeRq": "0.5",
    "avgEntryPriceRp": "40000",
    "markPriceRp": "50000",
    "leverageRr": "5",
    "positionMarginRv": "1",
    "valueRv": "20000",
    "maintMarginReqRr": "0.01",
    "assignedPosBalanceRv": "1",
    "unRealisedPnlRv": "-2.5",
    "posMode": "OneWay",
}
PX_COIN = {
    "symbol": "BTCUSD",
    "currency": "BTC",
    "side": "Buy",
    "size": 100,
    "avgEntryPrice": "40000",
    "markPrice": "50000",
    "leverage": "5",
    "positionMargin": "0.1",
    "value": "0.0025",
    "maintMarginReq": "0.005",
    "assignedPosBalance": "0.1",
}
PHEMEX_MIRRORS = (
    Mirror(
        exchange="phemex",
        what="wallet",
        name="spot",
        path="/spot/wallets",
        makes=[("USDT", "9", "10", False)],
        reply=px(
            [
                {
                    "currency": "USDT",
                    "balanceEv": 1000000000,
                    "lockedTradingBalanceEv": 100000000,
                    "lockedWithdrawEv": 0,
                    "lastUpdateTimeNs": NS,
                    "walletVid": 0,
                }
            ]
        ),
    ),
    *(
        Mirror(
            exchange="phemex",
            what="wallet",
            name=f"futures-{code.lower()}",
            path="/g-accounts/accountPositions",
            asks={"currency": code},
            reply=px(
                {
                    "account": {
                        "currency": code,
                        "accountBalanceRv": "99.93143972",
                        "totalUsedBalanceRv": "0.40456",
                        "bonusBalanceRv": "0",
                    },
                    "positions": [],
                }
            ),
            makes=[(code, None, "99.93143972", False)],
        )
        for code in ("USDT", "USDC")
    ),
    *(
        Mirror(
            exchange="phemex",
            what="wallet",
            name=f"futures-{code.lower()}",
            path="/accounts/accountPositions",
            asks={"currency": code},
            reply=px(
                {
                    "account": {
                        "currency": code,
                        "accountBalanceEv": 1254744,
                        "totalUsedBalanceEv": 0,
                    },
                    "positions": [],
                }
            ),
            makes=[(code, None, "0.01254744", False)],
        )
        for code in ("BTC", "USD")
    ),
    Mirror(
        exchange="phemex",
        what="positions",
        name="linear",
        path="/g-accounts/accountPositions",
        asks={"currency": "USDT"},
        reply=px({"account": {}, "positions": [PX_POSITION]}),
        makes=[("BTC/USDT:USDT", "linear", "short", "0.5", "40000", "-2.5")],
    ),
    Mirror(
        exchange="phemex",
        what="positions",
        name="inverse",
        path="/accounts/accountPositions",
        reply=px({"account": {}, "positions": [PX_COIN, {**PX_COIN, "side": "None", "size": 0}]}),
        makes=[("BTC/USD:BTC", "inverse", "long", "0.002", "40000", "0.0005")],
    ),
    Mirror(
        exchange="phemex",
        what="open_orders",
        name="spot",
        path="/spot/orders",
        symbol="BTC/USDT",
        reply=px(
            [
                {
                    **PX_SPOT_ORDER,
                    "ordStatus": "New",
                    "cumBaseValueEv": 0,
                    "cumQuoteValueEv": 0,
                    "avgPriceEp": 0,
                }
            ]
        ),
        makes=[("99232c3e", "spot", "BTC/USDT", "buy", "open", "2", "0", None)],
    ),
    Mirror(
        exchange="phemex",
        what="open_orders",
        name="linear",
        path="/g-orders/activeList",
        symbol="BTC/USDT:USDT",
        asks={"symbol": "BTCUSDT"},
        reply=px(
            {
                "rows": [
                    {
                        "orderID": "bd72",
                        "symbol": "BTCUSDT",
                        "side": "Buy",
                        "actionTimeNs": NS,
                        "orderType": "Limit",
                        "priceRp": "40",
                        "orderQtyRq": "0.1",
                        "cumQtyRq": "0",
                        "cumValueRv": "0",
                        "leavesQtyRq": "0.1",
                        "closedPnlRv": "0",
                        "ordStatus": "New",
                    }
                ]
            }
        ),
        makes=[("bd72", "linear", "BTC/USDT:USDT", "buy", "open", "0.1", "0", None)],
    ),
    Mirror(
        exchange="phemex",
        what="open_orders",
        name="inverse",
        path="/orders/activeList",
        symbol="BTC/USD:BTC",
        reply=px(
            {
                "rows": [
                    {
                        **PX_INVERSE_ORDER,
                        "ordStatus": "New",
                        "cumQty": 0,
                        "cumValue": "0",
                        "leavesQty": 5,
                    }
                ]
            }
        ),
        makes=[("7a1ad384", "inverse", "BTC/USD:BTC", "buy", "open", "5", "0", None)],
    ),
    Mirror(
        exchange="phemex",
        what="tickers",
        name="spot",
        path="/spot/ticker/24hr/all",
        makes=[("BTC/USDT", "110")],
        reply={
            "error": None,
            "id": 0,
            "result": [
                {
                    "askEp": 11100000000,
                    "bidEp": 10900000000,
                    "highEp": 1,
                    "indexEp": 1,
                    "lastEp": 11000000000,
                    "lowEp": 1,
                    "openEp": 10000000000,
                    "symbol": "sBTCUSDT",
                    "timestamp": NS,
                    "turnoverEv": 1,
                    "volumeEv": 1,
                }
            ],
        },
    ),
)

ALL = (
    ("deribit", DERIBIT, DERIBIT_MIRRORS),
    ("hyperliquid", HYPERLIQUID, HYPERLIQUID_MIRRORS),
    ("bitvavo", BITVAVO, BITVAVO_MIRRORS),
    ("bingx", BINGX, BINGX_MIRRORS),
    ("phemex", PHEMEX, PHEMEX_MIRRORS),
)


@pytest.mark.parametrize(("case", "scope"), each(case for _, cases, _ in ALL for case in cases))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


@pytest.mark.parametrize("case", [case for _, _, mirrors in ALL for case in mirrors], ids=named)
def test_mirrors(case: Mirror) -> None:
    run_mirror(case)


@pytest.mark.parametrize(("exchange", "cases", "mirrors"), ALL)
def test_every_stream_and_mirror_has_a_case(exchange: str, cases: Any, mirrors: Any) -> None:
    assert (uncovered(exchange, cases), unread(exchange, mirrors)) == (set(), set())


def test_hyperliquid_is_read_by_address_and_refuses_a_private_key() -> None:
    with pytest.raises(ConfigError, match="private key"):
        open_stubbed(
            "hyperliquid",
            "http://127.0.0.1:9",
            credentials={"wallet_address": WALLET, "private_key": "0x01"},
        )


def test_hyperliquid_tells_a_mean_of_the_buys_with_the_balance() -> None:
    rows = [
        {"coin": "PURR", "token": 1, "hold": "0", "total": "2000", "entryNtl": "500"},
        {"coin": "USDC", "token": 0, "hold": "0", "total": "10", "entryNtl": "0.0"},
    ]
    with adapter_for("hyperliquid", lambda asked: {"balances": rows}) as (adapter, stub):
        purr, usdc = adapter.balances(adapter.policy.wallets[0])
    (told,) = purr.told_averages

    assert (told.price, told.unit, told.quantity, told.method) == (
        Decimal("0.25"),
        "USDC",
        2000,
        AverageMethod.MOVING,
    )
    assert usdc.told_averages == ()
    assert len(stub.asked) == 1


def test_two_meetings_of_two_orders_and_both_ends_of_a_trade_with_oneself_are_fills_of_their_own() -> (
    None
):
    rows = [
        hl_fill(7, "ETH", side="B", crossed=False),
        hl_fill(7, "ETH"),
        hl_fill(7, "ETH", time=AT + 1),
    ]
    with adapter_for("hyperliquid", lambda asked: rows) as (adapter, _stub):
        made = adapter.page(stream(adapter, FILLS, "fills"), None, DAY, {}).records
    assert len({(item.symbol, item.fill_id) for item in made if isinstance(item, Fill)}) == 3


def test_a_bitvavo_withdrawal_is_the_same_one_before_and_after_it_is_sent() -> None:
    waiting = {key: value for key, value in BV_WITHDRAWAL.items() if key != "txId"}
    replies = iter([[waiting], [], [{**BV_WITHDRAWAL, "status": "completed"}], []])
    with adapter_for("bitvavo", lambda asked: next(replies)) as (adapter, _stub):
        way = stream(adapter, TRANSFERS, "withdrawals")
        (before,), (after,) = (walk(adapter, way, None, DAY)[0].records for _ in range(2))
    assert isinstance(before, Transfer) and isinstance(after, Transfer)
    assert (before.status, after.status, before.key == after.key, after.tx_id) == (
        "pending",
        "ok",
        True,
        "927b",
    )


def test_a_deribit_order_that_rested_since_before_the_window_does_not_end_the_walk() -> None:
    rested = {**DERI_ORDER, "order_id": "1", "creation_timestamp": START - 1}
    behind = {
        **DERI_ORDER,
        "order_id": "3",
        "creation_timestamp": START - 2,
        "last_update_timestamp": START - 1,
    }
    replies = iter([deri([{"currency": "BTC"}]), deri([rested]), deri([DERI_ORDER, behind])])
    with adapter_for("deribit", lambda asked: next(replies)) as (adapter, _stub):
        pages = walk(adapter, stream(adapter, ORDERS, "orders"), None, DAY)
    assert [
        record.order_id for page in pages for record in page.records if isinstance(record, Order)
    ] == ["1", "146062", "3"]


def test_a_delisted_hyperliquid_coin_is_read() -> None:
    with adapter_for("hyperliquid", lambda asked: [hl_fill(1, "FTT")]) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, FILLS, "fills"), None, DAY, {}).records
    assert isinstance(made, Fill) and (made.symbol, made.category) == ("FTT/USDC:USDC", "linear")

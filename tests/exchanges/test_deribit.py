"""Deribit: every history and wallet in its own spelling, and the records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.records import (
    Balance,
    DataType,
    Fee,
    Fill,
    Order,
    OrderStatus,
    Side,
    Transfer,
    TransferKind,
)
from tests.exchanges import scripted
from tests.exchanges.builders import NOW, NOW_MS, adapter_for, stream, walk
from tests.exchanges.cases import Case, HistoryCase, ListCase, WalletCase, check, named, uncovered

DOCS = "https://docs.deribit.com/api-reference"
AT = NOW_MS - 3_600_000
TIME = NOW - timedelta(hours=1)
LATER = TIME + timedelta(milliseconds=1500)
ENVELOPE = {"jsonrpc": "2.0", "usIn": 1, "usOut": 2, "usDiff": 1, "testnet": False}
CURRENCY = {"targets": ["BTC"]}

INVERSE: dict[str, Any] = {
    "category": "inverse",
    "symbol": "BTC/USD:BTC",
    "base": "BTC",
    "quote": "USD",
}
LINEAR: dict[str, Any] = {
    "category": "linear",
    "symbol": "ETH/USDC:USDC",
    "base": "ETH",
    "quote": "USDC",
}
OPTION: dict[str, Any] = {
    "category": "option",
    "symbol": "BTC/USD:BTC-240628-70000-C",
    "base": "BTC",
    "quote": "BTC",  # an expired one is priced in what it settles in, like those that are listed
}

SOLD = Fill(
    account="main",
    **INVERSE,
    fill_id="ETH-34066",
    order_id="ETH-350",
    time=TIME,
    side=Side.SELL,
    quantity=Decimal("0.002"),
    price=Decimal("50000"),
    cost=Decimal("100"),
    fees=(Fee(asset="BTC", amount=Decimal("0.000001")),),
    fees_known=True,
    liquidity="taker",
    settle="BTC",
    contracts=Decimal("10"),
    contract_size=Decimal("10"),
    realised_pnl=Decimal("0.00002"),
)
ORDER = Order(
    account="main",
    **INVERSE,
    order_id="146062",
    client_order_id=None,
    created_at=TIME,
    updated_at=LATER,
    side=Side.BUY,
    type="limit",
    status=OrderStatus.CANCELED,
    price=Decimal("50000"),
    average=Decimal("49900"),
    amount=Decimal("10"),
    filled=Decimal("5"),
    cost=Decimal("50"),
    reduce_only=None,
    fetched_at=NOW,
)
ORDER_ROW: dict[str, Any] = {
    "time_in_force": "good_til_cancelled",
    "reduce_only": False,
    "price": "50000",
    "post_only": True,
    "order_type": "limit",
    "order_state": "cancelled",
    "order_id": "146062",
    "max_show": 40,
    "last_update_timestamp": AT + 1500,
    "label": "",
    "is_liquidation": False,
    "instrument_name": "BTC-PERPETUAL",
    "filled_amount": "50",
    "direction": "buy",
    "creation_timestamp": AT,
    "commission": "0.0001",
    "average_price": "49900",
    "api": False,
    "amount": "100",
}
OTHER_ROW = {
    **ORDER_ROW,
    "price": "3100",
    "order_type": "market",
    "order_state": "filled",
    "order_id": "146063",
    "last_update_timestamp": AT + 3000,
    "instrument_name": "ETH_USDC-PERPETUAL",
    "filled_amount": "0.5",
    "direction": "sell",
    "creation_timestamp": AT + 1500,
    "average_price": "3000",
    "amount": "0.5",
}
OTHER_ORDER = replace(
    ORDER,
    **LINEAR,
    order_id="146063",
    created_at=LATER,
    updated_at=TIME + timedelta(seconds=3),
    side=Side.SELL,
    type="market",
    status=OrderStatus.CLOSED,
    price=None,
    average=Decimal("3000"),
    amount=Decimal("500"),
    filled=Decimal("500"),
    cost=Decimal("1500"),
)
OPEN_ROWS = [
    {**ORDER_ROW, "order_id": name, "order_state": "open", "instrument_name": market}
    for name, market in (
        ("1", "BTC-PERPETUAL"),
        ("2", "ETH_USDC-PERPETUAL"),
        ("3", "BTC_USDC"),
        ("4", "BTC-28JUN24-70000-C"),
    )
]
OPEN = replace(ORDER, status=OrderStatus.OPEN)

MOVE = Transfer(
    account="main",
    scope="deposits",
    transfer_id="230669110fdaf0a0dbcdc079b6b8b43d5af29cc73683835b9bc6b3406c065fda",
    kind=TransferKind.DEPOSIT,
    time=TIME,
    asset="BTC",
    quantity=Decimal("5.5"),
    status="ok",
    tx_id="230669110fdaf0a0dbcdc079b6b8b43d5af29cc73683835b9bc6b3406c065fda",
)
OUT = replace(
    MOVE,
    scope="withdrawals",
    transfer_id="1",
    kind=TransferKind.WITHDRAWAL,
    quantity=Decimal("0.5"),
    fee=Fee(asset="BTC", amount=Decimal("0.0001")),
    tx_id="ab1",
)
SENT = Transfer(
    account="main",
    scope="transfers",
    transfer_id="2",
    kind=TransferKind.WITHDRAWAL,
    time=TIME,
    asset="BTC",
    quantity=Decimal("0.2"),
    status="ok",
    from_wallet="deribit",
)
PAID = Transfer(
    account="main",
    scope="log",
    transfer_id="10",
    kind=TransferKind.FUNDING,
    time=TIME,
    asset="BTC",
    quantity=Decimal("-0.0001"),
    symbol="BTC/USD:BTC",
    word="settlement",
)
KINDS = {
    "correction": TransferKind.ADJUSTMENT,
    "swap": TransferKind.SUBSCRIPTION,
    "negative_balance_fee": TransferKind.FEE,
    "invented": TransferKind.UNCLASSIFIED,
}


def history(data_type: DataType, scope: str, rows: Any, records: Any, **more: Any) -> HistoryCase:
    return HistoryCase(
        exchange="deribit",
        data_type=data_type,
        scope=scope,
        rows=rows,
        records=records,
        cursor=CURRENCY,
        **{"answer": ENVELOPE, **more},
    )


CASES: tuple[Case, ...] = (
    history(
        DataType.FILLS,
        "trades",
        [
            {
                "trade_seq": 1,
                "trade_id": "ETH-34066",
                "timestamp": AT,
                "tick_direction": 1,
                "state": "filled",
                "price": "50000",
                "order_type": "limit",
                "order_id": "ETH-350",
                "mark_price": "50001",
                "liquidity": "T",
                "instrument_name": "BTC-PERPETUAL",
                "index_price": "50002",
                "fee_currency": "BTC",
                "fee": "0.000001",
                "direction": "sell",
                "amount": "100",
                "profit_loss": "0.00002",
            },
            {
                "trade_seq": 2,
                "trade_id": "ETH_USDC-9",
                "timestamp": AT + 1500,
                "tick_direction": 2,
                "state": "filled",
                "price": "3000",
                "order_type": "market",
                "order_id": "ETH_USDC-10",
                "mark_price": "3001",
                "liquidity": "M",
                "instrument_name": "ETH_USDC-PERPETUAL",
                "index_price": "3002",
                "fee_currency": "USDC",
                "fee": "-0.1",
                "direction": "buy",
                "amount": "0.5",
                "profit_loss": "-7.5",
            },
        ],
        [
            SOLD,
            replace(
                SOLD,
                **LINEAR,
                fill_id="ETH_USDC-9",
                order_id="ETH_USDC-10",
                time=LATER,
                side=Side.BUY,
                quantity=Decimal("0.5"),
                price=Decimal("3000"),
                cost=Decimal("1500"),
                fees=(Fee(asset="USDC", amount=Decimal("-0.1")),),
                liquidity="maker",
                settle="USDC",
                contracts=Decimal("500"),
                contract_size=Decimal("0.001"),
                realised_pnl=Decimal("-7.5"),
            ),
        ],
        also=("trades-recent",),
        source=f"{DOCS}/trading/private-get_user_trades_by_currency_and_time",
    ),
    history(
        DataType.ORDERS,
        "orders",
        [ORDER_ROW, OTHER_ROW],
        [ORDER, OTHER_ORDER],
        source=f"{DOCS}/trading/private-get_order_history_by_currency",
    ),
    history(
        DataType.TRANSFERS,
        "deposits",
        [
            {
                "address": "2N35qDKDY22zmJq9eSyiAerMD4enJ1xx6ax",
                "amount": "5.5",
                "currency": "BTC",
                "received_timestamp": AT,
                "state": "completed",
                "transaction_id": MOVE.tx_id,
                "updated_timestamp": AT + 7,
            },
            {  # not on the chain yet
                "address": "0xb1",
                "amount": "7.25",
                "currency": "ETH",
                "received_timestamp": AT + 1500,
                "state": "pending",
                "transaction_id": None,
                "updated_timestamp": None,
            },
        ],
        [
            MOVE,
            replace(
                MOVE,
                transfer_id=str(AT + 1500),
                time=LATER,
                asset="ETH",
                quantity=Decimal("7.25"),
                status="pending",
                tx_id=None,
            ),
        ],
        source=f"{DOCS}/wallet/private-get_deposits",
    ),
    history(
        DataType.TRANSFERS,
        "withdrawals",
        [
            {
                "address": "2N",
                "amount": "0.5",
                "confirmed_timestamp": AT + 9,
                "created_timestamp": AT,
                "currency": "BTC",
                "fee": "0.0001",
                "id": 1,
                "priority": "0.15",
                "state": "completed",
                "transaction_id": "ab1",
                "updated_timestamp": AT + 10,
            },
            {
                "address": "0xb1",
                "amount": "3",
                "confirmed_timestamp": None,
                "created_timestamp": AT + 1500,
                "currency": "ETH",
                "fee": "0.002",
                "id": 3,
                "priority": "0.3",
                "state": "unconfirmed",
                "transaction_id": "ab2",
                "updated_timestamp": AT + 1510,
            },
        ],
        [
            OUT,
            replace(
                OUT,
                transfer_id="3",
                time=LATER,
                asset="ETH",
                quantity=Decimal("3"),
                fee=Fee(asset="ETH", amount=Decimal("0.002")),
                status="pending",
                tx_id="ab2",
            ),
        ],
        source=f"{DOCS}/wallet/private-get_withdrawals",
    ),
    history(
        DataType.TRANSFERS,
        "transfers",
        [
            {
                "amount": "0.2",
                "created_timestamp": AT,
                "currency": "BTC",
                "direction": "payment",
                "id": 2,
                "other_side": "new_user_1_1",
                "state": "confirmed",
                "type": "subaccount",
                "updated_timestamp": AT + 1,
            },
            {
                "amount": "0.3",
                "created_timestamp": AT + 1500,
                "currency": "ETH",
                "direction": "income",
                "id": 5,
                "other_side": "0x4aa0",
                "state": "cancelled",
                "type": "user",
                "updated_timestamp": AT + 1501,
            },
            {
                "amount": "0.4",
                "created_timestamp": AT + 1500,
                "currency": "USDC",
                "direction": "income",
                "id": 6,
                "other_side": "0x4aa0",
                "state": "a_word_to_come",
                "type": "user",
                "updated_timestamp": AT + 1501,
            },
        ],
        [
            SENT,
            replace(
                SENT,
                transfer_id="5",
                kind=TransferKind.DEPOSIT,
                time=LATER,
                asset="ETH",
                quantity=Decimal("0.3"),
                status="canceled",
                from_wallet=None,
                to_wallet="deribit",
            ),
            replace(
                SENT,
                transfer_id="6",
                kind=TransferKind.DEPOSIT,
                time=LATER,
                asset="USDC",
                quantity=Decimal("0.4"),
                status="pending",
                from_wallet=None,
                to_wallet="deribit",
            ),
        ],
        source=f"{DOCS}/wallet/private-get_transfers",
    ),
    history(
        DataType.TRANSFERS,
        "log",
        [
            {
                "id": 10,
                "type": "settlement",
                "currency": "BTC",
                "change": "-0.002",
                "interest_pl": "-0.0001",
                "instrument_name": "BTC-PERPETUAL",
                "timestamp": AT,
            },
            {  # its fill is among the fills
                "id": 11,
                "type": "trade",
                "currency": "BTC",
                "change": "-0.1",
                "instrument_name": "BTC-PERPETUAL",
                "timestamp": AT,
            },
            {"id": 12, "type": "usdc_reward", "currency": "USDC", "change": "1.5", "timestamp": AT},
            {
                "id": 14,
                "type": "delivery",
                "currency": "ETH",
                "change": "0.0125",
                "interest_pl": "3",
                "instrument_name": "BTC-28JUN24-70000-C",
                "timestamp": AT + 1500,
            },
            *(
                {"id": at, "type": word, "currency": "BTC", "change": "-2", "timestamp": AT}
                for at, word in enumerate(KINDS, start=15)
            ),
        ],
        [
            PAID,
            replace(
                PAID,
                transfer_id="12",
                kind=TransferKind.REWARD,
                asset="USDC",
                quantity=Decimal("1.5"),
                symbol=None,
                word="usdc_reward",
            ),
            replace(
                PAID,
                transfer_id="14",
                word="delivery",
                kind=TransferKind.SETTLEMENT,
                time=LATER,
                asset="ETH",
                quantity=Decimal("0.0125"),
                symbol="BTC/USD:BTC-240628-70000-C",
            ),
            *(
                replace(
                    PAID,
                    transfer_id=str(at),
                    kind=kind,
                    quantity=Decimal("-2"),
                    symbol=None,
                    word=word,
                )
                for at, (word, kind) in enumerate(KINDS.items(), start=15)
            ),
        ],
        answer={**ENVELOPE, "result": {"continuation": None}},
        source=f"{DOCS}/account-management/private-get_transaction_log",
    ),
    WalletCase(
        exchange="deribit",
        wallet="trading",
        source=f"{DOCS}/account-management/private-get_account_summaries",
        answer={
            **ENVELOPE,
            "result": {
                "id": 1,
                "summaries": [
                    {
                        "currency": code,
                        "available_funds": free,
                        "maintenance_margin": used,
                        "equity": total,
                        "balance": "1.4",
                    }
                    for code, free, used, total in (
                        ("BTC", "1", "0.25", "1.5"),
                        ("ETH", "-2", "0.5", "-1.25"),
                    )
                ],
            },
        },
        balances=[
            Balance(
                account="main",
                wallet="trading",
                code=code,
                asset=code,
                free=Decimal(free),
                used=Decimal(used),
                total=Decimal(total),
                includes_unrealised=True,
                fetched_at=NOW,
            )
            for code, free, used, total in (
                ("BTC", "1", "0.25", "1.5"),
                ("ETH", "-2", "0.5", "-1.25"),
            )
        ],
    ),
    *(
        ListCase(
            exchange="deribit",
            what="open_orders",
            category=category,
            source=f"{DOCS}/trading/private-get_open_orders",
            answer={**ENVELOPE, "result": OPEN_ROWS},
            records=[record],
        )
        for category, record in (
            ("inverse", replace(OPEN, order_id="1")),
            (
                "linear",
                replace(
                    OPEN,
                    **LINEAR,
                    order_id="2",
                    amount=Decimal("100000"),
                    filled=Decimal("50000"),
                    cost=Decimal("2495000"),
                ),
            ),
            (
                "spot",
                replace(
                    OPEN,
                    category="spot",
                    symbol="BTC/USDC",
                    quote="USDC",
                    order_id="3",
                    amount=Decimal("100"),
                    filled=Decimal("50"),
                    cost=Decimal("2495000"),
                ),
            ),
            (
                "option",
                replace(
                    OPEN,
                    **OPTION,
                    order_id="4",
                    amount=Decimal("100"),
                    filled=Decimal("50"),
                    cost=Decimal("2495000"),
                ),
            ),
        )
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_everything_that_is_read_has_a_case() -> None:
    assert uncovered(policy_for("deribit"), CASES) == set()


# --- what is asked --------------------------------------------------------------------------------


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
SPAN = {"start_timestamp": scripted.START, "end_timestamp": scripted.END}


def deri_fanned(
    data_type: Any, scope: str, path: str, row: Any, makes: Any, wrap: Any, first: Any, second: Any
) -> scripted.Case:
    return scripted.Case(
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


def deri_data(*rows: Any, count: int) -> dict[str, Any]:
    return deri({"count": count, "data": list(rows)})


def deri_first_of_two(*rows: Any) -> dict[str, Any]:
    """The second row is withdrawn while the first is read, so that its page is empty."""
    return deri_data(*rows, count=2 if rows else 0)


WALKS = (
    *(
        scripted.Case(
            exchange="deribit",
            data_type=DataType.FILLS,
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
                {"currency": "BTC", "start_timestamp": AT, "end_timestamp": scripted.END},
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
        DataType.ORDERS,
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
        DataType.TRANSFERS,
        "deposits",
        "/private/get_deposits",
        DERI_DEPOSIT,
        [("230669", "deposit", "BTC", "5", None, "ok")],
        deri_first_of_two,
        {"offset": None},
        {"offset": 1},
    ),
    deri_fanned(
        DataType.TRANSFERS,
        "withdrawals",
        "/private/get_withdrawals",
        DERI_WITHDRAWAL,
        [("1", "withdrawal", "BTC", "0.5", "0.0001 BTC", "ok")],
        deri_first_of_two,
        {"count": 1000},
        {"offset": 1},
    ),
    deri_fanned(
        DataType.TRANSFERS,
        "transfers",
        "/private/get_transfers",
        DERI_TRANSFER,
        [("2", "withdrawal", "BTC", "0.2", None, "ok")],
        deri_first_of_two,
        {"count": 1000},
        {"offset": 1},
    ),
    scripted.Case(
        exchange="deribit",
        data_type=DataType.TRANSFERS,
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
            ("13", "adjustment", "BTC", "-0.5", None, "ok"),
            ("14", "settlement", "BTC", "0.0125", None, "ok"),
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
MIRRORS = (
    scripted.Mirror(
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
        scripted.Mirror(
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
        scripted.Mirror(
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
    scripted.Mirror(
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


@pytest.mark.parametrize(("case", "scope"), scripted.each(WALKS))
def test_pages_are_asked_as_documented(case: scripted.Case, scope: str) -> None:
    scripted.run_stream(case, scope)


@pytest.mark.parametrize("case", MIRRORS, ids=scripted.named)
def test_what_is_true_now_is_asked_as_documented(case: scripted.Mirror) -> None:
    scripted.run_mirror(case)


def test_every_history_wallet_and_list_is_asked_for() -> None:
    assert scripted.uncovered("deribit", WALKS) == set()
    assert scripted.unread("deribit", MIRRORS) == set()


def test_a_deribit_order_that_rested_since_before_the_window_does_not_end_the_walk() -> None:
    rested = {**DERI_ORDER, "order_id": "1", "creation_timestamp": scripted.START - 1}
    behind = {
        **DERI_ORDER,
        "order_id": "3",
        "creation_timestamp": scripted.START - 2,
        "last_update_timestamp": scripted.START - 1,
    }
    replies = iter([deri([{"currency": "BTC"}]), deri([rested]), deri([DERI_ORDER, behind])])
    with adapter_for("deribit", lambda asked: next(replies)) as (adapter, _stub):
        pages = walk(adapter, stream(adapter, DataType.ORDERS, "orders"), None, scripted.DAY)
    assert [
        record.order_id for page in pages for record in page.records if isinstance(record, Order)
    ] == ["1", "146062", "3"]

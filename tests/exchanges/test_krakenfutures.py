"""Kraken Futures: histories, wallets and open orders in its own spelling, the records by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.exchanges import policy_for
from exchange_cache.records import (
    Balance,
    DataType,
    Fill,
    FillKind,
    Order,
    OrderStatus,
    Side,
    Transfer,
    TransferKind,
)
from tests.exchanges.builders import NOW
from tests.exchanges.cases import (
    Case,
    HistoryCase,
    ListCase,
    WalletCase,
    check,
    named,
    uncovered,
)

DOCS = "https://docs.kraken.com/api/docs/futures-api"

FIRST_MS, FIRST = 1748721600250, datetime(2025, 5, 31, 20, 0, 0, 250_000, tzinfo=UTC)
SECOND_MS, SECOND = 1748721661500, datetime(2025, 5, 31, 20, 1, 1, 500_000, tzinfo=UTC)
THIRD_MS, THIRD = 1748725323750, datetime(2025, 5, 31, 21, 2, 3, 750_000, tzinfo=UTC)
FIRST_ISO, SECOND_ISO = "2025-05-31T20:00:00.250Z", "2025-05-31T20:01:01.500Z"
THIRD_ISO = "2025-05-31T21:02:03.750Z"

# --- fills ----------------------------------------------------------------------------------------

BOUGHT = Fill(
    account="main",
    category="linear",
    symbol="BTC/USD:USD",
    fill_id="3d57ed09-fbd6-44f1-8e8b-b10e551c5e73",
    order_id="693af756-055e-47ef-99d5-bcf4c456ebc5",
    time=FIRST,
    side=Side.BUY,
    base="BTC",
    quote="USD",
    quantity=Decimal("0.05"),
    price=Decimal("40000.5"),
    cost=Decimal("2000.025"),
    liquidity="maker",
    settle="USD",
    contracts=Decimal("0.05"),
    contract_size=Decimal("1"),
)
LIQUIDITY = {"takerAfterEdit": "taker", "liquidation": None}
FILLS = HistoryCase(
    exchange="krakenfutures",
    data_type=DataType.FILLS,
    scope="fills",
    source=f"{DOCS}/trading/get-fills",
    answer={"result": "success", "serverTime": FIRST_ISO},
    rows=[
        {
            "fill_id": BOUGHT.fill_id,
            "symbol": "PF_XBTUSD",
            "side": "buy",
            "order_id": BOUGHT.order_id,
            "size": 0.05,
            "price": 40000.5,
            "fillTime": FIRST_ISO,
            "fillType": "maker",
        },
        {
            "fill_id": "56b86ada-73b0-454d-a95a-e29e3e85b349",
            "symbol": "pi_xbtusd",
            "side": "sell",
            "order_id": "3f513c4c-683d-44ab-a73b-d296abbea201",
            "size": 1000,
            "price": 50000,
            "fillTime": SECOND_ISO,
            "fillType": "taker",
        },
        *(
            {
                "fill_id": word,
                "symbol": "PF_XBTUSD",
                "side": "buy",
                "order_id": BOUGHT.order_id,
                "size": 0.05,
                "price": 40000.5,
                "fillTime": FIRST_ISO,
                "fillType": word,
            }
            for word in LIQUIDITY
        ),
    ],
    records=[
        BOUGHT,
        replace(
            BOUGHT,
            category="inverse",
            symbol="BTC/USD:BTC",
            fill_id="56b86ada-73b0-454d-a95a-e29e3e85b349",
            order_id="3f513c4c-683d-44ab-a73b-d296abbea201",
            time=SECOND,
            side=Side.SELL,
            quantity=Decimal("0.02"),
            price=Decimal("50000"),
            cost=Decimal("1000"),
            liquidity="taker",
            settle="BTC",
            contracts=Decimal("1000"),
        ),
        *(
            replace(BOUGHT, fill_id=word, liquidity=liquidity)
            for word, liquidity in LIQUIDITY.items()
        ),
    ],
)

# --- orders ---------------------------------------------------------------------------------------


def placed(uid: str, **fields: Any) -> dict[str, Any]:
    return {
        "uid": uid,
        "accountUid": "f7d5571c-6d10-4cf1-944a-048d25682ed0",
        "tradeable": "PF_XBTUSD",
        "direction": "Buy",
        "quantity": "2",
        "filled": "0.5",
        "timestamp": FIRST_MS,
        "limitPrice": "40000.5",
        "orderType": "Post",
        "clientId": "mine-1",
        "reduceOnly": False,
        "lastUpdateTimestamp": SECOND_MS,
        **fields,
    }


CANCELED = Order(
    account="main",
    category="linear",
    symbol="BTC/USD:USD",
    order_id="2ceb1d31-f619-457b-870c-fd4ddbb10d45",
    client_order_id="mine-1",
    created_at=FIRST,
    updated_at=SECOND,
    side=Side.BUY,
    type="limit",
    status=OrderStatus.CANCELED,
    base="BTC",
    quote="USD",
    price=Decimal("40000.5"),
    average=None,
    amount=Decimal("2"),
    filled=Decimal("0.5"),
    cost=None,
    reduce_only=False,
    fetched_at=NOW,
)
FILLED = replace(
    CANCELED,
    category="inverse",
    symbol="BTC/USD:BTC",
    order_id="35a8f9ad-3b5c-4a8d-9f0c-0f0e0f0e0f0e",
    client_order_id="mine-2",
    created_at=SECOND,
    updated_at=THIRD,
    side=Side.SELL,
    type="market",
    status=OrderStatus.CLOSED,
    price=None,
    amount=Decimal("1000"),
    filled=Decimal("1000"),
    reduce_only=True,
)
SECOND_ORDER = {
    "tradeable": "pi_xbtusd",
    "direction": "Sell",
    "quantity": "1000",
    "filled": "1000",
    "timestamp": SECOND_MS,
    "limitPrice": "1",
    "orderType": "Mkt",
    "clientId": "mine-2",
    "reduceOnly": True,
    "lastUpdateTimestamp": THIRD_MS,
}
TYPES = {"lmt": "limit", "limit": "limit", "ioc": "limit", "market": "market", "stop": "stop"}
EVENTS: tuple[dict[str, Any], ...] = (
    {"OrderPlaced": {"order": placed("o0"), "reason": "new_user_order"}},
    {
        "OrderUpdated": {
            "oldOrder": placed("o0"),
            "newOrder": placed("o0"),
            "reason": "partial_fill",
        }
    },
    {"OrderCancelled": {"order": placed(CANCELED.order_id), "reason": "cancelled_by_user"}},
    {
        "OrderUpdated": {
            "oldOrder": placed("o1"),
            "newOrder": placed(FILLED.order_id, **SECOND_ORDER),
            "reason": "full_fill",
        }
    },
    *(
        {"OrderRejected": {"order": placed(word, orderType=word), "reason": "would_not_reduce"}}
        for word in TYPES
    ),
)
ORDERS = HistoryCase(
    exchange="krakenfutures",
    data_type=DataType.ORDERS,
    scope="orders",
    source=f"{DOCS}/history/get-order-events",
    answer={"accountUid": "f7d5571c-6d10-4cf1-944a-048d25682ed0", "len": len(EVENTS)},
    rows=[
        {"uid": f"e{at}", "timestamp": THIRD_MS, "event": event} for at, event in enumerate(EVENTS)
    ],
    records=[
        CANCELED,
        FILLED,
        *(
            replace(
                CANCELED,
                order_id=word,
                type=kind,
                status=OrderStatus.REJECTED,
                price=None if kind == "market" else CANCELED.price,
            )
            for word, kind in TYPES.items()
        ),
    ],
)

OPEN_ROWS = [
    {
        "order_id": "59302619-41d2-4f0b-941f-7e7914760ad3",
        "symbol": "PF_XBTUSD",
        "side": "buy",
        "orderType": "lmt",
        "limitPrice": 40000.5,
        "unfilledSize": 1.5,
        "receivedTime": FIRST_ISO,
        "status": "partiallyFilled",
        "filledSize": 0.5,
        "reduceOnly": False,
        "lastUpdateTime": SECOND_ISO,
        "cliOrdId": "mine-1",
    },
    {
        "order_id": "022774bc-2c4a-4f26-9317-436c8d85746d",
        "symbol": "pf_xbtusd",
        "side": "sell",
        "orderType": "stop",
        "limitPrice": 47000,
        "unfilledSize": 0.75,
        "receivedTime": SECOND_ISO,
        "status": "untouched",
        "filledSize": 0.25,
        "reduceOnly": True,
        "lastUpdateTime": THIRD_ISO,
        "cliOrdId": "mine-2",
    },
    {
        "order_id": "179f9af8-e45e-469d-b3e9-2fd4675cb7d0",
        "symbol": "PI_XBTUSD",
        "side": "buy",
        "orderType": "lmt",
        "limitPrice": 40000.5,
        "unfilledSize": 900,
        "receivedTime": FIRST_ISO,
        "status": "partiallyFilled",
        "filledSize": 100,
        "reduceOnly": False,
        "lastUpdateTime": SECOND_ISO,
        "cliOrdId": "mine-1",
    },
]
OPEN = replace(CANCELED, order_id="59302619-41d2-4f0b-941f-7e7914760ad3", status=OrderStatus.OPEN)
OPEN_ORDERS = {
    "linear": [
        OPEN,
        replace(
            OPEN,
            order_id="022774bc-2c4a-4f26-9317-436c8d85746d",
            client_order_id="mine-2",
            created_at=SECOND,
            updated_at=THIRD,
            side=Side.SELL,
            type="stop",
            price=Decimal("47000"),
            amount=Decimal("1"),
            filled=Decimal("0.25"),
            reduce_only=True,
        ),
    ],
    "inverse": [
        replace(
            OPEN,
            category="inverse",
            symbol="BTC/USD:BTC",
            order_id="179f9af8-e45e-469d-b3e9-2fd4675cb7d0",
            amount=Decimal("1000"),
            filled=Decimal("100"),
        )
    ],
}

# --- account log ----------------------------------------------------------------------------------


def entry(number: int, info: str, **fields: Any) -> dict[str, Any]:
    return {
        "asset": "usd",
        "booking_uid": "86fd34bb-9a8e-4a5e-8a8f-0d2a4b8b7f5f",
        "collateral": None,
        "contract": "pf_xbtusd",
        "date": FIRST_ISO,
        "execution": None,
        "fee": None,
        "funding_rate": None,
        "id": number,
        "info": info,
        "liquidation_fee": None,
        "margin_account": "flex",
        "mark_price": None,
        "new_balance": 10,
        "old_balance": 8,
        "realized_funding": None,
        "realized_pnl": None,
        "trade_price": None,
        **fields,
    }


def without(row: dict[str, Any], field: str) -> dict[str, Any]:
    """A row as it was before the field was added."""
    return {name: value for name, value in row.items() if name != field}


FEE = Transfer(
    account="main",
    scope="log",
    transfer_id="9:fee",
    kind=TransferKind.FEE,
    time=FIRST,
    asset="USD",
    quantity=Decimal("-0.0035"),
    symbol="BTC/USD:USD",
    word="futures trade",
    reference="86fd34bb-9a8e-4a5e-8a8f-0d2a4b8b7f5f",
)
MOVED = replace(
    FEE,
    transfer_id="20",
    kind=TransferKind.INTERNAL,
    quantity=Decimal("2"),
    from_wallet="spot",
    to_wallet="linear",
    symbol=None,
    word="cross-exchange transfer",
)
OTHER = replace(
    MOVED, kind=TransferKind.UNCLASSIFIED, from_wallet=None, to_wallet=None, word="invented"
)
COIN = {"asset": "xbt", "contract": "pi_xbtusd", "date": SECOND_ISO}


def coin(
    name: str, kind: TransferKind, quantity: str, word: str = "futures liquidation"
) -> Transfer:
    return replace(
        FEE,
        transfer_id=name,
        kind=kind,
        word=word,
        time=SECOND,
        asset="BTC",
        quantity=Decimal(quantity),
        symbol="BTC/USD:BTC",
    )


LOG = HistoryCase(
    exchange="krakenfutures",
    data_type=DataType.TRANSFERS,
    scope="log",
    source=f"{DOCS}/history/account-log",
    answer={"accountUid": "f7d5571c-6d10-4cf1-944a-048d25682ed0"},
    rows=[
        entry(9, "futures trade", fee=0.0035, realized_pnl=-0.0042),
        entry(10, "futures trade", asset="pf_xbtusd", fee=0.0035),
        entry(
            11,
            "futures liquidation",
            **COIN,
            fee=0.5,
            liquidation_fee=1.5,
            realized_funding=-0.25,
            realized_pnl=-3,
        ),
        entry(12, "futures assignor", fee=0.25),
        entry(13, "futures unwind counterparty", fee=0.25),
        entry(14, "settlement", fee=0.25),
        entry(15, "funding rate change", realized_funding=-0.0002),
        entry(16, "funding rate change", **COIN, realized_funding=0.0001),
        entry(20, "cross-exchange transfer", contract=None),
        entry(21, "transfer", contract=None, new_balance=5),
        entry(22, "interest payment", contract=None, new_balance=7.75),
        entry(23, "invented", contract=None, new_balance=12.5, date=THIRD_ISO),
        entry(24, "invented", contract=None, fee=0.5, liquidation_fee=0.25, realized_funding=1),
        without(entry(25, "invented", contract=None, new_balance=8), "liquidation_fee"),
    ],
    records=[
        FEE,
        coin("11:fee", TransferKind.FEE, "-0.5"),
        coin("11:liquidation", TransferKind.FEE, "-1.5"),
        coin("11:funding", TransferKind.FUNDING, "-0.25"),
        *(
            replace(FEE, transfer_id=f"{number}:fee", quantity=Decimal("-0.25"), word=word)
            for number, word in (
                (12, "futures assignor"),
                (13, "futures unwind counterparty"),
                (14, "settlement"),
            )
        ),
        # what the expired contract paid, before the fee
        replace(
            FEE,
            transfer_id="14",
            kind=TransferKind.SETTLEMENT,
            quantity=Decimal("2.25"),
            word="settlement",
        ),
        replace(
            FEE,
            transfer_id="15",
            kind=TransferKind.FUNDING,
            quantity=Decimal("-0.0002"),
            word="funding rate change",
        ),
        coin("16", TransferKind.FUNDING, "0.0001", "funding rate change"),
        MOVED,
        replace(
            MOVED,
            transfer_id="21",
            quantity=Decimal("3"),
            from_wallet="linear",
            to_wallet=None,
            word="transfer",
        ),
        replace(
            OTHER,
            transfer_id="22",
            kind=TransferKind.INTEREST,
            quantity=Decimal("-0.25"),
            word="interest payment",
        ),
        replace(OTHER, transfer_id="23", quantity=Decimal("4.5"), time=THIRD),
        *(
            replace(OTHER, transfer_id=f"24:{part}", kind=kind, quantity=Decimal(quantity))
            for part, kind, quantity in (
                ("fee", TransferKind.FEE, "-0.5"),
                ("liquidation", TransferKind.FEE, "-0.25"),
                ("funding", TransferKind.FUNDING, "1"),
            )
        ),
        # of the change of 2, 1 is funding, and 0.75 was paid in fees
        replace(OTHER, transfer_id="24", quantity=Decimal("1.75")),
    ],
)

CONVERT = Fill(
    account="main",
    category="spot",
    symbol="BTC/USD",
    fill_id="30",
    order_id=None,
    time=FIRST,
    side=Side.BUY,
    base="BTC",
    quote="USD",
    quantity=Decimal("0.00008"),
    price=Decimal("50000"),
    cost=Decimal("4"),
    kind=FillKind.CONVERT,
)
CONVERSIONS = HistoryCase(
    exchange="krakenfutures",
    data_type=DataType.TRANSFERS,
    scope="log",
    source=f"{DOCS}/history/account-log",
    rows=[
        entry(30, "conversion", contract=None, old_balance=9, new_balance=5),
        entry(
            31, "conversion", contract=None, asset="xbt", old_balance=0.25, new_balance=0.25008
        ),
        entry(
            32, "conversion", contract=None, asset="eth", old_balance=3, new_balance=1,
            date=SECOND_ISO,
        ),
        entry(
            33, "conversion", contract=None, old_balance=1, new_balance=6001, date=SECOND_ISO
        ),
        entry(34, "conversion", contract=None, date=THIRD_ISO),
        entry(35, "conversion", contract=None, new_balance=6, date=THIRD_ISO),
    ],
    records=[
        CONVERT,
        replace(
            CONVERT,
            symbol="ETH/USD",
            fill_id="32",
            time=SECOND,
            side=Side.SELL,
            base="ETH",
            quantity=Decimal("2"),
            price=Decimal("3000"),
            cost=Decimal("6000"),
        ),
        replace(
            OTHER,
            transfer_id="34",
            kind=TransferKind.SUBSCRIPTION,
            quantity=Decimal("2"),
            time=THIRD,
            word="conversion",
        ),
        replace(
            OTHER,
            transfer_id="35",
            kind=TransferKind.SUBSCRIPTION,
            quantity=Decimal("-2"),
            time=THIRD,
            word="conversion",
        ),
    ],
)  # fmt: skip

# --- wallets --------------------------------------------------------------------------------------

ACCOUNTS = {
    "result": "success",
    "serverTime": FIRST_ISO,
    "accounts": {
        "flex": {
            "type": "multiCollateralMarginAccount",
            "currencies": {
                "XBT": {"quantity": "0.125", "value": "40", "collateral": "3", "available": "0.1"},
                "USD": {"quantity": "500.5", "value": "500", "collateral": "4", "available": "400"},
            },
            "balanceValue": "4500",
        },
        "cash": {"type": "cashAccount", "balances": {"eth": "2.5", "xbt": "141.25"}},
        "fi_xbtusd": {
            "type": "marginAccount",
            "currency": "xbt",
            "balances": {"xbt": "0.25", "fi_xbtusd_180615": "50"},
            "auxiliary": {"pv": "0.25"},
        },
        "fi_ethusd": {"type": "marginAccount", "currency": "eth", "balances": {"eth": "1.5"}},
        "fi_ethxbt": {"type": "marginAccount", "currency": "xbt", "balances": {"xbt": "0.5"}},
    },
}  # fmt: skip


def wallet(name: str, *figures: tuple[str, str | None, str]) -> Case:
    return WalletCase(
        exchange="krakenfutures",
        wallet=f"futures-{name}",
        source=f"{DOCS}/trading/get-accounts",
        answer=ACCOUNTS,
        balances=[
            Balance(
                account="main",
                wallet=f"futures-{name}",
                code=code,
                asset=code,
                free=None if free is None else Decimal(free),
                used=None,
                total=Decimal(total),
                fetched_at=NOW,
            )
            for code, free, total in figures
        ],
    )


CASES: tuple[Case, ...] = (
    FILLS,
    ORDERS,
    LOG,
    CONVERSIONS,
    wallet("flex", ("BTC", "0.1", "0.125"), ("USD", "400", "500.5")),
    wallet("cash", ("BTC", None, "141.25"), ("ETH", None, "2.5")),
    wallet("single", ("BTC", None, "0.75"), ("ETH", None, "1.5")),
    *(
        ListCase(
            exchange="krakenfutures",
            what="open_orders",
            category=category,
            source=f"{DOCS}/trading/get-open-orders",
            answer={"result": "success", "openOrders": OPEN_ROWS, "serverTime": FIRST_ISO},
            records=records,
        )
        for category, records in OPEN_ORDERS.items()
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_every_history_and_wallet_has_a_case() -> None:
    assert uncovered(policy_for("krakenfutures"), CASES) == set()

"""Phemex: every history and wallet in its own spelling, and the records written by hand."""

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
    FillKind,
    Order,
    OrderStatus,
    Side,
    Transfer,
    TransferKind,
)
from tests.exchanges.builders import NOW, NOW_MS
from tests.exchanges.cases import Case, HistoryCase, WalletCase, check, named, uncovered

DOCS = "https://phemex-docs.github.io/"
AT = NOW_MS - 3_600_000
AT_NS, LATER_NS = AT * 1_000_000, (AT + 1500) * 1_000_000
TIME = NOW - timedelta(hours=1)
LATER = TIME + timedelta(milliseconds=1500)
ENVELOPE = {"code": 0, "msg": "OK"}
ROWS = {**ENVELOPE, "data": {"total": 9}}
LINEAR: dict[str, Any] = {"category": "linear", "symbol": "BTC/USDT:USDT"}
INVERSE: dict[str, Any] = {"category": "inverse", "symbol": "BTC/USD:BTC", "quote": "USD"}

BOUGHT = Fill(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    fill_id="c6bd8979",
    order_id="b2b7",
    time=TIME,
    side=Side.BUY,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.00103"),
    price=Decimal("9700.56"),
    cost=Decimal("9.9915768"),
    fees=(Fee(asset="BTC", amount=Decimal("0.00000206")),),
    fees_known=True,
    liquidity="maker",
)
CONTRACT = replace(
    BOUGHT,
    **LINEAR,
    fill_id="8718cae",
    order_id=None,
    quantity=Decimal("0.01"),
    price=Decimal("1271.9"),
    cost=Decimal("12.719"),
    fees=(Fee(asset="USDT", amount=Decimal("0.0012719")),),
    liquidity=None,
    settle="USDT",
    contracts=Decimal("0.01"),
    contract_size=Decimal("1"),
)
COIN = replace(
    CONTRACT,
    **INVERSE,
    fill_id="5eee56a4",
    order_id="ee0acb82",
    quantity=Decimal("0.0001"),
    price=Decimal("50000"),
    cost=Decimal("5"),
    fees=(Fee(asset="BTC", amount=Decimal("0.00000021")),),
    settle="BTC",
    contracts=Decimal("5"),
)
PAID = Transfer(
    account="main",
    scope="linear-usdt",
    transfer_id="8718cb0",
    kind=TransferKind.FUNDING,
    time=TIME,
    asset="USDT",
    quantity=Decimal("-0.05"),
    symbol="BTC/USDT:USDT",
)
SPOT_ROW: dict[str, Any] = {
    "qtyType": "ByQuote",
    "transactTimeNs": AT_NS,
    "clOrdID": "c",
    "orderID": "b2b7",
    "symbol": "sBTCUSDT",
    "side": "Buy",
    "baseQtyEv": 1,
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
    "execFeeEv": 206,
    "feeRateEr": 7,
    "feeCurrency": "BTC",
}
LINEAR_ROW: dict[str, Any] = {
    "createdAt": AT,
    "symbol": "BTCUSDT",
    "currency": "USDT",
    "action": 1,
    "tradeType": 1,
    "execQtyRq": "0.01",
    "execPriceRp": "1271.9",
    "side": 1,
    "orderQtyRq": "0.78",
    "priceRp": "1272",
    "execValueRv": "12.719",
    "feeRateRr": "0.0001",
    "execFeeRv": "0.0012719",
    "ordType": 2,
    "execId": "8718cae",
    "execStatus": 6,
}
COIN_ROW: dict[str, Any] = {
    "transactTimeNs": AT_NS,
    "symbol": "BTCUSD",
    "currency": "BTC",
    "action": "New",
    "side": "Buy",
    "tradeType": "Trade",
    "execQty": 5,
    "execPriceEp": 500000000,
    "orderQty": 6,
    "execValueEv": 10000,
    "feeRateEr": 75000,
    "execFeeEv": 21,
    "ordType": "Market",
    "execID": "5eee56a4",
    "orderID": "ee0acb82",
    "execStatus": "TakerFill",
}

CANCELED = Order(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    order_id="99232c3e",
    client_order_id="c1",
    created_at=TIME,
    updated_at=None,
    side=Side.BUY,
    type="limit",
    status=OrderStatus.CANCELED,
    base="BTC",
    quote="USDT",
    price=Decimal("100"),
    average=Decimal("99"),
    amount=Decimal("2"),
    filled=Decimal("0.5"),
    cost=Decimal("49.5"),
    reduce_only=None,
    fetched_at=NOW,
)
DONE = replace(
    CANCELED,
    order_id="99232c3f",
    client_order_id="c2",
    created_at=LATER,
    side=Side.SELL,
    type="market",
    status=OrderStatus.CLOSED,
    price=None,
    average=Decimal("115"),
    amount=Decimal("3"),
    filled=Decimal("3"),
    cost=Decimal("345"),
)
#: The list of finished contracts has its type under a name that ccxt does not read.
UNTYPED: dict[str, Any] = {**LINEAR, "type": None}
COIN_ORDER = replace(
    CANCELED,
    **INVERSE,
    updated_at=TIME + timedelta(milliseconds=500),
    price=Decimal("50000"),
    average=None,
    amount=Decimal("5"),
    filled=Decimal("4"),
    cost=None,
)

DEPOSIT = Transfer(
    account="main",
    scope="deposits",
    transfer_id="29200",
    kind=TransferKind.DEPOSIT,
    time=TIME,
    asset="USDT",
    quantity=Decimal("30"),
    fee=Fee(asset="USDT", amount=Decimal("0.0005")),
    status="ok",
    tx_id="0x0b",
    network="ETH",
)
MOVED = Transfer(
    account="main",
    scope="moves",
    transfer_id="87c071a3",
    kind=TransferKind.INTERNAL,
    time=TIME,
    asset="BTC",
    quantity=Decimal("0.00067932"),
    status="ok",
    from_wallet="spot",
    to_wallet="futures",
)
CONVERTED = replace(
    BOUGHT,
    fill_id="45c8ed8e",
    order_id=None,
    quantity=Decimal("0.0004"),
    price=Decimal("100000"),
    cost=Decimal("40"),
    fees=(),
    liquidity=None,
    kind=FillKind.CONVERT,
)


def move_row(number: str, side: int, state: int, **more: Any) -> dict[str, Any]:
    return {
        "linkKey": number,
        "userId": 1,
        "currency": "BTC",
        "amountEv": 67932,
        "side": side,
        "status": state,
        "createTime": AT,
        "bizType": 10,
        **more,
    }


def convert_row(number: str, **more: Any) -> dict[str, Any]:
    return {
        "linkKey": number,
        "createTime": AT,
        "fromCurrency": "USDT",
        "toCurrency": "BTC",
        "fromAmountEv": 4000000000,
        "toAmountEv": 40000,
        "status": 10,
        "conversionRate": 1037,
        "errorCode": 0,
        **more,
    }


def moved_rows(time_name: str) -> list[dict[str, Any]]:
    """Deposits or withdrawals: scaled amounts with an id, and real ones with that of the chain."""
    return [
        {
            "id": 29200,
            "currency": "USDT",
            "txHash": "0x0b",
            "address": "0x5b",
            "amountEv": 3000000000,
            "feeEv": 50000,
            "confirmations": 13,
            "status": "Success",
            time_name: AT,
            "chainName": "ETH",
        },
        {
            "id": None,
            "currency": "BTC",
            "txHash": "0x0c",
            "address": "bc1",
            "amountEv": 7,
            "amountRv": "0.25",
            "feeEv": 9,
            "feeRv": "0.0001",
            "confirmations": 1,
            "status": "Pending Review",
            time_name: AT + 1500,
            "chainName": "BTC",
        },
    ]


PENDING = replace(
    DEPOSIT,
    transfer_id="0x0c",
    time=LATER,
    asset="BTC",
    quantity=Decimal("0.25"),
    fee=Fee(asset="BTC", amount=Decimal("0.0001")),
    status="pending",
    tx_id="0x0c",
    network="BTC",
)
OUT: dict[str, Any] = {"scope": "withdrawals", "kind": TransferKind.WITHDRAWAL}


def history(data_type: DataType, scope: str, rows: Any, records: Any, **more: Any) -> HistoryCase:
    return HistoryCase(
        exchange="phemex",
        data_type=data_type,
        scope=scope,
        rows=rows,
        records=records,
        **{"answer": ROWS, "source": DOCS, **more},
    )


def wallet(name: str, answer: Any, *balances: tuple[str, str | None, str, str]) -> WalletCase:
    """Balances by code: what is free, what is in use and the whole."""
    return WalletCase(
        exchange="phemex",
        wallet=name,
        answer={**ENVELOPE, "data": answer},
        source=f"{DOCS}#query-wallets",
        balances=[
            Balance(
                account="main",
                wallet=name,
                code=code,
                asset=code,
                free=None if free is None else Decimal(free),
                used=Decimal(used),
                total=Decimal(total),
                fetched_at=NOW,
            )
            for code, free, used, total in balances
        ],
    )


CASES: tuple[Case, ...] = (
    history(
        DataType.FILLS,
        "spot",
        [
            SPOT_ROW,
            {
                **SPOT_ROW,
                "transactTimeNs": LATER_NS,
                "orderID": "b2b8",
                "side": "Sell",
                "execStatus": "TakerFill",
                "execId": "c6bd8980",
                "execPriceEp": 1000000000000,
                "execBaseQtyEv": 50000000,
                "execQuoteQtyEv": 499900000000,
                "execFeeEv": 250000000,
                "feeCurrency": "USDT",
            },
            {**SPOT_ROW, "execId": "c6bd8981", "execFeeEv": 0},
        ],
        [
            BOUGHT,
            replace(
                BOUGHT,
                fill_id="c6bd8980",
                order_id="b2b8",
                time=LATER,
                side=Side.SELL,
                quantity=Decimal("0.5"),
                price=Decimal("10000"),
                cost=Decimal("4999"),
                fees=(Fee(asset="USDT", amount=Decimal("2.5")),),
                liquidity=None,
            ),
            replace(BOUGHT, fill_id="c6bd8981", fees=()),
        ],
        symbol="BTC/USDT",
    ),
    history(
        DataType.FILLS,
        "linear-usdt",
        [
            LINEAR_ROW,
            {
                **LINEAR_ROW,
                "createdAt": AT + 1500,
                "currency": "USDC",
                "execQtyRq": "0.5",
                "execPriceRp": "1300",
                "side": 2,
                "execFeeRv": "-0.02",
                "execId": "8718caf",
            },
            {**LINEAR_ROW, "tradeType": 4, "execId": "8718cb0", "execFeeRv": "0.05"},
        ],
        [
            CONTRACT,
            replace(
                CONTRACT,
                fill_id="8718caf",
                time=LATER,
                side=Side.SELL,
                quantity=Decimal("0.5"),
                price=Decimal("1300"),
                cost=Decimal("650"),
                fees=(Fee(asset="USDC", amount=Decimal("-0.02")),),
                contracts=Decimal("0.5"),
            ),
            PAID,
        ],
        also=("linear-usdc",),
        source=f"{DOCS}#query-user-trade-2",
    ),
    history(
        DataType.FILLS,
        "inverse",
        [
            COIN_ROW,
            {
                **COIN_ROW,
                "transactTimeNs": LATER_NS,
                "side": "Sell",
                "execQty": 8,
                "execPriceEp": 400000000,
                "execFeeEv": -10,
                "execID": "5eee56a5",
                "orderID": "ee0acb83",
                "execStatus": "MakerFill",
            },
            {
                **COIN_ROW,
                "transactTimeNs": LATER_NS,
                "tradeType": "Funding",
                "execID": "5eee56a6",
                "execFeeEv": -1000,
            },
        ],
        [
            COIN,
            replace(
                COIN,
                fill_id="5eee56a5",
                order_id="ee0acb83",
                time=LATER,
                side=Side.SELL,
                quantity=Decimal("0.0002"),
                price=Decimal("40000"),
                cost=Decimal("8"),
                fees=(Fee(asset="BTC", amount=Decimal("-0.0000001")),),
                liquidity="maker",
                contracts=Decimal("8"),
            ),
            replace(
                PAID,
                scope="inverse",
                transfer_id="5eee56a6:BTCUSD",
                time=LATER,
                asset="BTC",
                quantity=Decimal("0.00001"),
                symbol="BTC/USD:BTC",
            ),
        ],
        symbol="BTC/USD:BTC",
    ),
    history(
        DataType.ORDERS,
        "spot",
        [
            {
                "orderID": "99232c3e",
                "clOrdID": "c1",
                "avgPriceEp": 9900000000,
                "baseQtyEv": 200000000,
                "symbol": "sBTCUSDT",
                "side": "Buy",
                "quoteQtyEv": 1,
                "priceEp": 10000000000,
                "ordType": "Limit",
                "timeInForce": "GoodTillCancel",
                "ordStatus": "Canceled",
                "createTimeNs": AT_NS,
                "cumFeeEv": 5,
                "cumBaseValueEv": 50000000,
                "cumQuoteValueEv": 4950000000,
                "feeCurrency": "BTC",
            },
            {
                "orderID": "99232c3f",
                "clOrdID": "c2",
                "avgPriceEp": 11500000000,
                "baseQtyEv": 300000000,
                "symbol": "sBTCUSDT",
                "side": "Sell",
                "quoteQtyEv": 2,
                "priceEp": 11000000000,
                "ordType": "Market",
                "timeInForce": "ImmediateOrCancel",
                "ordStatus": "Filled",
                "createTimeNs": LATER_NS,
                "cumFeeEv": 6,
                "cumBaseValueEv": 300000000,
                "cumQuoteValueEv": 34500000000,
                "feeCurrency": "USDT",
            },
        ],
        [CANCELED, DONE],
        symbol="BTC/USDT",
        answer=ENVELOPE,
    ),
    history(
        DataType.ORDERS,
        "linear-usdt",
        [
            {
                "createdAt": AT,
                "symbol": "BTCUSDT",
                "orderQtyRq": "2",
                "side": "1",
                "posSide": "3",
                "priceRp": "100",
                "execQtyRq": "0.5",
                "leavesQtyRq": "0",
                "execPriceRp": "98",
                "orderValueRv": "10",
                "cumValueRv": "49.5",
                "ordType": "2",
                "ordStatus": "8",
                "clOrdId": "c1",
                "orderId": "99232c3e",
                "totalPnlRv": "1",
                "avgTransactPriceRp": "99",
                "tradeType": "1",
            },
            {
                "createdAt": AT + 1500,
                "symbol": "BTCUSDT",
                "orderQtyRq": "3",
                "side": "2",
                "posSide": "1",
                "priceRp": "110",
                "execQtyRq": "3",
                "leavesQtyRq": "0",
                "execPriceRp": "114",
                "orderValueRv": "11",
                "cumValueRv": "345",
                "ordType": "1",
                "ordStatus": "7",
                "clOrdId": "c2",
                "orderId": "99232c3f",
                "totalPnlRv": "2",
                "avgTransactPriceRp": "115",
                "tradeType": "1",
            },
        ],
        [replace(CANCELED, **UNTYPED), replace(DONE, **UNTYPED, price=Decimal("110"))],
        also=("linear-usdc",),
        source=f"{DOCS}#query-user-order-history-2",
    ),
    history(
        DataType.ORDERS,
        "inverse",
        [
            {
                "orderID": "99232c3e",
                "clOrdID": "c1",
                "symbol": "BTCUSD",
                "side": "Buy",
                "actionTimeNs": AT_NS,
                "transactTimeNs": AT_NS + 500_000_000,
                "orderType": "Limit",
                "priceEp": 500000000,
                "orderQty": 5,
                "cumQty": 4,
                "cumValueEv": 10000,
                "cumValue": "0.0001",
                "leavesQty": 1,
                "closedPnl": "0.1",
                "ordStatus": "Canceled",
            },
            {
                "orderID": "99232c3f",
                "clOrdID": "c2",
                "symbol": "BTCUSD",
                "side": "Sell",
                "actionTimeNs": LATER_NS,
                "transactTimeNs": LATER_NS + 500_000_000,
                "orderType": "Market",
                "priceEp": 400000000,
                "orderQty": 8,
                "cumQty": 8,
                "cumValueEv": 20000,
                "cumValue": "0.0002",
                "leavesQty": 0,
                "closedPnl": "0.2",
                "ordStatus": "Filled",
            },
        ],
        [
            COIN_ORDER,
            replace(
                COIN_ORDER,
                order_id="99232c3f",
                client_order_id="c2",
                created_at=LATER,
                updated_at=LATER + timedelta(milliseconds=500),
                side=Side.SELL,
                type="market",
                status=OrderStatus.CLOSED,
                price=None,
                amount=Decimal("8"),
                filled=Decimal("8"),
            ),
        ],
        symbol="BTC/USD:BTC",
    ),
    history(
        DataType.TRANSFERS,
        "deposits",
        moved_rows("createdAt"),
        [DEPOSIT, PENDING],
        answer=ENVELOPE,
        source=f"{DOCS}#query-deposit-history",
    ),
    history(
        DataType.TRANSFERS,
        "withdrawals",
        [*moved_rows("submitedAt"), {**moved_rows("submittedAt")[0], "id": 29201}],
        [
            replace(DEPOSIT, **OUT),
            replace(PENDING, **OUT),
            replace(DEPOSIT, **OUT, transfer_id="29201"),
        ],
        answer=ENVELOPE,
        source=f"{DOCS}#query-withdraw-history",
    ),
    history(
        DataType.TRANSFERS,
        "moves",
        [
            move_row("87c071a3", 2, 10),
            move_row("87c071a4", 1, 3, currency="ETH", amountEv=150000000, createTime=AT + 1500),
            *(move_row(f"87c071a{state}", 2, state) for state in (6, 11, 5)),
        ],
        [
            MOVED,
            replace(
                MOVED,
                transfer_id="87c071a4",
                time=LATER,
                asset="ETH",
                quantity=Decimal("1.5"),
                status="failed",
                from_wallet="futures",
                to_wallet="spot",
            ),
            *(
                replace(MOVED, transfer_id=f"87c071a{state}", status=status)
                for state, status in ((6, "failed"), (11, "failed"), (5, "pending"))
            ),
        ],
        cursor={"targets": ["BTC"]},
        source=f"{DOCS}#query-transfer-history",
    ),
    history(
        DataType.FILLS,
        "converts",
        [
            convert_row("45c8ed8e"),
            convert_row("45c8ed8f", status=11),
            convert_row(
                "45c8ed90",
                createTime=AT + 1500,
                fromCurrency="ETH",
                toCurrency="USDT",
                fromAmountEv=50000000,
                toAmountEv=150000000000,
            ),
        ],
        [
            CONVERTED,
            replace(
                CONVERTED,
                symbol="ETH/USDT",
                fill_id="45c8ed90",
                time=LATER,
                side=Side.SELL,
                base="ETH",
                quantity=Decimal("0.5"),
                price=Decimal("3000"),
                cost=Decimal("1500"),
            ),
        ],
        source=f"{DOCS}#query-conversion-history",
    ),
    wallet(
        "spot",
        [
            {
                "currency": "BTC",
                "balanceEv": 300000000,
                "lockedTradingBalanceEv": 25000000,
                "lockedWithdrawEv": 75000000,
                "lastUpdateTimeNs": AT_NS,
                "walletVid": 0,
            },
            {
                "currency": "USDT",
                "balanceEv": 1000000000,
                "lockedTradingBalanceEv": 100000000,
                "lockedWithdrawEv": 50000000,
                "lastUpdateTimeNs": LATER_NS,
                "walletVid": 1,
            },
        ],
        ("BTC", "2", "1", "3"),
        ("USDT", "8.5", "1.5", "10"),
    ),
    replace(
        wallet(
            "futures-usdt",
            {
                "account": {
                    "currency": "USDT",
                    "accountBalanceRv": "99.93143972",
                    "totalUsedBalanceRv": "0.40456",
                    "bonusBalanceRv": "1",
                },
                "positions": [],
            },
            ("USDT", None, "0.40456", "99.93143972"),
        ),
        also=("futures-usdc",),
    ),
    replace(
        wallet(
            "futures-btc",
            {
                "account": {
                    "currency": "BTC",
                    "accountBalanceEv": 1254744,
                    "totalUsedBalanceEv": 4744,
                },
                "positions": [],
            },
            ("BTC", None, "0.00004744", "0.01254744"),
        ),
        also=("futures-usd",),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_everything_that_is_read_has_a_case() -> None:
    assert uncovered(policy_for("phemex"), CASES) == set()

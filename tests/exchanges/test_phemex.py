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
from tests.exchanges import scripted
from tests.exchanges.builders import NOW, NOW_MS, adapter_for, stream
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
    word="4",
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
            {**LINEAR_ROW, "tradeType": 4, "execId": "", "execID": "8718cb1", "execFeeRv": "-1"},
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
            replace(PAID, transfer_id=f"8718cb1:BTCUSDT:{AT}", quantity=Decimal("1")),
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
                word="Funding",
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
                "avgTransactPriceRp": "99.5",
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
                "avgTransactPriceRp": "115.5",
                "tradeType": "1",
            },
        ],
        [
            replace(CANCELED, **UNTYPED, average=Decimal("99.5")),
            replace(DONE, **UNTYPED, price=Decimal("110"), average=Decimal("115.5")),
        ],
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
            replace(COIN_ORDER, average=Decimal("40000"), cost=Decimal("4")),
            replace(
                COIN_ORDER,
                average=Decimal("40000"),  # 8 contracts of 1 USD for 0.0002 BTC
                cost=Decimal("8"),
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


# --- what is asked --------------------------------------------------------------------------------

BOUNDS = {"startTime": scripted.START, "endTime": scripted.END}


def px(data: Any) -> dict[str, Any]:
    return {"code": 0, "msg": "OK", "data": data}


PX_SPOT = {
    "qtyType": "ByQuote",
    "transactTimeNs": AT_NS,
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
PX_OLD = {**PX_LINEAR, "createdAt": scripted.START - 1, "execId": "1"}
PX_INVERSE = {
    "transactTimeNs": AT_NS,
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
    "createTimeNs": AT_NS,
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
    "actionTimeNs": AT_NS,
    "transactTimeNs": AT_NS,
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
PX_BOUNDS = {"start": scripted.START, "end": scripted.END, "limit": 200}


def px_symbol(
    data_type: Any,
    scope: str,
    path: str,
    symbol: str,
    market_id: str,
    row: Any,
    makes: Any,
    bare: bool = False,
) -> scripted.Case:
    return scripted.Case(
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
WALKS = (
    px_symbol(
        DataType.FILLS,
        "spot",
        "/exchange/spot/order/trades",
        "BTC/USDT",
        "sBTCUSDT",
        PX_SPOT,
        [("c6bd8979", "spot", "BTC/USDT", "buy", "0.00103", "9700.56", "9.9915768", {})],
    ),
    px_symbol(
        DataType.ORDERS,
        "spot",
        "/api-data/spots/orders",
        "BTC/USDT",
        "sBTCUSDT",
        PX_SPOT_ORDER,
        [("99232c3e", "spot", "BTC/USDT", "buy", "canceled", "2", "0.5", "99")],
        bare=True,
    ),
    px_symbol(
        DataType.FILLS,
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
        DataType.ORDERS,
        "inverse",
        "/exchange/order/list",
        "BTC/USD:BTC",
        "BTCUSD",
        PX_INVERSE_ORDER,
        [("7a1ad384", "inverse", "BTC/USD:BTC", "buy", "closed", "5", "5", "50000")],
    ),
    *(
        scripted.Case(
            exchange="phemex",
            data_type=DataType.FILLS,
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
        scripted.Case(
            exchange="phemex",
            data_type=DataType.ORDERS,
            scopes=(f"linear-{settle.lower()}",),
            path="/exchange/order/v2/orderList",
            replies=[px({"total": 9, "rows": [PX_LINEAR_ORDER]}), px({"total": 9, "rows": []})],
            asks=[{"currency": settle, "offset": None}, {"offset": 1}],
            makes=[("4b3b1884", "linear", "BTC/USDT:USDT", "buy", "canceled", "2", "0.5", "99")],
        )
        for settle in ("USDT", "USDC")
    ),
    scripted.Case(
        exchange="phemex",
        data_type=DataType.TRANSFERS,
        scopes=("deposits",),
        path="/exchange/wallets/depositList",
        replies=[px([PX_DEPOSIT])] * 3,
        asks=[{"offset": None, "limit": 200}, {"offset": 1}, {"offset": 1}],
        makes=[("29200", "deposit", "USDT", "30", None, "ok")],
    ),
    scripted.Case(
        exchange="phemex",
        data_type=DataType.TRANSFERS,
        scopes=("withdrawals",),
        path="/exchange/wallets/withdrawList",
        replies=[px([PX_WITHDRAWAL]), px([])],
        asks=[{"offset": None}, {"offset": 1}],
        makes=[("7", "withdrawal", "BTC", "0.002", "0.0005 BTC", "ok")],
    ),
    scripted.Case(
        exchange="phemex",
        data_type=DataType.TRANSFERS,
        scopes=("moves",),
        path="/assets/transfer",
        paths=["/spot/wallets", "/assets/transfer", "/assets/transfer"],
        replies=[
            px([{"currency": "BTC", "balanceEv": 1}]),
            px({"rows": [PX_MOVE]}),
            px({"rows": []}),
        ],
        asks=[
            {},
            {"currency": "BTC", "start": scripted.START, "end": scripted.END, "offset": None},
            {"offset": 1},
        ],
        makes=[("87c071a3", "internal", "BTC", "0.00067932", None, "ok")],
    ),
    scripted.Case(
        exchange="phemex",
        data_type=DataType.FILLS,
        scopes=("converts",),
        path="/assets/convert",
        replies=[px({"total": 2, "rows": [PX_CONVERT]}), px({"total": 2, "rows": []})],
        asks=[{**BOUNDS, "offset": None}, {"offset": 1}],
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
MIRRORS = (
    scripted.Mirror(
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
                    "lastUpdateTimeNs": AT_NS,
                    "walletVid": 0,
                }
            ]
        ),
    ),
    *(
        scripted.Mirror(
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
        scripted.Mirror(
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
    scripted.Mirror(
        exchange="phemex",
        what="positions",
        name="linear",
        path="/g-accounts/accountPositions",
        asks={"currency": "USDT"},
        reply=px({"account": {}, "positions": [PX_POSITION]}),
        makes=[("BTC/USDT:USDT", "linear", "short", "0.5", "40000", "-2.5")],
    ),
    scripted.Mirror(
        exchange="phemex",
        what="positions",
        name="inverse",
        path="/accounts/accountPositions",
        reply=px({"account": {}, "positions": [PX_COIN, {**PX_COIN, "side": "None", "size": 0}]}),
        makes=[("BTC/USD:BTC", "inverse", "long", "0.002", "40000", "0.0005")],
    ),
    scripted.Mirror(
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
    scripted.Mirror(
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
                        "actionTimeNs": AT_NS,
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
    scripted.Mirror(
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
    scripted.Mirror(
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
                    "timestamp": AT_NS,
                    "turnoverEv": 1,
                    "volumeEv": 1,
                }
            ],
        },
    ),
)


@pytest.mark.parametrize(("case", "scope"), scripted.each(WALKS))
def test_pages_are_asked_as_documented(case: scripted.Case, scope: str) -> None:
    scripted.run_stream(case, scope)


@pytest.mark.parametrize("case", MIRRORS, ids=scripted.named)
def test_what_is_true_now_is_asked_as_documented(case: scripted.Mirror) -> None:
    scripted.run_mirror(case)


def test_every_history_wallet_and_list_is_asked_for() -> None:
    assert scripted.uncovered("phemex", WALKS) == set()
    assert scripted.unread("phemex", MIRRORS) == set()


def test_a_pair_that_is_not_listed_any_more_is_scaled_like_every_pair() -> None:
    row = {**SPOT_ROW, "symbol": "sLUNAUSDT", "feeCurrency": "LUNA"}
    answer = {"code": 0, "msg": "", "data": {"total": 1, "rows": [row]}}
    with adapter_for("phemex", lambda asked: answer) as (adapter, _stub):
        fills = stream(adapter, DataType.FILLS, "spot")
        made = adapter.page(fills, "LUNA/USDT" if fills.needs_symbol else None, scripted.DAY, {})
    (fill,) = made.records
    assert isinstance(fill, Fill)
    assert (fill.symbol, fill.price, fill.quantity) == (
        "LUNA/USDT",
        Decimal("9700.56"),
        Decimal("0.00103"),
    )
    assert fill.fees == (Fee(asset="LUNA", amount=Decimal("0.00000206")),)

"""Bitvavo: every history and wallet in its own spelling, and the records written by hand."""

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
from tests.exchanges.cases import Case, HistoryCase, WalletCase, check, named, uncovered
from tests.exchanges.test_gemini_requests import iso

DOCS = "https://docs.bitvavo.com/docs/rest-api"
AT = NOW_MS - 3_600_000
TIME = NOW - timedelta(hours=1)
LATER = TIME + timedelta(milliseconds=1500)
EXECUTED, LATER_EXECUTED = "2025-06-01T11:00:00.000Z", "2025-06-01T11:00:01.500Z"

SOLD = Fill(
    account="main",
    category="spot",
    symbol="BTC/EUR",
    fill_id="b0c86aa5-6ed3-4a2d-ba3a-be9a964220f4",
    order_id="af76d6ce-9f7c-4006-b715-bb5d430652d0",
    time=TIME,
    side=Side.SELL,
    base="BTC",
    quote="EUR",
    quantity=Decimal("0.25"),
    price=Decimal("183.49"),
    cost=Decimal("45.8725"),
    fees=(Fee(asset="EUR", amount=Decimal("0.12038925")),),
    fees_known=True,
    liquidity="taker",
)
CANCELED = Order(
    account="main",
    category="spot",
    symbol="BTC/EUR",
    order_id="1be6d0df-d5dc-4b53-a250-3376f3b393e6",
    client_order_id=None,
    created_at=TIME,
    updated_at=None,
    side=Side.BUY,
    type="limit",
    status=OrderStatus.CANCELED,
    base="BTC",
    quote="EUR",
    price=Decimal("100"),
    average=Decimal("99"),
    amount=Decimal("2"),
    filled=Decimal("0.5"),
    cost=Decimal("49.5"),
    reduce_only=None,
    fetched_at=NOW,
)
DEPOSIT = Transfer(
    account="main",
    scope="deposits",
    transfer_id=f"{AT}:ETH:0.249825",
    kind=TransferKind.DEPOSIT,
    time=TIME,
    asset="ETH",
    quantity=Decimal("0.249825"),
    fee=Fee(asset="ETH", amount=Decimal("0.001")),
    status="ok",
    tx_id="0x5167b473",
)
SENT = replace(
    DEPOSIT,
    scope="withdrawals",
    transfer_id=f"{AT}:BTC:0.99994",
    kind=TransferKind.WITHDRAWAL,
    asset="BTC",
    quantity=Decimal("0.99994"),
    fee=Fee(asset="BTC", amount=Decimal("0.00006")),
    status="pending",
    tx_id="927b3ea50c5bb52c",
)
REWARD = Transfer(
    account="main",
    scope="history",
    transfer_id="t1:received",
    kind=TransferKind.REWARD,
    time=TIME,
    asset="ETH",
    quantity=Decimal("0.001"),
    word="staking",
    reference="t1",
)


KINDS = {
    "fixed_staking": TransferKind.REWARD,
    "affiliate": TransferKind.REWARD,
    "rebate": TransferKind.REWARD,
    "distribution": TransferKind.AIRDROP,
    "loan": TransferKind.INTERNAL,
    "manually_assigned": TransferKind.ADJUSTMENT,
    "invented": TransferKind.UNCLASSIFIED,
}


def received(number: int, word: str, asset: str = "ETH", amount: str = "0.001") -> dict[str, Any]:
    """A row of the account history that something came with."""
    return {
        "transactionId": f"t{number}",
        "executedAt": EXECUTED,
        "type": word,
        "receivedCurrency": asset,
        "receivedAmount": amount,
    }


def history(data_type: DataType, scope: str, rows: Any, records: Any, **more: Any) -> HistoryCase:
    return HistoryCase(
        exchange="bitvavo", data_type=data_type, scope=scope, rows=rows, records=records, **more
    )


CASES: tuple[Case, ...] = (
    history(
        DataType.FILLS,
        "spot",
        [
            {
                "id": "b0c86aa5-6ed3-4a2d-ba3a-be9a964220f4",
                "orderId": "af76d6ce-9f7c-4006-b715-bb5d430652d0",
                "timestamp": AT,
                "market": "BTC-EUR",
                "side": "sell",
                "amount": "0.25",
                "price": "183.49",
                "taker": True,
                "fee": "0.12038925",
                "feeCurrency": "EUR",
                "settled": True,
            },
            {
                "id": "b0c86aa5-6ed3-4a2d-ba3a-be9a964220f5",
                "orderId": "af76d6ce-9f7c-4006-b715-bb5d430652d1",
                "timestamp": AT + 1500,
                "market": "BTC-EUR",
                "side": "buy",
                "amount": "0.5",
                "price": "200",
                "taker": False,
                "fee": "0.002",
                "feeCurrency": "BTC",
                "settled": True,
            },
        ],
        [
            SOLD,
            replace(
                SOLD,
                fill_id="b0c86aa5-6ed3-4a2d-ba3a-be9a964220f5",
                order_id="af76d6ce-9f7c-4006-b715-bb5d430652d1",
                time=LATER,
                side=Side.BUY,
                quantity=Decimal("0.5"),
                price=Decimal("200"),
                cost=Decimal("100"),
                fees=(Fee(asset="BTC", amount=Decimal("0.002")),),
                liquidity="maker",
            ),
        ],
        symbol="BTC/EUR",
        source=f"{DOCS}/get-trade-history",
    ),
    history(
        DataType.ORDERS,
        "spot",
        [
            {
                "orderId": "1be6d0df-d5dc-4b53-a250-3376f3b393e6",
                "market": "BTC-EUR",
                "created": AT,
                "updated": AT + 1,
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
            },
            {
                "orderId": "1be6d0df-d5dc-4b53-a250-3376f3b393e7",
                "market": "BTC-EUR",
                "created": AT + 1500,
                "updated": AT + 1501,
                "status": "filled",
                "side": "sell",
                "orderType": "stopLossLimit",
                "amount": "3",
                "amountRemaining": "0",
                "price": "110",
                "onHold": "1",
                "onHoldCurrency": "BTC",
                "filledAmount": "3",
                "filledAmountQuote": "345",
                "feePaid": "0.2",
                "feeCurrency": "BTC",
                "fills": [],
            },
        ],
        [
            CANCELED,
            replace(
                CANCELED,
                order_id="1be6d0df-d5dc-4b53-a250-3376f3b393e7",
                created_at=LATER,
                side=Side.SELL,
                type="stopLossLimit",
                status=OrderStatus.CLOSED,
                price=Decimal("110"),
                average=Decimal("115"),
                amount=Decimal("3"),
                filled=Decimal("3"),
                cost=Decimal("345"),
            ),
        ],
        symbol="BTC/EUR",
        source=f"{DOCS}/get-orders",
    ),
    history(
        DataType.TRANSFERS,
        "deposits",
        [
            {
                "timestamp": AT,
                "symbol": "ETH",
                "amount": "0.249825",
                "fee": "0.001",
                "status": "completed",
                "txId": "0x5167b473",
            },
            {
                "timestamp": AT + 1500,
                "symbol": "BTC",
                "amount": "1.5",
                "fee": "0.002",
                "status": "pending",
                "txId": "0x5167b474",
            },
        ],
        [
            DEPOSIT,
            replace(
                DEPOSIT,
                transfer_id=f"{AT + 1500}:BTC:1.5",
                time=LATER,
                asset="BTC",
                quantity=Decimal("1.5"),
                fee=Fee(asset="BTC", amount=Decimal("0.002")),
                status="pending",
                tx_id="0x5167b474",
            ),
        ],
        source=f"{DOCS}/get-deposit-history",
    ),
    history(
        DataType.TRANSFERS,
        "withdrawals",
        [
            {
                "timestamp": AT,
                "symbol": "BTC",
                "amount": "0.99994",
                "address": "BitcoinAddress",
                "paymentId": "10002653",
                "txId": "927b3ea50c5bb52c",
                "fee": "0.00006",
                "status": "awaiting_processing",
            },
            {
                "timestamp": AT + 1500,
                "symbol": "ETH",
                "amount": "2.5",
                "address": "0xa1",
                "paymentId": "10002654",
                "txId": "927b3ea50c5bb52d",
                "fee": "0.003",
                "status": "completed",
            },
        ],
        [
            SENT,
            replace(
                SENT,
                transfer_id=f"{AT + 1500}:ETH:2.5",
                time=LATER,
                asset="ETH",
                quantity=Decimal("2.5"),
                fee=Fee(asset="ETH", amount=Decimal("0.003")),
                status="ok",
                tx_id="927b3ea50c5bb52d",
            ),
        ],
        source=f"{DOCS}/get-withdrawal-history",
    ),
    history(
        DataType.TRANSFERS,
        "history",
        [
            received(1, "staking"),
            {  # the fills state it
                **received(2, "sell", "EUR", "1000"),
                "sentCurrency": "BTC",
                "sentAmount": "0.1",
            },
            received(3, "deposit"),
            {
                "transactionId": "t4",
                "executedAt": LATER_EXECUTED,
                "type": "internal_transfer",
                "sentCurrency": "BTC",
                "sentAmount": "0.25",
            },
            received(5, "withdrawal_cancelled", "BTC", "0.5"),  # a state of the withdrawal
            *(received(number, word, "BTC", "2") for number, word in enumerate(KINDS, start=11)),
            {  # two sides: one record for each
                **received(10, "external_transferred_funds", "EUR", "7"),
                "sentCurrency": "BTC",
                "sentAmount": "0.75",
            },
        ],
        [
            REWARD,
            replace(
                REWARD,
                transfer_id="t4:sent",
                kind=TransferKind.WITHDRAWAL,
                time=LATER,
                asset="BTC",
                quantity=Decimal("0.25"),
                word="internal_transfer",
                reference="t4",
            ),
            *(
                replace(
                    REWARD,
                    transfer_id=f"t{number}:received",
                    kind=kind,
                    asset="BTC",
                    quantity=Decimal("2"),
                    from_wallet="lending" if word == "loan" else None,
                    to_wallet="spot" if word == "loan" else None,
                    word=word,
                    reference=f"t{number}",
                )
                for number, (word, kind) in enumerate(KINDS.items(), start=11)
            ),
            replace(
                REWARD,
                transfer_id="t10:received",
                kind=TransferKind.DEPOSIT,
                asset="EUR",
                quantity=Decimal("7"),
                word="external_transferred_funds",
                reference="t10",
            ),
            replace(
                REWARD,
                transfer_id="t10:sent",
                kind=TransferKind.WITHDRAWAL,
                asset="BTC",
                quantity=Decimal("0.75"),
                word="external_transferred_funds",
                reference="t10",
            ),
        ],
        answer={"currentPage": 1, "totalPages": 1, "maxItems": 100},
        source=f"{DOCS}/get-transaction-history",
    ),
    WalletCase(
        exchange="bitvavo",
        wallet="spot",
        source=f"{DOCS}/get-account-balance",
        answer=[
            {"symbol": "BTC", "available": "1.25", "inOrder": "0.5"},
            {"symbol": "EUR", "available": "300", "inOrder": "40"},
        ],
        balances=[
            Balance(
                account="main",
                wallet="spot",
                code=code,
                asset=code,
                free=Decimal(free),
                used=Decimal(used),
                total=Decimal(total),
                fetched_at=NOW,
            )
            for code, free, used, total in (
                ("BTC", "1.25", "0.5", "1.75"),
                ("EUR", "300", "40", "340"),
            )
        ],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_everything_that_is_read_has_a_case() -> None:
    assert uncovered(policy_for("bitvavo"), CASES) == set()


# --- what is asked --------------------------------------------------------------------------------

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
) -> scripted.Case:
    return scripted.Case(
        exchange="bitvavo",
        data_type=data_type,
        scopes=(scope,),
        path=path,
        symbol=symbol,
        replies=[[row], []],
        makes=makes,
        asks=[
            {
                "start": scripted.START,
                "end": scripted.END,
                "limit": 1000,
                "market": "BTC-EUR" if symbol else None,
            },
            {"start": scripted.START, "end": AT + 1},
        ],
    )


WALKS = (
    bv_back(
        DataType.FILLS,
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
        DataType.ORDERS,
        "spot",
        "/orders",
        BV_ORDER,
        [("af76d6ce", "spot", "BTC/EUR", "buy", "canceled", "2", "0.5", "99")],
        "BTC/EUR",
    ),
    bv_back(
        DataType.TRANSFERS,
        "deposits",
        "/depositHistory",
        BV_DEPOSIT,
        [(f"{AT}:ETH:0.249825", "deposit", "ETH", "0.249825", None, "ok")],
    ),
    bv_back(
        DataType.TRANSFERS,
        "withdrawals",
        "/withdrawalHistory",
        BV_WITHDRAWAL,
        [(f"{AT}:BTC:0.99994", "withdrawal", "BTC", "0.99994", "0.00006 BTC", "pending")],
    ),
    scripted.Case(
        exchange="bitvavo",
        data_type=DataType.TRANSFERS,
        scopes=("history",),
        path="/account/history",
        replies=[
            {"items": BV_HISTORY, "currentPage": 1, "totalPages": 2},
            {"items": BV_HISTORY[:1], "currentPage": 2, "totalPages": 2},
        ],
        asks=[
            {"fromDate": scripted.START, "toDate": scripted.END, "page": 1, "maxItems": 100},
            {"page": 2},
        ],
        makes=[("t1:received", "reward", "ETH", "0.001", None, "ok")],
    ),
)
MIRRORS = (
    scripted.Mirror(
        exchange="bitvavo",
        what="wallet",
        name="spot",
        path="/balance",
        reply=[{"symbol": "BTC", "available": "1", "inOrder": "0.5"}],
        makes=[("BTC", "1", "1.5", False)],
    ),
    scripted.Mirror(
        exchange="bitvavo",
        what="open_orders",
        name="spot",
        path="/ordersOpen",
        reply=[{**BV_ORDER, "status": "new", "filledAmount": "0", "filledAmountQuote": "0"}],
        makes=[("af76d6ce", "spot", "BTC/EUR", "buy", "open", "2", "0", None)],
    ),
    scripted.Mirror(
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


@pytest.mark.parametrize(("case", "scope"), scripted.each(WALKS))
def test_pages_are_asked_as_documented(case: scripted.Case, scope: str) -> None:
    scripted.run_stream(case, scope)


@pytest.mark.parametrize("case", MIRRORS, ids=scripted.named)
def test_what_is_true_now_is_asked_as_documented(case: scripted.Mirror) -> None:
    scripted.run_mirror(case)


def test_every_history_wallet_and_list_is_asked_for() -> None:
    assert scripted.uncovered("bitvavo", WALKS) == set()
    assert scripted.unread("bitvavo", MIRRORS) == set()


def test_a_bitvavo_withdrawal_is_the_same_one_before_and_after_it_is_sent() -> None:
    waiting = {key: value for key, value in BV_WITHDRAWAL.items() if key != "txId"}
    replies = iter([[waiting], [], [{**BV_WITHDRAWAL, "status": "completed"}], []])
    with adapter_for("bitvavo", lambda asked: next(replies)) as (adapter, _stub):
        way = stream(adapter, DataType.TRANSFERS, "withdrawals")
        (before,), (after,) = (walk(adapter, way, None, scripted.DAY)[0].records for _ in range(2))
    assert isinstance(before, Transfer) and isinstance(after, Transfer)
    assert (before.status, after.status, before.key == after.key, after.tx_id) == (
        "pending",
        "ok",
        True,
        "927b",
    )

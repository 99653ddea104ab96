"""WhiteBIT: its rows and answers as documented, what is asked for them, and whole histories."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.errors import (
    BadResponse,
    ExcacheError,
    KeyRefused,
    PermissionMissing,
    RateLimited,
)
from exchange_cache.exchanges import narrowed, policy_for
from exchange_cache.records import (
    Balance,
    Fee,
    Fill,
    FillKind,
    Order,
    OrderStatus,
    Position,
    Side,
    Transfer,
    TransferKind,
)
from exchange_cache.sync.plan import gaps
from tests.exchanges import scripted
from tests.exchanges.builders import NOW, NOW_MS, adapter_for, stream
from tests.exchanges.canned import canned_adapter
from tests.exchanges.cases import Case, HistoryCase, ListCase, WalletCase, check, named, uncovered
from tests.exchanges.scripted import FILLS, ORDERS, TRANSFERS
from tests.exchanges.stub import Answer
from tests.exchanges.test_whole_histories import fitted, stored, sync
from tests.exchanges.venues import Served, Venue

DOCS = "https://docs.whitebit.com/api-reference"
SECOND = NOW_MS // 1000 - 7_200


def at(seconds: int, ms: int = 0) -> datetime:
    return datetime.fromtimestamp(SECOND + seconds, UTC).replace(microsecond=ms * 1000)


# --- fills ----------------------------------------------------------------------------------------

DEALS = [
    {
        "id": 1343815269,
        "clientOrderId": "customId11",
        "time": SECOND + 0.532965,
        "side": "sell",
        "role": 2,
        "amount": "0.986",
        "price": "9995.5",
        "deal": "9855.563",
        "fee": "9.855563",
        "orderId": 58166729555,
        "feeAsset": "USDT",
    },
    {
        "id": 1343815270,
        "clientOrderId": "",
        "time": SECOND + 60.25,
        "side": "buy",
        "role": 1,
        "amount": "0.5",
        "price": "10000",
        "deal": "5000",
        "fee": "0.0005",
        "orderId": 58166729556,
        "feeAsset": "BTC",
    },
]
SALE = Fill(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    fill_id="1343815269",
    order_id="58166729555",
    time=at(0, 532),
    side=Side.SELL,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.986"),
    price=Decimal("9995.5"),
    cost=Decimal("9855.563"),
    fees=(Fee(asset="USDT", amount=Decimal("9.855563")),),
    fees_known=True,
    liquidity="taker",
)
PURCHASE = replace(
    SALE,
    fill_id="1343815270",
    order_id="58166729556",
    time=at(60, 250),
    side=Side.BUY,
    quantity=Decimal("0.5"),
    price=Decimal("10000"),
    cost=Decimal("5000"),
    fees=(Fee(asset="BTC", amount=Decimal("0.0005")),),
    liquidity="maker",
)
CONTRACTS = {"category": "linear", "symbol": "BTC/USDT:USDT", "settle": "USDT"}

# --- orders ---------------------------------------------------------------------------------------

FINISHED = [
    {
        "amount": "0.0009",
        "price": "40000",
        "type": "limit",
        "id": 4986126152,
        "clientOrderId": "customId11",
        "side": "sell",
        "ctime": SECOND + 0.311,
        "takerFee": "0.001",
        "ftime": SECOND + 1.312,
        "makerFee": "0.002",
        "dealFee": "0.03",
        "dealStock": "0.0006",
        "dealMoney": "24",
        "postOnly": False,
        "ioc": False,
        "status": "PARTIAL_CANCELED",
        "feeAsset": "USDT",
        "stp": "no",
        "rpi": False,
        "reduceOnly": False,
    },
    {  # a market purchase: the amount is what was to be spent
        "amount": "101",
        "price": "0",
        "type": "market",
        "id": 4986126153,
        "clientOrderId": "customId12",
        "side": "buy",
        "ctime": SECOND + 20.5,
        "takerFee": "0.0015",
        "ftime": SECOND + 21.75,
        "makerFee": "0.0025",
        "dealFee": "0.1",
        "dealStock": "0.002",
        "dealMoney": "100",
        "postOnly": True,
        "ioc": True,
        "status": "FILLED",
        "feeAsset": "BTC",
        "stp": "cancel_new",
        "rpi": True,
        "reduceOnly": True,
    },
]
LIMIT = Order(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    order_id="4986126152",
    client_order_id="customId11",
    created_at=at(0, 311),
    updated_at=at(1, 312),
    side=Side.SELL,
    type="limit",
    status=OrderStatus.CANCELED,
    base="BTC",
    quote="USDT",
    price=Decimal("40000"),
    average=Decimal("40000"),
    amount=Decimal("0.0009"),
    filled=Decimal("0.0006"),
    cost=Decimal("24"),
    reduce_only=False,
    fetched_at=NOW,
)
MARKET = replace(
    LIMIT,
    order_id="4986126153",
    client_order_id="customId12",
    created_at=at(20, 500),
    updated_at=at(21, 750),
    side=Side.BUY,
    type="market",
    status=OrderStatus.CLOSED,
    price=None,
    average=Decimal("50000"),
    amount=None,  # it was to spend 101 USDT
    filled=Decimal("0.002"),
    cost=Decimal("100"),
    reduce_only=True,
)
PENDING: list[dict[str, Any]] = [
    {
        "orderId": 3686033640,
        "clientOrderId": "customId13",
        "market": "BTC_USDT",
        "side": "buy",
        "type": "limit",
        "timestamp": SECOND + 5.498,
        "dealMoney": "20000",
        "dealStock": "0.5",
        "amount": "2.25",
        "left": "1.75",
        "takerFee": "0.001",
        "makerFee": "0.002",
        "dealFee": "20",
        "price": "40000",
        "status": "PARTIALLY_FILLED",
        "reduceOnly": True,
    },
    {
        "orderId": 3686033641,
        "clientOrderId": "customId14",
        "market": "ETH_USDT",
        "side": "sell",
        "type": "stop limit",
        "timestamp": SECOND + 6.75,
        "dealMoney": "1000",
        "dealStock": "0.25",
        "amount": "3",
        "left": "2.75",
        "takerFee": "0.0015",
        "makerFee": "0.0025",
        "dealFee": "1",
        "price": "4000",
        "activation_price": "3900",
        "status": "NEW",
        "reduceOnly": False,
    },
]
OPEN = replace(
    LIMIT,
    order_id="3686033640",
    client_order_id="customId13",
    created_at=at(5, 498),
    updated_at=None,
    side=Side.BUY,
    status=OrderStatus.OPEN,
    amount=Decimal("2.25"),
    filled=Decimal("0.5"),
    cost=Decimal("20000"),
    reduce_only=True,
)
STOP = replace(
    OPEN,
    symbol="ETH/USDT",
    base="ETH",
    order_id="3686033641",
    client_order_id="customId14",
    created_at=at(6, 750),
    side=Side.SELL,
    price=Decimal("4000"),
    average=Decimal("4000"),
    amount=Decimal("3"),
    filled=Decimal("0.25"),
    cost=Decimal("1000"),
    reduce_only=False,
)
PERP = {**PENDING[0], "market": "BTC_PERP", "status": "NEW"}

# --- transfers and converts -----------------------------------------------------------------------


def moved(method: int, first: int, second: int) -> list[dict[str, Any]]:
    """Two rows of the history of deposits and withdrawals, in two states."""
    return [
        {
            "address": "3ApEASLcrQtZpg1TsssFgYF5V5YQJAKvuE",
            "uniqueId": "24529041",
            "transactionId": "a6d71d69-2b17-4ad8-8b15-2d686c54a1a5",
            "createdAt": SECOND,
            "currency": "Bitcoin",
            "ticker": "BTC",
            "method": method,
            "amount": "0.0006",
            "description": "",
            "memo": "48565488244493",
            "fee": "0.0001",
            "status": first,
            "network": "BTC",
            "transactionHash": "a275a514013e4e0f927fd0d1bed215e7f6f2c4c6ce762836fe135ec22529d886",
            "details": {"partial": None},
            "confirmations": {"actual": 1, "required": 2},
        },
        {
            "address": "TDepositAddressExample1111111111111",
            "uniqueId": None,
            "transactionId": "5e112b38-9652-11ed-a1eb-0242ac120002",
            "createdAt": SECOND + 60,
            "currency": "Tether US",
            "ticker": "USDT",
            "method": method,
            "amount": "50000",
            "description": "",
            "memo": "",
            "fee": "350",
            "status": second,
            "network": "TRC20",
            "transactionHash": "b1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2",
            "details": {
                "partial": {
                    "requestAmount": "50000",
                    "processedAmount": "39000",
                    "processedFee": "273",
                    "normalizeTransaction": "",
                }
            },
        },
    ]


DEPOSIT = Transfer(
    account="main",
    scope="deposits",
    transfer_id="a6d71d69-2b17-4ad8-8b15-2d686c54a1a5",
    kind=TransferKind.DEPOSIT,
    time=at(0),
    asset="BTC",
    quantity=Decimal("0.0006"),
    fee=Fee(asset="BTC", amount=Decimal("0.0001")),
    status="pending",
    tx_id="a275a514013e4e0f927fd0d1bed215e7f6f2c4c6ce762836fe135ec22529d886",
    network="BTC",
)
CREDITED = replace(
    DEPOSIT,
    transfer_id="5e112b38-9652-11ed-a1eb-0242ac120002",
    time=at(60),
    asset="USDT",
    quantity=Decimal("50000"),
    fee=Fee(asset="USDT", amount=Decimal("350")),
    status="ok",
    tx_id="b1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2",
    network="TRC20",
)
OUT: dict[str, Any] = {"scope": "withdrawals", "kind": TransferKind.WITHDRAWAL}

CONVERTS: list[dict[str, Any]] = [
    {
        "id": "1741105",
        "path": [{"from": "USDT", "to": "BTC", "rate": "0.00001193"}],
        "date": SECOND,
        "give": "4",
        "receive": "0.00008",
        "rate": "0.00002",
    },
    {
        "id": "1741106",
        "path": [
            {"from": "ETH", "to": "USDT", "rate": "4000"},
            {"from": "USDT", "to": "EUR", "rate": "0.9"},
        ],
        "date": SECOND + 60,
        "give": "0.5",
        "receive": "1800",
        "rate": "3600",
    },
]
CONVERT = Fill(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    fill_id="1741105",
    order_id=None,
    time=at(0),
    side=Side.BUY,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.00008"),
    price=Decimal("50000"),
    cost=Decimal("4"),
    fees=(),
    fees_known=True,
    kind=FillKind.CONVERT,
)

FUNDING: list[dict[str, Any]] = [
    {
        "market": "BTC_PERP",
        "fundingTime": str(SECOND),
        "fundingRate": "0.00017674",
        "fundingAmount": "-0.171053531892",
        "positionAmount": "0.019",
        "settlementPrice": "50938.2",
        "rateCalculatedTime": str(SECOND - 28_800),
    },
    {  # in milliseconds, as ccxt's source has it
        "market": "BTC_PERP",
        "fundingTime": str((SECOND + 3600) * 1000),
        "fundingRate": "-0.0001778778",
        "fundingAmount": "0.0054997859133136",
        "positionAmount": "0.001",
        "settlementPrice": "30918.9",
        "rateCalculatedTime": str(SECOND - 25_200),
    },
]
PAID = Transfer(
    account="main",
    scope="funding",
    transfer_id=f"BTC_PERP:{SECOND}:0.019",
    kind=TransferKind.FUNDING,
    time=at(0),
    asset="USDT",
    quantity=Decimal("-0.171053531892"),
    symbol="BTC/USDT:USDT",
)

# --- balances and positions -----------------------------------------------------------------------


def balance(wallet: str, code: str, total: str, **more: Any) -> Balance:
    figures = {name: Decimal(value) for name, value in more.items()}
    return Balance(
        account="main",
        wallet=wallet,
        code=code,
        asset=code,
        free=figures.get("free"),
        used=figures.get("used"),
        total=Decimal(total),
        debt=figures.get("debt"),
        fetched_at=NOW,
    )


POSITIONS: list[dict[str, Any]] = [
    {
        "positionId": 527,
        "market": "BTC_PERP",
        "openDate": SECOND + 0.25,
        "modifyDate": SECOND + 1.5,
        "amount": "0.1",
        "basePrice": "45658.349",
        "liquidationPrice": "70177.2",
        "liquidationState": None,
        "pnl": "-168.42",
        "pnlPercent": "-0.43",
        "unrealizedPnl": "12.5",
        "margin": "8316.74",
        "freeMargin": "619385.67",
        "funding": "0",
        "unrealizedFunding": "0",
        "tpsl": None,
        "positionSide": "SHORT",
    },
    {
        "positionId": 528,
        "market": "BTC_PERP",
        "openDate": SECOND + 2.25,
        "modifyDate": SECOND + 3.5,
        "amount": "0.3",
        "basePrice": "40000",
        "liquidationPrice": "30000.5",
        "liquidationState": None,
        "pnl": "3",
        "pnlPercent": "1.5",
        "unrealizedPnl": "-7.25",
        "margin": "240.5",
        "freeMargin": "9.9",
        "funding": "0",
        "unrealizedFunding": "0",
        "tpsl": None,
        "positionSide": "LONG",
    },
    {  # margin on a spot market
        "positionId": 529,
        "market": "BTC_USDT",
        "amount": "0.2",
        "basePrice": "41000",
        "positionSide": "BOTH",
    },
]
SHORT = Position(
    account="main",
    wallet="collateral",
    category="linear",
    symbol="BTC/USDT:USDT",
    side="short",
    contracts=Decimal("0.1"),
    contract_size=Decimal("1"),
    base_quantity=Decimal("0.1"),
    entry_price=Decimal("45658.349"),
    mark_price=None,
    notional=Decimal("4565.8349"),
    unrealised_pnl=Decimal("12.5"),
    settle_asset="USDT",
    leverage=None,
    liquidation_price=Decimal("70177.2"),
    margin=Decimal("8316.74"),
    margin_mode=None,
    fetched_at=NOW,
)
LONG = replace(
    SHORT,
    side="long",
    contracts=Decimal("0.3"),
    base_quantity=Decimal("0.3"),
    entry_price=Decimal("40000"),
    notional=Decimal("12000"),
    unrealised_pnl=Decimal("-7.25"),
    liquidation_price=Decimal("30000.5"),
    margin=Decimal("240.5"),
)


def history(data_type: Any, scope: str, rows: Any, records: Any, **more: Any) -> HistoryCase:
    return HistoryCase(
        exchange="whitebit", data_type=data_type, scope=scope, rows=rows, records=records, **more
    )


CASES: tuple[Case, ...] = (
    history(
        FILLS,
        "spot",
        DEALS,
        [SALE, PURCHASE],
        symbol="BTC/USDT",
        source=f"{DOCS}/trading/query-executed-order-history",
    ),
    history(
        FILLS,
        "linear",
        DEALS,
        [
            replace(
                fill,
                **CONTRACTS,
                contracts=fill.quantity,
                contract_size=Decimal("1"),
            )
            for fill in (SALE, PURCHASE)
        ],
        symbol="BTC/USDT:USDT",
        source=f"{DOCS}/trading/query-executed-order-history",
    ),
    history(
        ORDERS,
        "spot",
        FINISHED,
        [LIMIT, MARKET],
        symbol="BTC/USDT",
        also=("linear",),
        source=f"{DOCS}/trading/query-executed-orders",
    ),
    history(
        FILLS,
        "converts",
        CONVERTS,
        [
            CONVERT,
            replace(
                CONVERT,
                symbol="ETH/EUR",
                fill_id="1741106",
                time=at(60),
                side=Side.SELL,
                base="ETH",
                quote="EUR",
                quantity=Decimal("0.5"),
                price=Decimal("3600"),
                cost=Decimal("1800"),
            ),
        ],
        answer={"total": 2, "limit": 100, "offset": 0},
        source=f"{DOCS}/convert/convert-history",
    ),
    history(
        TRANSFERS,
        "deposits",
        moved(1, 15, 3),
        [DEPOSIT, CREDITED],
        answer={"limit": 100, "offset": 0, "total": 2},
        source=f"{DOCS}/account-wallet/get-deposit-withdraw-history",
    ),
    history(
        TRANSFERS,
        "withdrawals",
        moved(2, 4, 18),
        [
            replace(DEPOSIT, **OUT, status="canceled"),
            replace(
                CREDITED,
                **OUT,
                quantity=Decimal("39000"),
                fee=Fee(asset="USDT", amount=Decimal("273")),
            ),
        ],
        answer={"limit": 100, "offset": 0, "total": 2},
        source=f"{DOCS}/account-wallet/get-deposit-withdraw-history",
    ),
    history(
        TRANSFERS,
        "funding",
        FUNDING,
        [
            PAID,
            replace(
                PAID,
                transfer_id=f"BTC_PERP:{(SECOND + 3600) * 1000}:0.001",
                time=at(3600),
                quantity=Decimal("0.0054997859133136"),
            ),
        ],
        symbol="BTC/USDT:USDT",
        answer={"limit": 100, "offset": 0},
        source=f"{DOCS}/trading/funding-history; milliseconds: ccxt's parse_funding_history",
    ),
    WalletCase(
        exchange="whitebit",
        wallet="main",
        source=f"{DOCS}/account-wallet/main-balance",
        answer={
            "BTC": {"main_balance": "0.0013929494020316"},
            "BTG": {"main_balance": "0"},
            "XLM": {"main_balance": "36.48"},
        },
        balances=[
            balance("main", "BTC", "0.0013929494020316", free="0.0013929494020316", used="0"),
            balance("main", "XLM", "36.48", free="36.48", used="0"),
        ],
    ),
    WalletCase(
        exchange="whitebit",
        wallet="spot",
        source=f"{DOCS}/trading/trading-balance",
        answer={
            "BTC": {"available": "0.123", "freeze": "0.01"},
            "USDT": {"available": "1000.50", "freeze": "100.00"},
        },
        balances=[
            balance("spot", "BTC", "0.133", free="0.123", used="0.01"),
            balance("spot", "USDT", "1100.5", free="1000.5", used="100"),
        ],
    ),
    WalletCase(
        exchange="whitebit",
        wallet="collateral",
        source=f"{DOCS}/trading/collateral-account-balance-summary",
        answer=[
            {
                "asset": "BTC",
                "balance": "0.5",
                "borrow": "0.125",
                "availableWithoutBorrow": "0.25",
                "availableWithBorrow": "123.456",
            },
            {
                "asset": "USDT",
                "balance": "1000",
                "borrow": "20",
                "availableWithoutBorrow": "900",
                "availableWithBorrow": "5000",
            },
        ],
        balances=[
            balance("collateral", "BTC", "0.5", free="0.25", debt="0.125"),
            balance("collateral", "USDT", "1000", free="900", debt="20"),
        ],
    ),
    ListCase(
        exchange="whitebit",
        what="positions",
        category="linear",
        source=f"{DOCS}/trading/open-positions",
        answer=POSITIONS,
        records=[SHORT, LONG],
    ),
    ListCase(
        exchange="whitebit",
        what="open_orders",
        category="spot",
        source=f"{DOCS}/trading/query-unexecuted-orders",
        answer=[*PENDING, PERP],
        last=[],
        records=[OPEN, STOP],
    ),
    ListCase(
        exchange="whitebit",
        what="open_orders",
        category="linear",
        source=f"{DOCS}/trading/query-unexecuted-orders",
        answer=[PENDING[1], PERP],
        last=[],
        records=[replace(OPEN, category="linear", symbol="BTC/USDT:USDT")],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_everything_that_is_read_has_a_case() -> None:
    assert uncovered(policy_for("whitebit"), CASES) == set()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("NEW", OrderStatus.OPEN),
        ("PARTIAL_FILLED", OrderStatus.OPEN),
        ("CANCELED", OrderStatus.CANCELED),
        ("CANCELLED", OrderStatus.CANCELED),
        ("PARTIAL_CANCELED", OrderStatus.CANCELED),
        ("CANCELED_TAKER_BAND", OrderStatus.CANCELED),
        ("AUTO_CANCELED_REDUCE_ONLY", OrderStatus.CANCELED),
        ("FILLED", OrderStatus.CLOSED),
        (None, OrderStatus.CLOSED),
    ],
)
def test_every_documented_state_of_an_order_is_known(
    state: str | None, expected: OrderStatus
) -> None:
    rows = [{**FINISHED[1], "status": state}]
    records = [replace(MARKET, status=expected)]
    check(history(ORDERS, "spot", rows, records, symbol="BTC/USDT", source=DOCS))


@pytest.mark.parametrize(
    ("scope", "state", "expected"),
    [
        *(("deposits", state, "pending") for state in (5, 15, 21, 22, 27, 28)),
        *(("deposits", state, "ok") for state in (3, 7)),
        *(("deposits", state, "canceled") for state in (4, 9)),
        *(("withdrawals", state, "pending") for state in (1, 2, 5, 6, *range(10, 18), 21)),
        *(("withdrawals", state, "ok") for state in (3, 7)),
        ("withdrawals", 4, "canceled"),
    ],
)
def test_every_documented_state_of_a_move_is_known(scope: str, state: int, expected: str) -> None:
    row = moved(1, state, state)[0]
    kind = TransferKind.DEPOSIT if scope == "deposits" else TransferKind.WITHDRAWAL
    record = replace(DEPOSIT, scope=scope, kind=kind, status=expected)
    check(history(TRANSFERS, scope, [row], [record], answer={"total": 1}, source=DOCS))


def test_a_position_below_zero_is_short_and_a_convert_without_a_path_is_refused() -> None:
    adapter, wire = canned_adapter("whitebit")
    wire.play([[{**POSITIONS[0], "amount": "-0.1", "positionSide": "BOTH"}]])
    assert adapter.positions(adapter.policy.positions[0]) == (SHORT,)
    wire.play([{"records": [{**CONVERTS[0], "path": []}]}])
    with pytest.raises(BadResponse, match="no path"):
        adapter.page(stream(adapter, FILLS, "converts"), None, None, {})


def test_each_wallet_has_the_histories_that_happen_in_it() -> None:
    def read(wallet: str) -> set[tuple[str, str]]:
        policy = narrowed(policy_for("whitebit"), (wallet,), "main")
        return {(item.data_type.value, item.scope) for item in policy.streams}

    of_the_account = {("transfers", name) for name in ("deposits", "withdrawals", "funding")}
    assert read("main") == of_the_account
    assert read("spot") == of_the_account | {
        ("fills", "spot"),
        ("orders", "spot"),
        ("fills", "converts"),
    }
    assert read("collateral") == of_the_account | {("fills", "linear"), ("orders", "linear")}


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        (2, "This action is unauthorized. Enable your key in API settings", KeyRefused),
        (10, "Unauthorized request.", KeyRefused),
        (0, "You don't have permission to use this endpoint.", PermissionMissing),
        (4, "This API Key is not authorized to perform this action.", PermissionMissing),
        (0, "Too many requests.", RateLimited),
    ],
)
def test_what_is_said_of_a_key(code: int, words: str, expected: type[ExcacheError]) -> None:
    answer = Answer({"code": code, "message": words}, 401)
    with (
        adapter_for("whitebit", lambda _: answer, retry=RetryPolicy(attempts=1)) as (adapter, _),
        pytest.raises(ExcacheError) as caught,
    ):
        adapter.balances(adapter.policy.wallets[0])
    assert type(caught.value) is expected


# --- what is asked --------------------------------------------------------------------------------

WINDOW = {"startDate": scripted.START // 1000, "endDate": scripted.END // 1000}
DEAL = ("1343815269", "spot", "BTC/USDT", "sell", "0.986", "9995.5", "9855.563")


def walk_case(data_type: Any, scope: str, path: str, **more: Any) -> scripted.Case:
    return scripted.Case(
        exchange="whitebit", data_type=data_type, scopes=(scope,), path=path, **more
    )


def listed(*rows: Any) -> dict[str, Any]:
    return {"records": list(rows), "limit": 100, "offset": 0}


WALKS = (
    walk_case(
        FILLS,
        "spot",
        "/api/v4/trade-account/executed-history",
        symbol="BTC/USDT",
        replies=[DEALS[:1], DEALS[1:], []],
        asks=[
            {**WINDOW, "market": "BTC_USDT", "limit": 500, "offset": None},
            {**WINDOW, "market": "BTC_USDT", "limit": 500, "offset": 1},
            {**WINDOW, "market": "BTC_USDT", "limit": 500, "offset": 2},
        ],
        makes=[(*DEAL, {"USDT": "9.855563"})],
    ),
    walk_case(
        FILLS,
        "linear",
        "/api/v4/trade-account/executed-history",
        symbol="BTC/USDT:USDT",
        replies=[DEALS[:1], []],
        asks=[{**WINDOW, "market": "BTC_PERP", "limit": 500}, {"offset": 1}],
        makes=[("1343815269", "linear", "BTC/USDT:USDT", *DEAL[3:], {"USDT": "9.855563"})],
    ),
    *(
        walk_case(
            ORDERS,
            scope,
            "/api/v4/trade-account/order/history",
            symbol=symbol,
            replies=[{market: FINISHED[:1]}, {}],
            asks=[{**WINDOW, "market": market, "limit": 500, "offset": None}, {"offset": 1}],
            makes=[("4986126152", scope, symbol, "sell", "canceled", "0.0009", "0.0006", "40000")],
        )
        for scope, symbol, market in (
            ("spot", "BTC/USDT", "BTC_USDT"),
            ("linear", "BTC/USDT:USDT", "BTC_PERP"),
        )
    ),
    walk_case(
        FILLS,
        "converts",
        "/api/v4/convert/history",
        replies=[{**listed(CONVERTS[0]), "total": 1}],
        asks=[{"from": WINDOW["startDate"], "to": WINDOW["endDate"], "limit": 100, "offset": None}],
        makes=[
            ("1741105", "spot", "BTC/USDT", "buy", "0.00008", None, "4", {}, "convert"),
        ],
    ),
    *(
        walk_case(
            TRANSFERS,
            scope,
            "/api/v4/main-account/history",
            replies=[
                {**listed(moved(method, 3, 3)[0]), "total": 2},
                {**listed(moved(method, 3, 3)[1]), "total": 2},
            ],
            asks=[
                {"transactionMethod": method, "limit": 100, "offset": None, "startDate": None},
                {"transactionMethod": method, "limit": 100, "offset": 1, "startDate": None},
            ],
            makes=[(DEPOSIT.transfer_id, kind, "BTC", "0.0006", "0.0001 BTC", "ok")],
        )
        for scope, kind, method in (("deposits", "deposit", 1), ("withdrawals", "withdrawal", 2))
    ),
    walk_case(
        TRANSFERS,
        "funding",
        "/api/v4/collateral-account/funding-history",
        symbol="BTC/USDT:USDT",
        replies=[listed(FUNDING[0]), listed()],
        asks=[{"market": "BTC_PERP", "limit": 100, "offset": None}, {"offset": 1}],
        makes=[(PAID.transfer_id, "funding", "USDT", "-0.171053531892", None, "ok")],
    ),
)
MIRRORS = (
    scripted.Mirror(
        exchange="whitebit",
        what="wallet",
        name="main",
        path="/api/v4/main-account/balance",
        reply={"XLM": {"main_balance": "36.48"}},
        makes=[("XLM", "36.48", "36.48", False)],
    ),
    scripted.Mirror(
        exchange="whitebit",
        what="wallet",
        name="spot",
        path="/api/v4/trade-account/balance",
        reply={"BTC": {"available": "0.123", "freeze": "0.01"}},
        makes=[("BTC", "0.123", "0.133", False)],
    ),
    scripted.Mirror(
        exchange="whitebit",
        what="wallet",
        name="collateral",
        path="/api/v4/collateral-account/balance-summary",
        reply=[{"asset": "BTC", "balance": "1", "borrow": "0", "availableWithoutBorrow": "0.5"}],
        makes=[("BTC", "0.5", "1", False)],
    ),
    scripted.Mirror(
        exchange="whitebit",
        what="positions",
        name="linear",
        path="/api/v4/collateral-account/positions/open",
        reply=POSITIONS[:1],
        makes=[("BTC/USDT:USDT", "linear", "short", "0.1", "45658.349", "12.5")],
    ),
    scripted.Mirror(
        exchange="whitebit",
        what="open_orders",
        name="spot",
        path="/api/v4/orders",
        reply=PENDING[:1],
        more=[PENDING[1:], []],
        asks={"limit": 100, "offset": None},
        makes=[
            ("3686033640", "spot", "BTC/USDT", "buy", "open", "2.25", "0.5", "40000"),
            ("3686033641", "spot", "ETH/USDT", "sell", "open", "3", "0.25", "4000"),
        ],
    ),
    scripted.Mirror(
        exchange="whitebit",
        what="open_orders",
        name="linear",
        path="/api/v4/orders",
        reply=[PERP],
        more=[[]],
        makes=[("3686033640", "linear", "BTC/USDT:USDT", "buy", "open", "2.25", "0.5", "40000")],
    ),
    scripted.Mirror(
        exchange="whitebit",
        what="tickers",
        name="spot",
        path="/api/v4/public/ticker",
        reply={
            "BTC_USDT": {"last_price": "50000.5", "base_volume": "46.1", "isFrozen": False},
            "BTC_PERP": {"last_price": "50001", "base_volume": "5", "isFrozen": False},
        },
        makes=[("BTC/USDT", "50000.5"), ("BTC/USDT:USDT", "50001")],
    ),
)


@pytest.mark.parametrize(("case", "scope"), scripted.each(WALKS))
def test_pages_are_asked_as_documented(case: scripted.Case, scope: str) -> None:
    scripted.run_stream(case, scope)


@pytest.mark.parametrize("case", MIRRORS, ids=scripted.named)
def test_what_is_true_now_is_asked_as_documented(case: scripted.Mirror) -> None:
    scripted.run_mirror(case)


def test_every_history_wallet_and_list_is_asked_for() -> None:
    assert scripted.uncovered("whitebit", WALKS) == set()
    assert scripted.unread("whitebit", MIRRORS) == set()


# --- whole histories ------------------------------------------------------------------------------

DATES: dict[str, Any] = {
    "row_unit": "s",
    "start": "startDate",
    "end": "endDate",
    "unit": "s",
    "cursor": "offset",
    "param": "offset",
}
LISTED: dict[str, Any] = {**DATES, "start": None, "end": None}
SERVED = {
    (FILLS, "spot"): Served(id="id", at="time", **DATES),
    (FILLS, "linear"): Served(id="id", at="time", **DATES),
    (ORDERS, "spot"): Served(id="id", at="ctime", **DATES),
    (ORDERS, "linear"): Served(id="id", at="ctime", **DATES),
    (FILLS, "converts"): Served(
        id="id", at="date", total="total", **{**DATES, "start": "from", "end": "to"}
    ),
    (TRANSFERS, "deposits"): Served(id="transactionId", at="createdAt", total="total", **LISTED),
    (TRANSFERS, "withdrawals"): Served(id="transactionId", at="createdAt", total="total", **LISTED),
    # its rows have no id of their own: the amount of the position tells them apart
    (TRANSFERS, "funding"): Served(id="positionAmount", at="fundingTime", **LISTED),
}


@pytest.mark.parametrize("key", SERVED, ids="-".join)
@pytest.mark.parametrize("broken_off", [False, True], ids=["in one run", "broken off"])
def test_a_history_arrives_whole(key: Any, broken_off: bool, tmp_path: Path) -> None:
    case = next(item for item in WALKS if (item.data_type, item.scopes[0]) == key)
    with closing(ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")) as repository:
        policy = fitted(stream_of(*key), SERVED[key])
        venue = Venue(case, policy, SERVED[key], seed=len("".join(key)))
        with adapter_for("whitebit", venue) as (adapter, _stub):
            new = sync(repository, adapter, policy, case.symbol, Random(7) if broken_off else None)
            assert len(stored(repository)) == new == len(venue.events)
            if key != (TRANSFERS, "funding"):
                assert stored(repository) == venue.truth
            (state,) = repository.ledger.states("main")
            assert not gaps(state, NOW_MS) and state.open is None
            assert sync(repository, adapter, policy, case.symbol, None) == 0


def stream_of(data_type: Any, scope: str) -> Any:
    policy = policy_for("whitebit")
    return next(
        item for item in policy.streams if (item.data_type, item.scope) == (data_type, scope)
    )


def test_every_history_is_served() -> None:
    assert set(SERVED) == {(item.data_type, item.scope) for item in policy_for("whitebit").streams}

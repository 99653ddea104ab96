"""Gate: every history and list in its own spelling, and the records written by hand."""

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
from tests.exchanges import cases
from tests.exchanges.builders import NOW
from tests.exchanges.cases import Case, HistoryCase, ListCase, WalletCase, check, uncovered

DOCS = "https://www.gate.com/docs/developers/apiv4/en"
#: 1748772001.250 and 1748775602.500 of the rows, and when their orders ended.
FIRST = datetime(2025, 6, 1, 10, 0, 1, 250_000, tzinfo=UTC)
SECOND = datetime(2025, 6, 1, 11, 0, 2, 500_000, tzinfo=UTC)
FIRST_END = datetime(2025, 6, 1, 10, 0, 3, 750_000, tzinfo=UTC)
SECOND_END = datetime(2025, 6, 1, 11, 0, 4, 125_000, tzinfo=UTC)


def fee(amount: str, asset: str) -> Fee:
    return Fee(asset=asset, amount=Decimal(amount))


def balance(
    wallet: str, code: str, free: str | None, used: str | None, total: str, debt: str | None = None
) -> Balance:
    return Balance(
        account="main",
        wallet=wallet,
        code=code,
        asset=code,
        free=None if free is None else Decimal(free),
        used=None if used is None else Decimal(used),
        total=Decimal(total),
        debt=None if debt is None else Decimal(debt),
        earn=wallet == "earn",
        fetched_at=NOW,
    )


def contract_trades(name: str, contract: str, other: str) -> list[dict[str, object]]:
    """Two trades of perpetual or delivery contracts, which call their id differently."""
    return [
        {
            name: "121234231",
            "create_time": 1748772001.250,
            "contract": contract,
            "order_id": "21893289839",
            "size": 100,
            "price": "100.125",
            "role": "taker",
            "text": "t-123456",
            "fee": "0.01",
            "point_fee": "0",
        },
        {
            name: "121234232",
            "create_time": 1748775602.500,
            "contract": other,
            "order_id": "21893289840",
            "size": -250,
            "price": "50000",
            "role": "maker",
            "text": "t-123457",
            "fee": "-0.002",
            "point_fee": "0.3",
        },
    ]


CONTRACT_FILL = Fill(
    account="main",
    category="linear",
    symbol="BTC/USDT:USDT",
    fill_id="121234231",
    order_id="21893289839",
    time=FIRST,
    side=Side.BUY,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.01"),
    price=Decimal("100.125"),
    cost=Decimal("1.00125"),
    fees=(fee("0.01", "USDT"),),
    liquidity="taker",
    settle="USDT",
    contracts=Decimal(100),
    contract_size=Decimal("0.0001"),
)
CONTRACT_SALE = Fill(
    account="main",
    category="linear",
    symbol="BTC/USDT:USDT",
    fill_id="121234232",
    order_id="21893289840",
    time=SECOND,
    side=Side.SELL,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.025"),
    price=Decimal(50000),
    cost=Decimal(1250),
    fees=(fee("-0.002", "USDT"), fee("0.3", "GATEPOINT")),
    liquidity="maker",
    settle="USDT",
    contracts=Decimal(250),
    contract_size=Decimal("0.0001"),
)

CONTRACT_ORDERS = [
    {
        "id": 15675394,
        "contract": "BTC_USDT",
        "create_time": 1748772001.250,
        "finish_time": 1748772003.750,
        "finish_as": "reduce_only",
        "status": "finished",
        "size": 6024,
        "left": 24,
        "price": "3765",
        "fill_price": "3760.5",
        "tif": "gtc",
        "text": "t-my-custom-id",
        "is_reduce_only": True,
    },
    {
        "id": 15675395,
        "contract": "BTC_USDT",
        "create_time": 1748775602.500,
        "finish_time": 1748775604.125,
        "finish_as": "liquidated",
        "status": "finished",
        "size": -300,
        "left": 0,
        "price": "0",
        "fill_price": "50100.5",
        "tif": "ioc",
        "text": "api",
        "is_reduce_only": False,
    },
]
CONTRACT_ORDER_RECORDS = [
    Order(
        account="main",
        category="linear",
        symbol="BTC/USDT:USDT",
        order_id="15675394",
        client_order_id="t-my-custom-id",
        created_at=FIRST,
        updated_at=FIRST_END,
        side=Side.BUY,
        type="limit",
        status=OrderStatus.CANCELED,
        base="BTC",
        quote="USDT",
        price=Decimal(3765),
        average=Decimal("3760.5"),
        amount=Decimal(6024),
        filled=Decimal(6000),
        cost=Decimal("2256.3"),
        reduce_only=True,
        fetched_at=NOW,
    ),
    Order(
        account="main",
        category="linear",
        symbol="BTC/USDT:USDT",
        order_id="15675395",
        client_order_id="api",
        created_at=SECOND,
        updated_at=SECOND_END,
        side=Side.SELL,
        type="market",
        status=OrderStatus.CLOSED,
        base="BTC",
        quote="USDT",
        price=None,
        average=Decimal("50100.5"),
        amount=Decimal(300),
        filled=Decimal(300),
        cost=Decimal("1503.015"),
        reduce_only=False,
        fetched_at=NOW,
    ),
]

OPEN_ORDERS = [
    {
        "id": 58549478,
        "contract": "BTC_USDT",
        "create_time": 1748772001.250,
        "status": "open",
        "size": 120,
        "left": 100,
        "price": "3765.5",
        "fill_price": "3764",
        "tif": "gtc",
        "text": "t-open-1",
        "is_reduce_only": True,
    },
    {
        "id": 58549479,
        "contract": "BTC_USDT",
        "create_time": 1748775602.500,
        "status": "open",
        "size": -50,
        "left": -10,
        "price": "52000",
        "fill_price": "52001",
        "tif": "poc",
        "text": "t-open-2",
        "is_reduce_only": False,
    },
]
OPEN_RECORDS = [
    Order(
        account="main",
        category="linear",
        symbol="BTC/USDT:USDT",
        order_id="58549478",
        client_order_id="t-open-1",
        created_at=FIRST,
        side=Side.BUY,
        type="limit",
        status=OrderStatus.OPEN,
        base="BTC",
        quote="USDT",
        price=Decimal("3765.5"),
        average=Decimal(3764),
        amount=Decimal(120),
        filled=Decimal(20),
        cost=Decimal("7.528"),
        reduce_only=True,
        fetched_at=NOW,
    ),
    Order(
        account="main",
        category="linear",
        symbol="BTC/USDT:USDT",
        order_id="58549479",
        client_order_id="t-open-2",
        created_at=SECOND,
        side=Side.SELL,
        type="limit",
        status=OrderStatus.OPEN,
        base="BTC",
        quote="USDT",
        price=Decimal(52000),
        average=Decimal(52001),
        amount=Decimal(50),
        filled=Decimal(40),
        cost=Decimal("208.004"),
        reduce_only=False,
        fetched_at=NOW,
    ),
]

ENTRY = Transfer(
    account="main",
    scope="ledger",
    transfer_id="123456",
    kind=TransferKind.INTERNAL,
    time=FIRST,
    asset="BTC",
    quantity=Decimal("1.03"),
    to_wallet="spot",
    word="margin_in",
)


def meant(
    kind: TransferKind, amount: str, left: str | None = None, entered: str | None = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "quantity": Decimal(amount),
        "from_wallet": left,
        "to_wallet": entered,
    }


#: Rows of the spot ledger: type, code, change, and what they mean.
BOOKED = (
    ("referral_fee", "", "1.5", meant(TransferKind.REWARD, "1.5")),
    ("interest", "", "-0.25", meant(TransferKind.INTEREST, "-0.25")),
    ("sub_account_transfer", "", "-3", meant(TransferKind.WITHDRAWAL, "3")),
    ("subaccount_trf", "1401", "3", meant(TransferKind.DEPOSIT, "3")),
    ("startup_sale", "1136", "40", meant(TransferKind.SUBSCRIPTION, "40")),
    ("startup_prtcp", "", "-20", meant(TransferKind.SUBSCRIPTION, "-20")),
    ("unknown", "143", "-5", meant(TransferKind.SUBSCRIPTION, "-5")),
    ("dust_swap_dctd", "1301", "-0.01", meant(TransferKind.SUBSCRIPTION, "-0.01")),
    ("unknown", "2614", "6", meant(TransferKind.AIRDROP, "6")),
    ("unknown", "1251", "-30", meant(TransferKind.INTERNAL, "30", "spot", "Launchpool")),
    ("unknown", "1255", "2", meant(TransferKind.REWARD, "2")),
    ("lend", "662", "-9", meant(TransferKind.INTERNAL, "9", "spot", "earn")),
    ("unknown", "669", "0.1", meant(TransferKind.INTEREST, "0.1")),
    ("quant_in", "1701", "-7", meant(TransferKind.INTERNAL, "7", "spot", "bots")),
    ("cross_borrow", "670", "8", meant(TransferKind.LOAN, "8", "loan", "spot")),
    ("unknown", "683", "4", meant(TransferKind.INSURANCE, "4")),
    ("dust_swap_fee", "", "-0.001", meant(TransferKind.FEE, "-0.001")),
    ("points_expiration", "917", "-1", meant(TransferKind.ADJUSTMENT, "-1")),
    ("something_new", "99999", "-8", meant(TransferKind.UNCLASSIFIED, "-8")),
)

SPOT = (
    HistoryCase(
        exchange="gate",
        data_type=DataType.FILLS,
        scope="spot",
        source=f"{DOCS}/#query-personal-trading-records",
        rows=[
            {
                "id": "1232893232",
                "create_time": "1748772001",
                "create_time_ms": "1748772001250.456",
                "order_id": "4128442423",
                "side": "buy",
                "role": "maker",
                "amount": "0.15",
                "price": "0.03",
                "fee": "0.0005",
                "fee_currency": "BTC",
                "point_fee": "0",
                "gt_fee": "0",
                "currency_pair": "BTC_USDT",
            },
            {
                "id": "1232893233",
                "create_time": "1748775602",
                "create_time_ms": "1748775602500.123",
                "order_id": "4128442424",
                "side": "sell",
                "role": "taker",
                "amount": "10.5",
                "price": "2500.25",
                "fee": "1.5",
                "fee_currency": "USDT",
                "point_fee": "0.7",
                "gt_fee": "0.2",
                "currency_pair": "ETH_USDC",
            },
        ],
        records=[
            Fill(
                account="main",
                category="spot",
                symbol="BTC/USDT",
                fill_id="1232893232",
                order_id="4128442423",
                time=FIRST,
                side=Side.BUY,
                base="BTC",
                quote="USDT",
                quantity=Decimal("0.15"),
                price=Decimal("0.03"),
                cost=Decimal("0.0045"),
                fees=(fee("0.0005", "BTC"),),
                liquidity="maker",
            ),
            Fill(
                account="main",
                category="spot",
                symbol="ETH/USDC",
                fill_id="1232893233",
                order_id="4128442424",
                time=SECOND,
                side=Side.SELL,
                base="ETH",
                quote="USDC",
                quantity=Decimal("10.5"),
                price=Decimal("2500.25"),
                cost=Decimal("26252.625"),
                fees=(fee("1.5", "USDT"), fee("0.2", "GT"), fee("0.7", "GATEPOINT")),
                liquidity="taker",
            ),
        ],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.ORDERS,
        scope="spot",
        source=f"{DOCS}/#list-orders",
        rows=[
            {
                "id": "12332324",
                "text": "t-123456",
                "create_time": "1748772001",
                "update_time": "1748772003",
                "create_time_ms": 1748772001250,
                "update_time_ms": 1748772003750,
                "status": "cancelled",
                "currency_pair": "BTC_USDT",
                "type": "limit",
                "account": "spot",
                "side": "buy",
                "amount": "2",
                "price": "100",
                "time_in_force": "gtc",
                "left": "1.5",
                "filled_total": "49.5",
                "avg_deal_price": "99",
                "fee": "0.001",
                "fee_currency": "BTC",
                "finish_as": "stp",
            },
            {
                "id": "12332325",
                "text": "apiv4",
                "create_time": "1748775602",
                "update_time": "1748775604",
                "create_time_ms": 1748775602500,
                "update_time_ms": 1748775604125,
                "status": "closed",
                "currency_pair": "ETH_USDC",
                "type": "market",
                "account": "spot",
                "side": "sell",
                "amount": "4",
                "price": "0",
                "time_in_force": "ioc",
                "left": "0",
                "filled_total": "10002",
                "avg_deal_price": "2500.5",
                "fee": "10",
                "fee_currency": "USDC",
                "finish_as": "filled",
            },
        ],
        records=[
            Order(
                account="main",
                category="spot",
                symbol="BTC/USDT",
                order_id="12332324",
                client_order_id="t-123456",
                created_at=FIRST,
                updated_at=FIRST_END,
                side=Side.BUY,
                type="limit",
                status=OrderStatus.CANCELED,
                base="BTC",
                quote="USDT",
                price=Decimal(100),
                average=Decimal(99),
                amount=Decimal(2),
                filled=Decimal("0.5"),
                cost=Decimal("49.5"),
                fetched_at=NOW,
            ),
            Order(
                account="main",
                category="spot",
                symbol="ETH/USDC",
                order_id="12332325",
                client_order_id="apiv4",
                created_at=SECOND,
                updated_at=SECOND_END,
                side=Side.SELL,
                type="market",
                status=OrderStatus.CLOSED,
                base="ETH",
                quote="USDC",
                price=None,
                average=Decimal("2500.5"),
                amount=Decimal(4),
                filled=Decimal(4),
                cost=Decimal(10002),
                fetched_at=NOW,
            ),
        ],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.FILLS,
        scope="converts",
        source=f"{DOCS}/#query-flash-swap-order-list",
        rows=[
            {
                "id": 54646,
                "create_time": 1748772001250,
                "user_id": 11135567,
                "sell_currency": "BTC",
                "sell_amount": "0.01",
                "buy_currency": "USDT",
                "buy_amount": "10",
                "price": "1000",
                "status": 1,
            },
            {
                "id": 54647,
                "create_time": 1748775602500,
                "user_id": 11135567,
                "sell_currency": "USDC",
                "sell_amount": "25",
                "buy_currency": "GT",
                "buy_amount": "2",
                "price": "0.08",
                "status": 1,
            },
            {
                "id": 54648,
                "create_time": 1748775602500,
                "user_id": 11135567,
                "sell_currency": "USDC",
                "sell_amount": "26",
                "buy_currency": "GT",
                "buy_amount": "3",
                "price": "0.08",
                "status": 2,
            },
        ],
        records=[
            Fill(
                account="main",
                category="spot",
                symbol="BTC/USDT",
                fill_id="54646",
                order_id=None,
                time=FIRST,
                side=Side.SELL,
                base="BTC",
                quote="USDT",
                quantity=Decimal("0.01"),
                price=Decimal(1000),
                cost=Decimal(10),
                kind=FillKind.CONVERT,
            ),
            Fill(
                account="main",
                category="spot",
                symbol="GT/USDC",
                fill_id="54647",
                order_id=None,
                time=SECOND,
                side=Side.BUY,
                base="GT",
                quote="USDC",
                quantity=Decimal(2),
                price=Decimal("12.5"),
                cost=Decimal(25),
                kind=FillKind.CONVERT,
            ),
        ],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.TRANSFERS,
        scope="ledger",
        source=f"{DOCS}/#query-spot-account-transaction-history",
        rows=[
            {
                "id": "123456",
                "time": "1748772001250",
                "currency": "BTC",
                "change": "1.03",
                "balance": "4.59316525194",
                "type": "margin_in",
                "text": "3815099",
            },
            {
                "id": "123457",
                "time": "1748775602500",
                "currency": "USDT",
                "change": "-100",
                "balance": "12.5",
                "type": "futures_out",
                "text": "",
            },
            *(
                {
                    "id": str(at),
                    "time": "1748775602500",
                    "currency": "GT",
                    "change": change,
                    "balance": "7",
                    "type": word,
                    "code": code,
                    "text": "",
                }
                for at, (word, code, change, _) in enumerate(BOOKED)
            ),
            *(
                {
                    "id": "900",
                    "time": "1748775602500",
                    "currency": "GT",
                    "change": "-9",
                    "balance": "7",
                    "type": word,
                    "code": code,
                    "text": "",
                }
                for word, code in (
                    ("new_order", ""),
                    ("order_fee", "151"),
                    ("cv_buy", "2601"),
                    ("deposit", "110"),
                    ("withdraw", "4"),
                    ("margin_borrow", "605"),
                )
            ),
        ],
        records=[
            ENTRY,
            replace(
                ENTRY,
                transfer_id="123457",
                time=SECOND,
                asset="USDT",
                quantity=Decimal(100),
                from_wallet="spot",
                to_wallet=None,
                word="futures_out",
            ),
            *(
                replace(
                    ENTRY,
                    transfer_id=str(at),
                    time=SECOND,
                    asset="GT",
                    word=word if code in {"", "99999"} else code,
                    **means,
                )
                for at, (word, code, _, means) in enumerate(BOOKED)
            ),
        ],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.TRANSFERS,
        scope="deposits",
        source=f"{DOCS}/#get-deposit-records",
        rows=[
            {
                "id": "d33361395",
                "timestamp": "1748772001",
                "currency": "USDT",
                "address": "TErdnxenuLtXfnMafLbfappYdHtnXQ5U4z",
                "txid": "ae9374de34e558562fe18cbb1bf9ab4d9eb8aa7669d65541c9fa2a532c1474a0",
                "amount": "222.61",
                "memo": "",
                "status": "DONE",
                "chain": "TRX",
            },
            {
                "id": "d33361396",
                "timestamp": "1748775602",
                "currency": "BTC",
                "address": "bc1q",
                "txid": "4b1f",
                "amount": "0.5",
                "memo": "",
                "status": "REQUEST",
                "chain": "BTC",
            },
        ],
        records=[
            Transfer(
                account="main",
                scope="deposits",
                transfer_id="d33361395",
                kind=TransferKind.DEPOSIT,
                time=FIRST.replace(microsecond=0),
                asset="USDT",
                quantity=Decimal("222.61"),
                tx_id="ae9374de34e558562fe18cbb1bf9ab4d9eb8aa7669d65541c9fa2a532c1474a0",
                network="TRC20",
            ),
            Transfer(
                account="main",
                scope="deposits",
                transfer_id="d33361396",
                kind=TransferKind.DEPOSIT,
                time=SECOND.replace(microsecond=0),
                asset="BTC",
                quantity=Decimal("0.5"),
                status="pending",
                tx_id="4b1f",
                network="BTC",
            ),
        ],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.TRANSFERS,
        scope="withdrawals",
        source=f"{DOCS}/#get-withdrawal-records: the amount holds the fee",
        rows=[
            {
                "id": "w13389675",
                "timestamp": "1748772001",
                "currency": "USDT",
                "address": "TErdnxenuLtXfnMafLbfappYdHtnXQ5U4z",
                "txid": "ae93",
                "amount": "50",
                "fee": "1",
                "memo": "",
                "status": "DONE",
                "chain": "TRX",
            },
            {
                "id": "w13389676",
                "timestamp": "1748775602",
                "currency": "BTC",
                "address": "bc1q",
                "txid": "4b1f",
                "amount": "0.5",
                "fee": "0.001",
                "memo": "",
                "status": "CANCEL",
                "chain": "BTC",
            },
        ],
        records=[
            Transfer(
                account="main",
                scope="withdrawals",
                transfer_id="w13389675",
                kind=TransferKind.WITHDRAWAL,
                time=FIRST.replace(microsecond=0),
                asset="USDT",
                quantity=Decimal(49),
                fee=fee("1", "USDT"),
                tx_id="ae93",
                network="TRC20",
            ),
            Transfer(
                account="main",
                scope="withdrawals",
                transfer_id="w13389676",
                kind=TransferKind.WITHDRAWAL,
                time=SECOND.replace(microsecond=0),
                asset="BTC",
                quantity=Decimal("0.499"),
                fee=fee("0.001", "BTC"),
                status="canceled",
                tx_id="4b1f",
                network="BTC",
            ),
        ],
    ),
)

CONTRACTS = (
    HistoryCase(
        exchange="gate",
        data_type=DataType.FILLS,
        scope="futures-usdt",
        source=f"{DOCS}/#query-personal-trading-records-by-time-range",
        rows=contract_trades("trade_id", "BTC_USDT", "BTC_USDT"),
        records=[CONTRACT_FILL, CONTRACT_SALE],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.FILLS,
        scope="futures-btc",
        source=f"{DOCS}/#query-personal-trading-records-by-time-range: inverse, 1 USD a contract",
        rows=contract_trades("trade_id", "BTC_USD", "BTC_USD")[1:],
        records=[
            Fill(
                account="main",
                category="inverse",
                symbol="BTC/USD:BTC",
                fill_id="121234232",
                order_id="21893289840",
                time=SECOND,
                side=Side.SELL,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.005"),
                price=Decimal(50000),
                cost=Decimal(250),
                fees=(fee("-0.002", "BTC"), fee("0.3", "GATEPOINT")),
                liquidity="maker",
                settle="BTC",
                contracts=Decimal(250),
                contract_size=Decimal(1),
            )
        ],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.FILLS,
        scope="delivery-usdt",
        source=f"{DOCS}/#query-personal-trading-records-2",
        rows=contract_trades("id", "BTC_USDT", "BTC_USDT"),
        records=[CONTRACT_FILL, CONTRACT_SALE],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.ORDERS,
        scope="futures-usdt",
        also=("futures-btc", "delivery-usdt"),
        source=f"{DOCS}/#query-futures-order-list-by-time-range",
        rows=CONTRACT_ORDERS,
        records=CONTRACT_ORDER_RECORDS,
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.TRANSFERS,
        scope="funding-usdt",
        source=f"{DOCS}/#query-futures-account-change-history",
        rows=[
            {
                "time": 1748772001.250,
                "change": "0.000010152188",
                "balance": "4.59316525194",
                "text": "ETH_USD:6086261",
                "type": "fund",
                "contract": "BTC_USDT",
                "trade_id": "1",
                "id": "77",
            },
            {
                "time": 1748775602.500,
                "change": "-0.25",
                "balance": "4.3",
                "text": "ETH_USDT:6086262",
                "type": "fund",
                "contract": "",
                "trade_id": "2",
            },
        ],
        records=[
            Transfer(
                account="main",
                scope="funding-usdt",
                transfer_id="77",
                kind=TransferKind.FUNDING,
                word="fund",
                time=FIRST,
                asset="USDT",
                quantity=Decimal("0.000010152188"),
                symbol="BTC/USDT:USDT",
            ),
            Transfer(
                account="main",
                scope="funding-usdt",
                transfer_id="ETH_USDT:1748775602.5",
                kind=TransferKind.FUNDING,
                word="fund",
                time=SECOND,
                asset="USDT",
                quantity=Decimal("-0.25"),
                symbol="ETH/USDT:USDT",
            ),
        ],
    ),
    HistoryCase(
        exchange="gate",
        data_type=DataType.TRANSFERS,
        scope="funding-btc",
        source=f"{DOCS}/#query-futures-account-change-history: in the settle currency",
        rows=[
            {
                "time": 1748772001.250,
                "change": "-0.00005",
                "balance": "4.5",
                "text": "BTC_USD:39",
                "type": "fund",
                "contract": "BTC_USD",
                "trade_id": "3",
                "id": "78",
            }
        ],
        records=[
            Transfer(
                account="main",
                scope="funding-btc",
                transfer_id="78",
                kind=TransferKind.FUNDING,
                word="fund",
                time=FIRST,
                asset="BTC",
                quantity=Decimal("-0.00005"),
                symbol="BTC/USD:BTC",
            )
        ],
    ),
    ListCase(
        exchange="gate",
        what="positions",
        category="linear",
        source=f"{DOCS}/#list-all-positions-of-a-user",
        answer=[
            {
                "contract": "BTC_USDT",
                "size": -120,
                "leverage": "5",
                "value": "552.6192",
                "entry_price": "46030.3",
                "mark_price": "46051.6",
                "unrealised_pnl": "-0.2556",
                "realised_pnl": "0.1",
                "margin": "111",
                "liq_price": "50000",
                "initial_margin": "110.5",
                "maintenance_margin": "3",
                "mode": "single",
                "update_time": 1748772003,
                "open_time": 1748772001,
            },
            {
                "contract": "BTC_USDT",
                "size": 50,
                "leverage": "0",
                "value": "205",
                "entry_price": "40000",
                "mark_price": "41000",
                "unrealised_pnl": "5",
                "realised_pnl": "0.2",
                "margin": "21",
                "liq_price": "30000",
                "initial_margin": "20.5",
                "maintenance_margin": "1",
                "mode": "dual_long",
                "update_time": 1748775604,
                "open_time": 1748775602,
            },
        ],
        records=[
            Position(
                account="main",
                wallet="futures-usdt",
                category="linear",
                symbol="BTC/USDT:USDT",
                side="short",
                contracts=Decimal(120),
                contract_size=Decimal("0.0001"),
                base_quantity=Decimal("0.012"),
                entry_price=Decimal("46030.3"),
                mark_price=Decimal("46051.6"),
                notional=Decimal("552.6192"),
                unrealised_pnl=Decimal("-0.2556"),
                settle_asset="USDT",
                leverage=Decimal(5),
                liquidation_price=Decimal(50000),
                margin=Decimal("110.5"),
                margin_mode="isolated",
                fetched_at=NOW,
                as_of=FIRST_END.replace(microsecond=0),
            ),
            Position(
                account="main",
                wallet="futures-usdt",
                category="linear",
                symbol="BTC/USDT:USDT",
                side="long",
                contracts=Decimal(50),
                contract_size=Decimal("0.0001"),
                base_quantity=Decimal("0.005"),
                entry_price=Decimal(40000),
                mark_price=Decimal(41000),
                notional=Decimal(205),
                unrealised_pnl=Decimal(5),
                settle_asset="USDT",
                liquidation_price=Decimal(30000),
                margin=Decimal("20.5"),
                margin_mode="cross",
                fetched_at=NOW,
                as_of=SECOND_END.replace(microsecond=0),
            ),
        ],
    ),
    ListCase(
        exchange="gate",
        what="open_orders",
        category="linear",
        source=f"{DOCS}/#list-futures-orders",
        answer=OPEN_ORDERS,
        last=[],
        records=OPEN_RECORDS,
    ),
    ListCase(
        exchange="gate",
        what="open_orders",
        category="inverse",
        source=f"{DOCS}/#list-futures-orders: 1 USD a contract",
        answer=[{**OPEN_ORDERS[1], "contract": "BTC_USD"}],
        last=[],
        records=[
            replace(
                OPEN_RECORDS[1],
                category="inverse",
                symbol="BTC/USD:BTC",
                quote="USD",
                cost=Decimal(40),
            )
        ],
    ),
)

WALLETS = (
    WalletCase(
        exchange="gate",
        wallet="spot",
        source=f"{DOCS}/#list-spot-trading-accounts",
        answer=[
            {"currency": "BTC", "available": "1", "locked": "0.5", "update_id": 98},
            {"currency": "USDT", "available": "968.8", "locked": "3", "update_id": 99},
        ],
        balances=[
            balance("spot", "BTC", "1", "0.5", "1.5"),
            balance("spot", "USDT", "968.8", "3", "971.8"),
        ],
    ),
    WalletCase(
        exchange="gate",
        wallet="margin",
        source=f"{DOCS}/#margin-account-list",
        answer=[
            {
                "currency_pair": "BTC_USDT",
                "locked": False,
                "risk": "1.3318",
                "base": {
                    "currency": "BTC",
                    "available": "1",
                    "locked": "0.5",
                    "borrowed": "0.25",
                    "interest": "0.125",
                },
                "quote": {
                    "currency": "USDT",
                    "available": "200",
                    "locked": "30",
                    "borrowed": "4",
                    "interest": "0.5",
                },
            }
        ],
        balances=[
            balance("margin", "BTC", "1", "0.5", "1.125", "0.375"),
            balance("margin", "USDT", "200", "30", "225.5", "4.5"),
        ],
    ),
    WalletCase(
        exchange="gate",
        wallet="futures-usdt",
        also=("futures-btc", "delivery-usdt", "options"),
        source=f"{DOCS}/#get-futures-account",
        answer={
            "user": 1666,
            "currency": "USDT",
            "total": "9707.803567115145",
            "unrealised_pnl": "3371.248828",
            "position_margin": "38.712189181",
            "available": "9669.091377934145",
            "point": "0",
        },
        balances=[balance("futures-usdt", "USDT", "9669.091377934145", None, "9707.803567115145")],
    ),
    WalletCase(
        exchange="gate",
        wallet="earn",
        source=f"{DOCS}/#query-user-s-lending-order-list",
        answer=[
            {"currency": "BTC", "current_amount": "1.2", "amount": "1.5", "lent_amount": "1"},
            {"currency": "USDT", "current_amount": "20", "amount": "20.5", "lent_amount": "0"},
        ],
        balances=[
            balance("earn", "BTC", None, None, "1.5"),
            balance("earn", "USDT", None, None, "20.5"),
        ],
    ),
)
CASES: tuple[Case, ...] = (*SPOT, *CONTRACTS, *WALLETS)


@pytest.mark.parametrize("case", CASES, ids=cases.named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_every_parser_has_a_case() -> None:
    assert uncovered(policy_for("gate"), CASES) == set()


@pytest.mark.parametrize("account", ["spot", "margin", "cross_margin", "unified"])
@pytest.mark.parametrize(
    ("stated", "left", "status", "filled", "cost"),
    [
        ({"filled_amount": "0.00192834"}, "0.00014428", "closed", "0.00192834", "99.99985572"),
        ({}, "0.00014428", "closed", "0.00192834", "99.99985572"),
        ({"filled_amount": "0.001"}, "48.142", "cancelled", "0.001", "51.858"),
        ({}, "100", "cancelled", "0", "0"),
    ],
)
def test_the_amount_of_a_market_buy_is_in_quote_and_is_no_amount_of_the_base(
    account: str, stated: dict[str, str], left: str, status: str, filled: str, cost: str
) -> None:
    orders = next(
        one
        for one in SPOT
        if isinstance(one, HistoryCase) and (one.data_type, one.scope) == (DataType.ORDERS, "spot")
    )
    bought = {
        **{key: value for key, value in dict(orders.rows[0]).items() if key != "avg_deal_price"},
        **{"type": "market", "time_in_force": "ioc", "price": "0", "account": account},
        **{"amount": "100", "left": left, "status": status, "filled_total": cost, **stated},
        **({"avg_deal_price": "51858"} if cost != "0" else {}),
    }
    (made,) = cases.history(replace(orders, rows=[bought]))
    assert made.status == (OrderStatus.CLOSED if status == "closed" else OrderStatus.CANCELED)
    assert (made.amount, made.filled, made.price) == (None, Decimal(filled), None)
    assert made.cost == (Decimal(cost) or None)

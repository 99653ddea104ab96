"""Binance: every history and wallet in its own spelling, and the records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.key_rights import KeyRights
from exchange_cache.errors import BadResponse
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

DOCS = "https://developers.binance.com/docs"
SPOT_DOCS = f"{DOCS}/binance-spot-api-docs/rest-api/account-endpoints"

FIRST_MS, FIRST = 1748721600250, datetime(2025, 5, 31, 20, 0, 0, 250_000, tzinfo=UTC)
SECOND_MS, SECOND = 1748721661500, datetime(2025, 5, 31, 20, 1, 1, 500_000, tzinfo=UTC)
THIRD_MS, THIRD = 1748725323750, datetime(2025, 5, 31, 21, 2, 3, 750_000, tzinfo=UTC)

# --- spot and margin trades -----------------------------------------------------------------------

SPOT_TRADES = [
    {
        "symbol": "BTCUSDT",
        "id": 28457,
        "orderId": 100234,
        "orderListId": -1,
        "price": "60000.50",
        "qty": "0.12",
        "quoteQty": "7200.06",
        "commission": "0.00012",
        "commissionAsset": "BTC",
        "time": FIRST_MS,
        "isBuyer": True,
        "isMaker": False,
        "isBestMatch": True,
    },
    {
        "symbol": "BTCUSDT",
        "id": 28460,
        "orderId": 100240,
        "orderListId": -1,
        "price": "61000",
        "qty": "0.05",
        "quoteQty": "3050",
        "commission": "0.0045",
        "commissionAsset": "BNB",
        "time": SECOND_MS,
        "isBuyer": False,
        "isMaker": True,
        "isBestMatch": True,
    },
]

SPOT_FILL = Fill(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    fill_id="28457",
    order_id="100234",
    time=FIRST,
    side=Side.BUY,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.12"),
    price=Decimal("60000.50"),
    cost=Decimal("7200.06"),
    fees=(Fee(asset="BTC", amount=Decimal("0.00012")),),
    liquidity="taker",
)
SPOT_FILLS = [
    SPOT_FILL,
    replace(
        SPOT_FILL,
        fill_id="28460",
        order_id="100240",
        time=SECOND,
        side=Side.SELL,
        quantity=Decimal("0.05"),
        price=Decimal("61000"),
        cost=Decimal("3050"),
        fees=(Fee(asset="BNB", amount=Decimal("0.0045")),),
        liquidity="maker",
    ),
]

SPOT_ORDER_ROWS = [
    {
        "symbol": "BTCUSDT",
        "orderId": 100234,
        "orderListId": -1,
        "clientOrderId": "myOrder1",
        "price": "60000.5",
        "origQty": "0.2",
        "executedQty": "0.12",
        "cummulativeQuoteQty": "7200",
        "status": "CANCELED",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "stopPrice": "0.0",
        "icebergQty": "0.0",
        "time": FIRST_MS,
        "updateTime": SECOND_MS,
        "isWorking": True,
        "origQuoteOrderQty": "0.000000",
    },
    {
        "symbol": "BTCUSDT",
        "orderId": 100240,
        "orderListId": -1,
        "clientOrderId": "myOrder2",
        "price": "0.0",
        "origQty": "0.05",
        "executedQty": "0.05",
        "cummulativeQuoteQty": "3050",
        "status": "FILLED",
        "timeInForce": "GTC",
        "type": "MARKET",
        "side": "SELL",
        "stopPrice": "0.0",
        "icebergQty": "0.0",
        "time": SECOND_MS,
        "updateTime": THIRD_MS,
        "isWorking": True,
        "origQuoteOrderQty": "0.000000",
    },
]

SPOT_ORDER = Order(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    order_id="100234",
    client_order_id="myOrder1",
    created_at=FIRST,
    updated_at=SECOND,
    side=Side.BUY,
    type="limit",
    status=OrderStatus.CANCELED,
    base="BTC",
    quote="USDT",
    price=Decimal("60000.5"),
    average=Decimal("60000"),
    amount=Decimal("0.2"),
    filled=Decimal("0.12"),
    cost=Decimal("7200"),
    fetched_at=NOW,
)
SPOT_ORDERS = [
    SPOT_ORDER,
    replace(
        SPOT_ORDER,
        order_id="100240",
        client_order_id="myOrder2",
        created_at=SECOND,
        updated_at=THIRD,
        side=Side.SELL,
        type="market",
        status=OrderStatus.CLOSED,
        price=None,
        average=Decimal("61000"),
        amount=Decimal("0.05"),
        filled=Decimal("0.05"),
        cost=Decimal("3050"),
    ),
]


def spot_like(scope: str, category: str, trades: str, orders: str) -> tuple[Case, ...]:
    """Fills and orders of a wallet that trades on the spot markets."""
    isolated = {} if category == "spot" else {"isIsolated": scope == "margin-isolated"}
    return (
        HistoryCase(
            exchange="binance",
            data_type=DataType.FILLS,
            scope=scope,
            symbol="BTC/USDT",
            source=trades,
            rows=[{**row, **isolated} for row in SPOT_TRADES],
            records=[replace(fill, category=category) for fill in SPOT_FILLS],
        ),
        HistoryCase(
            exchange="binance",
            data_type=DataType.ORDERS,
            scope=scope,
            symbol="BTC/USDT",
            source=orders,
            rows=[{**row, **isolated} for row in SPOT_ORDER_ROWS],
            records=[replace(order, category=category) for order in SPOT_ORDERS],
        ),
    )


MARGIN_TRADES = f"{DOCS}/margin_trading/trade/Query-Margin-Account-Trade-List"
MARGIN_ORDERS = f"{DOCS}/margin_trading/trade/Query-Margin-Account-All-Orders"
SPOT_LIKE = (
    *spot_like(
        "spot",
        "spot",
        f"{SPOT_DOCS}#account-trade-list-user_data",
        f"{SPOT_DOCS}#all-orders-user_data",
    ),
    *spot_like("margin", "margin", MARGIN_TRADES, MARGIN_ORDERS),
    *spot_like("margin-isolated", "margin", MARGIN_TRADES, MARGIN_ORDERS),
)

# --- interest on margin debts ---------------------------------------------------------------------

INTEREST = Transfer(
    account="main",
    scope="margin-interest",
    transfer_id="1352286576452864727:USDT",
    kind=TransferKind.INTEREST,
    time=FIRST,
    asset="USDT",
    quantity=Decimal("-0.00019"),
    from_wallet="margin",
)


def interest(scope: str, wallet: str, pairs: tuple[str, str] | None) -> HistoryCase:
    """Interest of the cross wallet, or of the pairs of the isolated one."""
    rows: list[dict[str, Any]] = [
        {
            "txId": 1352286576452864727,
            "interestAccuredTime": FIRST_MS,
            "asset": "USDT",
            "rawAsset": "USDT",
            "principal": "45.3313",
            "interest": "0.00019",
            "interestRate": "0.00012",
            "type": "ON_BORROW",
        },
        {
            "txId": 1352286576452864728,
            "interestAccuredTime": SECOND_MS,
            "asset": "BNB",
            "rawAsset": "ETH",
            "principal": "2",
            "interest": "0.0024",
            "interestRate": "0.0003",
            "type": "PERIODIC_CONVERTED",
        },
    ]
    first = replace(INTEREST, scope=scope, from_wallet=wallet)
    records = [
        first,
        replace(
            first,
            transfer_id="1352286576452864728:BNB",
            time=SECOND,
            asset="BNB",
            quantity=Decimal("-0.0024"),
        ),
    ]
    if pairs is not None:
        ids = ("BTCUSDT", "ETHUSDT")
        rows = [{**row, "isolatedSymbol": name} for row, name in zip(rows, ids, strict=True)]
        records = [replace(one, symbol=name) for one, name in zip(records, pairs, strict=True)]
    return HistoryCase(
        exchange="binance",
        data_type=DataType.TRANSFERS,
        scope=scope,
        symbol="BTC/USDT" if pairs is not None else None,
        source=f"{DOCS}/margin_trading/borrow-and-repay/Get-Interest-History",
        answer={"total": 2},
        rows=rows,
        records=records,
    )


# --- contracts ------------------------------------------------------------------------------------

LINEAR_FILL = Fill(
    account="main",
    category="linear",
    symbol="BTC/USDT:USDT",
    fill_id="698759",
    order_id="25851813",
    time=FIRST,
    side=Side.SELL,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.002"),
    price=Decimal("7819.01"),
    cost=Decimal("15.63802"),
    fees=(Fee(asset="USDT", amount=Decimal("0.0782")),),
    liquidity="taker",
    settle="USDT",
    contracts=Decimal("0.002"),
    contract_size=Decimal("1"),
    realised_pnl=Decimal("-0.91539999"),
)
INVERSE_FILL = replace(
    LINEAR_FILL,
    category="inverse",
    symbol="BTC/USD:BTC",
    quote="USD",
    settle="BTC",
    contract_size=Decimal("100"),
    fill_id="6",
    order_id="28",
    side=Side.BUY,
    contracts=Decimal("16"),
    price=Decimal("50000"),
    quantity=Decimal("0.032"),
    cost=Decimal("1600"),
    fees=(Fee(asset="BTC", amount=Decimal("0.0000064")),),
    realised_pnl=Decimal("0.0001"),
)
LINEAR_ORDER = replace(
    SPOT_ORDER,
    category="linear",
    symbol="BTC/USDT:USDT",
    order_id="1917641",
    client_order_id="abc",
    status=OrderStatus.CLOSED,
    price=Decimal("50000"),
    average=Decimal("49999.5"),
    amount=Decimal("0.4"),
    filled=Decimal("0.4"),
    cost=Decimal("19999.8"),
    reduce_only=False,
)
INVERSE_ORDER = replace(
    LINEAR_ORDER,
    category="inverse",
    symbol="BTC/USD:BTC",
    quote="USD",
    order_id="597368542",
    average=Decimal("50000"),
    price=Decimal("50100"),
    amount=Decimal("3"),
    filled=Decimal("2"),
    cost=Decimal("200"),  # in USD, as that of fills; the exchange reports 0.004 BTC
    status=OrderStatus.CANCELED,
)

CONTRACTS = (
    HistoryCase(
        exchange="binance",
        data_type=DataType.FILLS,
        scope="linear",
        symbol="BTC/USDT:USDT",
        source=f"{DOCS}/derivatives/usds-margined-futures/trade/rest-api/Account-Trade-List",
        rows=[
            {
                "buyer": False,
                "commission": "0.0782",
                "commissionAsset": "USDT",
                "id": 698759,
                "maker": False,
                "orderId": 25851813,
                "price": "7819.01",
                "qty": "0.002",
                "quoteQty": "15.63802",
                "realizedPnl": "-0.91539999",
                "side": "SELL",
                "positionSide": "SHORT",
                "symbol": "BTCUSDT",
                "time": FIRST_MS,
            },
            {
                "buyer": True,
                "commission": "-0.0005",
                "commissionAsset": "BNB",
                "id": 698760,
                "maker": True,
                "orderId": 25851900,
                "price": "7900",
                "qty": "0.003",
                "quoteQty": "23.7",
                "realizedPnl": "1.5",
                "side": "BUY",
                "positionSide": "LONG",
                "symbol": "BTCUSDT",
                "time": SECOND_MS,
            },
        ],
        records=[
            LINEAR_FILL,
            replace(
                LINEAR_FILL,
                fill_id="698760",
                order_id="25851900",
                time=SECOND,
                side=Side.BUY,
                quantity=Decimal("0.003"),
                contracts=Decimal("0.003"),
                price=Decimal("7900"),
                cost=Decimal("23.7"),
                fees=(Fee(asset="BNB", amount=Decimal("-0.0005")),),
                liquidity="maker",
                realised_pnl=Decimal("1.5"),
            ),
        ],
    ),
    HistoryCase(
        exchange="binance",
        data_type=DataType.FILLS,
        scope="inverse",
        symbol="BTC/USD:BTC",
        source=f"{DOCS}/derivatives/coin-margined-futures/trade/rest-api/Account-Trade-List",
        rows=[
            {
                "symbol": "BTCUSD_PERP",
                "id": 6,
                "orderId": 28,
                "pair": "BTCUSD",
                "side": "BUY",
                "price": "50000",
                "qty": "16",
                "realizedPnl": "0.0001",
                "marginAsset": "BTC",
                "baseQty": "0.032",
                "commission": "0.0000064",
                "commissionAsset": "BTC",
                "time": FIRST_MS,
                "positionSide": "BOTH",
                "buyer": True,
                "maker": False,
            },
            {
                "symbol": "BTCUSD_PERP",
                "id": 7,
                "orderId": 29,
                "pair": "BTCUSD",
                "side": "SELL",
                "price": "40000",
                "qty": "4",
                "realizedPnl": "-0.0002",
                "marginAsset": "BTC",
                "baseQty": "0.01",
                "commission": "0.005",
                "commissionAsset": "BNB",
                "time": SECOND_MS,
                "positionSide": "BOTH",
                "buyer": False,
                "maker": True,
            },
        ],
        records=[
            INVERSE_FILL,
            replace(
                INVERSE_FILL,
                fill_id="7",
                order_id="29",
                time=SECOND,
                side=Side.SELL,
                contracts=Decimal("4"),
                price=Decimal("40000"),
                quantity=Decimal("0.01"),
                cost=Decimal("400"),
                fees=(Fee(asset="BNB", amount=Decimal("0.005")),),
                liquidity="maker",
                realised_pnl=Decimal("-0.0002"),
            ),
        ],
    ),
    HistoryCase(
        exchange="binance",
        data_type=DataType.ORDERS,
        scope="linear",
        symbol="BTC/USDT:USDT",
        source=f"{DOCS}/derivatives/usds-margined-futures/trade/rest-api/All-Orders",
        rows=[
            {
                "avgPrice": "49999.5",
                "clientOrderId": "abc",
                "cumQuote": "19999.8",
                "executedQty": "0.4",
                "orderId": 1917641,
                "origQty": "0.40",
                "origType": "LIMIT",
                "price": "50000",
                "reduceOnly": False,
                "side": "BUY",
                "positionSide": "SHORT",
                "status": "FILLED",
                "stopPrice": "0",
                "closePosition": False,
                "symbol": "BTCUSDT",
                "time": FIRST_MS,
                "timeInForce": "GTC",
                "type": "LIMIT",
                "updateTime": SECOND_MS,
            },
            {
                "avgPrice": "48000",
                "clientOrderId": "def",
                "cumQuote": "14400",
                "executedQty": "0.3",
                "orderId": 1917642,
                "origQty": "0.50",
                "origType": "MARKET",
                "price": "0",
                "reduceOnly": True,
                "side": "SELL",
                "positionSide": "LONG",
                "status": "EXPIRED",
                "stopPrice": "0",
                "closePosition": False,
                "symbol": "BTCUSDT",
                "time": SECOND_MS,
                "timeInForce": "IOC",
                "type": "MARKET",
                "updateTime": THIRD_MS,
            },
        ],
        records=[
            LINEAR_ORDER,
            replace(
                LINEAR_ORDER,
                order_id="1917642",
                client_order_id="def",
                created_at=SECOND,
                updated_at=THIRD,
                side=Side.SELL,
                type="market",
                status=OrderStatus.EXPIRED,
                price=None,
                average=Decimal("48000"),
                amount=Decimal("0.5"),
                filled=Decimal("0.3"),
                cost=Decimal("14400"),
                reduce_only=True,
            ),
        ],
    ),
    HistoryCase(
        exchange="binance",
        data_type=DataType.ORDERS,
        scope="inverse",
        symbol="BTC/USD:BTC",
        source=f"{DOCS}/derivatives/coin-margined-futures/trade/rest-api/All-Orders",
        rows=[
            {
                "avgPrice": "50000",
                "clientOrderId": "abc",
                "cumBase": "0.004",
                "executedQty": "2",
                "orderId": 597368542,
                "origQty": "3",
                "origType": "LIMIT",
                "price": "50100",
                "reduceOnly": False,
                "side": "BUY",
                "positionSide": "BOTH",
                "status": "CANCELED",
                "stopPrice": "0",
                "closePosition": False,
                "symbol": "BTCUSD_PERP",
                "pair": "BTCUSD",
                "time": FIRST_MS,
                "timeInForce": "GTC",
                "type": "LIMIT",
                "updateTime": SECOND_MS,
            },
            {
                "avgPrice": "40000",
                "clientOrderId": "def",
                "cumBase": "0.01",
                "executedQty": "4",
                "orderId": 597368543,
                "origQty": "4",
                "origType": "MARKET",
                "price": "0",
                "reduceOnly": True,
                "side": "SELL",
                "positionSide": "BOTH",
                "status": "FILLED",
                "stopPrice": "0",
                "closePosition": False,
                "symbol": "BTCUSD_PERP",
                "pair": "BTCUSD",
                "time": SECOND_MS,
                "timeInForce": "GTC",
                "type": "MARKET",
                "updateTime": THIRD_MS,
            },
        ],
        records=[
            INVERSE_ORDER,
            replace(
                INVERSE_ORDER,
                order_id="597368543",
                client_order_id="def",
                created_at=SECOND,
                updated_at=THIRD,
                side=Side.SELL,
                type="market",
                status=OrderStatus.CLOSED,
                price=None,
                average=Decimal("40000"),
                amount=Decimal("4"),
                filled=Decimal("4"),
                cost=Decimal("400"),
                reduce_only=True,
            ),
        ],
    ),
)


OTHER_INCOME = (
    ("STRATEGY_UMFUTURES_TRANSFER", "-1000", TransferKind.INTERNAL),
    ("DELIVERED_SETTELMENT", "-300", TransferKind.SETTLEMENT),
    ("OPTIONS_SETTLE_PROFIT", "12.5", TransferKind.SETTLEMENT),
    ("OPTIONS_PREMIUM_FEE", "-4.5", TransferKind.SETTLEMENT),
    ("INSURANCE_CLEAR", "-50", TransferKind.INSURANCE),
    ("POSITION_LIMIT_INCREASE_FEE", "-4", TransferKind.FEE),
    ("FEE_RETURN", "0.25", TransferKind.REWARD),
    ("CONTEST_REWARD", "-2", TransferKind.REWARD),
    ("AUTO_EXCHANGE", "-7", TransferKind.SUBSCRIPTION),
    ("COIN_SWAP_DEPOSIT", "6", TransferKind.SUBSCRIPTION),
    ("NEW_INCOME", "-3", TransferKind.UNCLASSIFIED),
)


def income(category: str, place: str, ids: tuple[str, str], symbols: tuple[str, str]) -> Case:
    """The income ledger of one kind of contracts."""
    funding = Transfer(
        account="main",
        scope=f"{category}-income",
        transfer_id=f"FUNDING_FEE:9689322392:{ids[0]}",
        kind=TransferKind.FUNDING,
        time=FIRST,
        asset="USDT",
        quantity=Decimal("-0.375"),
        symbol=symbols[0],
        word="FUNDING_FEE",
        reference="9689322392",
    )
    rows = [
        (ids[0], "FUNDING_FEE", "-0.375", "USDT", FIRST_MS, 9689322392),
        (ids[1], "REFERRAL_KICKBACK", "0.0125", "BNB", SECOND_MS, 9689322393),
        *(
            (ids[0], word, "1", "USDT", THIRD_MS, 9689322396)
            for word in (
                "TRANSFER",
                "INTERNAL_TRANSFER",
                "CROSS_COLLATERAL_TRANSFER",
                "COMMISSION",
                "REALIZED_PNL",
            )
        ),
        *(("", word, amount, "USDC", THIRD_MS, 9689322397) for word, amount, _ in OTHER_INCOME),
    ]
    others = [
        replace(
            funding,
            transfer_id=f"{word}:9689322397",
            kind=kind,
            time=THIRD,
            asset="USDC",
            quantity=Decimal(amount),
            symbol=None,
            word=word,
            reference="9689322397",
        )
        for word, amount, kind in OTHER_INCOME
    ]
    bots = others[0]
    assert bots.kind is TransferKind.INTERNAL
    others[0] = replace(bots, quantity=Decimal(1000), from_wallet=category, to_wallet="bots")
    return HistoryCase(
        exchange="binance",
        data_type=DataType.TRANSFERS,
        scope=f"{category}-income",
        source=f"{DOCS}/derivatives/{place}/account/rest-api/Get-Income-History",
        rows=[
            {
                "symbol": symbol,
                "incomeType": word,
                "income": amount,
                "asset": asset,
                "info": word,
                "time": time,
                "tranId": number,
                "tradeId": "",
            }
            for symbol, word, amount, asset, time, number in rows
        ],
        records=[
            funding,
            replace(
                funding,
                transfer_id=f"REFERRAL_KICKBACK:9689322393:{ids[1]}",
                kind=TransferKind.REWARD,
                time=SECOND,
                asset="BNB",
                quantity=Decimal("0.0125"),
                symbol=symbols[1],
                word="REFERRAL_KICKBACK",
                reference="9689322393",
            ),
            *others,
        ],
    )


# --- deposits, withdrawals, rewards, moves --------------------------------------------------------

DEPOSIT = Transfer(
    account="main",
    scope="deposits",
    transfer_id="769800519366885376",
    kind=TransferKind.DEPOSIT,
    time=FIRST,
    asset="ETH",
    quantity=Decimal("0.00999800"),
    tx_id="0xaad4654a3234aa6118af9b4b335f5ae81c360b2394721c019b5d1e75328b09f3",
    network="ERC20",
)
WITHDRAWAL = replace(
    DEPOSIT,
    scope="withdrawals",
    transfer_id="b6ae22b3aa844210a7041aee7589627c",
    kind=TransferKind.WITHDRAWAL,
    time=datetime(2025, 5, 31, 20, 43, 45, tzinfo=UTC),
    asset="USDT",
    quantity=Decimal("8.91"),
    fee=Fee(asset="USDT", amount=Decimal("0.004")),
    tx_id="0xb5ef8c13b968a406cc62a93a8bd80f9e9a906ef1b3fcf20a2e48573c17659268",
)
DIVIDEND = replace(
    DEPOSIT,
    scope="dividends",
    transfer_id="1637366104",
    kind=TransferKind.REWARD,
    asset="BHFT",
    quantity=Decimal("10.5"),
    tx_id=None,
    network=None,
)
#: Texts of distributions, with their direction.
DISTRIBUTED = (
    ("Launchpool Airdrop - System Distribution", 1, TransferKind.AIRDROP),
    ("BNB Vault Rewards", 1, TransferKind.REWARD),
    ("Launchpad token distribution", 1, TransferKind.SUBSCRIPTION),
    ("Stablecoins Auto-Conversion", -1, TransferKind.SUBSCRIPTION),
    ("Token Swap - Distribution", 1, TransferKind.SUBSCRIPTION),
    ("VEN/VET Mainnet Swap(1:100) ", 1, TransferKind.SUBSCRIPTION),
    ("Simple Earn Flexible Interest", 1, TransferKind.INTEREST),
    ("ETH 2.0 Staking Rewards", 1, TransferKind.REWARD),
    ("Cashback Voucher", -1, TransferKind.REWARD),
    ("thank you", 1, TransferKind.REWARD),
    ("thank you", -1, TransferKind.UNCLASSIFIED),
)

MOVED = (
    HistoryCase(
        exchange="binance",
        data_type=DataType.TRANSFERS,
        scope="deposits",
        source=f"{DOCS}/wallet/capital/deposite-history",
        rows=[
            {
                "id": "769800519366885376",
                "amount": "0.009998",
                "coin": "ETH",
                "network": "ETH",
                "status": 1,
                "address": "0x788cabe9236ce061e5a892e1a59395a81fc8d62c",
                "addressTag": "",
                "txId": DEPOSIT.tx_id,
                "insertTime": FIRST_MS,
                "transferType": 0,
                "confirmTimes": "3/3",
            },
            {
                "id": "769754833590042625",
                "amount": "0.5",
                "coin": "IOTA",
                "network": "IOTA",
                "status": 0,
                "address": "SIZ9VLMHWATXKV99LH99CIGFJFUMLEHGWVZVNNZXRJJVWBPHYWPPBOSDORZ9EQ",
                "addressTag": "",
                "txId": "ESBFVQUTPIWQNJSPXFNHNYHSQNTGKRVKPRABQWTAXCDWOAKDKYWPTVG9BGXNVN",
                "insertTime": SECOND_MS,
                "transferType": 0,
                "confirmTimes": "1/1",
            },
        ],
        records=[
            DEPOSIT,
            replace(
                DEPOSIT,
                transfer_id="769754833590042625",
                time=SECOND,
                asset="IOTA",
                quantity=Decimal("0.5"),
                status="pending",
                tx_id="ESBFVQUTPIWQNJSPXFNHNYHSQNTGKRVKPRABQWTAXCDWOAKDKYWPTVG9BGXNVN",
                network="IOTA",
            ),
        ],
    ),
    HistoryCase(
        exchange="binance",
        data_type=DataType.TRANSFERS,
        scope="withdrawals",
        source=f"{DOCS}/wallet/capital/withdraw-history",
        rows=[
            {
                "id": "b6ae22b3aa844210a7041aee7589627c",
                "amount": "8.91",
                "transactionFee": "0.004",
                "coin": "USDT",
                "status": 6,
                "address": "0x94df8b352de7f46f64b01d3666bf6e936e44ce60",
                "txId": WITHDRAWAL.tx_id,
                "applyTime": "2025-05-31 20:43:45",
                "network": "ETH",
                "transferType": 0,
                "completeTime": "2025-05-31 20:52:11",
            },
            {
                "id": "156ec387f49b41df8724fa744fa82719",
                "amount": "0.0015",
                "transactionFee": "0.0000065",
                "coin": "BTC",
                "status": 3,
                "address": "1FZdVHtiBqMrWdjPyRPULCUceZPJ2WLCsB",
                "txId": "60fd9007ebfddc753455f95fafa808c4302c836e4d1eebc5a132c36c1d8ac354",
                "applyTime": "2025-05-31 20:44:01",
                "network": "BTC",
                "transferType": 0,
            },
        ],
        records=[
            WITHDRAWAL,
            replace(
                WITHDRAWAL,
                transfer_id="156ec387f49b41df8724fa744fa82719",
                time=datetime(2025, 5, 31, 20, 44, 1, tzinfo=UTC),
                asset="BTC",
                quantity=Decimal("0.0015"),
                fee=Fee(asset="BTC", amount=Decimal("0.0000065")),
                status="failed",
                tx_id="60fd9007ebfddc753455f95fafa808c4302c836e4d1eebc5a132c36c1d8ac354",
                network="BTC",
            ),
        ],
    ),
    HistoryCase(
        exchange="binance",
        data_type=DataType.TRANSFERS,
        scope="dividends",
        source=f"{DOCS}/wallet/asset/assets-divided-record",
        answer={"total": 2 + len(DISTRIBUTED)},
        rows=[
            {
                "id": 1637366104,
                "amount": "10.5",
                "asset": "BHFT",
                "divTime": FIRST_MS,
                "enInfo": "BHFT distribution",
                "tranId": 2968885920,
                "direction": 1,
            },
            {
                "amount": "2.25",
                "asset": "SOL",
                "divTime": SECOND_MS,
                "tranId": 2968885921,
            },
            *(
                {
                    "id": number,
                    "amount": "3.5",
                    "asset": "SOL",
                    "divTime": SECOND_MS,
                    "enInfo": words,
                    "tranId": 2968885922,
                    "direction": direction,
                }
                for number, (words, direction, _) in enumerate(DISTRIBUTED)
            ),
        ],
        records=[
            replace(DIVIDEND, word="BHFT distribution", reference="2968885920"),
            replace(
                DIVIDEND,
                transfer_id="2968885921",
                time=SECOND,
                asset="SOL",
                quantity=Decimal("2.25"),
                reference="2968885921",
            ),
            *(
                replace(
                    DIVIDEND,
                    transfer_id=str(number),
                    kind=kind,
                    time=SECOND,
                    asset="SOL",
                    quantity=Decimal("3.5") * direction,
                    word=words.strip(),
                    reference="2968885922",
                )
                for number, (words, direction, kind) in enumerate(DISTRIBUTED)
            ),
        ],
    ),
)


def earn(word: str) -> Case:
    """Rewards of flexible simple earn, of one type."""
    reward = replace(
        DIVIDEND,
        scope=f"earn-{word.lower()}",
        transfer_id=f"BUSD001:{word}:{FIRST_MS}",
        asset="BUSD",
        quantity=Decimal("0.00006408"),
        word=word,
    )
    return HistoryCase(
        exchange="binance",
        data_type=DataType.TRANSFERS,
        scope=reward.scope,
        source=f"{DOCS}/simple_earn/flexible-locked/history/Get-Flexible-Rewards-History",
        answer={"total": 2},
        rows=[
            {
                "asset": "BUSD",
                "rewards": "0.00006408",
                "projectId": "BUSD001",
                "type": word,
                "time": FIRST_MS,
            },
            {
                "asset": "USDT",
                "rewards": "0.00687654",
                "projectId": "USDT002",
                "type": word,
                "time": SECOND_MS,
            },
        ],
        records=[
            reward,
            replace(
                reward,
                transfer_id=f"USDT002:{word}:{SECOND_MS}",
                time=SECOND,
                asset="USDT",
                quantity=Decimal("0.00687654"),
            ),
        ],
    )


def move(word: str, source: str, target: str) -> Case:
    """Moves from one wallet to another."""
    moved = replace(
        DIVIDEND,
        scope=f"moves-{word.lower()}",
        transfer_id="11945860693",
        kind=TransferKind.INTERNAL,
        asset="USDT",
        quantity=Decimal("25.5"),
        from_wallet=source,
        to_wallet=target,
    )
    return HistoryCase(
        exchange="binance",
        data_type=DataType.TRANSFERS,
        scope=moved.scope,
        source=f"{DOCS}/wallet/asset/query-user-universal-transfer",
        answer={"total": 2},
        rows=[
            {
                "asset": "USDT",
                "amount": "25.5",
                "type": word,
                "status": "CONFIRMED",
                "tranId": 11945860693,
                "timestamp": FIRST_MS,
            },
            {
                "asset": "BTC",
                "amount": "0.125",
                "type": word,
                "status": "PENDING",
                "tranId": 13526853623,
                "timestamp": SECOND_MS,
            },
        ],
        records=[
            moved,
            replace(
                moved,
                transfer_id="13526853623",
                time=SECOND,
                asset="BTC",
                quantity=Decimal("0.125"),
                status="pending",
            ),
        ],
    )


MOVES = (
    ("MAIN_UMFUTURE", "spot", "linear"),
    ("UMFUTURE_MAIN", "linear", "spot"),
    ("MAIN_CMFUTURE", "spot", "inverse"),
    ("CMFUTURE_MAIN", "inverse", "spot"),
    ("MAIN_FUNDING", "spot", "funding"),
    ("FUNDING_MAIN", "funding", "spot"),
    ("MAIN_MARGIN", "spot", "margin"),
    ("MARGIN_MAIN", "margin", "spot"),
    ("FUNDING_UMFUTURE", "funding", "linear"),
    ("UMFUTURE_FUNDING", "linear", "funding"),
)

# --- fiat and card --------------------------------------------------------------------------------


def fiat(scope: str, kind: TransferKind) -> Case:
    """Bank transfers of one direction."""
    order = replace(
        DIVIDEND,
        scope=scope,
        transfer_id="7d76d611-0568-4f43-afb6-24cac7767365",
        kind=kind,
        asset="BRL",
        quantity=Decimal("9.5"),
        fee=Fee(asset="BRL", amount=Decimal("0.5")),
    )
    row = {
        "orderNo": "7d76d611-0568-4f43-afb6-24cac7767365",
        "fiatCurrency": "BRL",
        "indicatedAmount": "10.00",
        "amount": "9.50",
        "totalFee": "0.50",
        "method": "BankAccount",
        "status": "Successful",
        "createTime": FIRST_MS,
        "updateTime": SECOND_MS,
    }
    second = {
        "orderNo": "25ced37075c1470ba8939d0df2316e23",
        "fiatCurrency": "EUR",
        "indicatedAmount": "16.00",
        "amount": "15.00",
        "totalFee": "1.00",
        "method": "card",
        "status": "Failed",
        "createTime": THIRD_MS,
        "updateTime": THIRD_MS,
    }
    failed = replace(
        order,
        transfer_id="25ced37075c1470ba8939d0df2316e23",
        time=THIRD,
        asset="EUR",
        quantity=Decimal("15"),
        fee=Fee(asset="EUR", amount=Decimal("1")),
        status="failed",
    )
    words = ("Finished", "Completed", "Processing", "Waiting", "", "Of tomorrow", "Refunded")
    states = ("ok", "ok", "pending", "pending", "pending", "pending", "failed")
    return HistoryCase(
        exchange="binance",
        data_type=DataType.TRANSFERS,
        scope=scope,
        source=f"{DOCS}/fiat/rest-api/Get-Fiat-Deposit-Withdraw-History",
        answer={"code": "000000", "message": "success", "total": 9, "success": True},
        rows=[
            row,
            second,
            *({**row, "orderNo": f"a{word}", "status": word} for word in words),
        ],
        records=[
            order,
            failed,
            *(
                replace(order, transfer_id=f"a{word}", status=state)
                for word, state in zip(words, states, strict=True)
            ),
        ],
    )


BOUGHT = Fill(
    account="main",
    category="spot",
    symbol="LUNA/EUR",
    fill_id="353fca443f06466db0c4dc89f94f027a",
    order_id=None,
    time=FIRST,
    side=Side.BUY,
    base="LUNA",
    quote="EUR",
    quantity=Decimal("4"),
    price=Decimal("4.75"),
    cost=Decimal("19"),
    fees=(Fee(asset="EUR", amount=Decimal("1")),),
    kind=FillKind.FIAT,
)


def card(scope: str, rows: list[tuple[str, str, str, str]], records: list[Fill]) -> Case:
    """Payments by card: ``rows`` are (source, obtained, fee, status) of LUNA/EUR and BTC/USD."""
    names = (
        ("353fca443f06466db0c4dc89f94f027a", "EUR", "LUNA", FIRST_MS),
        ("353fca443f06466db0c4dc89f94f027b", "USD", "BTC", SECOND_MS),
        ("353fca443f06466db0c4dc89f94f027c", "USD", "BTC", SECOND_MS),
    )
    return HistoryCase(
        exchange="binance",
        data_type=DataType.FILLS,
        scope=scope,
        source=f"{DOCS}/fiat/rest-api/Get-Fiat-Payments-History",
        answer={"code": "000000", "message": "success", "total": 3, "success": True},
        rows=[
            {
                "orderNo": number,
                "sourceAmount": source,
                "fiatCurrency": money,
                "obtainAmount": obtained,
                "cryptoCurrency": asset,
                "totalFee": fee,
                "price": "4.46",
                "status": status,
                "paymentMethod": "Credit Card",
                "createTime": time,
                "updateTime": THIRD_MS,
            }
            for (number, money, asset, time), (source, obtained, fee, status) in zip(
                names, rows, strict=True
            )
        ],
        records=records,
    )


CARDS = (
    card(
        "card-buys",
        [
            ("20.0", "4", "1", "Completed"),
            ("102.5", "0.002", "2.5", "Completed"),
            ("102.5", "0.002", "2.5", "Failed"),
        ],
        [
            BOUGHT,
            replace(
                BOUGHT,
                symbol="BTC/USD",
                fill_id="353fca443f06466db0c4dc89f94f027b",
                time=SECOND,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.002"),
                price=Decimal("50000"),
                cost=Decimal("100"),
                fees=(Fee(asset="USD", amount=Decimal("2.5")),),
            ),
        ],
    ),
    card(
        "card-sells",
        [
            ("5", "18", "2", "Completed"),
            ("0.002", "99.5", "0.5", "Completed"),
            ("0.002", "99.5", "0.5", "Processing"),
        ],
        [
            replace(
                BOUGHT,
                side=Side.SELL,
                quantity=Decimal("5"),
                price=Decimal("4"),
                cost=Decimal("20"),
                fees=(Fee(asset="EUR", amount=Decimal("2")),),
            ),
            replace(
                BOUGHT,
                symbol="BTC/USD",
                fill_id="353fca443f06466db0c4dc89f94f027b",
                time=SECOND,
                side=Side.SELL,
                base="BTC",
                quote="USD",
                quantity=Decimal("0.002"),
                price=Decimal("50000"),
                cost=Decimal("100"),
                fees=(Fee(asset="USD", amount=Decimal("0.5")),),
            ),
        ],
    ),
)

# --- converts and sweeps --------------------------------------------------------------------------

CONVERT = replace(
    BOUGHT,
    symbol="BNB/USDT",
    fill_id="940708407462087195",
    base="BNB",
    quote="USDT",
    quantity=Decimal("0.04"),
    price=Decimal("500"),
    cost=Decimal("20"),
    fees=(),
    kind=FillKind.CONVERT,
)
CONVERTS = HistoryCase(
    exchange="binance",
    data_type=DataType.FILLS,
    scope="converts",
    source=f"{DOCS}/convert/trade/Get-Convert-Trade-History",
    answer={"startTime": FIRST_MS, "endTime": THIRD_MS, "limit": 1000, "moreData": False},
    rows=[
        {
            "quoteId": f"f3b91c525b2644c7bc1e1cd31b6e1aa{number % 10}",
            "orderId": number,
            "orderStatus": status,
            "fromAsset": source,
            "fromAmount": given,
            "toAsset": target,
            "toAmount": got,
            "ratio": "0.002",
            "inverseRatio": "500",
            "createTime": time,
        }
        for number, status, source, given, target, got, time in (
            (940708407462087195, "SUCCESS", "USDT", "20", "BNB", "0.04", FIRST_MS),
            (940708407462087196, "SUCCESS", "BTC", "0.5", "USDC", "30000", SECOND_MS),
            (940708407462087197, "FAIL", "BTC", "0.5", "USDC", "30000", SECOND_MS),
        )
    ],
    records=[
        CONVERT,
        replace(
            CONVERT,
            symbol="BTC/USDC",
            fill_id="940708407462087196",
            time=SECOND,
            side=Side.SELL,
            base="BTC",
            quote="USDC",
            quantity=Decimal("0.5"),
            price=Decimal("60000"),
            cost=Decimal("30000"),
        ),
    ],
)

SWEPT = replace(
    CONVERT,
    symbol="ATOM/BNB",
    fill_id="4359321:ATOM",
    order_id="4359321",
    side=Side.SELL,
    base="ATOM",
    quote="BNB",
    quantity=Decimal("0.5"),
    price=Decimal("0.002"),
    cost=Decimal("0.001"),
    fees=(Fee(asset="BNB", amount=Decimal("0.00002")),),
    kind=FillKind.DUST,
)


def dust(scope: str) -> Case:
    """Sweeps of small balances; the target was always BNB before it was named."""
    return HistoryCase(
        exchange="binance",
        data_type=DataType.FILLS,
        scope=scope,
        source=f"{DOCS}/wallet/asset/dust-log",
        answer={"total": 1},
        rows=[
            {
                "operateTime": THIRD_MS,
                "totalTransferedAmount": "0.002",
                "totalServiceChargeAmount": "0.00004",
                "transId": 45178372831,
                "userAssetDribbletDetails": [
                    {
                        "transId": 4359321,
                        "serviceChargeAmount": "0.00002",
                        "amount": "0.5",
                        "operateTime": FIRST_MS,
                        "transferedAmount": "0.00098",
                        "fromAsset": "ATOM",
                    },
                    {
                        "transId": 4359322,
                        "serviceChargeAmount": "0.05",
                        "amount": "0.2",
                        "operateTime": SECOND_MS,
                        "transferedAmount": "1.95",
                        "fromAsset": "DOT",
                        "targetAsset": "USDC",
                    },
                ],
            }
        ],
        records=[
            SWEPT,
            replace(
                SWEPT,
                symbol="DOT/USDC",
                fill_id="4359322:DOT",
                order_id="4359322",
                time=SECOND,
                base="DOT",
                quote="USDC",
                quantity=Decimal("0.2"),
                price=Decimal("10"),
                cost=Decimal("2"),
                fees=(Fee(asset="USDC", amount=Decimal("0.05")),),
            ),
        ],
    )


# --- wallets --------------------------------------------------------------------------------------


def balance(
    wallet: str,
    code: str,
    free: str | None,
    used: str | None,
    total: str,
    debt: str | None = None,
    **more: Any,
) -> Balance:
    values = {
        name: None if value is None else Decimal(value)
        for name, value in (("free", free), ("used", used), ("total", total), ("debt", debt))
    }
    return Balance(
        **{"account": "main", "wallet": wallet, "code": code, "asset": code}
        | {"fetched_at": NOW}
        | values
        | more
    )


def contract_wallet(name: str, source: str) -> WalletCase:
    """A wallet of contracts, without the unrealised result in ``marginBalance``."""
    return WalletCase(
        exchange="binance",
        wallet=name,
        source=source,
        answer={
            "assets": [
                {
                    "asset": "BTC",
                    "walletBalance": "23.5",
                    "unrealizedProfit": "0.5",
                    "marginBalance": "24",
                    "initialMargin": "3.25",
                    "availableBalance": "20.75",
                    "updateTime": FIRST_MS,
                },
                {
                    "asset": "BNB",
                    "walletBalance": "126",
                    "unrealizedProfit": "-1",
                    "marginBalance": "125",
                    "initialMargin": "6",
                    "availableBalance": "119",
                    "updateTime": SECOND_MS,
                },
            ]
        },
        balances=[
            balance(name, "BNB", "119", "6", "126"),
            balance(name, "BTC", "20.75", "3.25", "23.5"),
        ],
    )


def owing(asset: str, free: str, locked: str, borrowed: str, charged: str) -> dict[str, str]:
    return {
        "asset": asset,
        "borrowed": borrowed,
        "free": free,
        "interest": charged,
        "locked": locked,
        "netAsset": "0",
    }


WALLETS = (
    WalletCase(
        exchange="binance",
        wallet="spot",
        source=f"{SPOT_DOCS}#account-information-user_data",
        answer={
            "updateTime": FIRST_MS,
            "accountType": "SPOT",
            "balances": [
                {"asset": "BTC", "free": "4.5", "locked": "0.25"},
                {"asset": "LDETH", "free": "2", "locked": "1"},
            ],
        },
        balances=[
            balance("spot", "BTC", "4.5", "0.25", "4.75"),
            balance("spot", "LDETH", "2", "1", "3", asset="ETH", earn=True),
        ],
    ),
    WalletCase(
        exchange="binance",
        wallet="funding",
        source=f"{DOCS}/wallet/asset/funding-wallet",
        answer=[
            {
                "asset": "BTC",
                "free": "1",
                "locked": "0.5",
                "freeze": "0.25",
                "withdrawing": "0.125",
                "btcValuation": "0.91",
            },
            {
                "asset": "USDT",
                "free": "7",
                "locked": "1",
                "freeze": "2",
                "withdrawing": "3",
                "btcValuation": "0.0001",
            },
        ],
        balances=[
            balance("funding", "BTC", "1", "0.875", "1.875"),
            balance("funding", "USDT", "7", "6", "13"),
        ],
    ),
    contract_wallet(
        "linear",
        f"{DOCS}/derivatives/usds-margined-futures/account/rest-api/Account-Information-V3",
    ),
    contract_wallet(
        "inverse", f"{DOCS}/derivatives/coin-margined-futures/account/rest-api/Account-Information"
    ),
    WalletCase(
        exchange="binance",
        wallet="margin",
        source=f"{DOCS}/margin_trading/account/Query-Cross-Margin-Account-Details",
        answer={
            "created": True,
            "borrowEnabled": True,
            "marginLevel": "11.64405625",
            "userAssets": [
                owing("BTC", "0.5", "0.25", "2", "0.001"),
                owing("USDT", "700", "90", "200", "0.4"),
            ],
        },
        balances=[
            balance("margin", "BTC", "0.5", "0.25", "-1.251", "2.001"),
            balance("margin", "USDT", "700", "90", "589.6", "200.4"),
        ],
    ),
    WalletCase(
        exchange="binance",
        wallet="margin-isolated",
        source=f"{DOCS}/margin_trading/account/Query-Isolated-Margin-Account-Info",
        answer={
            "assets": [
                {
                    "symbol": "BTCUSDT",
                    "baseAsset": owing("BTC", "0.3", "0.1", "0.05", "0.01"),
                    "quoteAsset": owing("USDT", "50", "2", "30", "0.5"),
                },
                {
                    "symbol": "ETHUSDT",
                    "baseAsset": owing("ETH", "3", "0.5", "2", "0.25"),
                    "quoteAsset": owing("USDT", "4", "7", "1", "0.125"),
                },
            ]
        },
        balances=[
            balance("margin-isolated", "BTC", "0.3", "0.1", "0.34", "0.06"),
            balance("margin-isolated", "ETH", "3", "0.5", "1.25", "2.25"),
            balance("margin-isolated", "USDT", "54", "9", "31.375", "31.625"),
        ],
    ),
    WalletCase(
        exchange="binance",
        wallet="earn",
        source=f"{DOCS}/simple_earn/flexible-locked/account/Get-Locked-Product-Position",
        answer={
            "rows": [
                {"positionId": 123123, "projectId": "Axs*90", "asset": "AXS", "amount": "122.09"},
                {"positionId": 123124, "projectId": "Dot*30", "asset": "DOT", "amount": "12.5"},
                {"positionId": 123125, "projectId": "Dot*90", "asset": "DOT", "amount": "7.25"},
            ],
            "total": 3,
        },
        balances=[
            balance("earn", "AXS", None, None, "122.09", earn=True),
            balance("earn", "DOT", None, None, "19.75", earn=True),
        ],
    ),
)

# --- positions ------------------------------------------------------------------------------------

POSITION = Position(
    account="main",
    wallet="linear",
    category="linear",
    symbol="BTC/USDT:USDT",
    side="short",
    contracts=Decimal("2"),
    contract_size=Decimal("1"),
    base_quantity=Decimal("2"),
    entry_price=Decimal("40000"),
    mark_price=Decimal("50000"),
    notional=Decimal("100000"),
    unrealised_pnl=Decimal("-20000"),
    settle_asset="USDT",
    liquidation_price=Decimal("70000"),
    margin=Decimal("10000"),
    margin_mode="cross",
    fetched_at=NOW,
    as_of=FIRST,
)

LISTS = (
    ListCase(
        exchange="binance",
        what="open_orders",
        category="spot",
        source=f"{SPOT_DOCS}#current-open-orders-user_data",
        answer=[{**SPOT_ORDER_ROWS[0], "status": "PARTIALLY_FILLED"}],
        records=[replace(SPOT_ORDER, status=OrderStatus.OPEN)],
    ),
    ListCase(
        exchange="binance",
        what="open_orders",
        category="margin",
        source=f"{DOCS}/margin_trading/trade/Query-Margin-Account-Open-Orders",
        answer=[{**SPOT_ORDER_ROWS[0], "isIsolated": False, "status": "PARTIALLY_FILLED"}],
        records=[replace(SPOT_ORDER, category="margin", status=OrderStatus.OPEN)],
    ),
    ListCase(
        exchange="binance",
        what="positions",
        category="linear",
        source=f"{DOCS}/derivatives/usds-margined-futures/trade/rest-api/Position-Information-V3",
        answer=[
            {
                "symbol": "BTCUSDT",
                "positionSide": "BOTH",
                "positionAmt": "-2",
                "entryPrice": "40000",
                "breakEvenPrice": "40010",
                "markPrice": "50000",
                "unRealizedProfit": "-20000",
                "liquidationPrice": "70000",
                "isolatedMargin": "0",
                "notional": "-100000",
                "marginAsset": "USDT",
                "isolatedWallet": "0",
                "initialMargin": "10000",
                "maintMargin": "400",
                "positionInitialMargin": "10000",
                "openOrderInitialMargin": "0",
                "adl": 2,
                "updateTime": FIRST_MS,
            }
        ],
        records=[POSITION],
    ),
)

CASES: tuple[Case, ...] = (
    *SPOT_LIKE,
    interest("margin-interest", "margin", None),
    interest("margin-isolated-interest", "margin-isolated", ("BTC/USDT", "ETH/USDT")),
    *CONTRACTS,
    income(
        "linear",
        "usds-margined-futures",
        ("BTCUSDT", "ETHUSDT"),
        ("BTC/USDT:USDT", "ETH/USDT:USDT"),
    ),
    income(
        "inverse",
        "coin-margined-futures",
        ("BTCUSD_PERP", "ETHUSD_PERP"),
        ("BTC/USD:BTC", "ETH/USD:ETH"),
    ),
    *MOVED,
    *(earn(word) for word in ("BONUS", "REALTIME", "REWARDS")),
    *(move(*ends) for ends in MOVES),
    fiat("fiat-deposits", TransferKind.DEPOSIT),
    fiat("fiat-withdrawals", TransferKind.WITHDRAWAL),
    *CARDS,
    CONVERTS,
    dust("dust"),
    dust("margin-dust"),
    *WALLETS,
    *LISTS,
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_a_convert_without_a_status_happened() -> None:
    """Rows of old converts have none."""
    rows = [{k: v for k, v in CONVERTS.rows[0].items() if k != "orderStatus"}]
    check(replace(CONVERTS, rows=rows, records=[CONVERT]))


def test_a_second_page_of_locked_positions_is_an_error() -> None:
    earn_wallet = WALLETS[-1]
    with pytest.raises(BadResponse, match="more than 100 locked positions"):
        check(replace(earn_wallet, answer={**earn_wallet.answer, "total": 101}))


def test_every_history_and_wallet_has_a_case() -> None:
    assert uncovered(policy_for("binance"), CASES) == set()


TRADING_RIGHTS = (
    "enableSpotAndMarginTrading",
    "enableFutures",
    "enableVanillaOptions",
    "enableMargin",
    "enablePortfolioMarginTrading",
)
#: https://developers.binance.com/docs/wallet/account/api-key-permission
READING_KEY = {
    "ipRestrict": True,
    "createTime": 1698645219000,
    "enableReading": True,
    "enableInternalTransfer": False,
    "permitsUniversalTransfer": False,
    "enableWithdrawals": False,
    **dict.fromkeys(TRADING_RIGHTS, False),
}


def rights(**flags: bool) -> KeyRights:
    question = policy_for("binance").key_question
    assert question is not None
    return question.read({**READING_KEY, **flags})


@pytest.mark.parametrize("flag", TRADING_RIGHTS)
def test_a_key_with_any_trading_right_can_trade(flag: str) -> None:
    assert rights(**{flag: True}) == KeyRights(
        can_trade=True, can_withdraw=False, ip_restricted=True
    )


def test_the_rights_of_a_key_are_read_one_by_one() -> None:
    assert rights() == KeyRights(can_trade=False, can_withdraw=False, ip_restricted=True)
    assert rights(enableWithdrawals=True, ipRestrict=False) == KeyRights(
        can_trade=False, can_withdraw=True, ip_restricted=False
    )

"""BingX: every history and wallet in its own spelling, and the records written by hand."""

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
from tests.exchanges.builders import NOW, NOW_MS
from tests.exchanges.cases import Case, HistoryCase, WalletCase, check, named, uncovered
from tests.exchanges.test_gemini_requests import iso

DOCS = "https://bingx-api.github.io/docs/"
AT = NOW_MS - 3_600_000
TIME = NOW - timedelta(hours=1)
LATER = TIME + timedelta(milliseconds=1500)
ENVELOPE = {"code": 0, "msg": "", "debugMsg": ""}
LINEAR: dict[str, Any] = {"category": "linear", "symbol": "BTC/USDT:USDT"}
INVERSE: dict[str, Any] = {"category": "inverse", "symbol": "BTC/USD:BTC", "quote": "USD"}

BOUGHT = Fill(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    fill_id="36237072",
    order_id="1674069326895775744",
    time=TIME,
    side=Side.BUY,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.05"),
    price=Decimal("85.891"),
    cost=Decimal("4.2945"),
    fees=(Fee(asset="BTC", amount=Decimal("0.0000582")),),
    fees_known=True,
    liquidity="taker",
)
CLOSED_LONG = replace(
    BOUGHT,
    **LINEAR,
    fill_id="99",
    order_id="167",
    side=Side.SELL,
    quantity=Decimal("0.002"),
    price=Decimal("50000"),
    cost=Decimal("100"),
    fees=(Fee(asset="USDT", amount=Decimal("0.05")),),
    settle="USDT",
    contracts=Decimal("0.002"),
    contract_size=Decimal("1"),
    realised_pnl=Decimal("1.5"),
)
SPOT_FILL: dict[str, Any] = {
    "symbol": "BTC-USDT",
    "id": 36237072,
    "orderId": 1674069326895775744,
    "price": "85.891",
    "qty": "0.05",
    "quoteQty": "4.2945",
    "commission": -0.0000582,
    "commissionAsset": "BTC",
    "time": AT,
    "isBuyer": True,
    "isMaker": False,
}
CONTRACT_FILL: dict[str, Any] = {
    "filledTm": "2025-06-01T11:00:00.000Z",
    "volume": "0.002",
    "price": "50000",
    "qty": "0.002",
    "quoteQty": "100",
    "commission": "-0.05",
    "commissionAsset": "USDT",
    "orderId": "167",
    "tradeId": "99",
    "filledTime": "2025-06-01T11:00:00.000Z",
    "symbol": "BTC-USDT",
    "side": "SELL",
    "positionSide": "LONG",
    "role": "taker",
    "realisedPNL": "1.5",
}
CANCELED = Order(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    order_id="1514073325788200960",
    client_order_id="c1",
    created_at=TIME,
    updated_at=TIME + timedelta(milliseconds=500),
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
    order_id="1514073325788200961",
    client_order_id="c2",
    created_at=LATER,
    updated_at=LATER + timedelta(milliseconds=500),
    side=Side.SELL,
    type="market",
    status=OrderStatus.CLOSED,
    price=None,
    average=Decimal("115"),
    amount=Decimal("3"),
    filled=Decimal("3"),
    cost=Decimal("345"),
)
SPOT_ORDERS: list[dict[str, Any]] = [
    {
        "symbol": "BTC-USDT",
        "orderId": 1514073325788200960,
        "clientOrderID": "c1",
        "price": "100",
        "origQty": "2",
        "executedQty": "0.5",
        "cummulativeQuoteQty": "49.5",
        "status": "CANCELED",
        "type": "LIMIT",
        "side": "BUY",
        "time": AT,
        "updateTime": AT + 500,
        "origQuoteOrderQty": "1",
    },
    {
        "symbol": "BTC-USDT",
        "orderId": 1514073325788200961,
        "clientOrderID": "c2",
        "price": "110",
        "origQty": "3",
        "executedQty": "3",
        "cummulativeQuoteQty": "345",
        "status": "FILLED",
        "type": "MARKET",
        "side": "SELL",
        "time": AT + 1500,
        "updateTime": AT + 2000,
        "origQuoteOrderQty": "2",
    },
]


def contract_order(spot: dict[str, Any], symbol: str, **more: Any) -> dict[str, Any]:
    """The order as the lists of contracts have it: with an average and without a cost."""
    gone = {"cummulativeQuoteQty", "origQuoteOrderQty"}
    kept = {key: value for key, value in spot.items() if key not in gone}
    return {**kept, "symbol": symbol, "positionSide": "SHORT", "commission": "-0.002", **more}


def contract_orders(symbol: str) -> list[dict[str, Any]]:
    return [
        contract_order(SPOT_ORDERS[0], symbol, avgPrice="99", cumQuote="13", reduceOnly=True),
        contract_order(SPOT_ORDERS[1], symbol, avgPrice="115", cumQuote="14", reduceOnly=False),
    ]


DEPOSIT = Transfer(
    account="main",
    scope="deposits",
    transfer_id="0xaad4",
    kind=TransferKind.DEPOSIT,
    time=TIME,
    asset="USDT",
    quantity=Decimal("49999.5"),
    status="ok",
    tx_id="0xaad4",
    network="TRC20",
)
SENT = Transfer(
    account="main",
    scope="withdrawals",
    transfer_id="125",
    kind=TransferKind.WITHDRAWAL,
    time=TIME,
    asset="USDT",
    quantity=Decimal("7.5"),
    fee=Fee(asset="USDT", amount=Decimal("1.25")),
    status="ok",
    tx_id="0xb5ef",
    network="TRC20",
)
MOVED = Transfer(
    account="main",
    scope="moves-spot-usdtmperp",
    transfer_id="105146",
    kind=TransferKind.INTERNAL,
    time=TIME,
    asset="USDT",
    quantity=Decimal("5.5"),
    status="ok",
    from_wallet="spot",
    to_wallet="linear",
)
PAID = Transfer(
    account="main",
    scope="income",
    transfer_id=f"FUNDING_FEE:170*3:BTC-USDT:{AT}",
    kind=TransferKind.FUNDING,
    time=TIME,
    asset="USDT",
    quantity=Decimal("-0.0292"),
    symbol="BTC/USDT:USDT",
    word="FUNDING_FEE",
    reference="170*3",
)


def income(word: str, amount: str, number: str, **more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTC-USDT",
        "incomeType": word,
        "income": amount,
        "asset": "USDT",
        "info": word.lower(),
        "time": AT,
        "tranId": number,
        "tradeId": "9",
        **more,
    }


CONTRACTS = (("BTC", "0.5", None, "0.75"), ("USDT", "193.7609", None, "194.8212"))


def history(data_type: DataType, scope: str, rows: Any, records: Any, **more: Any) -> HistoryCase:
    return HistoryCase(
        exchange="bingx",
        data_type=data_type,
        scope=scope,
        rows=rows,
        records=records,
        **{"answer": ENVELOPE, **more},
    )


def wallet(name: str, data: Any, page: str, *balances: tuple[str, str, str | None, str]) -> Any:
    """Balances by code: what is free, what is in use and the whole."""
    return WalletCase(
        exchange="bingx",
        wallet=name,
        answer={**ENVELOPE, "data": data},
        source=f"{DOCS}#/en-us/{page}",
        balances=[
            Balance(
                account="main",
                wallet=name,
                code=code,
                asset=code,
                free=Decimal(free),
                used=None if used is None else Decimal(used),
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
            SPOT_FILL,
            {
                **SPOT_FILL,
                "symbol": "ETH-USDT",
                "id": 36237073,
                "orderId": 1674069326895775745,
                "price": "3000",
                "qty": "0.5",
                "quoteQty": "1499.5",
                "commission": 0.001,
                "commissionAsset": "USDT",
                "time": AT + 1500,
                "isBuyer": False,
                "isMaker": True,
            },
            # as the older page has it: the side in a word
            {
                **{key: value for key, value in SPOT_FILL.items() if key != "isBuyer"},
                "id": 36237074,
                "side": "SELL",
            },
        ],
        [
            BOUGHT,
            replace(
                BOUGHT,
                symbol="ETH/USDT",
                base="ETH",
                fill_id="36237073",
                order_id="1674069326895775745",
                time=LATER,
                side=Side.SELL,
                quantity=Decimal("0.5"),
                price=Decimal("3000"),
                cost=Decimal("1499.5"),
                fees=(Fee(asset="USDT", amount=Decimal("-0.001")),),
                liquidity="maker",
            ),
            replace(BOUGHT, fill_id="36237074", side=Side.SELL),
        ],
        source="https://bingx-api.github.io/docs-v3/#/en/Spot/Trades%20Endpoints",
    ),
    history(
        DataType.FILLS,
        "linear",
        [
            CONTRACT_FILL,
            {
                **CONTRACT_FILL,
                "filledTm": "2025-06-01T11:00:01.500Z",
                "volume": "0.004",
                "price": "25000",
                "qty": "0.003",
                "commission": "0.01",
                "commissionAsset": "BTC",
                "orderId": "168",
                "tradeId": "100",
                "filledTime": "2025-06-01T11:00:09.000Z",
                "side": "BUY",
                "role": "maker",
                "realisedPNL": "-2.5",
            },
            {  # as documented: local time, and neither filledTm, volume nor commissionAsset
                **{
                    key: value
                    for key, value in CONTRACT_FILL.items()
                    if key not in {"filledTm", "volume", "commissionAsset"}
                },
                "tradeId": "101",
                "currency": "USDT",
                "filledTime": "2025-06-01T19:00:00.000+0800",
            },
            {  # in another spelling: volume without qty
                **{key: value for key, value in CONTRACT_FILL.items() if key != "qty"},
                "tradeId": "102",
            },
        ],
        [
            CLOSED_LONG,
            replace(
                CLOSED_LONG,
                fill_id="100",
                order_id="168",
                time=LATER,
                side=Side.BUY,
                quantity=Decimal("0.003"),
                price=Decimal("25000"),
                cost=Decimal("75"),
                fees=(Fee(asset="BTC", amount=Decimal("-0.01")),),
                liquidity="maker",
                contracts=Decimal("0.003"),
                realised_pnl=Decimal("-2.5"),
            ),
            replace(CLOSED_LONG, fill_id="101"),
            replace(CLOSED_LONG, fill_id="102"),
        ],
        symbol="BTC/USDT:USDT",
        source=f"{DOCS}#/en-us/swapV2/trade-api.html (historical transaction details)",
    ),
    history(
        DataType.ORDERS,
        "spot",
        SPOT_ORDERS,
        [CANCELED, DONE],
        source=f"{DOCS}#/en-us/spot/trade-api.html (history orders)",
    ),
    history(
        DataType.ORDERS,
        "linear",
        contract_orders("BTC-USDT"),
        [
            replace(CANCELED, **LINEAR, reduce_only=True),
            replace(DONE, **LINEAR, reduce_only=False),
        ],
        source=f"{DOCS}#/en-us/swapV2/trade-api.html (all orders)",
    ),
    history(
        DataType.ORDERS,
        "inverse",
        contract_orders("BTC-USD"),
        [
            replace(CANCELED, **INVERSE, cost=Decimal("50"), reduce_only=True),
            replace(DONE, **INVERSE, cost=Decimal("300"), reduce_only=False),
        ],
        source=f"{DOCS}#/en-us/cswap/trade-api.html (order history)",
    ),
    history(
        DataType.TRANSFERS,
        "income",
        [
            income("FUNDING_FEE", "-0.0292", "170*3"),
            income("REALIZED_PNL", "1", "171"),
            income("TRADING_FEE", "2", "172"),
            income("TRANSFER", "3", "173"),
            income("ADL", "-2", "174", asset="BTC", time=AT + 1500, symbol="ETH-USDT"),
            income("AFFILIATE_REBATE", "0.5", "175", symbol=""),
            income("TRIAL_FUND", "0.75", "176", symbol=""),
            income("SYSTEM_DEDUCTION", "-0.25", "177", symbol=""),
            income("INSURANCE_CLEAR", "-1.25", "178", symbol=""),
            income("GTD_PRICE", "-1.5", "179", symbol=""),
            income("INVENTED", "1.75", "180", symbol=""),
        ],
        [
            PAID,
            replace(
                PAID,
                transfer_id=f"ADL:174:ETH-USDT:{AT + 1500}",
                word="ADL",
                reference="174",
                kind=TransferKind.LIQUIDATION,
                time=LATER,
                asset="BTC",
                quantity=Decimal("-2"),
                symbol="ETH/USDT:USDT",
            ),
            *(
                replace(
                    PAID,
                    transfer_id=f"{word}:{number}:{AT}",
                    kind=kind,
                    quantity=Decimal(quantity),
                    symbol=None,
                    word=word,
                    reference=number,
                )
                for word, kind, number, quantity in (
                    ("AFFILIATE_REBATE", TransferKind.REWARD, "175", "0.5"),
                    ("TRIAL_FUND", TransferKind.REWARD, "176", "0.75"),
                    ("SYSTEM_DEDUCTION", TransferKind.ADJUSTMENT, "177", "-0.25"),
                    ("INSURANCE_CLEAR", TransferKind.INSURANCE, "178", "-1.25"),
                    ("GTD_PRICE", TransferKind.FEE, "179", "-1.5"),
                    ("INVENTED", TransferKind.UNCLASSIFIED, "180", "1.75"),
                )
            ),
        ],
        source=f"{DOCS}#/en-us/swapV2/account-api.html (fund flow)",
    ),
    history(
        DataType.TRANSFERS,
        "deposits",
        [
            {
                "amount": "49999.5",
                "coin": "USDT",
                "network": "TRC20",
                "status": 1,
                "address": "TL",
                "addressTag": "a",
                "txId": "0xaad4",
                "insertTime": AT,
                "unlockConfirm": "2/2",
                "confirmTimes": "2/2",
            },
            {
                "amount": "0.25",
                "coin": "BTC",
                "network": "BTC",
                "status": 6,
                "address": "bc1",
                "addressTag": "b",
                "txId": "0xaad5",
                "insertTime": AT + 1500,
                "unlockConfirm": "1/2",
                "confirmTimes": "1/2",
            },
        ],
        [
            DEPOSIT,
            replace(
                DEPOSIT,
                transfer_id="0xaad5",
                time=LATER,
                asset="BTC",
                quantity=Decimal("0.25"),
                status="pending",
                tx_id="0xaad5",
                network="BTC",
            ),
        ],
        answer={},
        source=f"{DOCS}#/en-us/spot/wallet-api.html (deposits)",
    ),
    history(
        DataType.TRANSFERS,
        "withdrawals",
        [
            {
                "address": "0x94",
                "amount": "7.5",
                "applyTime": "2025-06-01T11:00:00.000+00:00",
                "coin": "USDT",
                "id": "125",
                "withdrawOrderId": "w1",
                "network": "TRC20",
                "transferType": 0,
                "status": 6,
                "transactionFee": "1.25",
                "confirmNo": 3,
                "info": "",
                "txId": "0xb5ef",
            },
            {
                "address": "bc1",
                "amount": "0.25",
                "applyTime": "2025-06-01T11:00:01.500+00:00",
                "coin": "BTC",
                "id": "126",
                "withdrawOrderId": "w2",
                "network": "BTC",
                "transferType": 1,
                "status": 4,
                "transactionFee": "0.0001",
                "confirmNo": 1,
                "info": "",
                "txId": "0xb5f0",
            },
        ],
        [
            SENT,
            replace(
                SENT,
                transfer_id="126",
                time=LATER,
                asset="BTC",
                quantity=Decimal("0.25"),
                fee=Fee(asset="BTC", amount=Decimal("0.0001")),
                status="pending",
                tx_id="0xb5f0",
                network="BTC",
            ),
        ],
        answer={},
        source=f"{DOCS}#/en-us/spot/wallet-api.html (withdrawals)",
    ),
    history(
        DataType.TRANSFERS,
        "moves-spot-usdtmperp",
        [
            {
                "asset": "USDT",
                "amount": "5.5",
                "status": "CONFIRMED",
                "transferId": "105146",
                "timestamp": AT,
                "fromAccount": "spot",
                "toAccount": "USDTMPerp",
            },
            {
                "asset": "BTC",
                "amount": "0.5",
                "status": "PENDING",
                "transferId": "105147",
                "timestamp": AT + 1500,
                "fromAccount": "fund",
                "toAccount": "spot",
            },
        ],
        [
            MOVED,
            replace(
                MOVED,
                transfer_id="105147",
                time=LATER,
                asset="BTC",
                quantity=Decimal("0.5"),
                status="pending",
                from_wallet="funding",
                to_wallet="spot",
            ),
        ],
        answer={"total": 2},
        also=(
            "moves-usdtmperp-spot",
            "moves-fund-spot",
            "moves-spot-fund",
            "moves-fund-usdtmperp",
            "moves-usdtmperp-fund",
        ),
        source=f"{DOCS}#/en-us/common/account-api (asset transfer records)",
    ),
    wallet(
        "spot",
        {
            "balances": [
                {"asset": "BTC", "free": "1.25", "locked": "0.5"},
                {"asset": "USDT", "free": "300", "locked": "40"},
            ]
        },
        "spot/account-api.html",
        ("BTC", "1.25", "0.5", "1.75"),
        ("USDT", "300", "40", "340"),
    ),
    wallet(
        "funding",
        {
            "assets": [
                {"asset": "BTC", "free": "2.25", "locked": "0.5"},
                {"asset": "USDT", "free": "44.3", "locked": "4"},
            ]
        },
        "common/account-api",
        ("BTC", "2.25", "0.5", "2.75"),
        ("USDT", "44.3", "4", "48.3"),
    ),
    replace(
        wallet(
            "linear",
            [
                {
                    "asset": code,
                    "balance": total,
                    "equity": "196.7431",
                    "unrealizedProfit": "1.9219",
                    "availableMargin": free,
                    "usedMargin": "1.0602",
                }
                for code, free, _, total in (*CONTRACTS, ("USDC", "", None, ""))  # not opened
            ],
            "swapV2/account-api.html",
            *CONTRACTS,
        ),
        also=("inverse",),
    ),
    wallet(
        "standard",
        [
            {"asset": "BTC", "balance": "0.75", "availableBalance": "0.5", "crossUnPnl": "0.1"},
            {"asset": "USDT", "balance": "4.75", "availableBalance": "4.5", "crossUnPnl": "0.2"},
            {"asset": "", "balance": "0"},
        ],
        "contract/account-api.html",
        ("BTC", "0.5", None, "0.75"),
        ("USDT", "4.5", None, "4.75"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_everything_that_is_read_has_a_case() -> None:
    assert uncovered(policy_for("bingx"), CASES) == set()


# --- what is asked --------------------------------------------------------------------------------

BOUNDS = {"startTime": scripted.START, "endTime": scripted.END}


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
WALKS = (
    scripted.Case(
        exchange="bingx",
        data_type=DataType.ORDERS,
        scopes=("spot",),
        path="/trade/historyOrders",
        replies=[bx({"orders": [BX_ORDER]}), bx({"orders": []})],
        asks=[{**BOUNDS, "pageIndex": 1, "pageSize": 100, "symbol": None}, {"pageIndex": 2}],
        makes=[("1514073325788200960", "spot", "BTC/USDT", "buy", "canceled", "2", "0.5", "99")],
    ),
    scripted.Case(
        exchange="bingx",
        data_type=DataType.FILLS,
        scopes=("spot",),
        path="/trade/myTrades",
        replies=[bx({"fills": [BX_FILL, BX_REBATE]})],
        asks=[{**BOUNDS, "symbol": None, "limit": 500}],
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
    scripted.Case(
        exchange="bingx",
        data_type=DataType.FILLS,
        scopes=("linear",),
        path="/trade/fillHistory",
        symbol="BTC/USDT:USDT",
        replies=[
            bx({"fill_history_orders": [BX_SWAP, BX_SWAP_DOC], "total": 2}),
            bx({"fill_history_orders": None, "total": 2}),
        ],
        asks=[
            {
                "startTs": scripted.START,
                "endTs": scripted.END,
                "symbol": "BTC-USDT",
                "pageIndex": 1,
                "pageSize": 500,
            },
            {"pageIndex": 2},
        ],
        makes=[
            (number, "linear", "BTC/USDT:USDT", "sell", "0.002", "50000", "100", {"USDT": "0.05"})
            for number in ("99", "98")
        ],
    ),
    scripted.Case(
        exchange="bingx",
        data_type=DataType.ORDERS,
        scopes=("linear",),
        path="/trade/fullOrder",
        replies=[bx({"orders": [BX_SWAP_ORDER]})],
        asks=[{**BOUNDS, "limit": 500, "symbol": None}],
        makes=[
            ("1736007506620112100", "linear", "BTC/USDT:USDT", "sell", "canceled", "2", "0.5", "99")
        ],
    ),
    scripted.Case(
        exchange="bingx",
        data_type=DataType.ORDERS,
        scopes=("inverse",),
        path="/trade/orderHistory",
        replies=[bx({"orders": [{**BX_SWAP_ORDER, "symbol": "BTC-USD"}]})],
        asks=[{**BOUNDS, "limit": 500}],
        makes=[
            ("1736007506620112100", "inverse", "BTC/USD:BTC", "sell", "canceled", "2", "0.5", "99")
        ],
    ),
    scripted.Case(
        exchange="bingx",
        data_type=DataType.TRANSFERS,
        scopes=("income",),
        path="/user/income",
        replies=[bx(BX_INCOME)],
        asks=[{**BOUNDS, "limit": 1000}],
        makes=[
            (f"FUNDING_FEE:170*3:BTC-USDT:{AT}", "funding", "USDT", "-0.0292", None, "ok"),
            (f"ADL:172:BTC-USDT:{AT}", "liquidation", "USDT", "-2", None, "ok"),
            (f"AFFILIATE_REBATE:173:{AT}", "reward", "USDT", "0.5", None, "ok"),
        ],
    ),
    scripted.Case(
        exchange="bingx",
        data_type=DataType.TRANSFERS,
        scopes=("deposits",),
        path="/capital/deposit/hisrec",
        replies=[[BX_DEPOSIT], []],
        asks=[{**BOUNDS, "offset": None, "limit": 1000}, {"offset": 1}],
        makes=[("40862", "deposit", "USDT", "49999", None, "ok")],
    ),
    scripted.Case(
        exchange="bingx",
        data_type=DataType.TRANSFERS,
        scopes=("withdrawals",),
        path="/capital/withdraw/history",
        replies=[[BX_WITHDRAWAL], []],
        asks=[{**BOUNDS, "offset": None}, {"offset": 1}],
        makes=[("125", "withdrawal", "USDT", "7.5", "1 USDT", "ok")],
    ),
    *(
        scripted.Case(
            exchange="bingx",
            data_type=DataType.TRANSFERS,
            scopes=(f"moves-{source.lower()}-{target.lower()}",),
            path="/asset/transferRecord",
            replies=[{"total": 1, "rows": [BX_MOVE]}],
            asks=[
                {
                    **BOUNDS,
                    "fromAccount": source,
                    "toAccount": target,
                    "pageIndex": 1,
                    "pageSize": 100,
                }
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
MIRRORS = (
    scripted.Mirror(
        exchange="bingx",
        what="wallet",
        name="spot",
        path="/account/balance",
        makes=[("BTC", "1", "1.5", False)],
        reply=bx({"balances": [{"asset": "BTC", "free": "1", "locked": "0.5"}]}),
    ),
    scripted.Mirror(
        exchange="bingx",
        what="wallet",
        name="funding",
        path="/account/balance",
        makes=[("USDT", "44.3", "44.3", False)],
        reply=bx({"assets": [{"asset": "USDT", "free": "44.3", "locked": "0.0"}]}),
    ),
    scripted.Mirror(
        exchange="bingx",
        what="wallet",
        name="linear",
        path="/swap/v3/user/balance",
        reply=bx([BX_ACCOUNT]),
        makes=[("USDT", "193.7609", "194.8212", False)],
    ),
    scripted.Mirror(
        exchange="bingx",
        what="wallet",
        name="inverse",
        path="/cswap/v1/user/balance",
        reply=bx([{**BX_ACCOUNT, "asset": "BTC"}]),
        makes=[("BTC", "193.7609", "194.8212", False)],
    ),
    scripted.Mirror(
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
    scripted.Mirror(
        exchange="bingx",
        what="positions",
        name="linear",
        path="/swap/v2/user/positions",
        reply=bx([BX_POSITION]),
        makes=[("BTC/USDT:USDT", "linear", "short", "0.1", "40000", "-1.0393")],
    ),
    scripted.Mirror(
        exchange="bingx",
        what="positions",
        name="inverse",
        path="/cswap/v1/user/positions",
        reply=bx([{**BX_POSITION, "symbol": "BTC-USD", "positionAmt": "5"}]),
        makes=[("BTC/USD:BTC", "inverse", "short", "0.01", "40000", "-1.0393")],
    ),
    *(
        scripted.Mirror(
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
    scripted.Mirror(
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


@pytest.mark.parametrize(("case", "scope"), scripted.each(WALKS))
def test_pages_are_asked_as_documented(case: scripted.Case, scope: str) -> None:
    scripted.run_stream(case, scope)


@pytest.mark.parametrize("case", MIRRORS, ids=scripted.named)
def test_what_is_true_now_is_asked_as_documented(case: scripted.Mirror) -> None:
    scripted.run_mirror(case)


def test_every_history_wallet_and_list_is_asked_for() -> None:
    assert scripted.uncovered("bingx", WALKS) == set()
    assert scripted.unread("bingx", MIRRORS) == set()

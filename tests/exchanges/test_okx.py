"""OKX: every history and wallet in its own spelling, and the records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.key_rights import KeyRights
from exchange_cache.exchanges import policy_for
from exchange_cache.records import (
    UNSIGNED_KINDS,
    AverageMethod,
    Balance,
    DataType,
    Fee,
    Fill,
    FillKind,
    Order,
    OrderStatus,
    Position,
    ReportedAverage,
    Side,
    Transfer,
    TransferKind,
)
from tests.exchanges.builders import NOW
from tests.exchanges.cases import Case, HistoryCase, ListCase, WalletCase, check, named, uncovered

DOCS = "https://www.okx.com/docs-v5/en"
ANSWER = {"code": "0", "msg": ""}

FIRST_MS, FIRST = "1748721600250", datetime(2025, 5, 31, 20, 0, 0, 250_000, tzinfo=UTC)
SECOND_MS, SECOND = "1748721661500", datetime(2025, 5, 31, 20, 1, 1, 500_000, tzinfo=UTC)
THIRD_MS, THIRD = "1748725323750", datetime(2025, 5, 31, 21, 2, 3, 750_000, tzinfo=UTC)

# --- fills ----------------------------------------------------------------------------------------


def trade(kind: str, instrument: str, **fields: str) -> dict[str, str]:
    return {
        "instType": kind,
        "instId": instrument,
        "tradeId": "123",
        "ordId": "312269865356374016",
        "clOrdId": "b16",
        "billId": "1111",
        "tag": "",
        "fillPx": "60000",
        "fillSz": "0.12",
        "side": "buy",
        "posSide": "net",
        "execType": "M",
        "feeCcy": "BTC",
        "fee": "-0.00012",
        "fillPnl": "",
        "ts": FIRST_MS,
        "fillTime": FIRST_MS,
        **fields,
    }


SECOND_TRADE = {
    "tradeId": "122",
    "ordId": "312269865356374000",
    "billId": "1110",
    "fillPx": "50000",
    "side": "sell",
    "execType": "T",
    "ts": SECOND_MS,
    "fillTime": SECOND_MS,
}
SPOT_FILL = Fill(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    fill_id="123",
    order_id="312269865356374016",
    time=FIRST,
    side=Side.BUY,
    base="BTC",
    quote="USDT",
    quantity=Decimal("0.12"),
    price=Decimal("60000"),
    cost=Decimal("7200"),
    fees=(Fee(asset="BTC", amount=Decimal("0.00012")),),
    liquidity="maker",
)
SOLD = {
    "fill_id": "122",
    "order_id": "312269865356374000",
    "time": SECOND,
    "side": Side.SELL,
    "price": Decimal("50000"),
    "liquidity": "taker",
}
LINEAR_FILL = replace(
    SPOT_FILL,
    category="linear",
    symbol="BTC/USDT:USDT",
    settle="USDT",
    contracts=Decimal("3"),
    contract_size=Decimal("0.01"),
    quantity=Decimal("0.03"),
    cost=Decimal("1800"),
    fees=(Fee(asset="USDT", amount=Decimal("0.9")),),
    realised_pnl=Decimal("-12.5"),
)


def fills(scope: str, kind: str) -> Case:
    """Fills of the spot markets, by cash or on margin."""
    return HistoryCase(
        exchange="okx",
        data_type=DataType.FILLS,
        scope=scope,
        source=f"{DOCS}/#order-book-trading-trade-get-transaction-details-last-3-months",
        answer=ANSWER,
        rows=[
            trade(kind, "BTC-USDT"),
            trade(kind, "BTC-USDT", **SECOND_TRADE, fillSz="0.05", fee="0.5", feeCcy="USDT"),
        ],
        records=[
            replace(SPOT_FILL, category=scope),
            replace(
                SPOT_FILL,
                category=scope,
                quantity=Decimal("0.05"),
                cost=Decimal("2500"),
                fees=(Fee(asset="USDT", amount=Decimal("-0.5")),),
                **SOLD,
            ),
        ],
    )


FILLS = (
    fills("spot", "SPOT"),
    fills("margin", "MARGIN"),
    HistoryCase(
        exchange="okx",
        data_type=DataType.FILLS,
        scope="swap",
        also=("futures", "option"),
        source=f"{DOCS}/#order-book-trading-trade-get-transaction-details-last-3-months",
        answer=ANSWER,
        rows=[
            trade("SWAP", "BTC-USDT-SWAP", fillSz="3", fee="-0.9", feeCcy="USDT", fillPnl="-12.5"),
            trade(
                "SWAP",
                "BTC-USD-SWAP",
                **SECOND_TRADE,
                fillSz="2",
                fee="0.000002",
                feeCcy="BTC",
                fillPnl="0.0001",
            ),
        ],
        records=[
            LINEAR_FILL,
            replace(
                LINEAR_FILL,
                category="inverse",
                symbol="BTC/USD:BTC",
                quote="USD",
                settle="BTC",
                contracts=Decimal("2"),
                contract_size=Decimal("100"),
                quantity=Decimal("0.004"),
                cost=Decimal("200"),
                fees=(Fee(asset="BTC", amount=Decimal("-0.000002")),),
                realised_pnl=Decimal("0.0001"),
                **SOLD,
            ),
        ],
    ),
)

# --- orders ---------------------------------------------------------------------------------------


def ordered(kind: str, instrument: str, **fields: str) -> dict[str, str]:
    return {
        "instType": kind,
        "instId": instrument,
        "ordId": "312269865356374016",
        "clOrdId": "b15",
        "px": "60000.5",
        "sz": "0.2",
        "ordType": "post_only",
        "side": "buy",
        "posSide": "net",
        "tdMode": "cash",
        "accFillSz": "0.12",
        "fillPx": "60000",
        "fillSz": "0.1",
        "fillTime": FIRST_MS,
        "avgPx": "60000",
        "state": "canceled",
        "lever": "",
        "feeCcy": "BTC",
        "fee": "-0.00012",
        "rebateCcy": "USDT",
        "rebate": "0",
        "reduceOnly": "false",
        "cTime": FIRST_MS,
        "uTime": SECOND_MS,
        **fields,
    }


SECOND_ORDER = {
    "ordId": "312269865356374000",
    "clOrdId": "b16",
    "px": "",
    "sz": "2",
    "ordType": "market",
    "side": "sell",
    "accFillSz": "2",
    "avgPx": "50000",
    "state": "filled",
    "reduceOnly": "true",
    "cTime": SECOND_MS,
    "uTime": THIRD_MS,
}
SPOT_ORDER = Order(
    account="main",
    category="spot",
    symbol="BTC/USDT",
    order_id="312269865356374016",
    client_order_id="b15",
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
    reduce_only=False,
    fetched_at=NOW,
)
SOLD_ORDER = {
    "order_id": "312269865356374000",
    "client_order_id": "b16",
    "created_at": SECOND,
    "updated_at": THIRD,
    "side": Side.SELL,
    "type": "market",
    "status": OrderStatus.CLOSED,
    "price": None,
    "average": Decimal("50000"),
    "amount": Decimal("2"),
    "filled": Decimal("2"),
    "reduce_only": True,
}


#: A market order that asks to spend 100 USDT: what it spent is the average times what was filled.
QUOTE_ORDER = {
    "ordId": "312269865356374001",
    "px": "",
    "sz": "100",
    "tgtCcy": "quote_ccy",
    "ordType": "market",
    "accFillSz": "0.00192834",
    "avgPx": "51858",
    "state": "filled",
}
SPENT_ORDER = {
    "order_id": "312269865356374001",
    "type": "market",
    "status": OrderStatus.CLOSED,
    "price": None,
    "average": Decimal("51858"),
    "amount": None,
    "filled": Decimal("0.00192834"),
    "cost": Decimal("99.99985572"),
}


def orders(scope: str, kind: str) -> Case:
    """Orders of the spot markets, by cash or on margin."""
    return HistoryCase(
        exchange="okx",
        data_type=DataType.ORDERS,
        scope=scope,
        source=f"{DOCS}/#order-book-trading-trade-get-order-history-last-3-months",
        answer=ANSWER,
        rows=[
            ordered(kind, "BTC-USDT"),
            ordered(kind, "BTC-USDT", **SECOND_ORDER),
            ordered(kind, "BTC-USDT", **QUOTE_ORDER),
            ordered(kind, "BTC-USDT", **{**QUOTE_ORDER, "ordId": "2", "tgtCcy": ""}),
            ordered(kind, "BTC-USDT", **{**QUOTE_ORDER, "ordId": "3", "side": "sell"}),
        ],
        records=[
            replace(SPOT_ORDER, category=scope),
            replace(SPOT_ORDER, category=scope, cost=Decimal("100000"), **SOLD_ORDER),
            *(
                replace(
                    SPOT_ORDER, category=scope, **{**SPENT_ORDER, "order_id": name, "side": side}
                )
                for name, side in (
                    (SPENT_ORDER["order_id"], Side.BUY),
                    ("2", Side.BUY),
                    ("3", Side.SELL),
                )
            ),
        ],
    )


ORDERS = (
    orders("spot", "SPOT"),
    orders("margin", "MARGIN"),
    HistoryCase(
        exchange="okx",
        data_type=DataType.ORDERS,
        scope="swap",
        also=("futures", "option"),
        source=f"{DOCS}/#order-book-trading-trade-get-order-history-last-3-months",
        answer=ANSWER,
        rows=[
            ordered("SWAP", "BTC-USDT-SWAP", sz="5", accFillSz="3", ordType="ioc"),
            ordered("SWAP", "BTC-USD-SWAP", **SECOND_ORDER),
        ],
        records=[
            replace(
                SPOT_ORDER,
                category="linear",
                symbol="BTC/USDT:USDT",
                amount=Decimal("5"),
                filled=Decimal("3"),
                cost=Decimal("1800"),
            ),
            replace(
                SPOT_ORDER,
                category="inverse",
                symbol="BTC/USD:BTC",
                quote="USD",
                cost=Decimal("200"),
                **SOLD_ORDER,
            ),
        ],
    ),
)

# --- deposits and withdrawals ---------------------------------------------------------------------

DEPOSIT = Transfer(
    account="main",
    scope="deposits",
    transfer_id="88165462",
    kind=TransferKind.DEPOSIT,
    time=FIRST,
    asset="USDT",
    quantity=Decimal("7.6"),
    tx_id="16f3638329b3b6eccb4fdc8c86d4b2c2b2ad2ec9b3b0eb4fdc8c86d4b2c2b2ad",
    network="TRC20",
)
WITHDRAWAL = replace(
    DEPOSIT,
    scope="withdrawals",
    transfer_id="71903213",
    kind=TransferKind.WITHDRAWAL,
    asset="USDC",
    quantity=Decimal("4.2"),
    fee=Fee(asset="USDC", amount=Decimal("0.8")),
    status="ok",
    network="ERC20",
)
CHAIN = (
    HistoryCase(
        exchange="okx",
        data_type=DataType.TRANSFERS,
        scope="deposits",
        source=f"{DOCS}/#funding-account-rest-api-get-deposit-history",
        answer=ANSWER,
        rows=[
            {
                "actualDepBlkConfirm": "2",
                "amt": "7.6",
                "areaCodeFrom": "",
                "ccy": "USDT",
                "chain": "USDT-TRC20",
                "depId": "88165462",
                "from": "",
                "fromWdId": "",
                "state": "2",
                "to": "TN4hGjVXMzy*********9b4N1aGizqs",
                "ts": FIRST_MS,
                "txId": DEPOSIT.tx_id,
            },
            {
                "actualDepBlkConfirm": "0",
                "amt": "0.125",
                "areaCodeFrom": "",
                "ccy": "ETH",
                "chain": "ETH-ERC20",
                "depId": "88165461",
                "from": "",
                "fromWdId": "",
                "state": "0",
                "to": "0xb30cc0a1fe5cb35e5f6c6a0c1d4aa0a9",
                "ts": SECOND_MS,
                "txId": "0xfd12f8850218dc9d1d706c2dbd6c38f495988109c220bf8833255697b85c92db",
            },
        ],
        records=[
            DEPOSIT,
            replace(
                DEPOSIT,
                transfer_id="88165461",
                time=SECOND,
                asset="ETH",
                quantity=Decimal("0.125"),
                status="pending",
                tx_id="0xfd12f8850218dc9d1d706c2dbd6c38f495988109c220bf8833255697b85c92db",
                network="ERC20",
            ),
        ],
    ),
    HistoryCase(
        exchange="okx",
        data_type=DataType.TRANSFERS,
        scope="withdrawals",
        source=f"{DOCS}/#funding-account-rest-api-get-withdrawal-history",
        answer=ANSWER,
        rows=[
            {
                "chain": "USDC-ERC20",
                "fee": "0.8",
                "feeCcy": "USDC",
                "ccy": "USDC",
                "clientId": "",
                "amt": "4.2",
                "txId": WITHDRAWAL.tx_id,
                "from": "156****359",
                "to": "0xa30d1fab********7CF18C7B6C579",
                "state": "2",
                "ts": FIRST_MS,
                "wdId": "71903213",
            },
            {
                "chain": "BTC-Bitcoin",
                "fee": "0.0002",
                "feeCcy": "BTC",
                "ccy": "BTC",
                "clientId": "",
                "amt": "0.25",
                "txId": "5a8f1b2c",
                "from": "156****359",
                "to": "bc1q********579",
                "state": "-1",
                "ts": SECOND_MS,
                "wdId": "71903212",
            },
        ],
        records=[
            WITHDRAWAL,
            replace(
                WITHDRAWAL,
                transfer_id="71903212",
                time=SECOND,
                asset="BTC",
                quantity=Decimal("0.25"),
                fee=Fee(asset="BTC", amount=Decimal("0.0002")),
                status="failed",
                tx_id="5a8f1b2c",
                network="BTC",
            ),
        ],
    ),
)

# --- ledger of the trading account ----------------------------------------------------------------


def bill(number: int, change: str, time: str, **fields: str) -> dict[str, str]:
    """A row of account/bills-archive."""
    return {
        "bal": "8694.2179403378290202",
        "balChg": change,
        "billId": str(number),
        "ccy": "USDT",
        "fee": "",
        "from": "",
        "instId": "",
        "instType": "",
        "mgnMode": "",
        "notes": "",
        "ordId": "",
        "pnl": "",
        "posBal": "0",
        "posBalChg": "0",
        "px": "",
        "subType": "11",
        "sz": "0",
        "to": "",
        "ts": time,
        **fields,
    }


MOVE = Transfer(
    account="main",
    scope="moves",
    transfer_id="623950854533513219",
    kind=TransferKind.INTERNAL,
    time=FIRST,
    asset="USDT",
    quantity=Decimal("11"),
    from_wallet="funding",
    to_wallet="trading",
    word="1",
)


def bills(scope: str, rows: list[dict[str, str]], records: list[Transfer]) -> Case:
    return HistoryCase(
        exchange="okx",
        data_type=DataType.TRANSFERS,
        scope=scope,
        source=f"{DOCS}/#trading-account-rest-api-get-bills-details-last-3-months",
        answer=ANSWER,
        rows=rows,
        records=records,
    )


CHARGED = replace(
    MOVE,
    scope="interest",
    kind=TransferKind.INTEREST,
    quantity=Decimal("-0.5"),
    from_wallet=None,
    to_wallet=None,
    word="7",
)
FUNDING_PAID = replace(
    CHARGED,
    scope="funding",
    kind=TransferKind.FUNDING,
    symbol="BTC/USDT:USDT",
    word="8",
)
#: Rows of all bills: type, change, and what they mean.
BILLED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("34", "-12.5", {"kind": TransferKind.SETTLEMENT, "quantity": Decimal("-12.5")}),
    ("11", "3", {"kind": TransferKind.SUBSCRIPTION, "quantity": Decimal(3)}),
    (
        "12",
        "-1000",
        {
            "kind": TransferKind.INTERNAL,
            "quantity": Decimal(1000),
            "from_wallet": "trading",
            "to_wallet": "bots",
        },
    ),
    (
        "16",
        "40",
        {
            "kind": TransferKind.LOAN,
            "quantity": Decimal(40),
            "from_wallet": "loan",
            "to_wallet": "trading",
        },
    ),
    ("381", "0.25", {"kind": TransferKind.INTEREST, "quantity": Decimal("0.25")}),
    ("250", "-2", {"kind": TransferKind.FEE, "quantity": Decimal(-2)}),
    ("9999", "-6", {"kind": TransferKind.UNCLASSIFIED, "quantity": Decimal(-6)}),
)
BILLED_ELSEWHERE = ("1", "2", "3", "5", "7", "8", "9", "13", "27", "28")
BILLS = (
    bills(
        "bills-rest",
        [
            bill(700, "-0.001", SECOND_MS, type="4", ccy="BTC", ordId="88", instId="BTC-USDT"),
            bill(
                701,
                "-7",
                FIRST_MS,
                type="10",
                ccy="BTC",
                instId="BTC-USD-SWAP",
                instType="SWAP",
            ),
            *(bill(at, change, FIRST_MS, type=word) for at, (word, change, _) in enumerate(BILLED)),
            *(
                bill(800, "1", FIRST_MS, type=word, instId="NO-SUCH-SWAP")
                for word in BILLED_ELSEWHERE
            ),
        ],
        [
            replace(
                CHARGED,
                scope="bills-rest",
                transfer_id="700",
                kind=TransferKind.SUBSCRIPTION,
                time=SECOND,
                asset="BTC",
                quantity=Decimal("-0.001"),
                symbol="BTC/USDT",
                word="4",
                reference="88",
            ),
            replace(
                CHARGED,
                scope="bills-rest",
                transfer_id="701",
                kind=TransferKind.SETTLEMENT,
                asset="BTC",
                quantity=Decimal(-7),
                symbol="BTC/USD:BTC",
                word="10",
            ),
            *(
                replace(CHARGED, scope="bills-rest", transfer_id=str(at), word=word, **means)
                for at, (word, _, means) in enumerate(BILLED)
            ),
        ],
    ),
    bills(
        "moves",
        [
            bill(623950854533513219, "11", FIRST_MS, type="1", **{"from": "6", "to": "18"}),
            bill(
                623950854533513218,
                "-0.25",
                SECOND_MS,
                type="1",
                ccy="BTC",
                **{"from": "18", "to": "6"},
            ),
            bill(623950854533513217, "3", THIRD_MS, type="1"),
            bill(623950854533513216, "-4", THIRD_MS, type="1"),
        ],
        [
            MOVE,
            replace(
                MOVE,
                transfer_id="623950854533513218",
                time=SECOND,
                asset="BTC",
                quantity=Decimal("0.25"),
                from_wallet="trading",
                to_wallet="funding",
            ),
            replace(
                MOVE,
                transfer_id="623950854533513217",
                time=THIRD,
                quantity=Decimal("3"),
                from_wallet=None,
            ),
            replace(
                MOVE,
                transfer_id="623950854533513216",
                time=THIRD,
                quantity=Decimal("4"),
                from_wallet="trading",
                to_wallet=None,
            ),
        ],
    ),
    bills(
        "interest",
        [
            bill(623950854533513219, "-0.5", FIRST_MS, type="7", subType="9"),
            bill(623950854533513218, "-0.001", SECOND_MS, type="7", subType="10", ccy="BTC"),
        ],
        [
            CHARGED,
            replace(
                CHARGED,
                transfer_id="623950854533513218",
                time=SECOND,
                asset="BTC",
                quantity=Decimal("-0.001"),
            ),
        ],
    ),
    bills(
        "funding",
        [
            bill(623950854533513219, "-0.5", FIRST_MS, type="8", instId="BTC-USDT-SWAP"),
            bill(
                623950854533513218, "0.001", SECOND_MS, type="8", ccy="BTC", instId="BTC-USD-SWAP"
            ),
        ],
        [
            FUNDING_PAID,
            replace(
                FUNDING_PAID,
                transfer_id="623950854533513218",
                time=SECOND,
                asset="BTC",
                quantity=Decimal("0.001"),
                symbol="BTC/USD:BTC",
            ),
        ],
    ),
)

# --- ledger of the funding account ----------------------------------------------------------------

REWARD = replace(
    CHARGED,
    scope="funding-ledger",
    transfer_id="12344",
    kind=TransferKind.REWARD,
    asset="OKB",
    quantity=Decimal("0.42"),
    word="48",
)
FUNDING_ROWS = (
    ("12344", "48", "0.42", "OKB", FIRST_MS),
    ("12343", "83", "0.0213", "SOL", SECOND_MS),
    *(
        (str(12333 - at), word, "5", "OKB", THIRD_MS)
        for at, word in enumerate(
            ("1", "2", "13", "116", "117", "118", "130", "131", "221", "272", "273")
        )
    ),
)


def moves(source: str, target: str) -> dict[str, str]:
    return {"from_wallet": source, "to_wallet": target}


#: Rows of the funding account: type, change, kind, and the ends of a move.
FUNDED: tuple[tuple[str, str, TransferKind, dict[str, str]], ...] = (
    ("48", "-3", TransferKind.REWARD, {}),
    ("84", "-0.5", TransferKind.FEE, {}),
    ("21", "7", TransferKind.DEPOSIT, {}),
    ("20", "-7", TransferKind.WITHDRAWAL, {}),
    ("313", "-2", TransferKind.WITHDRAWAL, {}),
    ("314", "2", TransferKind.DEPOSIT, {}),
    ("28", "30", TransferKind.AIRDROP, {}),
    ("308", "0.5", TransferKind.INTEREST, {}),
    ("346", "-0.5", TransferKind.INTEREST, {}),
    ("174", "-20", TransferKind.SUBSCRIPTION, {}),
    ("77", "400", TransferKind.SUBSCRIPTION, {}),
    ("78", "-20", TransferKind.INTERNAL, moves("funding", "Jumpstart")),
    ("124", "20", TransferKind.INTERNAL, moves("Jumpstart", "funding")),
    ("160", "-100", TransferKind.INTERNAL, moves("funding", "structured products")),
    ("75", "-9", TransferKind.INTERNAL, moves("funding", "earn")),
    ("76", "9", TransferKind.INTERNAL, moves("earn", "funding")),
    ("80", "-8", TransferKind.INTERNAL, moves("funding", "earn-staking")),
    ("82", "8", TransferKind.INTERNAL, moves("earn-staking", "funding")),
    ("217", "50", TransferKind.LOAN, moves("loan", "funding")),
    ("218", "-50", TransferKind.REPAYMENT, moves("funding", "loan")),
    ("47", "-4", TransferKind.ADJUSTMENT, {}),
    ("9999", "-4", TransferKind.UNCLASSIFIED, {}),
)


FUNDING_LEDGER = HistoryCase(
    exchange="okx",
    data_type=DataType.TRANSFERS,
    scope="funding-ledger",
    source=f"{DOCS}/#funding-account-rest-api-asset-bills-history",
    answer=ANSWER,
    rows=[
        {
            "billId": number,
            "ccy": asset,
            "clientId": "",
            "balChg": change,
            "bal": "12",
            "type": word,
            "notes": "",
            "ts": time,
        }
        for number, word, change, asset, time in (
            *FUNDING_ROWS,
            *(
                (str(at), word, change, "DOT", THIRD_MS)
                for at, (word, change, _, _) in enumerate(FUNDED)
            ),
        )
    ],
    records=[
        REWARD,
        replace(
            REWARD,
            transfer_id="12343",
            time=SECOND,
            asset="SOL",
            quantity=Decimal("0.0213"),
            word="83",
        ),
        *(
            replace(
                REWARD,
                transfer_id=str(at),
                kind=kind,
                time=THIRD,
                asset="DOT",
                quantity=abs(Decimal(change)) if kind in UNSIGNED_KINDS else Decimal(change),
                word=word,
                **ends,
            )
            for at, (word, change, kind, ends) in enumerate(FUNDED)
        ),
    ],
)

LENT = replace(
    REWARD,
    scope="savings-interest",
    transfer_id=f"BTC:{FIRST_MS}:0.01:0.031",
    asset="BTC",
    kind=TransferKind.INTEREST,
    quantity=Decimal("0.00073"),
    to_wallet="earn",
    word=None,
)
SAVINGS_INTEREST = HistoryCase(
    exchange="okx",
    data_type=DataType.TRANSFERS,
    scope="savings-interest",
    source=f"{DOCS}/#financial-product-simple-earn-flexible-get-lending-history",
    answer=ANSWER,
    rows=[
        {"ccy": "BTC", "amt": "0.01", "earnings": "0.00073", "rate": "0.031", "ts": FIRST_MS},
        {"ccy": "USDT", "amt": "2500", "earnings": "0.0731", "rate": "0.02", "ts": SECOND_MS},
    ],
    records=[
        LENT,
        replace(
            LENT,
            transfer_id=f"USDT:{SECOND_MS}:2500:0.02",
            time=SECOND,
            asset="USDT",
            quantity=Decimal("0.0731"),
        ),
    ],
)

# --- bank transfers -------------------------------------------------------------------------------


def fiat(scope: str, kind: TransferKind) -> Case:
    """Bank transfers of one direction."""
    made = replace(
        REWARD,
        scope=scope,
        transfer_id="124041201450544699",
        kind=kind,
        asset="TRY",
        quantity=Decimal("10000"),
        fee=Fee(asset="TRY", amount=Decimal("1.5")),
        network="TR_BANKS",
        word=None,
    )
    row = {
        "cTime": FIRST_MS,
        "uTime": THIRD_MS,
        "ordId": "124041201450544699",
        "paymentMethod": "TR_BANKS",
        "paymentAcctId": "20",
        "amt": "10000",
        "fee": "1.5",
        "ccy": "TRY",
        "state": "completed",
        "clientId": "",
    }
    more = {
        "cTime": SECOND_MS,
        "ordId": "124041201450544698",
        "paymentMethod": "SEPA",
        "amt": "-300",
        "fee": "-2",
        "ccy": "EUR",
        "state": "processing",
    }
    states = {"successful": "ok", "failed": "failed", "cancelled": "canceled"}
    return HistoryCase(
        exchange="okx",
        data_type=DataType.TRANSFERS,
        scope=scope,
        source=f"{DOCS}/#funding-account-rest-api-get-{scope[:-1]}-order-history",
        answer=ANSWER,
        rows=[row, {**row, **more}, *({**row, "ordId": word, "state": word} for word in states)],
        records=[
            made,
            replace(
                made,
                transfer_id="124041201450544698",
                time=SECOND,
                asset="EUR",
                quantity=Decimal("300"),
                fee=Fee(asset="EUR", amount=Decimal("2")),
                status="pending",
                network="SEPA",
            ),
            *(replace(made, transfer_id=word, status=state) for word, state in states.items()),
        ],
    )


# --- converts and sweeps --------------------------------------------------------------------------

CONVERT = Fill(
    account="main",
    category="spot",
    symbol="ETH/USDT",
    fill_id="trader16461885203381437",
    order_id=None,
    time=FIRST,
    side=Side.BUY,
    base="ETH",
    quote="USDT",
    quantity=Decimal("0.5"),
    price=Decimal("3000"),
    cost=Decimal("1500"),
    kind=FillKind.CONVERT,
)
SWEPT = replace(
    CONVERT,
    symbol="ADA/USDT",
    fill_id=f"{FIRST_MS}:ADA",
    side=Side.SELL,
    base="ADA",
    quantity=Decimal("10"),
    price=Decimal("0.42"),
    cost=Decimal("4.2"),
    kind=FillKind.DUST,
)
CONVERTS = (
    HistoryCase(
        exchange="okx",
        data_type=DataType.FILLS,
        scope="converts",
        source=f"{DOCS}/#funding-account-rest-api-get-convert-history",
        answer=ANSWER,
        rows=[
            {
                "clTReqId": "",
                "instId": "ETH-USDT",
                "side": side,
                "fillPx": "3000",
                "baseCcy": base,
                "quoteCcy": quote,
                "fillBaseSz": size,
                "state": state,
                "tradeId": number,
                "fillQuoteSz": cost,
                "ts": time,
            }
            for number, side, base, size, quote, cost, state, time in (
                (CONVERT.fill_id, "buy", "ETH", "0.5", "USDT", "1500", "fullyFilled", FIRST_MS),
                ("trader1", "sell", "BTC", "0.25", "USDC", "15000", "fullyFilled", SECOND_MS),
                ("trader2", "sell", "BTC", "0.25", "USDC", "15000", "rejected", THIRD_MS),
            )
        ],
        records=[
            CONVERT,
            replace(
                CONVERT,
                symbol="BTC/USDC",
                fill_id="trader1",
                time=SECOND,
                side=Side.SELL,
                base="BTC",
                quote="USDC",
                quantity=Decimal("0.25"),
                price=Decimal("60000"),
                cost=Decimal("15000"),
            ),
        ],
    ),
    HistoryCase(
        exchange="okx",
        data_type=DataType.FILLS,
        scope="dust",
        source=f"{DOCS}/#order-book-trading-trade-get-easy-convert-history",
        answer=ANSWER,
        rows=[
            {
                "fromCcy": source,
                "fillFromSz": size,
                "toCcy": target,
                "fillToSz": got,
                "acct": "18",
                "status": status,
                "uTime": time,
            }
            for source, size, target, got, status, time in (
                ("ADA", "10", "USDT", "4.2", "filled", FIRST_MS),
                ("DOT", "0.5", "OKB", "0.05", "filled", SECOND_MS),
                ("SOL", "0.5", "OKB", "0.05", "failed", THIRD_MS),
            )
        ],
        records=[
            SWEPT,
            replace(
                SWEPT,
                symbol="OKB/DOT",
                fill_id=f"{SECOND_MS}:DOT",
                time=SECOND,
                side=Side.BUY,
                base="OKB",
                quote="DOT",
                quantity=Decimal("0.05"),
                price=Decimal("10"),
                cost=Decimal("0.5"),
            ),
        ],
    ),
)

# --- wallets --------------------------------------------------------------------------------------

TRADING = Balance(
    account="main",
    wallet="trading",
    code="BTC",
    asset="BTC",
    free=Decimal("1.5"),
    used=Decimal("0.25"),
    total=Decimal("1.625"),
    debt=Decimal("0.375"),
    fetched_at=NOW,
    told_averages=(
        ReportedAverage(
            name="openAvgPx",
            method=AverageMethod.MOVING,
            price=Decimal("50000.5"),
            unit="USD",
            quantity=Decimal("0.75"),
            counts_from=datetime(2020, 11, 6, tzinfo=UTC),
        ),
        ReportedAverage(
            name="accAvgPx",
            method=AverageMethod.CUMULATIVE,
            price=Decimal("-120"),
            unit="USD",
            quantity=Decimal("0.75"),
            counts_from=datetime(2020, 11, 6, tzinfo=UTC),
        ),
    ),
)
WALLETS = (
    WalletCase(
        exchange="okx",
        wallet="trading",
        source=f"{DOCS}/#trading-account-rest-api-get-balance",
        answer={
            **ANSWER,
            "data": [
                {
                    "uTime": FIRST_MS,
                    "totalEq": "55837.43556",
                    "details": [
                        {
                            "ccy": "BTC",
                            "eq": "2",
                            "cashBal": "1.75",
                            "availBal": "1.5",
                            "frozenBal": "0.25",
                            "liab": "-0.5",
                            "isoLiab": "-0.125",
                            "interest": "0.125",
                            "upl": "0.1",
                            "spotBal": "0.75",
                            "openAvgPx": "50000.5",
                            "accAvgPx": "-120",
                        },
                        {
                            "ccy": "USDT",
                            "eq": "4992",
                            "cashBal": "5000",
                            "availBal": "4834",
                            "frozenBal": "158",
                            "liab": "12",
                            "isoLiab": "5",
                            "interest": "-0.5",
                            "upl": "-7.5",
                            "spotBal": "",
                            "openAvgPx": "",
                            "accAvgPx": "0",
                        },
                    ],
                }
            ],
        },
        balances=[
            TRADING,
            replace(
                TRADING,
                code="USDT",
                asset="USDT",
                free=Decimal("4834"),
                used=Decimal("158"),
                total=Decimal("4999.5"),
                debt=Decimal("7"),
                told_averages=(),
            ),
        ],
    ),
    WalletCase(
        exchange="okx",
        wallet="funding",
        source=f"{DOCS}/#funding-account-rest-api-get-balance",
        answer={
            **ANSWER,
            "data": [
                {"ccy": "BTC", "bal": "0.75", "availBal": "0.5", "frozenBal": "0.25"},
                {"ccy": "USDT", "bal": "37.5", "availBal": "30", "frozenBal": "7.5"},
            ],
        },
        balances=[
            replace(
                TRADING,
                wallet="funding",
                code=code,
                asset=code,
                free=Decimal(free),
                used=Decimal(used),
                total=Decimal(total),
                debt=None,
                told_averages=(),
            )
            for code, free, used, total in (
                ("BTC", "0.5", "0.25", "0.75"),
                ("USDT", "30", "7.5", "37.5"),
            )
        ],
    ),
)


def earning(wallet: str, source: str, data: list[Any], **totals: str) -> Case:
    """A wallet that only states what lies in it."""
    return WalletCase(
        exchange="okx",
        wallet=wallet,
        source=source,
        answer={**ANSWER, "data": data},
        balances=[
            Balance(
                account="main",
                wallet=wallet,
                code=code,
                asset=code,
                free=None,
                used=None,
                total=Decimal(total),
                earn=wallet == "earn",
                fetched_at=NOW,
            )
            for code, total in totals.items()
        ],
    )


EARN = (
    earning(
        "earn",
        f"{DOCS}/#financial-product-simple-earn-flexible-get-saving-balance",
        [
            {"ccy": "BTC", "amt": "0.125", "earnings": "0.001", "loanAmt": "0", "rate": "0.01"},
            {"ccy": "USDT", "amt": "11.5", "earnings": "0.2", "loanAmt": "4", "rate": "0.02"},
        ],
        BTC="0.125",
        USDT="11.5",
    ),
    earning(
        "earn-staking",
        f"{DOCS}/#financial-product-on-chain-earn-get-active-orders",
        [
            {"ordId": "1", "ccy": "DOT", "investData": [{"ccy": "DOT", "amt": "2.5"}]},
            {
                "ordId": "2",
                "ccy": "ETH",
                "investData": [{"ccy": "ETH", "amt": "1.25"}, {"ccy": "DOT", "amt": "4"}],
            },
        ],
        DOT="6.5",
        ETH="1.25",
    ),
)

# --- positions ------------------------------------------------------------------------------------


def margin_row(**fields: Any) -> dict[str, Any]:
    """A margin position, as documented."""
    return {
        "adl": "1",
        "availPos": "0.00190433573",
        "avgPx": "62961.4",
        "cTime": "1724740225685",
        "ccy": "BTC",
        "closeOrderAlgo": [],
        "imr": "",
        "instId": "BTC-USDT",
        "instType": "MARGIN",
        "interest": "0",
        "last": "62892.9",
        "lever": "5",
        "liab": "-99.9998177776581948",
        "liabCcy": "USDT",
        "liqPx": "53615.448336593756",
        "margin": "0.000317654",
        "markPx": "62891.9",
        "mgnMode": "isolated",
        "mgnRatio": "9.404143929947395",
        "mmr": "0.0000318005395854",
        "notionalUsd": "119.756628017499",
        "pos": "0.00190433573",
        "posCcy": "BTC",
        "posId": "1752810569801498626",
        "posSide": "net",
        "uTime": "1724742632153",
        "upl": "-0.0000033452492717",
        "uplRatio": "-0.0105311101755551",
        "usdPx": "",
        **fields,
    }


MARGIN_POSITIONS = ListCase(
    exchange="okx",
    what="positions",
    category="margin",
    source=f"{DOCS}/#trading-account-rest-api-get-positions",
    answer={
        **ANSWER,
        "data": [
            margin_row(),
            margin_row(
                instId="ETH-USDT",
                posCcy="USDT",
                pos="6250.5",
                liab="-2.5",
                liabCcy="ETH",
                ccy="USDT",
                mgnMode="cross",
                margin="",
                avgPx="2520",
                markPx="2500",
                upl="49.5",
                lever="3",
                liqPx="3100.25",
                uTime="1724742633250",
            ),
        ],
    },
    records=[
        Position(
            account="main",
            wallet="trading",
            category="margin",
            symbol="BTC/USDT",
            side="long",
            contracts=Decimal("0.00190433573"),
            contract_size=Decimal(1),
            base_quantity=Decimal("0.00190433573"),
            entry_price=Decimal("62961.4"),
            mark_price=Decimal("62891.9"),
            notional=Decimal("119.767292297587"),
            unrealised_pnl=Decimal("-0.0000033452492717"),
            settle_asset="BTC",
            leverage=Decimal(5),
            liquidation_price=Decimal("53615.448336593756"),
            margin=Decimal("0.000317654"),
            margin_mode="isolated",
            fetched_at=NOW,
            as_of=datetime(2024, 8, 27, 7, 10, 32, 153_000, tzinfo=UTC),
        ),
        Position(
            account="main",
            wallet="trading",
            category="margin",
            symbol="ETH/USDT",
            side="short",
            contracts=Decimal("2.5"),
            contract_size=Decimal(1),
            base_quantity=Decimal("2.5"),
            entry_price=Decimal(2520),
            mark_price=Decimal(2500),
            notional=Decimal(6250),
            unrealised_pnl=Decimal("49.5"),
            settle_asset="USDT",
            leverage=Decimal(3),
            liquidation_price=Decimal("3100.25"),
            margin_mode="cross",
            fetched_at=NOW,
            as_of=datetime(2024, 8, 27, 7, 10, 33, 250_000, tzinfo=UTC),
        ),
    ],
)

CASES: tuple[Case, ...] = (
    *FILLS,
    *ORDERS,
    *CHAIN,
    *BILLS,
    FUNDING_LEDGER,
    SAVINGS_INTEREST,
    fiat("fiat-deposits", TransferKind.DEPOSIT),
    fiat("fiat-withdrawals", TransferKind.WITHDRAWAL),
    *CONVERTS,
    *WALLETS,
    *EARN,
    MARGIN_POSITIONS,
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_every_history_and_wallet_has_a_case() -> None:
    assert uncovered(policy_for("okx"), CASES) == set()


@pytest.mark.parametrize(
    ("perm", "ip", "rights"),
    [
        ("read_only", "", KeyRights(can_trade=False, can_withdraw=False)),
        ("read_only,trade", "1.2.3.4", KeyRights(can_trade=True, can_withdraw=False)),
        ("read_only,withdraw", "1.2.3.4", KeyRights(can_trade=False, can_withdraw=True)),
    ],
)
def test_the_rights_of_a_key_are_read_one_by_one(perm: str, ip: str, rights: KeyRights) -> None:
    """Source: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration"""
    question = policy_for("okx").key_question
    assert question is not None
    answer = {**ANSWER, "data": [{"uid": "44705892343619584", "perm": perm, "ip": ip}]}
    assert question.read(answer) == replace(
        rights, ip_restricted=bool(ip), user_id="44705892343619584"
    )

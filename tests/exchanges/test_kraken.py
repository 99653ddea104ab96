"""Kraken: every history and wallet in its own spelling, and the records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.key_rights import KeyRights
from exchange_cache.booked import BookedFees
from exchange_cache.errors import BadResponse
from exchange_cache.exchanges import policy_for
from exchange_cache.exchanges.kraken import words
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
from tests.cost.builders import basis_book
from tests.exchanges.builders import NOW
from tests.exchanges.cases import (
    Case,
    HistoryCase,
    ListCase,
    WalletCase,
    check,
    history,
    named,
    uncovered,
)

DOCS = "https://docs.kraken.com/api-reference/account-data"

FIRST_S, FIRST = 1748721600.25, datetime(2025, 5, 31, 20, 0, 0, 250_000, tzinfo=UTC)
SECOND_S, SECOND = 1748721661.5, datetime(2025, 5, 31, 20, 1, 1, 500_000, tzinfo=UTC)
THIRD_S, THIRD = 1748725323.75, datetime(2025, 5, 31, 21, 2, 3, 750_000, tzinfo=UTC)

# --- fills ----------------------------------------------------------------------------------------


def trade(order: str, pair: str, **fields: Any) -> dict[str, Any]:
    return {
        "ordertxid": order,
        "postxid": "TKH2SE-M7IF5-CFI7LT",
        "pair": pair,
        "time": FIRST_S,
        "type": "buy",
        "ordertype": "limit",
        "price": "30010.00000",
        "cost": "600.20000",
        "fee": "0.96032",
        "vol": "0.02000000",
        "margin": "0.00000",
        "leverage": "0",
        "misc": "",
        "trade_id": 40274859,
        "maker": True,
        **fields,
    }


BOUGHT = Fill(
    account="main",
    category="spot",
    symbol="BTC/USD",
    fill_id="THVRQM-33VKH-UCI7BS",
    order_id="OQCLML-BW3P3-BUCMWZ",
    time=FIRST,
    side=Side.BUY,
    base="BTC",
    quote="USD",
    quantity=Decimal("0.02"),
    price=Decimal("30010"),
    cost=Decimal("600.2"),
    fees=(Fee(asset="USD", amount=Decimal("0.96032")),),
    liquidity="maker",
)
LEVERAGED = {
    "T3": {"margin": "120.04"},
    "T4": {"leverage": "5"},
    "T5": {"misc": "closing"},
    "T6": {"misc": "stopped,initiating"},
}
FILLS = HistoryCase(
    exchange="kraken",
    data_type=DataType.FILLS,
    scope="spot",
    source=f"{DOCS}/get-trades-history",
    answer={"error": [], "result": {"count": 6}},
    rows={
        "THVRQM-33VKH-UCI7BS": trade("OQCLML-BW3P3-BUCMWZ", "XXBTZUSD"),
        "TCWJEG-FL4SZ-3FKGH6": trade(
            "OB5VMB-B4U2U-DK2WRW",
            "DOTUSD",
            time=SECOND_S,
            type="sell",
            ordertype="market",
            price="5.50000",
            cost="55.00000",
            fee="0.14300",
            vol="10.00000000",
            maker=False,
        ),
        **{name: trade("O3", "XXBTZUSD", **fields) for name, fields in LEVERAGED.items()},
    },
    records=[
        BOUGHT,
        replace(
            BOUGHT,
            symbol="DOT/USD",
            fill_id="TCWJEG-FL4SZ-3FKGH6",
            order_id="OB5VMB-B4U2U-DK2WRW",
            time=SECOND,
            side=Side.SELL,
            base="DOT",
            quantity=Decimal("10"),
            price=Decimal("5.5"),
            cost=Decimal("55"),
            fees=(Fee(asset="USD", amount=Decimal("0.143")),),
            liquidity="taker",
        ),
        *(
            replace(BOUGHT, fill_id=name, order_id="O3", kind=FillKind.LEVERAGED)
            for name in LEVERAGED
        ),
    ],
)

# --- orders ---------------------------------------------------------------------------------------

LIMIT_ORDER: dict[str, Any] = {
    "refid": None,
    "userref": 0,
    "cl_ord_id": "mine-1",
    "status": "canceled",
    "reason": "User requested",
    "opentm": FIRST_S,
    "closetm": SECOND_S,
    "starttm": 0,
    "expiretm": 0,
    "descr": {
        "pair": "XBTUSD",
        "type": "buy",
        "ordertype": "limit",
        "price": "60000.5",
        "price2": "0",
        "leverage": "none",
        "order": "buy 0.20000000 XBTUSD @ limit 60000.5",
        "close": "",
    },
    "vol": "0.20000000",
    "vol_exec": "0.12000000",
    "cost": "7199.99999",
    "fee": "11.52000",
    "price": "60000.00000",
    "stopprice": "0.00000",
    "limitprice": "0.00000",
    "misc": "",
    "oflags": "fciq",
    "trades": ["TZX2WP-XSEOP-FP7WYR"],
}
MARKET_ORDER: dict[str, Any] = {
    **LIMIT_ORDER,
    "cl_ord_id": "mine-2",
    "status": "closed",
    "opentm": SECOND_S,
    "closetm": THIRD_S,
    "descr": {
        "pair": "DOTUSD",
        "type": "sell",
        "ordertype": "market",
        "price": "0",
        "price2": "0",
        "leverage": "none",
        "order": "sell 10.00000000 DOTUSD @ market",
        "close": "",
    },
    "vol": "10.00000000",
    "vol_exec": "10.00000000",
    "price": "5.50000",
    "cost": "55.00000",
}
ORDERED = Order(
    account="main",
    category="spot",
    symbol="BTC/USD",
    order_id="O37652-RJWRT-IMO74O",
    client_order_id="mine-1",
    created_at=FIRST,
    updated_at=SECOND,
    side=Side.BUY,
    type="limit",
    status=OrderStatus.CANCELED,
    base="BTC",
    quote="USD",
    price=Decimal("60000.5"),
    average=Decimal("60000"),
    amount=Decimal("0.2"),
    filled=Decimal("0.12"),
    cost=Decimal("7199.99999"),
    fetched_at=NOW,
)
SOLD = replace(
    ORDERED,
    symbol="DOT/USD",
    order_id="O6YDQ5-LOMWU-37YKEE",
    client_order_id="mine-2",
    created_at=SECOND,
    updated_at=THIRD,
    side=Side.SELL,
    type="market",
    status=OrderStatus.CLOSED,
    base="DOT",
    price=None,
    average=Decimal("5.5"),
    amount=Decimal("10"),
    filled=Decimal("10"),
    cost=Decimal("55"),
)
ORDERS = HistoryCase(
    exchange="kraken",
    data_type=DataType.ORDERS,
    scope="spot",
    source=f"{DOCS}/get-closed-orders",
    answer={"error": [], "result": {"count": 4}},
    rows={
        "O37652-RJWRT-IMO74O": LIMIT_ORDER,
        "O6YDQ5-LOMWU-37YKEE": MARKET_ORDER,
        "O3": {**MARKET_ORDER, "vol": "55.00000000", "oflags": "fciq,viqc"},
        "O4": {**MARKET_ORDER, "vol": "90", "oflags": "fciq,viqc", "status": "canceled"},
    },
    records=[
        ORDERED,
        SOLD,
        replace(SOLD, order_id="O3", amount=None),  # its volume is in USD
        replace(SOLD, order_id="O4", amount=None, status=OrderStatus.CANCELED),
    ],
)

# --- ledger ---------------------------------------------------------------------------------------


def entry(word: str, amount: str, asset: str = "XXBT", **fields: Any) -> dict[str, Any]:
    return {
        "refid": "RMIVBPS-RSQIQW-LWMGQB",
        "time": THIRD_S,
        "type": word,
        "subtype": "",
        "aclass": "currency",
        "asset": asset,
        "amount": amount,
        "fee": "0",
        "balance": "1",
        **fields,
    }


DEPOSIT = Transfer(
    account="main",
    scope="ledger",
    transfer_id="L4UESK-KG3EQ-UFO4T5",
    kind=TransferKind.DEPOSIT,
    time=FIRST,
    asset="BTC",
    quantity=Decimal("1.5"),
    fee=Fee(asset="BTC", amount=Decimal("0.0005")),
    tx_id="QGBNYQV-LNPYWF-CKAFS2",
    word="deposit",
    reference="QGBNYQV-LNPYWF-CKAFS2",
)
WITHDRAWAL = replace(
    DEPOSIT,
    transfer_id="LTCMN2-5DZHX-6CPRC4",
    kind=TransferKind.WITHDRAWAL,
    time=SECOND,
    asset="USD",
    quantity=Decimal("200"),
    fee=Fee(asset="USD", amount=Decimal("5")),
    tx_id="AGBTPVV-T76OAQ-Z3OEBA",
    word="withdrawal",
    reference="AGBTPVV-T76OAQ-Z3OEBA",
)


def late(
    name: str, refid: str, word: str, kind: TransferKind, quantity: str, asset: str, **more: Any
) -> Transfer:
    return replace(
        DEPOSIT,
        transfer_id=name,
        kind=kind,
        time=THIRD,
        asset=asset,
        quantity=Decimal(quantity),
        fee=None,
        tx_id=refid,
        word=word,
        reference=refid,
        **more,
    )


DEP, OUT, MOVE = TransferKind.DEPOSIT, TransferKind.WITHDRAWAL, TransferKind.INTERNAL
ADJ, REW, DROP = TransferKind.ADJUSTMENT, TransferKind.REWARD, TransferKind.AIRDROP
PAID, FEE, NEW = TransferKind.SETTLEMENT, TransferKind.FEE, TransferKind.UNCLASSIFIED
#: Rows of the ledger: type, subtype, amount, asset -> word, kind, quantity, asset, wallets.
KINDS: tuple[tuple[Any, ...], ...] = (
    ("deposit", "", "-1", "XXBT", "deposit", ADJ, "-1", "BTC", None, None),
    ("withdrawal", "", "2", "XXBT", "withdrawal", ADJ, "2", "BTC", None, None),
    ("trade", "tradespot", "3", "XXBT", None, None, None, None, None, None),
    ("staking", "", "4", "DOT28.S", "staking", REW, "4", "DOT", None, None),
    ("dividend", "", "5", "XXBT", "dividend", REW, "5", "BTC", None, None),
    ("reward", "", "-6", "XXBT", "reward", REW, "-6", "BTC", None, None),
    ("earn", "reward", "7", "ETH2.S", "earn/reward", REW, "7", "ETH", None, None),
    ("earn", "reward", "-8", "DOT", "earn/reward", REW, "-8", "DOT", None, None),
    ("earn", "bonus", "8.5", "DOT", "earn/bonus", REW, "8.5", "DOT", None, None),
    ("earn", "", "8.6", "DOT", "earn", REW, "8.6", "DOT", None, None),
    ("invite bonus", "", "8.7", "ZEUR", "invite bonus", REW, "8.7", "EUR", None, None),
    ("nftrebate", "", "8.8", "ZEUR", "nftrebate", REW, "8.8", "EUR", None, None),
    ("credit", "", "9", "XXBT", "credit", ADJ, "9", "BTC", None, None),
    ("rollover", "", "-10", "ZUSD", "rollover", FEE, "-10", "USD", None, None),
    ("nftcreatorfee", "", "-10.5", "ZUSD", "nftcreatorfee", FEE, "-10.5", "USD", None, None),
    ("margin", "", "-11", "ZUSD", "margin", PAID, "-11", "USD", None, None),
    ("invented", "", "-12", "ZUSD", "invented", NEW, "-12", "USD", None, None),
    ("none", "", "12.5", "ZUSD", "none", NEW, "12.5", "USD", None, None),
    ("earn", "invented", "12.6", "DOT", "earn/invented", NEW, "12.6", "DOT", None, None),
    ("transfer", "", "12.7", "DOT", "transfer", DROP, "12.7", "DOT", None, None),
    ("transfer", "", "-12.8", "DOT", "transfer", ADJ, "-12.8", "DOT", None, None),
    ("transfer", "airdrop", "12.9", "FLR", "transfer/airdrop", DROP, "12.9", "FLR", None, None),
    ("earn", "airdrop", "12.95", "FLR", "earn/airdrop", DROP, "12.95", "FLR", None, None),
    ("transfer", "spottostaking", "-13", "DOT", "spottostaking", MOVE, "13", "DOT", "spot", None),
    ("transfer", "stakingfromspot", "14", "DOT.S", "stakingfromspot", MOVE, "14", "DOT", None,
     "earn"),
    ("transfer", "stakingtospot", "-15", "DOT.S", "stakingtospot", MOVE, "15", "DOT", "earn", None),
    ("transfer", "spotfromstaking", "16", "DOT", "spotfromstaking", MOVE, "16", "DOT", None,
     "spot"),
    ("transfer", "spottofutures", "-17", "DOT", "spottofutures", MOVE, "17", "DOT", "spot",
     "futures"),
    ("deposit", "spotfromfutures", "18", "DOT", "spotfromfutures", MOVE, "18", "DOT", "futures",
     "spot"),
    ("earn", "allocation", "19", "DOT.B", "allocation", MOVE, "19", "DOT", None, "earn"),
    ("earn", "autoallocation", "-20", "DOT", "autoallocation", MOVE, "20", "DOT", "spot", None),
    ("earn", "deallocation", "-21", "DOT.P", "deallocation", MOVE, "21", "DOT", "earn", None),
    ("earn", "autodeallocation", "22", "DOT", "autodeallocation", MOVE, "22", "DOT", None, "spot"),
    ("earn", "migration", "-23", "DOT.M", "migration", MOVE, "23", "DOT", "earn", None),
    ("nfttrade", "", "-24", "ZEUR", "nfttrade", MOVE, "24", "EUR", "spot", "nft"),
    ("custodytransfer", "", "25", "XXBT", "custodytransfer", MOVE, "25", "BTC", "custody", "spot"),
    # rows that may have another leg are recorded last
    ("settled", "", "-11.5", "ZUSD", "settled", PAID, "-11.5", "USD", None, None),
    ("adjustment", "", "11.6", "XXBT", "adjustment", ADJ, "11.6", "BTC", None, None),
)  # fmt: skip
LEDGER = HistoryCase(
    exchange="kraken",
    data_type=DataType.TRANSFERS,
    scope="ledger",
    source=f"{DOCS}/get-ledgers-info",
    answer={"error": [], "result": {"count": 2 + len(KINDS)}},
    rows={
        "L4UESK-KG3EQ-UFO4T5": entry(
            "deposit", "1.5", fee="0.0005", time=FIRST_S, refid="QGBNYQV-LNPYWF-CKAFS2"
        ),
        "LTCMN2-5DZHX-6CPRC4": entry(
            "withdrawal", "-200", "ZUSD", fee="5", time=SECOND_S, refid="AGBTPVV-T76OAQ-Z3OEBA"
        ),
        **{
            f"L{at}": entry(word, amount, asset, subtype=subtype, refid=f"R{at}")
            for at, (word, subtype, amount, asset, *_) in enumerate(KINDS)
        },
    },
    records=[
        DEPOSIT,
        WITHDRAWAL,
        *(
            late(
                *(f"L{at}", f"R{at}", word, kind, quantity, asset),
                from_wallet=source,
                to_wallet=target,
            )
            for at, (*_, word, kind, quantity, asset, source, target) in enumerate(KINDS)
            if kind is not None
        ),
    ],
)
CONVERT = Fill(
    account="main",
    category="spot",
    symbol="BTC/USD",
    fill_id="FTQcuak-V6Za8qrWnhzTx67yYHz8Tg",
    order_id=None,
    time=FIRST,
    side=Side.BUY,
    base="BTC",
    quote="USD",
    quantity=Decimal("0.002"),
    price=Decimal("50000"),
    cost=Decimal("100"),
    fees=(
        Fee(asset="USD", amount=Decimal("1.5")),
        Fee(asset="BTC", amount=Decimal("0.00001")),
    ),
    kind=FillKind.CONVERT,
)
#: The legs of two converts, of a move between two codes of one asset, of an exchange of two assets
#: for one, of a delisted asset that was converted, of a settled margin position, and of a tokenised
#: share.
LEGS: dict[str, Any] = {
    "L1": entry("spend", "-100", "ZUSD", refid=CONVERT.fill_id, fee="1.5", time=FIRST_S),
    "L2": entry("receive", "0.002", refid=CONVERT.fill_id, fee="0.00001", time=FIRST_S),
    "L3": entry("conversion", "-4", "DOT.S", refid="C2", time=SECOND_S),
    "L4": entry("conversion", "20", "ZUSD", refid="C2", time=SECOND_S),
    "L5": entry("spend", "-3", "DOT.S", refid="C3"),
    "L6": entry("receive", "3", "DOT", refid="C3"),
    "L7": entry("sale", "-1", "DOT", refid="C4"),
    "L8": entry("sale", "-2", "XXBT", refid="C4"),
    "L9": entry("sale", "3", "ZUSD", refid="C4"),
    "LA": entry("earn", "-6", "DOT", refid="C5", subtype="delistingconversion", time=SECOND_S),
    "LB": entry("earn", "30", "ZUSD", refid="C5", subtype="delistingconversion", time=SECOND_S),
    "LC": entry("settled", "-40", "ZUSD", refid="C6", time=SECOND_S),
    "LD": entry("settled", "8", "DOT", refid="C6", time=SECOND_S),
    "LE": entry("spend", "-2", "AAPLx", refid="C7", time=SECOND_S, aclass="tokenized_asset"),
    "LF": entry("receive", "420", "ZEUR", refid="C7", time=SECOND_S),
    "LG": entry("spend", "-440", "ZUSD", refid="C7", time=SECOND_S, fee="1.1"),
    "LH": entry("receive", "440", "ZUSD", refid="C7", time=SECOND_S),
}
SWAPPED = replace(
    CONVERT,
    symbol="DOT/USD",
    fill_id="C2",
    time=SECOND,
    side=Side.SELL,
    base="DOT",
    quantity=Decimal("4"),
    price=Decimal("5"),
    cost=Decimal("20"),
    fees=(),
)
DELISTED = replace(SWAPPED, fill_id="C5", quantity=Decimal("6"), cost=Decimal("30"))
SETTLED = replace(SWAPPED, fill_id="C6", side=Side.BUY, quantity=Decimal("8"), cost=Decimal("40"))
TOKENISED = replace(
    SWAPPED,
    symbol="AAPLX/EUR",
    fill_id="C7",
    base="AAPLX",
    quote="EUR",
    quantity=Decimal("2"),
    price=Decimal("210"),
    cost=Decimal("420"),
    fees=(Fee(asset="USD", amount=Decimal("1.1")),),
)

#: Three trades: charged in the quote, in the base, and in the quote and fee credits.
CHARGED: dict[str, Any] = {
    "L1": entry("trade", "-600.2", "ZUSD", refid="T1", fee="0.9603", time=FIRST_S),
    "L2": entry("trade", "0.02", refid="T1", time=FIRST_S),
    "L3": entry("trade", "-600.2", "ZUSD", refid="T2", time=SECOND_S),
    "L4": entry("trade", "0.02", refid="T2", fee="0.00003200", time=SECOND_S),
    "L5": entry("trade", "0.00", "KFEE", refid="T3", fee="1.145"),
    "L6": entry("trade", "50", "ZUSD", refid="T3", fee="0.4429"),
    "L7": entry("trade", "-0.1", "DOT", refid="T3"),
}


def booked(name: str, time: datetime, *fees: tuple[str, str]) -> BookedFees:
    charged = tuple(Fee(asset=asset, amount=Decimal(amount)) for asset, amount in fees)
    return BookedFees(account="main", fill_id=name, time=time, fees=charged)


BOOKED = [
    booked("T1", FIRST, ("USD", "0.9603")),
    booked("T2", SECOND, ("BTC", "0.000032")),
    booked("T3", THIRD, ("KFEE", "1.145"), ("USD", "0.4429")),
]

# --- open orders ----------------------------------------------------------------------------------

OPEN_ORDERS = ListCase(
    exchange="kraken",
    what="open_orders",
    category="spot",
    source=f"{DOCS}/get-open-orders",
    answer={
        "error": [],
        "result": {
            "open": {
                "O37652-RJWRT-IMO74O": {**LIMIT_ORDER, "status": "open", "cost": "7200.00012"},
                "O6YDQ5-LOMWU-37YKEE": {
                    **MARKET_ORDER,
                    "status": "open",
                    "vol": "90",
                    "vol_exec": "4.00000000",
                    "cost": "22.00031",
                    "oflags": "fciq,viqc",
                },
            }
        },
    },
    records=[
        replace(ORDERED, status=OrderStatus.OPEN, cost=Decimal("7200.00012")),
        replace(
            SOLD,
            status=OrderStatus.OPEN,
            amount=None,
            filled=Decimal(4),
            cost=Decimal("22.00031"),
        ),
    ],
)

# --- wallet ---------------------------------------------------------------------------------------


def balance(code: str, asset: str, earn: bool, **figures: str) -> Balance:
    values: dict[str, Any] = {name: Decimal(value) for name, value in figures.items()}
    return Balance(
        account="main",
        wallet="spot",
        code=code,
        asset=asset,
        earn=earn,
        fetched_at=NOW,
        **values,
    )


#: Both positions as Kraken consolidates them by market; ``docalcs`` adds ``value`` and ``net``.
POSITIONS = ListCase(
    exchange="kraken",
    what="positions",
    category="margin",
    source=f"{DOCS}/get-open-positions",
    answer={
        "error": [],
        "result": [
            {
                "pair": "XXBTZUSD",
                "positions": "2",
                "type": "buy",
                "leverage": "5.00000",
                "cost": "120000.00000",
                "fee": "289.06565",
                "vol": "4.00000000",
                "vol_closed": "1.50000000",
                "margin": "24000.00000",
                "value": "100000.0",
                "net": "+25000.2500",
            },
            {
                "pair": "DOTUSD",
                "positions": "1",
                "type": "sell",
                "leverage": "2.00000",
                "cost": "28.50000",
                "fee": "0.07979",
                "vol": "5.00000000",
                "vol_closed": "0.00000000",
                "margin": "14.25000",
                "value": "30.0",
                "net": "-1.5000",
            },
        ],
    },
    records=[
        Position(
            account="main",
            wallet="spot",
            category="margin",
            symbol="BTC/USD",
            side="long",
            contracts=Decimal("2.5"),
            contract_size=Decimal(1),
            base_quantity=Decimal("2.5"),
            entry_price=Decimal(30000),
            mark_price=Decimal(40000),
            notional=Decimal(100000),
            unrealised_pnl=Decimal("25000.25"),
            settle_asset="USD",
            leverage=Decimal(5),
            margin=Decimal(24000),
            fetched_at=NOW,
        ),
        Position(
            account="main",
            wallet="spot",
            category="margin",
            symbol="DOT/USD",
            side="short",
            contracts=Decimal(5),
            contract_size=Decimal(1),
            base_quantity=Decimal(5),
            entry_price=Decimal("5.7"),
            mark_price=Decimal(6),
            notional=Decimal(30),
            unrealised_pnl=Decimal("-1.5"),
            settle_asset="USD",
            leverage=Decimal(2),
            margin=Decimal("14.25"),
            fetched_at=NOW,
        ),
    ],
)

WALLET = WalletCase(
    exchange="kraken",
    wallet="spot",
    source=f"{DOCS}/get-extended-balance",
    answer={
        "error": [],
        "result": {
            "ZUSD": {
                "balance": "25435.25",
                "credit": "100",
                "credit_used": "25.25",
                "hold_trade": "8249.75",
            },
            "XXBT": {
                "balance": "1.5",
                "credit": "1",
                "credit_used": "0.125",
                "hold_trade": "0.25",
            },
            "DOT28.S": {"balance": "12.5", "hold_trade": "0.5"},
            "EUR.HOLD": {"balance": "40", "hold_trade": "8"},
        },
    },
    balances=[
        balance("BTC", "BTC", False, free="1.25", used="0.25", total="1.375", debt="0.125"),
        balance("DOT28.S", "DOT", True, free="12", used="0.5", total="12.5"),
        balance("EUR.HOLD", "EUR", False, free="32", used="8", total="40"),
        balance("USD", "USD", False, free="17185.5", used="8249.75", total="25410", debt="25.25"),
    ],
)

CONVERTS = HistoryCase(
    exchange="kraken",
    data_type=DataType.TRANSFERS,
    scope="ledger",
    source=f"{DOCS}/get-ledgers-info",
    answer={"error": [], "result": {"count": len(LEGS)}},
    rows=LEGS,
    records=[
        CONVERT,
        SWAPPED,
        *(
            late(name, "C4", "sale", TransferKind.SUBSCRIPTION, quantity, asset)
            for name, quantity, asset in (
                ("L7", "-1", "DOT"),
                ("L8", "-2", "BTC"),
                ("L9", "3", "USD"),
            )
        ),
        DELISTED,
        SETTLED,
        TOKENISED,
    ],
)

CHARGES = replace(
    CONVERTS,
    answer={"error": [], "result": {"count": len(CHARGED)}},
    rows=CHARGED,
    records=BOOKED,
)

CASES: tuple[Case, ...] = (FILLS, ORDERS, LEDGER, CONVERTS, CHARGES, WALLET, POSITIONS, OPEN_ORDERS)


def leg(name: str, kind: str, amount: str, asset: str, aclass: str = "currency") -> dict[str, Any]:
    return entry(kind, amount, asset, id=name, refid="TOKTRADE1", aclass=aclass, time=THIRD_S)


def test_kraken_tokenized_asset_four_legs() -> None:
    """A tokenised share sold for euros is settled in dollars: rows that cancel drop out.

    Source: https://github.com/rotki/rotki (tests/exchanges/test_kraken.py,
    test_kraken_tokenized_asset_trade)
    """
    case = replace(
        CONVERTS,
        answer={"error": [], "result": {"count": 4}},
        rows={
            "L1": leg("L1", "spend", "-3.71", "XXBT", "tokenized_asset"),
            "L2": leg("L2", "receive", "285.5964", "ZEUR"),
            "L3": leg("L3", "spend", "-332.9550", "ZUSD"),
            "L4": leg("L4", "receive", "332.9550", "ZUSD"),
        },
    )
    (sold,) = history(case)
    assert (sold.side, sold.base, sold.quantity) == (Side.SELL, "BTC", Decimal("3.71"))
    assert (sold.quote, sold.cost, sold.fees) == ("EUR", Decimal("285.5964"), ())


def through_dollars(refid: str, at: float, *sides: tuple[str, str]) -> dict[str, Any]:
    """Four rows of one trade: its two sides, and the dollars through which it is settled."""
    amounts = [*sides, ("-440", "ZUSD"), ("440", "ZUSD")]
    return {
        f"{refid}{row}": entry(
            "spend" if amount.startswith("-") else "receive", amount, asset, refid=refid, time=at
        )
        for row, (amount, asset) in enumerate(amounts)
    }


def test_a_tokenised_share_bought_and_sold_for_euros_realises_the_difference() -> None:
    """Case 06: 2 AAPLx bought for 400 EUR and sold for 420 EUR."""
    rows = {
        "L0": entry("deposit", "1000", "ZEUR", refid="D1", time=FIRST_S),
        **through_dollars("T1", SECOND_S, ("-400", "ZEUR"), ("2", "AAPLx")),
        **through_dollars("T2", THIRD_S, ("-2", "AAPLx"), ("420", "ZEUR")),
    }
    records = history(
        replace(CONVERTS, answer={"error": [], "result": {"count": len(rows)}}, rows=rows)
    )
    book = basis_book(*records, reporting_asset="EUR")
    assert book.pooled["AAPLX"].realised_pnl == 20
    assert book.pooled["EUR"].quantity == 1020
    assert "USD" not in book.pooled


@pytest.mark.parametrize("unknown", [None, ""])
def test_a_balance_of_null_beside_a_hold_is_unknown_and_not_the_hold(unknown: Any) -> None:
    wallet = next(case for case in CASES if isinstance(case, WalletCase))
    answer = {"error": [], "result": {"XXBT": {"balance": unknown, "hold_trade": "5"}}}
    with pytest.raises(BadResponse, match="the balance of XXBT is null"):
        check(replace(wallet, answer=answer))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_every_history_and_wallet_has_a_case() -> None:
    assert uncovered(policy_for("kraken"), CASES) == set()


@pytest.mark.parametrize(
    ("permissions", "addresses", "rights"),
    [
        (
            ["query-funds", "query-open-trades", "query-closed-trades", "query-ledger"],
            [],
            KeyRights(can_trade=False, can_withdraw=False, ip_restricted=False),
        ),
        (
            ["query-funds", "modify-trades"],
            ["203.0.113.7"],
            KeyRights(can_trade=True, can_withdraw=False, ip_restricted=True),
        ),
        (
            ["query-funds", "withdraw-funds"],
            None,
            KeyRights(can_trade=False, can_withdraw=True, ip_restricted=None),
        ),
    ],
)
def test_the_rights_of_a_key_are_read_one_by_one(
    permissions: list[str], addresses: list[str] | None, rights: KeyRights
) -> None:
    """Source: https://docs.kraken.com/api-reference/account-data/get-api-key-info"""
    question = policy_for("kraken").key_question
    assert question is not None
    answer = {"error": [], "result": {"permissions": permissions, "ip_allowlist": addresses}}
    assert question.read(answer) == rights


def test_a_key_whose_permissions_are_missing_is_not_judged() -> None:
    question = policy_for("kraken").key_question
    assert question is not None
    assert question.read({"error": [], "result": {}}) == KeyRights(
        notes=("kraken did not list the key's permissions",)
    )


def test_each_word_of_the_ledger_has_a_case() -> None:
    """All but other names of what the cases show."""
    tried = {words.word_of(kind, subtype) for kind, subtype, *_ in KINDS}
    tried |= {words.word_of(row["type"], row["subtype"]) for row in LEGS.values()}
    assert set(words.LEDGER) - tried == {
        "quick_buy",
        "quick_sell",
        "collateralconversion",
        "marginconversion",
        "transfer/delistingconversion",
    }

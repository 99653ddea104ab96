"""Hyperliquid: every history and wallet in its own spelling, and the records written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.errors import ConfigError
from exchange_cache.exchanges import policy_for
from exchange_cache.records import (
    AverageMethod,
    Balance,
    DataType,
    Fee,
    Fill,
    Order,
    OrderStatus,
    ReportedAverage,
    Side,
    Transfer,
    TransferKind,
)
from tests.exchanges import scripted
from tests.exchanges.builders import NOW, NOW_MS, WALLET, adapter_for, open_stubbed, stream
from tests.exchanges.cases import Case, HistoryCase, WalletCase, check, named, uncovered

DOCS = "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint"
AT = NOW_MS - 3_600_000
TIME = NOW - timedelta(hours=1)
LATER = TIME + timedelta(milliseconds=1500)
OTHER = "0xbb"

SPOT: dict[str, Any] = {"category": "spot", "symbol": "HYPE/USDC", "base": "HYPE", "quote": "USDC"}
SOLD = Fill(
    account="main",
    category="linear",
    symbol="ETH/USDC:USDC",
    fill_id=f"118906512037719:{AT}:A",
    order_id="90542681",
    time=TIME,
    side=Side.SELL,
    base="ETH",
    quote="USDC",
    quantity=Decimal("0.0841"),
    price=Decimal("2381.1"),
    cost=Decimal("200.25051"),
    fees=(Fee(asset="USDC", amount=Decimal("0.050062")),),
    fees_known=True,
    liquidity="taker",
    settle="USDC",
    contracts=Decimal("0.0841"),
    contract_size=Decimal("1"),
    realised_pnl=Decimal("0.19343"),
)
CANCELED = Order(
    account="main",
    category="linear",
    symbol="ETH/USDC:USDC",
    order_id="91490942",
    client_order_id="0x1234",
    created_at=TIME,
    updated_at=TIME + timedelta(seconds=1),
    side=Side.BUY,
    type="limit",
    status=OrderStatus.CANCELED,
    base="ETH",
    quote="USDC",
    price=Decimal("2412.7"),
    average=None,
    amount=Decimal("0.5"),
    filled=Decimal("0.3"),
    cost=None,
    reduce_only=False,
    fetched_at=NOW,
)
PAID = Transfer(
    account="main",
    scope="funding",
    transfer_id=f"ETH:{AT}",
    kind=TransferKind.FUNDING,
    time=TIME,
    asset="USDC",
    quantity=Decimal("-3.625312"),
    symbol="ETH/USDC:USDC",
)


def state(oid: int, status: str, **more: Any) -> dict[str, Any]:
    """One state of an order, as historicalOrders has it."""
    order = {
        "coin": "ETH",
        "side": "B",
        "limitPx": "2412.7",
        "sz": "0.2",
        "oid": oid,
        "timestamp": AT,
        "triggerCondition": "N/A",
        "isTrigger": False,
        "triggerPx": "0.0",
        "isPositionTpsl": False,
        "reduceOnly": False,
        "orderType": "Limit",
        "origSz": "0.5",
        "tif": "FrontendMarket",
        "cloid": "0x1234",
    }
    return {"order": {**order, **more}, "status": status, "statusTimestamp": AT + 1000}


def update(word: str, **delta: Any) -> dict[str, Any]:
    """A ledger update, as userNonFundingLedgerUpdates has it."""
    return {"time": AT, "hash": "0xa1", "delta": {"type": word, **delta}}


def moved(name: str, kind: TransferKind, quantity: str, asset: str = "USDC", **more: Any) -> Any:
    """The record of an update; ``name`` is what follows its hash and time in its id."""
    return Transfer(
        account="main",
        scope="ledger",
        transfer_id=f"0xa1:{AT}:{name}",
        kind=kind,
        time=TIME,
        asset=asset,
        quantity=Decimal(quantity),
        **{"word": name.partition(":")[0], "reference": "0xa1", **more},
    )


def between(source: str, target: str) -> dict[str, Any]:
    return {"from_wallet": source, "to_wallet": target}


MINE = WALLET.upper().replace("0X", "0x")
TO_OTHER, TO_ME = {"user": WALLET, "destination": OTHER}, {"user": OTHER, "destination": MINE}
SENT, RECEIVED = TransferKind.WITHDRAWAL, TransferKind.DEPOSIT
INNER, REWARD, FEE = TransferKind.INTERNAL, TransferKind.REWARD, TransferKind.FEE

#: Every documented kind of update and what it becomes; None: another history tells it, or nothing
#: left this address.
UPDATES: tuple[tuple[dict[str, Any], Any], ...] = (
    (update("deposit", usdc="100.5"), moved("deposit:100.5", RECEIVED, "100.5")),
    (
        update("withdraw", usdc="30.25", nonce=7, fee="1.5"),
        moved(
            "withdraw:7:30.25",
            SENT,
            "30.25",
            fee=Fee(asset="USDC", amount=Decimal("1.5")),
            tx_id="0xa1",
        ),
    ),
    (
        update("accountClassTransfer", usdc="50.5", toPerp=True),
        moved("class:50.5", INNER, "50.5", word="accountClassTransfer", **between("spot", "swap")),
    ),
    (
        update("accountClassTransfer", usdc="60", toPerp=False),
        moved("class:60", INNER, "60", word="accountClassTransfer", **between("swap", "spot")),
    ),
    (
        update("spotTransfer", token="PURR", amount="5", usdcValue="1", fee="0.0", **TO_OTHER),
        moved("spotTransfer:PURR:5", SENT, "5", "PURR"),
    ),
    (
        update("spotTransfer", token="PURR", amount="6", usdcValue="1", fee="0.5", **TO_OTHER),
        moved(
            "spotTransfer:PURR:6",
            SENT,
            "6",
            "PURR",
            fee=Fee(asset="USDC", amount=Decimal("0.5")),
            tx_id="0xa1",
        ),
    ),
    (
        update("internalTransfer", usdc="7.5", fee="1.0", **TO_ME),
        moved("internalTransfer:7.5", RECEIVED, "7.5"),
    ),
    (
        update("subAccountTransfer", usdc="8.5", **TO_ME),
        moved("subAccountTransfer:8.5", RECEIVED, "8.5"),
    ),
    (
        update("send", token="HYPE", amount="2", fee="0.25", feeToken="HYPE", nonce=9, **TO_OTHER),
        moved(
            "send:HYPE:9:2",
            SENT,
            "2",
            "HYPE",
            fee=Fee(asset="HYPE", amount=Decimal("0.25")),
            tx_id="0xa1",
        ),
    ),
    (update("send", token="HYPE", amount="3", user=WALLET, destination=MINE), None),
    (
        update("rewardsClaim", token="HYPE", amount="1.5"),
        moved("rewardsClaim:HYPE:1.5", REWARD, "1.5", "HYPE"),
    ),
    (
        update("spotGenesis", token="PURR", amount="2.5"),
        moved("spotGenesis:PURR:2.5", TransferKind.AIRDROP, "2.5", "PURR"),
    ),
    (
        update("vaultLeaderCommission", usdc="0.5", user=WALLET),
        moved("vaultLeaderCommission:0.5", REWARD, "0.5"),
    ),
    (
        update("vaultDeposit", vault="0xdf", usdc="11"),
        moved("vaultDeposit:11", INNER, "11", **between("swap", "vaults")),
    ),
    (
        update("vaultCreate", vault="0xdf", usdc="12", fee="1"),
        moved("vaultCreate:12", INNER, "12", **between("swap", "vaults")),
    ),
    (
        update("vaultWithdraw", requestedUsd="10", commission="0.1", netWithdrawnUsd="9.9"),
        moved("vaultWithdraw:9.9", INNER, "9.9", **between("vaults", "swap")),
    ),
    (
        update("vaultDistribution", vault="0xdf", usdc="13"),
        moved("vaultDistribution:13", INNER, "13", **between("vaults", "swap")),
    ),
    (
        update("cStakingTransfer", token="HYPE", amount="4", isDeposit=True),
        moved("cStakingTransfer:HYPE:4", INNER, "4", "HYPE", **between("spot", "earn")),
    ),
    (
        update("cStakingTransfer", token="HYPE", amount="4.5", isDeposit=False),
        moved("cStakingTransfer:HYPE:4.5", INNER, "4.5", "HYPE", **between("earn", "spot")),
    ),
    (
        update("perpDexClassTransfer", token="USDC", amount="14", dex="xyz", toPerp=True),
        moved("perpDexClassTransfer:USDC:14", INNER, "14", **between("spot", "dex")),
    ),
    (
        update("perpDexClassTransfer", token="USDC", amount="15", dex="xyz", toPerp=False),
        moved("perpDexClassTransfer:USDC:15", INNER, "15", **between("dex", "spot")),
    ),
    (
        update("borrowLend", token="USDC", operation="supply", amount="40"),
        moved(
            "borrowLend:USDC:40",
            INNER,
            "40",
            word="borrowLend/supply",
            **between("spot", "lending"),
        ),
    ),
    (
        update("borrowLend", token="USDC", operation="withdraw", amount="41"),
        moved(
            "borrowLend:USDC:41",
            INNER,
            "41",
            word="borrowLend/withdraw",
            **between("lending", "spot"),
        ),
    ),
    (
        update("borrowLend", token="HYPE", operation="borrow", amount="42"),
        moved("borrowLend:HYPE:42", TransferKind.LOAN, "42", "HYPE", word="borrowLend/borrow"),
    ),
    (
        update("borrowLend", token="HYPE", operation="repay", amount="43"),
        moved("borrowLend:HYPE:43", TransferKind.REPAYMENT, "43", "HYPE", word="borrowLend/repay"),
    ),
    *(
        (update(word, token="USDC", amount="1.25"), moved(f"{word}:USDC:1.25", FEE, "-1.25"))
        for word in (
            "accountActivationGas",
            "activateDexAbstraction",
            "deployGasAuction",
            "gossipPriorityGasAuction",
        )
    ),
    (update("liquidation", accountValue="0.0", liquidatedPositions=[]), None),
    (
        {**update("deposit", usdc="16.5"), "time": AT + 1500, "hash": "0x0"},
        moved("deposit:16.5", RECEIVED, "16.5", reference=None),  # the chain's own
    ),
)
LEDGER = [record for _, record in UPDATES if record is not None]
LEDGER[-1] = replace(LEDGER[-1], transfer_id=f"0x0:{AT + 1500}:deposit:16.5", time=LATER)


def history(data_type: DataType, scope: str, rows: Any, records: Any, word: str) -> HistoryCase:
    return HistoryCase(
        exchange="hyperliquid",
        data_type=data_type,
        scope=scope,
        rows=rows,
        records=records,
        source=f"{DOCS} ({word})",
    )


def wallet(name: str, answer: Any, *balances: Balance) -> WalletCase:
    return WalletCase(
        exchange="hyperliquid", wallet=name, answer=answer, balances=balances, source=DOCS
    )


def balance(wallet_name: str, code: str, total: str, **more: Any) -> Balance:
    figures = {"free": None, "used": None}
    return Balance(
        account="main",
        wallet=wallet_name,
        code=code,
        asset=code,
        total=Decimal(total),
        fetched_at=NOW,
        **{**figures, **more},
    )


def average(price: str, quantity: str) -> tuple[ReportedAverage, ...]:
    return (
        ReportedAverage(
            name="entryNtl / total",
            method=AverageMethod.MOVING,
            price=Decimal(price),
            unit="USDC",
            quantity=Decimal(quantity),
            counts_from=datetime(2024, 7, 3, 8, tzinfo=UTC),
        ),
    )


CASES: tuple[Case, ...] = (
    history(
        DataType.FILLS,
        "fills",
        [
            {
                "closedPnl": "0.19343",
                "coin": "ETH",
                "crossed": True,
                "dir": "Close Long",
                "hash": "0xa166",
                "oid": 90542681,
                "px": "2381.1",
                "side": "A",
                "startPosition": "0.0841",
                "sz": "0.0841",
                "time": AT,
                "fee": "0.050062",
                "feeToken": "USDC",
                "builderFee": "0.01",
                "tid": 118906512037719,
            },
            {
                "closedPnl": "-1.5",
                "coin": "@107",
                "crossed": False,
                "dir": "Buy",
                "hash": "0xa167",
                "oid": 90542682,
                "px": "25.5",
                "side": "B",
                "startPosition": "1",
                "sz": "2",
                "time": AT + 1500,
                "fee": "-0.02",
                "feeToken": "HYPE",
                "tid": 118906512037720,
            },
        ],
        [
            SOLD,
            replace(
                SOLD,
                **SPOT,
                fill_id=f"118906512037720:{AT + 1500}:B",
                order_id="90542682",
                time=LATER,
                side=Side.BUY,
                quantity=Decimal("2"),
                price=Decimal("25.5"),
                cost=Decimal("51"),
                fees=(Fee(asset="HYPE", amount=Decimal("-0.02")),),
                liquidity="maker",
                settle=None,
                contracts=None,
                contract_size=None,
                realised_pnl=Decimal("-1.5"),
            ),
        ],
        "userFillsByTime",
    ),
    history(
        DataType.ORDERS,
        "orders",
        [
            state(91490942, "canceled"),
            state(91490942, "open"),
            {
                **state(
                    91490943,
                    "filled",
                    coin="@107",
                    side="A",
                    limitPx="25.25",
                    sz="0.0",
                    timestamp=AT + 1500,
                    reduceOnly=True,
                    orderType="Market",
                    origSz="2",
                    cloid="0x5678",
                ),
                "statusTimestamp": AT + 2500,
            },
            state(91490944, "perpMarginRejected", sz="0.5"),
        ],
        [
            CANCELED,
            replace(
                CANCELED,
                **SPOT,
                order_id="91490943",
                client_order_id="0x5678",
                created_at=LATER,
                updated_at=LATER + timedelta(seconds=1),
                side=Side.SELL,
                type="market",
                status=OrderStatus.CLOSED,
                price=None,
                amount=Decimal("2"),
                filled=Decimal("2"),
                reduce_only=True,
            ),
            replace(
                CANCELED, order_id="91490944", status=OrderStatus.REJECTED, filled=Decimal("0")
            ),
        ],
        "historicalOrders",
    ),
    history(
        DataType.TRANSFERS,
        "ledger",
        [row for row, _ in UPDATES],
        LEDGER,
        "userNonFundingLedgerUpdates",
    ),
    history(
        DataType.TRANSFERS,
        "funding",
        [
            {
                "time": AT,
                "hash": "0x0",
                "delta": {
                    "type": "funding",
                    "coin": "ETH",
                    "usdc": "-3.625312",
                    "szi": "49.1477",
                    "fundingRate": "0.0000417",
                },
            },
            {
                "time": AT + 1500,
                "hash": "0x0",
                "delta": {
                    "type": "funding",
                    "coin": "BTC",
                    "usdc": "1.25",
                    "szi": "-2",
                    "fundingRate": "0.00001",
                },
            },
        ],
        [
            PAID,
            replace(
                PAID,
                transfer_id=f"BTC:{AT + 1500}",
                time=LATER,
                quantity=Decimal("1.25"),
                symbol="BTC/USDC:USDC",
            ),
        ],
        "userFunding",
    ),
    wallet(
        "spot",
        {
            "balances": [
                {"coin": "HYPE", "token": 150, "hold": "1.5", "total": "4", "entryNtl": "100"},
                {"coin": "PURR", "token": 1, "hold": "0.5", "total": "8", "entryNtl": "2"},
            ]
        },
        balance("spot", "HYPE", "4", used=Decimal("1.5"), told_averages=average("25", "4")),
        balance("spot", "PURR", "8", used=Decimal("0.5"), told_averages=average("0.25", "8")),
    ),
    wallet(
        "swap",
        {
            "assetPositions": [],
            "marginSummary": {"accountValue": "100.5", "totalMarginUsed": "10.25"},
            "withdrawable": "90.25",
            "time": AT,
        },
        balance("swap", "USDC", "100.5", free=Decimal("90.25"), includes_unrealised=True),
    ),
    wallet(
        "earn",
        {
            "delegated": "12",
            "undelegated": "1.5",
            "totalPendingWithdrawal": "0.25",
            "nPendingWithdrawals": 1,
        },
        balance("earn", "HYPE", "13.75", earn=True),
    ),
    wallet(
        "vaults",
        [{"vaultAddress": "0xdf", "equity": "742.5"}, {"vaultAddress": "0xe0", "equity": "10.25"}],
        balance("vaults", "USDC", "752.75", includes_unrealised=True),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_become_exactly_these_records(case: Case) -> None:
    check(case)


def test_everything_that_is_read_has_a_case() -> None:
    assert uncovered(policy_for("hyperliquid"), CASES) == set()


# --- what is asked --------------------------------------------------------------------------------

BOUNDS = {"startTime": scripted.START, "endTime": scripted.END}


def hl_fill(number: int, coin: str, **more: Any) -> dict[str, Any]:
    return {
        "closedPnl": "0.19343",
        "coin": coin,
        "crossed": True,
        "dir": "Close Long",
        "fee": "0.050062",
        "hash": "0x09",
        "oid": 3929354691,
        "px": "2381.1",
        "side": "A",
        "startPosition": "0.0841",
        "sz": "0.0841",
        "tid": number,
        "time": AT,
        "feeToken": "USDC",
        "builderFee": "0.01",
        **more,
    }


def hl_state(oid: int, status: str, left: str) -> dict[str, Any]:
    return {
        "order": {
            "coin": "ETH",
            "side": "B",
            "limitPx": "2000.0",
            "sz": left,
            "oid": oid,
            "timestamp": AT,
            "origSz": "0.5",
            "orderType": "Limit",
            "tif": "Gtc",
            "reduceOnly": False,
            "cloid": None,
            "isTrigger": False,
            "triggerPx": "0.0",
        },
        "status": status,
        "statusTimestamp": AT,
    }


def hl_update(number: int, kind: str, **delta: Any) -> dict[str, Any]:
    return {"time": AT, "hash": f"0x{number}", "delta": {"type": kind, **delta}}


HL_UPDATES = [
    hl_update(1, "deposit", usdc="100.0"),
    hl_update(2, "withdraw", usdc="30.0", nonce=1, fee="1.0"),
    hl_update(3, "accountClassTransfer", usdc="50.0", toPerp=False),
    hl_update(
        4,
        "spotTransfer",
        token="PURR",
        amount="5",
        usdcValue="1",
        user=WALLET,
        destination="0xbb",
        fee="0.0",
    ),
    hl_update(
        5,
        "internalTransfer",
        usdc="7.5",
        user="0xbb",
        destination=WALLET.upper().replace("0X", "0x"),
        fee="0.0",
    ),
    hl_update(0, "rewardsClaim", token="", amount="1.5"),
    hl_update(
        0, "rewardsClaim", token="HYPE", amount="0.25"
    ),  # the same empty hash, the same block
    hl_update(
        6,
        "send",
        token="HYPE",
        amount="2",
        user=WALLET,
        destination="0xbb",
        sourceDex="spot",
        destinationDex="spot",
        fee="1.0",
        feeToken="USDC",
        nonce=9,
    ),
    hl_update(
        7,
        "liquidation",
        accountValue="0.0",
        leverageType="Cross",
        liquidatedPositions=[{"coin": "ETH", "szi": "1"}],
    ),
    hl_update(8, "accountActivationGas", token="USDC", amount="1.0"),
    hl_update(9, "borrowLend", token="USDC", operation="supply", amount="40", interestAmount="0.0"),
    hl_update(
        10,
        "vaultWithdraw",
        vault="0xdf",
        user=WALLET,
        requestedUsd="10",
        commission="0.1",
        closingCost="0",
        basis="9",
        netWithdrawnUsd="9.9",
    ),
]
HL_FUNDING = {
    "time": AT,
    "hash": "0x0",
    "delta": {
        "type": "funding",
        "coin": "ETH",
        "usdc": "-3.625312",
        "szi": "49.1477",
        "fundingRate": "0.0000417",
    },
}
USER = {"user": WALLET}
WALKS = (
    scripted.Case(
        exchange="hyperliquid",
        data_type=DataType.FILLS,
        scopes=("fills",),
        path="/info",
        replies=[
            [hl_fill(1, "ETH"), hl_fill(2, "@107", side="B", feeToken="HYPE")],
            [hl_fill(2, "@107")],
        ],
        asks=[
            {**USER, **BOUNDS, "type": "userFillsByTime", "limit": None},
            {**USER, "type": "userFillsByTime", "startTime": AT, "endTime": scripted.END},
        ],
        makes=[
            (
                f"1:{AT}:A",
                "linear",
                "ETH/USDC:USDC",
                "sell",
                "0.0841",
                "2381.1",
                "200.25051",
                {"USDC": "0.050062"},
            ),
            (
                f"2:{AT}:B",
                "spot",
                "HYPE/USDC",
                "buy",
                "0.0841",
                "2381.1",
                "200.25051",
                {"HYPE": "0.050062"},
            ),
        ],
    ),
    scripted.Case(
        exchange="hyperliquid",
        data_type=DataType.ORDERS,
        scopes=("orders",),
        path="/info",
        replies=[
            [
                hl_state(1, "filled", "0.0"),
                hl_state(1, "open", "0.5"),
                hl_state(2, "canceled", "0.2"),
                hl_state(3, "perpMarginRejected", "0.5"),
            ]
        ],
        asks=[{**USER, "type": "historicalOrders", "startTime": None}],
        makes=[
            ("1", "linear", "ETH/USDC:USDC", "buy", "closed", "0.5", "0.5", None),
            ("2", "linear", "ETH/USDC:USDC", "buy", "canceled", "0.5", "0.3", None),
            ("3", "linear", "ETH/USDC:USDC", "buy", "rejected", "0.5", "0", None),
        ],
    ),
    scripted.Case(
        exchange="hyperliquid",
        data_type=DataType.TRANSFERS,
        scopes=("ledger",),
        path="/info",
        replies=[HL_UPDATES, HL_UPDATES[-1:]],
        asks=[{**USER, **BOUNDS, "type": "userNonFundingLedgerUpdates"}, {"startTime": AT}],
        makes=[
            (f"0x1:{AT}:deposit:100.0", "deposit", "USDC", "100", None, "ok"),
            (f"0x2:{AT}:withdraw:1:30.0", "withdrawal", "USDC", "30", "1 USDC", "ok"),
            (f"0x3:{AT}:class:50.0", "internal", "USDC", "50", None, "ok"),
            (f"0x4:{AT}:spotTransfer:PURR:5", "withdrawal", "PURR", "5", None, "ok"),
            (f"0x5:{AT}:internalTransfer:7.5", "deposit", "USDC", "7.5", None, "ok"),
            (f"0x0:{AT}:rewardsClaim:1.5", "reward", "USDC", "1.5", None, "ok"),
            (f"0x0:{AT}:rewardsClaim:HYPE:0.25", "reward", "HYPE", "0.25", None, "ok"),
            (f"0x6:{AT}:send:HYPE:9:2", "withdrawal", "HYPE", "2", "1 USDC", "ok"),
            (f"0x8:{AT}:accountActivationGas:USDC:1.0", "fee", "USDC", "-1", None, "ok"),
            (f"0x9:{AT}:borrowLend:USDC:40", "internal", "USDC", "40", None, "ok"),
            (f"0x10:{AT}:vaultWithdraw:9.9", "internal", "USDC", "9.9", None, "ok"),
        ],
    ),
    scripted.Case(
        exchange="hyperliquid",
        data_type=DataType.TRANSFERS,
        scopes=("funding",),
        path="/info",
        replies=[[HL_FUNDING], [HL_FUNDING]],
        asks=[{**USER, **BOUNDS, "type": "userFunding"}, {"startTime": AT}],
        makes=[(f"ETH:{AT}", "funding", "USDC", "-3.625312", None, "ok")],
    ),
)
HL_OPEN = [
    {
        "coin": coin,
        "limitPx": "2000.0",
        "oid": 3991946565,
        "origSz": "0.1",
        "side": "B",
        "sz": "0.1",
        "timestamp": AT,
        "orderType": "Limit",
    }
    for coin in ("ETH", "@107")
]
HL_POSITION = {
    "position": {
        "coin": "ETH",
        "entryPx": "2213.9",
        "leverage": {"type": "cross", "value": "20"},
        "liquidationPx": "2125.0",
        "marginUsed": "24.8",
        "positionValue": "500.12",
        "szi": "-0.2259",
        "unrealizedPnl": "0.5",
    },
    "type": "oneWay",
}
MIRRORS = (
    scripted.Mirror(
        exchange="hyperliquid",
        what="wallet",
        name="spot",
        path="/info",
        asks={**USER, "type": "spotClearinghouseState"},
        makes=[("USDC", None, "1481.844", False)],
        reply={
            "balances": [
                {"coin": "USDC", "token": 0, "hold": "0.0", "total": "1481.844", "entryNtl": "0"}
            ]
        },
    ),
    scripted.Mirror(
        exchange="hyperliquid",
        what="wallet",
        name="swap",
        path="/info",
        asks={**USER, "type": "clearinghouseState"},
        makes=[("USDC", "90", "100", True)],
        reply={
            "assetPositions": [],
            "marginSummary": {"accountValue": "100.0", "totalMarginUsed": "10.0"},
            "withdrawable": "90.0",
            "time": AT,
        },
    ),
    scripted.Mirror(
        exchange="hyperliquid",
        what="wallet",
        name="earn",
        path="/info",
        asks={"type": "delegatorSummary"},
        makes=[("HYPE", None, "13.5", False)],
        reply={
            "delegated": "12.0",
            "undelegated": "1.5",
            "totalPendingWithdrawal": "0.0",
            "nPendingWithdrawals": 0,
        },
    ),
    scripted.Mirror(
        exchange="hyperliquid",
        what="wallet",
        name="vaults",
        path="/info",
        asks={"type": "userVaultEquities"},
        makes=[("USDC", None, "742.5", True)],
        reply=[{"vaultAddress": "0xdf", "equity": "742.5"}],
    ),
    scripted.Mirror(
        exchange="hyperliquid",
        what="positions",
        name="linear",
        path="/info",
        asks={**USER, "type": "clearinghouseState"},
        reply={"assetPositions": [HL_POSITION], "marginSummary": {}},
        makes=[("ETH/USDC:USDC", "linear", "short", "0.2259", "2213.9", "0.5")],
    ),
    scripted.Mirror(
        exchange="hyperliquid",
        what="open_orders",
        name="linear",
        path="/info",
        asks={**USER, "type": "frontendOpenOrders"},
        reply=HL_OPEN,
        makes=[("3991946565", "linear", "ETH/USDC:USDC", "buy", "open", "0.1", "0", None)],
    ),
    scripted.Mirror(
        exchange="hyperliquid",
        what="open_orders",
        name="spot",
        path="/info",
        reply=HL_OPEN,
        makes=[("3991946565", "spot", "HYPE/USDC", "buy", "open", "0.1", "0", None)],
    ),
    scripted.Mirror(
        exchange="hyperliquid",
        what="tickers",
        name="spot",
        path="/info",
        asks={"type": "spotMetaAndAssetCtxs"},
        makes=[("PURR/USDC", "0.14")],
        reply=[
            {
                "tokens": [
                    {"name": "USDC", "szDecimals": 8, "weiDecimals": 8, "index": 0},
                    {"name": "PURR", "szDecimals": 0, "weiDecimals": 5, "index": 1},
                ],
                "universe": [
                    {"name": "PURR/USDC", "tokens": [1, 0], "index": 0, "isCanonical": True}
                ],
            },
            [{"dayNtlVlm": "8906.0", "markPx": "0.14", "midPx": "0.14", "prevDayPx": "0.2"}],
        ],
    ),
    scripted.Mirror(
        exchange="hyperliquid",
        what="tickers",
        name="linear",
        path="/info",
        asks={"type": "metaAndAssetCtxs"},
        makes=[("ETH/USDC:USDC", "2000")],
        reply=[
            {
                "universe": [
                    {"maxLeverage": 50, "name": "ETH", "onlyIsolated": False, "szDecimals": 4}
                ]
            },
            [
                {
                    "dayNtlVlm": "1",
                    "funding": "0.1",
                    "impactPxs": ["1999", "2001"],
                    "markPx": "2000",
                    "midPx": "2000",
                    "openInterest": "1",
                    "oraclePx": "2000",
                    "premium": "0",
                    "prevDayPx": "1900",
                }
            ],
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
    assert scripted.uncovered("hyperliquid", WALKS) == set()
    assert scripted.unread("hyperliquid", MIRRORS) == set()


def test_hyperliquid_is_read_by_address_and_refuses_a_private_key() -> None:
    with pytest.raises(ConfigError, match="private key"):
        open_stubbed(
            "hyperliquid",
            "http://127.0.0.1:9",
            credentials={"wallet_address": WALLET, "private_key": "0x01"},
        )


def test_hyperliquid_tells_a_mean_of_the_buys_with_the_balance() -> None:
    rows = [
        {"coin": "PURR", "token": 1, "hold": "0", "total": "2000", "entryNtl": "500"},
        {"coin": "USDC", "token": 0, "hold": "0", "total": "10", "entryNtl": "0.0"},
    ]
    with adapter_for("hyperliquid", lambda asked: {"balances": rows}) as (adapter, stub):
        purr, usdc = adapter.balances(adapter.policy.wallets[0])
    (reported,) = purr.told_averages

    assert (reported.price, reported.unit, reported.quantity, reported.method) == (
        Decimal("0.25"),
        "USDC",
        2000,
        AverageMethod.MOVING,
    )
    assert usdc.told_averages == ()
    assert len(stub.asked) == 1


def test_meetings_of_two_orders_and_both_ends_of_ones_own_trade_are_fills_of_their_own() -> None:
    rows = [
        hl_fill(7, "ETH", side="B", crossed=False),
        hl_fill(7, "ETH"),
        hl_fill(7, "ETH", time=AT + 1),
    ]
    with adapter_for("hyperliquid", lambda asked: rows) as (adapter, _stub):
        made = adapter.page(
            stream(adapter, DataType.FILLS, "fills"), None, scripted.DAY, {}
        ).records
    assert len({(item.symbol, item.fill_id) for item in made if isinstance(item, Fill)}) == 3


def test_a_delisted_hyperliquid_coin_is_read() -> None:
    with adapter_for("hyperliquid", lambda asked: [hl_fill(1, "FTT")]) as (adapter, _stub):
        (made,) = adapter.page(
            stream(adapter, DataType.FILLS, "fills"), None, scripted.DAY, {}
        ).records
    assert isinstance(made, Fill) and (made.symbol, made.category) == ("FTT/USDC:USDC", "linear")

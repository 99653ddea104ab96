"""Every wallet that can borrow: a documented answer, and what it owns and owes, computed by hand.

Figures are not zero and differ from each other, so that no field can stand for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.exchanges import policy_for
from tests.exchanges.builders import adapter_for

Figures = tuple[str | None, str | None, str, str | None]  # free, used, total, debt


@dataclass(frozen=True, kw_only=True)
class Lender:
    """One wallet, its documented answer, and what is owned and owed by it."""

    name: str  # of the case
    exchange: str
    wallet: str
    path: str
    reply: Any
    owns: Mapping[str, Figures]
    asks: Mapping[str, str] = field(default_factory=dict)


def bybit_coin(coin: str, **fields: str) -> dict[str, Any]:
    """A coin of v5/account/wallet-balance, with all fields that are documented."""
    return {
        "coin": coin, "equity": "0", "usdValue": "0", "walletBalance": "0", "locked": "0",
        "spotHedgingQty": "0",
        "borrowAmount": "0", "accruedInterest": "0", "totalOrderIM": "0", "totalPositionIM": "0",
        "totalPositionMM": "0",
        "unrealisedPnl": "0", "cumRealisedPnl": "0", "bonus": "0", "collateralSwitch": True,
        "marginCollateral": True,
        "spotBorrow": "0", "free": "", "availableToBorrow": "", "availableToWithdraw": "", **fields,
    }  # fmt: skip


def bybit(*coins: dict[str, Any]) -> dict[str, Any]:
    account = {
        "accountType": "UNIFIED",
        "totalEquity": "0",
        "accountIMRate": "0",
        "coin": list(coins),
    }
    return {
        "retCode": 0,
        "retMsg": "OK",
        "result": {"list": [account]},
        "retExtInfo": {},
        "time": 1690872862481,
    }


def bybit_case(name: str, owns: Mapping[str, Figures], *coins: dict[str, Any]) -> Lender:
    return Lender(
        name=name, exchange="bybit", wallet="unified", path="/v5/account/wallet-balance",
        reply=bybit(*coins), owns=owns,
        asks={"accountType": "UNIFIED"},
    )  # fmt: skip


BYBIT = (
    bybit_case(
        "borrowed money that is still there",
        {"USDT": ("900", "300", "1000", "200")},
        bybit_coin("USDT", walletBalance="1200", locked="250", totalOrderIM="20",
                   totalPositionIM="30", spotBorrow="200", borrowAmount="200",
                   accruedInterest="0.4", equity="1007", unrealisedPnl="7"),
    ),
    bybit_case(
        "a coin that was borrowed and sold",
        {"BTC": ("0", "0", "-0.50012", "0.50012")},
        bybit_coin("BTC", spotBorrow="0.50012", borrowAmount="0.50012", accruedInterest="0.00012",
                   equity="-0.50012"),
    ),
    bybit_case(
        "a loss of contracts beside a loan",
        {"USDC": ("-45", "5", "-110", "113")},
        bybit_coin("USDC", walletBalance="-40", totalPositionIM="5", spotBorrow="70",
                   borrowAmount="113", equity="-113", unrealisedPnl="-3"),
    ),
    bybit_case(
        "an answer from before loans were apart",
        {"ETH": ("-3", "0", "-3", "3")},
        {"coin": "ETH", "walletBalance": "-3", "borrowAmount": "3", "equity": "-3", "locked": "0",
         "totalOrderIM": "0", "totalPositionIM": "0", "accruedInterest": "0"},
    ),
    bybit_case(
        "portfolio margin, which reports no margin per coin",
        {"SOL": ("9", "1", "6", "4")},
        bybit_coin("SOL", walletBalance="10", locked="1", totalOrderIM="", totalPositionIM="",
                   totalPositionMM="", spotBorrow="4", borrowAmount="4"),
    ),
)  # fmt: skip


def binance_row(**fields: str) -> dict[str, str]:
    return {"borrowed": "0", "free": "0", "interest": "0", "locked": "0", "netAsset": "0", **fields}


BINANCE = (
    Lender(
        name="a loan, and a coin borrowed and sold", exchange="binance", wallet="margin",
        path="/sapi/v1/margin/account",
        reply={"created": True, "borrowEnabled": True, "marginLevel": "11.6", "userAssets": [
            {"asset": "USDT", **binance_row(free="700", locked="90", borrowed="200",
             interest="0.4", netAsset="589.6")},
            {"asset": "BTC", **binance_row(borrowed="0.5", interest="0.00012",
             netAsset="-0.50012")},
        ]},
        owns={"USDT": ("700", "90", "589.6", "200.4"), "BTC": ("0", "0", "-0.50012", "0.50012")},
    ),
    Lender(
        name="an asset in two pairs", exchange="binance", wallet="margin-isolated",
        path="/sapi/v1/margin/isolated/account",
        reply={"assets": [
            {"symbol": "BTCUSDT", "baseAsset": {"asset": "BTC", **binance_row(free="0.3",
             netAsset="0.3")},
             "quoteAsset": {"asset": "USDT", **binance_row(free="50", borrowed="30",
             interest="0.5", netAsset="19.5")}},
            {"symbol": "ETHUSDT", "baseAsset": {"asset": "ETH", **binance_row(borrowed="2",
             interest="0.01", netAsset="-2.01")},
             "quoteAsset": {"asset": "USDT", **binance_row(free="4", locked="7", netAsset="11")}},
        ]},
        owns={
            "BTC": ("0.3", "0", "0.3", None), "USDT": ("54", "7", "30.5", "30.5"),
            "ETH": ("0", "0", "-2.01", "2.01"),
        },
    ),
)  # fmt: skip


def okx(**fields: str) -> dict[str, Any]:
    """A row of account/balance, details, with the fields that loans are in."""
    row = {
        "ccy": "USDT", "eq": "0", "cashBal": "0", "availBal": "0", "frozenBal": "0", "liab": "",
        "crossLiab": "", "isoLiab": "", "uplLiab": "", "interest": "", "isoEq": "0", "upl": "0",
        "spotInUseAmt": "", "borrowFroz": "", **fields,
    }  # fmt: skip
    return {
        "code": "0",
        "msg": "",
        "data": [{"uTime": "1705474164160", "totalEq": "0", "details": [row]}],
    }


OKX = tuple(
    Lender(name=name, exchange="okx", wallet="trading", path="/api/v5/account/balance",
    reply=okx(**fields), owns={"USDT": figures})
    for name, figures, fields in (
        ("more was sold than was there", ("11", "12", "-200.4", "200.4"),
         {"cashBal": "-200", "availBal": "11", "frozenBal": "12", "liab": "200.4",
          "crossLiab": "200.4", "interest": "0.4"}),
        ("an unrealised loss that became a debt", ("0", "5", "40", "57"),
         {"cashBal": "40", "frozenBal": "5", "upl": "-97", "liab": "57", "crossLiab": "57",
          "uplLiab": "57", "eq": "-57"}),
        ("the debt of an isolated position lies beside the balance", ("80", "9", "89", None),
         {"cashBal": "89", "availBal": "80", "frozenBal": "9", "liab": "30", "isoLiab": "30",
          "eq": "95", "isoEq": "6"}),
    )
)  # fmt: skip


def kucoin_side(asset: str, **fields: str) -> dict[str, Any]:
    return {
        "currency": asset, "borrowEnabled": True, "transferInEnabled": True, "total": "0",
        "hold": "0", "available": "0",
        "liability": "0", "liabilityPrincipal": "0", "liabilityInterest": "0",
        "maxBorrowSize": "0", **fields,
    }  # fmt: skip


def kucoin(**data: Any) -> dict[str, Any]:
    return {"code": "200000", "data": {"timestamp": 1668062174000, **data}}


KUCOIN_LOAN = {"liability": "200.4", "liabilityPrincipal": "200", "liabilityInterest": "0.4"}
KUCOIN = (
    Lender(
        name="liability is all that is owed", exchange="kucoin", wallet="margin",
        path="/api/v1/margin/account",
        reply=kucoin(debtRatio="0.2", accounts=[
            {"currency": "USDT", "totalBalance": "1200", "availableBalance": "1130",
             "holdBalance": "70", "liability": "200.4",
             "maxBorrowSize": "8"},
            {"currency": "BTC", "totalBalance": "0", "availableBalance": "0", "holdBalance": "0",
             "liability": "0.501",
             "maxBorrowSize": "7"},
        ]),
        owns={"USDT": ("1130", "70", "999.6", "200.4"), "BTC": ("0", "0", "-0.501", "0.501")},
    ),
    Lender(
        name="both sides of a pair", exchange="kucoin", wallet="margin-isolated",
        path="/api/v3/isolated/accounts",
        reply=kucoin(assets=[{
            "symbol": "BTC-USDT", "status": "DEBT", "debtRatio": "0.2",
            "baseAsset": kucoin_side("BTC", liability="0.501", liabilityPrincipal="0.5",
            liabilityInterest="0.001"),
            "quoteAsset": kucoin_side("USDT", total="1200", available="1130", hold="70",
            **KUCOIN_LOAN),
        }]),
        owns={"USDT": ("1130", "70", "999.6", "200.4"), "BTC": ("0", "0", "-0.501", "0.501")},
    ),
    Lender(
        name="interest in a field of its own", exchange="kucoin", wallet="margin-isolated",
        path="/api/v3/isolated/accounts",
        reply=kucoin(assets=[{
            "symbol": "BTC-USDT", "status": "DEBT",
            "baseAsset": {"currency": "BTC", "total": "0", "hold": "0", "available": "0",
            "liability": "0.5", "interest": "0.001"},
            "quoteAsset": {"currency": "USDT", "total": "9", "hold": "2", "available": "7",
            "liability": "0", "interest": "0"},
        }]),
        owns={"USDT": ("7", "2", "9", None), "BTC": ("0", "0", "-0.501", "0.501")},
    ),
)  # fmt: skip


def bitget(data: Any) -> dict[str, Any]:
    return {"code": "00000", "msg": "success", "requestTime": 1695865233285, "data": data}


BITGET_ROWS = (
    {"coin": "USDT", "totalAmount": "1200", "available": "1130", "frozen": "70", "borrow": "200",
     "interest": "0.4", "net": "999.6",
     "coupon": "0", "cTime": "1759828511592", "uTime": "1759828511592"},
    {"coin": "BTC", "totalAmount": "0", "available": "0", "frozen": "0", "borrow": "0.5",
     "interest": "0.001", "net": "-0.501",
     "coupon": "0", "cTime": "1759828511592", "uTime": "1759828511592"},
)  # fmt: skip
BITGET = (
    *(
        Lender(
            name="net is what is owned", exchange="bitget", wallet=wallet, path=path,
            reply=bitget([{**pair, **row} for row in BITGET_ROWS]),
            owns={"USDT": ("1130", "70", "999.6", "200.4"), "BTC": ("0", "0", "-0.501", "0.501")},
        )
        for wallet, path, pair in (
            ("margin", "/api/v2/margin/crossed/account/assets", {}),
            ("margin-isolated", "/api/v2/margin/isolated/account/assets", {"symbol": "BTCUSDT"}),
        )
    ),
    Lender(
        name="equity is what is owned", exchange="bitget", wallet="unified",
        path="/api/v3/account/assets",
        reply=bitget({"accountEquity": "1", "assets": [
            {"coin": "USDT", "equity": "-40", "usdValue": "-40", "balance": "-33",
             "available": "3", "debt": "40", "locked": "4"},
        ]}),
        owns={"USDT": ("3", "4", "-40", "40")},
    ),
)  # fmt: skip

GATE = Lender(
    name="both sides of a pair", exchange="gate", wallet="margin", path="/margin/accounts",
    reply=[{
        "currency_pair": "BTC_USDT", "account_type": "risk", "leverage": "3", "locked": False,
        "risk": "1.3", "mmr": "1",
        "base": {"currency": "BTC", "available": "0", "locked": "0", "borrowed": "0.5",
        "interest": "0.001"},
        "quote": {"currency": "USDT", "available": "1130", "locked": "70", "borrowed": "200",
        "interest": "0.4"},
    }],
    owns={"USDT": ("1130", "70", "999.6", "200.4"), "BTC": ("0", "0", "-0.501", "0.501")},
)  # fmt: skip

HTX_LIST = [
    {"currency": currency, "type": kind, "balance": amount}
    for currency, figures in (
        ("usdt", {"trade": "1130", "frozen": "70", "loan": "-200", "interest": "-0.4",
         "transfer-out-available": "600"}),
        ("btc", {"trade": "0", "frozen": "0", "loan": "-0.5", "interest": "-0.001",
         "loan-available": "3"}),
    )
    for kind, amount in figures.items()
]  # fmt: skip
HTX = tuple(
    Lender(
        name="loans and interest are below zero", exchange="htx", wallet=wallet, path=path,
        reply={"status": "ok", "data": data},
        owns={"USDT": ("1130", "70", "999.6", "200.4"), "BTC": ("0", "0", "-0.501", "0.501")},
    )
    for wallet, path, data in (
        ("margin", "/v1/cross-margin/accounts/balance", {"id": 1, "type": "cross-margin",
         "state": "working", "list": HTX_LIST}),
        ("margin-isolated", "/v1/margin/accounts/balance",
         [{"id": 18264, "type": "margin", "state": "working", "symbol": "btcusdt",
          "list": HTX_LIST}]),
    )
)  # fmt: skip

KRAKEN = Lender(
    name="a credit line that is partly used", exchange="kraken", wallet="spot",
    path="/0/private/BalanceEx",
    reply={"error": [], "result": {
        "ZUSD": {"balance": "1200.5", "hold_trade": "70", "credit": "1000", "credit_used": "200"},
        "XXBT": {"balance": "0.25", "hold_trade": "0.05"},
    }},
    owns={"USD": ("1130.5", "70", "1000.5", "200"), "BTC": ("0.2", "0.05", "0.25", None)},
)  # fmt: skip

CASES = (*BYBIT, *BINANCE, *OKX, *KUCOIN, *BITGET, GATE, *HTX, KRAKEN)


def plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize() + 0, "f")


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.exchange}-{case.wallet}-{case.name.replace(' ', '-')}"
)
def test_what_is_borrowed_is_owed_and_not_owned(case: Lender) -> None:
    with adapter_for(case.exchange, lambda asked: case.reply) as (adapter, stub):
        wallet = next(item for item in adapter.policy.wallets if item.name == case.wallet)
        found = adapter.balances(wallet)
    (asked,) = stub.asked
    assert (
        asked.path.endswith(case.path)
        and {name: asked.params.get(name) for name in case.asks} == case.asks
    )
    assert {
        item.code: tuple(map(plain, (item.free, item.used, item.total, item.debt)))
        for item in found
    } == case.owns


def test_an_exchange_without_a_policy_owns_its_total_less_what_it_owes() -> None:
    """ccxt's total is free + used, loans included."""
    assert {wallet.debt_in_total for wallet in policy_for("poloniex").wallets} == {False}

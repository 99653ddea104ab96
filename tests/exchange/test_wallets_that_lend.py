"""Every wallet that can borrow: a documented answer, and what is free, in use, owned and owed by it, computed by hand.

Figures are not zero and differ from each other, so that no field can stand for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.domain.records import Transfer

from .builders import NOW_MS, adapter_for, stream
from .scripted import DAY, TRANSFERS

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


def bybit_coin(coin: str, **told: str) -> dict[str, Any]:
    """A coin of v5/account/wallet-balance, with all fields that are documented."""
    return {
        "coin": coin, "equity": "0", "usdValue": "0", "walletBalance": "0", "locked": "0", "spotHedgingQty": "0",
        "borrowAmount": "0", "accruedInterest": "0", "totalOrderIM": "0", "totalPositionIM": "0", "totalPositionMM": "0",
        "unrealisedPnl": "0", "cumRealisedPnl": "0", "bonus": "0", "collateralSwitch": True, "marginCollateral": True,
        "spotBorrow": "0", "free": "", "availableToBorrow": "", "availableToWithdraw": "", **told,
    }  # fmt: skip


def bybit(*coins: dict[str, Any]) -> dict[str, Any]:
    account = {"accountType": "UNIFIED", "totalEquity": "0", "accountIMRate": "0", "coin": list(coins)}
    return {"retCode": 0, "retMsg": "OK", "result": {"list": [account]}, "retExtInfo": {}, "time": 1690872862481}


def bybit_case(name: str, owns: Mapping[str, Figures], *coins: dict[str, Any]) -> Lender:
    return Lender(
        name=name, exchange="bybit", wallet="unified", path="/v5/account/wallet-balance", reply=bybit(*coins), owns=owns,
        asks={"accountType": "UNIFIED"},
    )  # fmt: skip


BYBIT = (
    bybit_case(
        "borrowed money that is still there",
        {"USDT": ("900", "300", "1000", "200")},
        bybit_coin("USDT", walletBalance="1200", locked="250", totalOrderIM="20", totalPositionIM="30", spotBorrow="200",
                   borrowAmount="200", accruedInterest="0.4", equity="1007", unrealisedPnl="7"),
    ),
    bybit_case(
        "a coin that was borrowed and sold",
        {"BTC": ("0", "0", "-0.50012", "0.50012")},
        bybit_coin("BTC", spotBorrow="0.50012", borrowAmount="0.50012", accruedInterest="0.00012", equity="-0.50012"),
    ),
    bybit_case(
        "a loss of contracts beside a loan",
        {"USDC": ("-45", "5", "-110", "113")},
        bybit_coin("USDC", walletBalance="-40", totalPositionIM="5", spotBorrow="70", borrowAmount="113", equity="-113",
                   unrealisedPnl="-3"),
    ),
    bybit_case(
        "an answer from before loans were apart",
        {"ETH": ("-3", "0", "-3", "3")},
        {name: value for name, value in bybit_coin("ETH", walletBalance="-3", borrowAmount="3", equity="-3").items()
         if name != "spotBorrow"},
    ),
    bybit_case(
        "portfolio margin, which reports no margin per coin",
        {"SOL": ("9", "1", "6", "4")},
        bybit_coin("SOL", walletBalance="10", locked="1", totalOrderIM="", totalPositionIM="", totalPositionMM="",
                   spotBorrow="4", borrowAmount="4"),
    ),
)  # fmt: skip

CASES = (*BYBIT,)


def plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize() + 0, "f")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.exchange}-{case.wallet}-{case.name.replace(' ', '-')}")
def test_what_is_borrowed_is_owed_and_not_owned(case: Lender) -> None:
    with adapter_for(case.exchange, lambda asked: case.reply) as (adapter, stub):
        wallet = next(item for item in adapter.policy.wallets if item.name == case.wallet)
        found = adapter.balances(wallet)
    (asked,) = stub.asked
    assert asked.path.endswith(case.path) and {name: asked.params.get(name) for name in case.asks} == case.asks
    assert {item.code: tuple(map(plain, (item.free, item.used, item.total, item.debt))) for item in found} == case.owns


LOG_TYPES = (
    ("BORROW", "200", ("internal", "200", "loan", "unified")),
    ("REPAY", "-50.4", ("internal", "50.4", "unified", "loan")),
    ("INTEREST", "-0.4", ("fee", "-0.4", "loan", None)),
)


@pytest.mark.parametrize(("word", "change", "means"), LOG_TYPES, ids=[word for word, _, _ in LOG_TYPES])
def test_bybit_logs_loans_as_moves_and_interest_as_charged_on_them(word: str, change: str, means: tuple[str | None, ...]) -> None:
    row = {
        "id": f"1_{word}_7", "symbol": "", "category": "", "side": "None", "transactionTime": str(NOW_MS - 3_600_000), "type": word,
        "qty": "", "size": "0", "currency": "USDT", "tradePrice": "0", "funding": "", "fee": "0", "cashFlow": change,
        "change": change, "cashBalance": "1200", "feeRate": "0", "bonusChange": "", "tradeId": "", "orderId": "", "orderLinkId": "",
    }  # fmt: skip
    reply = {"retCode": 0, "retMsg": "OK", "result": {"nextPageCursor": "", "list": [row]}, "time": NOW_MS}
    with adapter_for("bybit", lambda asked: reply) as (adapter, stub):
        (made,) = adapter.page(stream(adapter, TRANSFERS, f"log-{word.lower()}"), None, DAY, {}).records
    assert stub.asked[0].params["type"] == word and isinstance(made, Transfer)
    assert (str(made.kind), plain(made.quantity), made.from_wallet, made.to_wallet) == means

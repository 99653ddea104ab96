"""OKX: converts, sweeps of small balances, bank transfers, moves and rewards."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.errors import KeyRefused
from tests.exchanges.builders import NOW_MS, adapter_for, stream
from tests.exchanges.scripted import DAY, END, FILLS, START, TRANSFERS, Case, each, run_stream
from tests.exchanges.stub import Answer

AT = NOW_MS - 5_000


def okx(*rows: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


def okx_convert(side: str, number: int) -> dict[str, Any]:
    return {
        "baseCcy": "ETH",
        "clTReqId": "",
        "fillBaseSz": "0.5",
        "fillPx": "3000",
        "fillQuoteSz": "1500",
        "instId": "ETH-USDT",
        "quoteCcy": "USDT",
        "side": side,
        "state": "fullyFilled",
        "tradeId": f"trader{number}",
        "ts": str(AT),
    }


EASY = {
    "fromCcy": "ADA",
    "fillFromSz": "10",
    "toCcy": "USDT",
    "fillToSz": "4.2",
    "acct": "18",
    "status": "filled",
    "uTime": str(AT),
}
FIAT = {
    "cTime": str(AT),
    "uTime": str(AT),
    "ordId": "024041201450544699",
    "paymentMethod": "SEPA",
    "paymentAcctId": "20",
    "amt": "10000",
    "fee": "1.5",
    "ccy": "EUR",
    "state": "completed",
    "clientId": "",
}
OKX = (
    Case(
        exchange="okx",
        data_type=FILLS,
        scopes=("converts",),
        path="/api/v5/asset/convert/history",
        replies=[okx(okx_convert("buy", 1), okx_convert("sell", 2)), okx()],
        asks=[
            {"after": END, "before": START - 1, "limit": 100},
            {"after": AT + 1, "before": START - 1},
        ],
        makes=[
            ("trader1", "spot", "ETH/USDT", "buy", "0.5", None, "1500", {}, "convert"),
            ("trader2", "spot", "ETH/USDT", "sell", "0.5", None, "1500", {}, "convert"),
        ],
    ),
    Case(
        exchange="okx",
        data_type=FILLS,
        scopes=("dust",),
        path="/api/v5/trade/easy-convert-history",
        replies=[okx(EASY, {**EASY, "fromCcy": "DOT", "status": "failed"}), okx()],
        asks=[{"after": END, "before": START - 1}, {"after": AT + 1}],
        makes=[(f"{AT}:ADA", "spot", "ADA/USDT", "sell", "10", None, "4.2", {}, "dust")],
    ),
    Case(
        exchange="okx",
        data_type=TRANSFERS,
        scopes=("fiat-deposits",),
        path="/api/v5/fiat/deposit-order-history",
        replies=[okx(FIAT), okx(FIAT)],
        asks=[{"after": START, "before": END, "limit": 100}, {"after": START, "before": AT + 1}],
        makes=[("024041201450544699", "deposit", "EUR", "10000", "1.5 EUR", "ok")],
    ),
    Case(
        exchange="okx",
        data_type=TRANSFERS,
        scopes=("fiat-withdrawals",),
        path="/api/v5/fiat/withdrawal-order-history",
        replies=[okx({**FIAT, "state": "failed"}), okx()],
        asks=[{"after": START, "before": END}, {"before": AT + 1}],
        makes=[("024041201450544699", "withdrawal", "EUR", "10000", "1.5 EUR", "failed")],
    ),
)


@pytest.mark.parametrize(("case", "scope"), each(OKX))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)


def test_an_okx_key_that_does_not_exist_is_refused() -> None:
    answer = Answer({"code": "50119", "msg": "API key doesn't exist", "data": []}, 401)
    with (
        adapter_for("okx", lambda asked: answer, retry=RetryPolicy(attempts=1)) as (adapter, _stub),
        pytest.raises(KeyRefused),
    ):
        adapter.page(stream(adapter, FILLS, "spot"), None, DAY, {})

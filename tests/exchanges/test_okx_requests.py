"""OKX: what is requested page by page, and what single words of its ledgers become."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.errors import KeyRefused
from tests.exchanges.builders import NOW_MS, adapter_for, stream
from tests.exchanges.scripted import (
    DAY,
    END,
    FILLS,
    START,
    TRANSFERS,
    Case,
    brief,
    each,
    run_stream,
)
from tests.exchanges.stub import Answer

AT = NOW_MS - 5_000


def answer(*rows: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


def bill(number: int, word: str, change: str, **more: str) -> dict[str, str]:
    return {
        "billId": str(number),
        "ccy": "OKB",
        "clientId": "",
        "balChg": change,
        "bal": "12",
        "type": word,
        "ts": str(AT),
        "notes": "",
        **more,
    }


LENT = {"ccy": "USDT", "amt": "2500", "earnings": "0.0731", "rate": "0.031", "ts": str(AT)}


def convert_row(side: str, number: int) -> dict[str, Any]:
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

CASES = (
    Case(
        exchange="okx",
        data_type=FILLS,
        scopes=("converts",),
        path="/api/v5/asset/convert/history",
        replies=[answer(convert_row("buy", 1), convert_row("sell", 2)), answer()],
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
        replies=[answer(EASY, {**EASY, "fromCcy": "DOT", "status": "failed"}), answer()],
        asks=[{"after": END, "before": START - 1}, {"after": AT + 1}],
        makes=[(f"{AT}:ADA", "spot", "ADA/USDT", "sell", "10", None, "4.2", {}, "dust")],
    ),
    Case(
        exchange="okx",
        data_type=TRANSFERS,
        scopes=("fiat-deposits",),
        path="/api/v5/fiat/deposit-order-history",
        replies=[answer(FIAT), answer(FIAT)],
        asks=[{"after": START, "before": END, "limit": 100}, {"after": START, "before": AT + 1}],
        makes=[("024041201450544699", "deposit", "EUR", "10000", "1.5 EUR", "ok")],
    ),
    Case(
        exchange="okx",
        data_type=TRANSFERS,
        scopes=("fiat-withdrawals",),
        path="/api/v5/fiat/withdrawal-order-history",
        replies=[answer({**FIAT, "state": "failed"}), answer()],
        asks=[{"after": START, "before": END}, {"before": AT + 1}],
        makes=[("024041201450544699", "withdrawal", "EUR", "10000", "1.5 EUR", "failed")],
    ),
    Case(
        exchange="okx",
        data_type=TRANSFERS,
        scopes=("funding-ledger",),
        path="/api/v5/asset/bills-history",
        replies=[
            answer(bill(8, "48", "0.42"), bill(7, "83", "0.0213", ccy="SOL")),
            answer(bill(7, "83", "0.0213", ccy="SOL")),
        ],
        asks=[
            {"before": START - 1, "after": END, "limit": 100, "type": None, "pagingType": None},
            {"before": START - 1, "after": AT + 1},
        ],
        makes=[
            ("8", "reward", "OKB", "0.42", None, "ok"),
            ("7", "reward", "SOL", "0.0213", None, "ok"),
        ],
    ),
    Case(
        exchange="okx",
        data_type=TRANSFERS,
        scopes=("savings-interest",),
        path="/api/v5/finance/savings/lending-history",
        replies=[answer(LENT), answer(LENT)],
        asks=[
            {"before": START - 1, "after": END, "limit": 100, "ccy": None},
            {"before": START - 1, "after": AT + 1},
        ],
        makes=[(f"USDT:{AT}:2500:0.031", "interest", "USDT", "0.0731", None, "ok")],
    ),
)


@pytest.mark.parametrize(("case", "scope"), each(CASES))
def test_histories_are_requested_and_read(case: Case, scope: str) -> None:
    run_stream(case, scope)


def funding_ledger(*rows: Any) -> list[tuple[Any, ...]]:
    with adapter_for("okx", lambda asked: answer(*rows)) as (adapter, _stub):
        return [
            brief(record)
            for record in adapter.page(
                stream(adapter, TRANSFERS, "funding-ledger"), None, DAY, {}
            ).records
        ]


@pytest.mark.parametrize(
    "word", ["1", "2", "13", "116", "117", "118", "130", "131", "221", "272", "273"]
)
def test_what_another_list_reports_is_not_counted_twice(word: str) -> None:
    """Deposits, withdrawals, fiat orders, moves from and to the trading account, converts."""
    assert funding_ledger(bill(1, word, "5")) == []


@pytest.mark.parametrize(
    ("word", "change", "kind", "quantity"),
    [
        ("229", "3", "airdrop", "3"),
        ("48", "-3", "reward", "-3"),  # a reward taken back
        ("84", "-0.5", "fee", "-0.5"),  # penalty
        ("21", "7", "deposit", "7"),  # from a sub-account
        ("20", "-7", "withdrawal", "7"),  # to a sub-account
        ("160", "-100", "internal", "100"),  # into a product that is no wallet here
        ("161", "104", "internal", "104"),  # its settlement
        (
            "9999",
            "-1",
            "unclassified",
            "-1",
        ),  # a type that is not documented yet still moved the balance
    ],
)
def test_a_bill_is_what_it_did_to_the_funding_account(
    word: str, change: str, kind: str, quantity: str
) -> None:
    assert funding_ledger(bill(1, word, change)) == [("1", kind, "OKB", quantity, None, "ok")]


@pytest.mark.parametrize(
    ("word", "change", "ends"),
    [
        ("75", "-9", ("funding", "earn")),
        ("76", "9", ("earn", "funding")),
        ("80", "-9", ("funding", "earn-staking")),
    ],
)
def test_what_goes_into_savings_or_staking_is_a_move(
    word: str, change: str, ends: tuple[str, str]
) -> None:
    with adapter_for("okx", lambda asked: answer(bill(1, word, change))) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, TRANSFERS, "funding-ledger"), None, DAY, {}).records
    assert brief(made) == ("1", "internal", "OKB", "9", None, "ok")
    assert (made.from_wallet, made.to_wallet) == ends  # type: ignore[union-attr]


def test_a_key_that_does_not_exist_is_refused() -> None:
    refusal = Answer({"code": "50119", "msg": "API key doesn't exist", "data": []}, 401)
    with (
        adapter_for("okx", lambda asked: refusal, retry=RetryPolicy(attempts=1)) as (
            adapter,
            _stub,
        ),
        pytest.raises(KeyRefused),
    ):
        adapter.page(stream(adapter, FILLS, "spot"), None, DAY, {})

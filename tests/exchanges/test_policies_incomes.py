"""Incomes that no deposit list tells: rewards, yields, airdrops, interest and funding, asked for
and read as documented."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exchanges.builders import NOW_MS, adapter_for, stream
from tests.exchanges.scripted import DAY, END, START, TRANSFERS, Case, brief, run_stream

AT = NOW_MS - 3_600_000


def okx(*rows: Any) -> dict[str, Any]:
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


CASES = (
    Case(
        exchange="okx",
        data_type=TRANSFERS,
        scopes=("funding-ledger",),
        path="/api/v5/asset/bills-history",
        replies=[
            okx(bill(8, "48", "0.42"), bill(7, "83", "0.0213", ccy="SOL")),
            okx(bill(7, "83", "0.0213", ccy="SOL")),
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
        replies=[okx(LENT), okx(LENT)],
        asks=[
            {"before": START - 1, "after": END, "limit": 100, "ccy": None},
            {"before": START - 1, "after": AT + 1},
        ],
        makes=[(f"USDT:{AT}:2500:0.031", "reward", "USDT", "0.0731", None, "ok")],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.exchange}-{case.scopes[0]}")
def test_a_stream_asks_as_documented_and_its_rows_become_records(case: Case) -> None:
    run_stream(case, case.scopes[0])


def funding_ledger(*rows: Any) -> list[tuple[Any, ...]]:
    with adapter_for("okx", lambda asked: okx(*rows)) as (adapter, _stub):
        return [
            brief(record)
            for record in adapter.page(
                stream(adapter, TRANSFERS, "funding-ledger"), None, DAY, {}
            ).records
        ]


@pytest.mark.parametrize(
    "word", ["1", "2", "13", "116", "117", "118", "130", "131", "221", "272", "273"]
)
def test_okx_what_another_list_tells_is_not_told_twice(word: str) -> None:
    """Deposits, withdrawals, fiat orders, moves from and to the trading account, converts."""
    assert funding_ledger(bill(1, word, "5")) == []


@pytest.mark.parametrize(
    ("word", "change", "kind", "quantity"),
    [
        ("229", "3", "reward", "3"),  # airdrop
        ("48", "-3", "other", "-3"),  # a reward taken back
        ("84", "-0.5", "fee", "-0.5"),  # penalty
        ("21", "7", "deposit", "7"),  # from a sub-account
        ("20", "-7", "withdrawal", "7"),  # to a sub-account
        ("160", "-100", "other", "-100"),  # subscription of a product that is no wallet here
        ("161", "104", "other", "104"),  # its settlement
        ("9999", "-1", "other", "-1"),  # a type that is not documented yet still moved the balance
    ],
)
def test_okx_a_bill_is_what_it_did_to_the_funding_account(
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
def test_okx_what_goes_into_savings_or_staking_is_a_move(
    word: str, change: str, ends: tuple[str, str]
) -> None:
    with adapter_for("okx", lambda asked: okx(bill(1, word, change))) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, TRANSFERS, "funding-ledger"), None, DAY, {}).records
    assert brief(made) == ("1", "internal", "OKB", "9", None, "ok")
    assert (made.from_wallet, made.to_wallet) == ends  # type: ignore[union-attr]

"""Bybit: what the ledgers of the funding and unified account request, and what their rows mean."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.ledger.coverage import Span
from exchange_cache.records import Transfer
from tests.exchanges.builders import DAY_MS, NOW_MS, adapter_for, stream
from tests.exchanges.scripted import DAY, END, START, TRANSFERS, Case, brief, run_stream

AT = NOW_MS - 3_600_000
LOG_TYPES = (
    ("BORROW", "200", ("loan", "200", "loan", "unified")),
    ("REPAY", "-50.4", ("repayment", "50.4", "unified", "loan")),
    ("INTEREST", "-0.4", ("interest", "-0.4", "loan", None)),
)


@pytest.mark.parametrize(
    ("word", "change", "means"), LOG_TYPES, ids=[word for word, _, _ in LOG_TYPES]
)
def test_logs_loans_as_moves_and_interest_as_charged_on_them(
    word: str, change: str, means: tuple[str | None, ...]
) -> None:
    row = {
        "id": f"1_{word}_7", "symbol": "", "category": "", "side": "None",
        "transactionTime": str(NOW_MS - 3_600_000), "type": word,
        "qty": "", "size": "0", "currency": "USDT", "tradePrice": "0", "funding": "", "fee": "0",
        "cashFlow": change, "change": change, "cashBalance": "1200", "feeRate": "0",
        "bonusChange": "", "tradeId": "", "orderId": "", "orderLinkId": "",
    }  # fmt: skip
    reply = {
        "retCode": 0,
        "retMsg": "OK",
        "result": {"nextPageCursor": "", "list": [row]},
        "time": NOW_MS,
    }
    with adapter_for("bybit", lambda asked: reply) as (adapter, stub):
        (made,) = adapter.page(
            stream(adapter, TRANSFERS, f"log-{word.lower()}"), None, DAY, {}
        ).records
    assert stub.asked[0].params["type"] == word and isinstance(made, Transfer)
    assert (str(made.kind), str(made.quantity), made.from_wallet, made.to_wallet) == means


def bybit(*rows: Any, cursor: str = "") -> dict[str, Any]:
    return {
        "retCode": 0,
        "retMsg": "OK",
        "result": {"nextPageCursor": cursor, "list": list(rows)},
        "retExtInfo": {},
        "time": NOW_MS,
    }


def record(word: str, said: str, amount: str, **more: str) -> dict[str, str]:
    return {
        "memberId": "290118",
        "currency": "MNT",
        "ioDirection": "I",
        "txnAmt": amount,
        "afterAmt": "20",
        "createTime": str(AT // 1000),
        "showBusiType": f"fundingAccountRecord{word}",
        "showBusiTypeEn": word,
        "description": f"fundingAccountRecord{said}",
        "descriptionEn": said,
        **more,
    }


AIRDROP = record("Airdrop", "AirdropBonus", "12.5")


CASE = Case(
    exchange="bybit",
    data_type=TRANSFERS,
    scopes=("funding-ledger",),
    path="/v5/asset/fundinghistory",
    replies=[
        bybit(
            AIRDROP,
            record("Earn", "FlexSavingInterestDistribution", "0.01"),
            cursor="MTM3MTU3OTk=",
        ),
        bybit(record("Transfer", "ToUnified", "7", ioDirection="O"), cursor="MTI="),
        bybit(),
    ],
    asks=[
        {
            "createTimeFrom": START // 1000,
            "createTimeTo": END // 1000,
            "limit": 100,
            "cursor": None,
        },
        {
            "createTimeFrom": START // 1000,
            "createTimeTo": END // 1000,
            "cursor": "MTM3MTU3OTk=",
        },
        {"cursor": "MTI="},
    ],
    makes=[
        (f"MNT:{AT // 1000}:I:12.5:20", "airdrop", "MNT", "12.5", None, "ok"),
        (f"MNT:{AT // 1000}:I:0.01:20", "interest", "MNT", "0.01", None, "ok"),
    ],
)


def test_the_funding_ledger_asks_as_documented_and_its_rows_become_records() -> None:
    run_stream(CASE, "funding-ledger")


def funding_ledger(*rows: Any) -> list[tuple[Any, ...]]:
    """Kind, asset and quantity of the records that the rows become."""
    with adapter_for("bybit", lambda asked: bybit(*rows)) as (adapter, _stub):
        page = adapter.page(stream(adapter, TRANSFERS, "funding-ledger"), None, DAY, {})
    return [brief(made)[1:4] for made in page.records]


@pytest.mark.parametrize("word", ["Deposit", "Withdraw", "Transfer", "Convert"])
def test_what_another_list_has_is_not_counted(word: str) -> None:
    assert funding_ledger(record(word, word, "5")) == []


def test_a_type_that_nobody_knows_is_unclassified() -> None:
    rows = [record("Year", "Next", "5", ioDirection="O")]
    assert funding_ledger(*rows) == [("unclassified", "MNT", "-5")]


def test_what_earn_took_or_gave_back_is_no_interest() -> None:
    rows = [
        record("Earn", "FlexSavingSubscribe", "50", ioDirection="O"),
        record("Earn", "FlexSavingRedeem", "50"),
    ]
    assert funding_ledger(*rows) == [("internal", "MNT", "50")] * 2


def test_fiat_goes_both_ways_and_an_airdrop_may_be_taken_back() -> None:
    fiat = [record("Fiat", "FiatDeposit", "9"), record("Fiat", "P2PSale", "4", ioDirection="O")]
    rows = [*fiat, record("Airdrop", "Revoked", "1", ioDirection="O")]
    assert funding_ledger(*rows) == [
        ("deposit", "MNT", "9"),
        ("withdrawal", "MNT", "4"),
        ("airdrop", "MNT", "-1"),
    ]


def test_two_rewards_of_one_second_are_two() -> None:
    rows = [record("Airdrop", "AirdropBonus", "1", afterAmt=after) for after in ("21", "22")]
    assert funding_ledger(*rows) == [("airdrop", "MNT", "1")] * 2
    with adapter_for("bybit", lambda asked: bybit(*rows)) as (adapter, _stub):
        page = adapter.page(stream(adapter, TRANSFERS, "funding-ledger"), None, DAY, {})
    assert len({made.key for made in page.records}) == 2


def test_no_window_is_asked_for_more_than_seven_days() -> None:
    window = Span(
        NOW_MS - 7 * DAY_MS + 60_000 + 1, NOW_MS + 1
    )  # the longest that a plan makes, with bounds between seconds
    with adapter_for("bybit", lambda asked: bybit()) as (adapter, stub):
        policy = stream(adapter, TRANSFERS, "funding-ledger")
        assert (
            policy.window is not None
            and policy.window // timedelta(milliseconds=1) == window.length_ms
        )
        adapter.page(policy, None, window, {})
    asked = stub.asked[0].params
    assert int(asked["createTimeTo"]) - int(asked["createTimeFrom"]) <= 7 * 86_400

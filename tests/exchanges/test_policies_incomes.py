"""Incomes that no deposit list tells: rewards, yields, airdrops, interest and funding, asked for
and read as documented."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.ledger.coverage import Span
from tests.exchanges.builders import DAY_MS, NOW_MS, adapter_for, stream
from tests.exchanges.scripted import DAY, END, START, TRANSFERS, Case, brief, run_stream

AT = NOW_MS - 3_600_000


def kucoin(*rows: Any, more: bool = False) -> dict[str, Any]:
    return {"code": "200000", "data": {"dataList": list(rows), "hasMore": more}}


def paid(number: int, market: str, funding: str, settle: str, at: int = AT) -> dict[str, Any]:
    return {
        "id": number,
        "symbol": market,
        "timePoint": at,
        "fundingRate": "0.0001",
        "markPrice": "50000",
        "positionQty": 12,
        "positionCost": "600",
        "funding": funding,
        "settleCurrency": settle,
        "context": "{}",
        "marginMode": "CROSS",
    }


def bybit(*rows: Any, cursor: str = "") -> dict[str, Any]:
    return {
        "retCode": 0,
        "retMsg": "OK",
        "result": {"nextPageCursor": cursor, "list": list(rows)},
        "retExtInfo": {},
        "time": NOW_MS,
    }


def record(word: str, told: str, amount: str, **more: str) -> dict[str, str]:
    return {
        "memberId": "290118",
        "currency": "MNT",
        "ioDirection": "I",
        "txnAmt": amount,
        "afterAmt": "20",
        "createTime": str(AT // 1000),
        "showBusiType": f"fundingAccountRecord{word}",
        "showBusiTypeEn": word,
        "description": f"fundingAccountRecord{told}",
        "descriptionEn": told,
        **more,
    }


AIRDROP = record("Airdrop", "AirdropBonus", "12.5")

CASES = (
    Case(
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
            (f"MNT:{AT // 1000}:I:12.5:20", "reward", "MNT", "12.5", None, "ok"),
            (f"MNT:{AT // 1000}:I:0.01:20", "reward", "MNT", "0.01", None, "ok"),
        ],
    ),
    Case(
        exchange="kucoin",
        data_type=TRANSFERS,
        scopes=("funding-linear",),
        path="/api/v1/funding-history",
        symbol="BTC/USDT:USDT",
        replies=[
            kucoin(
                paid(9, "XBTUSDTM", "0.06", "USDT"),
                paid(8, "XBTUSDTM", "-0.0553539600", "USDT"),
                more=True,
            ),
            kucoin(),
        ],
        asks=[
            {"symbol": "XBTUSDTM", "startAt": START, "endAt": END, "maxCount": 100, "offset": None},
            {"symbol": "XBTUSDTM", "startAt": START, "endAt": END, "maxCount": 100, "offset": 8},
        ],
        makes=[
            ("XBTUSDTM:9", "funding", "USDT", "0.06", None, "ok"),
            ("XBTUSDTM:8", "funding", "USDT", "-0.05535396", None, "ok"),
        ],
    ),
    Case(  # an answer that ignores the start ends the walk where it leaves the window
        exchange="kucoin",
        data_type=TRANSFERS,
        scopes=("funding-inverse",),
        path="/api/v1/funding-history",
        symbol="BTC/USD:BTC",
        replies=[kucoin(paid(7, "XBTUSDM", "-0.00000012", "XBT", START - 1), more=True)],
        asks=[
            {"symbol": "XBTUSDM", "startAt": START, "endAt": END, "maxCount": 100, "offset": None}
        ],
        makes=[("XBTUSDM:7", "funding", "BTC", "-0.00000012", None, "ok")],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.exchange}-{case.scopes[0]}")
def test_a_stream_asks_as_documented_and_its_rows_become_records(case: Case) -> None:
    run_stream(case, case.scopes[0])


def bybit_records(*rows: Any) -> list[tuple[Any, ...]]:
    """Kind, asset and quantity of the records that the rows become."""
    with adapter_for("bybit", lambda asked: bybit(*rows)) as (adapter, _stub):
        page = adapter.page(stream(adapter, TRANSFERS, "funding-ledger"), None, DAY, {})
    return [brief(made)[1:4] for made in page.records]


@pytest.mark.parametrize(
    "word", ["Deposit", "Withdraw", "Transfer", "Convert", "Bybit Card", "a word of next year"]
)
def test_bybit_what_another_list_tells_or_nobody_knows_is_not_counted(word: str) -> None:
    assert bybit_records(record(word, word, "5")) == []


def test_bybit_what_earn_took_or_gave_back_is_no_interest() -> None:
    rows = [
        record("Earn", "FlexSavingSubscribe", "50", ioDirection="O"),
        record("Earn", "FlexSavingRedeem", "50"),
    ]
    assert bybit_records(*rows) == []


def test_bybit_fiat_goes_both_ways_and_an_airdrop_may_be_taken_back() -> None:
    fiat = [record("Fiat", "FiatDeposit", "9"), record("Fiat", "P2PSale", "4", ioDirection="O")]
    rows = [*fiat, record("Airdrop", "Revoked", "1", ioDirection="O")]
    assert bybit_records(*rows) == [
        ("deposit", "MNT", "9"),
        ("withdrawal", "MNT", "4"),
        ("other", "MNT", "-1"),
    ]


def test_bybit_two_rewards_of_one_second_are_two() -> None:
    rows = [record("Airdrop", "AirdropBonus", "1", afterAmt=after) for after in ("21", "22")]
    assert bybit_records(*rows) == [("reward", "MNT", "1")] * 2
    with adapter_for("bybit", lambda asked: bybit(*rows)) as (adapter, _stub):
        page = adapter.page(stream(adapter, TRANSFERS, "funding-ledger"), None, DAY, {})
    assert len({made.key for made in page.records}) == 2


def test_bybit_no_window_is_asked_for_more_than_seven_days() -> None:
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


def kucoin_ledger(word: str, direction: str, wallet: str = "MAIN") -> Any:
    row = {
        "id": "1",
        "currency": "KCS",
        "amount": "5",
        "fee": "0",
        "balance": "9",
        "accountType": wallet,
        "bizType": word,
        "direction": direction,
        "createdAt": AT,
        "context": "{}",
    }
    reply = {
        "code": "200000",
        "data": {"currentPage": 1, "pageSize": 500, "totalNum": 1, "totalPage": 1, "items": [row]},
    }
    with adapter_for("kucoin", lambda asked: reply) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, TRANSFERS, "ledger"), None, DAY, {}).records
    return made


@pytest.mark.parametrize(
    "word",
    ["Staking Profits", "Soft Staking Profits", "Distribution", "Vote for Coin", "Voting Earnings"],
)
def test_kucoin_what_a_holding_brings_is_a_reward(word: str) -> None:
    assert brief(kucoin_ledger(word, "in"))[1:4] == ("reward", "KCS", "5")


@pytest.mark.parametrize(
    ("word", "direction", "ends"),
    [("Staking", "out", ("main", "earn")), ("Redemption", "in", ("earn", "main"))],
)
def test_kucoin_what_is_staked_and_redeemed_is_a_move(
    word: str, direction: str, ends: tuple[str, str]
) -> None:
    made = kucoin_ledger(word, direction)
    assert brief(made)[1:4] == ("internal", "KCS", "5")
    assert (made.from_wallet, made.to_wallet) == ends

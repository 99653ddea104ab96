"""The simulated Binance's wallet, earn and margin interfaces (/sapi)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Transfer
from tests.simulator.binance_http import DAY, client, refusal, signed
from tests.simulator.builders import NOW_MS, still_venue


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(still_venue(accounts={"main": "binance"}), limit_scale=1000) as running:
        yield running


def by_windows(
    simulator: Simulator, path: str, days: int, oldest: int = 1300
) -> list[dict[str, Any]]:
    """Every row of a newest-first list, by windows without overlap, oldest window first."""
    rows: list[dict[str, Any]] = []
    start = NOW_MS - oldest * DAY
    while start <= NOW_MS:
        end = min(start + days * DAY - 1, NOW_MS)
        rows += signed(simulator, path, startTime=start, endTime=end).json()[::-1]
        start = end + 1
    return rows


def crypto(simulator: Simulator, kind: str) -> list[Transfer]:
    return [row for row in simulator.venue.transfers("main", kind=kind) if row.asset != "EUR"]


def test_deposits_come_in_windows_of_ninety_days(simulator: Simulator) -> None:
    rows = by_windows(simulator, "/sapi/v1/capital/deposit/hisrec", 90)
    assert [
        (r["id"], r["coin"], Decimal(r["amount"]), r["txId"], r["insertTime"]) for r in rows
    ] == [(t.id, t.asset, t.amount, t.txid, t.time_ms) for t in crypto(simulator, "deposit")]
    long = signed(simulator, "/sapi/v1/capital/deposit/hisrec", startTime=NOW_MS - 91 * DAY)
    assert refusal(long) == (400, -4047)
    recent = signed(simulator, "/sapi/v1/capital/deposit/hisrec").json()
    assert len(recent) == len(
        [t for t in crypto(simulator, "deposit") if t.time_ms >= NOW_MS - 90 * DAY]
    )


def test_withdrawals_are_dated_in_words(simulator: Simulator) -> None:
    rows = by_windows(simulator, "/sapi/v1/capital/withdraw/history", 90)
    sent = crypto(simulator, "withdrawal")
    assert [
        (r["coin"], Decimal(r["amount"]), Decimal(r["transactionFee"]), r["txId"]) for r in rows
    ] == [(t.asset, t.amount, t.fee, t.txid) for t in sent]
    assert all(len(row["applyTime"]) == len("2023-03-23 16:52:41") for row in rows)
    read = client(simulator).fetch_withdrawals(None, sent[0].time_ms - 1000)
    assert (read[0]["timestamp"], read[0]["status"]) == (sent[0].time_ms // 1000 * 1000, "ok")


def test_offset_and_limit_page_through_deposits(simulator: Simulator) -> None:
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    with running_simulator(venue, limit_scale=1000) as running:
        for number in range(5):
            venue.deposit("main", "USDT", Decimal(number + 1))
        pages = [
            [
                row["amount"]
                for row in signed(
                    running, "/sapi/v1/capital/deposit/hisrec", offset=offset, limit=2
                ).json()
            ]
            for offset in (0, 2, 4, 6)
        ]
    assert pages == [["5", "4"], ["3", "2"], ["1"], []]


def test_fiat_has_its_own_list(simulator: Simulator) -> None:
    answer = signed(
        simulator, "/sapi/v1/fiat/orders", transactionType=0, beginTime=0, endTime=NOW_MS, rows=500
    ).json()
    euros = [t for t in simulator.venue.transfers("main", kind="deposit") if t.asset == "EUR"]
    assert [Decimal(row["amount"]) for row in answer["data"][::-1]] == [t.amount for t in euros]
    assert (answer["total"], answer["code"]) == (len(euros), "000000")
    assert (
        client(simulator).fetch_deposits(None, NOW_MS - 40 * DAY, None, {"fiat": True})[0][
            "currency"
        ]
        == "EUR"
    )
    assert refusal(signed(simulator, "/sapi/v1/fiat/orders")) == (400, -1102)
    assert signed(simulator, "/sapi/v1/fiat/payments", transactionType=0).json()["data"] == []


def test_transfers_need_a_direction_and_reach_back_six_months(simulator: Simulator) -> None:
    assert refusal(signed(simulator, "/sapi/v1/asset/transfer")) == (400, -1102)
    assert refusal(signed(simulator, "/sapi/v1/asset/transfer", type="UP_DOWN")) == (400, -1130)
    assert signed(simulator, "/sapi/v1/asset/transfer", type="MAIN_UMFUTURE").json() == {
        "total": 0,
        "rows": [],
    }
    answer = signed(simulator, "/sapi/v1/asset/transfer", type="MAIN_UMFUTURE", startTime=0).json()
    moves = [
        t for t in simulator.venue.transfers("main", kind="internal", start=NOW_MS - 180 * DAY)
        if (t.from_wallet, t.to_wallet) == ("spot", "linear")
    ]  # fmt: skip
    assert [Decimal(row["amount"]) for row in answer["rows"]] == [t.amount for t in moves[::-1]]
    assert answer["total"] == len(moves) == 1
    back = client(simulator).fetch_transfers(
        None, NOW_MS - 170 * DAY, 100, {"fromAccount": "linear", "toAccount": "spot"}
    )
    assert [(t["fromAccount"], t["toAccount"], t["status"]) for t in back] == [
        ("linear", "spot", "ok")
    ]


def test_the_funding_wallet_is_read_by_post_and_shows_what_is_there(simulator: Simulator) -> None:
    balance = client(simulator).fetch_balance({"type": "funding"})
    held = {
        row.asset: row.total for row in simulator.venue.balances("main", "funding") if row.total
    }
    assert {code: Decimal(total) for code, total in balance["total"].items()} == held
    assert signed(simulator, "/sapi/v1/asset/get-funding-asset").status_code == 404
    assert signed(simulator, "/sapi/v1/asset/get-funding-asset", method="POST").status_code == 200


def test_a_body_is_signed_as_well_as_the_query(simulator: Simulator) -> None:
    exchange = client(simulator)
    assert exchange.sapiPostAssetGetFundingAsset({"asset": "ETH"})[0]["asset"] == "ETH"
    exchange.secret = "wrong"
    with pytest.raises(Exception, match="-1022"):
        exchange.sapiPostAssetGetFundingAsset({"asset": "ETH"})


def test_dust_is_reported_per_sweep(simulator: Simulator) -> None:
    answer = signed(simulator, "/sapi/v1/asset/dribblet").json()
    known = [
        row for row in simulator.venue.conversions("main", kind="dust") if row.wallet == "spot"
    ]
    details = [
        row
        for sweep in answer["userAssetDribblets"][::-1]
        for row in sweep["userAssetDribbletDetails"]
    ]
    assert [
        (
            d["fromAsset"],
            Decimal(d["amount"]),
            Decimal(d["transferedAmount"]),
            Decimal(d["serviceChargeAmount"]),
        )
        for d in details
    ] == [(c.from_asset, c.from_amount, c.to_amount, c.fee) for c in known]
    assert answer["total"] == len({c.group for c in known})
    assert len(client(simulator).fetch_my_dust_trades()) == len(known)


def test_dust_remembers_a_hundred_sweeps() -> None:
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    with running_simulator(venue, limit_scale=1000) as running:
        venue.deposit("main", "ADA", Decimal(1000))
        for second in range(103):
            venue.moves.convert(
                "main",
                "spot",
                "ADA",
                Decimal(1),
                "BNB",
                NOW_MS - 200_000 + second * 1000,
                kind="dust",
            )
        answer = signed(running, "/sapi/v1/asset/dribblet").json()
    assert answer["total"] == 100
    assert answer["userAssetDribblets"][-1]["operateTime"] == NOW_MS - 197_000


def test_dividends_default_to_twenty_and_serve_half_a_year(simulator: Simulator) -> None:
    paid = simulator.venue.incomes("main", kind="dividend")
    assert len(signed(simulator, "/sapi/v1/asset/assetDividend").json()["rows"]) == min(
        20, len(paid)
    )
    found: list[dict[str, Any]] = []
    for back in range(0, 1300, 180):
        end = NOW_MS - back * DAY
        window = {"startTime": end - 180 * DAY + 1, "endTime": end}
        found += signed(simulator, "/sapi/v1/asset/assetDividend", limit=500, **window).json()[
            "rows"
        ]
    assert [(row["id"], Decimal(row["amount"])) for row in found[::-1]] == [
        (int(i.id), i.amount) for i in paid
    ]
    long = signed(
        simulator, "/sapi/v1/asset/assetDividend", startTime=NOW_MS - 181 * DAY, endTime=NOW_MS
    )
    assert long.status_code == 400


def test_converts_are_silently_nothing_over_more_than_thirty_days(simulator: Simulator) -> None:
    path = "/sapi/v1/convert/tradeFlow"
    row = simulator.venue.conversions("main", kind="convert")[-1]
    found = signed(simulator, path, startTime=row.time_ms - DAY, endTime=row.time_ms + DAY).json()
    (reported,) = found["list"]
    assert (reported["fromAsset"], Decimal(reported["fromAmount"])) == (
        row.from_asset,
        row.from_amount,
    )
    assert (reported["toAsset"], Decimal(reported["toAmount"])) == (row.to_asset, row.to_amount)
    assert found["moreData"] is False
    long = signed(simulator, path, startTime=row.time_ms - 31 * DAY, endTime=row.time_ms + DAY)
    assert (long.status_code, long.json()["list"]) == (200, [])
    assert refusal(signed(simulator, path, startTime=1)) == (400, -1102)
    read = client(simulator).fetch_convert_trade_history(
        None, row.time_ms - DAY, None, {"until": row.time_ms + DAY}
    )
    assert [c["id"] for c in read] == [row.id]


def test_more_converts_than_a_page_holds_say_so() -> None:
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    with running_simulator(venue, limit_scale=1000) as running:
        venue.deposit("main", "USDT", Decimal(1000))
        for second in range(3):
            venue.moves.convert(
                "main", "spot", "USDT", Decimal(10), "ETH", NOW_MS - 9000 + second * 1000
            )
        answer = signed(
            running, "/sapi/v1/convert/tradeFlow", startTime=NOW_MS - DAY, endTime=NOW_MS, limit=2
        ).json()
    assert answer["moreData"] is True
    assert [row["createTime"] for row in answer["list"]] == [NOW_MS - 7000, NOW_MS - 8000]


def test_flexible_earn_shows_here_and_as_a_twin_in_spot(simulator: Simulator) -> None:
    (row,) = signed(simulator, "/sapi/v1/simple-earn/flexible/position").json()["rows"]
    twin = next(b for b in simulator.venue.balances("main", "spot") if b.asset == "LDBTC")
    assert (row["asset"], Decimal(row["totalAmount"])) == ("BTC", twin.total)
    assert signed(simulator, "/sapi/v1/simple-earn/locked/position").json() == {
        "total": 0,
        "rows": [],
    }


def test_interest_of_flexible_earn_is_a_reward_and_no_dividend(simulator: Simulator) -> None:
    path = "/sapi/v1/simple-earn/flexible/history/rewardsRecord"
    answer = signed(
        simulator, path, type="REALTIME", startTime=NOW_MS - 89 * DAY, endTime=NOW_MS, size=100
    ).json()
    interest = simulator.venue.incomes("main", kind="interest", start=NOW_MS - 89 * DAY)
    assert [(row["asset"], Decimal(row["rewards"])) for row in answer["rows"][::-1]] == [
        ("BTC", i.amount) for i in interest
    ]
    assert refusal(
        signed(simulator, path, type="REALTIME", startTime=NOW_MS - 91 * DAY, endTime=NOW_MS)
    ) == (400, -6021)
    assert refusal(signed(simulator, path)) == (400, -1102)
    moved = signed(
        simulator,
        "/sapi/v1/simple-earn/flexible/history/subscriptionRecord",
        startTime=NOW_MS - 95 * DAY,
        endTime=NOW_MS - 80 * DAY,
    )
    assert [row["asset"] for row in moved.json()["rows"]] == ["BTC"]


def test_the_key_tells_what_it_may_do(simulator: Simulator) -> None:
    rights = signed(simulator, "/sapi/v1/account/apiRestrictions").json()
    assert rights["enableReading"] is True
    assert rights["enableWithdrawals"] is rights["enableSpotAndMarginTrading"] is False


def test_wallets_and_account_answer(simulator: Simulator) -> None:
    names = {
        row["walletName"]: Decimal(row["balance"])
        for row in signed(simulator, "/sapi/v1/asset/wallet/balance").json()
    }
    assert names["Spot"] > 0 and names["Options"] == 0
    assert signed(simulator, "/sapi/v1/account/status").json() == {"data": "Normal"}
    assert signed(simulator, "/sapi/v1/account/info").json()["isFutureEnabled"] is True
    assert client(simulator).fetch_status()["status"] == "ok"

"""The simulated Binance's margin interface (/sapi/v1/margin): what the documentation says of
windows, pages, defaults and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Fill, Order, Venue, isolated_wallet
from tests.simulator.binance_http import DAY, ask, client, refusal, signed
from tests.simulator.builders import NOW_MS, still_venue

PAIR = isolated_wallet("SOL/USDT")
HOUR = DAY // 24
TRADES, ORDERS, OPEN = (
    "/sapi/v1/margin/myTrades",
    "/sapi/v1/margin/allOrders",
    "/sapi/v1/margin/openOrders",
)
INTEREST, LOANS, MOVES = (
    "/sapi/v1/margin/interestHistory",
    "/sapi/v1/margin/borrow-repay",
    "/sapi/v1/margin/transfer",
)
LIQUIDATIONS, CROSS, ISOLATED = (
    "/sapi/v1/margin/forceLiquidationRec",
    "/sapi/v1/margin/account",
    "/sapi/v1/margin/isolated/account",
)


@pytest.fixture
def bench() -> Iterator[Simulator]:
    """An account with 100,000 USDT in the cross wallet, as much in SOL/USDT's isolated one, and no
    past."""
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    for wallet in ("margin", PAIR):
        venue.deposit("main", "USDT", Decimal(100_000))
        venue.moves.internal("main", "USDT", Decimal(100_000), "spot", wallet, NOW_MS - 300 * DAY)
    with running_simulator(venue, limit_scale=1000) as running:
        yield running


def order_at(
    venue: Venue, time_ms: int, *, wallet: str = "margin", amount: str = "1", side: str = "buy"
) -> Order:
    market = venue.market("binance", "SOL/USDT")
    return venue.trader.place(
        "main", market, side, "limit", Decimal(amount), time_ms, price=Decimal(100), wallet=wallet
    )


def fill_at(venue: Venue, time_ms: int, *, wallet: str = "margin") -> Fill:
    return venue.trader.fill(
        order_at(venue, time_ms, wallet=wallet), Decimal(1), Decimal(100), time_ms, maker=True
    )


def ids(simulator: Simulator, path: str, **params: Any) -> list[str]:
    rows = signed(simulator, path, symbol="SOLUSDT", **params).json()
    return [str(row["id" if path == TRADES else "orderId"]) for row in rows]


# -- accounts
#   ------------------------------------------------------------------------------------------------


def test_the_cross_account_tells_what_is_held_and_owed_and_the_net(bench: Simulator) -> None:
    venue = bench.venue
    (sold,) = venue.margin_trade("main", "SOL/USDT", "sell", Decimal(3))
    venue.accrue("main", "SOL", rate=Decimal("0.01"))
    venue.margin_place("main", "SOL/USDT", "buy", Decimal(2), Decimal(50))
    answer = signed(bench, CROSS).json()
    rows = {row["asset"]: row for row in answer["userAssets"]}
    assert rows["SOL"] == {
        "asset": "SOL",
        "borrowed": "3.00000000",
        "free": "0.00000000",
        "interest": "0.03000000",
        "locked": "0.00000000",
        "netAsset": "-3.03000000",
    }
    cash = 100_000 + sold.cost - sold.fees[0][1]
    assert (Decimal(rows["USDT"]["locked"]), Decimal(rows["USDT"]["netAsset"])) == (
        Decimal("100.6"),
        cash,
    )
    assert (answer["created"], answer["accountType"]) == (True, "MARGIN_1")
    worth, owed = Decimal(answer["totalAssetOfBtc"]), Decimal(answer["totalLiabilityOfBtc"])
    assert Decimal(answer["totalNetAssetOfBtc"]) == worth - owed > 0
    assert Decimal(answer["marginLevel"]) == pytest.approx(worth / owed, rel=Decimal("1e-4"))


def test_every_margin_asset_has_a_row_though_nothing_is_there(bench: Simulator) -> None:
    rows = {row["asset"]: row["netAsset"] for row in signed(bench, CROSS).json()["userAssets"]}
    assert rows.keys() >= {"BTC", "ETH", "NEAR", "ATOM"}
    assert {asset for asset, net in rows.items() if Decimal(net)} == {"USDT"}
    assert signed(bench, CROSS).json()["marginLevel"] == "999.00000000"


def test_ccxt_reads_free_used_and_debt(bench: Simulator) -> None:
    bench.venue.margin_trade("main", "SOL/USDT", "sell", Decimal(3))
    read = client(bench).fetch_balance({"type": "margin"})["SOL"]
    assert {name: Decimal(read[name]) for name in ("free", "used", "debt")} == {
        "free": 0,
        "used": 0,
        "debt": 3,
    }


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (CROSS, {}), (TRADES, {"symbol": "SOLUSDT"}), (ORDERS, {"symbol": "SOLUSDT"}), (OPEN, {}), (INTEREST, {}),  # noqa: E501
        (LOANS, {"type": "BORROW"}), (MOVES, {}), (LIQUIDATIONS, {}),
    ],
)  # fmt: skip
def test_a_user_without_a_margin_account_is_refused(
    bench: Simulator, path: str, params: dict[str, str]
) -> None:
    bench.venue.set_margin("main", "none")
    answer = signed(bench, path, **params)
    assert refusal(answer) == (400, -3003)
    assert answer.json()["msg"] == "Margin account does not exist."


def test_a_margin_account_not_created_may_also_be_reported_as_such(bench: Simulator) -> None:
    bench.venue.set_margin("main", "uncreated")
    answer = signed(bench, CROSS).json()
    assert (answer["created"], answer["userAssets"]) == (False, [])
    assert refusal(signed(bench, TRADES, symbol="SOLUSDT")) == (400, -3003)
    assert signed(bench, "/sapi/v1/account/info").json()["isMarginEnabled"] is False


def test_accounts_have_margin_as_their_profile_says() -> None:
    venue = still_venue(accounts={"main": "binance", "kraken": "kraken"}, history_too=False)
    assert (venue.account("main").margin, venue.account("kraken").margin) == ("open", "none")


def test_the_isolated_account_tells_every_pair_and_the_totals(bench: Simulator) -> None:
    venue = bench.venue
    venue.margin_trade("main", "SOL/USDT", "sell", Decimal(3), isolated=True)
    venue.accrue("main", "SOL", pair="SOL/USDT", rate=Decimal("0.01"))
    venue.deposit("main", "ADA", Decimal(50))
    venue.transfer("main", "ADA", Decimal(50), "spot", isolated_wallet("ADA/USDT"))
    answer = signed(bench, ISOLATED).json()
    sol, ada = answer["assets"]
    assert (sol["symbol"], ada["symbol"], sol["enabled"], sol["isolatedCreated"]) == (
        "SOLUSDT",
        "ADAUSDT",
        True,
        True,
    )
    base = sol["baseAsset"]
    assert {
        name: base[name] for name in ("asset", "borrowed", "interest", "netAsset", "totalAsset")
    } == {
        "asset": "SOL",
        "borrowed": "3.00000000",
        "interest": "0.03000000",
        "netAsset": "-3.03000000",
        "totalAsset": "0.00000000",
    }
    assert (ada["baseAsset"]["free"], ada["quoteAsset"]["netAsset"]) == (
        "50.00000000",
        "0.00000000",
    )
    nets = [
        Decimal(pair[side]["netAssetOfBtc"])
        for pair in (sol, ada)
        for side in ("baseAsset", "quoteAsset")
    ]
    assert Decimal(answer["totalNetAssetOfBtc"]) == pytest.approx(sum(nets), abs=Decimal("1e-7"))


def test_named_isolated_pairs_come_without_totals_and_five_are_the_most(bench: Simulator) -> None:
    answer = signed(bench, ISOLATED, symbols="SOLUSDT,BTCUSDT").json()
    assert [pair["symbol"] for pair in answer["assets"]] == ["SOLUSDT"]
    assert answer.keys() == {"assets"}
    assert signed(bench, ISOLATED, symbols="ETHUSDT").json() == {"assets": []}
    assert refusal(
        signed(bench, ISOLATED, symbols="BTCUSDT,ETHUSDT,SOLUSDT,BNBUSDT,XRPUSDT,ADAUSDT")
    ) == (400, -3026)
    assert refusal(signed(bench, ISOLATED, symbols="NOPEUSDT")) == (400, -1121)
    read = client(bench).fetch_balance({"marginMode": "isolated"})
    assert Decimal(read["USDT"]["total"]) == 100_000


# -- trades
#   ------------------------------------------------------------------------------------------------


def test_a_trade_on_margin_has_the_documented_fields(bench: Simulator) -> None:
    fill = fill_at(bench.venue, NOW_MS - HOUR)
    assert signed(bench, TRADES, symbol="SOLUSDT").json() == [
        {
            "commission": "0.00100000",
            "commissionAsset": "SOL",
            "id": int(fill.id),
            "isBestMatch": True,
            "isBuyer": True,
            "isMaker": True,
            "orderId": int(fill.order_id),
            "price": "100.00000000",
            "qty": "1.00000000",
            "symbol": "SOLUSDT",
            "isIsolated": False,
            "time": NOW_MS - HOUR,
        }
    ]


def test_spot_cross_and_isolated_answer_apart_though_their_ids_are_one_sequence(
    bench: Simulator,
) -> None:
    venue = bench.venue
    venue.deposit("main", "USDT", Decimal(1000))
    fills = [
        fill_at(venue, NOW_MS - HOUR, wallet=wallet)
        for wallet in ("margin", PAIR, "spot", PAIR, "margin")
    ]
    assert len({fill.id for fill in fills}) == 5
    assert ids(bench, TRADES, fromId=0) == [fills[0].id, fills[4].id]
    assert ids(bench, TRADES, fromId=0, isIsolated="FALSE") == [fills[0].id, fills[4].id]
    assert ids(bench, TRADES, fromId=0, isIsolated="TRUE") == [fills[1].id, fills[3].id]
    spot = signed(bench, "/api/v3/myTrades", symbol="SOLUSDT", fromId=0).json()
    assert [str(row["id"]) for row in spot] == [fills[2].id]
    assert len(signed(bench, "/api/v3/allOrders", symbol="SOLUSDT", orderId=0).json()) == 1
    (row,) = [
        row for row in signed(bench, "/api/v3/account").json()["balances"] if row["asset"] == "SOL"
    ]
    assert row["free"] == "0.99900000"


def test_an_id_gives_trades_from_it_on_whatever_their_age(bench: Simulator) -> None:
    fills = [fill_at(bench.venue, NOW_MS - age * DAY) for age in (290, 200, 100, 1, 0)]
    assert ids(bench, TRADES, fromId=0, limit=2) == [fills[0].id, fills[1].id]
    assert ids(bench, TRADES, fromId=fills[1].id) == [fill.id for fill in fills[1:]]
    assert ids(bench, TRADES, fromId=int(fills[4].id) + 1) == []
    assert ids(bench, TRADES, orderId=fills[2].order_id) == [fills[2].id]


def test_without_an_id_only_one_day_is_served(bench: Simulator) -> None:
    start = NOW_MS - 50 * DAY
    fills = [
        fill_at(bench.venue, when)
        for when in (start, start + HOUR, start + DAY, NOW_MS - DAY - 1, NOW_MS - HOUR)
    ]
    assert ids(bench, TRADES) == [fills[4].id]
    assert ids(bench, TRADES, startTime=start) == [fills[0].id, fills[1].id]
    assert ids(bench, TRADES, startTime=start, limit=1) == [fills[0].id]
    assert ids(bench, TRADES, endTime=start + DAY) == [fills[1].id, fills[2].id]
    assert ids(bench, TRADES, startTime=start, endTime=start + DAY - 1) == [
        fills[0].id,
        fills[1].id,
    ]


def test_a_day_between_start_and_end_is_too_much(bench: Simulator) -> None:
    for path, longest in ((TRADES, DAY - 1), (ORDERS, DAY)):
        assert (
            signed(
                bench, path, symbol="SOLUSDT", startTime=NOW_MS - longest, endTime=NOW_MS
            ).status_code
            == 200
        )
        long = signed(bench, path, symbol="SOLUSDT", startTime=NOW_MS - longest - 1, endTime=NOW_MS)
        assert refusal(long) == (400, -1127)
        assert refusal(
            signed(bench, path, symbol="SOLUSDT", startTime=NOW_MS, endTime=NOW_MS - 1)
        ) == (400, -1127)


def test_what_cannot_be_answered_about_trades_is_refused(bench: Simulator) -> None:
    assert refusal(signed(bench, TRADES)) == (400, -1102)
    assert refusal(signed(bench, TRADES, symbol="NOPEUSDT")) == (400, -1121)
    assert refusal(signed(bench, TRADES, symbol="SOLUSDT", isIsolated="PERHAPS")) == (400, -1130)
    assert refusal(signed(bench, TRADES, symbol="SOLUSDT", fromId=1, startTime=1)) == (400, -1128)
    assert refusal(signed(bench, TRADES, symbol="BTCUSDT", isIsolated="TRUE")) == (400, -11001)
    assert signed(bench, TRADES, symbol="BTCUSDT", fromId=0).json() == []


def test_a_page_of_trades_holds_five_hundred_and_a_thousand_at_most(bench: Simulator) -> None:
    fills = bench.venue.margin_trade("main", "SOL/USDT", "buy", Decimal("10.03"), parts=1003)
    assert ids(bench, TRADES) == [fill.id for fill in fills[-500:]]
    assert ids(bench, TRADES, limit=5000) == [fill.id for fill in fills[-1000:]]
    assert ids(bench, TRADES, fromId=0) == [fill.id for fill in fills[:500]]
    assert {row["time"] for row in signed(bench, TRADES, symbol="SOLUSDT").json()} == {NOW_MS}


def test_ccxt_reads_trades_of_both_kinds_of_margin(bench: Simulator) -> None:
    cross, isolated = (
        fill_at(bench.venue, NOW_MS - HOUR),
        fill_at(bench.venue, NOW_MS - HOUR, wallet=PAIR),
    )
    exchange = client(bench)
    for mode, fill in (("cross", cross), ("isolated", isolated)):
        (trade,) = exchange.fetch_my_trades("SOL/USDT", None, None, {"marginMode": mode})
        assert (trade["id"], Decimal(trade["cost"]), trade["fee"]["currency"]) == (
            fill.id,
            100,
            "SOL",
        )


# -- orders
#   ------------------------------------------------------------------------------------------------


def test_orders_come_from_an_id_on_or_of_the_last_day(bench: Simulator) -> None:
    venue = bench.venue
    orders = [order_at(venue, NOW_MS - age) for age in (90 * DAY, 40 * DAY, DAY + 1, DAY, HOUR)]
    other = order_at(venue, NOW_MS - HOUR, wallet=PAIR)
    assert ids(bench, ORDERS) == [order.id for order in orders[3:]]
    assert ids(bench, ORDERS, orderId=orders[1].id) == [order.id for order in orders[1:]]
    assert ids(bench, ORDERS, startTime=NOW_MS - 40 * DAY) == [orders[1].id]
    assert ids(bench, ORDERS, orderId=0, limit=2) == [order.id for order in orders[:2]]
    assert ids(bench, ORDERS, orderId=0, isIsolated="TRUE") == [other.id]
    assert refusal(signed(bench, ORDERS)) == (400, -1102)


def test_an_order_cancelled_after_a_part_tells_how_much_was_filled(bench: Simulator) -> None:
    venue = bench.venue
    order = order_at(venue, NOW_MS - HOUR, amount="3")
    venue.trader.fill(order, Decimal(1), Decimal(100), NOW_MS - HOUR, maker=True)
    venue.trader.finish(order, "canceled", NOW_MS - HOUR + 5)
    (row,) = signed(bench, ORDERS, symbol="SOLUSDT").json()
    assert row == {
        "clientOrderId": order.client_id,
        "cummulativeQuoteQty": "100.00000000",
        "executedQty": "1.00000000",
        "icebergQty": "0.00000000",
        "isWorking": True,
        "orderId": int(order.id),
        "origQty": "3.00000000",
        "price": "100.00000000",
        "side": "BUY",
        "status": "CANCELED",
        "stopPrice": "0.00000000",
        "symbol": "SOLUSDT",
        "isIsolated": False,
        "time": NOW_MS - HOUR,
        "timeInForce": "GTC",
        "type": "LIMIT",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "updateTime": NOW_MS - HOUR + 5,
    }


def test_a_page_of_orders_holds_five_hundred_at_most(bench: Simulator) -> None:
    orders = [order_at(bench.venue, NOW_MS - HOUR, amount="0.1") for _ in range(502)]
    assert ids(bench, ORDERS, limit=1000) == [order.id for order in orders[2:]]
    assert ids(bench, ORDERS, orderId=0, limit=1000) == [order.id for order in orders[:500]]


def test_open_orders_of_an_isolated_pair_are_found_by_its_symbol_only(bench: Simulator) -> None:
    venue = bench.venue
    cross = order_at(venue, NOW_MS - HOUR)
    isolated = order_at(venue, NOW_MS - HOUR, wallet=PAIR)
    assert [str(row["orderId"]) for row in signed(bench, OPEN).json()] == [cross.id]
    assert ids(bench, OPEN) == [cross.id]
    assert ids(bench, OPEN, isIsolated="TRUE") == [isolated.id]
    assert refusal(signed(bench, OPEN, isIsolated="TRUE")) == (400, -1102)
    assert signed(bench, OPEN, symbol="BTCUSDT").json() == []
    assert signed(bench, "/api/v3/openOrders").json() == []
    exchange = client(bench)
    assert [
        o["id"]
        for o in exchange.fetch_open_orders("SOL/USDT", None, None, {"marginMode": "isolated"})
    ] == [isolated.id]


# -- interest
#   ------------------------------------------------------------------------------------------------


def accrued(venue: Venue, *ages: float, wallet: str = "margin", asset: str = "USDT") -> None:
    """A loan of 1000 a year ago, and a day's interest of 0.1 % so many days ago."""
    venue.loans.borrow("main", wallet, asset, Decimal(1000), NOW_MS - 365 * DAY)
    for age in ages:
        venue.loans.accrue("main", wallet, asset, NOW_MS - int(age * DAY), rate=Decimal("0.001"))


def interest_ages(simulator: Simulator, **params: Any) -> list[float]:
    rows = signed(simulator, INTEREST, **params).json()["rows"]
    return [(NOW_MS - row["interestAccuredTime"]) / DAY for row in rows]


def test_interest_rows_of_cross_and_isolated_differ_in_two_fields(bench: Simulator) -> None:
    venue = bench.venue
    accrued(venue, 1)
    accrued(venue, 2, wallet=PAIR, asset="SOL")
    cross, isolated = venue.incomes("main", kind="loan_interest")[::-1]
    assert signed(bench, INTEREST).json() == {
        "total": 1,
        "rows": [
            {
                "txId": int(cross.id),
                "interestAccuredTime": NOW_MS - DAY,
                "asset": "USDT",
                "rawAsset": "USDT",
                "principal": "1000",
                "interest": "1",
                "interestRate": "0.001",
                "type": "PERIODIC",
            }
        ],
    }
    (row,) = signed(bench, INTEREST, isolatedSymbol="SOLUSDT").json()["rows"]
    assert (row["txId"], row["asset"], row["isolatedSymbol"]) == (
        int(isolated.id),
        "SOL",
        "SOLUSDT",
    )
    assert "rawAsset" not in row
    assert refusal(signed(bench, INTEREST, isolatedSymbol="BTCUSDT")) == (400, -11001)
    assert refusal(signed(bench, INTEREST, isolatedSymbol="NOPE")) == (400, -1121)


def test_interest_is_served_by_windows_newest_first(bench: Simulator) -> None:
    accrued(bench.venue, 89, 60, 40, 29, 8, 6, 1)
    now = NOW_MS
    assert interest_ages(bench) == [1, 6]
    assert interest_ages(bench, startTime=now - 20 * DAY, endTime=now) == [1, 6, 8]
    assert interest_ages(bench, endTime=now - 40 * DAY) == [40]
    assert interest_ages(bench, endTime=now - 53 * DAY) == [60]
    assert interest_ages(bench, startTime=now - 60 * DAY, endTime=now - 30 * DAY) == [40, 60]
    assert interest_ages(bench, startTime=now - 89 * DAY, endTime=now - 61 * DAY) == [89]
    long = signed(bench, INTEREST, startTime=now - 30 * DAY - 1, endTime=now)
    assert refusal(long) == (400, -4047)


def test_a_lone_start_older_than_thirty_days_is_cut_without_a_word(bench: Simulator) -> None:
    accrued(bench.venue, 60, 31, 29, 2)
    assert interest_ages(bench, startTime=NOW_MS - 89 * DAY) == [2, 29]


def test_interest_older_than_ninety_days_is_gone(bench: Simulator) -> None:
    accrued(bench.venue, 100, 91, 89)
    assert interest_ages(bench, startTime=NOW_MS - 110 * DAY, endTime=NOW_MS - 81 * DAY) == [89]
    assert interest_ages(bench, startTime=NOW_MS - 120 * DAY, endTime=NOW_MS - 91 * DAY) == []


def test_interest_is_paged_by_ten_and_a_hundred_at_most_and_filtered_by_asset(
    bench: Simulator,
) -> None:
    venue = bench.venue
    accrued(venue, *(1 - n / 200 for n in range(105)))
    accrued(venue, 3, asset="SOL")
    first = signed(bench, INTEREST).json()
    assert (first["total"], len(first["rows"])) == (106, 10)
    assert len(signed(bench, INTEREST, size=1000).json()["rows"]) == 100
    rest = signed(bench, INTEREST, size=100, current=2).json()["rows"]
    assert [row["asset"] for row in rest] == ["USDT"] * 5 + ["SOL"]
    assert signed(bench, INTEREST, asset="SOL").json()["total"] == 1
    (read,) = client(bench).fetch_borrow_interest("SOL")
    assert (Decimal(read["interest"]), Decimal(read["amountBorrowed"]), read["marginMode"]) == (
        1,
        1000,
        "cross",
    )


# -- loans
#   ------------------------------------------------------------------------------------------------


def test_loans_and_repayments_are_asked_for_by_type(bench: Simulator) -> None:
    venue = bench.venue
    venue.loans.borrow("main", "margin", "SOL", Decimal(10), NOW_MS - 5 * DAY)
    venue.loans.accrue("main", "margin", "SOL", NOW_MS - 4 * DAY, rate=Decimal("0.01"))
    paid = venue.loans.repay("main", "margin", "SOL", Decimal("5.1"), NOW_MS - 3 * DAY)
    (loan,) = signed(bench, LOANS, type="BORROW").json()["rows"]
    assert (loan["asset"], loan["amount"], loan["principal"], loan["interest"]) == (
        "SOL",
        "10.00000000",
        "10.00000000",
        "0.00000000",
    )
    assert signed(bench, LOANS, type="REPAY").json() == {
        "total": 1,
        "rows": [
            {
                "type": "MANUAL",
                "amount": "5.10000000",
                "asset": "SOL",
                "interest": "0.10000000",
                "principal": "5.00000000",
                "status": "CONFIRMED",
                "timestamp": NOW_MS - 3 * DAY,
                "txId": int(paid.id),
            }
        ],
    }
    assert refusal(signed(bench, LOANS)) == (400, -1102)
    assert refusal(signed(bench, LOANS, type="LEND")) == (400, -1130)


def test_a_loan_made_by_the_order_itself_says_so(bench: Simulator) -> None:
    bench.venue.margin_trade("main", "SOL/USDT", "sell", Decimal(1))
    (row,) = signed(bench, LOANS, type="BORROW").json()["rows"]
    assert (row["type"], row["amount"]) == ("AUTO", "1.00000000")


def test_loans_reach_seven_days_before_the_end_or_thirty_for_one_asset(bench: Simulator) -> None:
    venue = bench.venue
    for age in (95, 80, 29, 20, 6):
        venue.loans.borrow("main", "margin", "USDT", Decimal(age), NOW_MS - age * DAY)
    venue.loans.borrow("main", PAIR, "USDT", Decimal(5), NOW_MS - 5 * DAY)

    def found(**params: Any) -> list[int]:
        return [
            int(Decimal(row["amount"]))
            for row in signed(bench, LOANS, type="BORROW", **params).json()["rows"]
        ]

    assert found() == [6]
    assert found(startTime=NOW_MS - 40 * DAY) == [6]
    assert found(asset="USDT") == [6]
    assert found(asset="USDT", startTime=NOW_MS - 40 * DAY) == [6, 20, 29]
    assert found(asset="USDT", startTime=NOW_MS - 90 * DAY, endTime=NOW_MS - 75 * DAY) == [80]
    assert found(asset="USDT", startTime=NOW_MS - 100 * DAY, endTime=NOW_MS - 91 * DAY) == []
    assert found(isolatedSymbol="SOLUSDT") == [5]
    old = venue.loan_events("main", kind="borrow")[1]
    assert found(txId=old.id) == [80]


# -- transfers
#   ------------------------------------------------------------------------------------------------


def move_at(venue: Venue, age: float, amount: int, from_wallet: str, to_wallet: str) -> None:
    venue.moves.internal(
        "main", "USDT", Decimal(amount), from_wallet, to_wallet, NOW_MS - int(age * DAY)
    )


def test_transfers_of_the_cross_wallet_and_of_an_isolated_one(bench: Simulator) -> None:
    move_at(bench.venue, 3, 30, "margin", "spot")
    move_at(bench.venue, 2, 20, "margin", PAIR)
    answer = signed(bench, MOVES).json()
    reported = [
        (r["amount"], r["type"], r["transFrom"], r["transTo"], r.get("toSymbol"))
        for r in answer["rows"]
    ]
    assert reported == [
        ("20.00000000", "ROLL_OUT", "CROSS_MARGIN", "ISOLATED_MARGIN", "SOLUSDT"),
        ("30.00000000", "ROLL_OUT", "CROSS_MARGIN", "SPOT", None),
    ]
    (row,) = signed(bench, MOVES, isolatedSymbol="SOLUSDT").json()["rows"]
    assert (row["type"], row["timestamp"], row["status"]) == (
        "ROLL_IN",
        NOW_MS - 2 * DAY,
        "CONFIRMED",
    )
    assert signed(bench, MOVES, type="ROLL_IN").json() == {"total": 0, "rows": []}
    assert signed(bench, MOVES, asset="BTC").json()["total"] == 0
    assert refusal(signed(bench, MOVES, type="UP")) == (400, -1130)


def test_transfers_come_by_thirty_days_of_the_last_half_year(bench: Simulator) -> None:
    for age in (190, 170, 20, 8, 6):
        move_at(bench.venue, age, age, "margin", "spot")

    def found(**params: Any) -> list[int]:
        return [
            int(Decimal(row["amount"])) for row in signed(bench, MOVES, **params).json()["rows"]
        ]

    assert found() == [6]
    assert found(startTime=NOW_MS - 30 * DAY) == [6, 8, 20]
    assert found(startTime=NOW_MS - 195 * DAY, endTime=NOW_MS - 165 * DAY) == [170]
    assert refusal(signed(bench, MOVES, startTime=NOW_MS - 31 * DAY)) == (400, -4047)


def test_universal_transfers_know_cross_and_isolated_margin(bench: Simulator) -> None:
    venue, path = bench.venue, "/sapi/v1/asset/transfer"
    ada = isolated_wallet("ADA/USDT")
    moves = (
        ("margin", "spot", "MARGIN_MAIN", {}),
        ("spot", "margin", "MAIN_MARGIN", {}),
        ("margin", "funding", "MARGIN_FUNDING", {}),
        ("margin", "linear", "MARGIN_UMFUTURE", {}),
        ("spot", PAIR, "MAIN_ISOLATED_MARGIN", {"toSymbol": "SOLUSDT"}),
        (PAIR, "spot", "ISOLATED_MARGIN_MAIN", {"fromSymbol": "SOLUSDT"}),
        ("margin", PAIR, "MARGIN_ISOLATEDMARGIN", {"toSymbol": "SOLUSDT"}),
        (PAIR, "margin", "ISOLATEDMARGIN_MARGIN", {"fromSymbol": "SOLUSDT"}),
        (
            PAIR,
            ada,
            "ISOLATEDMARGIN_ISOLATEDMARGIN",
            {"fromSymbol": "SOLUSDT", "toSymbol": "ADAUSDT"},
        ),
    )
    venue.deposit("main", "USDT", Decimal(1000))
    for number, (source, target, _, _) in enumerate(moves):
        move_at(venue, 1, number + 1, source, target)
    for number, (_, _, kind, pairs) in enumerate(moves):
        rows = signed(bench, path, type=kind, **pairs).json()["rows"]
        assert [(row["amount"], row["type"]) for row in rows] == [(str(number + 1), kind)]
        if pairs:
            assert refusal(signed(bench, path, type=kind)) == (400, -1102)
    assert signed(bench, path, type="MAIN_ISOLATED_MARGIN", toSymbol="ADAUSDT").json()["total"] == 0
    assert refusal(signed(bench, path, type="MAIN_ISOLATEDMARGIN", toSymbol="SOLUSDT")) == (
        400,
        -1130,
    )


# -- the rest
#   ------------------------------------------------------------------------------------------------


def test_liquidations_are_orders_that_the_exchange_placed(bench: Simulator) -> None:
    venue = bench.venue
    venue.margin_trade("main", "SOL/USDT", "buy", Decimal(2), isolated=True)
    (fill,) = venue.margin_trade("main", "SOL/USDT", "sell", Decimal(1), isolated=True, forced=True)
    assert signed(bench, LIQUIDATIONS).json() == {
        "total": 1,
        "rows": [
            {
                "avgPrice": f"{fill.price:.8f}",
                "executedQty": "1.00000000",
                "orderId": int(fill.order_id),
                "price": "0.00000000",
                "qty": "1.00000000",
                "side": "SELL",
                "symbol": "SOLUSDT",
                "timeInForce": "GTC",
                "isIsolated": True,
                "updatedTime": NOW_MS,
            }
        ],
    }
    assert signed(bench, LIQUIDATIONS, isolatedSymbol="SOLUSDT").json()["total"] == 1
    assert signed(bench, LIQUIDATIONS, endTime=NOW_MS - 1).json() == {"total": 0, "rows": []}
    (read,) = client(bench).fetch_my_liquidations("SOL/USDT")
    assert (read["symbol"], Decimal(read["contracts"])) == ("SOL/USDT", 1)


def test_dust_is_reported_per_kind_of_account(bench: Simulator) -> None:
    venue, path = bench.venue, "/sapi/v1/asset/dribblet"
    venue.deposit("main", "ADA", Decimal(5))
    for wallet, asset in (("spot", "ADA"), ("margin", "USDT"), (PAIR, "USDT")):
        venue.moves.convert("main", wallet, asset, Decimal(5), "BNB", NOW_MS - HOUR, kind="dust")

    def assets(**params: str) -> list[str]:
        sweeps = signed(bench, path, **params).json()["userAssetDribblets"]
        return [row["fromAsset"] for sweep in sweeps for row in sweep["userAssetDribbletDetails"]]

    assert assets() == assets(accountType="SPOT") == ["ADA"]
    assert assets(accountType="MARGIN") == ["USDT", "USDT"]
    assert refusal(signed(bench, path, accountType="EARN")) == (400, -1130)
    assert len(client(bench).fetch_my_dust_trades(None, None, None, {"type": "margin"})) == 2


@pytest.mark.parametrize(
    ("path", "params", "weight"),
    [
        (CROSS, {}, 10), (ISOLATED, {}, 10), (TRADES, {"symbol": "SOLUSDT"}, 10), (ORDERS, {"symbol": "SOLUSDT"}, 200),  # noqa: E501
        (OPEN, {}, 10), (INTEREST, {}, 1), (LOANS, {"type": "REPAY"}, 10), (MOVES, {}, 1), (LIQUIDATIONS, {}, 1),  # noqa: E501
    ],
)  # fmt: skip
def test_documented_weights(
    bench: Simulator, path: str, params: dict[str, str], weight: int
) -> None:
    assert signed(bench, path, **params).headers["X-SAPI-USED-IP-WEIGHT-1M"] == str(weight)


def test_markets_say_whether_they_are_offered_on_margin(bench: Simulator) -> None:
    symbols = {row["symbol"]: row for row in ask(bench, "/api/v3/exchangeInfo").json()["symbols"]}
    offered = {name for name, row in symbols.items() if row["isMarginTradingAllowed"]}
    assert {"SOLUSDT", "NEARUSDT", "ATOMUSDT"} <= offered
    assert "BTCEUR" not in offered
    assert all(
        ("MARGIN" in row["permissionSets"][0]) == (name in offered) for name, row in symbols.items()
    )
    key = bench.venue.account("main").api_key
    pairs = ask(bench, "/sapi/v1/margin/allPairs", key=key).json()
    assert {pair["symbol"] for pair in pairs} == offered
    assert {
        pair["symbol"] for pair in signed(bench, "/sapi/v1/margin/isolated/allPairs").json()
    } == offered
    market = client(bench, with_keys_markets=True).load_markets()["NEAR/USDT"]
    assert market["margin"] and market["marginModes"] == {"cross": True, "isolated": True}


def test_the_worth_of_margin_wallets_is_net_of_what_they_owe(bench: Simulator) -> None:
    def worth() -> tuple[Decimal, Decimal]:
        rows = {
            r["walletName"]: Decimal(r["balance"])
            for r in signed(bench, "/sapi/v1/asset/wallet/balance").json()
        }
        return rows["Cross Margin"], rows["Isolated Margin"]

    before = worth()
    for pair in (None, "SOL/USDT"):
        bench.venue.borrow("main", "USDT", Decimal(50_000), pair=pair)
    assert before == worth() and min(before) > 0


@pytest.mark.parametrize(
    "path", [CROSS, TRADES, ORDERS, OPEN, INTEREST, LOANS, MOVES, LIQUIDATIONS, ISOLATED]
)
def test_every_request_must_be_signed(bench: Simulator, path: str) -> None:
    assert refusal(ask(bench, path, symbol="SOLUSDT")) == (401, -2014)
    assert refusal(signed(bench, path, symbol="SOLUSDT", secret="wrong")) == (400, -1022)

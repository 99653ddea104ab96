"""The simulated Bybit through the real ccxt: markets, balances, executions, orders and positions
are the venue's truth."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import truth_of
from tests.simulator.builders import NOW_MS
from tests.simulator.bybit_world import (
    DAY,
    KEPT,
    WEEK,
    bybit_client,
    bybit_venue,
    everything,
    pages,
)

CATEGORIES = ("spot", "linear", "inverse")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(bybit_venue(), limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Any:
    return bybit_client(simulator)


@pytest.fixture(scope="module")
def all_executions(client: Any) -> dict[str, list[Any]]:
    call = client.privateGetV5ExecutionList
    return {
        name: everything(call, category=name, execType="Trade", limit=100) for name in CATEGORIES
    }


def decimals(amounts: dict[str, str]) -> dict[str, Decimal]:
    return {code: Decimal(amount) for code, amount in amounts.items() if Decimal(amount)}


# -- markets
#   ------------------------------------------------------------------------------------------------


def test_markets_of_all_categories_are_loaded_and_prelaunch_ones_are_asked_for(
    client: Any, simulator: Simulator
) -> None:
    assert set(client.markets) == {
        m.symbol for m in simulator.venue.markets("bybit", listed_at=NOW_MS)
    }
    assert client.market("BTC/USDC:USDC")["id"] == "BTCPERP"
    assert client.market("BTC/USD:BTC")["contractSize"] == "1"
    asked = [r.params for r in simulator.calls("bybit", "instruments-info")]
    assert {"category": "linear", "limit": "1000", "status": "PreLaunch"} in asked


def test_contracts_are_listed_by_pages_and_spot_all_at_once(client: Any) -> None:
    found = [
        row["symbol"]
        for page in pages(client.publicGetV5MarketInstrumentsInfo, category="linear", limit=4)
        for row in page
    ]
    assert found == ["BTCPERP", "BTCUSDT", "ETHPERP", "ETHUSDT", "SOLUSDT", "XRPUSDT"]
    spot = client.publicGetV5MarketInstrumentsInfo({"category": "spot", "limit": 2})["result"]
    assert len(spot["list"]) == 15
    assert "nextPageCursor" not in spot
    assert (
        client.publicGetV5MarketInstrumentsInfo({"category": "option", "baseCoin": "BTC"})[
            "result"
        ]["list"]
        == []
    )


def test_currencies_are_coins_only(client: Any) -> None:
    client.load_markets(True)
    assert {"BTC", "USDT", "TON"} <= set(client.fetch_currencies())
    assert "EUR" not in client.fetch_currencies()


@pytest.mark.parametrize("category", CATEGORIES)
def test_tickers_carry_the_venues_prices(client: Any, simulator: Simulator, category: str) -> None:
    kind = "spot" if category == "spot" else "swap"
    found = client.fetch_tickers(params={"type": kind, "subType": category})
    expected = {t.market.symbol: t for t in simulator.venue.tickers("bybit", category)}
    assert set(found) == set(expected)
    for symbol, ticker in expected.items():
        last = found[symbol]["last"]
        assert (None if last is None else Decimal(last)) == ticker.last
        assert Decimal(found[symbol]["bid"]) == ticker.bid
    if category == "spot":
        assert found["MNT/USDC"]["last"] is None


def test_candles_come_newest_first_and_a_thousand_at_most(client: Any) -> None:
    query = {"category": "spot", "symbol": "BTCUSDT", "interval": "1", "limit": 1500}
    rows = client.publicGetV5MarketKline(query)["result"]["list"]
    assert len(rows) == 1000
    times = [int(row[0]) for row in rows]
    assert times == sorted(times, reverse=True)
    assert times[0] == NOW_MS // 60_000 * 60_000
    assert (
        len(
            client.publicGetV5MarketKline({**query, "limit": 200, "end": times[100]})["result"][
                "list"
            ]
        )
        == 200
    )
    since = times[500]
    assert [c[0] for c in client.fetch_ohlcv("BTC/USDT", "1m", since, 5)] == [
        since + n * 60_000 for n in range(5)
    ]


# -- balances
#   ------------------------------------------------------------------------------------------------


def test_both_wallets_equal_the_truth(client: Any, simulator: Simulator) -> None:
    truth = truth_of(simulator.venue)["accounts"]["bybit"]["balances"]
    assert decimals(client.fetch_balance()["total"]) == decimals(truth["unified"])
    assert decimals(client.fetch_balance({"type": "funding"})["total"]) == decimals(
        truth["funding"]
    )


def test_wallet_balance_leaves_unrealised_profit_to_equity(client: Any) -> None:
    account = client.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})["result"]["list"][
        0
    ]
    for coin in account["coin"]:
        assert Decimal(coin["equity"]) == Decimal(coin["walletBalance"]) + Decimal(
            coin["unrealisedPnl"]
        )
        assert coin["availableToWithdraw"] == ""
    usdt = next(coin for coin in account["coin"] if coin["coin"] == "USDT")
    gains = [
        Decimal(p["unrealizedPnl"]) for p in client.fetch_positions(params={"settleCoin": "USDT"})
    ]
    assert Decimal(usdt["unrealisedPnl"]) == sum(gains) != 0
    assert Decimal(usdt["totalPositionIM"]) > 0
    assert Decimal(usdt["locked"]) > 0
    worth = sum(Decimal(coin["usdValue"]) for coin in account["coin"])
    assert abs(worth - Decimal(account["totalEquity"])) < Decimal("0.0001")


def test_a_key_tells_what_it_may_do(client: Any) -> None:
    reported = client.privateGetV5UserQueryApi()["result"]
    assert (reported["readOnly"], reported["uta"], reported["ips"]) == (1, 1, ["*"])
    assert "Withdraw" not in reported["permissions"]["Wallet"]
    assert client.privateGetV5AccountInfo()["result"]["unifiedMarginStatus"] == 6


# -- executions
#   ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("category", CATEGORIES)
def test_windows_and_cursors_reach_every_fill_that_is_served(
    all_executions: dict[str, list[Any]], simulator: Simulator, category: str
) -> None:
    upgraded = simulator.venue.account("bybit").upgraded_ms
    expected = sorted(
        fill.id for fill in simulator.venue.fills("bybit", kind=category, start=upgraded)
    )
    assert sorted(row["execId"] for row in all_executions[category]) == expected
    assert len(expected) > 30


def test_fills_say_who_was_paid_what(
    all_executions: dict[str, list[Any]], simulator: Simulator
) -> None:
    for category, rows in all_executions.items():
        for row in rows:
            symbol = simulator.venue.market_by_id("bybit", row["symbol"], category).symbol
            fill = simulator.venue.fill("bybit", symbol, row["execId"])
            assert (Decimal(row["execFee"]), row["isMaker"]) == (fill.fees[0][1], fill.maker)
            assert row["feeCurrency"] == (fill.fees[0][0] if category == "spot" else "")
            assert (Decimal(row["execPrice"]), Decimal(row["execQty"])) == (fill.price, fill.amount)
    assert any(Decimal(row["execFee"]) < 0 for row in all_executions["inverse"])
    assert all(isinstance(row["execQty"], str) for row in all_executions["spot"])


def test_no_times_mean_the_last_seven_days_and_a_start_means_seven_days_from_it(
    client: Any, simulator: Simulator
) -> None:
    fills = simulator.venue.fills("bybit", kind="spot")
    for query, low, high in (
        ({}, NOW_MS - WEEK, NOW_MS),
        ({"startTime": NOW_MS - 60 * DAY}, NOW_MS - 60 * DAY, NOW_MS - 53 * DAY),
        ({"endTime": NOW_MS - 60 * DAY}, NOW_MS - 67 * DAY, NOW_MS - 60 * DAY),
    ):
        call = client.privateGetV5ExecutionList
        rows = [row for page in pages(call, category="spot", limit=100, **query) for row in page]
        assert {row["execId"] for row in rows} == {f.id for f in fills if low <= f.time_ms <= high}


def test_pages_hold_fifty_rows_by_default_and_never_more_than_a_hundred(client: Any) -> None:
    call = client.privateGetV5ExecutionList
    assert len(call({"category": "spot"})["result"]["list"]) == 50
    assert len(call({"category": "spot", "limit": 500})["result"]["list"]) == 100
    assert len(client.fetch_my_trades(None, None, None, {"type": "spot"})) == 50


def test_a_cursor_comes_with_the_last_page_too_and_same_millisecond_fills_are_not_lost(
    client: Any, simulator: Simulator
) -> None:
    found = list(
        pages(
            client.privateGetV5ExecutionList,
            category="spot",
            symbol="BTCUSDT",
            startTime=NOW_MS,
            limit=2,
        )
    )
    assert found[-1] == []
    ids = [row["execId"] for page in found for row in page]
    expected = [f.id for f in simulator.venue.fills("bybit", symbol="BTC/USDT", start=NOW_MS)]
    assert ids == expected[::-1]
    assert len(ids) == 7
    assert {row["execTime"] for page in found for row in page} == {str(NOW_MS)}


def test_funding_is_an_execution_and_a_cost_when_positive(
    client: Any, simulator: Simulator
) -> None:
    paid = [
        i
        for i in simulator.venue.incomes("bybit", kind="funding", start=NOW_MS - WEEK)
        if i.market.kind == "linear"
    ]
    call = client.privateGetV5ExecutionList
    rows = [
        row
        for page in pages(call, category="linear", execType="Funding", limit=100)
        for row in page
    ]
    assert sorted(Decimal(row["execFee"]) for row in rows) == sorted(-i.amount for i in paid)
    assert len(rows) > 20
    mixed = {row["execType"] for page in pages(call, category="linear") for row in page}
    assert mixed == {"Trade", "Funding"}


def test_nothing_is_reported_of_what_is_older_than_two_years(
    client: Any, simulator: Simulator
) -> None:
    assert simulator.venue.fills("bybit", end=NOW_MS - KEPT)
    for call in (client.privateGetV5ExecutionList, client.privateGetV5OrderHistory):
        with pytest.raises(ccxt.BadRequest, match="Can't query order earlier than 2 years"):
            call({"category": "spot", "startTime": NOW_MS - KEPT - 1})
        with pytest.raises(ccxt.BadRequest, match="cannot exceed 7 days"):
            call({"category": "spot", "startTime": NOW_MS - WEEK - 1, "endTime": NOW_MS})


# -- orders
#   ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "part_filled"), [("spot", "PartiallyFilledCanceled"), ("linear", "Cancelled")]
)
def test_history_keeps_every_order_with_a_fill_and_the_others_for_a_day(
    client: Any, simulator: Simulator, category: str, part_filled: str
) -> None:
    rows = everything(client.privateGetV5OrderHistory, category=category, limit=50)
    upgraded = simulator.venue.account("bybit").upgraded_ms
    orders = [
        o
        for o in simulator.venue.orders("bybit", kind=category, start=upgraded)
        if o.status != "open"
    ]
    reported = {o.id for o in orders if o.filled or o.updated_ms >= NOW_MS - DAY}
    assert sorted(row["orderId"] for row in rows) == sorted(reported)
    words = {row["orderId"]: row["orderStatus"] for row in rows}
    for order in orders:
        if order.id in reported:
            expected = (
                "Filled"
                if order.status == "filled"
                else part_filled
                if order.filled
                else "Cancelled"
            )
            assert words[order.id] == expected
    assert {"Filled", part_filled, "Cancelled"} == set(words.values())
    assert all(Decimal(row["leavesQty"]) == 0 for row in rows)
    if category == "spot":
        assert any(not o.filled for o in orders if o.id not in reported)


def test_closed_orders_of_ccxt_miss_those_cancelled_after_a_fill(
    client: Any, simulator: Simulator
) -> None:
    closed = client.fetch_closed_orders("BTC/USDT", None, 50)
    both = client.fetch_canceled_and_closed_orders("BTC/USDT", None, 50)
    missed = {o["id"]: o for o in both if o["id"] not in {c["id"] for c in closed}}
    cut = next(
        o
        for o in simulator.venue.orders("bybit", symbol="BTC/USDT", start=NOW_MS)
        if o.status == "canceled" and o.filled
    )
    assert missed[cut.id]["info"]["orderStatus"] == "PartiallyFilledCanceled"
    assert missed[cut.id]["info"]["cumFeeDetail"] == {"BTC": "0.00000100"}
    assert (missed[cut.id]["status"], Decimal(missed[cut.id]["remaining"])) == ("closed", 0)


def test_orders_come_twenty_to_a_page_and_fifty_at_most(client: Any) -> None:
    call = client.privateGetV5OrderHistory
    assert len(call({"category": "spot"})["result"]["list"]) == 20
    found = list(pages(call, category="spot", startTime=NOW_MS - WEEK, limit=10))
    ids = [row["orderId"] for page in found for row in page]
    assert found[-1] == []
    assert len(set(ids)) == len(ids) > 20
    assert ids[:3] == [
        row["orderId"] for row in call({"category": "spot", "limit": 3})["result"]["list"]
    ]


def test_an_order_in_quote_units_says_so(client: Any) -> None:
    rows = client.privateGetV5OrderHistory({"category": "spot", "symbol": "ETHUSDT", "limit": 50})[
        "result"
    ]["list"]
    newest = rows[0]
    assert (newest["qty"], newest["marketUnit"], newest["timeInForce"], newest["price"]) == (
        "120",
        "quoteCoin",
        "IOC",
        "0",
    )
    order = client.fetch_canceled_and_closed_orders("ETH/USDT", None, 50)[-1]
    assert Decimal(order["amount"]) == Decimal(newest["cumExecQty"])


def test_open_orders_are_asked_for_by_category_and_settle_coin(
    client: Any, simulator: Simulator
) -> None:
    call = client.privateGetV5OrderRealtime
    with pytest.raises(ccxt.BadRequest, match="settleCoin"):
        call({"category": "linear"})
    found = {
        name: [row["symbol"] for row in call(query)["result"]["list"]]
        for name, query in (
            ("USDT", {"category": "linear", "settleCoin": "USDT"}),
            ("USDC", {"category": "linear", "settleCoin": "USDC"}),
            ("inverse", {"category": "inverse"}),
            ("option", {"category": "option"}),
        )
    }
    assert found == {"USDT": ["SOLUSDT"], "USDC": ["ETHPERP"], "inverse": ["BTCUSD"], "option": []}
    spot = client.fetch_open_orders(None, None, None, {"type": "spot"})
    assert {o["id"] for o in spot} == {
        o.id for o in simulator.venue.open_orders("bybit", kind="spot")
    }
    assert {o["status"] for o in spot} == {"open"}


# -- positions
#   ------------------------------------------------------------------------------------------------


def test_positions_come_one_settle_coin_at_a_time(client: Any, simulator: Simulator) -> None:
    call = client.privateGetV5PositionList
    with pytest.raises(ccxt.BadRequest, match="symbol or settleCoin"):
        call({"category": "linear"})
    held: list[Any] = []
    for query in (
        {"category": "linear", "settleCoin": "USDT"},
        {"category": "linear", "settleCoin": "USDC"},
        {"category": "inverse"},
    ):
        held += client.fetch_positions(params={"subType": query["category"], **query})
    expected = {
        (p.symbol, p.side, p.contracts, p.entry_price, p.hedge)
        for p in simulator.venue.positions("bybit")
    }
    found = {
        (
            p["symbol"],
            p["side"],
            Decimal(p["contracts"]),
            Decimal(p["entryPrice"]),
            bool(p["hedged"]),
        )
        for p in held
    }
    assert found == expected
    assert {p["symbol"].rpartition(":")[2] for p in held} == {"USDT", "USDC", "BTC"}


def test_both_sides_of_a_hedged_position_have_their_own_row(client: Any) -> None:
    rows = client.privateGetV5PositionList({"category": "linear", "symbol": "XRPUSDT"})["result"][
        "list"
    ]
    assert [(row["positionIdx"], row["side"]) for row in rows] == [(1, "Buy"), (2, "Sell")]


def test_a_symbol_without_a_position_has_a_row_of_size_zero(client: Any) -> None:
    rows = client.privateGetV5PositionList({"category": "linear", "symbol": "ETHPERP"})["result"][
        "list"
    ]
    assert [(row["size"], row["side"], row["avgPrice"]) for row in rows] == [("0", "", "0")]
    pairs = list(
        pages(client.privateGetV5PositionList, category="linear", settleCoin="USDT", limit=2)
    )
    assert len({(row["symbol"], row["positionIdx"]) for page in pairs for row in page}) == sum(
        len(page) for page in pairs
    )


def test_closed_profit_names_entry_and_exit(client: Any, simulator: Simulator) -> None:
    rows = everything(client.privateGetV5PositionClosedPnl, category="linear", limit=100)
    closing = [
        f
        for f in simulator.venue.fills("bybit", kind="linear", start=NOW_MS - KEPT)
        if f.closed_amount
    ]
    assert {row["orderId"] for row in rows} == {f.order_id for f in closing}
    total = sum(f.realised_pnl - f.fees[0][1] for f in closing)
    assert sum(Decimal(row["closedPnl"]) for row in rows) == total

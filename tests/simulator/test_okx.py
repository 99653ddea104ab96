"""The simulated OKX through the real ccxt: markets, balances, fills, orders and positions are the
venue's truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.dialects.okx.spot_cost import SpotCost
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import ALL_ACCOUNTS, DEFAULT_ACCOUNTS, Fill, Order, truth_of
from tests.simulator.builders import NOW_MS, still_venue
from tests.simulator.okx_world import DAY, HOUR, all_pages, okx_client, okx_venue, signed

KEPT = NOW_MS - 90 * DAY
SWAP_KINDS = ("linear", "inverse")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(okx_venue(), limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Any:
    client = okx_client(simulator)
    client.load_markets()
    return client


@pytest.fixture(scope="module")
def fills(simulator: Simulator) -> dict[str, list[Fill]]:
    """What the archive still serves, by instrument type."""
    venue = simulator.venue
    swap = [f for kind in SWAP_KINDS for f in venue.fills("okx", kind=kind, start=KEPT)]
    return {"SPOT": venue.fills("okx", kind="spot", start=KEPT), "SWAP": swap}


def closed_orders(simulator: Simulator, start: int) -> list[Order]:
    return simulator.venue.closed_orders("okx", start=start)


def decimals(amounts: dict[str, str]) -> dict[str, Decimal]:
    return {code: Decimal(amount) for code, amount in amounts.items() if Decimal(amount)}


# -- the venue's account
#   ------------------------------------------------------------------------------------------


def test_okx_is_available_but_not_in_the_default_world() -> None:
    assert "okx" not in DEFAULT_ACCOUNTS
    assert ALL_ACCOUNTS["okx"] == "okx"


@pytest.mark.parametrize(("seed", "fills"), [(1, 60), (2, 2000), (9, 1200)])
def test_books_balance_for_any_seed_and_size(seed: int, fills: int) -> None:
    still_venue(seed, fills=fills, accounts={"okx": "okx"}).check_books()


def test_its_story_has_what_clients_stumble_over(simulator: Simulator) -> None:
    venue = simulator.venue
    everything = venue.fills("okx")
    assert any(f.time_ms < KEPT for f in everything)
    assert any(fee < 0 for f in everything for _, fee in f.fees)
    assert {f.position_side for f in everything if f.market.settle} == {None, "long", "short"}
    together = Counter(f.time_ms for f in venue.fills("okx", kind="spot", start=KEPT))
    assert any(
        len({f.symbol for f in everything if f.time_ms == t}) >= 3
        for t, n in together.items()
        if n >= 3
    )
    assert max(Counter(f.id for f in everything).values()) > 1
    assert len({(f.symbol, f.id) for f in everything}) == len(everything)
    sent = {t.txid for t in venue.transfers("okx", kind="withdrawal")}
    assert sent & {t.txid for t in venue.transfers("kraken", kind="deposit")}


# -- markets
#   ------------------------------------------------------------------------------------------------


def test_markets_of_five_types(client: Any, simulator: Simulator) -> None:
    listed = {m.symbol for m in simulator.venue.markets("okx", listed_at=NOW_MS)}
    assert listed <= set(client.markets)
    inverse = client.market("BTC/USD:BTC")
    assert (inverse["id"], inverse["contractSize"], inverse["inverse"]) == (
        "BTC-USD-SWAP",
        "100",
        True,
    )
    assert client.market("BTC/USDT:USDT")["contractSize"] == "0.01"
    assert {m["type"] for m in client.markets.values()} == {"spot", "swap", "future", "option"}
    margin = client.publicGetPublicInstruments({"instType": "MARGIN"})["data"]
    assert {"BTC-USDT", "SOL-BTC"} <= {row["instId"] for row in margin}
    assert "OKB-USDT" not in {row["instId"] for row in margin}
    assert "MATIC/USDT" not in client.markets


def test_futures_expire_on_the_last_friday_of_a_quarter(client: Any) -> None:
    rows = client.publicGetPublicInstruments({"instType": "FUTURES", "uly": "BTC-USD"})["data"]
    assert [row["instId"] for row in rows] == ["BTC-USD-260925", "BTC-USD-261225"]
    assert all(int(row["expTime"]) > NOW_MS for row in rows)


def test_tickers_come_by_type_and_may_lack_a_last_price(client: Any) -> None:
    spot = client.fetch_tickers()
    assert spot["OKB/EUR"]["last"] is None
    assert (
        Decimal(spot["BTC/USDT"]["bid"])
        < Decimal(spot["BTC/USDT"]["last"])
        < Decimal(spot["BTC/USDT"]["ask"])
    )
    assert set(client.fetch_tickers(None, {"type": "swap"})) == {
        s for s, m in client.markets.items() if m["swap"]
    }
    assert len(client.fetch_tickers(None, {"type": "future"})) == 8
    assert client.fetch_ticker("ETH/USD:ETH")["last"] is not None


def test_candles_are_newest_first_three_hundred_at_most_with_exclusive_bounds(client: Any) -> None:
    ask = {"instId": "BTC-USDT", "bar": "1H"}
    rows = client.publicGetMarketCandles(ask)["data"]
    times = [int(row[0]) for row in rows]
    assert len(rows) == 100
    assert times == sorted(times, reverse=True)
    assert [row[8] for row in rows[:2]] == ["0", "1"]
    between = client.publicGetMarketCandles(
        {**ask, "after": str(times[10]), "before": str(times[20])}
    )["data"]
    assert [int(row[0]) for row in between] == times[11:20]
    newest = client.publicGetMarketCandles({**ask, "before": str(times[90]), "limit": "5"})["data"]
    assert [int(row[0]) for row in newest] == times[:5]
    assert len(client.publicGetMarketHistoryCandles({**ask, "limit": "1000"})["data"]) == 300


def test_recent_candles_end_after_1440_and_history_goes_on(client: Any) -> None:
    old = {"instId": "BTC-USDT", "bar": "1Dutc", "after": str(NOW_MS - 1500 * DAY)}
    assert client.publicGetMarketCandles(old)["data"] == []
    assert len(client.publicGetMarketHistoryCandles(old)["data"]) == 100


def test_long_bars_open_in_hong_kong_unless_utc_is_named(client: Any) -> None:
    def opened(bar: str) -> int:
        return int(
            client.publicGetMarketCandles({"instId": "ETH-USDT", "bar": bar, "limit": "1"})["data"][
                0
            ][0]
        )

    assert opened("1Dutc") % DAY == 0
    assert opened("1D") % DAY == 16 * HOUR
    assert (opened("1Wutc") - 4 * DAY) % (7 * DAY) == 0
    weekly = client.fetch_ohlcv("BTC/USDT", "1w", NOW_MS - 300 * DAY)
    daily = {row[0]: row for row in client.fetch_ohlcv("BTC/USDT", "1d", weekly[1][0], 7)}
    assert Decimal(weekly[1][2]) == max(Decimal(row[2]) for row in daily.values())


# -- balances
#   ------------------------------------------------------------------------------------------------


def test_trading_balance_counts_unrealised_profit_in_eq_and_not_in_cash(
    client: Any, simulator: Simulator
) -> None:
    truth = truth_of(simulator.venue)["accounts"]["okx"]["balances"]["trading"]
    balance = client.fetch_balance()
    details = {row["ccy"]: row for row in balance["info"]["data"][0]["details"]}
    assert decimals({ccy: row["cashBal"] for ccy, row in details.items()}) == decimals(truth)
    profit: Counter[str] = Counter()
    for p in simulator.venue.positions("okx"):
        ticker = simulator.venue.ticker("okx", p.symbol)
        assert ticker is not None
        profit[p.market.settle] += p.pnl(ticker.mark)
    assert profit["USDT"] != 0
    assert profit["BTC"] != 0
    for ccy, row in details.items():
        assert Decimal(row["eq"]) == Decimal(truth[ccy]) + profit[ccy]
        assert Decimal(balance["total"][ccy]) == Decimal(row["eq"])
    held = {b.asset: b.used for b in simulator.venue.balances("okx", "trading")}
    assert {ccy: Decimal(row["ordFrozen"]) for ccy, row in details.items()} == {
        ccy: held[ccy] for ccy in details
    }
    assert Decimal(details["BTC"]["openAvgPx"]) > 0
    assert (details["USDT"]["accAvgPx"], details["BTC"]["liab"]) == ("", "")
    assert "DOT" not in details


def cost_prices(asset: str = "ETH", **edits: str) -> dict[str, str]:
    """What OKX's published example makes of a fresh account (2 bought at 3000, 1 sold at 3500, 1
    bought at 4000), priced at 4500.

    Source: https://www.okx.com/help/i-introduction-of-spot
    """
    venue = okx_venue(history_too=False)
    venue.deposit("okx", "USDC", Decimal(20000), wallet="trading")
    for side, amount, price in (("buy", "2", "3000"), ("sell", "1", "3500"), ("buy", "1", "4000")):
        venue.trade("okx", "ETH/USDC", side, Decimal(amount), type="limit", price=Decimal(price))
        if side in edits:
            venue.edit_cost("okx", "ETH", Decimal(edits[side]))
    cost = SpotCost(asset, lambda asset, now_ms: 1.0)
    cost.count(venue, "okx")
    return cost.reported(Decimal(4500))


def near(text: str, expected: str) -> bool:
    """Equal but for the fees that the simulated OKX takes from what is bought (less than two in a
    thousand)."""
    return abs(Decimal(text) - Decimal(expected)) <= abs(Decimal(expected)) * Decimal("0.005")


def test_cost_prices_are_those_of_the_published_example() -> None:
    reported = cost_prices()
    published = {
        "openAvgPx": "3500",
        "accAvgPx": "3250",
        "spotBal": "2",
        "spotUpl": "2000",
        "totalPnl": "2500",
    }
    assert {
        name: value
        for name, value in reported.items()
        if name in published and not near(value, published[name])
    } == {}
    assert near(reported["spotUplRatio"], "0.2857")
    assert near(reported["totalPnlRatio"], "0.3846")


def test_an_edited_cost_price_holds_for_all_that_is_held_and_later_trades_go_on_from_it() -> None:
    # 1 at 2000 and 1 bought at 4000
    assert near(cost_prices(sell="2000")["openAvgPx"], "3000")
    assert near(cost_prices(sell="2000")["accAvgPx"], "3000")
    assert near(cost_prices(buy="100")["openAvgPx"], "100")


def test_what_was_never_traded_has_no_cost_price() -> None:
    assert set(cost_prices("DOT").values()) == {""}


def test_funding_savings_and_staking_are_apart(client: Any, simulator: Simulator) -> None:
    truth = truth_of(simulator.venue)["accounts"]["okx"]["balances"]
    assert decimals(client.fetch_balance({"type": "funding"})["total"]) == decimals(
        truth["funding"]
    )
    savings = {row["ccy"]: row["amt"] for row in client.privateGetFinanceSavingsBalance()["data"]}
    assert decimals(savings) == decimals(truth["savings"])
    staked = {
        row["ccy"]: row["investData"][0]["amt"]
        for row in client.privateGetFinanceStakingDefiOrdersActive()["data"]
    }
    assert decimals(staked) == decimals(truth["staking"])
    value = client.privateGetAssetAssetValuation({"ccy": "USDT"})["data"][0]
    parts = sum(
        Decimal(value["details"][name]) for name in ("earn", "funding", "trading", "classic")
    )
    assert abs(Decimal(value["totalBal"]) - parts) < Decimal("0.001")


def test_balances_take_a_list_of_currencies(client: Any) -> None:
    details = client.privateGetAccountBalance({"ccy": "BTC,ETH"})["data"][0]["details"]
    assert [row["ccy"] for row in details] == ["BTC", "ETH"]
    assert [row["ccy"] for row in client.privateGetAssetBalances({"ccy": "TON"})["data"]] == ["TON"]


# -- fills
#   ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["SPOT", "SWAP"])
def test_fills_walk_back_three_months_by_bill_id(
    client: Any, fills: dict[str, list[Fill]], kind: str
) -> None:
    rows = all_pages(client.privateGetTradeFillsHistory, "billId", instType=kind)
    assert {(r["instId"], r["tradeId"]) for r in rows} == {(f.market.id, f.id) for f in fills[kind]}
    assert len(rows) == len(fills[kind])
    ids = [int(row["billId"]) for row in rows]
    assert ids == sorted(set(ids), reverse=True)
    known = {(f.market.id, f.id): f for f in fills[kind]}
    for row in rows:
        fill = known[(row["instId"], row["tradeId"])]
        asset, fee = fill.fees[0]
        assert (Decimal(row["fillSz"]), Decimal(row["fillPx"])) == (fill.amount, fill.price)
        assert (Decimal(row["fee"]), row["feeCcy"]) == (-fee, asset)
        assert (row["ts"], row["ordId"], row["side"]) == (
            str(fill.time_ms),
            fill.order_id,
            fill.side,
        )


def test_fees_are_negative_in_base_on_buys_and_in_quote_on_sells(client: Any) -> None:
    rows = client.privateGetTradeFillsHistory({"instType": "SPOT"})["data"]
    for row in rows:
        base, quote = row["instId"].split("-")
        assert row["feeCcy"] == (base if row["side"] == "buy" else quote)
        assert Decimal(row["fee"]) < 0
    swaps = client.privateGetTradeFillsHistory({"instType": "SWAP"})["data"]
    rebates = [row for row in swaps if Decimal(row["fee"]) > 0]
    assert {row["execType"] for row in rebates} == {"M"}
    assert all(row["instId"].endswith("-USD-SWAP") for row in rebates)


def test_swap_fills_name_the_side_of_the_mode_they_were_made_in(client: Any) -> None:
    rows = all_pages(client.privateGetTradeFillsHistory, "billId", instType="SWAP")
    sides = {(row["posSide"], row["subType"]) for row in rows}
    assert {("long", "3"), ("short", "4"), ("net", "1"), ("net", "2")} <= sides
    assert any(Decimal(row["fillPnl"]) for row in rows)


def test_fills_of_other_types_are_none_and_of_three_days_need_no_type(
    client: Any, simulator: Simulator
) -> None:
    for kind in ("MARGIN", "FUTURES", "OPTION"):
        assert client.privateGetTradeFillsHistory({"instType": kind})["data"] == []
    recent = all_pages(client.privateGetTradeFills, "billId")
    assert len(recent) == len(simulator.venue.fills("okx", start=NOW_MS - 3 * DAY))


def test_begin_and_end_are_inclusive_and_before_alone_gives_the_newest(
    client: Any, fills: dict[str, list[Fill]]
) -> None:
    low, high = fills["SPOT"][5].time_ms, fills["SPOT"][20].time_ms
    ask = {"instType": "SPOT", "begin": str(low), "end": str(high)}
    found = client.privateGetTradeFillsHistory(ask)["data"]
    assert len(found) == sum(low <= f.time_ms <= high for f in fills["SPOT"])
    rows = client.privateGetTradeFillsHistory({"instType": "SPOT", "limit": "40"})["data"]
    newer = client.privateGetTradeFillsHistory(
        {"instType": "SPOT", "before": rows[30]["billId"], "limit": "10"}
    )["data"]
    assert newer == rows[:10]


def test_fills_of_a_delisted_instrument_are_served_under_its_raw_id(client: Any) -> None:
    trades = client.fetch_my_trades(None, None, None, {"instId": "MATIC-USDT"})
    assert [t["side"] for t in trades] == ["buy", "sell"]
    assert "MATIC/USDT" not in client.symbols


def test_the_archive_gives_a_link_two_hours_after_it_was_asked_for() -> None:
    now = [NOW_MS]
    venue = okx_venue(fills=60, accounts={"okx": "okx"})
    venue.clock = lambda: now[0]
    with running_simulator(venue, limit_scale=1000) as simulator:
        quarter = "trade/fills-archive?year=2025&quarter=Q4"
        assert signed(simulator, quarter).json()["data"] == []
        ask = {"year": "2025", "quarter": "Q4"}
        first = signed(simulator, "trade/fills-archive", method="POST", body=ask).json()["data"]
        assert first == [{"result": "false", "ts": str(NOW_MS)}]
        assert (
            signed(simulator, "trade/fills-archive", method="POST", body=ask).json()["data"][0][
                "result"
            ]
            == "true"
        )
        assert signed(simulator, quarter).json()["data"][0]["state"] == "ongoing"
        now[0] += 2 * HOUR
        done = signed(simulator, quarter, now_ms=now[0]).json()["data"]
        assert done[0]["state"] == "finished"
        assert done[0]["fileHref"].endswith(".zip")
        future = signed(simulator, "trade/fills-archive?year=2027&quarter=Q4", now_ms=now[0])
        assert (future.status_code, future.json()["code"]) == (400, "51000")


# -- orders
#   ------------------------------------------------------------------------------------------------


def test_orders_of_seven_days_with_untouched_cancels_of_two_hours(
    client: Any, simulator: Simulator
) -> None:
    known = {
        o.id: o for o in closed_orders(simulator, NOW_MS - 7 * DAY)
        if o.market.kind == "spot" and (o.filled > 0 or o.updated_ms >= NOW_MS - 2 * HOUR)
    }  # fmt: skip
    rows = all_pages(client.privateGetTradeOrdersHistory, "ordId", instType="SPOT")
    assert {row["ordId"] for row in rows} == set(known)
    untouched = [row for row in rows if Decimal(row["accFillSz"]) == 0]
    assert untouched
    assert all(int(row["uTime"]) >= NOW_MS - 2 * HOUR for row in untouched)
    gone = next(
        o
        for o in closed_orders(simulator, NOW_MS - DAY)
        if o.filled == 0 and o.updated_ms < NOW_MS - 2 * HOUR
    )
    assert gone.id not in {row["ordId"] for row in rows}


def test_the_archive_has_three_months_of_orders_with_fills(
    client: Any, simulator: Simulator
) -> None:
    for kind, kinds in (("SPOT", ("spot",)), ("SWAP", SWAP_KINDS)):
        known = {
            o.id: o
            for o in closed_orders(simulator, KEPT)
            if o.market.kind in kinds and o.filled > 0
        }
        rows = all_pages(client.privateGetTradeOrdersHistoryArchive, "ordId", instType=kind)
        assert {row["ordId"] for row in rows} == set(known)
        for row in rows:
            order = known[row["ordId"]]
            assert Decimal(row["accFillSz"]) == order.filled
            assert row["state"] == ("filled" if order.status == "filled" else "canceled")
            assert Decimal(row["fee"]) == -sum(order.fees.values())
            assert (row["px"] == "") == (order.type == "market")


def test_partly_filled_then_canceled_is_canceled_and_not_among_the_filled(client: Any) -> None:
    canceled = client.fetch_closed_orders(
        None, None, None, {"method": "privateGetTradeOrdersHistoryArchive", "state": "canceled"}
    )
    assert canceled
    assert all(
        o["status"] == "canceled" and 0 < Decimal(o["filled"]) < Decimal(o["amount"])
        for o in canceled
    )
    filled = client.fetch_closed_orders(
        None, None, None, {"method": "privateGetTradeOrdersHistoryArchive"}
    )
    assert not {o["id"] for o in canceled} & {o["id"] for o in filled}


def test_market_buys_given_in_quote_units_say_so(client: Any, simulator: Simulator) -> None:
    rows = all_pages(client.privateGetTradeOrdersHistoryArchive, "ordId", instType="SPOT")
    in_quote = [row for row in rows if row["tgtCcy"] == "quote_ccy"]
    assert in_quote
    for row in in_quote:
        market = simulator.venue.market_by_id("okx", row["instId"])
        assert market is not None
        order = simulator.venue.order("okx", market.symbol, row["ordId"])
        assert order is not None
        assert Decimal(row["sz"]) == order.quote_amount
        assert (row["ordType"], row["px"]) == ("market", "")


def test_open_orders_and_one_order_by_its_id(client: Any, simulator: Simulator) -> None:
    orders = client.fetch_open_orders()
    assert {o["id"] for o in orders} == {o.id for o in simulator.venue.open_orders("okx")}
    assert {o["info"]["state"] for o in orders} == {"live"}
    newest = client.fetch_closed_orders()[-1]
    assert client.fetch_order(newest["id"], newest["symbol"])["info"]["ordId"] == newest["id"]


def test_a_partly_filled_order_is_open_until_it_is_cancelled() -> None:
    venue = okx_venue(fills=60, accounts={"okx": "okx"})
    with running_simulator(venue, limit_scale=1000) as simulator:
        client = okx_client(simulator)
        order = venue.place(
            "okx", "ETH/USDT", "buy", Decimal("0.02"), venue.price("okx", "ETH/USDT")
        )
        venue.execute(order, Decimal("0.005"))
        raw = client.privateGetTradeOrdersPending({"state": "partially_filled"})["data"]
        assert [(row["ordId"], row["accFillSz"]) for row in raw] == [(order.id, "0.005")]
        venue.cancel(order)
        assert client.privateGetTradeOrdersPending({"instId": "ETH-USDT", "ordId": order.id})[
            "data"
        ] == [
            row
            for row in client.privateGetTradeOrdersPending({"instId": "ETH-USDT"})["data"]
            if row["ordId"] != order.id
        ]
        done = client.privateGetTradeOrdersHistory({"instType": "SPOT", "state": "canceled"})[
            "data"
        ][0]
        assert (done["ordId"], done["accFillSz"], done["cancelSource"]) == (order.id, "0.005", "1")


# -- positions
#   ------------------------------------------------------------------------------------------------


def test_positions_of_long_short_mode(client: Any, simulator: Simulator) -> None:
    rows = client.fetch_positions()
    truth = {(p.symbol, p.side): p for p in simulator.venue.positions("okx")}
    assert {(r["symbol"], r["side"]) for r in rows} == set(truth)
    assert {("BTC/USDT:USDT", "long"), ("BTC/USDT:USDT", "short"), ("BTC/USD:BTC", "short")} <= set(
        truth
    )
    for row in rows:
        position = truth[(row["symbol"], row["side"])]
        assert (Decimal(row["contracts"]), Decimal(row["entryPrice"])) == (
            position.contracts,
            position.entry_price,
        )
        ticker = simulator.venue.ticker("okx", position.symbol)
        assert ticker is not None
        assert Decimal(row["unrealizedPnl"]) == position.pnl(ticker.mark)
        assert row["hedged"]
    assert client.privateGetAccountConfig()["data"][0]["posMode"] == "long_short_mode"
    times = [int(row["cTime"]) for row in client.privateGetAccountPositions()["data"]]
    assert times == sorted(times, reverse=True)


def test_positions_of_net_mode_are_signed_and_a_closed_one_is_reported_as_zero_when_named() -> None:
    venue = okx_venue(history_too=False, accounts={"okx": "okx"})
    venue.deposit("okx", "USDT", Decimal(9000), wallet="trading")
    venue.deposit("okx", "BTC", Decimal("0.5"), wallet="trading")
    venue.trade("okx", "BTC/USD:BTC", "sell", Decimal(20))
    venue.trade("okx", "ETH/USDT:USDT", "buy", Decimal("1.5"))
    venue.trade("okx", "ETH/USDT:USDT", "sell", Decimal("1.5"))
    with running_simulator(venue, limit_scale=1000) as simulator:
        client = okx_client(simulator)
        client.load_markets()
        short = client.fetch_positions()
        assert [(p["symbol"], p["side"], p["info"]["pos"], p["hedged"]) for p in short] == [
            ("BTC/USD:BTC", "short", "-20", False)
        ]
        assert client.privateGetAccountConfig()["data"][0]["posMode"] == "net_mode"
        gone = client.privateGetAccountPositions({"instId": "ETH-USDT-SWAP"})["data"]
        assert [(row["pos"], row["avgPx"]) for row in gone] == [("0", "")]
        closed = client.privateGetAccountPositionsHistory()["data"]
        assert [(row["instId"], row["direction"], row["closeTotalPos"]) for row in closed] == [
            ("ETH-USDT-SWAP", "long", "1.5")
        ]

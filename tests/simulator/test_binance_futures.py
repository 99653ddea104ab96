"""The simulated Binance's futures interfaces, USD-M (/fapi) and COIN-M (/dapi)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Venue
from tests.simulator.binance_http import DAY, ask, client, refusal, signed
from tests.simulator.builders import NOW_MS, still_venue

LINEAR = {"type": "swap", "subType": "linear"}
INVERSE = {"type": "swap", "subType": "inverse"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(still_venue(accounts={"main": "binance"}), limit_scale=1000) as running:
        yield running


def hedged_venue() -> Venue:
    """Long 0.3 and short 0.1 BTC at once at 60,000 dollars, in hedge mode."""
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    venue.deposit("main", "USDT", Decimal(10_000), wallet="linear")
    market = venue.market("binance", "BTC/USDT:USDT")
    for side, amount, position_side in (("buy", "0.3", "long"), ("sell", "0.1", "short")):
        order = venue.trader.place(
            "main",
            market,
            side,
            "market",
            Decimal(amount),
            NOW_MS,
            position_side=position_side,
            leverage=Decimal(10),
        )
        venue.trader.fill(order, order.amount, Decimal(60_000), NOW_MS, maker=False)
    return venue


def weeks(simulator: Simulator, path: str, back: int, **params: Any) -> list[dict[str, Any]]:
    """Rows of all seven-day windows, oldest first."""
    rows: list[dict[str, Any]] = []
    start = NOW_MS - back * DAY
    while start <= NOW_MS:
        end = min(start + 7 * DAY - 1, NOW_MS)
        rows += signed(simulator, path, startTime=start, endTime=end, **params).json()
        start = end + 1
    return rows


def test_contracts_tell_their_size(simulator: Simulator) -> None:
    rows = {row["symbol"]: row for row in ask(simulator, "/dapi/v1/exchangeInfo").json()["symbols"]}
    assert (rows["BTCUSD_PERP"]["contractSize"], rows["ETHUSD_PERP"]["contractSize"]) == (100, 10)
    assert (
        rows["BTCUSD_PERP"]["contractStatus"] == "TRADING" and "status" not in rows["BTCUSD_PERP"]
    )
    linear = ask(simulator, "/fapi/v1/exchangeInfo").json()
    assert {row["symbol"]: row["marginAsset"] for row in linear["symbols"]}["BTCUSDC"] == "USDC"


def test_tickers_of_both_families(simulator: Simulator) -> None:
    row = ask(simulator, "/fapi/v1/ticker/24hr", symbol="BTCUSDT").json()
    assert "bidPrice" not in row
    assert Decimal(row["lastPrice"]) == simulator.venue.price("binance", "BTC/USDT:USDT")
    assert isinstance(ask(simulator, "/dapi/v1/ticker/24hr", symbol="BTCUSD_PERP").json(), list)
    assert (
        ask(simulator, "/fapi/v1/premiumIndex", symbol="BTCUSDT").json()["nextFundingTime"] > NOW_MS
    )
    assert "BTC/USD:BTC" in client(simulator).fetch_tickers(None, INVERSE)
    assert (
        len(ask(simulator, "/fapi/v1/klines", symbol="BTCUSDT", interval="1h", limit=10).json())
        == 10
    )
    assert ask(simulator, "/fapi/v1/ticker/bookTicker", symbol="BTCUSDT").json()["bidPrice"]


@pytest.mark.parametrize("version", ["/fapi/v2/account", "/fapi/v3/account"])
def test_the_linear_wallet_adds_up(simulator: Simulator, version: str) -> None:
    answer = signed(simulator, version).json()
    assets = {row["asset"]: row for row in answer["assets"]}
    usdt = next(b.total for b in simulator.venue.balances("main", "linear") if b.asset == "USDT")
    assert Decimal(assets["USDT"]["walletBalance"]) == usdt
    pnl = sum(Decimal(row["unrealizedProfit"]) for row in answer["positions"])
    assert (
        Decimal(assets["USDT"]["marginBalance"])
        == usdt + pnl
        == Decimal(answer["totalMarginBalance"])
    )
    assert assets["BNB"]["updateTime"] == 0
    assert len(answer["positions"]) == (4 if "v2" in version else 2)


def test_balances_by_ccxt_of_both_families(simulator: Simulator) -> None:
    exchange = client(simulator)
    linear = exchange.fetch_balance(LINEAR)
    inverse = exchange.fetch_balance(INVERSE)
    assert linear["USDT"]["total"] is not None and "BNB" not in linear["total"]
    held = next(b.total for b in simulator.venue.balances("main", "inverse") if b.asset == "BTC")
    position = next(p for p in simulator.venue.positions("main", "inverse"))
    ticker = simulator.venue.ticker("binance", "BTC/USD:BTC")
    assert ticker is not None
    assert Decimal(inverse["BTC"]["total"]) == held + position.pnl(ticker.mark)
    wallet = {row["asset"]: row["balance"] for row in signed(simulator, "/fapi/v3/balance").json()}
    assert Decimal(wallet["USDT"]) == next(
        b.total for b in simulator.venue.balances("main", "linear") if b.asset == "USDT"
    )
    assert {row["asset"] for row in signed(simulator, "/dapi/v1/balance").json()} >= {"BTC", "ETH"}


def test_positions_long_short_and_inverse(simulator: Simulator) -> None:
    exchange = client(simulator)
    found = {
        p["symbol"]: p
        for p in exchange.fetch_positions(None, LINEAR) + exchange.fetch_positions(None, INVERSE)
    }
    for position in simulator.venue.positions("main"):
        read = found.pop(position.symbol)
        assert (read["side"], Decimal(read["contracts"])) == (position.side, position.contracts)
        assert Decimal(read["entryPrice"]) == position.entry_price
        ticker = simulator.venue.ticker("binance", position.symbol)
        assert ticker is not None and Decimal(read["unrealizedPnl"]) == position.pnl(ticker.mark)
        assert read["hedged"] is False
    assert found == {}
    sides = {p.symbol: p.side for p in simulator.venue.positions("main")}
    assert sides == {"BTC/USDT:USDT": "long", "SOL/USDT:USDT": "short", "BTC/USD:BTC": "short"}


def test_version_two_lists_every_symbol_and_version_three_what_is_open(
    simulator: Simulator,
) -> None:
    old = signed(simulator, "/fapi/v2/positionRisk").json()
    assert {row["symbol"] for row in old} == {"BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCUSDC"}
    assert {row["positionAmt"] for row in old if row["symbol"] in ("ETHUSDT", "BTCUSDC")} == {"0"}
    new = signed(simulator, "/fapi/v3/positionRisk").json()
    assert {row["symbol"] for row in new} == {"BTCUSDT", "SOLUSDT"}
    assert all("leverage" not in row for row in new)
    short = next(row for row in new if row["symbol"] == "SOLUSDT")
    assert Decimal(short["positionAmt"]) < 0 and Decimal(short["notional"]) < 0
    coin = signed(simulator, "/dapi/v1/positionRisk").json()
    assert {row["symbol"]: row["positionAmt"] == "0" for row in coin} == {
        "BTCUSD_PERP": False,
        "ETHUSD_PERP": True,
    }


def test_hedge_mode_shows_both_sides() -> None:
    with running_simulator(hedged_venue(), limit_scale=1000) as running:
        exchange = client(running)
        rows = {
            (p["side"], Decimal(p["contracts"]), p["hedged"])
            for p in exchange.fetch_positions(None, LINEAR)
        }
        dual = signed(running, "/fapi/v1/positionSide/dual").json()
        old = signed(running, "/fapi/v2/positionRisk", symbol="BTCUSDT").json()
        trades = signed(running, "/fapi/v1/userTrades", symbol="BTCUSDT").json()
    assert rows == {("long", Decimal("0.3"), True), ("short", Decimal("0.1"), True)}
    assert dual == {"dualSidePosition": True}
    assert [(row["positionSide"], row["positionAmt"]) for row in old] == [
        ("BOTH", "0"),
        ("LONG", "0.300"),
        ("SHORT", "-0.100"),
    ]
    assert [row["positionSide"] for row in trades] == ["LONG", "SHORT"]
    assert [row["commission"] for row in trades] == ["9.00000000", "3.00000000"]


def test_one_way_mode_is_reported(simulator: Simulator) -> None:
    assert signed(simulator, "/fapi/v1/positionSide/dual").json() == {"dualSidePosition": False}
    assert signed(simulator, "/fapi/v1/multiAssetsMargin").json() == {"multiAssetsMargin": False}
    brackets = signed(simulator, "/dapi/v2/leverageBracket").json()
    assert brackets[0]["brackets"][0]["qtyCap"] == 5


@pytest.mark.parametrize(
    ("path", "symbol", "market", "has_older"),
    [
        ("/fapi/v1/userTrades", "BTCUSDT", "BTC/USDT:USDT", True),
        ("/fapi/v1/userTrades", "ETHUSDT", "ETH/USDT:USDT", True),
        ("/dapi/v1/userTrades", "BTCUSD_PERP", "BTC/USD:BTC", False),
    ],
)
def test_weekly_windows_find_every_trade_still_served(
    simulator: Simulator, path: str, symbol: str, market: str, has_older: bool
) -> None:
    served = simulator.venue.fills("main", symbol=market, start=NOW_MS - 180 * DAY)
    assert served
    assert (len(simulator.venue.fills("main", symbol=market)) > len(served)) == has_older
    rows = weeks(simulator, path, 400, symbol=symbol)
    assert [
        (row["id"], Decimal(row["price"]), Decimal(row["qty"]), Decimal(row["realizedPnl"]))
        for row in rows
    ] == [(int(f.id), f.price, f.amount, f.realised_pnl) for f in served]
    walked = signed(simulator, path, symbol=symbol, fromId=0, limit=1000).json()
    assert [row["id"] for row in walked] == [int(f.id) for f in served]


def test_trades_without_times_are_those_of_the_last_week(simulator: Simulator) -> None:
    rows = signed(simulator, "/fapi/v1/userTrades", symbol="SOLUSDT").json()
    recent = simulator.venue.fills("main", symbol="SOL/USDT:USDT", start=NOW_MS - 7 * DAY)
    assert [row["id"] for row in rows] == [int(fill.id) for fill in recent] and rows
    assert signed(simulator, "/fapi/v1/userTrades", symbol="ETHUSDT").json() == []


def test_the_window_rules_of_trades(simulator: Simulator) -> None:
    path = "/fapi/v1/userTrades"
    assert refusal(
        signed(simulator, path, symbol="BTCUSDT", startTime=NOW_MS - 8 * DAY, endTime=NOW_MS)
    ) == (400, -4165)
    assert refusal(signed(simulator, path, symbol="BTCUSDT", fromId=1, startTime=NOW_MS - DAY)) == (
        400,
        -1128,
    )
    assert refusal(signed(simulator, path)) == (400, -1102)
    assert refusal(signed(simulator, path, symbol="NOPE")) == (400, -1121)
    assert refusal(signed(simulator, path, symbol="BTCUSDT", limit=1001)) == (400, -1130)
    assert refusal(
        signed(simulator, "/dapi/v1/userTrades", symbol="BTCUSD_PERP", pair="BTCUSD")
    ) == (400, -1128)
    assert signed(simulator, "/dapi/v1/userTrades", pair="BTCUSD").status_code == 200


def test_orders_are_forgotten_after_ninety_days(simulator: Simulator) -> None:
    path = "/fapi/v1/allOrders"
    kept = simulator.venue.orders("main", symbol="ETH/USDT:USDT", start=NOW_MS - 89 * DAY)
    rows = weeks(simulator, path, 89, symbol="ETHUSDT")
    assert [row["orderId"] for row in rows] == [int(o.id) for o in kept] and rows
    assert {row["status"] for row in rows} == {"FILLED"}
    assert refusal(signed(simulator, path, symbol="ETHUSDT", startTime=NOW_MS - 91 * DAY)) == (
        400,
        -4166,
    )
    assert refusal(
        signed(simulator, path, symbol="ETHUSDT", startTime=NOW_MS - 9 * DAY, endTime=NOW_MS)
    ) == (400, -4165)
    one = signed(simulator, "/fapi/v1/order", symbol="ETHUSDT", orderId=kept[0].id).json()
    assert one == rows[0]
    coin = weeks(simulator, "/dapi/v1/allOrders", 89, symbol="BTCUSD_PERP")
    assert all(row["pair"] == "BTCUSD" and "cumBase" in row for row in coin)


def test_an_order_cancelled_unfilled_is_gone_after_three_days() -> None:
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    with running_simulator(venue, limit_scale=1000) as running:
        market = venue.market("binance", "BTC/USDT:USDT")
        for age, amount in ((4, "0.1"), (2, "0.2")):
            placed = NOW_MS - age * DAY
            order = venue.trader.place(
                "main", market, "buy", "limit", Decimal(amount), placed, price=Decimal(40_000)
            )
            venue.trader.finish(order, "canceled", placed + 1000)
        venue.trader.place(
            "main", market, "buy", "limit", Decimal("0.3"), NOW_MS - DAY, price=Decimal(40_000)
        )
        rows = signed(running, "/fapi/v1/allOrders", symbol="BTCUSDT").json()
        opened = signed(running, "/fapi/v1/openOrders").json()
        read = client(running).fetch_open_orders("BTC/USDT:USDT")
    assert [(row["status"], row["origQty"]) for row in rows] == [
        ("CANCELED", "0.200"),
        ("NEW", "0.300"),
    ]
    assert [row["origQty"] for row in opened] == ["0.300"] and len(read) == 1


def test_income_needs_no_symbol_and_matches_trades_funding_and_transfers(
    simulator: Simulator,
) -> None:
    start = NOW_MS - 89 * DAY
    rows = signed(simulator, "/fapi/v1/income", startTime=start, limit=1000).json()
    fills = simulator.venue.fills("main", kind="linear", start=start)
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["incomeType"]] = sums.get(row["incomeType"], Decimal(0)) + Decimal(row["income"])
    assert sums["COMMISSION"] == -sum(fee for f in fills for _, fee in f.fees)
    assert sums["REALIZED_PNL"] == sum(f.realised_pnl for f in fills)
    funding = [
        i
        for i in simulator.venue.incomes("main", kind="funding", start=start)
        if i.market and i.market.kind == "linear"
    ]
    assert sums["FUNDING_FEE"] == sum(i.amount for i in funding)
    moved = [
        t
        for t in simulator.venue.transfers("main", kind="internal", start=start)
        if "linear" in (t.from_wallet, t.to_wallet)
    ]
    assert sums["TRANSFER"] == sum(
        t.amount if t.to_wallet == "linear" else -t.amount for t in moved
    )
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert len({(row["incomeType"], row["tranId"]) for row in rows}) == len(rows)


def test_income_pages_and_its_default_week(simulator: Simulator) -> None:
    start = NOW_MS - 89 * DAY
    everything = signed(simulator, "/fapi/v1/income", startTime=start, limit=1000).json()
    first = signed(simulator, "/fapi/v1/income", startTime=start).json()
    second = signed(simulator, "/fapi/v1/income", startTime=start, page=2).json()
    assert first + second == everything[:200] and len(first) == 100
    week = signed(simulator, "/fapi/v1/income", limit=1000).json()
    assert week == [row for row in everything if row["time"] >= NOW_MS - 7 * DAY]
    old = signed(
        simulator,
        "/fapi/v1/income",
        startTime=NOW_MS - 400 * DAY,
        endTime=NOW_MS - 200 * DAY,
        limit=1000,
    ).json()
    assert old == []
    funding = signed(
        simulator, "/fapi/v1/income", incomeType="FUNDING_FEE", symbol="SOLUSDT", limit=1000
    ).json()
    assert {(row["incomeType"], row["symbol"]) for row in funding} == {("FUNDING_FEE", "SOLUSDT")}
    coin = client(simulator).fetch_ledger(None, start, 1000, INVERSE)
    assert {entry["currency"] for entry in coin} == {"BTC"}

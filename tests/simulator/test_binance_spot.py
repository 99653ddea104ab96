"""The simulated Binance's spot interface: the real ccxt finds the venue's truth, raw HTTP meets the
documented refusals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.binance_http import DAY, ask, client, refusal, signed
from tests.simulator.builders import NOW_MS, still_venue


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(still_venue(accounts={"main": "binance"}), limit_scale=1000) as running:
        yield running


def walked(simulator: Simulator, symbol: str, limit: int) -> list[int]:
    """Trade ids found by going on from the last id."""
    ids: list[int] = []
    while True:
        page = signed(
            simulator,
            "/api/v3/myTrades",
            symbol=symbol,
            fromId=ids[-1] + 1 if ids else 0,
            limit=limit,
        ).json()
        if not page:
            return ids
        ids += [row["id"] for row in page]


def test_markets_load_with_keys_in_the_documented_calls(simulator: Simulator) -> None:
    exchange = client(simulator, with_keys_markets=True)
    markets = exchange.load_markets()
    assert (
        markets["BTC/USDT"]["active"] and markets["BTC/USDT"]["precision"]["price"] == "0.01000000"
    )
    assert markets["BTC/USD:BTC"]["contractSize"] == "100"
    assert markets["SRM/USDT"]["active"] is False
    assert exchange.currencies["BTC"]["fees"]
    assert {row.path for row in simulator.calls("binance")} == {
        "/sapi/v1/capital/config/getall", "/sapi/v1/margin/allPairs", "/api/v3/exchangeInfo",
        "/sapi/v1/margin/isolated/allPairs", "/fapi/v1/exchangeInfo", "/dapi/v1/exchangeInfo",
    }  # fmt: skip


def test_a_market_on_break_keeps_its_row_and_a_delisted_one_is_gone(simulator: Simulator) -> None:
    rows = {
        row["symbol"]: row["status"]
        for row in ask(simulator, "/api/v3/exchangeInfo").json()["symbols"]
    }
    assert rows["SRMUSDT"] == "BREAK"
    assert "LUNAUSDT" not in rows
    assert rows["币安人生USDT"] == "TRADING"


def test_balances_equal_the_truth_and_zero_rows_are_present(simulator: Simulator) -> None:
    exchange = client(simulator)
    raw = exchange.privateGetAccount()
    amounts = {
        row["asset"]: Decimal(row["free"]) + Decimal(row["locked"]) for row in raw["balances"]
    }
    held = {row.asset: row.total for row in simulator.venue.balances("main", "spot") if row.total}
    assert {asset: amount for asset, amount in amounts.items() if amount} == held
    assert amounts["DOT"] == 0
    short = exchange.privateGetAccount({"omitZeroBalances": "true"})["balances"]
    assert {row["asset"] for row in short} == set(held)
    assert exchange.fetch_balance()["LDBTC"]["total"] is not None


@pytest.mark.parametrize("limit", [7, 1000])
def test_walking_by_id_finds_every_trade_of_every_symbol(simulator: Simulator, limit: int) -> None:
    venue = simulator.venue
    symbols = {fill.symbol for fill in venue.fills("main", kind="spot")}
    assert len(symbols) > 15
    for symbol in sorted(symbols)[:: 1 if limit == 1000 else 6]:
        selected = sorted(int(fill.id) for fill in venue.fills("main", symbol=symbol))
        assert walked(simulator, venue.market("binance", symbol).id, limit) == selected


def test_trades_read_by_ccxt_carry_price_amount_cost_and_fee_of_the_venue(
    simulator: Simulator,
) -> None:
    exchange = client(simulator)
    trades = exchange.fetch_my_trades("BTC/USDT", None, 1000, {"fromId": 0})
    fills = simulator.venue.fills("main", symbol="BTC/USDT")[:1000]
    assert sorted(
        (int(t["id"]), Decimal(t["price"]), Decimal(t["amount"]), Decimal(t["cost"]), t["side"])
        for t in trades
    ) == [(int(f.id), f.price, f.amount, f.cost, f.side) for f in fills]
    fees = {(t["fee"]["currency"], Decimal(t["fee"]["cost"])) for t in trades}
    assert fees == {fee for f in fills for fee in f.fees}
    assert {asset for asset, _ in fees} == {"BNB", "BTC", "USDT"}


def test_ids_are_unique_within_a_symbol_only(simulator: Simulator) -> None:
    fills = simulator.venue.fills("main", kind="spot")
    assert (
        len({fill.id for fill in fills})
        < len(fills)
        == len({(fill.symbol, fill.id) for fill in fills})
    )


def test_nothing_given_means_the_newest_and_a_start_means_the_oldest_from_there(
    simulator: Simulator,
) -> None:
    fills = simulator.venue.fills("main", symbol="BTC/USDT")
    newest = signed(simulator, "/api/v3/myTrades", symbol="BTCUSDT", limit=5).json()
    assert [row["id"] for row in newest] == [int(fill.id) for fill in fills[-5:]]
    oldest = signed(
        simulator, "/api/v3/myTrades", symbol="BTCUSDT", startTime=fills[10].time_ms, limit=3
    ).json()
    assert [row["time"] for row in oldest] == [
        fill.time_ms for fill in fills if fill.time_ms >= fills[10].time_ms
    ][:3]
    before = signed(
        simulator, "/api/v3/myTrades", symbol="BTCUSDT", endTime=fills[10].time_ms, limit=3
    ).json()
    assert before[-1]["time"] == fills[10].time_ms


def test_the_default_page_is_five_hundred(simulator: Simulator) -> None:
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    with running_simulator(venue, limit_scale=1000) as running:
        venue.deposit("main", "USDT", Decimal(1_000_000))
        venue.trade("main", "BTC/USDT", "buy", Decimal("5.2"), parts=520)
        page = signed(running, "/api/v3/myTrades", symbol="BTCUSDT").json()
        everything = signed(running, "/api/v3/myTrades", symbol="BTCUSDT", limit=5000).json()
    assert (len(page), len(everything)) == (500, 520)
    assert page == everything[-500:]
    assert {row["time"] for row in everything} == {NOW_MS}


def test_more_than_a_day_between_start_and_end_is_refused(simulator: Simulator) -> None:
    for path in ("/api/v3/myTrades", "/api/v3/allOrders"):
        good = signed(simulator, path, symbol="BTCUSDT", startTime=NOW_MS - DAY, endTime=NOW_MS)
        assert good.status_code == 200
        bad = signed(simulator, path, symbol="BTCUSDT", startTime=NOW_MS - DAY - 1, endTime=NOW_MS)
        assert refusal(bad) == (400, -1127)
        assert bad.json()["msg"] == "More than 24 hours between startTime and endTime."


def test_unsupported_combinations_and_unknown_parameters_are_refused(simulator: Simulator) -> None:
    assert refusal(
        signed(simulator, "/api/v3/myTrades", symbol="BTCUSDT", fromId=1, startTime=1)
    ) == (400, -1128)
    assert refusal(signed(simulator, "/api/v3/myTrades", symbol="BTCUSDT", paginate="true")) == (
        400,
        -1104,
    )
    assert refusal(signed(simulator, "/api/v3/myTrades")) == (400, -1102)
    assert refusal(signed(simulator, "/api/v3/myTrades", symbol="NOPEUSDT")) == (400, -1121)
    assert refusal(signed(simulator, "/api/v3/myTrades", symbol="btcusdt")) == (400, -1100)
    assert refusal(signed(simulator, "/api/v3/myTrades", symbol="BTCUSDT", limit="x")) == (
        400,
        -1100,
    )


def test_trades_of_a_delisted_symbol_are_served_under_its_raw_id(simulator: Simulator) -> None:
    import ccxt

    exchange = client(simulator)
    exchange.load_markets()
    with pytest.raises(ccxt.BadSymbol):
        exchange.fetch_my_trades("LUNA/USDT")
    rows = exchange.privateGetMyTrades({"symbol": "LUNAUSDT", "fromId": 0})
    assert [row["id"] for row in rows] == [
        int(f.id) for f in simulator.venue.fills("main", symbol="LUNA/USDT")
    ]
    assert refusal(ask(simulator, "/api/v3/ticker/24hr", symbol="LUNAUSDT")) == (400, -1121)


def test_orders_tell_every_ending_and_what_was_filled(simulator: Simulator) -> None:
    known = {o.id: o for o in simulator.venue.orders("main", symbol="BTC/USDT")}
    rows = signed(simulator, "/api/v3/allOrders", symbol="BTCUSDT", orderId=0, limit=1000).json()
    assert [str(row["orderId"]) for row in rows] == sorted(known, key=int)
    assert {row["status"] for row in rows} >= {"FILLED", "CANCELED", "EXPIRED", "NEW"}
    for row in rows:
        order = known[str(row["orderId"])]
        assert (
            Decimal(row["executedQty"]) == order.filled
            and Decimal(row["cummulativeQuoteQty"]) == order.cost
        )
        assert row["price"] == "0.00000000" or row["type"] != "MARKET"
    partly = [
        row
        for row in rows
        if row["status"] in ("CANCELED", "EXPIRED") and Decimal(row["executedQty"]) > 0
    ]
    assert partly
    one = signed(simulator, "/api/v3/order", symbol="BTCUSDT", orderId=partly[0]["orderId"]).json()
    assert one == partly[0]


def test_an_old_order_without_fills_is_archived_when_asked_for_alone(simulator: Simulator) -> None:
    orders = simulator.venue.closed_orders("main", symbol="BTC/USDT", end=NOW_MS - 100 * DAY)
    empty = next(order for order in orders if not order.filled)
    assert refusal(signed(simulator, "/api/v3/order", symbol="BTCUSDT", orderId=empty.id)) == (
        400,
        -2026,
    )
    assert refusal(signed(simulator, "/api/v3/order", symbol="BTCUSDT", orderId=1)) == (400, -2013)


def test_open_orders_with_and_without_a_symbol(simulator: Simulator) -> None:
    exchange = client(simulator)
    opened = {order.id: order.symbol for order in simulator.venue.open_orders("main", kind="spot")}
    assert {o["id"]: o["symbol"] for o in exchange.fetch_open_orders()} == opened
    assert {o["symbol"] for o in exchange.fetch_open_orders("BTC/USDT")} == {"BTC/USDT"}


def test_a_partly_filled_order_is_open_and_says_so() -> None:
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    with running_simulator(venue, limit_scale=1000) as running:
        venue.deposit("main", "USDT", Decimal(10_000))
        order = venue.place("main", "BTC/USDT", "buy", Decimal("0.02"), Decimal(50_000))
        venue.trader.fill(order, Decimal("0.005"), Decimal(50_000), NOW_MS, maker=True)
        (row,) = signed(running, "/api/v3/openOrders", symbol="BTCUSDT").json()
        venue.cancel(order)
        (after,) = signed(running, "/api/v3/allOrders", symbol="BTCUSDT").json()
        again = signed(running, "/api/v3/openOrders").json()
    assert (row["status"], row["executedQty"], row["cummulativeQuoteQty"]) == (
        "PARTIALLY_FILLED",
        "0.00500000",
        "250.00000000",
    )
    assert (after["status"], after["executedQty"], again) == ("CANCELED", "0.00500000", [])


def test_tickers_tell_a_market_on_break_and_one_never_traded(simulator: Simulator) -> None:
    rows = {row["symbol"]: row for row in ask(simulator, "/api/v3/ticker/24hr").json()}
    assert rows["SRMUSDT"]["bidPrice"] == "0.00000000" and Decimal(rows["SRMUSDT"]["lastPrice"]) > 0
    assert rows["SRMUSDT"]["closeTime"] < NOW_MS - 400 * DAY
    assert (
        rows["币安人生USDT"]["lastPrice"] == "0.00000000"
        and Decimal(rows["币安人生USDT"]["bidPrice"]) > 0
    )
    price = ask(simulator, "/api/v3/ticker/price", symbol="BTCUSDT").json()
    assert price == {"symbol": "BTCUSDT", "price": rows["BTCUSDT"]["lastPrice"]}
    assert client(simulator).fetch_tickers(["ETH/BTC", "BTC/EUR"]).keys() == {"ETH/BTC", "BTC/EUR"}


def test_klines_default_and_maximum(simulator: Simulator) -> None:
    assert len(ask(simulator, "/api/v3/klines", symbol="BTCUSDT", interval="1h").json()) == 500
    rows = ask(simulator, "/api/v3/klines", symbol="BTCUSDT", interval="1h", limit=9999).json()
    assert len(rows) == 1000 and rows[-1][0] <= NOW_MS < rows[-1][6] + 1
    start = NOW_MS - 10 * DAY
    part = ask(
        simulator,
        "/api/v3/klines",
        symbol="BTCUSDT",
        interval="1d",
        startTime=start,
        endTime=NOW_MS - 5 * DAY,
    ).json()
    assert len(part) == 5 and part[0][0] >= start
    assert refusal(ask(simulator, "/api/v3/klines", symbol="BTCUSDT", interval="7m")) == (
        400,
        -1120,
    )
    assert refusal(ask(simulator, "/api/v3/klines", symbol="BTCUSDT")) == (400, -1102)


def test_the_clock_must_agree(simulator: Simulator) -> None:
    assert signed(simulator, "/api/v3/account", timestamp=NOW_MS - 5000).status_code == 200
    assert refusal(signed(simulator, "/api/v3/account", timestamp=NOW_MS - 5001)) == (400, -1021)
    assert (
        signed(
            simulator, "/api/v3/account", timestamp=NOW_MS - 59_000, recvWindow=60_000
        ).status_code
        == 200
    )
    assert refusal(signed(simulator, "/api/v3/account", recvWindow=60_001)) == (400, -1131)
    assert signed(simulator, "/api/v3/account", timestamp=NOW_MS + 999).status_code == 200
    ahead = signed(simulator, "/api/v3/account", timestamp=NOW_MS + 1000)
    assert refusal(ahead) == (400, -1021)
    assert (
        ahead.json()["msg"] == "Timestamp for this request was 1000ms ahead of the server's time."
    )
    assert refusal(signed(simulator, "/api/v3/account", timestamp=None)) == (400, -1102)


def test_keys_and_signatures_are_verified(simulator: Simulator) -> None:
    assert refusal(signed(simulator, "/api/v3/account", secret="wrong")) == (400, -1022)
    assert refusal(signed(simulator, "/api/v3/account", key="x")) == (401, -2014)
    assert refusal(signed(simulator, "/api/v3/account", key="A" * 64)) == (401, -2015)
    key = simulator.venue.account("main").api_key
    assert refusal(ask(simulator, "/api/v3/account", key=key, timestamp=NOW_MS)) == (400, -1102)
    assert refusal(ask(simulator, "/api/v3/account", timestamp=NOW_MS)) == (401, -2014)
    simulator.venue.set_permissions("main", can_read=False)
    try:
        assert refusal(signed(simulator, "/api/v3/account")) == (401, -2015)
    finally:
        simulator.venue.set_permissions("main", can_read=True)


def test_an_unknown_path_is_named(simulator: Simulator) -> None:
    assert refusal(ask(simulator, "/fapi/v9/nothing")) == (404, -5000)

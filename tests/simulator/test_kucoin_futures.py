"""The simulated KuCoin's futures through the real ccxt: overview, positions, fills, orders,
funding, ledger."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import NOW_MS, still_venue
from tests.simulator.kucoin_world import ACCOUNT, DAY, WEEK, connect, pages, windows


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    venue = still_venue(fills=420, accounts=ACCOUNT)
    open_order = venue.place("kucoin", "ETH/USDT:USDT", "buy", Decimal("3"), Decimal("900"))
    venue.trader.fill(open_order, Decimal("1"), Decimal("900"), NOW_MS, maker=True)
    with running_simulator(venue, limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(world: Simulator) -> Any:
    client = connect(world)
    client.load_markets()
    return client


def test_the_overview_is_per_currency_and_counts_open_profit(client: Any, world: Simulator) -> None:
    for code in ("USDT", "USDC", "BTC"):
        held = next(b.total for b in world.venue.balances("kucoin", "futures") if b.asset == code)
        profit = sum(
            (
                p.pnl(world.venue.ticker("kucoin", p.symbol).mark)
                for p in world.venue.positions("kucoin")
                if p.market.settle == code
            ),
            Decimal(0),
        )
        balance = client.fetch_balance({"type": "swap", "code": code})
        assert Decimal(balance[code]["total"]) == held + profit
        assert Decimal(str(balance["info"]["data"]["marginBalance"])) == held
    assert client.futuresPrivateGetAccountOverview()["data"]["currency"] == "XBT"
    with pytest.raises(ccxt.BadRequest, match="currency is invalid"):
        client.futuresPrivateGetAccountOverview({"currency": "DOGE"})


def test_positions_carry_a_sign_and_lots(client: Any, world: Simulator) -> None:
    truth = {p.symbol: p for p in world.venue.positions("kucoin")}
    rows = client.fetch_positions()
    assert {(r["symbol"], r["side"], Decimal(r["contracts"])) for r in rows} == {
        (p.symbol, p.side, p.contracts) for p in truth.values()
    }
    assert {"SOL/USDT:USDT", "BTC/USDC:USDC", "BTC/USD:BTC"} <= set(truth)
    for row in rows:
        assert Decimal(row["entryPrice"]) == truth[row["symbol"]].entry_price
        assert (Decimal(str(row["info"]["currentQty"])) > 0) == (row["side"] == "long")
    assert client.fetch_position("BTC/USD:BTC")["info"]["isInverse"] is True


def test_fills_are_kept_three_months_in_windows_of_a_week(client: Any, world: Simulator) -> None:
    known = [f for f in world.venue.fills("kucoin") if f.market.settle is not None]
    rows = windows(
        lambda w: pages(client.futuresPrivateGetFills, pageSize=3, **w), [f.time_ms for f in known]
    )
    kept = {f.id: f for f in known if f.time_ms >= NOW_MS - 90 * DAY}
    assert 0 < len(kept) < len(known)
    assert {r["tradeId"] for r in rows} == set(kept)
    assert len(rows) == len(kept)
    for row in rows:
        fill = kept[row["tradeId"]]
        assert (row["symbol"], row["size"], Decimal(row["price"])) == (
            fill.market.id,
            int(fill.amount),
            fill.price,
        )
        assert (Decimal(row["value"]), Decimal(row["fee"])) == (fill.cost, fill.fees[0][1])
        assert row["feeCurrency"] == {"BTC": "XBT"}.get(fill.fees[0][0], fill.fees[0][0])
    with pytest.raises(ccxt.BadRequest, match="cannot exceed 168 hours"):
        client.futuresPrivateGetFills({"startAt": NOW_MS - 8 * DAY, "endAt": NOW_MS})


def test_one_bound_alone_reaches_a_day(client: Any, world: Simulator) -> None:
    fill = next(
        f for f in world.venue.fills("kucoin", kind="inverse") if f.time_ms > NOW_MS - 60 * DAY
    )
    rows = client.futuresPrivateGetFills({"startAt": fill.time_ms - 1})["data"]["items"]
    expected = {
        f.id
        for f in world.venue.fills("kucoin", start=fill.time_ms - 1, end=fill.time_ms - 1 + DAY)
        if f.market.settle
    }
    assert {r["tradeId"] for r in rows} == expected
    recent = client.futuresPrivateGetFills()["data"]["items"]
    assert {r["tradeId"] for r in recent} == {
        f.id for f in world.venue.fills("kucoin", start=NOW_MS - WEEK) if f.market.settle
    }


def test_trades_through_ccxt_count_lots(client: Any, world: Simulator) -> None:
    fill = next(
        f
        for f in world.venue.fills("kucoin", symbol="BTC/USD:BTC")
        if f.time_ms > NOW_MS - 60 * DAY
    )
    trades = client.fetch_my_trades("BTC/USD:BTC", fill.time_ms - 1)
    trade = next(t for t in trades if t["id"] == fill.id)
    assert (Decimal(trade["amount"]), trade["fee"]["currency"]) == (fill.amount, "BTC")
    assert Decimal(trade["info"]["value"]) == fill.cost


def test_orders_active_and_done(client: Any, world: Simulator) -> None:
    active = client.futuresPrivateGetOrders({"status": "active"})["data"]["items"]
    assert [(o["symbol"], o["size"], o["filledSize"], o["isActive"]) for o in active] == [
        ("ETHUSDTM", 3, 1, True)
    ]
    known = {
        o.id: o
        for o in world.venue.orders("kucoin", start=NOW_MS - 90 * DAY)
        if o.market.settle and o.status != "open"
    }
    times = [o.created_ms for o in world.venue.orders("kucoin")]
    rows = windows(lambda w: pages(client.futuresPrivateGetOrders, status="done", **w), times)
    assert {r["id"] for r in rows} == set(known)
    assert all(Decimal(r["filledValue"]) == known[r["id"]].cost for r in rows)
    recent = client.futuresPrivateGetRecentDoneOrders()["data"]
    assert {r["id"] for r in recent} == {
        o.id for o in known.values() if o.created_ms >= NOW_MS - DAY
    }


def test_funding_is_per_contract_ten_rows_at_a_time(client: Any, world: Simulator) -> None:
    truth = [
        i
        for i in world.venue.incomes("kucoin", kind="funding")
        if i.market is not None and i.market.id == "XBTUSDM"
    ]
    first = client.futuresPrivateGetFundingHistory({"symbol": "XBTUSDM"})["data"]
    assert (len(first["dataList"]), first["hasMore"]) == (10, len(truth) > 10)
    rows = client.fetch_funding_history("BTC/USD:BTC", None, 1000)
    assert [(r["timestamp"], Decimal(str(r["amount"]))) for r in rows] == [
        (i.time_ms, i.amount) for i in reversed(truth)
    ]
    with pytest.raises(ccxt.BadRequest):
        client.futuresPrivateGetFundingHistory()


def test_the_ledger_covers_a_day(client: Any, world: Simulator) -> None:
    entry = next(
        e
        for e in world.venue.entries("kucoin", wallet="futures")
        if e.kind == "internal" and e.amount < 0
    )
    window = {"startAt": entry.time_ms - 1000, "endAt": entry.time_ms + 1000}
    rows = client.futuresPrivateGetTransactionHistory(window)["data"]["dataList"]
    assert [(r["type"], Decimal(str(r["amount"])), r["offset"]) for r in rows] == [
        ("TransferOut", entry.amount, entry.seq)
    ]
    with pytest.raises(ccxt.BadRequest, match="cannot exceed 24 hours"):
        client.futuresPrivateGetTransactionHistory({"startAt": NOW_MS - 2 * DAY, "endAt": NOW_MS})


def test_prices_of_contracts(client: Any) -> None:
    tickers = client.fetch_tickers(None, {"type": "swap"})
    assert {"BTC/USDT:USDT", "BTC/USD:BTC"} <= set(tickers)
    candles = client.fetch_ohlcv("BTC/USDT:USDT", "1h", NOW_MS - 2 * DAY, 24)
    assert len(candles) == 24
    assert client.futuresPrivateGetHistoryPositions()["data"]["items"] == []

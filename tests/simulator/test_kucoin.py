"""The simulated KuCoin, spot and wallets, through the real ccxt and raw HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest
import requests

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import NOW_MS, still_venue
from tests.simulator.kucoin_world import ACCOUNT, DAY, WEEK, connect, hf_fills, pages, windows


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    venue = still_venue(fills=420, accounts=ACCOUNT)
    part_filled = venue.place("kucoin", "SOL/USDT", "buy", Decimal("2"), Decimal("1.5"))
    venue.trader.fill(part_filled, Decimal("0.75"), Decimal("1.5"), NOW_MS, maker=True)
    gone = venue.place("kucoin", "XRP/USDT", "buy", Decimal("40"), Decimal("0.11"))
    venue.trader.fill(gone, Decimal("15"), Decimal("0.11"), NOW_MS - 2000, maker=True)
    venue.trader.finish(gone, "canceled", NOW_MS - 1000)
    with running_simulator(venue, limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(world: Simulator) -> Any:
    client = connect(world)
    client.load_markets()
    return client


def test_markets_of_spot_and_futures(client: Any) -> None:
    assert client.market("BTC/USDT")["id"] == "BTC-USDT"
    assert client.market("BTC/USDT:USDT")["id"] == "XBTUSDTM"
    assert Decimal(client.market("BTC/USDT:USDT")["contractSize"]) == Decimal("0.001")
    inverse = client.market("BTC/USD:BTC")
    assert (inverse["id"], inverse["inverse"], inverse["settle"]) == ("XBTUSDM", True, "BTC")
    assert "SRM/USDT" not in client.symbols
    assert (client.options["hf"], client.options["uta"]) == (True, False)
    assert client.fetch_time() == NOW_MS
    assert client.currency("EUR")["type"] == "fiat"


def test_wallets_are_distinguished_by_type(client: Any, world: Simulator) -> None:
    for wallet, params in {
        "main": {"type": "main"},
        "trade_hf": {"type": "spot"},
        "trade": {"type": "trade", "hf": False},
    }.items():
        balance = client.fetch_balance(params)
        for known in world.venue.balances("kucoin", wallet):
            assert Decimal(balance[known.asset]["total"]) == known.total
            assert Decimal(balance[known.asset]["used"]) == known.used
    assert any(b.used for b in world.venue.balances("kucoin", "trade_hf"))
    rows = client.privateGetAccounts()["data"]
    assert {r["type"] for r in rows} == {"main", "trade", "trade_hf"}
    assert len({r["id"] for r in rows}) == len(rows)
    assert {r["type"] for r in client.privateGetAccounts({"currency": "USDT"})["data"]} == {
        "main",
        "trade",
        "trade_hf",
    }
    assert client.fetch_balance({"marginMode": "cross"})["total"] == {}


def test_savings_are_apart_from_the_wallets(client: Any, world: Simulator) -> None:
    rows = client.earnGetEarnHoldAssets()["data"]["items"]
    held = {b.asset: b.total for b in world.venue.balances("kucoin", "earn") if b.total}
    assert held
    assert {r["currency"]: Decimal(r["holdAmount"]) for r in rows} == held


def test_both_generations_of_calls_together_serve_every_spot_fill(
    client: Any, world: Simulator
) -> None:
    truth = {f.id: f for f in world.venue.fills("kucoin", kind="spot")}
    newer = [
        row
        for symbol in {f.market.id for f in truth.values()}
        for row in hf_fills(
            client, symbol, [f.time_ms for f in truth.values() if f.market.id == symbol]
        )
    ]
    older = windows(
        lambda w: pages(client.privateGetFills, **w), [f.time_ms for f in truth.values()]
    )
    assert len(newer) + len(older) == len(truth)
    assert min(len(newer), len(older)) > 10
    assert max(r["createdAt"] for r in older) < min(r["createdAt"] for r in newer)
    for row in newer + older:
        fill = truth[str(row["tradeId"])]
        assert (row["symbol"], row["side"], row["createdAt"]) == (
            fill.market.id,
            fill.side,
            fill.time_ms,
        )
        assert (Decimal(row["size"]), Decimal(row["price"]), Decimal(row["funds"])) == (
            fill.amount,
            fill.price,
            fill.cost,
        )
        assert (row["feeCurrency"], Decimal(row["fee"])) == fill.fees[0]
    assert {"KCS", "USDT", "BTC", "USDC"} <= {r["feeCurrency"] for r in newer}
    assert "SRM-USDT" in {r["symbol"] for r in newer}


def test_fills_come_twenty_at_a_time_below_the_last_id(world: Simulator) -> None:
    with running_simulator(still_venue(fills=40, accounts=ACCOUNT), limit_scale=1000) as simulator:
        fills = simulator.venue.trade("kucoin", "BTC/USDT", "buy", Decimal("0.03"), parts=30)
        client = connect(simulator)
        first = client.privateGetHfFills({"symbol": "BTC-USDT"})["data"]
        assert len(first["items"]) == 20
        assert first["lastId"] == first["items"][-1]["id"]
        rest = client.privateGetHfFills(
            {"symbol": "BTC-USDT", "lastId": first["lastId"], "limit": 500}
        )["data"]["items"]
        ids = [str(r["tradeId"]) for r in first["items"] + rest]
        assert ids[:30] == [f.id for f in reversed(fills)]
        end = client.privateGetHfFills({"symbol": "BTC-USDT", "lastId": 1})["data"]
        assert (end["items"], end["lastId"]) == ([], 0)


def test_windows_are_a_week_and_one_bound_reaches_a_week(client: Any, world: Simulator) -> None:
    fills = world.venue.fills("kucoin", symbol="BTC/USDT")
    begin = fills[len(fills) // 2].time_ms
    rows = client.privateGetHfFills({"symbol": "BTC-USDT", "startAt": begin, "limit": 100})["data"][
        "items"
    ]
    assert {str(r["tradeId"]) for r in rows} == {
        f.id for f in fills if begin <= f.time_ms <= begin + WEEK
    }
    rows = client.privateGetHfFills({"symbol": "BTC-USDT", "endAt": begin, "limit": 100})["data"][
        "items"
    ]
    assert {str(r["tradeId"]) for r in rows} == {
        f.id for f in fills if begin - WEEK <= f.time_ms <= begin
    }
    with pytest.raises(ccxt.BadRequest, match="cannot exceed 168 hours"):
        client.privateGetHfFills(
            {"symbol": "BTC-USDT", "startAt": begin, "endAt": begin + WEEK + 1}
        )
    with pytest.raises(ccxt.BadRequest, match="symbol may not be null"):
        client.privateGetHfFills()
    with pytest.raises(ccxt.ExchangeError, match="900001"):
        client.privateGetHfFills({"symbol": "NOPE-USDT"})


def test_finished_orders_are_kept_six_months_and_empty_cancelled_ones_one(
    client: Any, world: Simulator
) -> None:
    known = world.venue.closed_orders("kucoin", kind="spot")
    rows: list[Any] = []
    for symbol in {o.market.id for o in known}:
        times = [o.updated_ms for o in known if o.market.id == symbol]
        rows += windows(lambda w, s=symbol: done_orders(client, s, w), times)
    kept = {o.id: o for o in known if o.updated_ms >= NOW_MS - (180 if o.filled else 30) * DAY}
    assert {r["id"] for r in rows} == set(kept)
    assert len(rows) == len(kept)
    for row in rows:
        order = kept[row["id"]]
        assert (Decimal(row["dealSize"]), Decimal(row["dealFunds"])) == (order.filled, order.cost)
        assert row["cancelExist"] == (order.status != "filled")
        assert (Decimal(row["size"]) == 0) == (order.quote_amount is not None)


def done_orders(client: Any, symbol: str, window: dict[str, int]) -> list[Any]:
    rows: list[Any] = []
    last: dict[str, Any] = {}
    while True:
        data = client.privateGetHfOrdersDone({"symbol": symbol, **window, **last})["data"]
        rows += data["items"]
        if not data["items"]:
            return rows
        last = {"lastId": data["lastId"]}


def test_part_filled_orders_open_and_cancelled(client: Any) -> None:
    order = client.fetch_open_orders("SOL/USDT")[0]
    assert (order["status"], Decimal(order["filled"]), Decimal(order["amount"])) == (
        "open",
        Decimal("0.75"),
        Decimal(2),
    )
    gone = client.fetch_closed_orders("XRP/USDT")[-1]
    assert (gone["status"], Decimal(gone["filled"])) == ("canceled", Decimal(15))
    assert client.fetch_order(gone["id"], "XRP/USDT")["status"] == "canceled"
    assert "SOL-USDT" in client.request("hf/orders/active/symbols", ["private"])["data"]["symbols"]
    assert client.privateGetOrders({"status": "active"})["data"]["items"] == []


def test_deposits_and_withdrawals_in_pages(client: Any, world: Simulator) -> None:
    known = world.venue.transfers("kucoin", kind="deposit")
    first = client.privateGetDeposits({"pageSize": 10})["data"]
    assert (len(first["items"]), first["totalNum"], first["totalPage"]) == (
        10,
        len(known),
        -(-len(known) // 10),
    )
    rows = pages(client.privateGetDeposits, pageSize=10)
    assert [(r["walletTxId"], Decimal(r["amount"])) for r in rows] == [
        (t.txid, t.amount) for t in reversed(known)
    ]
    assert all("id" not in r for r in rows)
    out = client.fetch_withdrawals()
    assert {r["id"]: (Decimal(r["amount"]), Decimal(r["fee"]["cost"])) for r in out} == {
        t.id: (t.amount, t.fee) for t in world.venue.transfers("kucoin", kind="withdrawal")
    }
    assert client.fetch_deposits(None, 1_500_000_000_000) == []
    with pytest.raises(ccxt.BadRequest, match="pageSize should not greater than 500"):
        client.privateGetDeposits({"pageSize": 501})


def test_ledgers_tell_transfers_of_a_day(client: Any, world: Simulator) -> None:
    moves = world.venue.transfers("kucoin", kind="internal", start=NOW_MS - 50 * DAY)
    move = next(t for t in moves if (t.from_wallet, t.to_wallet) == ("trade_hf", "main"))
    transfers = client.fetch_transfers(move.asset, move.time_ms - 1000)
    assert [Decimal(t["amount"]) for t in transfers] == [move.amount]
    with pytest.raises(ccxt.BadRequest, match="cannot exceed 24 hours"):
        client.privateGetAccountsLedgers({"startAt": NOW_MS - 2 * DAY, "endAt": NOW_MS})
    airdrop = client.privateGetAccountsLedgers(
        {"startAt": NOW_MS - int(2.5 * DAY), "endAt": NOW_MS - int(1.6 * DAY)}
    )
    assert "Airdrop/Fork" in {r["bizType"] for r in airdrop["data"]["items"]}


def test_the_high_frequency_ledger_walks_by_last_id(client: Any, world: Simulator) -> None:
    rows: list[Any] = []
    last: dict[str, Any] = {}
    while True:
        page = client.privateGetHfAccountsLedgers({"limit": 10, **last})["data"]
        rows += page
        if not page:
            break
        last = {"lastId": page[-1]["id"]}
    known = world.venue.entries("kucoin", wallet="trade_hf", start=NOW_MS - WEEK)
    assert sorted(r["id"] for r in rows) == sorted(e.id for e in known)
    assert {r["bizType"] for r in rows} >= {"TRADE_EXCHANGE", "TRANSFER", "OTHER"}
    trade = next(r for r in rows if r["bizType"] == "TRADE_EXCHANGE")
    assert set(json.loads(trade["context"])) == {"symbol", "orderId", "tradeId"}


def test_converts(client: Any, world: Simulator) -> None:
    rows = client.privateGetConvertOrderHistory()["data"]["items"]
    assert [
        (r["orderId"], Decimal(r["fromCurrencySize"]), Decimal(r["toCurrencySize"])) for r in rows
    ] == [(c.id, c.from_amount, c.to_amount) for c in reversed(world.venue.conversions("kucoin"))]
    assert len(rows) == 3


def test_tickers_and_candles(client: Any) -> None:
    tickers = client.fetch_tickers()
    assert tickers["BTC/USDT"]["bid"] < tickers["BTC/USDT"]["ask"]
    assert tickers["TON/BTC"]["last"] is None
    assert client.fetch_ticker("BTC/USDT")["last"] == tickers["BTC/USDT"]["last"]
    candles = client.fetch_ohlcv("BTC/USDT", "1h", NOW_MS - 3 * DAY, 48)
    assert (len(candles), candles[0][0] % 3_600_000) == (48, 0)
    raw = client.publicGetMarketCandles({"symbol": "BTC-USDT", "type": "1min"})["data"]
    assert len(raw) == 1500
    assert int(raw[0][0]) > int(raw[-1][0])


def test_the_key_says_what_it_may(client: Any, world: Simulator) -> None:
    assert client.privateGetUserApiKey()["data"]["permission"] == "General"
    world.venue.set_permissions("kucoin", can_trade=True, can_withdraw=True)
    assert client.privateGetUserApiKey()["data"]["permission"] == "General,Spot,Futures,Withdrawal"
    world.venue.set_permissions("kucoin", can_trade=False, can_withdraw=False)
    assert client.privateGetSubUser()["data"]["items"] == []


def test_headers_keys_clocks_and_rights_are_checked() -> None:
    with running_simulator(still_venue(fills=40, accounts=ACCOUNT), limit_scale=1000) as simulator:
        bare = requests.get(f"{simulator.url}/kucoin/api.kucoin.com/api/v1/accounts", timeout=5)
        assert (bare.status_code, bare.json()["code"]) == (401, "400001")
        wrong = {"apiKey": "x" * 24, "password": "nope", "secret": "s" * 32}
        for name, code in {"apiKey": "400003", "password": "400004", "secret": "400004"}.items():
            client = connect(simulator)
            setattr(client, name, wrong[name])
            with pytest.raises(ccxt.AuthenticationError, match=code):
                client.privateGetAccounts()
        forged = connect(simulator)
        signed = forged.sign("accounts", ["private"], "GET", {})
        forged.sign = lambda *args, **kwargs: {
            **signed,
            "headers": {**signed["headers"], "KC-API-SIGN": "AAAA"},
        }
        with pytest.raises(ccxt.AuthenticationError, match="400005"):
            forged.privateGetAccounts()
        late = connect(simulator)
        late.nonce = lambda: NOW_MS - 6000
        with pytest.raises(ccxt.InvalidNonce, match="400002"):
            late.privateGetAccounts()
        simulator.venue.set_permissions("kucoin", can_read=False)
        with pytest.raises(ccxt.AuthenticationError, match="400007"):
            connect(simulator).privateGetAccounts()
        with pytest.raises(ccxt.NotSupported, match="404000"):
            connect(simulator).privateGetMarginBorrow()


def test_pools_are_reported_in_headers_and_refuse_when_empty() -> None:
    with running_simulator(still_venue(fills=40, accounts=ACCOUNT), limit_scale=0.05) as simulator:
        client = connect(simulator)
        client.privateGetAccounts()
        headers = {k.lower(): v for k, v in client.last_response_headers.items()}
        assert (headers["gw-ratelimit-limit"], headers["gw-ratelimit-remaining"]) == ("100", "95")
        with pytest.raises(ccxt.RateLimitExceeded, match="429000"):
            for _ in range(41):
                client.privateGetAccounts()
        assert client.privateGetHfOrdersActive({"symbol": "BTC-USDT"})["code"] == "200000"


def test_faults_are_worded_as_kucoin_does() -> None:
    with running_simulator(still_venue(fills=40, accounts=ACCOUNT), limit_scale=1000) as simulator:
        client = connect(simulator)
        expected = {
            "bad_key": ccxt.AuthenticationError,
            "skew": ccxt.InvalidNonce,
            "429": ccxt.RateLimitExceeded,
        }
        for kind, error in expected.items():
            simulator.fault("kucoin", "/api/v1/accounts", 1, kind)
            with pytest.raises(error):
                client.privateGetAccounts()

"""Every fault of the vocabulary, in the spelling of all six exchanges, through the real ccxt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

import ccxt
import pytest
import requests

from exchange_cache.simulator.misbehaviour import (
    Amended,
    Busted,
    EmptyPage,
    FilterIgnored,
    Growing,
    KeyRefused,
    Late,
    LoopingCursor,
    NullList,
    OtherClock,
    TooManyRequests,
    Unlisted,
    WrongTotal,
)
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import ALL_ACCOUNTS, truth_of
from tests.simulator.builders import NOW_MS, ccxt_client, still_venue

DAY = 86_400_000
HOUR = 3_600_000
EXCHANGES = ("binance", "bybit", "coinbase", "kraken", "kucoin", "okx")
ACCOUNT = {exchange: name for name, exchange in ALL_ACCOUNTS.items()}
PATH = {
    "binance": "/api/v3/myTrades",
    "bybit": "/v5/execution/list",
    "coinbase": "/orders/historical/fills",
    "kraken": "/TradesHistory",
    "kucoin": "/api/v1/hf/fills",
    "okx": "/trade/fills-history",
}
#: Kraken's nonces must rise.
NONCES = count(NOW_MS)
Answer = dict[str, Any] | list[Any]


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    venue = still_venue(fills=600, busy=210, accounts=ALL_ACCOUNTS)
    for account in ALL_ACCOUNTS:
        symbol = venue.profile(ALL_ACCOUNTS[account]).busiest
        for _ in range(8):
            venue.trade(account, symbol, "buy", Decimal("0.003"), parts=3)
    with running_simulator(venue, limit_scale=1000) as simulator:
        yield simulator


@pytest.fixture
def world(running: Simulator) -> Iterator[Simulator]:
    yield running
    running.faults.clear()


def connect(world: Simulator, exchange: str, now_ms: int = NOW_MS) -> Any:
    client = ccxt_client(world, exchange, ACCOUNT[exchange])
    client.password = world.venue.account(ACCOUNT[exchange]).password
    client.nonce = client.milliseconds = lambda: now_ms
    if exchange == "kraken":
        client.nonce = NONCES.__next__
    client.seconds = lambda: now_ms // 1000
    client.options["fetchCurrencies"] = False
    return client


def binance(client: Any, page: Answer | None) -> Answer:
    start = int(page[-1]["id"]) + 1 if isinstance(page, list) and page else 0
    answer: Answer = client.privateGetMyTrades({"symbol": "BTCUSDT", "fromId": start, "limit": 5})
    return answer


def bybit(client: Any, page: Any) -> Any:
    more = {"cursor": page["result"]["nextPageCursor"]} if page else {}
    return client.privateGetV5ExecutionList({"category": "spot", "limit": 5, **more})


def coinbase(client: Any, page: Any) -> Any:
    more = {"cursor": page["cursor"]} if page else {}
    return client.v3PrivateGetBrokerageOrdersHistoricalFills({"limit": 5, **more})


def kraken(client: Any, page: Any) -> Any:
    offset = page["asked"] + 50 if page else 0
    answer = client.privatePostTradesHistory({"ofs": offset} if offset else {})
    return {**answer, "asked": offset}


def kucoin(client: Any, page: Any) -> Any:
    more = {"lastId": page["data"]["lastId"]} if page else {}
    return client.privateGetHfFills({"symbol": "BTC-USDT", "limit": 5, **more})


def okx(client: Any, page: Any) -> Any:
    more = {"after": page["data"][-1]["billId"]} if page else {}
    return client.privateGetTradeFillsHistory({"instType": "SPOT", "limit": 5, **more})


STEP: dict[str, Callable[[Any, Any], Any]] = {
    "binance": binance,
    "bybit": bybit,
    "coinbase": coinbase,
    "kraken": kraken,
    "kucoin": kucoin,
    "okx": okx,
}


def rows(exchange: str, page: Any) -> Any:
    """The list of a page as sent."""
    return {
        "binance": lambda: page,
        "bybit": lambda: page["result"]["list"],
        "coinbase": lambda: page["fills"],
        "kraken": lambda: page["result"]["trades"],
        "kucoin": lambda: page["data"]["items"],
        "okx": lambda: page["data"],
    }[exchange]()


def walk(world: Simulator, exchange: str, count: int, now_ms: int = NOW_MS) -> list[Any]:
    """The first pages of the list of fills, each asked with what the page before says."""
    client, found, page = connect(world, exchange, now_ms), [], None
    for _ in range(count):
        page = STEP[exchange](client, page)
        found.append(page)
    return [rows(exchange, page) for page in found]


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_an_empty_page_in_the_middle_keeps_its_cursor_and_total(
    world: Simulator, exchange: str
) -> None:
    client = connect(world, exchange)
    first = STEP[exchange](client, None)
    true = STEP[exchange](client, first)
    world.inflict(EmptyPage(exchange=exchange, path=PATH[exchange]))
    assert rows(exchange, STEP[exchange](client, None)) == rows(exchange, first)
    empty = STEP[exchange](client, first)
    assert rows(exchange, empty) in ([], {}) and rows(exchange, true)
    if exchange == "kraken":
        assert empty["result"]["count"] == true["result"]["count"]
    if exchange in ("bybit", "coinbase"):
        cursor = (
            (lambda p: p["result"]["nextPageCursor"])
            if exchange == "bybit"
            else (lambda p: p["cursor"])
        )
        assert cursor(empty) == cursor(true)
    assert STEP[exchange](client, first) == true, "once"


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_list_is_null(world: Simulator, exchange: str) -> None:
    world.inflict(NullList(exchange=exchange, path=PATH[exchange], page=1))
    client = connect(world, exchange)
    assert rows(exchange, STEP[exchange](client, None)) in (None, "null")
    assert rows(exchange, STEP[exchange](client, None))


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_cursors_loop(world: Simulator, exchange: str) -> None:
    first, second, third, *_ = walk(world, exchange, 3)
    assert first != second != third != first
    world.inflict(LoopingCursor(exchange=exchange, path=PATH[exchange]))
    client, page, seen = connect(world, exchange), None, []
    for _ in range(3):
        page = STEP[exchange](client, page)
        seen.append(rows(exchange, page))
    assert seen == [first, second, first]


def test_a_window_by_time_begins_a_walk_of_its_own(world: Simulator) -> None:
    path, client = "/asset/deposit-history", connect(world, "okx")
    true = client.privateGetAssetDepositHistory({"limit": 2})["data"]
    times = [int(row["ts"]) for row in true]
    world.inflict(EmptyPage(exchange="okx", path=path, page=2))

    def page(after: int) -> list[int]:
        asked = client.privateGetAssetDepositHistory({"limit": 1, "after": str(after)})
        return [int(row["ts"]) for row in asked["data"]]

    assert page(NOW_MS + 1) == times[:1]
    assert page(times[0]) == [], "the second page of that walk"
    assert page(times[0]) == times[1:]
    world.inflict(EmptyPage(exchange="okx", path=path, page=1))
    assert page(times[0] - 5_000) == [], "the first page of another"


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_fills_are_late_then_there(world: Simulator, exchange: str) -> None:
    before = walk(world, exchange, 2)
    fault = Late(
        account=ACCOUNT[exchange], data="fills", from_ms=NOW_MS - HOUR, to_ms=NOW_MS,
        shown_ms=NOW_MS + 3 * HOUR,
    )  # fmt: skip
    world.inflict(fault)
    served = world.shown[exchange].fills(ACCOUNT[exchange])
    assert len(world.venue.fills(ACCOUNT[exchange])) - len(served) >= 24
    if exchange != "binance":  # whose pages begin with the oldest
        assert walk(world, exchange, 2) != before
    world.inflict(OtherClock(exchange=exchange, by_ms=3 * HOUR))
    assert world.shown[exchange].fills(ACCOUNT[exchange]) == world.venue.fills(ACCOUNT[exchange])


def test_fills_are_busted_amended_and_orders_grow(world: Simulator) -> None:
    where = {"account": "kraken", "from_ms": NOW_MS - HOUR, "to_ms": NOW_MS}
    true = rows("kraken", kraken(connect(world, "kraken"), None))
    newest = world.venue.fills("kraken")[-24:]
    busted = Busted(data="fills", gone_ms=NOW_MS, every=2, **where)
    world.inflict(busted)
    left = rows("kraken", kraken(connect(world, "kraken"), None))
    gone = {fill.id for fill in newest if busted.concerns(fill)}
    assert 5 < len(gone) < 19 and gone <= true.keys() and not gone & left.keys()
    world.faults.clear()
    world.inflict(Amended(data="fills", changed_ms=NOW_MS, factor=Decimal(2), **where))
    changed = rows("kraken", kraken(connect(world, "kraken"), None))
    for fill in newest:
        assert Decimal(changed[fill.id]["price"]) == Decimal(true[fill.id]["price"]) * Decimal(2)
    world.faults.clear()
    world.inflict(Growing(grown_ms=NOW_MS + 1, **where))
    order = world.venue.closed_orders("kraken")[-1]
    shown = connect(world, "kraken").privatePostClosedOrders({})["result"]["closed"][order.id]
    assert (shown["status"], Decimal(shown["vol_exec"])) == ("closed", Decimal("0.002"))
    assert (order.filled, len(order.fill_ids)) == (Decimal("0.003"), 3)


TOTALS = {
    "binance": ("sapiGetAssetTransfer", {"type": "MAIN_UMFUTURE"}, lambda p: p["total"]),
    "kraken": ("privatePostTradesHistory", {}, lambda p: p["result"]["count"]),
    "kucoin": ("privateGetDeposits", {}, lambda p: p["data"]["totalNum"]),
}


@pytest.mark.parametrize("exchange", TOTALS)
def test_a_total_is_wrong(world: Simulator, exchange: str) -> None:
    method, params, total = TOTALS[exchange]
    call = getattr(connect(world, exchange), method)
    true = int(total(call(params)))
    world.inflict(WrongTotal(exchange=exchange, path="/", by=7))
    assert int(total(call(params))) == true + 7


FILTERS = {
    "binance": ("/fapi/v1/income", "fapiPrivateGetIncome", {"incomeType": "TRANSFER"}),
    "bybit": ("/transaction-log", "privateGetV5AccountTransactionLog", {"type": "TRANSFER_IN"}),
    "coinbase": (
        "/fills", "v3PrivateGetBrokerageOrdersHistoricalFills", {"product_ids": "ETH-USD"},
    ),
    "kraken": ("/Ledgers", "privatePostLedgers", {"type": "withdrawal"}),
    "kucoin": ("/hf/accounts/ledgers", "privateGetHfAccountsLedgers", {"bizType": "TRANSFER"}),
    "okx": ("/account/bills-archive", "privateGetAccountBillsArchive", {"type": "1"}),
}  # fmt: skip


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_filter_is_ignored(world: Simulator, exchange: str) -> None:
    path, method, params = FILTERS[exchange]
    call = getattr(connect(world, exchange), method)
    narrow, whole = call(params), call({})
    assert narrow != whole
    fault = FilterIgnored(exchange=exchange, path=path, names=tuple(params))
    world.inflict(fault)
    assert call(params) == whole
    assert world.faults.hits[fault] == 1


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_server_has_another_clock(world: Simulator, exchange: str) -> None:
    ahead = 5 * HOUR
    world.inflict(OtherClock(exchange=exchange, by_ms=ahead))
    client = connect(world, exchange)
    if exchange != "kucoin":
        assert abs(client.fetch_time() - NOW_MS - ahead) < 1000
    url = f"{world.url}/{exchange}/host/nothing"
    date = parsedate_to_datetime(requests.get(url, timeout=5).headers["Date"])
    assert int(date.timestamp()) == (NOW_MS + ahead) // 1000
    if exchange != "kraken":  # whose nonces carry no time
        with pytest.raises((ccxt.InvalidNonce, ccxt.AuthenticationError)):
            STEP[exchange](client, None)
    assert rows(exchange, STEP[exchange](connect(world, exchange, NOW_MS + ahead), None))


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_key_is_refused_after_some_requests(world: Simulator, exchange: str) -> None:
    world.inflict(KeyRefused(exchange=exchange, after=2))
    assert len(walk(world, exchange, 2)) == 2
    for _ in range(3):
        with pytest.raises(ccxt.AuthenticationError):
            walk(world, exchange, 1)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_rate_limit_lasts(world: Simulator, exchange: str) -> None:
    world.inflict(TooManyRequests(exchange=exchange))
    for _ in range(4):
        with pytest.raises((ccxt.RateLimitExceeded, ccxt.DDoSProtection)):
            walk(world, exchange, 1)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_market_that_will_end_is_listed_beside_its_perpetual(exchange: str) -> None:
    venue = still_venue(fills=1, accounts={ACCOUNT[exchange]: exchange})
    market = venue.list_ending(exchange, NOW_MS + DAY)
    with running_simulator(venue, limit_scale=1000) as simulator:
        client = connect(simulator, exchange, NOW_MS)
        client.load_markets()
        listed = venue.markets(exchange, listed_at=NOW_MS)
        assert {m.symbol for m in listed} <= set(client.markets)
    assert client.market(market.symbol)["id"] == market.id
    assert client.market(market.symbol)["expiry"] == market.extra.get("expiry")


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_an_ended_market_is_in_no_list_and_its_history_is_served(exchange: str) -> None:
    now, account = [NOW_MS], ACCOUNT[exchange]
    venue = still_venue(fills=60, accounts={account: exchange})
    venue.clock = lambda: now[0]
    market = venue.list_ending(exchange, NOW_MS + DAY)
    made = [
        fill
        for side in ("buy", "sell")
        for fill in venue.trade(
            account, market.symbol, side, max(market.lot * 9, market.min_amount)
        )
    ]
    now[0] += 2 * DAY
    venue.check_books()
    assert truth_of(venue)["accounts"][account]["fills"][market.kind][market.symbol]
    with running_simulator(venue, limit_scale=1000) as simulator:
        simulator.inflict(Unlisted(exchange=exchange, symbol=market.symbol))
        client = connect(simulator, exchange, now[0])
        client.load_markets()
        assert market.id not in client.markets_by_id
        sent = str(_history(client, exchange, market.id))
        assert sent.count(f"'{market.id}'") >= 2
        assert all(fill.id in sent for fill in made)


def _history(client: Any, exchange: str, market_id: str) -> Any:
    since = NOW_MS - HOUR
    return {
        "binance": lambda: client.fapiPrivateGetUserTrades({"symbol": market_id}),
        "bybit": lambda: client.privateGetV5ExecutionList({"category": "linear"}),
        "coinbase": lambda: client.v3PrivateGetBrokerageOrdersHistoricalFills({}),
        "kraken": lambda: client.privatePostTradesHistory({}),
        "kucoin": lambda: client.futuresPrivateGetFills({"startAt": since}),
        "okx": lambda: client.privateGetTradeFillsHistory({"instType": "FUTURES"}),
    }[exchange]()


def test_another_process_switches_faults_on_and_off(world: Simulator) -> None:
    control = f"{world.url}/_venue"
    fault = {"fault": "EmptyPage", "exchange": "okx", "path": "/trade/fills-history", "page": 1}
    assert requests.post(f"{control}/misbehave", json=fault, timeout=5).status_code == 200
    assert walk(world, "okx", 1) == [[]]
    requests.post(f"{control}/misbehave", json=fault, timeout=5)
    assert requests.post(f"{control}/calm", json={}, timeout=5).status_code == 200
    assert walk(world, "okx", 1) != [[]]
    wrong = requests.post(f"{control}/misbehave", json={"fault": "Nonsense"}, timeout=5)
    assert wrong.status_code == 400

"""The world of the demo holds what a naive client loses: pages, milliseconds and wallets beyond the
first answer, at all six exchanges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import ALL_ACCOUNTS, Venue
from tests.simulator.builders import NOW_MS, ccxt_client, still_venue

DAY = 86_400_000
#: Rows of the largest page of fills that the exchange documents.
LARGEST_PAGE = {
    "main": 1000,
    "bybit": 100,
    "kraken": 50,
    "okx": 100,
    "coinbase": 250,
    "kucoin": 500,
}


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    with running_simulator(still_venue(accounts=ALL_ACCOUNTS), limit_scale=1000) as running:
        yield running


def _busiest(venue: Venue, account: str) -> str:
    return venue.profile(venue.account(account).exchange).busiest


def _client(world: Simulator, account: str) -> Any:
    client = ccxt_client(world, ALL_ACCOUNTS[account], account)
    client.password = world.venue.account(account).password
    client.nonce = client.milliseconds = lambda: NOW_MS
    client.seconds = lambda: NOW_MS // 1000
    client.options["fetchCurrencies"] = False
    return client


@pytest.mark.parametrize("account", ALL_ACCOUNTS)
def test_one_call_never_returns_the_fills_of_the_busiest_symbol(
    world: Simulator, account: str
) -> None:
    symbol = _busiest(world.venue, account)
    fills = world.venue.fills(account, symbol=symbol)
    assert len(fills) > 1100
    client = _client(world, account)
    for words in ((), (None, 1000), (fills[0].time_ms, 1000)):
        if words and words[0] and account == "kucoin":
            continue  # which refuses a start older than a week without an end
        assert len(client.fetch_my_trades(symbol, *words)) <= 1000 < len(fills)


@pytest.mark.parametrize("account", ALL_ACCOUNTS)
def test_a_default_window_of_seven_days_holds_several_pages_and_not_all(
    world: Simulator, account: str
) -> None:
    fills = world.venue.fills(account, symbol=_busiest(world.venue, account))
    weeks = Counter((NOW_MS - fill.time_ms) // (7 * DAY) for fill in fills)
    busy = [week for week, count in weeks.items() if count > 100]
    assert len(busy) >= 2
    assert sum(weeks[week] for week in busy) > LARGEST_PAGE[account]


@pytest.mark.parametrize("account", ALL_ACCOUNTS)
def test_most_page_borders_split_a_millisecond(world: Simulator, account: str) -> None:
    fills = world.venue.fills(account, symbol=_busiest(world.venue, account))
    busy = [fill for fill in fills if 29 * DAY < NOW_MS - fill.time_ms < 43 * DAY]
    size = LARGEST_PAGE[account]
    borders = range(size, len(busy), size)
    split = [at for at in borders if busy[at - 1].time_ms == busy[at].time_ms]
    assert len(borders) and len(split) * 2 > len(borders)


@pytest.mark.parametrize("account", ALL_ACCOUNTS)
def test_canceled_orders_with_fills_are_common(world: Simulator, account: str) -> None:
    ended = world.venue.closed_orders(account)
    canceled = [order for order in ended if order.status == "canceled" and order.filled > 0]
    assert len(canceled) > len(ended) / 20
    assert any(len(order.fill_ids) > 1 for order in canceled)


def test_most_money_at_coinbase_lies_beyond_the_first_page_of_wallets(world: Simulator) -> None:
    client = _client(world, "coinbase")
    answer = client.v3PrivateGetBrokerageAccounts({"limit": 250})
    assert (len(answer["accounts"]), answer["has_next"]) == (250, True)
    first = {row["currency"] for row in answer["accounts"]}
    held = {row.asset for row in world.venue.balances("coinbase") if row.total > 0}
    assert held & first and len(held - first) > len(held & first)
    assert len(client.v2PrivateGetAccounts({"limit": 250})["data"]) == 250


@pytest.mark.parametrize("exchange", sorted(set(ALL_ACCOUNTS.values())))
def test_two_accounts_of_one_exchange_share_ids_of_different_rows(exchange: str) -> None:
    venue = still_venue(fills=200, accounts={"one": exchange, "two": exchange})
    venue.check_books()
    assert venue.account("one").api_key != venue.account("two").api_key
    for read in (venue.fills, venue.orders, venue.transfers):
        mine = {(row.id, getattr(row, "symbol", "")): row for row in read("one")}
        other = {(row.id, getattr(row, "symbol", "")): row for row in read("two")}
        shared = mine.keys() & other.keys()
        assert shared
        assert any(mine[key].amount != other[key].amount for key in shared)


def test_small_worlds_have_no_busy_days() -> None:
    small, busy = still_venue(fills=300), still_venue(fills=300, busy=140)
    assert len(small.fills("main")) + 140 <= len(busy.fills("main")) + 40
    assert (
        len(busy.fills("kraken", symbol="BTC/EUR"))
        >= 140
        > len(small.fills("kraken", symbol="BTC/EUR"))
    )
    busy.check_books()

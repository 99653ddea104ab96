"""One download of the market list serves every account of a run with the same settings."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter import shared as shares
from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from exchange_cache.adapter.shared import Shared
from exchange_cache.clock import SetClock
from exchange_cache.errors import ExchangeUnavailable
from tests.exchanges.builders import NOW, open_stubbed
from tests.exchanges.stub import Answer, Asked, StubServer


def kraken_list(asked: Asked) -> Any:
    """The two answers of which ccxt makes Kraken's market list: BTC/USD and NEW/USD."""
    if asked.path.endswith("AssetPairs"):
        pair = {
            **{"altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD"},
            **{"pair_decimals": 1, "lot_decimals": 8, "cost_decimals": 5, "ordermin": "0.0001"},
            **{"leverage_buy": [], "leverage_sell": [], "fees": [], "fees_maker": []},
            **{"status": "online", "tick_size": "0.1", "costmin": "0.5"},
        }
        new = {**pair, "altname": "NEWUSD", "wsname": "NEW/USD", "base": "NEW"}
        return {"error": [], "result": {"XXBTZUSD": pair, "NEWUSD": new}}
    asset = {"aclass": "currency", "decimals": 10, "display_decimals": 5, "status": "enabled"}
    names = {"XXBT": "XBT", "ZUSD": "USD", "NEW": "NEW"}
    found = {name: {**asset, "altname": alt} for name, alt in names.items()}
    return {"error": [], "result": found}


def account(name: str, url: str, shared: Shared, clock: SetClock, **config: Any) -> CcxtAdapter:
    """An account that remembers nothing."""
    return open_stubbed(
        "kraken", url, account=name, shared=shared, clock=clock, config=config, memory={}
    )


def downloads(stub: StubServer) -> int:
    return len(stub.to("AssetPairs"))


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


def test_a_second_account_takes_the_markets_that_the_first_downloaded(clock: SetClock) -> None:
    shared = Shared()
    with StubServer(kraken_list) as stub:
        first, second = (account(name, stub.url, shared, clock) for name in ("one", "two"))
        assert first.markets() == second.markets() != {}
        assert downloads(stub) == 1
        one, two = first._session, second._session
        assert two.memory()["markets"] == one.memory()["markets"]
        assert two.markets.downloaded_ms == one.markets.downloaded_ms
        assert two.client.markets_by_id["XXBTZUSD"] == one.client.markets_by_id["XXBTZUSD"]
        for name in one.policy.keep_options:
            assert two.client.options.get(name) == one.client.options.get(name)


def test_a_market_that_one_account_adds_is_not_one_of_another(clock: SetClock) -> None:
    shared = Shared()
    with StubServer(kraken_list) as stub:
        first, second = (account(name, stub.url, shared, clock) for name in ("one", "two"))
        first.markets()
        second.markets()
        for own in (first._session, second._session):
            own.markets.take_as_current()
        made = first._session.market("OLD/USD", "spot")
        assert made["symbol"] in first._session.client.markets
        assert made["symbol"] not in second._session.client.markets
        assert made["id"] not in second._session.client.markets_by_id


@pytest.mark.parametrize("other", [{"options": {"fetchMarkets": ["spot"]}}, {"hostname": "x.org"}])
def test_accounts_with_other_settings_download_for_themselves(
    clock: SetClock, other: dict[str, Any]
) -> None:
    shared = Shared()
    with StubServer(kraken_list) as stub:
        account("one", stub.url, shared, clock).markets()
        account("two", stub.url, shared, clock, **other).markets()
        assert downloads(stub) == 2


def test_a_download_that_failed_is_tried_by_the_next_account(clock: SetClock) -> None:
    shared = Shared()
    with StubServer(lambda asked: Answer("down", 503)) as stub:
        with pytest.raises(ExchangeUnavailable):
            account("one", stub.url, shared, clock).markets()
        stub.script = kraken_list
        assert account("two", stub.url, shared, clock).markets()


def test_a_list_of_long_ago_stands_for_no_download_of_now(clock: SetClock) -> None:
    shared = Shared()
    with StubServer(kraken_list) as stub:
        account("one", stub.url, shared, clock).markets()
        clock.at += timedelta(seconds=shares.RECENT_SECONDS + 1)
        account("two", stub.url, shared, clock).markets()
        assert downloads(stub) == 2


def test_an_unknown_id_is_sought_in_one_new_list_for_all(clock: SetClock) -> None:
    """Both remember a list of this day; an id that it lacks makes the first download it again."""
    shared = Shared()
    with StubServer(kraken_list) as stub:
        seekers = [
            open_stubbed("kraken", stub.url, account=name, shared=shared, clock=clock)
            for name in ("one", "two")
        ]
        for seeker in seekers:
            assert seeker.markets() and downloads(stub) <= 1
            seeker._session.market_by_id("NEWUSD", "spot")
        assert downloads(stub) == 1
        assert all("BTC/USD" in seeker._session.client.markets for seeker in seekers)


def test_of_two_threads_that_seek_an_id_the_second_waits_for_what_the_first_downloads(
    clock: SetClock,
) -> None:
    arrived, may_answer = threading.Event(), threading.Event()

    def slow(asked: Asked) -> Any:
        arrived.set()
        assert may_answer.wait(20)
        return kraken_list(asked)

    with StubServer(slow) as stub:
        session = open_stubbed("kraken", stub.url, clock=clock)._session

        def seek() -> Any:
            with session.client.lane:
                return session.market_by_id("NEWUSD", "spot")["active"]

        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(seek)
            assert arrived.wait(20)
            second = threads.submit(seek)
            time.sleep(0.05)  # room for the mistake: a right one waits as long as it must
            assert not second.done(), "it decided by the old list"
            may_answer.set()
            assert (first.result(20), second.result(20)) == (True, True)
        assert downloads(stub) == 1


def test_of_two_threads_without_markets_one_downloads_them(clock: SetClock) -> None:
    meeting = threading.Barrier(2)
    with StubServer(kraken_list) as stub:
        adapter = account("one", stub.url, Shared(), clock)

        def markets(_: int) -> int:
            meeting.wait(20)
            return len(adapter.markets())

        with ThreadPoolExecutor(2) as threads:
            assert list(threads.map(markets, range(2))) == [2, 2]
        assert downloads(stub) == 1

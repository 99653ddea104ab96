"""An observer of the wire sees the unsigned request, the published address and the raw answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter, open_adapter
from exchange_cache.adapter.wire import RoundTrip, published
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import ExcacheError
from exchange_cache.exchanges import policy_for
from tests.exchanges.builders import NOW, open_stubbed
from tests.exchanges.stub import Answer, Script, StubServer

BALANCES = '{"error":[],"result":{"XXBT":{"balance":1.50,"hold_trade":0}}}'


@contextmanager
def tapped(script: Script) -> Iterator[tuple[CcxtAdapter, list[RoundTrip], StubServer]]:
    trips: list[RoundTrip] = []
    with StubServer(script) as stub:
        adapter = open_adapter(
            "mine",
            policy_for("kraken"),
            {"api_key": "key-of-mine", "secret": "c2VjcmV0LW9mLW1pbmU="},
            {"urls": {"api": stub.url}, "rateLimit": 1},
            SetClock(NOW),
            tap=trips.append,
        )
        yield adapter, trips, stub
        adapter.close()


def answers(asked: Any) -> Any:
    return BALANCES if "Balance" in asked.path else {"error": [], "result": {}}


def test_a_round_trip_has_the_raw_answer_and_nothing_that_was_signed() -> None:
    with tapped(answers) as (adapter, trips, stub):
        session = adapter._session
        session.call("balances", lambda: session.client.privatePostBalanceEx({"page": "2"}))
        (trip,) = trips
        (asked,) = stub.asked
    assert trip == RoundTrip(
        at_ms=to_ms(NOW),
        endpoint="POST private BalanceEx",
        host="api.kraken.com",
        path="/0/private/BalanceEx",
        params={"page": "2"},
        status=200,
        date=None,
        body=BALANCES,
    )
    assert "nonce" in asked.params and "api-sign" in asked.headers


def test_a_refusal_is_observed_with_its_status_and_body() -> None:
    busy = Answer("<html>busy</html>", status=520)
    with tapped(lambda asked: busy) as (adapter, trips, _), pytest.raises(ExcacheError):
        adapter._session.once("the time", adapter._session.client.publicGetTime)
    assert (trips[0].status, trips[0].body) == (520, "<html>busy</html>")


def test_a_request_without_an_answer_is_observed_without_status() -> None:
    trips: list[RoundTrip] = []
    adapter = open_stubbed("kraken", "http://127.0.0.1:1")
    adapter._session.client.tap = trips.append
    with pytest.raises(ExcacheError):
        adapter._session.once("the time", adapter._session.client.publicGetTime)
    assert [(trip.endpoint, trip.status, trip.body) for trip in trips] == [
        ("GET public Time", None, None)
    ]


@pytest.mark.parametrize(
    ("exchange", "section", "host"),
    [("binance", "fapiPrivate", "fapi.binance.com"), ("okx", "rest", "www.okx.com")],
)
def test_an_address_of_a_stand_in_is_shown_as_the_published_one(
    exchange: str, section: str, host: str
) -> None:
    client = open_stubbed(exchange, "http://127.0.0.1:1")._session.client
    address = f"{client.urls['api'][section]}/orders?signature=abc"
    found, path = published(client, address)
    assert found.endswith(host.partition(".")[2])
    assert path.endswith("/orders")


def test_an_address_that_replaces_none_has_no_host() -> None:
    client = open_stubbed("kraken", "http://127.0.0.1:1")._session.client
    assert published(client, "https://elsewhere.example/0/x?y=1") == ("", "/0/x")

"""Requests, responses and the two rate-limit counters, without a socket."""

from __future__ import annotations

import json
from decimal import Decimal

from exchange_cache.simulator.wire import DecayCounter, Request, Response, WindowCounter


class HandClock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_decay_counter_recovers_with_time() -> None:
    clock = HandClock()
    counter = DecayCounter(20, 0.5, clock)
    assert all(counter.charge("key", 2) for _ in range(10))
    assert not counter.charge("key", 2)
    assert counter.charge("other", 2)
    clock.now += 8
    assert counter.charge("key", 2)
    assert not counter.charge("key", 2)


def test_a_window_counter_starts_anew_each_minute() -> None:
    clock = HandClock()
    clock.now = 1200.0
    counter = WindowCounter(100, 60, clock)
    assert counter.charge("ip", 60)
    assert not counter.charge("ip", 60)
    assert counter.used("ip") == 120
    clock.now += 45
    assert counter.seconds_left() == 15
    clock.now += 15
    assert counter.charge("ip", 60)


def test_decimals_are_written_plainly() -> None:
    body = Response(body={"a": Decimal("1E-8"), "b": [Decimal("100")]}).payload()
    assert json.loads(body) == {"a": "0.00000001", "b": ["100"]}


def test_parameters_come_from_query_form_and_json() -> None:
    form = Request(
        exchange="x", host="h", method="POST", path="/p", raw_query="a=1&b=", body=b"a=2&c=%C3%A9"
    )
    assert form.params == {"a": "2", "b": "", "c": "\u00e9"}
    assert Request(exchange="x", host="h", method="POST", path="/p", body=b'{"n": 1}').form == {
        "n": 1
    }
    assert Request(exchange="x", host="h", method="POST", path="/p", body=b"{broken").form == {}

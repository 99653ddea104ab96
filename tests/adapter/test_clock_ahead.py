"""What a client remembers of a clock that was ahead makes no later process wait or keep markets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import ccxt
import pytest

from exchange_cache.adapter import client as clients, client_memory, pace
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.exchanges import policy_for
from tests.builders import NOW

AHEAD = (timedelta(seconds=30), timedelta(hours=3), timedelta(days=3))
NOW_MS = to_ms(NOW)
MARKET = {
    "id": "BTCUSDT",
    "symbol": "BTC/USDT",
    "base": "BTC",
    "quote": "USDT",
    "type": "spot",
    "spot": True,
}


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def restored(clock: SetClock) -> Iterator[Callable[[Mapping[str, object]], Any]]:
    """A client of a new process that remembers what is given."""
    made = []

    def restore(memory: Mapping[str, object], **config: object) -> Any:
        made.append(
            clients.build_client(
                account="main",
                policy=policy_for("binance"),
                credentials={},
                user_config=config,
                clock=clock,
            )
        )
        made[-1].restored = client_memory.restore(made[-1], memory)
        return made[-1]

    yield restore
    for client in made:
        client.session.close()


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
@pytest.mark.parametrize(
    ("memory", "cost", "longest"),
    [
        pytest.param(lambda at: {"last_request_ms": at}, 1, 0.05, id="the last request"),
        pytest.param(
            lambda at: {"dear": [[at, 30_001.5], [at, 30_001.5]]}, 600.03, 60.0, id="dear requests"
        ),
        pytest.param(
            lambda at: {"used": {"api": [0.95, at + 50_000]}}, 1, 60.5, id="the used allowance"
        ),
    ],
)
def test_no_wait_is_longer_than_the_pace_of_one_request(
    restored: Callable[..., Any],
    clock: SetClock,
    ahead: timedelta,
    memory: Callable[[int], Mapping[str, object]],
    cost: float,
    longest: float,
) -> None:
    client = restored(memory(NOW_MS + ahead // timedelta(milliseconds=1)), rateLimit=50)
    client.traffic.endpoint = "GET private account"
    client.throttle(cost)
    assert sum(clock.slept) <= longest


def test_an_allowance_that_was_used_in_the_future_is_forgotten(
    restored: Callable[..., Any], clock: SetClock
) -> None:
    used = {"api": [0.95, NOW_MS + 3_600_000]}
    client = restored({"used": used})
    assert pace.wait_ms(client.budget.used, "GET private account", NOW_MS) == 0
    assert client_memory.remember_pace(client)["used"] == {}, "no later process meets it again"


def test_what_is_left_of_this_minute_is_waited_for_as_before(
    restored: Callable[..., Any], clock: SetClock
) -> None:
    client = restored({"used": {"api": [0.95, NOW_MS + 20_000]}})
    client.traffic.endpoint = "GET private account"
    client.throttle(1)
    assert clock.slept == [20.5]


@pytest.mark.parametrize(
    ("age", "known"),
    [(timedelta(hours=1), True), (timedelta(hours=-1), False), (timedelta(days=-30), False)],
    ids=str,
)
def test_markets_of_the_future_are_old(
    restored: Callable[..., Any], age: timedelta, known: bool
) -> None:
    at = to_ms(NOW - age)
    client = restored({"ccxt": ccxt.__version__, "markets": [MARKET], "markets_at": at})
    assert client.restored == (at if known else 0)
    assert client.markets

"""The simulated Binance's request weights: headers, 429, the ban that follows, and what lifts
it."""

from __future__ import annotations

from collections.abc import Iterator

import ccxt
import pytest

from exchange_cache.simulator.dialects.binance import Binance
from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.binance_http import ask, client, refusal, signed
from tests.simulator.builders import NOW_MS, still_venue


class HandClock:
    """Seconds that move only on request."""

    def __init__(self) -> None:
        self.seconds = 600.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def simulator(clock: HandClock) -> Iterator[Simulator]:
    """6000 x 0.01 = 60 weight a minute on spot, 24 on futures."""
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    with running_simulator(venue, limit_scale=0.01) as running:
        dialect = running.dialects["binance"]
        assert isinstance(dialect, Binance)
        dialect.limits.clock = clock
        yield running


def test_every_answer_tells_the_weight_used(simulator: Simulator) -> None:
    assert ask(simulator, "/api/v3/time").headers["X-MBX-USED-WEIGHT-1M"] == "1"
    assert (
        signed(simulator, "/api/v3/myTrades", symbol="BTCUSDT").headers["X-MBX-USED-WEIGHT-1M"]
        == "21"
    )
    assert signed(simulator, "/api/v3/myTrades").headers["X-MBX-USED-WEIGHT-1M"] == "41"
    assert ask(simulator, "/fapi/v1/time").headers["X-MBX-USED-WEIGHT-1M"] == "1"
    assert ask(simulator, "/dapi/v1/time").headers["X-MBX-USED-WEIGHT-1M"] == "1"


def test_wallet_endpoints_count_apart_by_ip_or_by_user(simulator: Simulator) -> None:
    first = signed(simulator, "/sapi/v1/capital/config/getall").headers
    assert first["X-SAPI-USED-IP-WEIGHT-1M"] == "10"
    assert signed(simulator, "/sapi/v1/asset/dribblet").headers["X-SAPI-USED-IP-WEIGHT-1M"] == "1"
    times = {"startTime": NOW_MS - 1000, "endTime": NOW_MS}
    converts = signed(simulator, "/sapi/v1/convert/tradeFlow", **times)
    assert (converts.status_code, converts.headers["X-SAPI-USED-UID-WEIGHT-1M"]) == (429, "3000")
    assert signed(simulator, "/sapi/v1/asset/dribblet").status_code == 200


@pytest.mark.parametrize(
    ("path", "params", "weight"),
    [
        ("/api/v3/exchangeInfo", {}, 20),
        ("/api/v3/ticker/24hr", {"symbol": "BTCUSDT"}, 2),
        ("/api/v3/ticker/24hr", {}, 80),
        ("/api/v3/ticker/24hr", {"symbols": '["BTCUSDT","ETHUSDT"]'}, 2),
        ("/api/v3/openOrders", {"symbol": "BTCUSDT"}, 6),
        ("/api/v3/openOrders", {}, 80),
        ("/fapi/v1/ticker/24hr", {}, 40),
        ("/fapi/v1/income", {}, 30),
        ("/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1h", "limit": 99}, 1),
        ("/dapi/v1/userTrades", {"symbol": "BTCUSD_PERP"}, 20),
    ],
)
def test_documented_weights(
    simulator: Simulator, path: str, params: dict[str, str], weight: int
) -> None:
    assert ask(simulator, path, **params).headers["X-MBX-USED-WEIGHT-1M"] == str(weight)


def test_too_much_is_429_until_the_minute_is_over(simulator: Simulator, clock: HandClock) -> None:
    clock.seconds = 645.0
    for _ in range(3):
        assert ask(simulator, "/api/v3/exchangeInfo").status_code == 200
    refused = ask(simulator, "/api/v3/time")
    assert refusal(refused) == (429, -1003)
    assert refused.headers["Retry-After"] == "15"
    assert "current limit is 60 request weight per 1 MINUTE" in refused.json()["msg"]
    assert ask(simulator, "/fapi/v1/time").status_code == 200
    clock.seconds += 15
    assert ask(simulator, "/api/v3/time").headers["X-MBX-USED-WEIGHT-1M"] == "1"


def test_going_on_regardless_ends_in_a_ban_that_grows(
    simulator: Simulator, clock: HandClock
) -> None:
    def until_banned() -> int:
        for count in range(100):
            if ask(simulator, "/api/v3/exchangeInfo").status_code == 418:
                return count
        raise AssertionError("never banned")

    assert until_banned() == 13
    banned = ask(simulator, "/api/v3/time")
    assert refusal(banned) == (418, -1003)
    assert banned.headers["Retry-After"] == "120"
    assert f"IP banned until {NOW_MS + 120_000}" in banned.json()["msg"]
    clock.seconds += 121
    assert ask(simulator, "/api/v3/time").status_code == 200
    until_banned()
    assert ask(simulator, "/api/v3/time").headers["Retry-After"] == "240"


def test_ccxt_takes_both_for_ddos_protection(simulator: Simulator) -> None:
    exchange = client(simulator)
    for _ in range(3):
        ask(simulator, "/api/v3/exchangeInfo")
    with pytest.raises(ccxt.DDoSProtection, match="429"):
        exchange.publicGetTime()


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("bad_key", 401, -2015), ("skew", 400, -1021), ("429", 429, -1003), ("418", 418, -1003)],
)
def test_injected_faults_speak_binance(
    simulator: Simulator, kind: str, status: int, code: int
) -> None:
    simulator.fault("binance", "/api/v3/account", 1, kind)
    assert refusal(signed(simulator, "/api/v3/account")) == (status, code)
    assert signed(simulator, "/api/v3/account").status_code == 200

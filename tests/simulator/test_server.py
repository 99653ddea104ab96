"""The server's side of things: faults, stopped exchanges, latency, the request log, the control
endpoints, the home folder."""

from __future__ import annotations

import json
import stat
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import ccxt
import pytest

from exchange_cache.simulator.home import write_home
from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import ccxt_client, still_venue


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(still_venue(fills=150), limit_scale=1000) as running:
        yield running


@pytest.fixture
def client(simulator: Simulator) -> Any:
    client = ccxt_client(simulator, "kraken", "kraken")
    client.load_markets()
    return client


def fetch(simulator: Simulator, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(
        urllib.request.Request(simulator.url + path, data=data), timeout=5
    ) as answer:
        return json.loads(answer.read())


def test_bodies_that_are_no_json_come_with_status_200(simulator: Simulator, client: Any) -> None:
    for kind in ("html200", "empty200", "truncated"):
        simulator.fault("kraken", "BalanceEx", 1, kind)
        assert not client.fetch_balance()["total"]
    assert client.fetch_balance()["total"]


def test_statuses_and_refusals_are_as_asked_and_as_often(simulator: Simulator, client: Any) -> None:
    simulator.fault("kraken", "TradesHistory", 2, "503")
    for _ in range(2):
        with pytest.raises(ccxt.ExchangeNotAvailable):
            client.fetch_my_trades()
    assert client.fetch_my_trades()
    expected = {
        "429": ccxt.RateLimitExceeded,
        "418": ccxt.DDoSProtection,
        "bad_key": ccxt.AuthenticationError,
        "skew": ccxt.InvalidNonce,
    }
    for kind, error in expected.items():
        simulator.fault("kraken", "Balance", 1, kind)
        with pytest.raises(error):
            client.fetch_balance()


def test_a_key_is_refused_after_so_many_private_requests(simulator: Simulator, client: Any) -> None:
    simulator.fault("kraken", "", 1, "bad_key", after=2, signed=True)
    client.fetch_balance()
    client.fetch_ticker("BTC/USD")
    client.fetch_open_orders()
    client.fetch_ticker("BTC/USD")
    with pytest.raises(ccxt.AuthenticationError):
        client.fetch_balance()
    assert client.fetch_balance()["total"]
    assert simulator.faults.waiting() == ()


def test_a_429_says_when_to_come_back(simulator: Simulator) -> None:
    simulator.fault("kraken", "/Time", 1, "429")
    with pytest.raises(urllib.error.HTTPError) as caught:
        fetch(simulator, "/kraken/api.kraken.com/0/public/Time")
    assert caught.value.headers["Retry-After"] == "2"


def test_timeout_and_reset_reach_the_client_as_such(simulator: Simulator, client: Any) -> None:
    client.timeout = 150
    simulator.fault("kraken", "Balance", 1, "timeout")
    with pytest.raises(ccxt.RequestTimeout):
        client.fetch_balance()
    client.timeout = 4000
    simulator.fault("kraken", "Balance", 1, "reset")
    with pytest.raises(ccxt.NetworkError):
        client.fetch_balance()


def test_a_stopped_exchange_leaves_the_others_alone(simulator: Simulator, client: Any) -> None:
    simulator.stop_exchange("kraken")
    with pytest.raises(ccxt.NetworkError):
        client.fetch_balance()
    simulator.stop_exchange("kraken", "503")
    with pytest.raises(ccxt.ExchangeNotAvailable):
        client.fetch_balance()
    assert "accounts" in fetch(simulator, "/_venue/truth")
    simulator.start_exchange("kraken")
    assert client.fetch_balance()["total"]


def test_latency_slows_every_answer(simulator: Simulator, client: Any) -> None:
    simulator.set_latency(60)
    begun = time.monotonic()
    client.fetch_time()
    assert time.monotonic() - begun >= 0.06
    simulator.set_latency(0)


def test_requests_are_logged_with_their_parameters(simulator: Simulator, client: Any) -> None:
    simulator.requests.clear()
    client.fetch_my_trades(None, None, None, {"ofs": 50})
    (row,) = simulator.calls("kraken", "TradesHistory")
    assert (row.method, row.path, row.params["ofs"]) == ("POST", "/0/private/TradesHistory", "50")


def test_control_endpoints_do_what_python_does(simulator: Simulator) -> None:
    before = len(simulator.venue.fills("kraken"))
    trade = {"account": "kraken", "symbol": "ETH/EUR", "side": "buy", "quote_amount": "60"}
    assert len(fetch(simulator, "/_venue/trade", trade)["fills"]) == 1
    assert len(simulator.venue.fills("kraken")) == before + 1
    fetch(simulator, "/_venue/deposit", {"account": "main", "asset": "ETH", "amount": "2"})
    fetch(
        simulator,
        "/_venue/transfer",
        {"account": "main", "asset": "ETH", "amount": "1", "from": "spot", "to": "funding"},
    )
    fetch(
        simulator,
        "/_venue/withdraw",
        {"account": "main", "asset": "ETH", "amount": "0.5", "fee": "0.001", "to": "bybit"},
    )
    simulator.venue.check_books()
    fetch(
        simulator,
        "/_venue/fault",
        {"exchange": "kraken", "path": "Time", "times": 1, "kind": "503"},
    )
    with pytest.raises(urllib.error.HTTPError):
        fetch(simulator, "/kraken/api.kraken.com/0/public/Time")
    assert fetch(simulator, "/_venue/requests")[-1]["path"] == "/0/public/Time"
    with pytest.raises(urllib.error.HTTPError, match="400"):
        fetch(
            simulator,
            "/_venue/trade",
            {"account": "nobody", "symbol": "ETH/EUR", "side": "buy", "amount": "1"},
        )
    with pytest.raises(urllib.error.HTTPError, match="400"):
        fetch(simulator, "/_venue/cost", {"account": "kraken", "asset": "ETH", "price": "1"})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(simulator, "/_venue/nothing")


def test_the_home_folder_is_complete_and_private(simulator: Simulator, tmp_path: Path) -> None:
    write_home(tmp_path, simulator.port, simulator.venue)
    accounts = tomllib.loads((tmp_path / "config.toml").read_text(encoding="utf-8"))["accounts"]
    assert {name: a["exchange"] for name, a in accounts.items()} == {
        "main": "binance",
        "bybit": "bybit",
        "kraken": "kraken",
    }
    for name, account in accounts.items():
        known = simulator.venue.account(name)
        for field, value in (("api_key", known.api_key), ("secret", known.secret)):
            file = tmp_path / account[field]["file"]
            assert file.read_text(encoding="utf-8").strip() == value
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    prefix = f"http://127.0.0.1:{simulator.port}"
    urls = accounts["bybit"]["ccxt"]["urls"]["api"]
    assert urls["spot"] == f"{prefix}/bybit/api.bybit.com"
    assert accounts["kraken"]["ccxt"]["urls"]["api"]["private"] == f"{prefix}/kraken/api.kraken.com"
    assert (
        accounts["main"]["ccxt"]["urls"]["api"]["fapiPrivate"]
        == f"{prefix}/binance/fapi.binance.com/fapi/v1"
    )


def test_ccxt_built_from_the_home_folder_talks_to_the_simulator(
    simulator: Simulator, tmp_path: Path
) -> None:
    write_home(tmp_path, simulator.port, simulator.venue)
    account = tomllib.loads((tmp_path / "config.toml").read_text(encoding="utf-8"))["accounts"][
        "kraken"
    ]
    keys = {
        name: (tmp_path / account[field]["file"]).read_text().strip()
        for name, field in (("apiKey", "api_key"), ("secret", "secret"))
    }
    client = ccxt.kraken({**account["ccxt"], **keys})
    assert client.fetch_my_trades()
    assert client.fetch_status()["status"] == "ok"


def test_unknown_exchanges_are_not_there(simulator: Simulator) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(simulator, "/ftx/ftx.com/api/markets")


def test_requests_in_flight_are_counted_while_they_wait(simulator: Simulator) -> None:
    """Three threads meet in the delay of their answers."""
    simulator.most_in_flight.clear()
    simulator.set_latency(300)
    try:
        clients = [ccxt_client(simulator, "kraken", "kraken") for _ in range(3)]
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(lambda one: one.fetch_time(), clients))
    finally:
        simulator.set_latency(0)
    assert simulator.most_in_flight["kraken"] == 3
    assert simulator.in_flight["kraken"] == 0


def test_refusals_because_of_a_limit_are_counted() -> None:
    with running_simulator(still_venue(fills=150), limit_scale=1) as strict:
        client = ccxt_client(strict, "kraken", "kraken")
        for _ in range(25):
            with suppress(ccxt.DDoSProtection):
                client.fetch_open_orders()
        assert 0 < strict.limited["kraken"] < 10

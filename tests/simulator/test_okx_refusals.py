"""What the simulated OKX refuses, in its own codes and with its HTTP status; how the real ccxt
takes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import ccxt
import pytest
import requests

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import NOW_MS
from tests.simulator.okx_world import answered, okx_client, okx_venue, signed


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(
        okx_venue(fills=60, accounts={"okx": "okx"}), limit_scale=1000
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("ok_access_key", "50103"),
        ("ok_access_passphrase", "50104"),
        ("ok_access_sign", "50106"),
        ("ok_access_timestamp", "50107"),
    ],
)
def test_each_header_must_be_there(simulator: Simulator, header: str, code: str) -> None:
    assert answered(signed(simulator, "account/balance", **{header: ""})) == (401, code)


def test_keys_signatures_and_passphrases_are_checked(simulator: Simulator) -> None:
    unknown = "01234567-89ab-cdef-0123-456789abcdef"
    cases = {
        "50111": {"ok_access_key": "nonsense"},
        "50119": {"ok_access_key": unknown},
        "50113": {"ok_access_sign": "bm8="},
        "50105": {"ok_access_passphrase": "wrong"},
        "50112": {"ok_access_timestamp": "1790000000.123"},
        "50101": {"x_simulated_trading": "1"},
    }
    for code, headers in cases.items():
        response = signed(simulator, "account/balance", **headers)
        assert answered(response) == (401, code)
        assert "data" not in response.json()


@pytest.mark.parametrize("away_ms", [-31_000, 31_000])
def test_a_timestamp_half_a_minute_off_has_expired(simulator: Simulator, away_ms: int) -> None:
    assert answered(signed(simulator, "account/balance", now_ms=NOW_MS + away_ms)) == (401, "50102")
    assert answered(signed(simulator, "account/balance", now_ms=NOW_MS + away_ms // 2)) == (
        200,
        "0",
    )


def test_the_query_is_part_of_what_is_signed(simulator: Simulator) -> None:
    good = signed(simulator, "account/balance?ccy=BTC")
    assert answered(good) == (200, "0")
    sent = good.request
    assert sent.url is not None
    forged = requests.get(sent.url.replace("BTC", "ETH"), headers=dict(sent.headers), timeout=4)
    assert answered(forged) == (401, "50113")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("trade/fills-history", 400, "50014"),
        ("trade/fills-history?instType=STOCK", 400, "51000"),
        ("trade/fills-history?instType=SPOT&after=yesterday", 400, "51000"),
        ("trade/orders-history", 400, "50014"),
        ("trade/orders-history?instType=SPOT&state=closed", 400, "51000"),
        ("trade/orders-pending?limit=0", 400, "51000"),
        ("trade/order?instId=BTC-USDT", 400, "51003"),
        ("trade/order?instId=BTC-USDT&ordId=1", 200, "51603"),
        ("trade/fills-archive?year=2025", 400, "50014"),
        ("asset/asset-valuation?ccy=NOPE", 400, "51000"),
    ],
)
def test_wrong_parameters(simulator: Simulator, path: str, status: int, code: str) -> None:
    response = signed(simulator, path)
    assert answered(response) == (status, code)
    assert response.json()["data"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("public/instruments", 400, "50014"),
        ("public/instruments?instType=OPTION", 400, "50015"),
        ("market/tickers?instType=MARGIN", 400, "51000"),
        ("market/ticker?instId=NOPE-USDT", 200, "51001"),
        ("market/ticker?instId=MATIC-USDT", 200, "51001"),
        ("market/candles?instId=BTC-USDT&bar=7m", 400, "51000"),
        ("market/nothing", 404, "404"),
        ("trade/fills-archive", 401, "50103"),
    ],
)
def test_public_refusals(simulator: Simulator, path: str, status: int, code: str) -> None:
    assert answered(requests.get(f"{simulator.url}/okx/www.okx.com/api/v5/{path}", timeout=4)) == (
        status,
        code,
    )


def test_another_method_is_not_allowed(simulator: Simulator) -> None:
    url = f"{simulator.url}/okx/www.okx.com/api/v5/account/balance"
    assert answered(requests.post(url, timeout=4)) == (405, "50115")
    form = signed(
        simulator,
        "trade/fills-archive",
        method="POST",
        body={"year": "2025", "quarter": "Q4"},
        content_type="text/plain",
    )
    assert answered(form) == (400, "50006")


def test_ccxt_raises_what_it_makes_of_the_codes(simulator: Simulator) -> None:
    def fails(kind: type[Exception], match: str, **wrong: Any) -> None:
        client = okx_client(simulator)
        for name, value in wrong.items():
            setattr(client, name, value)
        with pytest.raises(kind, match=match) as caught:
            client.privateGetAccountBalance()
        assert type(caught.value) is kind

    fails(ccxt.AuthenticationError, "50111", apiKey="nonsense")
    fails(ccxt.AuthenticationError, "50113", secret="wrong")
    fails(ccxt.AuthenticationError, "50105", password="wrong")
    fails(ccxt.ExchangeError, "50119", apiKey="01234567-89ab-cdef-0123-456789abcdef")
    fails(ccxt.InvalidNonce, "50102", nonce=lambda: NOW_MS - 60_000)


def test_permissions_addresses_and_expiry_of_the_key() -> None:
    with running_simulator(
        okx_venue(fills=20, accounts={"okx": "okx"}), limit_scale=1000
    ) as simulator:
        venue, client = simulator.venue, okx_client(simulator)
        config = client.privateGetAccountConfig()["data"][0]
        assert (config["perm"], config["ip"], config["acctLv"]) == ("read_only", "", "2")
        venue.set_permissions("okx", can_trade=True)
        venue.state.accounts["okx"] = dataclasses.replace(venue.account("okx"), ips=("127.0.0.1",))
        config = client.privateGetAccountConfig()["data"][0]
        assert (config["perm"], config["ip"]) == ("read_only,trade", "127.0.0.1")
        venue.state.accounts["okx"] = dataclasses.replace(venue.account("okx"), ips=("10.0.0.1",))
        with pytest.raises(ccxt.PermissionDenied, match="50110"):
            client.privateGetAccountConfig()
        venue.state.accounts["okx"] = dataclasses.replace(
            venue.account("okx"), ips=(), expires_ms=NOW_MS
        )
        assert answered(signed(simulator, "account/config")) == (401, "50119")
        venue.state.accounts["okx"] = dataclasses.replace(venue.account("okx"), expires_ms=None)
        venue.set_permissions("okx", can_read=False)
        assert answered(signed(simulator, "account/config")) == (401, "50120")


def test_each_endpoint_has_its_own_limit() -> None:
    with running_simulator(
        okx_venue(fills=20, accounts={"okx": "okx"}), limit_scale=0.2
    ) as simulator:
        answers = [
            answered(signed(simulator, "trade/fills-history?instType=SPOT")) for _ in range(5)
        ]
        assert (429, "50011") in answers
        assert answered(signed(simulator, "account/balance")) == (200, "0")
        client = okx_client(simulator)
        with pytest.raises(ccxt.RateLimitExceeded):
            for _ in range(5):
                client.privateGetTradeFillsHistory({"instType": "SPOT"})


def test_faults_are_worded_as_okx_does(simulator: Simulator) -> None:
    client = okx_client(simulator)
    for kind, error in (
        ("429", ccxt.RateLimitExceeded),
        ("503", ccxt.OnMaintenance),
        ("skew", ccxt.InvalidNonce),
    ):
        simulator.fault("okx", "account/config", 1, kind)
        with pytest.raises(error):
            client.privateGetAccountConfig()
    simulator.fault("okx", "account/config", 1, "bad_key")
    with pytest.raises(ccxt.AuthenticationError):
        client.privateGetAccountConfig()

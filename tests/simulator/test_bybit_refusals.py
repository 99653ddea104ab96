"""The simulated Bybit's refusals: keys, signatures, clocks, permissions, limits and parameters, in
Bybit's own codes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ccxt
import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Venue
from tests.simulator.builders import NOW_MS, still_venue
from tests.simulator.bybit_world import bybit_client, raw

INFO = "/v5/account/info"


@pytest.fixture(scope="module")
def venue() -> Venue:
    return still_venue(accounts={"bybit": "bybit"}, fills=300)


@pytest.fixture(scope="module")
def simulator(venue: Venue) -> Iterator[Simulator]:
    with running_simulator(venue, limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Any:
    return bybit_client(simulator)


@contextmanager
def changed(simulator: Simulator, **fields: Any) -> Iterator[None]:
    """The account's key with other properties, for a while."""
    accounts = simulator.venue.state.accounts
    before = accounts["bybit"]
    accounts["bybit"] = dataclasses.replace(before, **fields)
    try:
        yield
    finally:
        accounts["bybit"] = before


def test_every_answer_has_the_envelope(simulator: Simulator) -> None:
    status, body, _ = raw(simulator, "/v5/market/time", signed=False)
    assert (status, set(body)) == (200, {"retCode", "retMsg", "result", "retExtInfo", "time"})
    assert body["result"]["timeSecond"] == str(NOW_MS // 1000)
    assert body["time"] == NOW_MS


@pytest.mark.parametrize(
    ("how", "code", "words"),
    [
        ({"signed": False}, 10001, "empty value: apiTimestamp[] apiKey[] apiSignature[]"),
        ({"key": "nobodys"}, 10003, "API key is invalid."),
        ({"secret": "another"}, 10004, "error sign! origin_string["),
        ({"stamp": NOW_MS - 5001}, 10002, "recv_window[5000]"),
        ({"stamp": NOW_MS + 1000}, 10002, f"server_timestamp[{NOW_MS}]"),
    ],
)
def test_a_request_that_is_not_signed_well_is_refused_with_status_200(
    simulator: Simulator, how: dict[str, Any], code: int, words: str
) -> None:
    status, body, _ = raw(simulator, INFO, **how)
    assert (status, body["retCode"], body["result"]) == (200, code, {})
    assert words in body["retMsg"]


def test_a_wider_receive_window_forgives_a_slow_clock(simulator: Simulator) -> None:
    assert raw(simulator, INFO, stamp=NOW_MS - 9000, window="10000")[1]["retCode"] == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"can_read": False}, 10005),
        ({"ips": ("10.0.0.1",)}, 10010),
        ({"expires_ms": NOW_MS}, 33004),
    ],
)
def test_a_key_that_may_not_is_refused(
    simulator: Simulator, fields: dict[str, Any], code: int
) -> None:
    with changed(simulator, **fields):
        assert raw(simulator, INFO)[1]["retCode"] == code


def test_a_key_without_permissions_may_still_ask_about_itself(simulator: Simulator) -> None:
    with changed(simulator, can_read=False, ips=("127.0.0.1",)):
        reported = raw(simulator, "/v5/user/query-api")[1]["result"]
    assert not any(reported["permissions"].values())
    assert reported["ips"] == ["127.0.0.1"]


def test_ccxt_knows_the_codes(client: Any, simulator: Simulator) -> None:
    for fields, kind in (
        ({"can_read": False}, ccxt.PermissionDenied),
        ({"secret": "x"}, ccxt.AuthenticationError),
    ):
        with changed(simulator, **fields), pytest.raises(kind):
            client.fetch_balance()
    for fault, kind in (
        ("skew", ccxt.InvalidNonce),
        ("bad_key", ccxt.AuthenticationError),
        ("429", ccxt.RateLimitExceeded),
    ):
        simulator.fault("bybit", "wallet-balance", 1, fault)
        with pytest.raises(kind):
            client.fetch_balance()


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        ("/v5/execution/list", "", "Category is invalid"),
        ("/v5/execution/list", "category=spot,linear", "Category is invalid"),
        ("/v5/execution/list", "category=linear&symbol=NOPEUSDT", "symbol invalid"),
        ("/v5/execution/list", "category=linear&limit=0", "limit invalid"),
        ("/v5/execution/list", "category=linear&cursor=what", "cursor invalid"),
        (
            "/v5/execution/list",
            f"category=linear&startTime={NOW_MS}&endTime={NOW_MS - 1}",
            "startTime",
        ),
        ("/v5/market/kline", "category=spot&symbol=BTCUSDT&interval=7", "Invalid period!"),
        ("/v5/market/tickers", "category=spot&symbol=NOPEUSDT", "Not supported symbols"),
        ("/v5/account/wallet-balance", "accountType=SPOT", "UNIFIED"),
        (
            "/v5/asset/transfer/query-account-coins-balance",
            "accountType=UNIFIED",
            "coin is required",
        ),
        ("/v5/asset/deposit/query-record", "cursor=bm8%3D", "cursor invalid"),
    ],
)
def test_wrong_parameters_are_10001(
    simulator: Simulator, path: str, query: str, words: str
) -> None:
    body = raw(simulator, path, query)[1]
    assert body["retCode"] == 10001
    assert words in body["retMsg"]


def test_a_path_that_is_not_there_is_no_json(simulator: Simulator) -> None:
    assert raw(simulator, "/v5/no/such/path")[0] == 404


# -- limits
#   ------------------------------------------------------------------------------------------------


def test_answers_tell_what_is_left_of_the_limit(simulator: Simulator) -> None:
    first, second = (raw(simulator, "/v5/order/realtime", "category=spot")[2] for _ in range(2))
    assert first["X-Bapi-Limit"] == "50000"
    assert int(first["X-Bapi-Limit-Status"]) <= 50_000 - 1
    assert int(second["X-Bapi-Limit-Reset-Timestamp"]) == NOW_MS


def test_a_user_who_asks_too_often_is_refused_with_10006(venue: Venue) -> None:
    with running_simulator(venue, limit_scale=0.04) as slow:
        answers = [raw(slow, "/v5/order/realtime", "category=spot") for _ in range(8)]
    refused = [answer for answer in answers if answer[1]["retCode"] == 10006]
    assert {answer[0] for answer in answers} == {200}
    assert refused
    assert refused[0][2]["X-Bapi-Limit-Status"] == "0"
    assert int(refused[0][2]["X-Bapi-Limit-Reset-Timestamp"]) > NOW_MS


def test_an_address_that_asks_too_often_is_shut_out_with_403(venue: Venue) -> None:
    with running_simulator(venue, limit_scale=0.01) as slow:
        answers = [raw(slow, "/v5/market/time", signed=False) for _ in range(14)]
    assert {answer[0] for answer in answers} == {200, 403}
    assert "access too frequent" in next(answer[1] for answer in answers if answer[0] == 403)

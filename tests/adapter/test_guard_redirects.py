"""No request follows a redirect: the key and signature stay with the host that was asked, and the
answer is a bad one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exchange_cache.adapter.address import redirect_target
from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.errors import BadResponse
from exchange_cache.records import DataType
from tests.exchanges.builders import open_stubbed, stream
from tests.exchanges.stub import Answer, Asked, StubServer

STATUSES = (301, 302, 303, 307, 308)
ONCE = RetryPolicy(attempts=1)


@pytest.fixture(scope="module")
def stranger() -> Iterator[StubServer]:
    with StubServer(lambda asked: {"result": {}, "data": []}) as server:
        yield server


@pytest.fixture
def heard(stranger: StubServer) -> list[Asked]:
    stranger.asked.clear()
    return stranger.asked


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("exchange", "secret_header"),
    [
        ("okx", "ok-access-passphrase"),
        ("kraken", "api-key"),
        ("kucoin", "kc-api-passphrase"),
        ("binance", "x-mbx-apikey"),
        ("bybit", "x-bapi-api-key"),
        ("bitfinex", "bfx-apikey"),
    ],
)
def test_a_signed_request_stays_with_its_host(
    exchange: str, secret_header: str, status: int, stranger: StubServer, heard: list[Asked]
) -> None:
    location = f"{stranger.url}/steal?signature=abcdef"
    with StubServer(
        lambda asked: Answer({}, status=status, headers={"Location": location})
    ) as stub:
        adapter = open_stubbed(exchange, stub.url, retry=ONCE)
        with pytest.raises(BadResponse) as raised:
            adapter.balances(adapter.policy.wallets[0])
        assert secret_header in stub.asked[-1].headers
    host = stranger.url.removeprefix("http://")
    assert f"{status}, a redirect to the host {host}, which is not followed" in str(raised.value)
    assert "steal" not in str(raised.value) and "abcdef" not in str(raised.value)
    assert heard == []


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("exchange", ["binance", "kraken", "okx", "hyperliquid"])
def test_a_public_request_stays_with_its_host(
    exchange: str, status: int, stranger: StubServer, heard: list[Asked]
) -> None:
    with StubServer(
        lambda asked: Answer({}, status=status, headers={"Location": stranger.url})
    ) as stub:
        adapter = open_stubbed(exchange, stub.url, retry=ONCE, memory=None)
        with pytest.raises(BadResponse, match="which is not followed"):
            adapter.markets()
        assert stub.asked
    assert heard == []


def test_a_page_of_history_stays_with_its_host(stranger: StubServer, heard: list[Asked]) -> None:
    with StubServer(
        lambda asked: Answer([], status=302, headers={"Location": stranger.url})
    ) as stub:
        adapter = open_stubbed("bitfinex", stub.url, retry=ONCE)
        with pytest.raises(BadResponse, match="which is not followed"):
            adapter.page(stream(adapter, DataType.FILLS, "trades"), None, None, {})
    assert heard == []


@pytest.mark.parametrize(
    "location",
    [
        "/elsewhere?x=1",
        "",
        "http://[x/",
        "//\x1b]0;title\x07/",
        "https://user:pw@evil.example/?k=1",
    ],
)
def test_a_redirect_names_no_more_than_a_host(location: str) -> None:
    named = redirect_target(location, "https://api.kraken.com/0/private/Balance?x=1")
    assert named in {"api.kraken.com", "that cannot be read", "evil.example"}


def test_a_3xx_without_a_location_is_a_bad_answer() -> None:
    with StubServer(lambda asked: Answer({"result": {}}, status=304)) as stub:
        adapter = open_stubbed("kraken", stub.url, retry=ONCE)
        with pytest.raises(BadResponse, match="304, a redirect to the host 127"):
            adapter.balances(adapter.policy.wallets[0])

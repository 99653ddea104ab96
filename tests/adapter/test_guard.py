"""Nothing but reads can leave: every endpoint that the installed ccxt defines is tried on guarded
instances of all its exchanges."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from exchange_cache.adapter import allowlist
from exchange_cache.adapter.allowlist import ExchangeSource, allowed_for
from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.adapter.client import build_client
from exchange_cache.clock import SystemClock
from exchange_cache.errors import BadResponse, ConfigError, WriteRefused
from exchange_cache.exchanges import policy_for
from tests.exchanges.stub import StubServer

EXCHANGES = tuple(sorted(allowlist.read_allowlist()))

PEM = (
    "-----BEGIN EC PRIVATE"
    " KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49\n-----END EC"
    " PRIVATE KEY-----"
)

CREDENTIALS = {
    "api_key": "DUMMYKEY0123456789",
    "secret": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
    "password": "dummypass",
    "uid": "12345",
    "wallet_address": "0x0000000000000000000000000000000000000001",
}


@pytest.fixture(scope="module")
def stub() -> Iterator[StubServer]:
    with StubServer(lambda asked: {}) as server:
        yield server


def guarded(exchange: str, url: str) -> Any:
    return build_client(
        account="main",
        policy=policy_for(exchange),
        credentials=CREDENTIALS,
        user_config={"urls": {"api": url}, "enableRateLimit": False, "timeout": 2000},
        clock=SystemClock(),
    )


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_no_endpoint_outside_the_allow_list_reaches_the_wire_or_is_signed(
    exchange: str, stub: StubServer
) -> None:
    client, source = guarded(exchange, stub.url), ExchangeSource(ccxt_class(exchange))
    signed: list[str] = []
    client.sign = lambda *args, **kwargs: signed.append(str(args))
    allowed = allowed_for(exchange)
    forbidden = {
        item: name for name, item in source.endpoints.items() if item not in allowed
    }  # camel and snake case are one
    before = len(stub.asked)
    for name in forbidden.values():
        with pytest.raises(WriteRefused):
            getattr(client, name)({"symbol": "BTCUSDT", "id": "1", "settle": "usdt"})
    assert forbidden
    assert (len(stub.asked) - before, signed) == (0, [])


@pytest.mark.parametrize(
    "exchange",
    [
        "binance",
        "bybit",
        "kraken",
        "okx",
        "kucoin",
        "gate",
        "bitget",
        "htx",
        "bitfinex",
        "cryptocom",
    ],
)
def test_allowed_reads_arrive_with_the_verb_that_was_allowed(
    exchange: str, stub: StubServer
) -> None:
    client, source = guarded(exchange, stub.url), ExchangeSource(ccxt_class(exchange))
    by_endpoint = {
        item: name
        for name, item in source.endpoints.items()
        if item in allowed_for(exchange) and "{" not in item
    }
    tried = list(by_endpoint.items())[:12]
    for item, name in tried:
        before = len(stub.asked)
        with contextlib.suppress(Exception):
            getattr(client, name)({})
        arrived = stub.asked[before:]
        assert {asked.method for asked in arrived} <= {item.split(" ")[0]}
    assert len(stub.asked) > 0


WRITES = (
    ("create_order", ("BTC/USDT", "limit", "buy", "1", "1")),
    ("cancel_order", ("1", "BTC/USDT")),
    ("cancel_all_orders", ("BTC/USDT",)),
    ("edit_order", ("1", "BTC/USDT", "limit", "buy", "1", "1")),
    ("withdraw", ("BTC", "1", "bc1qxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxy")),
    ("transfer", ("BTC", "1", "spot", "swap")),
    ("set_leverage", (5, "BTC/USDT:USDT")),
    ("create_deposit_address", ("BTC",)),
    ("borrow_cross_margin", ("BTC", "1")),
)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_no_writing_method_of_ccxt_sends_anything_that_is_not_a_read(
    exchange: str, stub: StubServer
) -> None:
    client = guarded(exchange, stub.url)
    client.set_markets(
        [_market(client, "BTCUSDT", "BTC/USDT"), _market(client, "BTCUSDT-P", "BTC/USDT:USDT")]
    )
    reads: list[str] = []
    inner = client.sign

    def spy(path: Any, api: Any = "public", method: str = "GET", *rest: Any, **named: Any) -> Any:
        reads.append(allowlist.endpoint(api, method, path))
        return inner(path, api, method, *rest, **named)

    client.sign = spy
    for name, arguments in WRITES:
        if hasattr(client, name):
            with contextlib.suppress(Exception):
                getattr(client, name)(*arguments)
    assert set(reads) <= allowed_for(exchange)
    assert not [
        read
        for read in reads
        if not read.startswith("GET") and (exchange, read) not in SHARED_POSTS
    ]


#: Reads by POST that writing methods use too.
SHARED_POSTS = {
    ("hyperliquid", "POST public info"),
    ("cryptocom", "POST v1/private private/get-currency-networks"),
}


def _market(client: Any, market_id: str, symbol: str) -> dict[str, Any]:
    contract = ":" in symbol
    return {
        "id": market_id,
        "symbol": symbol,
        "base": "BTC",
        "quote": "USDT",
        "baseId": "BTC",
        "quoteId": "USDT",
        "settle": "USDT" if contract else None,
        "settleId": "USDT" if contract else None,
        "type": "swap" if contract else "spot",
        "spot": not contract,
        "swap": contract,
        "future": False,
        "option": False,
        "contract": contract,
        "active": True,
        "linear": True if contract else None,
        "inverse": False if contract else None,
        "contractSize": "1",
        "precision": {"amount": "0.00000001", "price": "0.00000001"},
        "limits": {},
        "info": {},
    }


def test_fetch_without_a_ticket_is_refused(stub: StubServer) -> None:
    client, before = guarded("kraken", stub.url), len(stub.asked)
    with pytest.raises(WriteRefused):
        client.fetch(stub.url + "/0/private/AddOrder", "POST", {}, "pair=XBTUSD")
    with pytest.raises(WriteRefused):
        client.request("AddOrder", ["private"], "POST", {})
    assert len(stub.asked) == before


def test_a_page_that_is_not_json_is_no_empty_account() -> None:
    import ccxt

    with (
        StubServer(lambda asked: "<html>please log in to the network</html>") as stub,
        pytest.raises(ccxt.BadResponse),
    ):
        guarded("bybit", stub.url).privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})
    assert BadResponse.retryable


def test_hyperliquid_never_takes_a_private_key() -> None:
    with pytest.raises(ConfigError, match="private key"):
        build_client(
            account="main",
            policy=policy_for("hyperliquid"),
            credentials={"private_key": "0x" + "1" * 64, "wallet_address": "0x1"},
            user_config={},
            clock=SystemClock(),
        )
    assert allowed_for("hyperliquid") == {"POST public info"}

"""What is sent is what was allowed: verb, host, path and body of every read of every ccxt exchange,
compared above the wire."""

from __future__ import annotations

import contextlib
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from exchange_cache.adapter.address import Base, Ticket, fault_of, filled
from exchange_cache.adapter.allowlist import allowed_for, read_allowlist
from exchange_cache.errors import AddressRefused, ConfigError, ExchangeFault
from tests.exchanges.builders import NOW, NOW_MS, market, open_stubbed
from tests.exchanges.stub import StubServer
from tests.exchanges.wire import entries, placeholders, reads, wired

EXCHANGES = tuple(sorted(read_allowlist()))

#: Values that would lead a path, a query or a parser elsewhere; all were once sent by ccxt as they
#: are.
HOSTILE = (
    "../order/new",
    "..",
    ".",
    "...",
    "x/../../w/order/submit",
    "x/y",
    "x?y=1",
    "x#",
    "x%2e%2e",
    "%2F",
    "x y",
    "x\ty",
    "x\ny",
    "x\x00",
    "x\\y",
    "",
    "{id}",
    "x;y",
    "//evil.example",
    "\u202ex",
    "\uff0f\uff0e",
    None,
    True,
    1.5,
    ["x"],
    {"x": "y"},
)
SOUND = (
    "tBTCF0:USTF0",
    "BTC-USDT",
    "btc_usdt",
    "1.0",
    "a+b=",
    "0xAb",
    "币安人生_USDT",
    123,
    "client:1",
    "a,b",
    "1000$X!_USDT",
    "~1",
)


def test_the_list_covers_every_exchange_of_the_installed_ccxt() -> None:
    import ccxt

    assert set(EXCHANGES) == set(ccxt.exchanges)


def ask(client: Any, method: str, params: dict[str, str]) -> None:
    """One request; what ccxt makes of the empty answer does not matter, what the guard says
    does."""
    import ccxt

    with contextlib.suppress(ccxt.BaseError, TypeError, KeyError, AttributeError):
        getattr(client, method)(params)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_every_read_arrives_at_its_own_address(exchange: str) -> None:
    client, wire = wired(exchange)
    for method, name, path in reads(exchange):
        ask(client, method, dict.fromkeys(placeholders(path), "a-1"))
        [request] = wire.sent
        wire.sent.clear()
        assert request.method == name.split(" ")[0]
        where = f"{urlsplit(str(request.url)).path} {request.body}"
        assert re.sub(r"\{[\w-]+\}", "a-1", path) in where, name
        assert not (name.startswith("GET") and request.body), name


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_sandbox_and_urls_of_the_account_are_reached_the_same_way(exchange: str) -> None:
    for settings in ({"sandbox": True}, {"urls": {"api": "http://127.0.0.1:9/stand-in"}}):
        try:
            client, wire = wired(exchange, **settings)
        except ConfigError as error:
            assert (settings, error.hint) == ({"sandbox": True}, "remove sandbox = true")
            continue
        for method, name, path in reads(exchange):
            ask(client, method, dict.fromkeys(placeholders(path), "a-1"))
            hosts = [urlsplit(str(request.url)).netloc for request in wire.sent]
            wire.sent.clear()
            if "urls" in settings:
                assert hosts in (["127.0.0.1:9"], [OUTSIDE_API.get(exchange)]), name


#: Reads of a page beside the API (``Facts.base``), whose host ``urls.api`` does not change.
OUTSIDE_API = {"btcbox": "www.btcbox.co.jp"}


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_no_value_of_a_placeholder_leads_to_another_endpoint(exchange: str) -> None:
    client, wire = wired(exchange)
    signed: list[str] = []
    client.sign = lambda *args, **named: signed.append(str(args))
    for method, _name, path in reads(exchange):
        for key in placeholders(path):
            for value in HOSTILE:
                given = dict.fromkeys(placeholders(path), "a-1") | {key: value}
                with pytest.raises(AddressRefused, match="nothing was sent"):
                    getattr(client, method)(given)
        if placeholders(path):
            with pytest.raises(AddressRefused):
                getattr(client, method)({})
            with pytest.raises(AddressRefused):
                getattr(client, method)([dict.fromkeys(placeholders(path), "a-1")])
    assert (wire.sent, signed) == ([], [])


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_no_value_makes_a_read_that_posts_into_a_write(exchange: str) -> None:
    """An id may be a word (``orders/history``): where the verb is not GET, no other endpoint lies
    under such a word."""
    allowed = allowed_for(exchange)
    others = {name for _, name, _ in entries(exchange)} - allowed
    for read in (name for name in allowed if "{" in name and not name.startswith("GET")):
        pattern = re.compile(re.sub(r"\\\{[\w\\-]+\\\}", "[^/ ]+", re.escape(read)))
        assert not [other for other in others if pattern.fullmatch(other)]


@pytest.mark.parametrize(
    ("exchange", "method", "market_id"),
    [
        ("bitfinex", "privatePostAuthRTradesSymbolHist", "../../w/order/submit?"),
        ("bitfinex", "privatePostAuthROrdersSymbol", "x/../../w/order/submit#"),
        ("bitstamp", "privatePostUserTransactionsPair", "../buy/instant/btcusd"),
        ("bitstamp", "privatePostUserTransactionsPair", "../sell/btcusd/?"),
        ("bitbns", "v1PostListExecutedOrdersSymbol", "../placeBuyOrder/BTC"),
        ("bitbns", "v1PostOrderStatusSymbol", "../cancelOrder/BTC?"),
    ],
)
def test_a_market_id_cannot_turn_a_read_into_an_order(
    exchange: str, method: str, market_id: str
) -> None:
    client, wire = wired(exchange)
    key = "pair" if exchange == "bitstamp" else "symbol"
    with pytest.raises(AddressRefused, match="nothing was sent"):
        getattr(client, method)({key: market_id})
    assert wire.sent == []


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_nothing_is_sent_that_was_signed_for_anything_else(exchange: str) -> None:
    """Whatever ``sign`` returned beside the endpoint: another host, path, verb or body never
    reaches the wire."""
    client, wire = wired(exchange)
    inner = client.sign
    method, name, path = next(item for item in reads(exchange))
    values = dict.fromkeys(placeholders(path), "a-1")
    right = inner(path, _section(exchange, method), name.split(" ")[0], dict(values))
    address, _, query = right["url"].partition("?")
    parts = urlsplit(address)
    twisted = (
        {"url": address.replace(parts.netloc, "evil.example", 1)},
        {"url": address.replace(parts.netloc, f"{parts.netloc}.evil.example", 1)},
        {"url": address.replace(parts.netloc, f"{parts.netloc}@evil.example", 1)},
        {"url": address.replace("https://", "http://", 1)},
        {"url": f"{address}/../order"},
        {"url": f"{address}/order"},
        {"url": f"{address}#{query}"},
        {"url": f"{address}%2Forder"},
        {"url": f"{address}\\order"},
        {"url": f"{address} "},
        {"url": f"\t{address}"},
        {"url": f"{parts.scheme}://{parts.netloc}/withdraw"},
        {"method": "DELETE"},
        {"method": "POST" if right["method"] == "GET" else "GET"},
        {"body": b"x"},
        {"body": {"type": "order"}},
    )
    for change in twisted:
        client.sign = lambda *args, _made={**right, **change}, **named: dict(_made)
        with pytest.raises(AddressRefused, match="nothing was sent"):
            getattr(client, method)(dict(values))
    assert wire.sent == []


def _section(exchange: str, method: str) -> Any:
    from ccxt.base.types import Entry

    from exchange_cache.adapter.ccxt_class import ccxt_class

    for ancestor in ccxt_class(exchange).__mro__:
        if isinstance(found := vars(ancestor).get(method), Entry):
            return found.api
    raise KeyError(method)


@pytest.mark.parametrize(
    ("exchange", "method", "params"),
    [
        ("indodax", "privatePostGetInfo", {"method": "trade", "type": "sell"}),
        ("zaif", "privatePostGetInfo", {"method": "trade"}),
        ("mercado", "privatePostGetAccountInfo", {"tapi_method": "place_buy_order"}),
    ],
)
def test_an_operation_in_the_body_is_compared_too(
    exchange: str, method: str, params: dict[str, str]
) -> None:
    """ccxt lets a parameter take the place of the operation it names in the form (``extend`` in
    ``sign``)."""
    client, wire = wired(exchange)
    with pytest.raises(AddressRefused, match="another operation in its body"):
        getattr(client, method)(params)
    assert wire.sent == []
    getattr(client, method)({})
    assert len(wire.sent) == 1


def test_the_operation_of_a_json_body_is_compared_too() -> None:
    ticket, bases = (
        Ticket("POST", "private/get-trades"),
        frozenset({Base.of("https://api.crypto.com/exchange/v1")}),
    )
    url = "https://api.crypto.com/exchange/v1/private/get-trades"
    assert (
        fault_of(
            "cryptocom", ticket, bases, url, "POST", '{"method":"private/get-trades","params":{}}'
        )
        is None
    )
    assert (
        fault_of("cryptocom", ticket, bases, url, "POST", '{"method":"private/create-order"}')
        == "another operation in its body"
    )
    assert (
        fault_of("cryptocom", ticket, bases, url, "POST", "{}") == "another operation in its body"
    )
    assert (
        fault_of("cryptocom", ticket, bases, url, "POST", "method=private/get-trades&method=x")
        == "another operation in its body"
    )


def test_what_a_placeholder_may_hold() -> None:
    assert [filled("orders/{id}/trades", {"id": value}) for value in SOUND] == [
        f"orders/{value}/trades" for value in SOUND
    ]
    assert (
        filled("auth/r/order/{symbol}:{id}/trades", {"symbol": "tBTCUSD", "id": 7})
        == "auth/r/order/tBTCUSD:7/trades"
    )
    assert filled("accounts", [{"a": "b"}]) == "accounts"


@pytest.mark.parametrize("value", ["../x", "a\x1b[2J", "\u202e" * 200])
def test_a_refused_value_is_named_without_its_control_characters(value: str) -> None:
    client, _ = wired("bitfinex")
    with pytest.raises(
        AddressRefused, match=r"GET public ticker/\{symbol\} could lead .* with symbol = '"
    ) as raised:
        client.publicGetTickerSymbol({"symbol": value})
    assert str(raised.value).isprintable() and len(str(raised.value)) < 200


def test_a_market_with_a_hostile_id_fails_its_own_reads_alone() -> None:
    hostile, sound = market("tBTCUSD/../../x?", "BTC/USD"), market("tETHUSD", "ETH/USD")
    memory = {
        "ccxt": ccxt_version(),
        "markets": [hostile, sound],
        "markets_at": NOW_MS,
        "currencies": {},
    }
    with StubServer(lambda asked: []) as stub:
        adapter = open_stubbed("bitfinex", stub.url, memory=memory)
        with pytest.raises(AddressRefused) as raised:
            adapter.candles("BTC/USD", NOW, 10)
        assert (stub.asked, raised.value.account, raised.value.retryable) == ([], "main", False)
        assert isinstance(
            raised.value, ExchangeFault
        )  # what a part and a symbol may fail with, and no more than they
        assert adapter.candles("ETH/USD", NOW, 10) == ()
        assert [asked.path for asked in stub.asked] == ["/v2/candles/trade:1h:tETHUSD/hist"]


def ccxt_version() -> str:
    import ccxt

    return str(ccxt.__version__)


def test_an_instance_whose_hosts_are_not_settled_sends_nothing() -> None:
    client, wire = wired("kraken")
    client.bases = frozenset()
    with pytest.raises(AddressRefused, match=r"the host api\.kraken\.com"):
        client.publicGetTime({})
    assert wire.sent == []


def test_a_proxy_that_takes_the_place_of_the_host_sends_nothing() -> None:
    client, wire = wired("kraken")
    client.proxyUrl = "https://evil.example/?"
    with pytest.raises(AddressRefused, match="proxyUrl"):
        client.privatePostBalanceEx({})
    assert wire.sent == []

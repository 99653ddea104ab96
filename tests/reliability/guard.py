"""The read-only guard against all that ccxt defines, at all of its exchanges.

- `endpoints`: each endpoint outside the allow-list is called; none may be signed or sent.
- `methods`: each method of the ccxt class, unified or not, is called with arguments of several
  kinds; what reaches the wire must be on the allow-list, and have the path of its endpoint.
- `paths`: each allowed endpoint with placeholders gets values that lead elsewhere.
- `markets`: a market list with such ids, then every method that takes a symbol.
- `config`: hostile tables `[accounts.NAME.ccxt]`, through the checks of the configuration.
- `redirects`: an answer that leads to another host.

What was sent is read from a server, and compared here by rules of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from exchange_cache.adapter import allowlist
from exchange_cache.adapter.address import facts_of
from exchange_cache.adapter.allowlist import ExchangeSource, allowed_for
from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.adapter.client import build_client
from exchange_cache.clock import SystemClock
from exchange_cache.config.ccxt_table import read_ccxt
from exchange_cache.errors import WriteRefused
from exchange_cache.exchanges import policy_for
from tests.adapter.test_guard import CREDENTIALS, EXCHANGES
from tests.exchanges.stub import Answer, StubServer
from tests.reliability.frame import CRASH, REQUEST, Case, Verdict, cut

NAME = "guard"
SHARE = 3
TRICKS = (
    "../../withdraw",
    "..",
    "%2e%2e%2fwithdraw",
    "x/../../order",
    "a?side=buy",
    "a#b",
    "//evil.example",
    "http://evil.example/",
    "\\..\\order",
    "a\r\nX: y",
    "a b",
    "@evil.example",
    ";/order",
    "",
    ".",
    "\u2024\u2024/order",
    "\uff0e\uff0e\uff0forder",
    "{id}",
    "%00",
    "a\x00b",
    "\u202e",
    "x" * 300 + "/../..",
)
ARGUMENTS: tuple[tuple[Any, ...], ...] = (
    (),
    ("BTC/USDT",),
    ("BTC/USDT:USDT",),
    ("1", "BTC/USDT"),
    ("BTC", "1"),
    ("BTC", "1", "spot", "swap"),
    ("BTC", "1", "bc1qxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxy"),
    ("BTC/USDT", "limit", "buy", "1", "1"),
    ("1", "BTC/USDT", "limit", "buy", "1", "1"),
    (5, "BTC/USDT:USDT"),
    ([{"symbol": "BTC/USDT", "type": "limit", "side": "buy", "amount": 1, "price": 1}],),
    (None, None, 1, {"method": "privatePostOrder", "path": "../order"}),
)
#: Methods that send nothing themselves, and wait, or replace what is tried here.
_NOT_CALLED = frozenset(
    {
        "print",
        "log",
        "sleep",
        "throttle",
        "close",
        "set_markets",
        "set_sandbox_mode",
        "sign",
        "init_throttler",
    }
)
PARTS = 6
STATUSES = ("301", "302", "303", "307", "308")
#: Settings of the ccxt table, each as TOML would give it.
TABLES: dict[str, dict[str, Any]] = {
    "method": {"fetch2": "x"},
    "sign": {"sign": "x"},
    "bases": {"bases": []},
    "session": {"session": {}},
    "has": {"has": {"createOrder": True}},
    "api": {"api": {"private": {"post": ["withdraw"]}}},
    "path": {"urls": {"api": {"private": "https://evil.example/a/../withdraw"}}},
    "user": {"urls": {"api": "https://user:pw@evil.example"}},
    "query": {"urls": {"api": "https://evil.example/?x"}},
    "fragment": {"urls": {"api": "https://evil.example/#x"}},
    "file": {"urls": {"api": "file:///etc/passwd"}},
    "hostname": {"hostname": "evil.example/withdraw?x="},
    "headers": {"headers": {"Host": "evil.example"}},
    "proxy-url": {"proxyUrl": "https://evil.example/?u="},
    "callback": {"proxyUrlCallback": "x"},
    "retries": {"options": {"maxRetriesOnFailure": 5}},
    "broker": {"options": {"brokerId": "x", "broker": "y"}},
    "default-type": {"options": {"defaultType": "../swap"}},
    "class": {"__class__": "x"},
    "verbose": {"verbose": True},
    "logger": {"logger": "x"},
    "private-key": {"privateKey": "0x1"},
    "nested-key": {"options": {"a": {"privateKey": "0x1"}}},
    "number": {"number": "float"},
}
SAYS = (
    f"every endpoint outside the allow-list and every method of {len(EXCHANGES)} exchanges of "
    f"ccxt, {len(TRICKS)} values that lead elsewhere"
    f" in paths and market lists, {len(TABLES)} hostile settings, redirects; counted by call"
)


@cache
def cases() -> Sequence[Case]:
    found: list[Case] = [("endpoints", name, "all") for name in EXCHANGES]
    found += [("methods", name, str(part)) for name in EXCHANGES for part in range(PARTS)]
    found += [("paths", name, str(at)) for name in EXCHANGES for at in range(len(TRICKS))]
    found += [("markets", name, str(at)) for name in EXCHANGES for at in range(len(TRICKS))]
    found += [("config", name, table) for name in EXCHANGES for table in TABLES]
    return found + [("redirects", name, status) for name in EXCHANGES for status in STATUSES]


def run(case: Case, folder: Path) -> Verdict:
    what, exchange, detail = case
    with StubServer(lambda asked: {}) as stub:
        trial = Trial(exchange, stub)
        tried, wrong = getattr(trial, what)(detail)
    return Verdict(tried=max(1, tried), wrong=tuple(wrong))


Found = tuple[int, list[str]]


class Trial:
    """One exchange with a guarded client whose requests end at a server of our own."""

    def __init__(self, exchange: str, stub: StubServer) -> None:
        self.exchange, self.stub = exchange, stub
        self.allowed = allowed_for(exchange)
        self.signed: list[str] = []
        self.client = self._client({"urls": {"api": stub.url}})

    def _client(self, config: dict[str, Any]) -> Any:
        client = build_client(
            account="main",
            policy=policy_for(self.exchange),
            credentials=CREDENTIALS,
            user_config={"enableRateLimit": False, "timeout": 2000, **config},
            clock=SystemClock(),
        )
        inner = client.sign

        def spy(
            path: Any, api: Any = "public", method: str = "GET", *rest: Any, **named: Any
        ) -> Any:
            self.signed.append(allowlist.endpoint(api, method, path))
            return inner(path, api, method, *rest, **named)

        client.sign = spy
        client.sleep = lambda *_: None
        return client

    def endpoints(self, _: str) -> Found:
        source = ExchangeSource(ccxt_class(self.exchange))
        forbidden = {e: n for n, e in source.endpoints.items() if e not in self.allowed}
        wrong = []
        for item, name in forbidden.items():
            try:
                getattr(self.client, name)({"symbol": "BTCUSDT", "id": "1", "settle": "usdt"})
            except WriteRefused:
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, it was not refused
                wrong.append(f"{REQUEST}: {item} ended with {type(error).__name__}")
            else:
                wrong.append(f"{REQUEST}: {item} was not refused")
        return len(forbidden), [*wrong, *self._sent()]

    def methods(self, part: str) -> Found:
        names = [n for n in sorted(dir(self.client)) if _is_method(self.client, n)]
        self.client.set_markets(_markets("BTCUSDT", "BTC/USDT", "BTC/USDT:USDT"))
        return self._called(names[int(part) :: PARTS], ARGUMENTS)

    def paths(self, at: str) -> Found:
        trick, tried = TRICKS[int(at)], 0
        source = ExchangeSource(ccxt_class(self.exchange))
        for name, item in source.endpoints.items():
            places = re.findall(r"\{([\w-]+)\}", item)
            if item in self.allowed and places:
                tried += 1
                _quietly(lambda n=name, p=places: getattr(self.client, n)(dict.fromkeys(p, trick)))
        return tried, [*self._sent()]

    def markets(self, at: str) -> Found:
        trick = TRICKS[int(at)]
        self.client.set_markets(_markets(trick, "BTC/USDT", "BTC/USDT:USDT"))
        names = [n for n in sorted(dir(self.client)) if n.startswith("fetch_") and n in _BY_SYMBOL]
        return self._called(names, (("BTC/USDT",), ("BTC/USDT:USDT",), ("1", "BTC/USDT")))

    def config(self, name: str) -> Found:
        """Refused by the checks of the configuration, or without an effect on what is sent."""
        table, wrong = TABLES[name], []
        try:
            checked = read_ccxt(table)
        except Exception as error:  # noqa: BLE001 - which error is of no concern, but a bug's is
            fine = type(error).__module__.startswith("exchange_cache")
            return 1, [] if fine else [
                f"{CRASH}: {name}: {type(error).__name__}: {cut(str(error))}"
            ]
        urls = {"urls": {"api": self.stub.url}}
        try:
            self.client = self._client({**checked, **urls})
        except Exception as error:  # noqa: BLE001
            fine = type(error).__module__.startswith("exchange_cache")
            return 1, [] if fine else [
                f"{CRASH}: {name}: {type(error).__name__}: {cut(str(error))}"
            ]
        tried, wrong = self.endpoints("")
        return tried, wrong

    def redirects(self, status: str) -> Found:
        with StubServer(lambda asked: {}) as stranger:
            where = {"Location": f"{stranger.url}/steal"}
            self.stub.script = lambda asked: Answer({}, int(status), where)
            found = self._called(["load_markets", "fetch_balance", "fetch_time"], ((),))
            reached = [
                f"{REQUEST}: {one.method} {one.path} at another host" for one in stranger.asked
            ]
        return found[0], [*found[1], *reached]

    def _called(self, names: Sequence[str], arguments: Sequence[tuple[Any, ...]]) -> Found:
        tried = 0
        for name in names:
            method: Callable[..., Any] = getattr(self.client, name)
            for given in arguments:
                tried += 1
                _quietly(lambda m=method, g=given: m(*g))
        return tried, [*self._sent()]

    def _sent(self) -> Iterator[str]:
        """What was signed or sent that is not on the list, or not at the path of its endpoint."""
        for item in sorted(set(self.signed) - self.allowed):
            yield f"{REQUEST}: {item} was signed"
        facts = facts_of(self.exchange)
        shapes = [_shape(item, facts.suffix) for item in self.allowed]
        for method, path in sorted({(asked.method, asked.path) for asked in self.stub.asked}):
            known = any(verb == method and shape.search(path) for verb, shape in shapes)
            in_body = facts.body_alone and ".." not in path
            if not known and not in_body:
                yield f"{REQUEST}: {method} {cut(path)}"


def _shape(item: str, suffix: str) -> tuple[str, re.Pattern[str]]:
    """A verb, and how a path of this endpoint ends."""
    verb, _, rest = item.partition(" ")
    path = rest.rpartition(" ")[2]
    if not path:  # the base alone, with its version
        return verb, re.compile(r"^(/v\d+)?/?$")
    parts = re.split(r"\{[\w-]+\}", path)
    return verb, re.compile(
        r"(^|/)" + r"[^/?#\\]+".join(map(re.escape, parts)) + f"({re.escape(suffix)}|/)?$"
    )


def _is_method(client: Any, name: str) -> bool:
    if name.startswith("_") or name in _NOT_CALLED or name.lower() != name:
        return False
    found = getattr(type(client), name, None)
    return callable(found) and not isinstance(found, type)


def _quietly(action: Callable[[], Any]) -> None:
    try:
        action()
    except Exception:  # noqa: BLE001 - what counts is what was sent
        return


_BY_SYMBOL = frozenset(
    f"fetch_{name}"
    for name in (
        "my_trades",
        "orders",
        "open_orders",
        "closed_orders",
        "order",
        "ticker",
        "ohlcv",
        "trades",
        "order_book",
        "position",
        "positions",
        "funding_rate",
        "funding_history",
        "leverage",
        "trading_fee",
        "order_trades",
        "deposit_address",
        "deposits",
        "withdrawals",
        "ledger",
        "mark_price",
        "open_interest",
        "settlement_history",
    )
)


def _markets(market_id: str, spot: str, swap: str) -> list[dict[str, Any]]:
    from tests.adapter.test_guard import _market

    return [_market(None, market_id, spot), _market(None, f"{market_id}-P", swap)]

"""Answers without a server: a transport under the real ccxt, and every way in which one node of an
answer can be spoilt."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests
from requests.adapters import BaseAdapter

from exchange_cache.adapter.ccxt_adapter import CcxtAdapter
from exchange_cache.adapter.retry import RetryPolicy
from tests.exchanges.builders import open_stubbed

Path = tuple[str | int, ...]
#: Stands for a field that is not there.
ABSENT = object()
#: Made for these tests; as in the file that Coinbase lets one download.
PEM = "\\n".join(
    (
        "-----BEGIN EC PRIVATE KEY-----",
        "MHcCAQEEIGp9NkIyXGUFWJL0YoK0Th/A5TtGxS5cAdCOxHgeuOmDoAoGCCqGSM49",
        "AwEHoUQDQgAEGg3P6oH3liuHOoSjojPEJNSQWU4TDIEMCyU+CiSHsz1H/SXKBAk1",
        "hs+Vim5PBWdMGNSfoLiXvlD+HsFqh4F2WA==",
        "-----END EC PRIVATE KEY-----",
    )
)


class Canned(BaseAdapter):
    """Gives the replies in order, the last one again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: Sequence[Any] = ()
        self.sent = 0

    def play(self, replies: Sequence[Any]) -> None:
        self.replies, self.sent = replies, 0

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.reason, response.url = 200, "OK", request.url or ""
        response.request, response.encoding = request, "utf-8"
        response.headers["Content-Type"] = "application/json"
        response._content = json.dumps(self.replies[min(self.sent, len(self.replies) - 1)]).encode()
        self.sent += 1
        return response

    def close(self) -> None:
        pass


def canned_adapter(exchange: str) -> tuple[CcxtAdapter, Canned]:
    """An adapter that asks nobody, in whose place replies are played."""
    more: dict[str, Any] = {"retry": RetryPolicy(attempts=1)}
    if exchange == "coinbase":
        more["credentials"] = {"api_key": "organizations/a/apiKeys/b", "secret": PEM}
    adapter, transport = open_stubbed(exchange, "http://127.0.0.1:9", **more), Canned()
    adapter._session.markets.take_as_current()
    client = adapter._session.client
    client.session.mount("http://", transport)
    if exchange == "bybit":  # else ccxt asks first what kind of account it is
        client.options.update(
            enableUnifiedMargin=False, enableUnifiedAccount=True, unifiedMarginStatus=5
        )
    return adapter, transport


def nodes(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every node of an answer, itself first."""
    yield path, node
    children = (
        node.items()
        if isinstance(node, Mapping)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, child in children:
        yield from nodes(child, (*path, key))


def spoilt(reply: Any, path: Path, value: Any) -> Any:
    """A copy with another value (or none) at a path."""
    if not path:
        return value
    made = copy.deepcopy(reply)
    node = made
    for part in path[:-1]:
        node = node[part]
    if value is ABSENT:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return made

"""Guarded instances of every ccxt exchange over a wire that ends below the guard: real ccxt, real
requests, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from exchange_cache.adapter.allowlist import allowed_for, endpoint
from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.adapter.client import build_client
from exchange_cache.clock import SystemClock
from exchange_cache.exchanges import policy_for

CREDENTIALS = {
    "api_key": "account-DUMMYKEY0123456789",
    "secret": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=",
    "password": "dummypass",
    "uid": "12345",
    "login": "dummylogin",
    "token": "dummytoken",
    "account_id": "12345",
    "wallet_address": "0x0000000000000000000000000000000000000001",
}

#: What an earlier sign-in leaves in ``options``; a read alone never makes it.
SIGNED_IN: Mapping[str, Mapping[str, object]] = {
    "derive": {"deriveWalletAddress": "0x1"},
    "grvt": {"AuthAccountId": "1", "AuthCookieValue": "gravity=1"},
    "paradex": {"authToken": "dummytoken"},
}

#: Signing by elliptic curves and libraries: what is signed matters here, the signature does not.
SIGNERS = (
    "base58_to_binary",
    "create_auth",
    "create_auth_token",
    "eddsa",
    "eth_get_address_from_private_key",
    "get_v2_access_token",
    "rsa",
    "sign_message",
)


class Wire(BaseAdapter):
    """Keeps every request as requests has prepared it, and answers an empty object."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[PreparedRequest] = []

    def send(self, request: PreparedRequest, *args: Any, **named: Any) -> Response:
        self.sent.append(request)
        response = Response()
        response.status_code, response.url, response.request = 200, str(request.url), request
        response.headers["Content-Type"] = "application/json"
        response._content = b"{}"
        return response

    def close(self) -> None:
        pass


def wired(exchange: str, **settings: object) -> tuple[Any, Wire]:
    """A guarded instance with credentials of every kind, and the wire that its requests end in."""
    client = build_client(
        account="main",
        policy=policy_for(exchange),
        credentials=CREDENTIALS,
        user_config={"enableRateLimit": False, **settings},
        clock=SystemClock(),
    )
    client.options.update(SIGNED_IN.get(exchange, {}))
    client.privateKey = "0x" + "1" * 64
    for name in SIGNERS:
        if hasattr(client, name):
            setattr(client, name, lambda *args, **named: "ZHVtbXk=")
    wire = Wire()
    for scheme in ("http://", "https://"):
        client.session.mount(scheme, wire)
    return client, wire


def entries(exchange: str) -> Iterator[tuple[str, str, str]]:
    """Implicit method name, endpoint, and template of every endpoint that ccxt defines for an
    exchange."""
    from ccxt.base.types import Entry

    found: dict[str, Any] = {}
    for ancestor in reversed(ccxt_class(exchange).__mro__):
        found |= {name: value for name, value in vars(ancestor).items() if isinstance(value, Entry)}
    for name, entry in found.items():
        yield name, endpoint(entry.api, entry.method, entry.path), entry.path


def reads(exchange: str) -> Iterator[tuple[str, str, str]]:
    """The allow-listed ones, each endpoint once (ccxt names them in camel and in snake case)."""
    allowed = allowed_for(exchange)
    yield from {
        name: (method, name, path) for method, name, path in entries(exchange) if name in allowed
    }.values()


def placeholders(template: str) -> list[str]:
    return re.findall(r"\{([\w-]+)\}", template)

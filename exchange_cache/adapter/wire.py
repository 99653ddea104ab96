"""Observes the wire: each request that leaves, with its answer, for the recording of an account.

A ``RoundTrip`` holds what ccxt was asked to send *before* it signed the request, so neither key nor
signature nor nonce is in it; headers are left out for the same reason, except ``Date``. The host
and path are those that the exchange publishes, whatever proxy or stand-in the account uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_PLACEHOLDER = re.compile(r"\{([\w-]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """One request and its answer.

    ``endpoint`` is ``VERB section path`` with the placeholders of the path, ``params`` their values
    and all other unsigned parameters. ``status`` is None if no answer was received; ``body`` is its
    text. ``date`` is the header of that name.
    """

    at_ms: int
    endpoint: str
    host: str
    path: str
    params: Mapping[str, Any]
    status: int | None
    date: str | None
    body: str | None

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the parameters that are part of the path."""
        return tuple(_PLACEHOLDER.findall(self.endpoint))


Tap = Callable[[RoundTrip], None]


def round_trip(client: Any, url: str, sent_ms: int) -> RoundTrip:
    """The last request of a guarded client, which was sent to ``url``, as an observer sees it."""
    traffic = client.traffic
    host, path = published(client, url)
    params = traffic.params if isinstance(traffic.params, Mapping) else {}
    return RoundTrip(
        at_ms=sent_ms,
        endpoint=traffic.endpoint,
        host=host,
        path=path,
        params=dict(params),
        status=traffic.status,
        date=(traffic.headers or {}).get("Date"),
        body=traffic.body,
    )


def published(client: Any, url: str) -> tuple[str, str]:
    """The host and path of a request as the exchange publishes them; no host where the account
    names an address that replaces none of ccxt's."""
    address = url.partition("?")[0]
    described = client.describe()
    name = described.get("hostname") or ""
    pairs = _pairs(client.urls["api"], described["urls"]["api"])
    for used, theirs in sorted(pairs, key=lambda pair: len(pair[0]), reverse=True):
        used = used.replace("{hostname}", client.hostname or "").rstrip("/")
        if address == used or address.startswith(used + "/"):
            parts = urlsplit(theirs.replace("{hostname}", name).rstrip("/"))
            return parts.netloc, parts.path + address[len(used) :]
    return "", urlsplit(address).path


def _pairs(used: Any, theirs: Any) -> Iterator[tuple[str, str]]:
    """The addresses in use next to those that ccxt publishes for the same section."""
    if isinstance(used, str) and isinstance(theirs, str):
        yield used, theirs
    elif isinstance(used, Mapping) and isinstance(theirs, Mapping):
        for section in used:
            if section in theirs:
                yield from _pairs(used[section], theirs[section])

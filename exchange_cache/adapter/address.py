"""Where a signed request may go: the final URL and body, compared with the endpoint they were
signed for.

ccxt composes an address in one way for all its exchanges: a base of ``urls["api"]``, at most a few
fixed words (a version, a section), and the template of the endpoint with its placeholders filled.
The file ``addresses.json`` next to this module lists the exchanges that do otherwise. The guard
calls ``filled`` before anything is signed and ``fault_of`` before anything is sent. Nothing here
imports ccxt or sends anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

_PLACEHOLDER = re.compile(r"\{([\w-]+)\}")
#: Ids of markets, orders, accounts, assets: letters and digits of any script, and marks without a
#: meaning in a path (RFC 3986). No slash, dot segment, query, fragment, percent sign or space.
_VALUE = re.compile(r"(?!\.+\Z)[\w.:,+=@~!$'()*-]+")
#: Fixed words between a base and a template: ``/0/private``, ``/api/v5``, a doubled slash.
_WORDS = re.compile(r"(?:/[a-z0-9_]*){0,3}")
#: Characters that URL parsers strip, or that some of them read as a slash.
_STRANGE = re.compile(r"[\s\x00-\x20\x7f\\]")
_KEPT = "".join(map(chr, range(0x21, 0x7F)))
_HOST = re.compile(r"[A-Za-z0-9_.:\[\]-]{1,253}")

FACTS_FILE = Path(__file__).with_name("addresses.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """How the ``sign`` of one exchange differs from the usual way.

    ``suffix`` is appended to the path. ``operation`` is the field of a signed body that names the
    operation. With ``body_alone``, only the body names it: all signed requests have one address.
    ``base`` is a base besides ``urls["api"]``: a key of ``urls``, or an address in ``sign`` itself.
    """

    suffix: str = ""
    operation: str = ""
    body_alone: bool = False
    base: str = ""


@cache
def facts_of(exchange: str) -> Facts:
    return Facts(**json.loads(FACTS_FILE.read_text("utf-8")).get(exchange, {}))


@dataclass(frozen=True, slots=True)
class Base:
    """Scheme, host (with port) and path that addresses begin with."""

    scheme: str
    netloc: str
    path: str

    @classmethod
    def of(cls, url: str) -> Base:
        parts = urlsplit(url)
        return cls(parts.scheme, parts.netloc, parts.path.rstrip("/"))


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request that may be sent: its verb and the filled template of its endpoint."""

    verb: str
    path: str


def filled(template: str, params: Any) -> str:
    """A template with its placeholders filled as ccxt fills them; ValueError names a value that may
    not be sent."""
    given = params if isinstance(params, Mapping) else {}
    values = {name: given.get(name) for name in _PLACEHOLDER.findall(template)}
    for name, value in values.items():
        if (
            not isinstance(value, str | int)
            or isinstance(value, bool)
            or _VALUE.fullmatch(str(value)) is None
        ):
            raise ValueError(f"{name} = {repr(value)[:60]}")
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), template)


def bases_of(client: Any) -> frozenset[Base]:
    """The bases of a configured ccxt instance: those of its class, or the account's ``urls``."""
    nodes = [client.urls["api"], client.urls.get("test") if client.isSandboxModeEnabled else None]
    other = facts_of(client.id).base
    nodes.append(client.urls.get(other, other) if other else None)
    names = [client.hostname, *_texts(client.urls.get("hostnames"))]
    return frozenset(
        Base.of(url.replace("{hostname}", name or ""))
        for url in _texts(nodes)
        for name in (names if "{hostname}" in url else [""])
    )


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping | list):
        for item in node.values() if isinstance(node, Mapping) else node:
            yield from _texts(item)


def fault_of(
    exchange: str, ticket: Ticket, bases: frozenset[Base], url: str, verb: str, body: object
) -> str | None:
    """How a signed request differs from its ``ticket``; None: it may be sent."""
    address = url.partition("?")[0]
    if verb != ticket.verb:
        return f"a {verb} request"
    if "#" in url or _STRANGE.search(address):
        return "an address with a fragment or with characters that servers read differently"
    parts = urlsplit(address)
    near = [base for base in bases if (base.scheme, base.netloc) == (parts.scheme, parts.netloc)]
    if not near:
        return f"the host {shown_host(parts.netloc)}"
    facts = facts_of(exchange)
    alone = facts.body_alone and body is not None
    paths = (
        parts.path.removeprefix(base.path) for base in near if parts.path.startswith(base.path)
    )
    if not any(
        _WORDS.fullmatch(path) if alone else _leads(facts, path, ticket.path) for path in paths
    ):
        return "a path other than the endpoint's"
    return _body_fault(facts, ticket, body)


def _leads(facts: Facts, path: str, template: str) -> bool:
    """Whether only fixed words and the filled template follow a base."""
    if not template:
        return path in {"", "/"}
    rest, tail = quote(path, safe=_KEPT), "/" + quote(template, safe=_KEPT)
    return any(
        rest.endswith(tail + end) and _WORDS.fullmatch(rest.removesuffix(tail + end)) is not None
        for end in ("", facts.suffix)
    )


def _body_fault(facts: Facts, ticket: Ticket, body: object) -> str | None:
    if body is None:
        return None
    if ticket.verb == "GET" or not isinstance(body, str):
        return "a body of another form"
    if facts.operation and _operations(body, facts.operation) != [ticket.path]:
        return "another operation in its body"
    return None


def _operations(body: str, field: str) -> list[object]:
    """Every value of a field in a body, which is JSON or a form."""
    if body.startswith("{"):
        return [json.loads(body).get(field)]
    return [value for name, value in parse_qsl(body, keep_blank_values=True) if name == field]


def shown_host(host: str | None) -> str:
    """A host for a message; one with characters that no host has is not shown."""
    return host if host and _HOST.fullmatch(host) else "that cannot be read"


def redirect_target(location: str | None, asked: str) -> str:
    """The host that a 3xx answer to ``asked`` points to, without path and query, which may repeat a
    signature."""
    try:
        host = urlsplit(location or "").netloc or urlsplit(asked).netloc
    except ValueError:
        host = ""
    return shown_host(host.rpartition("@")[2])

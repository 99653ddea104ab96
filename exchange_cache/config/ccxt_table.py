"""The table ``[accounts.NAME.ccxt]``: the ccxt settings that an account may change, and the
warnings that every run prints about them.

ccxt sets any name it receives on its instance, including its own methods and the read-only guard,
so only known names are passed on. ``CCXT_SETTINGS`` defines the check and the documentation;
``warnings`` reports what redirects requests or weakens TLS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from exchange_cache.config import values
from exchange_cache.config.faults import Key, Wrong, kind_of, suggestion
from exchange_cache.config.sources import CCXT_NAMES, NO_PRIVATE_KEY

_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")
_BASE = re.compile(r"https?://[^\s/?#@\\]+(/[^\s?#@\\]*)?")
_PROXY = re.compile(r"(https?|socks[45]h?|socks[45]a?)://\S+")
_SECRETIVE = re.compile(r"private_?key|mnemonic|seed_?phrase|^api_?key$|secret$", re.IGNORECASE)
_PRIVATE = re.compile(r"private_?key|mnemonic|seed_?phrase", re.IGNORECASE)


def _host(value: object) -> str:
    if (name := values.text(value)) and _HOST.fullmatch(name) is None:
        raise Wrong('must be a host name such as "bytick.com"')
    return name


def _base(value: object) -> str:
    address = values.text(value)
    try:
        sound = _BASE.fullmatch(address) is not None and bool(urlsplit(address).netloc)
    except ValueError:
        sound = False
    if not sound:
        raise Wrong(
            'must be an address such as "https://api.example.com", without user, query or fragment'
        )
    return address


def _urls(value: object) -> Mapping[str, object]:
    return _addresses(value, _base)


def _addresses(value: object, read: values.Reader) -> Mapping[str, object]:
    """Addresses (below ``hostnames``: host names) in tables nested as in ccxt; each wrong one is a
    separate fault."""
    found, wrong = {}, list[tuple[Key, str]]()
    for key, item in _table(value).items():
        try:
            below = _host if key == "hostnames" else read
            found[key] = _addresses(item, below) if isinstance(item, dict) else below(item)
        except Wrong as exc:
            wrong += [((key, *place), what) for place, what in exc.parts]
    if wrong:
        raise Wrong.several(wrong)
    return found


def _proxy(value: object) -> str:
    if _PROXY.fullmatch(address := values.text(value)) is None:
        raise Wrong('must be the address of a proxy such as "http://127.0.0.1:3128"')
    return address


def _proxies(value: object) -> Mapping[str, object]:
    return _addresses(value, _proxy)


def _milliseconds(value: object) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        raise Wrong(f"must be a number of milliseconds from 0 upwards, not {kind_of(value)}")
    return float(value) if isinstance(value, Decimal) else value


def _options(value: object) -> Mapping[str, object]:
    table = _table(value)
    resending = ((key,) for key in table if key in RESENDING_OPTIONS)
    if wrong := [*_secrets(table, ()), *((key, RESENDING) for key in resending)]:
        raise Wrong.several(wrong)
    return {key: _without_decimals(item) for key, item in table.items()}


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Wrong(f"must be a table, not {kind_of(value)}")
    return value


def _without_decimals(value: object) -> Any:
    """ccxt expects floats among its options; the settings reader returns exact numbers."""
    if isinstance(value, dict):
        return {key: _without_decimals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_decimals(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class CcxtSetting:
    """Reader, kind and documentation of one setting."""

    read: values.Reader
    kind: str
    doc: str


def _setting(read: values.Reader, kind: str, doc: str) -> CcxtSetting:
    return CcxtSetting(read=read, kind=kind, doc=doc)


#: Every setting that is passed on to ccxt.
CCXT_SETTINGS: Mapping[str, CcxtSetting] = MappingProxyType(
    {
        "httpProxy": _setting(
            _proxy, "address", "A proxy for http:// addresses; set one proxy only."
        ),
        "httpsProxy": _setting(_proxy, "address", "A proxy for https:// addresses."),
        "socksProxy": _setting(_proxy, "address", "A SOCKS proxy (needs the package pysocks)."),
        "proxies": _setting(_proxies, "table", "Proxies by scheme, as in the package requests."),
        "requests_trust_env": _setting(
            values.flag,
            "true or false",
            "true: take everything that requests reads from the environment, passwords of `.netrc`"
            " too. Proxies and certificates are taken without it (see below).",
        ),
        "hostname": _setting(
            _host,
            "host",
            "Another host of the same exchange, if its addresses name one. Every run reports it.",
        ),
        "urls": _setting(
            _urls,
            "table",
            "Other addresses: `urls.api` as text replaces every scheme and host, as a table single"
            " ones. Every run reports their hosts, except those of this machine.",
        ),
        "sandbox": _setting(
            values.flag,
            "true or false",
            "true: use the exchange's test network, with a key created there.",
        ),
        "timeout": _setting(
            _milliseconds,
            "milliseconds",
            "How long one request may take; `request_timeout` if omitted.",
        ),
        "rateLimit": _setting(
            _milliseconds, "milliseconds", "The time between two requests of cost 1."
        ),
        "enableRateLimit": _setting(
            values.flag, "true or false", "false: ignore the exchange's rate limit."
        ),
        "userAgent": _setting(values.text, "text", "The program name that requests send."),
        "verify": _setting(
            values.flag,
            "true or false",
            "false: do not check the exchange's certificate. Every run reports it.",
        ),
        "validateServerSsl": _setting(values.flag, "true or false", "The same as `verify`."),
        "options": _setting(
            _options,
            "table",
            "ccxt's own options of the exchange, such as `defaultType` or `recvWindow`.",
        ),
    }
)
#: Alternative spellings in ccxt.
OTHER_SPELLINGS = MappingProxyType(
    {
        "http_proxy": "httpProxy",
        "https_proxy": "httpsProxy",
        "socks_proxy": "socksProxy",
        "user_agent": "userAgent",
        "rate_limit": "rateLimit",
        "enable_rate_limit": "enableRateLimit",
        "validate_server_ssl": "validateServerSsl",
        "requestsTrustEnv": "requests_trust_env",
        "trust_env": "requests_trust_env",
    }
)
RESENDING_OPTIONS = frozenset({"maxRetriesOnFailure", "maxRetriesOnFailureDelay"})
RESENDING = (
    "is refused: ccxt would resend signed requests on its own; use the top-level setting"
    " retries instead"
)
ELSEWHERE = (
    "is refused: it sends signed requests to another host; use httpsProxy, or urls to replace"
    " the exchange's addresses"
)
#: Names that users may try, each with the reason for its refusal and the cure.
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "verbose": "is refused: it would print keys and signatures",
        "headers": (
            "is refused: a header can change what a request does; userAgent sets the program name"
        ),
        **dict.fromkeys(
            ("proxy", "proxyUrl", "proxy_url", "proxyUrlCallback", "proxy_url_callback"), ELSEWHERE
        ),
        **dict.fromkeys(
            (
                "read_allowlist",
                "allowlist",
                "bases",
                "_call",
                "traffic",
                "fetch",
                "fetch2",
                "request",
                "sign",
                "session",
                "throttle",
                "number",
                "logger",
                "api",
                "has",
                "markets",
            ),
            "is refused: it is part of the read-only guard or of how ccxt works; remove it",
        ),
    }
)


def read_ccxt(value: object) -> Mapping[str, object]:
    """Check the table; Wrong lists every fault with its place."""
    found: dict[str, object] = {}
    wrong: list[tuple[Key, str]] = []
    credentials = {camel: name for name, camel in CCXT_NAMES.items()} | {
        name: name for name in CCXT_NAMES
    }
    for key, item in _table(value).items():
        name = OTHER_SPELLINGS.get(key, key)
        try:
            if _PRIVATE.search(key):
                raise Wrong(NO_PRIVATE_KEY)
            if key in credentials:
                raise Wrong(
                    f"is a credential: write {credentials[key]} in the account's own table, where"
                    " its source is checked"
                )
            if key in REFUSED:
                raise Wrong(REFUSED[key])
            if name not in CCXT_SETTINGS:
                raise Wrong(
                    f"is not a ccxt setting that excache supports; {suggestion(key, CCXT_SETTINGS)}"
                )
            found[name] = CCXT_SETTINGS[name].read(item)
        except Wrong as exc:
            wrong += [((key, *below), what) for below, what in exc.parts]
    if wrong:
        raise Wrong.several(wrong)
    return MappingProxyType(found)


def _secrets(table: Mapping[str, object], place: Key) -> Iterator[tuple[Key, str]]:
    """Faults for values that would bring a secret in unchecked."""
    for key, item in table.items():
        if _PRIVATE.search(key):
            yield (*place, key), NO_PRIVATE_KEY
        elif _SECRETIVE.search(key):
            yield (
                (*place, key),
                "looks like a secret, which does not belong in the options of ccxt",
            )
        elif isinstance(item, dict):
            yield from _secrets(item, (*place, key))


# --- what every run says --------------------------------------------------------------------------


def warnings(settings: Mapping[str, object]) -> tuple[str, ...]:
    """One sentence for each way in which a checked table redirects requests or weakens TLS."""
    said = []
    hosts = dict.fromkeys(host for _, host in _own_hosts(settings) if not is_loopback(host))
    if hosts:
        said.append(
            f"requests go to {', '.join(hosts)}, as urls or hostname in config.toml says, not to"
            " ccxt's own hosts"
        )
    plain = dict.fromkeys(
        host for scheme, host in _own_hosts(settings) if scheme == "http" and not is_loopback(host)
    )
    if plain:
        said.append(f"requests to {', '.join(plain)} are not encrypted (http:// in config.toml)")
    unchecked = [name for name in ("verify", "validateServerSsl") if settings.get(name) is False]
    if unchecked:
        said.append(
            f"certificates are not checked ({unchecked[0]} = false in config.toml): anybody on the"
            " way can read and change what is exchanged"
        )
    return tuple(said)


def _own_hosts(settings: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Scheme and host (with port) of every address that the account configures."""
    name = str(settings.get("hostname") or "{hostname}")
    if name != "{hostname}":
        yield "", name
    for text in _texts(settings.get("urls")):
        parts = urlsplit(text.replace("{hostname}", name) if "://" in text else f"//{text}")
        if parts.netloc != "{hostname}" and not parts.netloc.endswith(".{hostname}"):  # ccxt's own
            yield parts.scheme, parts.netloc


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for item in node.values():
            yield from _texts(item)


def is_loopback(netloc: str) -> bool:
    """Whether a host (with or without port) is this machine."""
    import ipaddress  # imported late: reading the portfolio does not need it

    host = urlsplit(f"//{netloc}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

"""The table ``[accounts.NAME.ccxt]``: the settings of ccxt that an account may change, and what
every run says of them.

ccxt sets whatever name it is given on its instance, its own methods and the read-only guard
included, so a name is passed on only when it is known here. ``CCXT_SETTINGS`` is the table behind
the check and the documentation; ``warnings`` names what sends requests elsewhere or weakens TLS.
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
        raise Wrong('must be the name of a host such as "bytick.com"')
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
    """Addresses (below ``hostnames``: names of hosts) in tables as deep as ccxt has them; every
    wrong one is a fault of its own."""
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
    """ccxt expects floats among its options; the settings around them read exact numbers."""
    if isinstance(value, dict):
        return {key: _without_decimals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_decimals(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class CcxtSetting:
    """Reader, kind and documentation of one name."""

    read: values.Reader
    kind: str
    doc: str


def _setting(read: values.Reader, kind: str, doc: str) -> CcxtSetting:
    return CcxtSetting(read=read, kind=kind, doc=doc)


#: Every name that is passed on to ccxt.
CCXT_SETTINGS: Mapping[str, CcxtSetting] = MappingProxyType(
    {
        "httpProxy": _setting(
            _proxy, "address", "A proxy for addresses with http://; name one proxy only."
        ),
        "httpsProxy": _setting(_proxy, "address", "A proxy for addresses with https://."),
        "socksProxy": _setting(_proxy, "address", "A SOCKS proxy (needs the package pysocks)."),
        "proxies": _setting(
            _proxies, "table", "Proxies by scheme, as the package requests takes them."
        ),
        "requests_trust_env": _setting(
            values.flag,
            "true or false",
            "true: take proxies from the environment (`HTTPS_PROXY` …).",
        ),
        "hostname": _setting(
            _host,
            "host",
            "Another host of the same exchange, where its addresses have one. Every run names it.",
        ),
        "urls": _setting(
            _urls,
            "table",
            "Other addresses: `urls.api` as text takes the place of every scheme and host, as a"
            " table of single ones. Every run names their hosts, those of this machine excepted.",
        ),
        "sandbox": _setting(
            values.flag,
            "true or false",
            "true: the exchange's test network, with a key made there.",
        ),
        "timeout": _setting(
            _milliseconds,
            "milliseconds",
            "How long one request may take; `request_timeout` when left out.",
        ),
        "rateLimit": _setting(
            _milliseconds, "milliseconds", "The time between two requests of cost 1."
        ),
        "enableRateLimit": _setting(
            values.flag, "true or false", "false: do not keep to the exchange's pace."
        ),
        "userAgent": _setting(values.text, "text", "The name that requests give of the program."),
        "verify": _setting(
            values.flag,
            "true or false",
            "false: do not check the exchange's certificate. Every run says so.",
        ),
        "validateServerSsl": _setting(values.flag, "true or false", "The same as `verify`."),
        "options": _setting(
            _options,
            "table",
            "ccxt's own options of the exchange, such as `defaultType` or `recvWindow`.",
        ),
    }
)
#: ccxt's other spelling of some.
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
    "is refused: ccxt would send a signed request again on its own; use retries, beside"
    " reporting_asset"
)
ELSEWHERE = (
    "is refused: it sends signed requests to another host; use httpsProxy, or urls for a stand-in"
    " of the exchange"
)
#: Names that somebody may try, each with the reason and the cure.
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "verbose": "is refused: it would print keys and signatures",
        "headers": (
            "is refused: a header can change what a request does; userAgent names the program"
        ),
        **dict.fromkeys(
            ("proxy", "proxyUrl", "proxy_url", "proxyUrlCallback", "proxy_url_callback"), ELSEWHERE
        ),
        **dict.fromkeys(
            (
                "read_allowlist",
                "allowlist",
                "bases",
                "_ticket",
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
    """The table, checked; Wrong names every fault and its place."""
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
                    f"is no setting that is passed on to ccxt; {suggestion(key, CCXT_SETTINGS)}"
                )
            found[name] = CCXT_SETTINGS[name].read(item)
        except Wrong as exc:
            wrong += [((key, *below), what) for below, what in exc.parts]
    if wrong:
        raise Wrong.several(wrong)
    return MappingProxyType(found)


def _secrets(table: Mapping[str, object], place: Key) -> Iterator[tuple[Key, str]]:
    """Whatever would bring a secret in through the back door."""
    for key, item in table.items():
        if _PRIVATE.search(key):
            yield (*place, key), NO_PRIVATE_KEY
        elif _SECRETIVE.search(key):
            yield (
                (*place, key),
                "looks like a secret, which does not belong among the options of ccxt",
            )
        elif isinstance(item, dict):
            yield from _secrets(item, (*place, key))


# --- what every run says --------------------------------------------------------------------------


def warnings(settings: Mapping[str, object]) -> tuple[str, ...]:
    """One sentence for each way in which a checked table sends requests elsewhere or weakens
    TLS."""
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
    """Scheme and host (with port) of all that the account says of hosts."""
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
    """Whether a host (with or without port) is this machine itself."""
    import ipaddress  # milliseconds that a look at the portfolio need not spend

    host = urlsplit(f"//{netloc}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

"""What the environment says about the way to an exchange: its proxies and its certificates.

Only these variables are read, not everything that requests would take from the environment: a
``.netrc`` would add a password to signed requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from exchange_cache.errors import ConfigError

#: Files of certificate authorities, the first that is set.
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_LOOPBACK = ("localhost", "127.", "::1")


def proxies_for(url: str, env: Mapping[str, str]) -> dict[str, str]:
    """The proxy of an address by ``HTTPS_PROXY``, ``HTTP_PROXY`` or ``ALL_PROXY``, by its scheme;
    none for this machine and for what ``NO_PROXY`` names."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = _variable(env, f"{parts.scheme}_proxy") or _variable(env, "all_proxy")
    if not proxy or host.startswith(_LOOPBACK) or _excepted(host, _variable(env, "no_proxy")):
        return {}
    return {parts.scheme: proxy if "://" in proxy else f"http://{proxy}"}


def refuse_no_proxy(env: Mapping[str, str]) -> None:
    """ConfigError where the proxy of exchanges is none that requests can use; the message repeats
    neither its user nor its password."""
    for proxy in proxies_for("https://exchange.invalid", env).values():
        fault = _fault_of(proxy)
        if fault:
            names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
            name = next(name for name in names if env.get(name))
            raise ConfigError(
                f"{name} names no proxy: {fault}",
                hint=f"unset {name}, or name one such as http://127.0.0.1:3128",
            )


def _fault_of(proxy: str) -> str:
    """Why an address is none of a proxy; empty if it is one."""
    try:
        parts = urlsplit(proxy)
        place = parts.hostname, parts.port
    except ValueError:
        return "its host or its port is malformed"
    if parts.scheme not in _SCHEMES:
        return f'unknown scheme "{parts.scheme}"'
    return "" if place[0] else "it has no host"


def bundle_of(env: Mapping[str, str]) -> str | None:
    """The file (or folder) of certificate authorities to trust; None: those of requests."""
    for name in BUNDLES:
        place = env.get(name)
        if place:
            if not Path(place).exists():
                raise ConfigError(
                    f"the certificates of {name} cannot be read: there is no {place}",
                    hint=f"unset {name}, or name a file of certificates (PEM)",
                )
            return place
    return None


def _excepted(host: str, names: str) -> bool:
    """Whether ``NO_PROXY`` names a host, or a domain that contains it."""
    domains = [name.strip().lstrip(".").partition(":")[0].casefold() for name in names.split(",")]
    return any(name == "*" or host == name or host.endswith(f".{name}") for name in domains if name)


def _variable(env: Mapping[str, str], name: str) -> str:
    return env.get(name) or env.get(name.upper()) or ""

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

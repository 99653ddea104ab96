"""Files that exchanges make of an account's history: received by a signed call, or by a link.

A signed call passes the guard like every read, but its answer may be a file: a ``FileSlot`` takes
the bytes. A link leads to a host of a list that names its source; it is fetched over https without
anything of the account: no key, no header, no cookie. Redirects are not followed, and size and
type are limited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from exchange_cache.adapter.address import Base, shown_host
from exchange_cache.errors import BadResponse, ExchangeFault, ExchangeUnavailable

#: The most bytes of one file, as it is sent.
MOST_BYTES = 64 * 1024 * 1024
_CHUNK = 256 * 1024

#: What files are sent as; anything else is a page or a message.
FILE_TYPES = frozenset({
    "application/octet-stream",
    "binary/octet-stream",
    "application/zip",
    "application/x-zip-compressed",
    "application/gzip",
    "application/x-gzip",
    "text/csv",
    "application/csv",
})  # fmt: skip

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ForeignHost(ExchangeFault):
    """The exchange's link leads to a host that no list names; nothing was fetched."""

    code = "foreign_host"


class LinkExpired(ExchangeFault):
    """The link no longer serves its file."""

    code = "link_expired"


class FileSlot:
    """Where the bytes of one answer go. ``pace_ms`` replaces the wait that ccxt computes before the
    request, which may be hours where an exchange counts a call by the day."""

    def __init__(self, pace_ms: float | None = None, most: int = MOST_BYTES) -> None:
        self.pace_ms = pace_ms
        self.body: bytes | None = None
        self._most = most

    def taken(self, response: Any) -> Any:
        """The answer; the body of a file becomes ``body``, and ccxt reads an empty object."""
        is_file = response.status_code == 200 and _type(response.headers) in FILE_TYPES
        found = limited(response, self._most)
        if is_file:
            self.body, found = found, b"{}"
        response._content, response._content_consumed = found, True
        return response


def limited(response: Any, most: int = MOST_BYTES) -> bytes:
    """The body of a streamed answer; BadResponse where it is larger than ``most`` bytes."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(_CHUNK):
        size += len(part)
        if size > most:
            response.close()
            raise BadResponse(f"a file of more than {most // 1024 // 1024} MiB was not read")
        parts.append(part)
    return b"".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHosts:
    """The hosts that an exchange's links may lead to, and where they were seen."""

    names: frozenset[str]
    source: str


def address_of(link: str, hosts: LinkHosts, bases: Iterable[Base]) -> str:
    """The address to fetch a link from; ForeignHost names any other host.

    A listed host is fetched over https, also where the link says http. This machine is a host only
    where the account itself is read from this machine (a stand-in).
    """
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        raise ForeignHost("the link to a file cannot be read") from None
    host = (parts.hostname or "").rstrip(".").lower()
    plain = parts.username is None and parts.password is None
    if plain and parts.scheme in {"http", "https"}:
        if host in _LOOPBACK and _is_local(bases):
            return link
        if host in hosts.names and port in {None, 443 if parts.scheme == "https" else 80}:
            return urlunsplit(("https", host, parts.path or "/", parts.query, ""))
    raise ForeignHost(
        f"the link to a file leads to the host {shown_host(host)}, which is not on the list;"
        " nothing was fetched from it"
    )


def _is_local(bases: Iterable[Base]) -> bool:
    """Whether every address of the account is this machine."""
    names = [urlsplit(f"//{base.netloc}").hostname for base in bases]
    return bool(names) and all(name in _LOOPBACK for name in names)


def fetched(
    link: str,
    *,
    hosts: LinkHosts,
    bases: Iterable[Base],
    session: Callable[[], Any],
    proxies: Mapping[str, str] | None,
    verify: bool,
    timeout: float,
    most: int = MOST_BYTES,
) -> bytes:
    """The file at a link. ``session`` makes a new session, which knows nothing of the account."""
    from requests import RequestException

    address = address_of(link, hosts, bases)
    host = urlsplit(address).netloc
    with session() as connection:
        try:
            response = connection.get(
                address,
                timeout=timeout,
                stream=True,
                proxies=dict(proxies) if proxies else None,
                verify=verify,
            )
            return _file_of(response, host, most)
        except RequestException as error:
            # the text of the error may repeat the link, which is a key to the file
            raise ExchangeUnavailable(
                f"the host {shown_host(host)} did not send the file ({type(error).__name__})"
            ) from None


def _file_of(response: Any, host: str, most: int) -> bytes:
    status, name = response.status_code, shown_host(host)
    if status in {400, 401, 403, 404, 410}:
        raise LinkExpired(f"the host {name} no longer serves the file (it answered {status})")
    if status >= 500:
        raise ExchangeUnavailable(f"the host {name} answered {status}")
    kind = _type(response.headers)
    if status != 200 or kind not in FILE_TYPES:
        raise BadResponse(
            f"the host {name} answered {status} with {kind or 'no type'} instead of a file"
        )
    return limited(response, most)


def _type(headers: Mapping[str, str]) -> str:
    return str(headers.get("Content-Type") or "").partition(";")[0].strip().lower()

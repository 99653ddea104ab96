"""Files that the simulated exchanges make on order, and the host that serves them: another port of
127.0.0.1, as real ones lie on other hosts than the API.

A link carries a secret and dies after its time. The host refuses requests that carry anything of
an account. Traps are switched on by tests: ``host`` names another host in links, ``spoiled`` turns
what is served into something else.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from exchange_cache.simulator.wire import Response

#: Headers that belong to an account and must not reach another host.
_OF_ACCOUNTS = ("ok-access", "api-key", "api-sign", "x-mbx-apikey", "cookie", "authorization")
_PATH = "/archive/"


@dataclass(frozen=True, slots=True)
class Filed:
    """A file behind a link."""

    name: str
    body: bytes
    expires_ms: int


@dataclass(slots=True)
class FileHost:
    """The host of finished files. ``address`` is where it listens; ``spoiled`` is bomb | page |
    huge | redirect, or nothing."""

    address: str = ""
    host: str = ""
    spoiled: str = ""
    files: dict[str, Filed] = field(default_factory=dict)
    served: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def link(self, owner: str, name: str, body: bytes, expires_ms: int) -> str:
        """Put a file behind a new link."""
        token = hashlib.blake2b(f"{owner}/{name}/{expires_ms}".encode(), digest_size=12).hexdigest()
        self.files[token] = Filed(name, body, expires_ms)
        return f"{self.host or self.address}{_PATH}{token}/{name}?signature={token[:8]}"

    def answer(self, path: str, headers: Mapping[str, str], now_ms: int) -> Response:
        """The file at a path, in the words of a store of objects."""
        self.served.append((path, dict(headers)))
        token = path.removeprefix(_PATH).partition("/")[0]
        filed = self.files.get(token)
        of_account = any(name.startswith(_OF_ACCOUNTS) for name in headers)
        if filed is None or of_account or now_ms >= filed.expires_ms:
            return _refused()
        if self.spoiled == "page":
            body, kind = b"<html>please log in</html>", "text/html"
            return Response(body=body, headers={"Content-Type": kind})
        if self.spoiled == "redirect":
            return Response(status=302, body=b"", headers={"Location": "https://example.com/"})
        body = filed.body
        if self.spoiled == "bomb":
            body = zipped("bills.csv", _zeros())
        if self.spoiled == "huge":
            body = b"0" * (65 * 1024 * 1024)
        return Response(body=body, headers={"Content-Type": "binary/octet-stream"})


def _refused() -> Response:
    text = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
    return Response(status=403, body=text, headers={"Content-Type": "application/xml"})


def _zeros() -> bytes:
    return b"0" * (300 * 1024 * 1024)


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A table as an exchange writes it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def zipped(name: str, body: bytes) -> bytes:
    """A zip of one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return packed.getvalue()


@dataclass(slots=True)
class Ordered:
    """A file that an account ordered."""

    id: str
    ordered_ms: int
    start_ms: int
    end_ms: int
    make: Callable[[], bytes]
    name: str

"""Where a cache is: in a SQLite file, or on a PostgreSQL server that several machines share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL address. ``beside``: the name to which this machine appends those of its own
    files, as beside a cache file."""

    url: str = field(repr=False)
    beside: Path

    def __str__(self) -> str:
        """The address without a password, for people."""
        parts = urlsplit(self.url)
        user, at, host = parts.netloc.rpartition("@")
        query = "&".join(one for one in parts.query.split("&") if not one.startswith("password="))
        return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}", query=query))


Place = Path | Server


def storable(value: Any) -> Any:
    """A value as a server can hold it: flags are integers, and U+FFFD stands for NUL in a text."""
    kind = value.__class__
    if kind is str:
        return value.replace("\0", "\ufffd") if "\0" in value else value
    if kind is bool:
        return int(value)
    return bytes(value) if kind in (bytearray, memoryview) else value

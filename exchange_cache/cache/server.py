"""Where a cache is: in a SQLite file, or on a PostgreSQL server that several machines share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
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

"""Where a cache is: in a SQLite file, or on a PostgreSQL server that several machines share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

#: As libpq reads it: a password ends at the first "@".
_CREDENTIALS = re.compile(r"(?P<user>[^@/:]*):[^@/]*@")


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL address. ``beside``: the name to which this machine appends those of its own
    files, as beside a cache file."""

    url: str = field(repr=False)
    beside: Path

    def __str__(self) -> str:
        """The address without a password, for people."""
        scheme, _, stated = self.url.partition("://")
        if found := _CREDENTIALS.match(stated):
            stated = f"{found['user']}@{stated[found.end() :]}"
        server, mark, options = stated.partition("?")
        kept = [one for one in options.split("&") if "password" not in _name(one)]
        return f"{scheme}://{server}{mark if any(kept) else ''}{'&'.join(kept)}"


def _name(option: str) -> str:
    return unquote(option.partition("=")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A server that follows another one and takes no writes.

    ``streams``: it is connected to its primary. ``behind``: it received more than it shows.
    ``newest``: when the newest change that it shows was made, by the primary's clock.
    """

    streams: bool
    behind: bool
    paused: bool
    newest: datetime | None

    @property
    def is_current(self) -> bool:
        """Whether it shows all that its primary has sent, and is being sent more."""
        return self.streams and not self.behind


Place = Path | Server


def storable(value: Any) -> Any:
    """A value as a server can hold it: flags are integers, and U+FFFD stands for NUL in a text."""
    kind = value.__class__
    if kind is str:
        return value.replace("\0", "\ufffd") if "\0" in value else value
    if kind is bool:
        return int(value)
    return bytes(value) if kind in (bytearray, memoryview) else value

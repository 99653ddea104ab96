"""What a server is sent, by its own log, from which no driver can hide."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.postgres import Cluster, name_of

_STATEMENT = re.compile(r"\[(\d+)\] LOG:  (?:statement|execute [^:]+): (.*)")


class Sent(NamedTuple):
    """A statement, and the connection that sent it."""

    connection: int
    statement: str


def sent(cluster: Cluster, url: str, act: Callable[[], object]) -> list[Sent]:
    """What is sent to a database by connections that are opened meanwhile, or were while its
    statements were logged."""
    name, log = name_of(url), Path(cluster.folder, "log")
    cluster.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
    before = log.stat().st_size
    try:
        act()
    finally:
        cluster.execute(f"ALTER DATABASE {name} RESET log_statement")
    with log.open() as file:
        file.seek(before)
        found = [_STATEMENT.search(line) for line in file]
    return [Sent(int(one[1]), one[2]) for one in found if one is not None]

"""Reads that are not counted in the cache yet: lines of a file beside it.

A read must not wait for a writer or for the disk, so it appends a line; the next sync moves the
lines into the cache (``metrics``). A line is ``milliseconds command outcome microseconds``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange_cache.cache.server import Place

FILE_MODE = 0o600


def journal_of(cache: Place) -> Path:
    """The file beside the cache."""
    cache = cache if isinstance(cache, Path) else cache.beside
    return cache.with_name(cache.name + ".reads")


def append(cache: Place, at_ms: int, command: str, outcome: str, duration_us: int) -> None:
    """Note one read; OSError if the file cannot be written."""
    line = f"{at_ms} {command} {outcome} {duration_us}\n".encode()
    path = journal_of(cache)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def parsed(lines: bytes) -> list[tuple[int, str, str, int]]:
    """The reads of a journal, oldest first; a line that a full disk cut short is left out."""
    found = []
    for line in lines.decode(errors="replace").splitlines():
        words = line.split(" ")
        if len(words) == 4 and words[0].isdecimal() and words[3].isdecimal():
            found.append((int(words[0]), words[1], words[2], int(words[3])))
    return found

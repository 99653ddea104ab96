"""The write-ahead log beside the cache, where another program put a file of its own in its place.

SQLite takes what is no log of its own for an empty one, and overwrites it."""

from __future__ import annotations

from pathlib import Path

#: The first bytes of a log, by the order of bytes of its checksums. A log that a power cut kept
#: from the disk is of zeros.
_BEGINNINGS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", b"\x00\x00\x00\x00")


def log_of(cache: Path) -> Path:
    return cache.with_name(f"{cache.name}-wal")


def is_foreign(log: Path) -> bool:
    """Whether a file is there that SQLite did not write; False where it cannot be read, which
    opening the cache reports."""
    try:
        with log.open("rb", buffering=0) as file:
            found = file.read(4)
    except OSError:
        return False
    return not any(beginning.startswith(found) for beginning in _BEGINNINGS)

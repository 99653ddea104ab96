"""The lock of a cache: a file beside a file, or of the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from exchange_cache.clock import Clock
from exchange_cache.sync.lock import WriterLock

if TYPE_CHECKING:
    from exchange_cache.cache.server import Place


def lock_of(cache: Place, clock: Clock, fence: list[str] | None = None) -> WriterLock:
    """The lock of a cache; ``fence``: see ``ServerLock``."""
    if isinstance(cache, Path):
        return WriterLock(cache.with_name(cache.name + ".lock"), clock)
    from exchange_cache.sync.server_lock import ServerLock

    return ServerLock(cache, clock, fence)

"""What reading needs of a cache, however it was opened."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from exchange_cache.cache.server import Place


class Database(Protocol):
    """A cache that answers statements."""

    @property
    def path(self) -> Path: ...
    @property
    def place(self) -> Place: ...
    def select(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]: ...
    def size(self) -> int: ...
    def snapshot(self) -> AbstractContextManager[None]: ...

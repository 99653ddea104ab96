"""What a running sync reports to its observer: events through one callback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncEvent:
    """One step of one account. ``state``: asking | done | failed | skipped; finished or interrupted
    of the account as a whole.

    ``rows``, ``new_rows`` and ``requests`` count the account's run so far; ``done`` and ``planned``
    count its steps.
    """

    account: str
    data_type: DataType | None
    scope: str
    state: str
    rows: int
    requests: int
    done: int
    planned: int
    message: str | None = None
    new_rows: int = 0


Observer = Callable[[SyncEvent], None]


def unobserved(event: SyncEvent) -> None:
    """The observer that ignores every event."""

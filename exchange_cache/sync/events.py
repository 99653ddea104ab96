"""What a running sync reports to its observer: events through one callback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncEvent:
    """One step of one account. ``state``: asking | done | failed | skipped; finished or interrupted
    of the account as a whole.

    ``rows``, ``new_rows`` and ``requests`` count the account's run so far; ``done`` and ``planned``
    count its steps. ``before`` is the end of the past that is read; None if that is now. Without an
    account it is the work after the histories: ``scope`` states it in words.
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
    before: datetime | None = None


#: Called as work goes on: what it is in words, its number and that of all (0: unknown).
Step = Callable[[str, int, int], None]
Observer = Callable[[SyncEvent], None]


def unobserved(event: SyncEvent) -> None:
    """The observer that ignores every event."""


def unnoticed(words: str, number: int, total: int) -> None:
    """The callback that ignores every step."""

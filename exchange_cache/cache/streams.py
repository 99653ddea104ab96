"""Histories that are walked, as values: their keys and the position of each walk."""

from __future__ import annotations

from dataclasses import dataclass, field

from exchange_cache.ledger.coverage import Grade, Ranges, Span
from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamKey:
    """One history: account, data type, scope of the policy, and the symbol if the exchange needs
    one ('' otherwise)."""

    account: str
    data_type: DataType
    scope: str
    symbol: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """The position of a walk. ``open`` with ``cursor`` is a window not read to its end; ``covered``
    are the windows read completely.

    ``floor_ms`` is the oldest instant that the exchange served when last requested; anything older
    that is not covered is out of retention. ``history_start_ms`` is the earliest possible start of
    the history. ``settled_ms`` is when its settling time was last read completely. ``grade`` is
    what ``covered`` rests on, None where an earlier version wrote it.
    """

    key: StreamKey
    covered: Ranges = field(default_factory=Ranges)
    open: Span | None = None
    cursor: dict[str, object] = field(default_factory=dict)
    last_id: str | None = None
    floor_ms: int | None = None
    history_start_ms: int | None = None
    asked_ms: int | None = None
    completed_ms: int | None = None
    settled_ms: int | None = None
    rows: int = 0
    state: str = "ok"
    error: str | None = None
    source: str | None = None
    grade: Grade | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredSpan:
    """One stored range of a history."""

    key: StreamKey
    span: Span

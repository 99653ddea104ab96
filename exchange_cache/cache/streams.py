"""Walkable histories as values: which one, and where its walk stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from exchange_cache.ledger.coverage import Grade, Ranges, Span
from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamKey:
    """One walkable history: account, data type, scope of the policy, and the symbol where the
    exchange needs one ('' else)."""

    account: str
    data_type: DataType
    scope: str
    symbol: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """Where a walk stands. ``open`` with ``cursor`` is a window begun and not yet exhausted;
    ``covered`` holds exhausted ones.

    ``floor_ms`` is the oldest instant the exchange served when last asked; what lies before it and
    is not covered is out of retention. ``history_start_ms`` is where the history could begin at
    all. ``grade`` is what ``covered`` rests on, None where an earlier version wrote it.
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

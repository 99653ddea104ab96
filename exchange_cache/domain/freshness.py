"""Freshness as a pure verdict: how old the last success is, against how old it may be. An attempt never counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exchange_cache.domain.records import DataType


class State(StrEnum):
    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus:
    """The last attempt, the last success and the last error of one account x data type (x part, when ``part`` is set).

    ``part`` is a wallet or stream of the data type; the row with an empty part speaks for the whole data type, and its
    ``succeeded_at`` is a run in which every part succeeded. ``state`` is ok | failed | not_offered | no_permission.
    """

    account: str
    data_type: DataType
    part: str = ""
    attempted_at: datetime | None = None
    succeeded_at: datetime | None = None
    state: str = "ok"
    error_code: str | None = None
    error: str | None = None
    failures: int = 0
    duration_ms: int | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """One verdict; ``age`` is None when nothing was ever fetched."""

    account: str
    data_type: DataType
    state: State
    succeeded_at: datetime | None
    age: timedelta | None
    ttl: timedelta
    error: str | None = None
    error_code: str | None = None


def verdict(status: SyncStatus | None, *, account: str, data_type: DataType, ttl: timedelta, now: datetime) -> Freshness:
    """Fresh up to and including its time-to-live, stale beyond it (and when its time lies in the future), missing without a success."""
    succeeded = status.succeeded_at if status is not None else None
    error = status.error if status is not None else None
    code = status.error_code if status is not None else None
    if status is not None and status.state == "not_offered":
        state = State.NOT_OFFERED
    elif succeeded is None:
        state = State.MISSING
    else:
        age = now - succeeded
        state = State.FRESH if timedelta(0) <= age <= ttl or timedelta(seconds=-5) <= age < timedelta(0) else State.STALE
    return Freshness(
        account=account,
        data_type=data_type,
        state=state,
        succeeded_at=succeeded,
        age=None if succeeded is None else max(now - succeeded, timedelta(0)),
        ttl=ttl,
        error=error,
        error_code=code,
    )


def verdicts(
    statuses: Iterable[SyncStatus],
    *,
    accounts: Iterable[str],
    ttl: dict[DataType, timedelta],
    now: datetime,
) -> tuple[Freshness, ...]:
    """One verdict per account and data type, accounts in the given order, data types in theirs."""
    known = {(status.account, status.data_type): status for status in statuses if status.part == ""}
    return tuple(
        verdict(known.get((account, data_type)), account=account, data_type=data_type, ttl=ttl[data_type], now=now)
        for account in accounts
        for data_type in DataType
    )

"""Freshness as a pure verdict: the age of the last success compared with the age allowed. An
attempt never counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from exchange_cache.clock import SKEW, is_ahead
from exchange_cache.data_types import DataType
from exchange_cache.value.states import State as State


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus:
    """The last attempt, success and error of one account x data type (x part, if ``part`` is set).

    ``part`` is a wallet or stream of the data type. The row with an empty part stands for the whole
    data type; its ``succeeded_at`` is a run in which every part succeeded. ``state`` is ok | failed
    | not_offered | no_permission. ``rows``: how many the last success stored.
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
class LostPart:
    """A wallet or call that this key may no longer read; its rows are kept."""

    part: str
    name: str  # the earn wallet, linear positions, open spot orders
    seen_at: datetime
    age: timedelta
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """One verdict; ``age`` is None if nothing was ever fetched, or if the clock was ahead then.

    Its age is that of its oldest part. ``lost`` parts count, though no sync can refresh them;
    ``own_state`` is the state without them.
    """

    account: str
    data_type: DataType
    state: State
    succeeded_at: datetime | None
    age: timedelta | None
    ttl: timedelta
    error: str | None = None
    error_code: str | None = None
    lost: tuple[LostPart, ...] = ()
    own_state: State | None = None

    @property
    def due(self) -> bool:
        """Whether a sync would refresh something."""
        return (self.own_state or self.state) in {State.STALE, State.MISSING}

    @property
    def undated(self) -> bool:
        """Whether the clock was ahead at the last success."""
        return self.age is None and self.succeeded_at is not None

    @property
    def failed(self) -> bool:
        """Whether the last try failed; of a time in the future ``error`` states that alone."""
        return self.error is not None and (self.error_code is not None or not self.undated)


def verdict(
    status: SyncStatus | None, *, account: str, data_type: DataType, ttl: timedelta, now: datetime
) -> Freshness:
    """Fresh up to and including the time-to-live, stale beyond it or with a time in the future,
    missing without a success."""
    succeeded = status.succeeded_at if status is not None else None
    error = status.error if status is not None else None
    if error is None and succeeded is not None and is_ahead(succeeded, now):
        error = (
            f"its last sync is dated {succeeded:%Y-%m-%d %H:%M} UTC, which is in the future: "
            "the clock was ahead, so its age is unknown"
        )
    code = status.error_code if status is not None else None
    if status is not None and status.state == "not_offered":
        state = State.NOT_OFFERED
    elif succeeded is None:
        state = State.MISSING
    else:
        state = _by_age(succeeded, ttl, now)
    return Freshness(
        account=account,
        data_type=data_type,
        state=state,
        succeeded_at=succeeded,
        age=_age(succeeded, now),
        ttl=ttl,
        error=error,
        error_code=code,
    )


def _age(succeeded: datetime | None, now: datetime) -> timedelta | None:
    if succeeded is None or is_ahead(succeeded, now):
        return None
    return max(now - succeeded, timedelta(0))


def _by_age(succeeded: datetime, ttl: timedelta, now: datetime) -> State:
    age = now - succeeded
    return State.FRESH if -SKEW <= age <= ttl else State.STALE


def verdicts(
    statuses: Iterable[SyncStatus],
    *,
    accounts: Iterable[str],
    ttl: Mapping[DataType, timedelta],
    now: datetime,
) -> tuple[Freshness, ...]:
    """One verdict per account and data type, both in the given order."""
    known: dict[tuple[str, DataType], SyncStatus] = {}
    parts: dict[tuple[str, DataType], list[SyncStatus]] = {}
    for status in statuses:
        if status.part == "":
            known[(status.account, status.data_type)] = status
        else:
            parts.setdefault((status.account, status.data_type), []).append(status)
    return tuple(
        _with_lost(
            verdict(
                known.get((account, data_type)),
                account=account,
                data_type=data_type,
                ttl=ttl[data_type],
                now=now,
            ),
            tuple(
                lost
                for part in parts.get((account, data_type), ())
                if (lost := lost_part(part, now)) is not None
            ),
            now,
        )
        for account in accounts
        for data_type in DataType
    )


def lost_part(status: SyncStatus, now: datetime) -> LostPart | None:
    """The part as lost: its last read stored rows, and now the exchange refuses it.

    Only mirrors can be lost: the rows of histories stay true, and findings state what is missing.
    """
    mirrored = status.data_type in {
        DataType.BALANCES,
        DataType.POSITIONS,
    } or status.part.startswith("open ")
    refused = status.state in {"no_permission", "not_offered"}
    if not (mirrored and refused and status.rows and status.succeeded_at is not None):
        return None
    return LostPart(
        part=status.part,
        name=_NAMES[status.data_type].format(status.part),
        seen_at=status.succeeded_at,
        age=max(now - status.succeeded_at, timedelta(0)),
        reason=(status.error or status.state).split("; ")[0],
    )


_NAMES = {
    DataType.BALANCES: "the {} wallet",
    DataType.POSITIONS: "{} positions",
    DataType.ORDERS: "{} orders",
}


def _with_lost(found: Freshness, lost: tuple[LostPart, ...], now: datetime) -> Freshness:
    """The verdict, as old as its oldest lost part; its own error takes precedence."""
    if not lost:
        return found
    marked = replace(
        found,
        error=found.error
        or "; ".join(f"{part.name} can no longer be read ({part.reason})" for part in lost),
        error_code=found.error_code or "no_permission",
        lost=lost,
        own_state=found.state,
    )
    if found.succeeded_at is None:
        return marked
    oldest = min(found.succeeded_at, *(part.seen_at for part in lost))
    return replace(
        marked,
        state=_by_age(oldest, found.ttl, now),
        succeeded_at=oldest,
        age=max(now - oldest, timedelta(0)),
    )


def unfetched(
    statuses: Iterable[SyncStatus], accounts: Iterable[str], *data_types: DataType
) -> list[str]:
    """The accounts of which one of some kinds of data was never fetched whole."""
    fetched = {
        (one.account, one.data_type)
        for one in statuses
        if not one.part and one.succeeded_at is not None
    }
    return [name for name in accounts if any((name, one) not in fetched for one in data_types)]


class Ages:
    """Which rows are too old, by their own time: a failed part keeps old rows although the data
    type succeeded later."""

    def __init__(self, freshness: Iterable[Freshness], now: datetime) -> None:
        self._now = now
        self._verdicts = {(one.account, one.data_type): one for one in freshness}

    def is_stale(self, account: str, data_type: DataType, fetched_at: datetime) -> bool:
        verdict = self._verdicts.get((account, data_type))
        if verdict is None:
            return False
        age = self._now - fetched_at
        return (
            verdict.due or age > verdict.ttl or age < -SKEW
        )  # the age of a lost part counts separately

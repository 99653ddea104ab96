"""What runs did not request, because nothing of it was seen to move: pure, from the times at which
parts were read and the times of runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange_cache.data_types import DataType
from exchange_cache.value.freshness import SyncStatus

#: When a run began and ended.
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmoved:
    """A part that was last read at ``read_at``; at ``checked_at`` nothing of it had been seen to
    move since."""

    account: str
    data_type: DataType
    part: str
    read_at: datetime
    checked_at: datetime


class Checks:
    """The last runs in which all of a data type was read, or seen not to move."""

    def __init__(self, statuses: Iterable[SyncStatus], runs: Iterable[Span]) -> None:
        spans = tuple(runs)
        self._runs = {
            (one.account, one.data_type): span
            for one in statuses
            if not one.part and one.state == "ok" and one.succeeded_at is not None
            for span in spans
            if span[0] <= one.succeeded_at <= span[1]
        }

    def after(self, account: str, data_type: DataType, read_at: datetime) -> datetime | None:
        """When a later run saw that nothing had moved since something was read; None: no run did,
        it read it itself."""
        begun, ended = self._runs.get((account, data_type), (read_at, read_at))
        return ended if read_at < begun else None


def unmoved(statuses: Iterable[SyncStatus], runs: Iterable[Span]) -> tuple[Unmoved, ...]:
    """The parts that the last successful run of their data type left out."""
    known = tuple(statuses)
    checks = Checks(known, runs)
    return tuple(
        Unmoved(
            account=one.account,
            data_type=one.data_type,
            part=one.part,
            read_at=one.succeeded_at,
            checked_at=at,
        )
        for one in known
        if one.part and one.state == "ok" and one.succeeded_at is not None
        if (at := checks.after(one.account, one.data_type, one.succeeded_at)) is not None
    )

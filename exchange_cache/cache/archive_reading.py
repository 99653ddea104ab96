"""What ``status`` reads of archives: the files that were ordered, and how many orders were sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from exchange_cache.cache.answering import Database
from exchange_cache.cache.codec import Codec


class ArchiveState(StrEnum):
    """Where an order is. Sent: a kill may have come before the answer. Refused: the key lacks the
    right. Foreign: its link leads to a host that no list names."""

    SENT = "sent"
    ORDERED = "ordered"
    FETCHED = "fetched"
    READ = "read"
    FAILED = "failed"
    REFUSED = "refused"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"
    SHORT = "short"  # too few rows to order a file for them


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArchive:
    """One file of an archive: what it covers, and where it is between its order and its rows."""

    account: str
    archive: str
    period: str
    start_ms: int
    end_ms: int
    state: ArchiveState
    order_id: str = ""
    ordered_ms: int | None = None
    looked_ms: int | None = None
    expires_ms: int | None = None
    read_ms: int | None = None
    rows: int = 0
    new_rows: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePlan:
    """What a sync found of an archive: ``missing`` files that are not ordered; ``most`` orders are
    accepted within ``per_ms``, or within a calendar month (UTC) where that is None."""

    account: str
    archive: str
    title: str
    missing: int
    most: int | None
    per_ms: int | None
    shared: str
    by_request: bool
    requested: bool
    planned_ms: int


PLANS = Codec(ArchivePlan)
ARCHIVES = Codec(StoredArchive, extra={"body": "blob"}, nullable=("body",))


class ArchiveReading:
    """Files of archives."""

    def __init__(self, database: Database) -> None:
        self._reads = database

    def orders(self, accounts: Collection[str]) -> tuple[StoredArchive, ...]:
        """The files that were ordered for accounts, the newest period of each archive first."""
        sql = (
            f"SELECT {', '.join(ARCHIVES.names)} FROM exchange_archives"
            f" WHERE account IN ({', '.join('?' * len(accounts))})"
            " ORDER BY account, archive, start_ms DESC"
        )
        return ARCHIVES.read(self._reads.select(sql, list(accounts)))

    def plans(self, accounts: Collection[str]) -> tuple[ArchivePlan, ...]:
        """What the last sync found of each archive of accounts."""
        sql = (
            f"SELECT {', '.join(PLANS.names)} FROM archive_plans"
            f" WHERE account IN ({', '.join('?' * len(accounts))}) ORDER BY account, archive"
        )
        return PLANS.read(self._reads.select(sql, list(accounts)))

    def sent(self, account: str, archive: str, since_ms: int) -> int:
        """How many orders were sent since a moment."""
        sql = (
            "SELECT COUNT(*) FROM archive_requests WHERE account = ? AND archive = ? AND at_ms >= ?"
        )
        return int(self._reads.select(sql, [account, archive, since_ms])[0][0])

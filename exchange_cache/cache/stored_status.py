"""What the cache stores of each sync, as ``status`` reads it. An ``id`` is assigned by the table,
and 0 before the row is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange_cache.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """One open finding of the last sync of an account."""

    account: str
    code: str
    scope: str
    asset: str
    message: str
    hint: str | None
    since: datetime

    @property
    def finding(self) -> Finding:
        return Finding(
            code=self.code,
            account=self.account or None,
            asset=self.asset or None,
            message=self.message,
            hint=self.hint,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a writer, as ``status`` shows it. ``doing``: what it does, and once it ended, the
    error that ended it. ``host``: where several machines share the cache."""

    id: int = 0
    pid: int
    command: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    doing: str | None = None
    requests: int = 0
    rows: int = 0
    host: str | None = None

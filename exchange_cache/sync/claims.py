"""Which accounts a run takes where several machines sync one cache: those that are due and free."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from exchange_cache.cache.progress import Progress
from exchange_cache.clock import Clock
from exchange_cache.records import DataType
from exchange_cache.sync.lock import WriterLock

#: An account rests for so long after a run requested all of it, whoever that was.
REST = timedelta(minutes=30)


class Everything:
    """The claims of a run that has the cache for itself."""

    #: Whether other processes may sync at the same time.
    beside = False

    def take(self, account: str) -> bool:
        """Whether this run syncs an account."""
        return True

    def finish(self) -> bool:
        """See ``WriterLock``."""
        return True


class Claims(Everything):
    """The accounts of a run. ``rest``: accounts that another run has just read are left alone; not
    where the user names what to read."""

    def __init__(
        self,
        lock: WriterLock,
        progress: Progress,
        clock: Clock,
        only: Collection[DataType],
        *,
        rest: bool,
    ) -> None:
        self._lock, self._progress, self._clock = lock, progress, clock
        self.beside = lock.beside
        self._only, self._rest = frozenset(only), rest

    def take(self, account: str) -> bool:
        """Asked when the account's turn comes: what another run read meanwhile is seen."""
        return self._lock.claim(account) and not (self._rest and self._is_read(account))

    def finish(self) -> bool:
        return self._lock.finish()

    def _is_read(self, account: str) -> bool:
        since = self._clock.now() - REST
        found = [
            one.attempted_at is not None and one.attempted_at >= since
            for one in self._progress.statuses([account])
            if one.part == "" and one.data_type in self._only
        ]
        return len(found) == len(self._only) and all(found)


EVERYTHING = Everything()

"""Which accounts a run takes where several machines sync one cache: those that are due and free."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from exchange_cache.cache.progress import Progress
from exchange_cache.clock import Clock
from exchange_cache.errors import Banned, RateLimited
from exchange_cache.records import DataType
from exchange_cache.sync.lock import WriterLock
from exchange_cache.value.freshness import SyncStatus

#: An account rests for so long after this machine requested all of it.
REST = timedelta(minutes=30)
#: And for so long after another one did, which runs every hour like this one: its next run is
#: due first. Where it has none, this one takes over within two hours.
REST_OF_OTHERS = timedelta(hours=1)
#: What the memory of an account has: the machine that read it last, and that its balances are to
#: be compared with its histories, by whoever computes next.
READER, COMPARING = "reader", "comparing"
#: What one address is refused, another may request.
_OF_ADDRESS = frozenset({Banned.code, RateLimited.code})


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
    """The accounts of a run on ``host``. ``rest``: accounts that another run has just read are left
    alone; not where the user names what to read."""

    def __init__(
        self,
        lock: WriterLock,
        progress: Progress,
        clock: Clock,
        only: Collection[DataType],
        *,
        rest: bool,
        host: str,
    ) -> None:
        self._lock, self._progress, self._clock = lock, progress, clock
        self.beside = lock.beside
        self._only, self._rest, self._host = frozenset(only), rest, host

    def take(self, account: str) -> bool:
        """Asked when the account's turn comes: what another run read meanwhile is seen."""
        if not self._lock.claim(account) or (self._rest and self._is_read(account)):
            return False
        noted = {READER: self._host, COMPARING: True}
        self._progress.remember(account, noted, self._clock.now())
        return True

    def finish(self) -> bool:
        return self._lock.finish()

    def _is_read(self, account: str) -> bool:
        reader = self._progress.recalled(account, READER)
        others = reader not in (None, self._host)
        since = self._clock.now() - (REST_OF_OTHERS if others else REST)
        found = [
            one.attempted_at is not None
            and one.attempted_at >= since
            and not (others and one.error_code in _OF_ADDRESS)
            for one in self._wholes(account)
        ]
        return len(found) == len(self._only) and all(found)

    def _wholes(self, account: str) -> list[SyncStatus]:
        return [
            one
            for one in self._progress.statuses([account])
            if one.part == "" and one.data_type in self._only
        ]


EVERYTHING = Everything()

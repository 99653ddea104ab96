"""Which accounts a run takes where several machines sync one cache: those that are due and free."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from exchange_cache.cache.progress import Progress
from exchange_cache.clock import Clock, is_ahead
from exchange_cache.errors import Banned, RateLimited
from exchange_cache.records import DataType
from exchange_cache.sync.lock import WriterLock
from exchange_cache.sync.turns import Turns
from exchange_cache.value.freshness import SyncStatus

#: An account rests for so long after this machine requested all of it.
REST = timedelta(minutes=30)
#: And for so long after another one did, which runs every hour like this one: its next run is
#: due first. Where it has none, this one takes over within two hours.
REST_OF_OTHERS = timedelta(hours=1)
#: What the memory of an account has: the machine that read it last and its address, and that its
#: balances are to be compared with its histories, by whoever computes next.
READER, COMPARING = "reader", "comparing"
#: What one address is refused, another may request.
_OF_ADDRESS = frozenset({Banned.code, RateLimited.code})


class Everything:
    """The claims of a run that has the cache for itself."""

    #: Whether other processes may sync at the same time.
    beside = False

    @contextmanager
    def turn(
        self, exchange: str, accounts: Collection[str], stop: Callable[[], bool]
    ) -> Iterator[bool]:
        """This run's turn at an exchange, to read accounts (none: something else): whether it
        came."""
        yield True

    def take(self, account: str) -> bool:
        """Whether this run syncs an account."""
        return True

    def finish(self) -> bool:
        """See ``WriterLock``."""
        return True


class Claims(Everything):
    """The accounts of a run on ``host``, which exchanges know by ``address``. ``rest``: accounts
    that another run has just read are left alone; not where the user names what to read. ``since``:
    those that another run read from then on are, too."""

    def __init__(
        self,
        lock: WriterLock,
        progress: Progress,
        clock: Clock,
        only: Collection[DataType],
        *,
        rest: bool,
        host: str,
        address: str,
        since: datetime | None = None,
    ) -> None:
        self._lock, self._progress, self._clock = lock, progress, clock
        self.beside = lock.beside
        self._only, self._rest, self._host = frozenset(only), rest, host
        self._address, self._since = address, since
        self._turns = Turns(lock, clock, address, self._is_due)

    @contextmanager
    def turn(
        self, exchange: str, accounts: Collection[str], stop: Callable[[], bool]
    ) -> Iterator[bool]:
        if not self._turns.begin(exchange, accounts, stop):
            yield False
            return
        try:
            yield True
        finally:
            self._turns.end(exchange)

    def take(self, account: str) -> bool:
        """Asked when the account's turn comes: what another run read meanwhile is seen."""
        if not self._lock.claim(account) or self._is_read(account):
            return False
        noted = {READER: {"host": self._host, "address": self._address}, COMPARING: True}
        self._progress.remember(account, noted, self._clock.now())
        return True

    def finish(self) -> bool:
        return self._lock.finish()

    def _is_due(self, accounts: Collection[str]) -> bool:
        # They are read in their order, so the last ones show soonest that something is left.
        return any(not self._is_read(account) for account in reversed(tuple(accounts)))

    def _is_read(self, account: str) -> bool:
        reader = self._progress.recalled(account, READER)
        others = isinstance(reader, dict) and reader.get("host") != self._host
        since, now = self._since, self._clock.now()
        if self._rest:
            since = now - (REST_OF_OTHERS if others else REST)
        if since is None:
            return False
        found = [
            one.attempted_at is not None
            and one.attempted_at >= since
            and not is_ahead(one.attempted_at, now)  # by a clock that was: it proves nothing
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

"""Turns at exchanges: of the processes at one address, one talks to an exchange at a time.

Exchanges count requests per address, and processes share no pace. So a process keeps its turn while
it reads its accounts of an exchange, side by side, and the others wait: most often they find then
that these accounts are read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from exchange_cache.clock import Clock
from exchange_cache.sync.lock import POLL_SECONDS, WriterLock

#: How long a run waits for its turn at an exchange; what it leaves then, the next run reads.
TURN_WAIT = timedelta(minutes=30)


@dataclass(slots=True)
class _Turn:
    """That of one exchange, which the threads of this process share."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    threads: int = 0
    given_up: bool = False


class Turns:
    """The turns of one process at ``address``. ``is_due``: whether any of these accounts is still
    to be read."""

    def __init__(
        self,
        lock: WriterLock,
        clock: Clock,
        address: str,
        is_due: Callable[[Collection[str]], bool],
    ) -> None:
        self._lock, self._clock = lock, clock
        self._address, self._is_due = address, is_due
        self._own = threading.Lock()
        self._turns: dict[str, _Turn] = {}

    def begin(self, exchange: str, accounts: Collection[str], stop: Callable[[], bool]) -> bool:
        """Wait for the turn, unless another thread of this process has it. False where it did not
        come, nothing is left to read, or the run stops."""
        with self._own:
            turn = self._turns.setdefault(exchange, _Turn())
        with turn.lock:
            if not turn.threads and not self._came(turn, exchange, accounts, stop):
                return False
            turn.threads += 1
            return True

    def end(self, exchange: str) -> None:
        """Pass the turn on with the last thread that has it."""
        turn = self._turns[exchange]
        with turn.lock:
            turn.threads -= 1
            if not turn.threads:
                self._lock.leave(self._place(exchange))

    def _came(
        self, turn: _Turn, exchange: str, accounts: Collection[str], stop: Callable[[], bool]
    ) -> bool:
        deadline = self._clock.monotonic() + TURN_WAIT.total_seconds()
        while not (turn.given_up or stop()):
            if accounts and not self._is_due(accounts):
                return False
            if self._lock.enter(self._place(exchange)):
                return True
            turn.given_up = self._clock.monotonic() >= deadline
            self._clock.sleep(POLL_SECONDS)
        return False

    def _place(self, exchange: str) -> str:
        return f"{exchange} {self._address}"

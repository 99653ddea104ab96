"""Threads in simulated time: it stands still while one works, and moves to the next wake-up when
all sleep. What takes minutes of waiting takes no time, and is the same each time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class VirtualClock:
    """The clock of threads that ``run`` starts; one works at a time, in the order of waking."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._turn = threading.Condition()
        self._sleeping: dict[int, tuple[float, int]] = {}  # thread -> when it wakes, and its place
        self._places = 0
        self._alive = 0

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        me = threading.get_ident()
        with self._turn:
            self._places += 1
            self._sleeping[me] = (self._seconds + seconds, self._places)
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._is_next(me))
            self._seconds = max(self._seconds, self._sleeping.pop(me)[0])

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Run every job in a thread of its own until all have ended; raises what the first one of
        them raised."""
        failed: list[BaseException] = []

        def body(job: Callable[[], None]) -> None:
            try:
                self.sleep(0)
                job()
            except BaseException as error:  # noqa: BLE001 - raised below
                failed.append(error)
            finally:
                with self._turn:
                    self._alive -= 1
                    self._turn.notify_all()

        self._alive = len(jobs)
        threads = [threading.Thread(target=body, args=(job,), daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "the threads wait for each other"
        if failed:
            raise failed[0]

    def _is_next(self, me: int) -> bool:
        everybody_sleeps = len(self._sleeping) == self._alive
        return everybody_sleeps and min(self._sleeping, key=self._sleeping.__getitem__) == me

"""One thread at a time works with a client; while it waits for the exchange, others do.

So requests of one account can wait side by side, and everything else happens as in one thread:
nothing changes under the hands of a reader but across one of its own requests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from exchange_cache.clock import Clock

P = ParamSpec("P")
R = TypeVar("R")


class Lane:
    """A lock that its owner takes as often as it likes and gives away while it waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._depth = 0

    def __enter__(self) -> None:
        if self._owner != threading.get_ident():
            self._lock.acquire()
            self._owner = threading.get_ident()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._owner = None
            self._lock.release()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let other threads work meanwhile; nothing for a thread that is not in the lane."""
        if self._owner != threading.get_ident():
            yield
            return
        depth, self._depth, self._owner = self._depth, 0, None
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self._depth, self._owner = depth, threading.get_ident()

    @contextmanager
    def turn(self, lock: threading.Lock) -> Iterator[None]:
        """Hold another lock, which its holder may keep across requests."""
        with self.released():
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


class LaneClock:
    """A clock whose sleeper gives the lane away."""

    def __init__(self, clock: Clock, lane: Lane) -> None:
        self._clock = clock
        self._lane = lane

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        with self._lane.released():
            self._clock.sleep(seconds)


class _InLane(Protocol):
    @property
    def lane(self) -> Lane: ...


S = TypeVar("S", bound=_InLane)


def in_lane(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """A method that works in the lane of its object."""

    @wraps(method)
    def inside(self: S, /, *args: P.args, **named: P.kwargs) -> R:
        with self.lane:
            return method(self, *args, **named)

    return inside

"""Time as an argument: the system clock for the program, a settable clock for tests.

Nothing else reads the machine's clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
#: Ordinary clock corrections are smaller; a stored time further ahead comes from a wrong clock.
SKEW = timedelta(seconds=5)


class Clock(Protocol):
    """The present time (aware UTC), a monotonic counter, and waiting (seconds)."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(slots=True)
class SetClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    at: datetime
    slept: list[float] = field(default_factory=list)
    on_sleep: Callable[[float], None] | None = None

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - EPOCH).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
        if self.on_sleep is not None:
            self.on_sleep(seconds)


@dataclass(frozen=True, slots=True)
class CorrectedClock:
    """A machine's clock without what it is known to be ahead; lengths and waiting are the
    machine's."""

    machine: Clock
    ahead: Callable[[], timedelta]

    def now(self) -> datetime:
        return self.machine.now() - self.ahead()

    def monotonic(self) -> float:
        return self.machine.monotonic()

    def sleep(self, seconds: float) -> None:
        self.machine.sleep(seconds)


def is_ahead(stored: datetime, now: datetime) -> bool:
    """Whether a stored time lies in the future, which means that the clock was ahead then."""
    return stored - now > SKEW


def to_ms(moment: datetime) -> int:
    """An aware datetime as integer milliseconds since 1970 (UTC), exactly."""
    return (moment - EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """Integer milliseconds since 1970 as an aware UTC datetime, exactly."""
    return EPOCH + timedelta(milliseconds=ms)

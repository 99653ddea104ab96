"""How much longer a count takes, from its pace within a moving window.

``rich.progress`` has such a window too. It begins anew whenever the total grows, as it does with
each symbol that a sync finds, and it does not notice a standstill.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

#: The pace is that of so much time.
WINDOW = timedelta(seconds=60)
#: Nothing is estimated before so much time has passed, nor before this part (percent) is done.
EARLIEST = timedelta(seconds=15)
LEAST_PERCENT = 10


@dataclass(slots=True)
class Pace:
    """The counts of a work since it started, as spans of a monotonic clock."""

    started: timedelta
    _noted: deque[tuple[timedelta, int]] = field(default_factory=deque)

    def note(self, at: timedelta, done: int) -> None:
        """Note what is done at a moment; what left the window is forgotten."""
        if not self._noted or done > self._noted[-1][1]:
            self._noted.append((at, done))
        while len(self._noted) > 1 and self._noted[1][0] <= at - WINDOW:
            self._noted.popleft()

    def left(self, at: timedelta, planned: int) -> timedelta | None:
        """The time that the rest takes at the pace of the window; None if nothing can be said."""
        if not self._noted or at - self.started < EARLIEST:
            return None
        since, before = self._noted[0]
        done = self._noted[-1][1]
        if done * 100 < planned * LEAST_PERCENT or done == before:
            return None
        if at - self._noted[-1][0] > WINDOW:
            return None  # it stands still
        return (at - since) * max(0, planned - done) / (done - before)


def about(span: timedelta) -> str:
    """``about 25 s``, ``about 4 min``, ``about 2 h``: rounded up, so that it does not flicker."""
    seconds = max(1, -(-span // timedelta(seconds=1)))
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds > size:
            return f"about {-(-seconds // size)} {unit}"
    return f"about {-(-seconds // 5) * 5} s"

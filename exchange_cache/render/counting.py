"""One line on a terminal that counts what a waiting user waits for; elsewhere it is silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import TextIO

from exchange_cache.render.layout import cells, shortened
from exchange_cache.render.pace import Pace, about
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal

#: Called with a name, its number and the number of all.
Tick = Callable[[str, int, int], None]

_CLEAR = "\r\x1b[K"
_BAR = 15


@contextmanager
def counted(
    stream: TextIO, terminal: Terminal, doing: str, monotonic: Callable[[], float]
) -> Iterator[Tick]:
    """``doing  ████░░░░   3 of 14, about 40 s left: SOL`` in place; the line is gone afterwards.
    ``monotonic`` returns seconds of a clock that never jumps."""
    pace = Pace(started=timedelta(seconds=monotonic()))
    signs = Signs(terminal.unicode)
    empty = "░" if terminal.unicode else "."

    def tick(name: str, number: int, total: int) -> None:
        if not terminal.is_tty:
            return
        now = timedelta(seconds=monotonic())
        pace.note(now, number - 1)
        bar = signs.bar(Decimal(number - 1) / Decimal(max(1, total)), _BAR)
        bar += empty * (_BAR - cells(bar))
        left = pace.left(now, total)
        rest = "" if left is None else f", {about(left)} left"
        line = f"{doing}  {bar}  {number:,} of {total:,}{rest}: {name}"
        stream.write(f"{_CLEAR}{shortened(line, (terminal.width or 80) - 1, signs.ellipsis)}")
        stream.flush()

    try:
        yield tick
    finally:
        if terminal.is_tty:
            stream.write(_CLEAR)
            stream.flush()

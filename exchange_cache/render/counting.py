"""One line on a terminal that counts what a waiting user waits for; elsewhere it is silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from exchange_cache.render.layout import shortened
from exchange_cache.render.terminal import Terminal

#: Called with a name, its number and the number of all.
Tick = Callable[[str, int, int], None]

_CLEAR = "\r\x1b[K"


@contextmanager
def counted(stream: TextIO, terminal: Terminal, doing: str) -> Iterator[Tick]:
    """``doing 3 of 14: SOL`` in place; the line is gone afterwards."""

    def tick(name: str, number: int, total: int) -> None:
        if terminal.is_tty:
            line = shortened(f"{doing} {number:,} of {total:,}: {name}", (terminal.width or 80) - 1)
            stream.write(f"{_CLEAR}{line}")
            stream.flush()

    try:
        yield tick
    finally:
        if terminal.is_tty:
            stream.write(_CLEAR)
            stream.flush()

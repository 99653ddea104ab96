"""A terminal in memory: what a program writes to its end of a pseudo-terminal is drawn by pyte."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
import threading
import time
from types import TracebackType
from typing import TextIO

import pyte


class MemoryTerminal:
    """``stream`` is the end of the program; ``lines`` is what its user sees."""

    def __init__(self, width: int, height: int = 24) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.stream: TextIO = os.fdopen(slave, "w", encoding="utf-8")
        self._screen = pyte.Screen(width, height)
        self._drawer = pyte.ByteStream(self._screen)
        self._seen = threading.Lock()
        self.written = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> MemoryTerminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stream.close()
        self._reader.join()
        os.close(self._master)

    def lines(self) -> list[str]:
        """The screen without the empty lines at its end, once everything written is drawn."""
        mark = f"\x1b]2;{time.monotonic_ns()}\x07"  # the title of the window, which no line shows
        self.stream.write(mark)
        self.stream.flush()
        while mark.encode() not in self.written:
            time.sleep(0.001)
        with self._seen:
            shown = [line.rstrip() for line in self._screen.display]
        while shown and not shown[-1]:
            shown.pop()
        return shown

    def _read(self) -> None:
        while True:
            try:
                some = os.read(self._master, 65536)
            except OSError:  # the program has closed its end
                return
            with self._seen:
                self._drawer.feed(some)
                self.written += some

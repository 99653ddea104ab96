"""Makes the standard streams usable before anything is opened.

A closed one is replaced by the null device: otherwise the next file that is opened would get its
number, and output would end in the cache. Characters that the encoding of a stream cannot express
are written as their codes.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO


def usable_streams() -> None:
    """Repair ``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` where they are closed or strict."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if not _is_open(number):
            _fill(number)
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - a standard stream lives as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _fill(number: int) -> None:
    """Open the null device under a number."""
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


class Noted:
    """A stream that notes whether anything was written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_used = False

    def write(self, text: str) -> int:
        self.is_used = True
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

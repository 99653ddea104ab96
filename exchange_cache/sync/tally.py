"""What a walk counts: its requests, rows and windows, and failures in a row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Streak:
    """How many windows failed since the last readable page, over all walks of an account."""

    failures: int = 0


@dataclass(slots=True)
class Tally:
    """The requests, rows and finished windows of a walk so far; ``until_ms``: the end of the window
    that it reads."""

    windows: int = 0
    requests: int = 0
    rows: int = 0
    new_rows: int = 0
    until_ms: int | None = None

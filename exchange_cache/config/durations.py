"""Durations as people write them: ``90s``, ``10m``, ``1h``, ``2d``."""

from __future__ import annotations

import re
from datetime import timedelta

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = timedelta(days=3650)

_PATTERN = re.compile(r"([0-9]{1,12})([smhd])")


def parse_duration(text: str) -> timedelta:
    """A duration longer than zero and at most ten years; ValueError states what is wrong with
    ``text``."""
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError('must be a duration such as "90s", "10m", "1h" or "2d"')
    seconds = int(match[1]) * SECONDS[match[2]]
    if seconds == 0:
        raise ValueError("must be longer than zero")
    if seconds > LONGEST.total_seconds():
        raise ValueError("must be at most 3650d")
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """The shortest text that :func:`parse_duration` converts back to ``duration`` (whole
    seconds)."""
    seconds = int(duration.total_seconds())
    unit = next(unit for unit in "dhms" if seconds % SECONDS[unit] == 0)
    return f"{seconds // SECONDS[unit]}{unit}"

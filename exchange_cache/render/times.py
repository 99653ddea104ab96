"""Times for programs."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: datetime | None) -> str | None:
    """``2026-01-31T12:00:00Z``, with milliseconds or microseconds only if they are not zero."""
    if moment is None:
        return None
    spec = (
        "seconds"
        if moment.microsecond == 0
        else "milliseconds"
        if moment.microsecond % 1000 == 0
        else "microseconds"
    )
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=spec) + "Z"

"""The place of an event among all: by moment, then in the order of events; a lot's place is that of
the event that added it. It is the same wherever a window of events begins."""

from __future__ import annotations

from datetime import datetime

from exchange_cache.clock import from_ms, to_ms

#: How many events of one millisecond are distinguished by their order.
_PLACES = 1 << 20


def next_place(last: int, moment: datetime) -> int:
    """The place of an event behind the ``last`` one."""
    return max(last + 1, to_ms(moment) * _PLACES)


def moment_at(place: int | None) -> datetime | None:
    """The moment of an event; None for what is older than all of them, or not known."""
    return None if place is None or place < 0 else from_ms(place // _PLACES)

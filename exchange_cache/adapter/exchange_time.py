"""How far this machine's clock is ahead of an exchange's, from the ``Date`` of answers or the time
endpoint.

A cached answer states an old time: only answers that no cache may keep are believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from exchange_cache.clock import to_ms

#: ``Date`` states whole seconds (RFC 9110, 6.6.1), and so do some time endpoints.
_RESOLUTION_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOffset:
    """How far this machine's clock is ahead of an exchange's, in milliseconds (negative: behind).

    The answer was made at some instant between request and arrival, so the offset lies between
    ``least_ms`` and ``most_ms``.
    """

    least_ms: int
    most_ms: int

    @property
    def ahead_ms(self) -> int:
        """What to take off this machine's clock so that no time lies in the exchange's future;
        zero where the clock is not shown to be ahead."""
        return self.most_ms if self.least_ms > 0 else 0

    @property
    def ahead(self) -> timedelta:
        return timedelta(milliseconds=self.ahead_ms)

    @property
    def nearest_ms(self) -> int:
        """The offset of this range that is nearest to zero."""
        return max(self.least_ms, min(0, self.most_ms))


def offset_by_date(
    endpoint: str | None, headers: Mapping[str, str], sent_ms: int, received_ms: int
) -> ClockOffset | None:
    """The offset that the ``Date`` of an answer shows; None where it states none or may come from a
    cache."""
    names = {name.lower(): value for name, value in headers.items()}
    if endpoint is None or "age" in names or not _is_uncached(endpoint):
        return None
    stated = _moment(names.get("date"))
    if stated is None:
        return None
    theirs = to_ms(stated)
    return ClockOffset(least_ms=sent_ms - theirs - _RESOLUTION_MS, most_ms=received_ms - theirs)


def _is_uncached(endpoint: str) -> bool:
    """Whether caches keep no answer of an endpoint (``VERB section path``): signed reads, and reads
    by POST."""
    verb, section = endpoint.split(" ")[:2]
    return verb == "POST" or "public" not in section.lower()


def _moment(date: str | None) -> datetime | None:
    try:
        found = None if date is None else parsedate_to_datetime(date)
    except ValueError:
        return None
    return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)


def offset_by_statement(theirs_ms: int, sent_ms: int, received_ms: int) -> ClockOffset:
    """The offset that a time endpoint shows, which may state whole seconds."""
    return ClockOffset(
        least_ms=sent_ms - theirs_ms - _RESOLUTION_MS, most_ms=received_ms - theirs_ms
    )

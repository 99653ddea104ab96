"""The settling time as it is walked: what it served, compared with what is stored of it."""

from __future__ import annotations

from collections.abc import Iterable

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import LedgerRecord
from exchange_cache.booked import BookedFees
from exchange_cache.cache.ledger import Ledger
from exchange_cache.cache.revision_models import RowKey, row_key
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import Clock, to_ms
from exchange_cache.ledger.coverage import Span
from exchange_cache.sync.plan import Window, proven_floor
from exchange_cache.sync.settling import reach_ms, serves_all
from exchange_cache.unidentified import UnidentifiedRow


class Settling:
    """What the windows of one walk served of the settling time.

    Only windows that were walked from their first page to their last in this run compare, and only
    all of them together; a walk that was interrupted never comes to its ``end``. A gap elsewhere in
    the history is another matter.
    """

    def __init__(self, ledger: Ledger, clock: Clock, policy: StreamPolicy, key: StreamKey) -> None:
        self._ledger = ledger
        self._clock = clock
        self._policy = policy
        self._key = key
        self._span: Span | None = None
        self._noting = False
        self._whole = True
        self._comparable = True
        self._served: set[RowKey] = set()

    def begin(self, window: Window) -> None:
        """What follows belongs to this window."""
        self._noting = window.settles is not None
        self._span = window.settles or self._span

    def note(self, records: Iterable[LedgerRecord]) -> None:
        """A page of the window served these. A row whose market is not known may be any of those
        that are stored, so beside it nothing is missed."""
        for record in records if self._noting else ():
            if isinstance(record, UnidentifiedRow):
                self._comparable = False
            elif not isinstance(record, BookedFees):
                self._served.add(row_key(record))

    def close(self, *, whole: bool) -> None:
        """The window came to its end; ``whole``: no part of it stayed a gap."""
        self._whole = self._whole and (whole or not self._noting)
        self._noting = False

    def end(self) -> bool:
        """Mark what was missed; whether the settling time was walked, and whole."""
        if self._span is None or not self._whole:
            return False
        now = self._clock.now()
        start_ms = max(self._span.start_ms, proven_floor(self._policy, to_ms(now)))
        if self._comparable and serves_all(self._policy) and start_ms < self._span.end_ms:
            span = Span(start_ms, self._span.end_ms)
            reach = reach_ms(self._policy)
            self._ledger.revisions.compare(self._key, span, self._served, now, reach)
        return True

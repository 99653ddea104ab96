"""Plays a ledger, window by window, into the states of its assets and contracts."""

from __future__ import annotations

from datetime import datetime
from decimal import localcontext

from exchange_cache.cost.contracts import Contracts
from exchange_cache.cost.event_place import next_place
from exchange_cache.cost.fold import Fold
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.money import EXACT


class Player:
    """The states after the events that were played; ``last`` is the last of them, ``order`` its
    place: by moment, then in the order of events. It is the same wherever a window begins."""

    def __init__(self, fold: Fold, timeline: Timeline, contracts: Contracts) -> None:
        self.fold, self.timeline, self.contracts = fold, timeline, contracts
        self.last: LedgerEvent | None = None
        self.order = -1
        self.events = 0
        self.began_ms = 0

    def resume(self, at_ms: int, last: datetime | None, order: int, events: int) -> None:
        """Go on behind an event that was played before."""
        self.order, self.events = order, events
        self.began_ms = at_ms
        if last is not None:
            self.last = LedgerEvent(
                time=last,
                kind="",
                account="",
                symbol=None,
                source_id="",
                legs=(),
                order=(),
                digest=b"",
                subject="",
            )

    def play(self, start: datetime, end: datetime) -> None:
        """Play the events with ``start`` <= moment < ``end``; the windows follow one another."""
        apply, order, event = self.fold.apply, self.order, self.last
        with localcontext(EXACT):
            for event in self.timeline.between(start, end, self.contracts.result):
                order = next_place(order, event.moment)
                apply(event, order)
                self.events += 1
        self.order, self.last = order, event

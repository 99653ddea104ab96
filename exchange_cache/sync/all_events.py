"""All events of a ledger from nothing: in one window, with one row of a fill in memory at a
time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exchange_cache.clock import from_ms
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.ledger.results import ExposureBook
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.records import Fill
from exchange_cache.sync.derivation import LATEST


def all_events(timeline: Timeline) -> Iterator[LedgerEvent]:
    """The events of a timeline whose rows are streamed; results of contracts are computed from
    nothing where the exchange reports none."""
    exposures = ExposureBook()

    def result(fill: Fill) -> Decimal:
        _, computed = exposures.apply(fill)
        reported = None if fill.category == "option" else fill.realised_pnl
        return computed if reported is None else reported

    yield from timeline.between(from_ms(0), LATEST, result)

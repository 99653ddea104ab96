"""Rows that waited for their market: read anew when a run begins, and moved to their place.

A market becomes known when the exchange lists it (a listing of today, an expired contract that it
lists on request) or when this program learns the grammar of its ids. No row is fetched again; one
that is all the same becomes the same record, since records are known by their keys.
"""

from __future__ import annotations

from collections.abc import Iterable

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import ExchangePort, LedgerRecord
from exchange_cache.booked import BookedFees
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock
from exchange_cache.errors import ExchangeFault
from exchange_cache.records import Fill, Order, Transfer
from exchange_cache.unidentified import UnidentifiedRow


def move_identified(
    port: ExchangePort,
    repository: ExchangeCacheRepository,
    streams: Iterable[StreamPolicy],
    clock: Clock,
) -> int:
    """Move what is known by now out of the rows of an account that wait, and join what is one
    contract; how many moved. Asks the exchange for nothing but its market list, and for that only
    where rows wait."""
    waiting = repository.unidentified.rows(port.account)
    moved = 0
    for stream in streams:
        own = [
            row for row in waiting if (row.data_type, row.scope) == (stream.data_type, stream.scope)
        ]
        try:
            found = port.identify(stream, own) if own else {}
        except ExchangeFault:
            return moved  # there is no market list; the histories that follow report why
        if found:
            records = {row: _known(found[row.row_id]) for row in own if row.row_id in found}
            repository.unidentified.move(records, clock.now())
            moved += len(records)
    return moved + repository.misread.join_months(port.account)


def _known(records: Iterable[LedgerRecord]) -> list[Fill | Order | Transfer | BookedFees]:
    return [record for record in records if not isinstance(record, UnidentifiedRow)]

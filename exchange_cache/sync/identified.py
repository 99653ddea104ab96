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
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExchangeFault
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import Fill, Order, Transfer
from exchange_cache.sync.plan import retention_floor
from exchange_cache.sync.repair_scene import END_MS, HOUR_MS, opened
from exchange_cache.unidentified import UnidentifiedRow

#: The histories of an account whose garbled rows were removed: once, since a row may be one that
#: only its whole answer makes readable.
JUDGED = "kept_rows_judged"


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
        read = {row: found[row.row_id] for row in own if row.row_id in found}
        records = {row: _known(made) for row, made in read.items() if made is not None}
        if records:
            repository.unidentified.move(records, clock.now())
            moved += len(records)
        if own:
            garbled = [row for row, made in read.items() if made is None]
            _remove_garbled(repository, stream, port.account, garbled, clock)
    return moved + repository.misread.join_months(port.account)


def _remove_garbled(
    repository: ExchangeCacheRepository,
    stream: StreamPolicy,
    account: str,
    garbled: Iterable[UnidentifiedRow],
    clock: Clock,
) -> None:
    """Request again what garbled rows of a history stand for, the first time that rows of it
    wait."""
    name = f"{stream.data_type} {stream.scope}"
    judged = repository.progress.memory(account).get(JUDGED)
    known = list(judged) if isinstance(judged, list) else []
    if name in known:
        return
    _request_again(repository, account, stream, garbled, to_ms(clock.now()))
    repository.progress.remember(account, {JUDGED: [*known, name]}, clock.now())


def _request_again(
    repository: ExchangeCacheRepository,
    account: str,
    stream: StreamPolicy,
    garbled: Iterable[UnidentifiedRow],
    now_ms: int,
) -> None:
    """Remove rows that the exchange still serves, and the coverage around each: all of it where
    nothing states the time of a row."""
    floor = retention_floor(stream, now_ms)
    spans = {row: _around(row, floor) for row in garbled}
    served = {row: span for row, span in spans.items() if span is not None}
    if not served:
        return
    states = repository.ledger.states(account, stream.data_type)
    with repository.unidentified.without(served):
        for state in states:
            own = [
                span
                for row, span in served.items()
                if (state.key.scope, state.key.symbol) == (row.scope, row.symbol)
            ]
            repository.ledger.save_state(opened(state, Ranges.of(*own)))


def _around(row: UnidentifiedRow, floor_ms: int) -> tuple[int, int] | None:
    """The time to request again for a row; None where the exchange no longer serves it."""
    if row.time is None:
        return floor_ms, END_MS
    start, end = to_ms(row.time) - HOUR_MS, to_ms(row.time) + HOUR_MS
    return None if start < floor_ms else (start, end)


def _known(records: Iterable[LedgerRecord]) -> list[Fill | Order | Transfer | BookedFees]:
    return [record for record in records if not isinstance(record, UnidentifiedRow)]

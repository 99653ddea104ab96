"""The order of fills that happened in one millisecond: as the exchange lists them.

Times of exchanges end at the millisecond, and ids may be random, so neither says which of two
fills came first, although results of flips and averages depend on it. An exchange says it by the
order of its rows, or by a number in them. ``Fill.sequence`` keeps it: smaller is earlier.

- Pages by id have rows whose ids grow with time: the id is the number.
- A number that the policy names (``StreamPolicy.sequence``) precedes the order of the rows, which
  distinguishes rows with one number.
- Else rows are counted within their millisecond: from 0 up where the oldest comes first, from 0
  down where the newest does. A window holds a millisecond whole or not at all, and the cursor
  carries the count to the next page, so each walk gives a row the same place.

The times in a page show its direction. Where they are all equal, the pages before state it, or the
policy does; where nothing does, the order is unknown, and ``sequence`` stays None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeGuard

from exchange_cache.adapter.paging import dig_or_none
from exchange_cache.adapter.paging_rules import (
    IdPaging,
    ObservedPaging,
    OnePage,
    Paging,
    TimePaging,
)
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import Cursor, LedgerRecord
from exchange_cache.adapter.time_units import PER_MS
from exchange_cache.clock import to_ms
from exchange_cache.records import Fill

#: How many rows of one millisecond may share a number of the exchange.
_ROOM = 10_000
#: SQLite keeps integers of 64 bits.
_LARGEST = 2**63 - 1
#: Where the cursor carries the direction, the last millisecond and how many of its rows came.
_CARRIED = "in_ms"

#: A raw row and the records that it became.
Listed = tuple[Any, Sequence[LedgerRecord]]


@dataclass(frozen=True, slots=True)
class Placed:
    """The records of a page in the order of its rows, and its cursor to the next page."""

    records: list[LedgerRecord]
    next: dict[str, Any] | None


class _Count(NamedTuple):
    """How many rows of the last millisecond a walk has seen, and in which direction it goes."""

    newest_first: bool
    at_ms: int
    rows: int


def placed(
    stream: StreamPolicy,
    listed: Sequence[Listed],
    cursor: Cursor,
    following: Mapping[str, Any] | None,
) -> Placed:
    """The records of a page, each fill with its place in its millisecond."""
    times = [_time_of(records) for _, records in listed]
    carried = _carried(cursor)
    newest_first = _direction(times, carried, stream)
    counts = Counter[int]() if carried is None else Counter({carried.at_ms: carried.rows})
    records: list[LedgerRecord] = []
    last = carried
    for (row, made), at in zip(listed, times, strict=True):
        if at is None:
            records += made
            continue
        rank = None if newest_first is None else -counts[at] if newest_first else counts[at]
        number = _sequence(stream, row, rank)
        records += [_at(record, number) for record in made]
        counts[at] += 1
        last = None if newest_first is None else _Count(newest_first, at, counts[at])
    return Placed(records, _carrying(stream.paging, following, last))


def of_structures(
    structures: Sequence[Any], records: Sequence[LedgerRecord], found: Sequence[Any]
) -> list[Listed]:
    """Records of ccxt's structures in the order of the rows that they were made of: ccxt sorts
    them by time and id. Without their rows (``info``) among ``found`` their order is unknown."""
    places = {id(row): place for place, row in enumerate(found)}
    rows = [structure.get("info") for structure in structures]
    if any(id(row) not in places for row in rows):
        return []
    pairs = sorted(zip(rows, records, strict=True), key=lambda pair: places[id(pair[0])])
    return [(row, (record,)) for row, record in pairs]


def _at(record: LedgerRecord, number: int | None) -> LedgerRecord:
    if not isinstance(record, Fill) or number is None:
        return record
    return replace(record, sequence=number)


def _time_of(records: Sequence[LedgerRecord]) -> int | None:
    """The millisecond of a row that is a fill."""
    return next((to_ms(record.time) for record in records if isinstance(record, Fill)), None)


def _direction(
    times: Sequence[int | None], carried: _Count | None, stream: StreamPolicy
) -> bool | None:
    """Whether the newest row comes first; None where nothing states it."""
    known = [at for at in times if at is not None]
    if known and known[0] != known[-1]:
        return known[0] > known[-1]
    return stated_direction(stream) if carried is None else carried.newest_first


def stated_direction(stream: StreamPolicy) -> bool | None:
    """What the policy states of the order of rows: a walk that goes back has the newest first."""
    paging = stream.paging
    if stream.newest_first is not None:
        return stream.newest_first
    if isinstance(paging, IdPaging | TimePaging):
        return paging.backward
    if isinstance(paging, OnePage | ObservedPaging):
        return None
    return True if paging.stop_field is not None else None


def _sequence(stream: StreamPolicy, row: Any, rank: int | None) -> int | None:
    """The place of a row in its millisecond; a number beyond what the cache holds is no number."""
    paging = stream.paging
    if _by_id(paging):
        number = _whole(row, paging.field)
        if number is not None and number <= _LARGEST:
            return number
    number = _number(stream, row)
    if number is None or number * _ROOM > _LARGEST - _ROOM:
        return rank
    return number * _ROOM + (rank or 0)


def _by_id(paging: Paging) -> TypeGuard[IdPaging]:
    return isinstance(paging, IdPaging) and not paging.in_order


def _number(stream: StreamPolicy, row: Any) -> int | None:
    """What numbers a row beside its place: a field of its policy, or its time below the
    millisecond."""
    paging = stream.paging
    if stream.sequence:
        return _whole(row, stream.sequence)
    if isinstance(paging, TimePaging) and paging.field_unit in PER_MS:
        at = _whole(row, paging.field)
        return None if at is None else at % PER_MS[paging.field_unit]
    return None


def _whole(row: Any, path: str) -> int | None:
    text = str(dig_or_none(row, path))
    return int(text) if text.isdigit() else None


def _carried(cursor: Cursor) -> _Count | None:
    found = cursor.get(_CARRIED)
    return _Count(*found) if isinstance(found, list) else None


def _carrying(
    paging: Paging,
    following: Mapping[str, Any] | None,
    count: _Count | None,
) -> dict[str, Any] | None:
    """The cursor with the count of its last millisecond; a walk by time asks that one again."""
    if following is None:
        return None
    if count is None or isinstance(paging, TimePaging) or _by_id(paging):
        return dict(following)
    return {**following, _CARRIED: list(count)}

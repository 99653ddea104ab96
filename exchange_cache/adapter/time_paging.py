"""Walks by time: the parameters of the next page, and what follows a page (``TimePaging``).

Pure; called by ``paging``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exchange_cache.adapter.paging_rules import CLOSE_MS, TimeBounds, TimePaging
from exchange_cache.adapter.paths import RowsMissing, dig, dig_or_none
from exchange_cache.adapter.time_units import PER_MS, in_unit, row_ms

Cursor = Mapping[str, Any]

_FINE = frozenset({"us", "ns"})


def time_params(paging: TimePaging, cursor: Cursor, bounds: TimeBounds) -> dict[str, Any]:
    at = cursor.get(_place(paging))
    name = bounds.end if paging.backward else bounds.start
    if at is None or name is None:
        return {}
    edge = int(at) + 1 if paging.backward else int(at)
    if paging.field_unit in _FINE:
        return {name: edge - 1 if bounds.start_exclusive and not paging.backward else edge}
    return {
        name: in_unit(
            edge,
            bounds.unit,
            up=paging.backward,
            widen=bounds.start_exclusive and not paging.backward,
        )
    }


def after_time(
    paging: TimePaging, cursor: Cursor, rows: Sequence[Any], page_size: int | None
) -> dict[str, Any] | None:
    """The cursor that requests the boundary instant again; None when the page has no row besides
    the ids already seen there."""
    place = _place(paging)
    last = cursor.get(place)
    stamped = [(_instant(row, paging), str(dig_or_none(row, paging.id_field))) for row in rows]
    known = set(cursor.get("ids", ())) if last is not None else set()
    if not any(
        _ahead(paging, at, last) or (at == last and name not in known) for at, name in stamped
    ):
        if page_size is not None and len(rows) >= page_size:
            raise RowsMissing(f"more rows at {last} than a page of {page_size} can hold")
        if stamped and not any(_at_edge(paging, at, last) for at, _ in stamped):
            raise RowsMissing(f"the page from {last} on has only rows from before it: a circle")
        return None
    boundary = min(at for at, _ in stamped) if paging.backward else max(at for at, _ in stamped)
    names = {name for at, name in stamped if at == boundary}
    if boundary == last:
        names |= known
    return {place: boundary, "ids": sorted(names)}


def edge_ms(paging: TimePaging, cursor: Cursor) -> int:
    per_ms = PER_MS[paging.field_unit] if paging.field_unit in _FINE else 1
    return int(cursor[_place(paging)]) // per_ms


def _place(paging: TimePaging) -> str:
    """The cursor's key for the boundary of a walk by time; it names a unit finer than ms."""
    return f"time_{paging.field_unit}" if paging.field_unit in _FINE else "time"


def _ahead(paging: TimePaging, at: int, last: int | None) -> bool:
    """Whether a row lies beyond the walk's boundary; widened or coarse bounds repeat rows behind
    it."""
    return last is None or (at < last if paging.backward else at > last)


def _at_edge(paging: TimePaging, at: int, last: int | None) -> bool:
    """Whether a row is as near to the walk's boundary as rounded and widened bounds reach."""
    per_ms = PER_MS[paging.field_unit] if paging.field_unit in _FINE else 1
    return last is None or abs(at - last) <= 2 * CLOSE_MS * per_ms


def _instant(row: Any, paging: TimePaging) -> int:
    """The time of a row, in the unit in which the walk keeps its boundary."""
    at = row_ms(row, paging.field, paging.field_unit)
    return int(str(dig(row, paging.field))) if paging.field_unit in _FINE else at

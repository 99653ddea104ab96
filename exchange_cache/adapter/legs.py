"""Joins the legs of a convert, which some exchanges write as separate ledger rows.

Legs of one group have the same reference and nearly the same time, but a page may end between
them. The cursor carries the legs near the end of a page to the next one. A leg that is still alone
when the window is exhausted is recorded by itself, unless it is so recent that the exchange may
still write the other (the next sync requests that time again).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exchange_cache.adapter.policy import Legs
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.time_units import row_ms
from exchange_cache.adapter.values import Row, required_text
from exchange_cache.ledger.coverage import Span

_NEAR_MS = 5_000


def split_legs(
    kind: Legs, page: Sequence[Row], carried: Sequence[Row], *, last: bool
) -> tuple[list[Row], list[Row], list[Row]]:
    """(single rows, legs to join now, legs to carry): legs near the page's end are carried, unless
    the page is the last."""
    alone = [row for row in page if not kind.is_leg(row)]
    legs = [*carried, *(row for row in page if kind.is_leg(row))]
    if last or not page:
        return alone, legs, []
    edge = _ms(kind, page[-1])
    waiting = {str(row.get(kind.field)) for row in legs if abs(_ms(kind, row) - edge) <= _NEAR_MS}
    carry = [row for row in legs if str(row.get(kind.field)) in waiting]
    return alone, [row for row in legs if str(row.get(kind.field)) not in waiting], carry


def join(kind: Legs, legs: Sequence[Row], desk: Desk, window: Span | None) -> list[Record]:
    """The records of every group. Legs of incomplete groups are recorded singly, except recent
    ones, which the next sync reads."""
    groups: dict[str, dict[str, Row]] = {}
    for row in legs:
        groups.setdefault(required_text(desk.origin, row, kind.field), {})[str(row.get("id"))] = row
    records: list[Record] = []
    for group in groups.values():
        members = list(group.values())
        made = kind.make(members, desk)
        if made is None and _young(kind, members, desk, window):
            continue
        alone = (record for row in members for record in desk.records(row))
        records.extend(alone if made is None else made)
    return records


def _young(kind: Legs, members: Sequence[Row], desk: Desk, window: Span | None) -> bool:
    if window is None or len(members) > 1:
        return False
    return _ms(kind, members[0]) >= window.end_ms - desk.stream.overlap.total_seconds() * 1000


def _ms(kind: Legs, row: Any) -> int:
    return row_ms(row, kind.time_field, kind.time_unit)

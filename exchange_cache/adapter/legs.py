"""Rows that mean something only together: the legs of a convert, written by the exchange as
separate ledger rows.

Legs of one group carry the same reference and nearly the same time, but a page may end between
them. Those near the end of a page are carried in the cursor to the next one; what is still alone
when the window is exhausted is recorded leg by leg, unless it is so young that the exchange may
still be writing (the next sync asks that time again).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange_cache.adapter.paging import row_ms
from exchange_cache.adapter.translate import Row
from exchange_cache.exchanges import rows as raw
from exchange_cache.exchanges import rows_krakenfutures
from exchange_cache.exchanges.parsers import PARSERS
from exchange_cache.ledger.coverage import Span

_NEAR_MS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Which rows are legs, what joins them, when they happened, and what a complete group makes
    (None: not complete)."""

    is_leg: Callable[[Row], bool]
    field: str
    time_field: str
    time_unit: str
    make: Callable[[list[Row], raw.Desk], tuple[raw.Record, ...] | None]


GROUPINGS: Mapping[str, Grouping] = {
    "kraken_ledger": Grouping(
        is_leg=raw.kraken_is_swap,
        field="refid",
        time_field="time",
        time_unit="s",
        make=raw.kraken_swap,
    ),
    "krakenfutures_log": Grouping(
        is_leg=rows_krakenfutures.krakenfutures_is_conversion,
        field="date",
        time_field="date",
        time_unit="iso",
        make=rows_krakenfutures.krakenfutures_conversion,
    ),
}


def split_legs(
    grouping: Grouping, page: Sequence[Row], carried: Sequence[Row], *, last: bool
) -> tuple[list[Row], list[Row], list[Row]]:
    """(rows that stand alone, legs to join now, legs to carry): legs near the page's end wait,
    unless this page is the last."""
    alone = [row for row in page if not grouping.is_leg(row)]
    legs = [*carried, *(row for row in page if grouping.is_leg(row))]
    if last or not page:
        return alone, legs, []
    edge = _ms(grouping, page[-1])
    waiting = {
        str(row.get(grouping.field)) for row in legs if abs(_ms(grouping, row) - edge) <= _NEAR_MS
    }
    carry = [row for row in legs if str(row.get(grouping.field)) in waiting]
    return alone, [row for row in legs if str(row.get(grouping.field)) not in waiting], carry


def join(
    grouping: Grouping, legs: Sequence[Row], desk: raw.Desk, window: Span | None
) -> list[raw.Record]:
    """The records of every group; the legs of incomplete ones singly, except the youngest, which
    are left to the next sync."""
    groups: dict[str, dict[str, Row]] = {}
    for row in legs:
        groups.setdefault(str(row.get(grouping.field)), {})[str(row.get("id"))] = row
    records: list[raw.Record] = []
    for group in groups.values():
        members = list(group.values())
        made = grouping.make(members, desk)
        if made is None and _young(grouping, members, desk, window):
            continue
        records.extend(
            made
            if made is not None
            else (
                record for row in members for record in PARSERS[str(desk.stream.parser)](row, desk)
            )
        )
    return records


def _young(grouping: Grouping, members: Sequence[Row], desk: raw.Desk, window: Span | None) -> bool:
    if window is None or len(members) > 1:
        return False
    return _ms(grouping, members[0]) >= window.end_ms - desk.stream.overlap.total_seconds() * 1000


def _ms(grouping: Grouping, row: Any) -> int:
    return row_ms(row, grouping.time_field, grouping.time_unit)

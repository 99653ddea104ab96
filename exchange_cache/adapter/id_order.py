"""Which of two row ids lies further along a walk. Pure; called by ``paging`` and
``contradictions``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exchange_cache.adapter.paths import dig_or_none


def ids_of(rows: Sequence[Any], field: str) -> list[str]:
    """The ids of the rows that have one, in the exchange's order."""
    found = (dig_or_none(row, field) for row in rows)
    return [str(one) for one in found if one is not None]


def furthest(ids: Sequence[str], *, backward: bool) -> str:
    """The id where the next page begins; ids that are no numbers are trusted to come in the
    exchange's order."""
    if all(item.isdigit() for item in ids):
        return min(ids, key=int) if backward else max(ids, key=int)
    return ids[-1]


def is_further(reached: str, seen: str, *, backward: bool) -> bool:
    """Whether an id lies where the walk has not been."""
    if reached.isdigit() and seen.isdigit():
        return int(reached) < int(seen) if backward else int(reached) > int(seen)
    return reached != seen


def later(reached: str, seen: Any) -> str:
    """The larger of two ids that are numbers, otherwise the one just reached."""
    if seen is not None and str(seen).isdigit() and reached.isdigit():
        return str(max(int(seen), int(reached)))
    return reached

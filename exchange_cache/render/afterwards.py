"""What exchanges changed afterwards, as lines for people and as a document for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exchange_cache.render import words

if TYPE_CHECKING:
    from exchange_cache.ledger.afterwards import Afterwards

#: So many lines are shown; all of them stand in JSON.
_SHOWN = 5
_WORDS = {
    "vanished": "is no longer served, and does not count",
    "returned": "is served again, and counts",
}


def afterwards_lines(found: Sequence[Afterwards]) -> list[str]:
    """One line a row, the newest first, and how many more there are."""
    lines = [_line(one) for one in reversed(found)]
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"{more} more changed afterwards: --json"] if more > 0 else [])]


def _line(one: Afterwards) -> str:
    of = f" of {one.symbol or ', '.join(one.assets)}"
    name = f"{str(one.data_type).removesuffix('s')} {one.row_id}{of}"
    changes = ", ".join(
        f"{change.field} {change.before or '-'} -> {change.after or '-'}" for change in one.changes
    )
    what = _WORDS.get(one.what) or f"changed: {changes}"
    return (
        f"Changed afterwards by the exchange, {words.day(one.noticed_at)}: {one.account},"
        f" {name} ({words.minute(one.time)}) {what}"
    )


def afterwards_document(found: Sequence[Afterwards]) -> list[dict[str, object]]:
    """Every change, exactly."""
    return [
        {
            "account": one.account,
            "data_type": str(one.data_type),
            "symbol": one.symbol,
            "assets": list(one.assets),
            "id": one.row_id,
            "time": one.time,
            "what": one.what,
            "noticed_at": one.noticed_at,
            "changes": [
                {"field": each.field, "before": each.before, "after": each.after}
                for each in one.changes
            ],
        }
        for one in found
    ]

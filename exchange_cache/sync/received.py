"""What a window returned so far, for histories that serve only their newest rows."""

from __future__ import annotations

from exchange_cache.adapter.port import Cursor, Page
from exchange_cache.clock import to_ms
from exchange_cache.records import Order


def received(page: Page, cursor: Cursor) -> int:
    """How many rows a window returned up to this page, without the boundary rows that a walk by
    time repeats."""
    again = cursor.get("ids")
    return int(str(cursor.get("brought", 0))) + max(
        0, page.row_count - (len(again) if isinstance(again, list) else 0)
    )


def oldest_ms(page: Page, cursor: Cursor) -> int | None:
    """The oldest time that a window returned up to this page; for orders their end, since an old
    order may have ended recently."""
    before = cursor.get("oldest")
    moments = (
        (item.updated_at or item.created_at) if isinstance(item, Order) else item.time
        for item in page.records
    )
    times = [to_ms(moment) for moment in moments if moment is not None]
    return min([*times, *([] if before is None else [int(str(before))])], default=None)

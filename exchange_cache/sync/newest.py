"""Windows of a history of which an exchange serves only so many rows, the newest: how many a window
returned, and the oldest of them, carried from page to page in the cursor."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter.port import Cursor, Page
from exchange_cache.clock import to_ms
from exchange_cache.records import Order


def counted(page: Page, cursor: Cursor) -> Page:
    """The page, whose cursor also has the window's row count and oldest time."""
    if page.next is None:
        return page
    beside = {"brought": received(page, cursor), "oldest": oldest_of(page, cursor)}
    return replace(page, next={**page.next, **beside})


def received(page: Page, cursor: Cursor) -> int:
    """How many rows a window returned up to this page, without the boundary rows that a walk by
    time repeats."""
    again = cursor.get("ids")
    return int(str(cursor.get("brought", 0))) + max(
        0, page.row_count - (len(again) if isinstance(again, list) else 0)
    )


def oldest_of(page: Page, cursor: Cursor) -> int | None:
    """The oldest time that a window returned up to this page; for orders their end, since an old
    order may have ended recently."""
    before = cursor.get("oldest")
    times = [
        to_ms((item.updated_at or item.created_at) if isinstance(item, Order) else item.time)
        for item in page.records
    ]
    return min([*times, *([] if before is None else [int(str(before))])], default=None)

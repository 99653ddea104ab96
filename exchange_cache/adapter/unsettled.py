"""Walks by id that go back for orders and transfers whose end was not known yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exchange_cache.adapter.port import Cursor, LedgerRecord
from exchange_cache.records import Order, OrderStatus, Transfer

#: After so many records behind an unsettled one, a walk by id no longer returns to it.
UNSETTLED_REACH = 5_000


def hold_unsettled(
    cursor: Cursor,
    records: Sequence[LedgerRecord],
    following: dict[str, Any] | None,
    last_id: str | None,
    step: int,
) -> tuple[dict[str, Any] | None, str | None]:
    """Let the next walk begin before the oldest order or transfer that is not settled, so that it
    reads the outcome."""
    held, passed = cursor.get("hold"), int(str(cursor.get("passed", 0)))
    still_open = [
        int(name) for item in records if (name := _unsettled(item)) is not None and name.isdigit()
    ]
    if held is None and still_open:
        held, passed = str(min(still_open) - step), 0
    passed += len(records)
    if held is None or passed > UNSETTLED_REACH:
        return following, last_id
    return (None if following is None else {**following, "hold": str(held), "passed": passed}), str(
        held
    )


def _unsettled(item: LedgerRecord) -> str | None:
    """The id of an order that is still open, or of a transfer that is still pending."""
    if isinstance(item, Order):
        return item.order_id if item.status is OrderStatus.OPEN else None
    return item.transfer_id if isinstance(item, Transfer) and item.status == "pending" else None

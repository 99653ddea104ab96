"""An average entry price as an auditable list: every event, what was held and what it had cost, then the reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from exchange_cache.domain.told_averages import AverageCheck, check_words
from exchange_cache.render.listing import Column, Listing

EXPLAIN_COLUMNS = (
    Column(key="time", heading="When", kind="time"),
    Column(key="event", heading="Event"),
    Column(key="account", heading="Account", priority=6),
    Column(key="quantity", heading="Quantity", kind="decimal"),
    Column(key="price", heading="Price", kind="price", priority=3),
    Column(key="held", heading="Held", kind="decimal"),
    Column(key="unknown", heading="Unknown", kind="decimal", priority=2),
    Column(key="cost_held", heading="Cost held", kind="decimal", digits=2, priority=4),
    Column(key="average", heading="Average", kind="price", priority=1),
    Column(key="note", heading="Note", kind="text", priority=5),
)


def explain_listing(
    title: str,
    rows: Iterable[Mapping[str, object]],
    now: datetime,
    *,
    closing: Sequence[str] = (),
    columns: Sequence[Column] = EXPLAIN_COLUMNS,
    exchange_averages: Iterable[AverageCheck] = (),
) -> Listing:
    """The events (keys of :data:`EXPLAIN_COLUMNS`; a key that is left out is unknown) and the closing lines of the reconciliation."""
    empty = "No event explains this asset. Fetch the history: excache sync --full"
    beside = {"exchange_averages": [_average(check) for check in exchange_averages]}
    return Listing(title=title, columns=tuple(columns), rows=tuple(rows), as_of=now, notes=tuple(closing), empty=empty, beside=beside)


def exchange_average_lines(checks: Iterable[AverageCheck]) -> list[str]:
    """What each exchange says itself, and whether the fills agree."""
    verdicts = {"agrees": ": agrees", "differs": ": DIFFERS"}
    return [
        f"The exchange's own average ({check.account} {check.wallet}): {check_words(check)}{verdicts.get(check.verdict, '')}"
        for check in checks
    ]


def _average(check: AverageCheck) -> dict[str, object]:
    return {
        "account": check.account,
        "wallet": check.wallet,
        "name": check.told.name,
        "method": check.told.method,
        "unit": check.told.unit,
        "price": check.told.price,
        "quantity": check.told.quantity,
        "by_fills_low": check.low,
        "by_fills_high": check.high,
        "verdict": check.verdict,
        "reason": check.reason,
    }

"""Times in an exchange's unit: a window as parameters of a request, and the time of a raw row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exchange_cache.adapter.paging_rules import TimeBounds
from exchange_cache.adapter.paths import RowsMissing, dig_or_none
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.coverage import Span

PER_MS = {"ms": 1, "us": 1_000, "ns": 1_000_000}


def window_params(bounds: TimeBounds, window: Span | None) -> dict[str, Any]:
    """The exchange's own parameters that contain the half-open window."""
    if window is None:
        return {}
    params: dict[str, Any] = {}
    if bounds.start is not None:
        params[bounds.start] = in_unit(
            window.start_ms, bounds.unit, up=False, widen=bounds.start_exclusive
        )
    if bounds.end is not None:
        params[bounds.end] = in_unit(window.end_ms, bounds.unit, up=True)
    return params


def in_unit(ms: int, unit: str, *, up: bool, widen: bool = False) -> int | str:
    """Milliseconds in an exchange's unit, rounded down or up; ``widen`` moves a start one unit
    back."""
    if unit == "iso":
        moment = from_ms(ms - 1 if widen else ms)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    number = (-(-ms // 1000) if up else ms // 1000) if unit == "s" else ms * PER_MS[unit]
    return number - 1 if widen else number


def row_ms(row: Any, field: str, unit: str) -> int:
    """The time of a raw row in milliseconds, rounded down; RowsMissing names a field without
    one."""
    value = dig_or_none(row, field)
    if value is None or value == "":
        raise RowsMissing(f"a row has no time at {field!r}")
    text = str(value)
    if unit == "iso":
        return to_ms(_parse_iso(text))
    whole, _, fraction = text.partition(".")
    if unit == "s":
        return int(whole) * 1000 + int((fraction + "000")[:3])
    return int(whole) // PER_MS[unit]


def _parse_iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace(" ", "T"))
    return (
        moment
        if moment.tzinfo is not None
        else datetime.fromisoformat(text.replace(" ", "T") + "+00:00")
    )

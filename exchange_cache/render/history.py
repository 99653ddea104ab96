"""Net worth over time as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from exchange_cache.render import words
from exchange_cache.render.listing import Column, Listing


def history_listing(
    points: Sequence[tuple[datetime, Decimal]],
    asset: str,
    now: datetime,
    parts: Sequence[Mapping[str, Decimal]] = (),
    lacks: Sequence[tuple[str, ...]] = (),
    sources: Sequence[str] = (),
) -> Listing:
    """Net worth over time, one row per point.

    ``parts``, ``lacks`` and ``sources`` have one entry per point: each part becomes a column,
    ``lacks`` names what was missing, ``sources`` whether it is recorded or reconstructed.
    """
    names = sorted({name for one in parts for name in one})
    digits = words.money_digits(asset)
    columns = (
        Column(key="time", heading="Time", kind="time"),
        Column(
            key="value",
            heading=f"Net worth ({asset})",
            kind="decimal",
            digits=words.money_digits(asset),
        ),
        Column(key="reporting_asset"),
        *([Column(key="source", heading="Source", priority=len(names) + 2)] if sources else []),
        *(
            [Column(key="lacks", heading="Missing or stale", priority=len(names) + 1)]
            if any(lacks)
            else []
        ),
        *(
            Column(key=f"part:{name}", heading=name, kind="decimal", digits=digits, priority=at + 1)
            for at, name in enumerate(names)
        ),
    )
    rows = tuple(
        {
            "time": moment,
            "value": value,
            "reporting_asset": asset,
            "source": source,
            "lacks": missing,
            **{f"part:{name}": own.get(name, Decimal(0)) for name in names},
        }
        for (moment, value), own, missing, source in zip(
            points,
            parts or [{}] * len(points),
            lacks or [()] * len(points),
            sources or [""] * len(points),
            strict=True,
        )
    )
    empty = "No net worth is recorded yet; every sync adds one point. Run: excache sync"
    return Listing(title="Net worth", columns=columns, rows=rows, as_of=now, empty=empty)

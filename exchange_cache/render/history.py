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
) -> Listing:
    """Net worth over time, one row per point.

    ``parts`` and ``lacks`` have one entry per point: each part becomes a column, ``lacks`` names
    what was missing.
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
            "lacks": missing,
            **{f"part:{name}": own.get(name, Decimal(0)) for name in names},
        }
        for (moment, value), own, missing in zip(
            points, parts or [{}] * len(points), lacks or [()] * len(points), strict=True
        )
    )
    empty = "No net worth is recorded yet; every sync adds one point. Run: excache sync"
    return Listing(title="Net worth", columns=columns, rows=rows, as_of=now, empty=empty)

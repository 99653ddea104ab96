"""The list of ``excache assets``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from exchange_cache.render.listing import Column, Listing

_COLUMNS = (
    Column(key="kind", heading="Kind"),
    Column(key="from", heading="From", kind="code"),
    Column(key="to", heading="To", kind="code"),
    Column(key="at", heading="At", kind="time"),
    Column(key="factor", heading="Factor", kind="price"),
    Column(key="cost_share"),
    Column(key="exchanges", heading="Exchanges", priority=2),
    Column(key="accounts", heading="Accounts", priority=1),
    Column(key="state", heading="State"),
    Column(key="source", heading="Source", priority=3),
)


def assets_listing(rows: Sequence[Mapping[str, object]], as_of: datetime) -> Listing:
    """Events, aliases, collisions and ignored assets; a key that a row does not have is unknown."""
    whole = tuple({column.key: row.get(column.key) for column in _COLUMNS} for row in rows)
    return Listing(
        title="",
        columns=_COLUMNS,
        rows=whole,
        as_of=as_of,
        empty="No asset event is known.",
    )

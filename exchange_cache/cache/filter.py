"""Which fills, orders or transfers to read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows to read; None does not restrict.

    ``asset`` matches either side of a fill or an order. ``since <= time < until``; ``seen_since <=
    first seen <= seen_until``. ``vanished``: also read rows that their exchange no longer serves;
    figures leave them out. ``ignored``: accounts and assets of which nothing is read (of a fill or
    an order: what is bought or sold).
    """

    accounts: Collection[str] | None = None
    asset: str | None = None
    symbol: str | None = None
    kind: str | None = None  # of fills and transfers
    status: str | None = None  # of orders
    since: datetime | None = None
    until: datetime | None = None
    seen_since: datetime | None = None
    seen_until: datetime | None = None
    limit: int | None = None
    newest_first: bool = False
    vanished: bool = False
    ignored: Collection[tuple[str, str]] = ()


#: Every row.
ALL = Filter()

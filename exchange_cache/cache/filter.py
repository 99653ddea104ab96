"""Which fills, orders or transfers to read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows to read; what is None selects nothing away.

    ``asset`` is either side of a fill or an order. ``since <= time < until``;
    ``seen_since <= first seen <= seen_until``. ``vanished``: rows that their exchange does not
    serve any more are read, too; whoever counts leaves them out.
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


#: Every row.
ALL = Filter()

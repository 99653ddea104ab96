"""What a list of prices says under its table: which prices are old, and what has none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from exchange_cache.render import words

if TYPE_CHECKING:
    from exchange_cache.records import Price


def old_price_lines(rows: Iterable[Price], now: datetime, limit: timedelta) -> tuple[str, ...]:
    """One line per price that was older than ``limit`` when its exchange served it."""
    return tuple(
        f"The price of {row.symbol} at {row.account} is of {words.minute(row.as_of)}"
        f" ({words.age(now - row.as_of)} old): the exchange serves no newer one."
        for row in rows
        if row.as_of is not None and row.fetched_at - row.as_of > limit
    )


def unpriced(rows: Iterable[Price], assets: Iterable[str]) -> tuple[str, ...]:
    """Those of some assets that no row with a value prices."""
    priced = {asset for row in rows if row.value is not None for asset in (row.base, row.quote)}
    return tuple(sorted(set(assets) - priced))


def missing_price_lines(assets: Sequence[str]) -> tuple[str, ...]:
    """The line that names assets without a market; none without any."""
    if not assets:
        return ()
    return (
        f"No price of {words.listed(assets)}: none of your exchanges has a market with"
        f" a price of {'it' if len(assets) == 1 else 'them'}, so no total includes"
        f" {'it' if len(assets) == 1 else 'them'}.",
    )

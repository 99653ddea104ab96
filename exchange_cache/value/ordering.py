"""The names of groups, and holdings in a chosen order; light, because every read needs them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exchange_cache.value.reading import Holding

GROUPINGS = ("asset", "account", "wallet", "exchange")
SORTINGS = ("value", "asset", "pnl", "change")


def price_at(holding: Holding, account: str) -> Decimal | None:
    """The price of one unit of a holding at an account."""
    return holding.own_prices.get(account, holding.price)


def group_name(by: str, asset: str, account: str, wallet: str, names: Mapping[str, str]) -> str:
    """The group of a part of a holding or of a position; ``names`` maps accounts to exchanges."""
    if by == "asset":
        return asset
    if by == "wallet":
        return f"{account} / {wallet}"
    return account if by == "account" else names.get(account, account)


def sorted_holdings(holdings: Iterable[Holding], by: str) -> tuple[Holding, ...]:
    """Holdings by value, PnL or 24-hour change (the largest first, the unknown last), or by asset
    from A to Z."""
    if by not in SORTINGS:
        raise ValueError(f"sort by one of {', '.join(SORTINGS)}, not {by!r}")
    figures = {"value": "value", "pnl": "unrealised_pnl", "change": "change_24h"}

    def key(holding: Holding) -> tuple[bool, Decimal, str, str]:
        figure: Decimal | None = Decimal(0) if by == "asset" else getattr(holding, figures[by])
        return (figure is None, -(figure or Decimal(0)), holding.asset.casefold(), holding.asset)

    return tuple(sorted(holdings, key=key))

"""The amounts that are too small to be sold, of several exchanges."""

from __future__ import annotations

from decimal import Decimal


def least_amounts(stored: object) -> dict[str, Decimal]:
    """Per asset the least amount of any exchange, of ``{exchange: {asset: text}}``.

    Versions before 0.11 stored a text for each asset, which counts until the next sync.
    """
    least: dict[str, Decimal] = {}
    for name, limits in stored.items() if isinstance(stored, dict) else ():
        for asset, text in limits.items() if isinstance(limits, dict) else ((name, limits),):
            amount = Decimal(str(text))
            least[asset] = min(amount, least.get(asset, amount))
    return least

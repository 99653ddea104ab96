"""The past of the portfolio: what a snapshot keeps, and reading snapshots back as a series."""

from __future__ import annotations

from typing import Any

from exchange_cache.domain.money import to_text, to_text_or_none
from exchange_cache.domain.reading import PortfolioReading


def snapshot_details(reading: PortfolioReading) -> dict[str, Any]:
    """What a snapshot keeps of a reading (JSON-able): per asset and account quantity and value, and what was stale or unpriced."""
    return {
        "assets": {
            holding.asset: {
                "quantity": to_text(holding.quantity),
                "price": to_text_or_none(holding.price),
                "value": to_text_or_none(holding.value),
                "state": holding.price_state,
            }
            for holding in reading.holdings
        },
        "accounts": {
            account: {
                holding.asset: to_text(quantity)
                for holding in reading.holdings
                if (quantity := sum((part.total for part in holding.wallets if part.account == account), start=0 * holding.quantity))
            }
            for account in reading.accounts
        },
        "unpriced": list(reading.totals.unpriced_assets),
        "stale": sorted({f"{item.account} {item.data_type}" for item in reading.freshness if item.state == "stale"}),
        "realised_pnl": to_text_or_none(reading.totals.realised_pnl),
        "unrealised_pnl": to_text_or_none(reading.totals.unrealised_pnl),
    }

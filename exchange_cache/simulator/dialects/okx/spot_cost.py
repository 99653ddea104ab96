"""OKX's spot cost prices: what `account/balance` tells of an asset's spot trades in the trading
account, in US dollars.

By https://www.okx.com/help/i-introduction-of-spot: openAvgPx is the mean price of the buys, which a
sale leaves as it is; accAvgPx is what all buys cost less what all sales brought, over what is left
of them. Only spot trades count, no transfer and no convert. A cost price that the user edited holds
for all that the trading account then has, and later trades go on from it
(https://www.okx.com/help/updates-to-the-spot-cost-price-feature). Whether fees are inside is not
reported; here they are not.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from exchange_cache.simulator.dialects.okx.wording import ZERO, tidy
from exchange_cache.simulator.venue import SPOT, CostEdit, Fill, Venue

FIELDS = (
    "openAvgPx",
    "accAvgPx",
    "spotBal",
    "spotUpl",
    "spotUplRatio",
    "totalPnl",
    "totalPnlRatio",
)


class SpotCost:
    """One asset while its trades go by: `size` bought and not sold again, its `cost`, and what was
    `spent` in all."""

    def __init__(self, asset: str, usd: Callable[[str, int], float]) -> None:
        self.asset = asset
        self.usd = usd
        self.size = self.cost = self.spent = ZERO

    def count(self, venue: Venue, account: str) -> None:
        """All spot fills and edits of an account, oldest first."""
        edits = venue.cost_edits(account, self.asset)
        for fill in venue.fills(account, kind=SPOT):
            if self.asset in (fill.market.base, fill.market.quote):
                while edits and edits[0].seq < fill.seq:
                    self.edit(edits.pop(0))
                self.trade(fill)
        for edit in edits:
            self.edit(edit)

    def edit(self, edit: CostEdit) -> None:
        self.size = edit.quantity
        self.cost = self.spent = edit.quantity * edit.price

    def trade(self, fill: Fill) -> None:
        base = fill.market.base == self.asset
        gross = fill.amount if base else fill.cost
        fees = sum((amount for paid_in, amount in fill.fees if paid_in == self.asset), ZERO)
        worth = Decimal(repr(self.usd(fill.market.quote, fill.time_ms))) * fill.cost
        if (fill.side == "buy") == base:
            self.size, self.cost, self.spent = (
                self.size + gross - fees,
                self.cost + worth * (1 - fees / gross),
                self.spent + worth,
            )
        else:
            left = max(self.size - gross - fees, ZERO)
            self.cost = self.cost * left / self.size if self.size else ZERO
            self.size, self.spent = left, self.spent - worth

    def reported(self, price: Decimal) -> dict[str, str]:
        """The fields at the asset's `price`; "" where nothing is left."""
        if self.size <= 0:
            return dict.fromkeys(FIELDS, "")
        worth = price * self.size
        return {
            "openAvgPx": tidy(self.cost / self.size),
            "accAvgPx": tidy(self.spent / self.size),
            "spotBal": tidy(self.size),
            "spotUpl": tidy(worth - self.cost),
            "spotUplRatio": tidy(worth / self.cost - 1, "1e-6"),
            "totalPnl": tidy(worth - self.spent),
            "totalPnlRatio": tidy(worth / self.spent - 1, "1e-6") if self.spent else "",
        }

"""What exchanges say themselves that the units in a wallet cost: read from the answer that tells
the balance, no request of its own.

Of the exchanges with a policy only these two tell it there; Coinbase does in another answer
(portfolio breakdown).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from exchange_cache.money import EXACT, to_amount, to_amount_or_none
from exchange_cache.quotients import published
from exchange_cache.records import AverageMethod, ToldAverage

#: OKX's cost prices hold spot trades from this day on
#: (https://www.okx.com/help/i-introduction-of-spot, important notes).
_OKX_COUNTS_FROM = datetime(2020, 11, 6, tzinfo=UTC)


def okx_averages(row: Mapping[str, Any]) -> Iterator[ToldAverage]:
    """``openAvgPx`` and ``accAvgPx`` in US dollars, of the trading account alone; empty (or 0)
    where OKX counts no spot trade.

    Source: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-balance, which refers to
    https://www.okx.com/help/i-introduction-of-spot for both formulas. Neither says whether fees are
    inside.
    """
    for name, method in (
        ("openAvgPx", AverageMethod.MOVING),
        ("accAvgPx", AverageMethod.CUMULATIVE),
    ):
        price = to_amount_or_none(row.get(name))
        if price:
            quantity = to_amount_or_none(row.get("spotBal"))
            yield ToldAverage(
                name=name,
                method=method,
                price=price,
                unit="USD",
                quantity=quantity,
                counts_from=_OKX_COUNTS_FROM,
            )


#: Hyperliquid's entry prices of spot began on this day; what was held before got one that no trade
#: explains.
_HYPERLIQUID_COUNTS_FROM = datetime(2024, 7, 3, 8, tzinfo=UTC)


def hyperliquid_averages(row: Mapping[str, Any]) -> Iterator[ToldAverage]:
    """``entryNtl`` over what is held: the mean of the buys by size, in USDC, transfers counted at
    the mark price of their moment.

    Source: https://hyperliquid.gitbook.io/hyperliquid-docs/trading/entry-price-and-pnl
    """
    total, worth = to_amount(str(row["total"])), to_amount_or_none(row.get("entryNtl"))
    if worth and total > 0:
        yield ToldAverage(
            name="entryNtl / total",
            method=AverageMethod.MOVING,
            price=published(EXACT.divide(worth, total)),
            unit="USDC",
            quantity=total,
            counts_from=_HYPERLIQUID_COUNTS_FROM,
        )

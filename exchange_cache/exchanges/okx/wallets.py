"""OKX wallets that ccxt does not parse, or parses incompletely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from exchange_cache.adapter.paging import rows_of
from exchange_cache.exchanges.verbs import amount_or_zero, column, listed, summed
from exchange_cache.money import EXACT, ZERO, to_amount, to_amount_or_none, to_text
from exchange_cache.records import AverageMethod, ReportedAverage


def trading(response: Any, client: Any) -> Mapping[str, Any]:
    """The trading account by ``cashBal``; ``eq`` contains the unrealised result."""
    rows = listed(response, "data.0.details")
    return {str(client.safe_currency_code(row["ccy"])): _coin(row) for row in rows}


def trading_averages(response: Any, client: Any) -> Mapping[str, tuple[ReportedAverage, ...]]:
    rows = rows_of(response, "data.0.details")
    return {str(client.safe_currency_code(row["ccy"])): tuple(_averages(row)) for row in rows}


def savings(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "data", "ccy", "amt")


def staking(response: Any, client: Any) -> Mapping[str, Any]:
    """On-chain earn orders: the invested amounts by asset."""
    orders = listed(response, "data")
    found = [item for order in orders for item in order.get("investData") or ()]
    return summed(client, ((item["ccy"], item["amt"]) for item in found))


#: OKX's cost prices include spot trades from this day on
#: (https://www.okx.com/help/i-introduction-of-spot, important notes).
_COUNTS_FROM = datetime(2020, 11, 6, tzinfo=UTC)


def _averages(row: Mapping[str, Any]) -> Iterator[ReportedAverage]:
    """``openAvgPx`` and ``accAvgPx`` of the trading account in US dollars.

    Either is empty or 0 where OKX counts no spot trade.

    Source: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-balance, which refers to
    https://www.okx.com/help/i-introduction-of-spot for both formulas. Neither states whether the
    averages include fees.
    """
    for name, method in (
        ("openAvgPx", AverageMethod.MOVING),
        ("accAvgPx", AverageMethod.CUMULATIVE),
    ):
        price = to_amount_or_none(row.get(name))
        if price:
            yield ReportedAverage(
                name=name,
                method=method,
                price=price,
                unit="USD",
                quantity=to_amount_or_none(row.get("spotBal")),
                counts_from=_COUNTS_FROM,
            )


def _coin(row: Mapping[str, Any]) -> dict[str, Any]:
    """A currency of the trading account: ``cashBal`` less the ``interest`` accrued on its debt.

    ``cashBal`` is below zero where more was sold or lost than held, so it is net of the debt;
    equity = cashBal + floating PnL + options value - accrued interest, so it excludes interest
    until that is deducted. ``liab`` is |min(0, equity)| plus the liabilities of isolated margin
    positions (``isoLiab``), which this balance does not contain, and neither does it their margin.

    Sources: https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-balance; OKX's help
    centre, Multi-currency margin mode: cross margin trading, and Borrow in spot mode.
    """
    debt = EXACT.subtract(
        amount_or_zero(row, "liab").copy_abs(), amount_or_zero(row, "isoLiab").copy_abs()
    )
    return {
        "free": row.get("availBal") or None,
        "used": row.get("frozenBal") or None,
        "total": to_text(
            EXACT.subtract(
                to_amount(str(row["cashBal"])), amount_or_zero(row, "interest").copy_abs()
            )
        ),
        "debt": to_text(max(ZERO, debt)),
    }

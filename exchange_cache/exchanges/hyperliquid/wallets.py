"""Hyperliquid's wallets that ccxt does not read completely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from exchange_cache.adapter.paging import dig_or_none
from exchange_cache.exchanges.verbs import (
    listed,
    summed,
)
from exchange_cache.money import EXACT, published, to_amount, to_amount_or_none
from exchange_cache.records import AverageMethod, ReportedAverage


def spot(response: Any, client: Any) -> Mapping[str, Any]:
    return {
        _spot_code(row, client): {"free": None, "used": row.get("hold"), "total": row["total"]}
        for row in listed(response, "balances")
    }


def spot_averages(response: Any, client: Any) -> Mapping[str, tuple[ReportedAverage, ...]]:
    rows = listed(response, "balances")
    return {_spot_code(row, client): tuple(averages(row)) for row in rows}


def _spot_code(row: Mapping[str, Any], client: Any) -> str:
    return str(client.update_spot_currency_code(client.safe_currency_code(row["coin"])))


def perps(response: Any, client: Any) -> Mapping[str, Any]:
    """Collateral of perpetuals: the account's value, which contains the unrealised result."""
    return {
        "USDC": {
            "free": response.get("withdrawable"),
            "used": None,
            "total": dig_or_none(response, "marginSummary.accountValue"),
        }
    }


def staking(response: Any, client: Any) -> Mapping[str, Any]:
    parts = [response.get(name) for name in ("delegated", "undelegated", "totalPendingWithdrawal")]
    return summed(client, (("HYPE", part) for part in parts if part is not None))


def vaults(response: Any, client: Any) -> Mapping[str, Any]:
    return summed(client, (("USDC", row["equity"]) for row in listed(response, "")))


#: The first day of Hyperliquid's entry prices of spot; earlier holdings got a price that no trade
#: explains.
_COUNTS_FROM = datetime(2024, 7, 3, 8, tzinfo=UTC)


def averages(row: Mapping[str, Any]) -> Iterator[ReportedAverage]:
    """``entryNtl`` divided by the balance: the mean price of the buys by size, in USDC; transfers
    count at the mark price of their time.

    Source: https://hyperliquid.gitbook.io/hyperliquid-docs/trading/entry-price-and-pnl
    """
    total, worth = to_amount(str(row["total"])), to_amount_or_none(row.get("entryNtl"))
    if worth and total > 0:
        yield ReportedAverage(
            name="entryNtl / total",
            method=AverageMethod.MOVING,
            price=published(EXACT.divide(worth, total)),
            unit="USDC",
            quantity=total,
            counts_from=_COUNTS_FROM,
        )

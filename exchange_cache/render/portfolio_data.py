"""The portfolio for programs, schema 1. Keys may be added; renaming or removing one is a breaking
change (pinned by tests)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from exchange_cache.findings import Finding
from exchange_cache.money import EXACT
from exchange_cache.render.machine import SCHEMA, write_csv
from exchange_cache.value.freshness import Freshness
from exchange_cache.value.grouping import GroupValue, group_values
from exchange_cache.value.reading import (
    AccountAverage,
    Holding,
    PortfolioReading,
    PositionReading,
    Totals,
    WalletShare,
)

CSV_COLUMNS = (
    "asset",
    "quantity",
    "price",
    "price_as_of",
    "price_route",
    "price_state",
    "value",
    "share",
    "average_entry_price",
    "explained_quantity",
    "unknown_quantity",
    "unrealised_pnl",
    "unrealised_fraction",
    "realised_pnl",
    "change_24h",
)


def portfolio_document(reading: PortfolioReading) -> dict[str, object]:
    """Exact values under the promised keys, ready for
    :func:`exchange_cache.render.machine.write_json`."""
    return {
        "schema": SCHEMA,
        "as_of": reading.as_of,
        "oldest": reading.oldest,
        "reporting_asset": reading.reporting_asset,
        "accounts": reading.accounts,
        "totals": _totals(reading.totals),
        "holdings": [_holding(holding) for holding in reading.holdings],
        "positions": [_position(own) for own in reading.positions],
        "freshness": [_freshness(verdict) for verdict in reading.freshness],
        "warnings": [finding_document(found) for found in reading.warnings],
    }


def groups_document(
    reading: PortfolioReading, by: str, exchanges: Mapping[str, str]
) -> dict[str, object]:
    """What ``--by`` adds to the document: the groups, which add up to the total."""
    groups = group_values(reading, by, exchange_of=exchanges)
    return {"grouped_by": by, "groups": [_group(group) for group in groups]}


def _group(group: GroupValue) -> dict[str, object]:
    return {
        "name": group.name,
        "value": group.value,
        "holdings_value": group.holdings_value,
        "positions_value": group.positions_value,
        "share": group.share,
        "unpriced_assets": group.unpriced_assets,
        "quantities": group.quantities,
    }


def write_groups_csv(
    reading: PortfolioReading, by: str, exchanges: Mapping[str, str], stream: TextIO
) -> None:
    """One row per group and asset, and one per group for its open positions that no balance
    contains."""
    prices = {holding.asset: holding.price for holding in reading.holdings}
    rows: list[Sequence[object]] = []
    for group in group_values(reading, by, exchange_of=exchanges):
        for asset, quantity in group.quantities.items():
            price = prices[asset]
            rows.append(
                (
                    group.name,
                    asset,
                    quantity,
                    price,
                    None if price is None else EXACT.multiply(quantity, price),
                )
            )
        if group.positions_value:
            rows.append((group.name, "open positions", None, None, group.positions_value))
    write_csv((by, "asset", "quantity", "price", "value"), rows, stream)


def write_portfolio_csv(reading: PortfolioReading, stream: TextIO) -> None:
    """One row per holding."""
    write_csv(
        CSV_COLUMNS,
        ([getattr(holding, name) for name in CSV_COLUMNS] for holding in reading.holdings),
        stream,
    )


def _totals(totals: Totals) -> dict[str, object]:
    return {
        "value": totals.value,
        "priced_value": totals.priced_value,
        "stale_value": totals.stale_value,
        "unpriced_assets": totals.unpriced_assets,
        "realised_pnl": totals.realised_pnl,
        "unrealised_pnl": totals.unrealised_pnl,
        "change_24h": totals.change_24h,
        "change_24h_value": totals.change_24h_value,
    }


def _holding(holding: Holding) -> dict[str, object]:
    return {
        "asset": holding.asset,
        "quantity": holding.quantity,
        "price": holding.price,
        "price_as_of": holding.price_as_of,
        "price_route": holding.price_route,
        "price_state": holding.price_state,
        "value": holding.value,
        "share": holding.share,
        "average_entry_price": holding.average_entry_price,
        "explained_quantity": holding.explained_quantity,
        "unknown_quantity": holding.unknown_quantity,
        "unknown_reasons": holding.unknown_reasons,
        "unrealised_pnl": holding.unrealised_pnl,
        "unrealised_fraction": holding.unrealised_fraction,
        "realised_pnl": holding.realised_pnl,
        "change_24h": holding.change_24h,
        "account_averages": [_account_average(own) for own in holding.account_averages],
        "wallets": [_wallet(part) for part in holding.wallets],
    }


def _account_average(own: AccountAverage) -> dict[str, object]:
    return {
        "account": own.account,
        "average_entry_price": own.average_entry_price,
        "explained_quantity": own.explained_quantity,
        "unknown_quantity": own.unknown_quantity,
    }


def _wallet(part: WalletShare) -> dict[str, object]:
    return {
        "account": part.account,
        "wallet": part.wallet,
        "code": part.code,
        "free": part.free,
        "used": part.used,
        "total": part.total,
        "earn": part.earn,
        "fetched_at": part.fetched_at,
    }


def _position(own: PositionReading) -> dict[str, object]:
    position = own.position
    return {
        "account": position.account,
        "wallet": position.wallet,
        "symbol": position.symbol,
        "side": position.side,
        "contracts": position.contracts,
        "contract_size": position.contract_size,
        "base_quantity": position.base_quantity,
        "entry_price": position.entry_price,
        "mark_price": position.mark_price,
        "notional": position.notional,
        "unrealised_pnl": position.unrealised_pnl,
        "unrealised_value": own.unrealised_value,
        "unrealised_fraction": own.unrealised_fraction,
        "settle_asset": position.settle_asset,
        "margin": position.margin,
        "margin_mode": position.margin_mode,
        "leverage": position.leverage,
        "liquidation_price": position.liquidation_price,
        "liquidation_distance": own.liquidation_distance,
        "fetched_at": position.fetched_at,
    }


def _freshness(verdict: Freshness) -> dict[str, object]:
    return {
        "account": verdict.account,
        "data_type": verdict.data_type,
        "state": verdict.state,
        "succeeded_at": verdict.succeeded_at,
        "age_seconds": verdict.age,
        "ttl_seconds": verdict.ttl,
        "error": verdict.error,
        "error_code": verdict.error_code,
    }


def finding_document(found: Finding) -> dict[str, object]:
    """One finding under the keys of ``warnings``; one that is accepted has the key ``accepted``
    besides."""
    document: dict[str, object] = {
        "code": found.code,
        "account": found.account,
        "asset": found.asset,
        "message": found.message,
        "hint": found.hint,
    }
    known = found.accepted
    if known is not None:
        document["accepted"] = {"reason": known.reason, "at": known.at, "until": known.until}
    return document

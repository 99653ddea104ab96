"""The portfolio for programs, schema 1. Keys may be added, never renamed or removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from exchange_cache.money import EXACT
from exchange_cache.render.findings_data import finding_document
from exchange_cache.render.formats import Rows
from exchange_cache.render.machine import SCHEMA
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

#: Internal figures, which are not part of the schema.
_UNPROMISED = frozenset({"cost", "fees_paid", "stale_value", "own_prices"})
#: Lists, which a CSV field cannot hold.
_NOT_IN_CSV = frozenset({"unknown_reasons", "account_averages", "wallets"})
_HOLDING = tuple(item.name for item in fields(Holding) if item.name not in _UNPROMISED)
CSV_COLUMNS = tuple(name for name in _HOLDING if name not in _NOT_IN_CSV)

_POSITION = [
    "account",
    "wallet",
    "symbol",
    "side",
    "contracts",
    "contract_size",
    "base_quantity",
    "entry_price",
    "mark_price",
    "notional",
    "unrealised_pnl",
    "unrealised_value",
    "unrealised_fraction",
    "settle_asset",
    "margin",
    "margin_mode",
    "leverage",
    "liquidation_price",
    "liquidation_distance",
    "fetched_at",
]

#: The keys of each record in order; ``key=field`` if the field has another name.
_KEYS: Mapping[type, Sequence[str]] = {
    Holding: _HOLDING,
    Totals: tuple(item.name for item in fields(Totals)),
    WalletShare: tuple(item.name for item in fields(WalletShare)),
    GroupValue: tuple(item.name for item in fields(GroupValue)),
    AccountAverage: ("account", "average_entry_price", "explained_quantity", "unknown_quantity"),
    Freshness: (
        "account",
        "data_type",
        "state",
        "succeeded_at",
        "age_seconds=age",
        "ttl_seconds=ttl",
        "error",
        "error_code",
    ),
    PositionReading: _POSITION,
}


def portfolio_document(
    reading: PortfolioReading, holdings: Sequence[Holding] | None = None
) -> dict[str, object]:
    """Exact values under the keys of the schema; ``holdings`` are those of the reading in another
    order."""
    return {
        "schema": SCHEMA,
        "as_of": reading.as_of,
        "oldest": reading.oldest,
        "reporting_asset": reading.reporting_asset,
        "accounts": reading.accounts,
        "totals": _keyed(reading.totals),
        "holdings": [
            _keyed(holding) for holding in (reading.holdings if holdings is None else holdings)
        ],
        "positions": [_keyed(own) for own in reading.positions],
        "freshness": [_keyed(verdict) for verdict in reading.freshness],
        "warnings": [finding_document(found) for found in reading.warnings],
    }


def groups_document(
    reading: PortfolioReading, by: str, exchanges: Mapping[str, str]
) -> dict[str, object]:
    """What ``--by`` adds to the document: the groups, which add up to the total."""
    groups = group_values(reading, by, exchange_of=exchanges)
    return {"grouped_by": by, "groups": [_keyed(group) for group in groups]}


def groups_rows(reading: PortfolioReading, by: str, exchanges: Mapping[str, str]) -> Rows:
    """One row per group and asset, and one for open positions that no balance contains."""
    prices = {holding.asset: holding.price for holding in reading.holdings}
    rows: list[Sequence[object]] = []
    for group in group_values(reading, by, exchange_of=exchanges):
        for asset, quantity in group.quantities.items():
            price = prices[asset]
            value = None if price is None else EXACT.multiply(quantity, price)
            rows.append((group.name, asset, quantity, price, value))
        if group.positions_value:
            rows.append((group.name, "open positions", None, None, group.positions_value))
    return (by, "asset", "quantity", "price", "value"), rows


def portfolio_rows(holdings: Sequence[Holding]) -> Rows:
    """One row per holding."""
    columns = ([getattr(holding, name) for name in CSV_COLUMNS] for holding in holdings)
    return CSV_COLUMNS, columns


def _keyed(record: object) -> dict[str, object]:
    """The values of a record under the keys of the schema, nested records included."""
    keys = (key.partition("=") for key in _KEYS[type(record)])
    return {key: _value(record, field or key) for key, _, field in keys}


def _value(record: object, name: str) -> object:
    if isinstance(record, PositionReading) and not hasattr(record, name):
        return getattr(record.position, name)
    value = getattr(record, name)
    if isinstance(value, tuple) and value and type(value[0]) in _KEYS:
        return [_keyed(item) for item in value]
    return value

"""The lists of the cache as :class:`Listing` values.

Each table of columns is the only definition of its list: keys (the record's fields), headings, and
what a narrow terminal drops first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exchange_cache.money import EXACT, to_text
from exchange_cache.records import Balance, Fee, Fill, Order, Position, Price, Transfer
from exchange_cache.render import words
from exchange_cache.render.listing import Column, Listing, for_programs, rows_of

_FILLS = (
    Column(key="time", heading="Time", kind="time"),
    Column(key="account", heading="Account"),
    Column(key="symbol", heading="Symbol", kind="code"),
    Column(key="side", heading="Side", kind="state"),
    Column(key="quantity", heading="Quantity", kind="decimal"),
    Column(key="price", heading="Price", kind="price"),
    Column(key="cost", heading="Cost", kind="decimal", priority=1),
    Column(key="quote", heading="Quote", priority=2),
    Column(key="fee", heading="Fee", kind="fee"),
    Column(key="realised_pnl", heading="Realised PnL", kind="signed", priority=3),
    Column(key="kind", heading="Kind", priority=4),
    Column(key="liquidity", heading="Liquidity", priority=5),
    Column(key="category", heading="Category", priority=6),
    *for_programs(
        "fill_id order_id base settle contracts contract_size fees fees_known vanished_at"
        " provenance file line"
    ),
)
_ORDERS = (
    Column(key="created_at", heading="Created", kind="time"),
    Column(key="account", heading="Account"),
    Column(key="symbol", heading="Symbol", kind="code"),
    Column(key="side", heading="Side", kind="state"),
    Column(key="type", heading="Type", priority=3),
    Column(key="status", heading="Status", kind="state"),
    Column(key="amount", heading="Amount", kind="decimal"),
    Column(key="filled", heading="Filled", kind="decimal", priority=2),
    Column(key="price", heading="Price", kind="price"),
    Column(key="average", heading="Average", kind="price", priority=4),
    Column(key="cost", heading="Cost", kind="decimal", priority=5),
    *for_programs(
        "quote order_id client_order_id updated_at category base reduce_only fetched_at vanished_at"
        " provenance file line"
    ),
)
_BALANCES = (
    Column(key="account", heading="Account"),
    Column(key="wallet", heading="Wallet"),
    Column(key="asset", heading="Asset", kind="code"),
    Column(key="code", heading="Code", kind="code", priority=2),
    Column(key="free", heading="Free", kind="decimal", priority=4),
    Column(key="used", heading="Used", kind="decimal", priority=3),
    Column(key="total", heading="Total", kind="decimal"),
    Column(key="debt", heading="Debt", kind="decimal", priority=1),
    Column(key="earn", heading="Earn", kind="flag", priority=5),
    Column(key="age_seconds", heading="Age", kind="age"),
    *for_programs("includes_unrealised fetched_at as_of"),
)
_POSITIONS = (
    Column(key="account", heading="Account"),
    Column(key="symbol", heading="Symbol", kind="code"),
    Column(key="side", heading="Side", kind="state"),
    Column(key="contracts", heading="Contracts", kind="decimal"),
    Column(key="base_quantity", heading="Quantity", kind="decimal", priority=7),
    Column(key="entry_price", heading="Entry", kind="price", priority=4),
    Column(key="mark_price", heading="Mark", kind="price", priority=5),
    Column(key="notional", heading="Notional", kind="decimal", priority=6, digits=2),
    Column(key="unrealised_pnl", heading="Unrealised PnL", kind="signed"),
    Column(key="settle_asset", heading="In"),
    Column(key="leverage", heading="Leverage", kind="decimal", priority=3),
    Column(key="liquidation_price", heading="Liquidation", kind="price"),
    Column(key="margin_mode", heading="Margin", priority=9),
    Column(key="age_seconds", heading="Age", kind="age", priority=8),
    *for_programs("contract_size margin wallet category fetched_at"),
)
_TRANSFERS = (
    Column(key="time", heading="Time", kind="time"),
    Column(key="account", heading="Account"),
    Column(key="kind", heading="Kind"),
    Column(key="asset", heading="Asset", kind="code"),
    Column(key="quantity", heading="Quantity", kind="decimal"),
    Column(key="fee", heading="Fee", kind="fee", priority=4),
    Column(key="status", heading="Status", kind="state"),
    Column(key="from_wallet", heading="From", priority=2),
    Column(key="to_wallet", heading="To", priority=3),
    Column(key="network", heading="Network", priority=5),
    Column(key="word", heading="Word", kind="text", priority=6),
    *for_programs(
        "scope transfer_id fee_amount fee_asset tx_id symbol vanished_at reference"
        " provenance file line"
    ),
)
_PRICES = (
    Column(key="account", heading="Account"),
    Column(key="symbol", heading="Symbol", kind="code"),
    Column(key="value", heading="Price", kind="price"),
    Column(key="basis", heading="Basis", priority=3),
    Column(key="bid", heading="Bid", kind="price", priority=2),
    Column(key="ask", heading="Ask", kind="price", priority=2),
    Column(key="change_24h", heading="24 h", kind="percent", priority=1),
    Column(key="age_seconds", heading="Age", kind="age"),
    *for_programs("last mark open_24h category base quote fetched_at as_of"),
)


#: By the key of a record: since when its exchange no longer serves it.
Vanished = Mapping[tuple[str, ...], datetime]


def _marking(
    columns: tuple[Column, ...], rows: Sequence[Mapping[str, object]]
) -> tuple[Column, ...]:
    """The columns; where a row is no longer served, people see since when."""
    if all(row.get("vanished_at") is None for row in rows):
        return columns
    marked = Column(key="vanished_at", heading="No longer served", kind="time")
    return (*(column for column in columns if column.key != "vanished_at"), marked)


#: By the key of a record that no API served: its origin, its file and its line there.
Origins = Mapping[tuple[str, ...], tuple[str, str, int]]
_SERVED = ("api", None, None)


def _origin(origins: Origins) -> dict[str, Callable[[Any], object]]:
    """The columns that say where a row comes from."""
    return {
        "provenance": lambda record: origins.get(record.key, _SERVED)[0],
        "file": lambda record: origins.get(record.key, _SERVED)[1],
        "line": lambda record: origins.get(record.key, _SERVED)[2],
    }


def fees_text(fees: Iterable[Fee]) -> str:
    """``0.0005 BTC + 0.1 BNB``; empty without fees."""
    return " + ".join(f"{to_text(fee.amount)} {fee.asset}" for fee in fees)


def fills_listing(
    records: Iterable[Fill],
    now: datetime,
    vanished: Vanished = MappingProxyType({}),
    origins: Origins = MappingProxyType({}),
) -> Listing:
    """Fills in the given order."""
    return _listing(
        "fill",
        records,
        _FILLS,
        now,
        fee=lambda fill: fees_text(fill.fees) if fill.fees_known else None,
        fees=lambda fill: tuple({"asset": fee.asset, "amount": fee.amount} for fee in fill.fees),
        vanished_at=lambda fill: vanished.get(fill.key),
        **_origin(origins),
    )


def orders_listing(
    records: Iterable[Order],
    now: datetime,
    vanished: Vanished = MappingProxyType({}),
    origins: Origins = MappingProxyType({}),
) -> Listing:
    """Open and closed orders."""
    return _listing(
        "order",
        records,
        _ORDERS,
        now,
        vanished_at=lambda order: vanished.get(order.key),
        **_origin(origins),
    )


def balances_listing(records: Iterable[Balance], now: datetime) -> Listing:
    """The balances of every wallet; their codes always where one wallet has two of an asset."""
    listing = _aged("balance", records, _BALANCES, now)
    places = Counter((row["account"], row["wallet"], row["asset"]) for row in listing.rows)
    if all(number == 1 for number in places.values()):
        return listing
    columns = (
        replace(column, priority=0) if column.key == "code" else column
        for column in listing.columns
    )
    return replace(listing, columns=tuple(columns))


def positions_listing(records: Iterable[Position], now: datetime) -> Listing:
    """Open derivative positions with the figures of the exchange."""
    listing = _aged("position", records, _POSITIONS, now)
    return replace(listing, empty="No open positions.")


def transfers_listing(
    records: Iterable[Transfer],
    now: datetime,
    vanished: Vanished = MappingProxyType({}),
    origins: Origins = MappingProxyType({}),
) -> Listing:
    """Deposits, withdrawals, internal moves and income."""
    return _listing(
        "transfer",
        records,
        _TRANSFERS,
        now,
        fee=lambda transfer: fees_text([transfer.fee]) if transfer.fee else "",
        fee_amount=lambda transfer: transfer.fee.amount if transfer.fee else None,
        fee_asset=lambda transfer: transfer.fee.asset if transfer.fee else None,
        vanished_at=lambda transfer: vanished.get(transfer.key),
        **_origin(origins),
    )


def prices_listing(records: Iterable[Price], now: datetime) -> Listing:
    """Prices as each account's exchange reports them."""
    return _aged("price", records, _PRICES, now, change_24h=_change)


def _listing(
    noun: str,
    records: Iterable[Any],
    columns: tuple[Column, ...],
    now: datetime,
    **computed: Callable[[Any], object],
) -> Listing:
    rows = rows_of(records, columns, **computed)
    return Listing(
        title=words.count(len(rows), noun),
        columns=_marking(columns, rows),
        rows=rows,
        as_of=now,
        empty=f"No {noun}s.",
    )


def _aged(
    noun: str,
    records: Iterable[Any],
    columns: tuple[Column, ...],
    now: datetime,
    **computed: Callable[[Any], object],
) -> Listing:
    """A list of fetched records with the age of each, and that of the oldest in its title."""
    held = tuple(records)
    listing = _listing(
        noun, held, columns, now, age_seconds=lambda record: now - record.fetched_at, **computed
    )
    return replace(listing, oldest=min((record.fetched_at for record in held), default=None))


def _change(record: Price) -> Decimal | None:
    if record.value is None or not record.open_24h:
        return None
    return EXACT.divide(record.value, record.open_24h) - 1

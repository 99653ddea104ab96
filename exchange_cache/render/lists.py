"""The lists of the cache as :class:`Listing` values.

A table of columns is the one place where a list's keys stand: the names that programs see, which
are those of the record's fields, what people read above them, and what a narrow terminal drops
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from exchange_cache.money import EXACT, to_text
from exchange_cache.records import Balance, Fee, Fill, Order, Position, Price, Transfer
from exchange_cache.render import words
from exchange_cache.render.listing import Column, Listing, for_programs, rows_of

_NOT_SYNCED = "Nothing is cached for this. Fetch it: excache sync"

_FILLS = (
    Column(key="time", heading="Time", kind="time"),
    Column(key="account", heading="Account", priority=2),
    Column(key="symbol", heading="Symbol", kind="code"),
    Column(key="side", heading="Side", kind="state"),
    Column(key="quantity", heading="Quantity", kind="decimal"),
    Column(key="price", heading="Price", kind="price"),
    Column(key="cost", heading="Cost", kind="decimal", priority=3),
    Column(key="quote", heading="Quote", priority=4),
    Column(key="fee", heading="Fee", priority=1),
    Column(key="realised_pnl", heading="Realised PnL", kind="signed", priority=6),
    Column(key="kind", heading="Kind", priority=5),
    Column(key="liquidity", heading="Liquidity", priority=7),
    Column(key="category", heading="Category", priority=8),
    *for_programs(
        "fill_id order_id base settle contracts contract_size fees fees_known vanished_at"
    ),
)
_ORDERS = (
    Column(key="created_at", heading="Created", kind="time"),
    Column(key="account", heading="Account", priority=2),
    Column(key="symbol", heading="Symbol", kind="code"),
    Column(key="side", heading="Side", kind="state"),
    Column(key="type", heading="Type", priority=3),
    Column(key="status", heading="Status", kind="state"),
    Column(key="amount", heading="Amount", kind="decimal"),
    Column(key="filled", heading="Filled", kind="decimal", priority=1),
    Column(key="price", heading="Price", kind="price"),
    Column(key="average", heading="Average", kind="price", priority=4),
    Column(key="cost", heading="Cost", kind="decimal", priority=5),
    *for_programs(
        "quote order_id client_order_id updated_at category base reduce_only fetched_at vanished_at"
    ),
)
_BALANCES = (
    Column(key="account", heading="Account"),
    Column(key="wallet", heading="Wallet"),
    Column(key="asset", heading="Asset", kind="code"),
    Column(key="code", heading="Code", kind="code", priority=4),
    Column(key="free", heading="Free", kind="decimal", priority=3),
    Column(key="used", heading="Used", kind="decimal", priority=2),
    Column(key="total", heading="Total", kind="decimal"),
    Column(key="debt", heading="Debt", kind="decimal", priority=1),
    Column(key="earn", heading="Earn", kind="flag", priority=5),
    Column(key="age_seconds", heading="Age", kind="age"),
    *for_programs("includes_unrealised fetched_at as_of"),
)
_POSITIONS = (
    Column(key="account", heading="Account", priority=2),
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
    Column(key="account", heading="Account", priority=1),
    Column(key="kind", heading="Kind"),
    Column(key="asset", heading="Asset", kind="code"),
    Column(key="quantity", heading="Quantity", kind="decimal"),
    Column(key="fee", heading="Fee", priority=4),
    Column(key="status", heading="Status", kind="state"),
    Column(key="from_wallet", heading="From", priority=2),
    Column(key="to_wallet", heading="To", priority=3),
    Column(key="network", heading="Network", priority=5),
    *for_programs("scope transfer_id fee_amount fee_asset tx_id symbol vanished_at"),
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


#: By the key of a record: since when its exchange does not serve it any more.
Vanished = Mapping[tuple[str, ...], datetime]


def _marking(
    columns: tuple[Column, ...], rows: Sequence[Mapping[str, object]]
) -> tuple[Column, ...]:
    """The columns, and for people since when rows are not served any more, where there are such."""
    if all(row["vanished_at"] is None for row in rows):
        return columns
    marked = Column(key="vanished_at", heading="No longer served", kind="time")
    return (*(column for column in columns if column.key != "vanished_at"), marked)


def fees_text(fees: Iterable[Fee]) -> str:
    """``0.0005 BTC + 0.1 BNB``, empty without fees."""
    return " + ".join(f"{to_text(fee.amount)} {fee.asset}" for fee in fees)


def fills_listing(
    records: Iterable[Fill], now: datetime, vanished: Vanished = MappingProxyType({})
) -> Listing:
    """Executed parts of orders, in the given order."""
    rows = rows_of(
        records,
        _FILLS,
        fee=lambda fill: fees_text(fill.fees) if fill.fees_known else None,
        fees=lambda fill: tuple({"asset": fee.asset, "amount": fee.amount} for fee in fill.fees),
        vanished_at=lambda fill: vanished.get(fill.key),
    )
    return Listing(
        title=words.count(len(rows), "fill"),
        columns=_marking(_FILLS, rows),
        rows=rows,
        as_of=now,
        empty=f"No fills. {_NOT_SYNCED}",
    )


def orders_listing(
    records: Iterable[Order], now: datetime, vanished: Vanished = MappingProxyType({})
) -> Listing:
    """Orders, open or done."""
    rows = rows_of(records, _ORDERS, vanished_at=lambda order: vanished.get(order.key))
    return Listing(
        title=words.count(len(rows), "order"),
        columns=_marking(_ORDERS, rows),
        rows=rows,
        as_of=now,
        empty=f"No orders. {_NOT_SYNCED}",
    )


def balances_listing(records: Iterable[Balance], now: datetime) -> Listing:
    """What lies in every wallet."""
    held = tuple(records)
    rows = rows_of(held, _BALANCES, age_seconds=lambda balance: now - balance.fetched_at)
    return Listing(
        title=words.count(len(rows), "balance"),
        columns=_BALANCES,
        rows=rows,
        as_of=now,
        oldest=_oldest(held),
        empty=f"No balances. {_NOT_SYNCED}",
    )


def positions_listing(records: Iterable[Position], now: datetime) -> Listing:
    """Open derivative positions with the exchange's own figures."""
    held = tuple(records)
    rows = rows_of(held, _POSITIONS, age_seconds=lambda position: now - position.fetched_at)
    return Listing(
        title=words.count(len(rows), "position"),
        columns=_POSITIONS,
        rows=rows,
        as_of=now,
        oldest=_oldest(held),
        empty="No open positions.",
    )


def transfers_listing(
    records: Iterable[Transfer], now: datetime, vanished: Vanished = MappingProxyType({})
) -> Listing:
    """Deposits, withdrawals, internal moves and income."""
    rows = rows_of(
        records,
        _TRANSFERS,
        fee=lambda transfer: fees_text([transfer.fee]) if transfer.fee else "",
        fee_amount=lambda transfer: transfer.fee.amount if transfer.fee else None,
        fee_asset=lambda transfer: transfer.fee.asset if transfer.fee else None,
        vanished_at=lambda transfer: vanished.get(transfer.key),
    )
    return Listing(
        title=words.count(len(rows), "transfer"),
        columns=_marking(_TRANSFERS, rows),
        rows=rows,
        as_of=now,
        empty=f"No transfers. {_NOT_SYNCED}",
    )


def prices_listing(records: Iterable[Price], now: datetime) -> Listing:
    """Prices as each account's exchange shows them."""
    held = tuple(records)
    rows = rows_of(
        held, _PRICES, change_24h=_change, age_seconds=lambda price: now - price.fetched_at
    )
    return Listing(
        title=words.count(len(rows), "price"),
        columns=_PRICES,
        rows=rows,
        as_of=now,
        oldest=_oldest(held),
        empty=f"No prices. {_NOT_SYNCED}",
    )


def _change(record: Price) -> Decimal | None:
    if record.value is None or not record.open_24h:
        return None
    return EXACT.divide(record.value, record.open_24h) - 1


def _oldest(records: Sequence[Balance] | Sequence[Position] | Sequence[Price]) -> datetime | None:
    return min((record.fetched_at for record in records), default=None)

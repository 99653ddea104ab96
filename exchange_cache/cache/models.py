"""The tables. Two kinds: mirrors are replaced whole per account and part, ledgers are upserted by
natural key and never dropped.

Numbers of money are canonical decimal text (``money.to_text``): SQLite's NUMERIC would pass
them through REAL. Times are integer milliseconds UTC, named ``*_ms``. Every natural key begins with
the account, so two accounts at one exchange never meet. The models are unbound: each query is
executed on an explicit database. Their DDL is in ``migrations``; a test holds them equal.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    BigIntegerField,
    BooleanField,
    CompositeKey,
    Field,
    IntegerField,
    Model,
    TextField,
)

from exchange_cache.cache.codec import Codec
from exchange_cache.records import Balance, Fill, Order, Position, Price, Transfer

_FIELDS: dict[str, type[Field]] = {
    "text": TextField,
    "integer": BigIntegerField,
    "flag": BooleanField,
}


def table(name: str, codec: Codec[Any], *, key: tuple[str, ...]) -> Any:
    """The model of the table that holds the records of a codec."""
    columns = {column.name: _FIELDS[column.type](null=column.null) for column in codec.columns}
    meta = type("Meta", (), {"table_name": name, "primary_key": CompositeKey(*key)})
    return type(f"{codec.record.__name__}Row", (Model,), {**columns, "Meta": meta})


def selected(model: Any, codec: Codec[Any]) -> Any:
    """The columns of a table that ``codec.decode`` takes, in its order."""
    return model.select(*(getattr(model, name) for name in codec.names))


class SyncStatusRow(Model):
    """Freshness: last attempt, last success, last error of one account x data type x part ('' is
    the whole data type)."""

    account = TextField()
    data_type = TextField()
    part = TextField()
    attempted_ms = BigIntegerField(null=True)
    succeeded_ms = BigIntegerField(null=True)
    state = TextField()
    error_code = TextField(null=True)
    error = TextField(null=True)
    failures = IntegerField(default=0)
    duration_ms = BigIntegerField(null=True)
    rows = BigIntegerField(default=0)

    class Meta:
        table_name = "exchange_sync_status"
        primary_key = CompositeKey("account", "data_type", "part")


#: Mirror per account and wallet. The key holds the exchange's code: LDBTC and BTC are two rows of
#: one asset. ``told_averages`` (JSON) is what the exchange itself says that the units cost: no
#: figure of ours, and kept beside the balance because one answer tells both.
BALANCES = Codec(Balance, added=frozenset({"told_averages"}))
BalanceRow = table("exchange_balances", BALANCES, key=("account", "wallet", "code"))


#: Mirror per account and part. Hedge mode has a long and a short row per symbol, so the side is in
#: the key.
POSITIONS = Codec(Position, extra={"part": "text"})
PositionRow = table("exchange_positions", POSITIONS, key=("account", "category", "symbol", "side"))


#: Ledger of orders; the open ones among them mirror the open list. Ids are unique only per symbol
#: at some exchanges.
ORDERS = Codec(Order, extra={"seen_ms": "integer"})
OrderRow = table("exchange_orders", ORDERS, key=("account", "category", "symbol", "order_id"))


#: Ledger of fills: the truth of cost. Never keyed by time and amount: two fills may be equal in
#: both and still be two.
FILLS = Codec(Fill, extra={"seen_ms": "integer"})
FillRow = table("exchange_fills", FILLS, key=("account", "category", "symbol", "fill_id"))


#: Ledger of deposits, withdrawals, internal moves and income. Ids are unique within the stream
#: (scope) they came from.
TRANSFERS = Codec(Transfer, extra={"seen_ms": "integer"})
TransferRow = table("exchange_transfers", TRANSFERS, key=("account", "scope", "transfer_id"))


#: Mirror of tickers per account and category, as the account's own exchange shows them.
PRICES = Codec(Price)
PriceRow = table("exchange_prices", PRICES, key=("account", "symbol"))


class CoverageRow(Model):
    """Which time ranges of a stream are stored: half-open, merged; a range is here only when each
    of its pages succeeded."""

    account = TextField()
    data_type = TextField()
    scope = TextField()
    symbol = TextField()
    start_ms = BigIntegerField()
    end_ms = BigIntegerField()

    class Meta:
        table_name = "exchange_coverage"
        primary_key = CompositeKey("account", "data_type", "scope", "symbol", "start_ms")


class StreamRow(Model):
    """Where the walk of a stream stands: an open window with its cursor, the last id, and what the
    exchange no longer serves."""

    account = TextField()
    data_type = TextField()
    scope = TextField()
    symbol = TextField()
    open_start_ms = BigIntegerField(null=True)
    open_end_ms = BigIntegerField(null=True)
    cursor = TextField(null=True)
    last_id = TextField(null=True)
    floor_ms = BigIntegerField(null=True)
    history_start_ms = BigIntegerField(null=True)
    asked_ms = BigIntegerField(null=True)
    completed_ms = BigIntegerField(null=True)
    rows = BigIntegerField(default=0)
    state = TextField(default="ok")
    error = TextField(null=True)
    source = TextField(null=True)

    class Meta:
        table_name = "exchange_streams"
        primary_key = CompositeKey("account", "data_type", "scope", "symbol")


class MemoryRow(Model):
    """What a fresh process would have to download or forget: markets, account modes, clock offset,
    rate-limit state (JSON)."""

    account = TextField()
    key = TextField()
    value = TextField()
    updated_ms = BigIntegerField()

    class Meta:
        table_name = "exchange_memory"
        primary_key = CompositeKey("account", "key")


class RateRow(Model):
    """Historical price of one asset in the reporting asset at one candle, with its route; kept.

    Without a value it is needed for cost, and no market serves it so far (see ``RateMissRow``).
    """

    asset = TextField()
    quote = TextField()
    at_ms = BigIntegerField()
    resolution_s = IntegerField()
    value = TextField(null=True)
    route = TextField()
    fetched_ms = BigIntegerField()

    class Meta:
        table_name = "asset_rates"
        primary_key = CompositeKey("asset", "quote", "at_ms")


class RateMissRow(Model):
    """A market that had no candle when it was asked: a fact about this market and about no other.

    The exchange is in the key because a name may be given to an account at another exchange later.

    Misses of an earlier schema, which named no source, have the account ''; they bind nobody.
    """

    account = TextField()
    exchange = TextField()
    symbol = TextField()
    resolution_s = IntegerField()
    at_ms = BigIntegerField()
    asked_ms = BigIntegerField()

    class Meta:
        table_name = "asset_rate_misses"
        primary_key = CompositeKey("account", "exchange", "symbol", "resolution_s", "at_ms")


class BasisRow(Model):
    """Derived after each sync, so that reading never walks the history: cost per asset, per account
    and pooled ('').

    The figures people query stand in columns, the rest of ``cost.averages.AssetBasis`` in
    ``details`` (JSON).
    """

    account = TextField()
    asset = TextField()
    method = TextField()
    reporting_asset = TextField()
    quantity = TextField()
    explained_quantity = TextField()
    unknown_quantity = TextField()
    cost = TextField(null=True)
    average = TextField(null=True)
    realised_pnl = TextField(null=True)
    details = TextField()
    computed_ms = BigIntegerField()

    class Meta:
        table_name = "exchange_cost_basis"
        primary_key = CompositeKey("account", "asset", "method", "reporting_asset")


class StatedBasisRow(Model):
    """What the user says a deposit cost, where no fill explains it; kept, listed and undoable."""

    id = IntegerField(primary_key=True)
    account = TextField()
    asset = TextField()
    quantity = TextField()
    price = TextField()
    quote = TextField()
    at_ms = BigIntegerField()
    note = TextField(null=True)
    stated_ms = BigIntegerField()

    class Meta:
        table_name = "stated_basis"


class FindingRow(Model):
    """What the last sync found wrong or missing, one row per cause and place, replaced whole per
    account."""

    account = TextField()
    code = TextField()
    scope = TextField()
    asset = TextField()
    message = TextField()
    hint = TextField(null=True)
    since_ms = BigIntegerField()

    class Meta:
        table_name = "exchange_findings"
        primary_key = CompositeKey("account", "code", "scope", "asset")


class AcceptedRow(Model):
    """A finding that the user accepts, with the reason and the end. ``statement`` is what the
    finding said without its passing figures, and part of the key: a finding that says something
    else is another one, and is not accepted.
    """

    account = TextField()
    code = TextField()
    asset = TextField()
    statement = TextField()
    reason = TextField()
    accepted_ms = BigIntegerField()
    until_ms = BigIntegerField()

    class Meta:
        table_name = "accepted_findings"
        primary_key = CompositeKey("account", "code", "asset", "statement")


class SnapshotRow(Model):
    """Net worth after each sync, append-only; ``details`` is JSON and says what was stale or
    unpriced then."""

    id = IntegerField(primary_key=True)
    taken_ms = BigIntegerField()
    reporting_asset = TextField()
    value = TextField()
    stale_value = TextField()
    details = TextField()

    class Meta:
        table_name = "portfolio_snapshots"


class RunRow(Model):
    """One run of a writer: who, since when, how far, how it ended."""

    id = IntegerField(primary_key=True)
    pid = IntegerField()
    command = TextField()
    started_ms = BigIntegerField()
    ended_ms = BigIntegerField(null=True)
    outcome = TextField(null=True)
    doing = TextField(null=True)
    requests = BigIntegerField(default=0)
    rows = BigIntegerField(default=0)

    class Meta:
        table_name = "sync_runs"


class ReadRow(Model):
    """One answered read: hit, stale, miss or bypass, and how long it took; trimmed to the newest
    rows."""

    id = IntegerField(primary_key=True)
    at_ms = BigIntegerField()
    command = TextField()
    outcome = TextField()
    duration_us = BigIntegerField()

    class Meta:
        table_name = "cache_reads"


MODELS: tuple[type[Model], ...] = (
    SyncStatusRow,
    BalanceRow,
    PositionRow,
    OrderRow,
    FillRow,
    TransferRow,
    PriceRow,
    CoverageRow,
    StreamRow,
    MemoryRow,
    RateRow,
    RateMissRow,
    BasisRow,
    StatedBasisRow,
    FindingRow,
    AcceptedRow,
    SnapshotRow,
    RunRow,
    ReadRow,
)

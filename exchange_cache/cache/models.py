"""The tables. Two kinds: mirrors are replaced whole per account and part, ledgers are upserted by
natural key and never dropped.

Numbers of money are canonical decimal text (``money.to_text``): SQLite's NUMERIC would pass
them through REAL. Times are integer milliseconds UTC, named ``*_ms``. Every natural key begins with
the account, so two accounts at one exchange never meet. The models are unbound: each query is
executed on an explicit database. Their DDL is in ``migrations``; a test holds them equal.
"""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CompositeKey, IntegerField, Model, TextField


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


class BalanceRow(Model):
    """Mirror per account and wallet. The key holds the exchange's code: LDBTC and BTC are two rows
    of one asset.

    ``told_averages`` (JSON) is what the exchange itself says that the units cost: no figure of
    ours, and kept beside the balance because one answer tells both.
    """

    account = TextField()
    wallet = TextField()
    code = TextField()
    asset = TextField()
    free = TextField(null=True)
    used = TextField(null=True)
    total = TextField()
    debt = TextField(null=True)
    earn = BooleanField(default=False)
    includes_unrealised = BooleanField(default=False)
    fetched_ms = BigIntegerField()
    as_of_ms = BigIntegerField(null=True)
    told_averages = TextField(null=True)

    class Meta:
        table_name = "exchange_balances"
        primary_key = CompositeKey("account", "wallet", "code")


class PositionRow(Model):
    """Mirror per account and part. Hedge mode has a long and a short row per symbol, so the side is
    in the key."""

    account = TextField()
    category = TextField()
    symbol = TextField()
    side = TextField()
    part = TextField()
    wallet = TextField()
    contracts = TextField()
    contract_size = TextField()
    base_quantity = TextField(null=True)
    entry_price = TextField(null=True)
    mark_price = TextField(null=True)
    notional = TextField(null=True)
    unrealised_pnl = TextField(null=True)
    settle_asset = TextField()
    leverage = TextField(null=True)
    liquidation_price = TextField(null=True)
    margin = TextField(null=True)
    margin_mode = TextField(null=True)
    fetched_ms = BigIntegerField()
    as_of_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "exchange_positions"
        primary_key = CompositeKey("account", "category", "symbol", "side")


class OrderRow(Model):
    """Ledger of orders; the open ones among them mirror the open list. Ids are unique only per
    symbol at some exchanges."""

    account = TextField()
    category = TextField()
    symbol = TextField()
    order_id = TextField()
    client_order_id = TextField(null=True)
    created_ms = BigIntegerField()
    updated_ms = BigIntegerField(null=True)
    side = TextField()
    type = TextField(null=True)
    status = TextField()
    base = TextField()
    quote = TextField()
    price = TextField(null=True)
    average = TextField(null=True)
    amount = TextField(null=True)
    filled = TextField(null=True)
    cost = TextField(null=True)
    reduce_only = BooleanField(null=True)
    fetched_ms = BigIntegerField()
    seen_ms = BigIntegerField()

    class Meta:
        table_name = "exchange_orders"
        primary_key = CompositeKey("account", "category", "symbol", "order_id")


class FillRow(Model):
    """Ledger of fills: the truth of cost. Never keyed by time and amount: two fills may be equal in
    both and still be two."""

    account = TextField()
    category = TextField()
    symbol = TextField()
    fill_id = TextField()
    order_id = TextField(null=True)
    time_ms = BigIntegerField()
    side = TextField()
    base = TextField()
    quote = TextField()
    quantity = TextField()
    price = TextField()
    cost = TextField()
    fees = TextField()
    fees_known = BooleanField()
    kind = TextField()
    liquidity = TextField(null=True)
    settle = TextField(null=True)
    contracts = TextField(null=True)
    contract_size = TextField(null=True)
    realised_pnl = TextField(null=True)
    seen_ms = BigIntegerField()

    class Meta:
        table_name = "exchange_fills"
        primary_key = CompositeKey("account", "category", "symbol", "fill_id")


class TransferRow(Model):
    """Ledger of deposits, withdrawals, internal moves and income. Ids are unique within the stream
    (scope) they came from."""

    account = TextField()
    scope = TextField()
    transfer_id = TextField()
    kind = TextField()
    time_ms = BigIntegerField()
    asset = TextField()
    quantity = TextField()
    fee_asset = TextField(null=True)
    fee = TextField(null=True)
    status = TextField()
    tx_id = TextField(null=True)
    network = TextField(null=True)
    from_wallet = TextField(null=True)
    to_wallet = TextField(null=True)
    symbol = TextField(null=True)
    seen_ms = BigIntegerField()

    class Meta:
        table_name = "exchange_transfers"
        primary_key = CompositeKey("account", "scope", "transfer_id")


class PriceRow(Model):
    """Mirror of tickers per account and category, as the account's own exchange shows them."""

    account = TextField()
    symbol = TextField()
    category = TextField()
    base = TextField()
    quote = TextField()
    last = TextField(null=True)
    bid = TextField(null=True)
    ask = TextField(null=True)
    mark = TextField(null=True)
    open_24h = TextField(null=True)
    fetched_ms = BigIntegerField()
    as_of_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "exchange_prices"
        primary_key = CompositeKey("account", "symbol")


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

"""The tables, of two kinds: mirrors are replaced as a whole per account and part, ledgers are
upserted by natural key and never dropped.

Amounts are canonical decimal text (``money.to_text``): SQLite's NUMERIC would convert them to REAL.
Times are integer milliseconds UTC, named ``*_ms``. Every natural key begins with the account, so
two accounts at one exchange never mix. The models are unbound: each query runs on an explicit
database. Their DDL is in ``migrations``; a test compares the two.
"""

from __future__ import annotations

from exchange_cache.cache.basis_rows import DETAILS
from exchange_cache.cache.codec import Codec
from exchange_cache.cache.codecs import (
    BALANCES as BALANCES,
    ORDERS as ORDERS,
    POSITIONS as POSITIONS,
    PRICES as PRICES,
)
from exchange_cache.cache.orm import BigIntegerField, CompositeKey, Model, TextField
from exchange_cache.cache.status_codec import STATUSES as STATUSES
from exchange_cache.cache.stored import (
    PriceRange,
    RateMiss,
    Read,
    Snapshot,
    StatedCost,
    StoredRate,
)
from exchange_cache.cache.stored_codecs import (
    ACCEPTED as ACCEPTED,
    FINDINGS as FINDINGS,
    RUNS as RUNS,
)
from exchange_cache.cache.table import table
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.value.reading import Holding

#: Freshness: last attempt, last success and last error per account x data type x part ('' is the
#: whole data type).
SyncStatusRow = table(
    "exchange_sync_status", STATUSES, key=("account", "data_type", "part"), small=("failures",)
)


#: Mirror per account and wallet. The key holds the exchange's code: LDBTC and BTC are two rows of
#: one asset. ``told_averages`` (JSON) are the average costs that the exchange itself reports; they
#: are stored with the balance because one answer contains both.
BalanceRow = table("exchange_balances", BALANCES, key=("account", "wallet", "code"))


#: Mirror per account and part. Hedge mode has a long and a short row per symbol, so the key holds
#: the side.
PositionRow = table("exchange_positions", POSITIONS, key=("account", "category", "symbol", "side"))


#: Ledger of orders; the open ones mirror the open list. At some exchanges ids are unique only per
#: symbol.
OrderRow = table("exchange_orders", ORDERS, key=("account", "category", "symbol", "order_id"))


#: Mirror of tickers per account and category, as the account's own exchange reports them.
PriceRow = table("exchange_prices", PRICES, key=("account", "symbol"))


class MemoryRow(Model):
    """What a new process would otherwise have to download: markets, account modes, clock offset,
    rate-limit state (JSON)."""

    account = TextField()
    key = TextField()
    value = TextField()
    updated_ms = BigIntegerField()

    class Meta:
        table_name = "exchange_memory"
        primary_key = CompositeKey("account", "key")


#: Historical price of one asset in the reporting asset at one candle, with its route. A NULL value:
#: a cost needs it, but no market serves it so far (see ``RateMissRow``).
RATES = Codec(StoredRate, extra={"fetched_ms": "integer"})
RateRow = table("asset_rates", RATES, key=("asset", "quote", "at_ms"), small=("resolution_s",))


#: The lowest and highest price of some days in which units of unknown cost came.
RANGES = Codec(PriceRange, extra={"fetched_ms": "integer"})
RangeRow = table("asset_price_ranges", RANGES, key=("asset", "quote", "since_ms", "until_ms"))


#: A market that had no candle when it was requested; this proves nothing about other markets. The
#: key holds the exchange because an account's name may be reused at another exchange. Misses of an
#: earlier schema, which named no source, have the account '' and block no request.
RATE_MISSES = Codec(RateMiss, extra={"asked_ms": "integer"})
RateMissRow = table(
    "asset_rate_misses",
    RATE_MISSES,
    key=("account", "exchange", "symbol", "resolution_s", "at_ms"),
    small=("resolution_s",),
)


#: Derived after each sync, so that reading never walks the history: cost per asset, per account and
#: pooled (''). Columns hold the figures that people query, ``details`` the rest of ``AssetBasis``
#: (JSON, see ``basis_rows``).
BASES = Codec(
    AssetBasis,
    extra={
        "account": "text",
        "reporting_asset": "text",
        "details": "text",
        "computed_ms": "integer",
    },
    nullable=("cost",),
    renamed={"average_entry_price": "average"},
    apart=("account", *DETAILS),
)
BasisRow = table(
    "exchange_cost_basis", BASES, key=("account", "asset", "method", "reporting_asset")
)


#: What a deposit cost, as the user states, where no fill explains it.
STATED_COSTS = Codec(StatedCost, extra={"stated_ms": "integer"}, numbered=True)
StatedBasisRow = table("stated_basis", STATED_COSTS, key=("id",))


#: What the last sync found wrong or missing, one row per cause and place; replaced as a whole.
FindingRow = table("exchange_findings", FINDINGS, key=("account", "code", "scope", "asset"))


#: A finding that the user accepts, with a reason and an end. ``statement`` is its text without the
#: changing figures. It is part of the key: a finding with another statement is not accepted.
AcceptedRow = table("accepted_findings", ACCEPTED, key=("account", "code", "asset", "statement"))


#: Net worth after each sync, thinned with age. ``packed`` are the details, compressed; rows of
#: earlier versions have ``details`` (JSON) and neither ``packed`` nor ``gaps``. ``gaps`` (JSON)
#: names what was missing, failed or stale.
SNAPSHOTS = Codec(
    Snapshot,
    extra={"details": "text", "packed": "blob", "gaps": "text"},
    nullable=("packed", "gaps"),
    apart=("details",),
    numbered=True,
)
SnapshotRow = table("portfolio_snapshots", SNAPSHOTS, key=("id",))


#: What the newest snapshot shows of each asset, for the view ``v1_holdings``; replaced as a whole.
HOLDINGS = Codec(
    Holding,
    extra={"reporting_asset": "text", "taken_ms": "integer"},
    apart=("price_route", "unknown_reasons", "account_averages", "wallets", "own_prices"),
)
HoldingRow = table("portfolio_holdings", HOLDINGS, key=("asset",))


#: One run of a writer: process, start, progress and outcome.
RunRow = table("sync_runs", RUNS, key=("id",), small=("pid",))


class PreparedRow(Model):
    """An answer of ``portfolio`` for a span of time (see ``prepared``)."""

    scope = TextField()
    from_us = BigIntegerField()
    until_us = BigIntegerField(null=True)
    made_for = TextField()
    head = TextField()
    data_before = TextField()
    data_holdings = TextField()
    data_after = TextField()
    orders = TextField()
    data_groups = TextField()
    screen = TextField()
    places = TextField()

    class Meta:
        table_name = "prepared_readings"
        primary_key = CompositeKey("scope", "from_us")


#: One answered read: hit, stale, miss or bypass, and its duration; only the newest rows are kept.
READS = Codec(Read)
ReadRow = table("cache_reads", READS, key=("id",))

"""The tables. Two kinds: mirrors are replaced whole per account and part, ledgers are upserted by
natural key and never dropped.

Numbers of money are canonical decimal text (``money.to_text``): SQLite's NUMERIC would pass
them through REAL. Times are integer milliseconds UTC, named ``*_ms``. Every natural key begins with
the account, so two accounts at one exchange never meet. The models are unbound: each query is
executed on an explicit database. Their DDL is in ``migrations``; a test holds them equal.
"""

from __future__ import annotations

from peewee import BigIntegerField, CompositeKey, Model, TextField

from exchange_cache.cache.basis_rows import DETAILS
from exchange_cache.cache.codec import Codec
from exchange_cache.cache.stored import (
    RateMiss,
    Read,
    Run,
    Snapshot,
    StatedCost,
    StoredFinding,
    StoredRate,
)
from exchange_cache.cache.table import table
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.findings import AcceptedFinding
from exchange_cache.records import Balance, Order, Position, Price
from exchange_cache.value.freshness import SyncStatus

#: Freshness: last attempt, last success, last error of one account x data type x part ('' is the
#: whole data type).
STATUSES = Codec(SyncStatus)
SyncStatusRow = table(
    "exchange_sync_status", STATUSES, key=("account", "data_type", "part"), small=("failures",)
)


#: Mirror per account and wallet. The key holds the exchange's code: LDBTC and BTC are two rows of
#: one asset. ``told_averages`` (JSON) is what the exchange itself reports that the units cost: no
#: figure of ours, and kept beside the balance because one answer states both.
BALANCES = Codec(Balance, nullable=("told_averages",))
BalanceRow = table("exchange_balances", BALANCES, key=("account", "wallet", "code"))


#: Mirror per account and part. Hedge mode has a long and a short row per symbol, so the side is in
#: the key.
POSITIONS = Codec(Position, extra={"part": "text"})
PositionRow = table("exchange_positions", POSITIONS, key=("account", "category", "symbol", "side"))


#: Ledger of orders; the open ones among them mirror the open list. Ids are unique only per symbol
#: at some exchanges.
ORDERS = Codec(Order, extra={"seen_ms": "integer", "served_by": "text"}, nullable=("served_by",))
OrderRow = table("exchange_orders", ORDERS, key=("account", "category", "symbol", "order_id"))


#: Mirror of tickers per account and category, as the account's own exchange shows them.
PRICES = Codec(Price)
PriceRow = table("exchange_prices", PRICES, key=("account", "symbol"))


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


#: Historical price of one asset in the reporting asset at one candle, with its route; kept. Without
#: a value it is needed for cost, and no market serves it so far (see ``RateMissRow``).
RATES = Codec(StoredRate, extra={"fetched_ms": "integer"})
RateRow = table("asset_rates", RATES, key=("asset", "quote", "at_ms"), small=("resolution_s",))


#: A market that had no candle when it was asked: a fact about this market and about no other. The
#: exchange is in the key because a name may be given to an account at another exchange later.
#: Misses of an earlier schema, which named no source, have the account ''; they bind nobody.
RATE_MISSES = Codec(RateMiss, extra={"asked_ms": "integer"})
RateMissRow = table(
    "asset_rate_misses",
    RATE_MISSES,
    key=("account", "exchange", "symbol", "resolution_s", "at_ms"),
    small=("resolution_s",),
)


#: Derived after each sync, so that reading never walks the history: cost per asset, per account and
#: pooled (''). The figures people query stand in columns, the rest of ``AssetBasis`` in ``details``
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


#: What the user says a deposit cost, where no fill explains it; kept, listed and undoable.
STATED_COSTS = Codec(StatedCost, extra={"stated_ms": "integer"}, numbered=True)
StatedBasisRow = table("stated_basis", STATED_COSTS, key=("id",))


#: What the last sync found wrong or missing, one row per cause and place; replaced whole.
FINDINGS = Codec(StoredFinding)
FindingRow = table("exchange_findings", FINDINGS, key=("account", "code", "scope", "asset"))


#: A finding that the user accepts, with the reason and the end. ``statement`` is what the finding
#: said without its passing figures, and part of the key: a finding that says something else is
#: another one, and is not accepted.
ACCEPTED = Codec(AcceptedFinding, renamed={"at_ms": "accepted_ms"})
AcceptedRow = table("accepted_findings", ACCEPTED, key=("account", "code", "asset", "statement"))


#: Net worth after each sync, append-only; ``details`` is JSON and states what was stale or unpriced
#: then.
SNAPSHOTS = Codec(Snapshot, numbered=True)
SnapshotRow = table("portfolio_snapshots", SNAPSHOTS, key=("id",))


#: One run of a writer: who, since when, how far, how it ended.
RUNS = Codec(Run, numbered=True)
RunRow = table("sync_runs", RUNS, key=("id",), small=("pid",))


#: One answered read: hit, stale, miss or bypass, and how long it took; trimmed to the newest rows.
READS = Codec(Read)
ReadRow = table("cache_reads", READS, key=("id",))

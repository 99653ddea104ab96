"""What a sync computes for readers (average entry prices, historical rates, findings, snapshots),
and the costs that the user states."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cache.basis_rows import packed, unpacked
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.models import (
    BASES,
    FINDINGS,
    HOLDINGS,
    RANGES,
    RATE_MISSES,
    RATES,
    SNAPSHOTS,
    STATED_COSTS,
    BasisRow,
    FindingRow,
    HoldingRow,
    RangeRow,
    RateMissRow,
    RateRow,
    SnapshotRow,
    StatedBasisRow,
)
from exchange_cache.cache.reading import DerivedReading
from exchange_cache.cache.snapshots import details_of, gaps_of, gaps_text, packed_details
from exchange_cache.cache.stored import (
    PriceRange,
    RateMiss,
    Snapshot,
    StatedCost,
    StoredFinding,
    StoredRate,
    StoredWorth,
)
from exchange_cache.cache.table import selected
from exchange_cache.clock import SKEW, from_ms, to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.value.reading import Holding


def insert_bases(
    database: CacheDatabase, reporting_asset: str, bases: Iterable[AssetBasis], now: datetime
) -> None:
    """Store costs, inside a transaction."""
    table_rows = [
        BASES.encode(
            item,
            account=item.account or "",
            reporting_asset=reporting_asset,
            details=packed(item),
            computed_ms=to_ms(now),
        )
        for item in bases
    ]
    insert_many(database, BasisRow, table_rows, "replace")


class Derived(DerivedReading):
    """What can be computed again from the ledger, and stated costs and snapshots, which cannot."""

    def __init__(self, database: CacheDatabase) -> None:
        super().__init__(database)
        self._database = database

    # --- cost basis -------------------------------------------------------------------------------

    def replace_bases(
        self, method: str, reporting_asset: str, bases: Iterable[AssetBasis], now: datetime
    ) -> None:
        """Replace all costs of one method in one reporting asset."""
        with self._database.write():
            self._database.run(
                BasisRow.delete().where(
                    BasisRow.method == method, BasisRow.reporting_asset == reporting_asset
                )
            )
            insert_bases(self._database, reporting_asset, bases, now)

    def bases(
        self, method: str, reporting_asset: str, account: str | None = None
    ) -> tuple[AssetBasis, ...]:
        """The costs of one account; without it, of each and of all together."""
        query = selected(BasisRow, BASES, BasisRow.account, BasisRow.details).where(
            BasisRow.method == method, BasisRow.reporting_asset == reporting_asset
        )
        if account is not None:
            query = query.where(BasisRow.account == account)
        query = query.order_by(BasisRow.account, BasisRow.asset)
        return tuple(
            BASES.decode(columns, account=account or None, **unpacked(details))
            for *columns, account, details in self._database.rows(query)
        )

    # --- historical rates -------------------------------------------------------------------------

    def save_rates(
        self, rates: Iterable[StoredRate], now: datetime, misses: Iterable[RateMiss] = ()
    ) -> None:
        """Store the result of one fetch: rates, and the markets that had no candle."""
        table_rows = [RATES.encode(item, fetched_ms=to_ms(now)) for item in rates]
        miss_rows = [RATE_MISSES.encode(item, asked_ms=to_ms(now)) for item in misses]
        with self._database.write():
            insert_many(self._database, RateRow, table_rows, "replace")
            insert_many(self._database, RateMissRow, miss_rows, "replace")

    def rates(
        self, quote: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[StoredRate, ...]:
        """The rates in one asset, of the candles that begin at ``since`` or later and before
        ``until``."""
        query = selected(RateRow, RATES).where(RateRow.quote == quote)
        if since is not None:
            query = query.where(RateRow.at_ms >= to_ms(since))
        if until is not None:
            query = query.where(RateRow.at_ms < to_ms(until))
        query = query.order_by(RateRow.asset, RateRow.at_ms)
        return RATES.read(self._database.rows(query))

    def rates_from(
        self, asset: str, quote: str, at: datetime, count: int
    ) -> tuple[StoredRate, ...]:
        """So many stored rates of an asset, from that of an hour on."""
        names = ", ".join(RATES.names)
        query = (
            f"SELECT {names} FROM asset_rates WHERE asset = ? AND quote = ? AND at_ms >= ?"
            " ORDER BY at_ms LIMIT ?"
        )
        return RATES.read(self._database.select(query, (asset, quote, to_ms(at), count)))

    def is_requested(self, asset: str, quote: str, at: datetime) -> bool:
        """Whether the rate of this hour was ever requested, served or not."""
        query = "SELECT 1 FROM asset_rates WHERE asset = ? AND quote = ? AND at_ms = ?"
        return bool(self._database.select(query, (asset, quote, to_ms(at))))

    def rated_assets(self, quote: str) -> tuple[str, ...]:
        """Every asset for which a price was ever needed."""
        query = RateRow.select(RateRow.asset).where(RateRow.quote == quote).distinct()
        return tuple(asset for (asset,) in self._database.rows(query.order_by(RateRow.asset)))

    def rate_misses(self) -> tuple[tuple[RateMiss, datetime], ...]:
        """Every stored miss with the time when that market was requested."""
        query = selected(RateMissRow, RATE_MISSES, RateMissRow.asked_ms)
        query = query.where(RateMissRow.account != "")
        query = query.order_by(RateMissRow.account, RateMissRow.symbol, RateMissRow.at_ms)
        return tuple(
            (RATE_MISSES.decode(columns), from_ms(asked_ms))
            for *columns, asked_ms in self._database.rows(query)
        )

    def unserved_rates(self, quote: str, *, before: datetime) -> tuple[StoredRate, ...]:
        """Hours without a price from any source, requested before ``before``."""
        query = selected(RateRow, RATES).where(
            RateRow.quote == quote, RateRow.value.is_null(True), RateRow.fetched_ms < to_ms(before)
        )
        return RATES.read(self._database.rows(query))

    def early_rates(self, quote: str, *, until: datetime) -> tuple[StoredRate, ...]:
        """Hours that were not over when they were requested, and are now.

        A request time in the future proves nothing, so these hours are included.
        """
        over = RateRow.at_ms + RateRow.resolution_s * 1000
        early = (RateRow.fetched_ms < over) | (RateRow.fetched_ms > to_ms(until + SKEW))
        query = selected(RateRow, RATES).where(RateRow.quote == quote, early, over <= to_ms(until))
        return RATES.read(self._database.rows(query))

    def save_ranges(self, ranges: Iterable[PriceRange], now: datetime) -> None:
        table_rows = [RANGES.encode(item, fetched_ms=to_ms(now)) for item in ranges]
        with self._database.write():
            insert_many(self._database, RangeRow, table_rows, "replace")

    def ranges(self, quote: str) -> tuple[tuple[PriceRange, datetime], ...]:
        """Every stored range of prices, with the time when it was requested."""
        query = selected(RangeRow, RANGES, RangeRow.fetched_ms).where(RangeRow.quote == quote)
        query = query.order_by(RangeRow.asset, RangeRow.since_ms, RangeRow.until_ms)
        return tuple(
            (RANGES.decode(columns), from_ms(fetched_ms))
            for *columns, fetched_ms in self._database.rows(query)
        )

    # --- findings ---------------------------------------------------------------------------------

    def replace_findings(
        self, account: str, findings: Iterable[StoredFinding], now: datetime
    ) -> None:
        """Replace the open findings of one account; one that stays open keeps its first time. Where
        there are none and were none, no turn at writing is taken.

        A first time in the future comes from a clock that was ahead; it becomes ``now``.
        """
        findings = list(findings)
        if not findings and not self.findings((account,)):
            return
        with self._database.write():
            since = {
                (known.code, known.scope, known.asset): known.since
                for known in self.findings((account,))
            }
            self._database.run(FindingRow.delete().where(FindingRow.account == account))
            table_rows = [
                FINDINGS.encode(
                    replace(
                        item,
                        account=account,
                        since=min(since.get((item.code, item.scope, item.asset), now), now),
                    )
                )
                for item in findings
            ]
            insert_many(self._database, FindingRow, table_rows, "replace")

    # --- snapshots --------------------------------------------------------------------------------

    def add_snapshot(self, snapshot: Snapshot, holdings: Iterable[Holding] = ()) -> None:
        """Store a snapshot, and what it shows of each asset in place of what an earlier one did."""
        details = snapshot.details
        row = SNAPSHOTS.encode(
            snapshot, details="", packed=packed_details(details), gaps=gaps_text(details)
        )
        shown = [
            HOLDINGS.encode(
                one, reporting_asset=snapshot.reporting_asset, taken_ms=to_ms(snapshot.taken_at)
            )
            for one in holdings
        ]
        with self._database.write():
            self._database.run(SnapshotRow.insert(**row))
            self._database.run(HoldingRow.delete())
            insert_many(self._database, HoldingRow, shown, "replace")

    def snapshots(
        self,
        *,
        reporting_asset: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        newest: int | None = None,
    ) -> tuple[Snapshot, ...]:
        """Snapshots, oldest first; ``newest`` limits them to that many of the last ones."""
        return tuple(
            self.each_snapshot(
                reporting_asset=reporting_asset, since=since, until=until, newest=newest
            )
        )

    def each_snapshot(
        self,
        *,
        reporting_asset: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        newest: int | None = None,
    ) -> Iterator[Snapshot]:
        """Like :meth:`snapshots`, with the details of one at a time in memory."""
        query = selected(SnapshotRow, SNAPSHOTS, SnapshotRow.details, SnapshotRow.packed)
        query = _taken(query, reporting_asset, since, until)
        query = query.order_by(SnapshotRow.taken_ms.desc(), SnapshotRow.id.desc())
        if newest is not None:
            query = query.limit(newest)
        for *columns, text, stored in reversed(self._database.rows(query)):
            yield SNAPSHOTS.decode(columns, details=details_of(text, stored))

    def known_between(self, quote: str, start_ms: int, end_ms: int) -> tuple[int, ...]:
        """How many fills, transfers and rates in ``quote`` are stored of a time."""
        span = (start_ms, end_ms)
        (found,) = self._database.select(_KNOWN_BETWEEN, (*span, *span, quote, *span))
        return tuple(found)

    def worths(
        self, reporting_asset: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[StoredWorth, ...]:
        """Net worth of each snapshot, oldest first. Only the rows of earlier versions that no sync
        has compressed yet are read as a whole."""
        query = SnapshotRow.select(
            SnapshotRow.taken_ms, SnapshotRow.id, SnapshotRow.value, SnapshotRow.gaps
        )
        found = sorted(self._database.rows(_taken(query, reporting_asset, since, until)))
        unread = {row_id for _, row_id, _, gaps in found if gaps is None}
        read = {
            row_id: gaps_of(details_of(text, None))
            for row_id in sorted(unread)
            for (text,) in self._database.rows(
                SnapshotRow.select(SnapshotRow.details).where(SnapshotRow.id == row_id)
            )
        }
        return tuple(
            StoredWorth(
                at=from_ms(ms),
                value=Decimal(value),
                gaps=tuple(json.loads(gaps)) if gaps is not None else read[row_id],
            )
            for ms, row_id, value, gaps in found
        )

    # --- stated costs -----------------------------------------------------------------------------

    def state_cost(self, cost: StatedCost, now: datetime) -> int:
        """Store a stated cost; returns its number."""
        with self._database.write():
            stored = STATED_COSTS.encode(cost, stated_ms=to_ms(now))
            return int(self._database.run(StatedBasisRow.insert(**stored)))

    def stated_costs(self) -> tuple[StatedCost, ...]:
        query = selected(StatedBasisRow, STATED_COSTS).order_by(StatedBasisRow.id)
        return STATED_COSTS.read(self._database.rows(query))

    def remove_stated_cost(self, cost_id: int) -> bool:
        with self._database.write():
            return bool(
                self._database.run(StatedBasisRow.delete().where(StatedBasisRow.id == cost_id))
            )


_KNOWN_BETWEEN = """
SELECT
  (SELECT count(*) FROM exchange_fills WHERE time_ms >= ? AND time_ms < ?),
  (SELECT count(*) FROM exchange_transfers WHERE time_ms >= ? AND time_ms < ?),
  (SELECT count(*) FROM asset_rates
   WHERE quote = ? AND at_ms >= ? AND at_ms < ? AND value IS NOT NULL)
"""


def _taken(
    query: Any, reporting_asset: str | None, since: datetime | None, until: datetime | None
) -> Any:
    """Only snapshots in one asset, from ``since`` until before ``until``."""
    if reporting_asset is not None:
        query = query.where(SnapshotRow.reporting_asset == reporting_asset)
    if since is not None:
        query = query.where(SnapshotRow.taken_ms >= to_ms(since))
    if until is not None:
        query = query.where(SnapshotRow.taken_ms < to_ms(until))
    return query

"""What sync derives so that reading stays flat: average entry prices, historical rates, findings,
snapshots; and stated costs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cache.basis_rows import basis_row, to_basis
from exchange_cache.cache.codec import number_or_none
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.mirror import insert_many
from exchange_cache.cache.models import (
    BasisRow,
    FindingRow,
    RateMissRow,
    RateRow,
    SnapshotRow,
    StatedBasisRow,
)
from exchange_cache.clock import SKEW, from_ms, to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.findings import Finding
from exchange_cache.money import to_text, to_text_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRate:
    """A historical price of ``asset`` in ``quote``; ``value`` None: nobody serves it so far."""

    asset: str
    quote: str
    at: datetime
    resolution_s: int
    value: Decimal | None
    route: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateMiss:
    """One market of an account's exchange had no candle of an hour when it was asked."""

    account: str
    exchange: str
    symbol: str
    resolution_s: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """One open finding of the last sync of an account."""

    account: str
    code: str
    scope: str
    asset: str
    message: str
    hint: str | None
    since: datetime

    @property
    def finding(self) -> Finding:
        """As readings tell it."""
        return Finding(
            code=self.code,
            account=self.account or None,
            asset=self.asset or None,
            message=self.message,
            hint=self.hint,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Net worth at one moment."""

    id: int
    taken_at: datetime
    reporting_asset: str
    value: Decimal
    stale_value: Decimal
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCost:
    """What the user says some units cost."""

    id: int
    account: str
    asset: str
    quantity: Decimal
    price: Decimal
    quote: str
    at: datetime
    note: str | None


class Derived:
    """Everything that can be computed again from the ledger, except stated costs and snapshots,
    which are kept for good."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    # --- cost basis -------------------------------------------------------------------------------

    def replace_bases(
        self, method: str, reporting_asset: str, bases: Iterable[AssetBasis], now: datetime
    ) -> None:
        """All costs of one method in one reporting asset."""
        table_rows = [basis_row(item, reporting_asset, to_ms(now)) for item in bases]
        with self._database.write():
            self._database.run(
                BasisRow.delete().where(
                    BasisRow.method == method, BasisRow.reporting_asset == reporting_asset
                )
            )
            insert_many(self._database, BasisRow, table_rows, "replace")

    def bases(self, method: str, reporting_asset: str) -> tuple[AssetBasis, ...]:
        query = (
            BasisRow.select()
            .where(BasisRow.method == method, BasisRow.reporting_asset == reporting_asset)
            .order_by(BasisRow.account, BasisRow.asset)
        )
        return tuple(to_basis(row) for row in self._database.rows(query))

    # --- historical rates -------------------------------------------------------------------------

    def save_rates(
        self, rates: Iterable[StoredRate], now: datetime, misses: Iterable[RateMiss] = ()
    ) -> None:
        """What one fetch found, and which markets had no candle."""
        table_rows = [
            {
                "asset": item.asset,
                "quote": item.quote,
                "at_ms": to_ms(item.at),
                "resolution_s": item.resolution_s,
                "value": to_text_or_none(item.value),
                "route": json.dumps(list(item.route)),
                "fetched_ms": to_ms(now),
            }
            for item in rates
        ]
        miss_rows = [
            {
                "account": item.account,
                "exchange": item.exchange,
                "symbol": item.symbol,
                "resolution_s": item.resolution_s,
                "at_ms": to_ms(item.at),
                "asked_ms": to_ms(now),
            }
            for item in misses
        ]
        with self._database.write():
            insert_many(self._database, RateRow, table_rows, "replace")
            insert_many(self._database, RateMissRow, miss_rows, "replace")

    def rates(self, quote: str) -> tuple[StoredRate, ...]:
        query = (
            RateRow.select().where(RateRow.quote == quote).order_by(RateRow.asset, RateRow.at_ms)
        )
        return tuple(_to_rate(row) for row in self._database.rows(query))

    def rated_assets(self, quote: str) -> tuple[str, ...]:
        """The assets that a price was ever needed of."""
        query = RateRow.select(RateRow.asset).where(RateRow.quote == quote).distinct()
        return tuple(row[0] for row in self._database.rows(query.order_by(RateRow.asset)))

    def rate_misses(self, resolution_s: int) -> tuple[tuple[RateMiss, datetime], ...]:
        """Every remembered miss with the time when that market was asked."""
        query = RateMissRow.select().where(RateMissRow.resolution_s == resolution_s)
        query = query.where(RateMissRow.account != "")
        query = query.order_by(RateMissRow.account, RateMissRow.symbol, RateMissRow.at_ms)
        return tuple((_to_miss(row), from_ms(row[5])) for row in self._database.rows(query))

    def unserved_rates(self, quote: str, *, before: datetime) -> tuple[StoredRate, ...]:
        """Hours that nobody had a price for when all were asked, before a moment."""
        query = RateRow.select().where(
            RateRow.quote == quote, RateRow.value.is_null(True), RateRow.fetched_ms < to_ms(before)
        )
        return tuple(_to_rate(row) for row in self._database.rows(query))

    def early_rates(self, quote: str, *, until: datetime) -> tuple[StoredRate, ...]:
        """Hours that were not over when they were asked for, and are now.

        Of those asked for in the future nobody knows whether they were over.
        """
        over = RateRow.at_ms + RateRow.resolution_s * 1000
        early = (RateRow.fetched_ms < over) | (RateRow.fetched_ms > to_ms(until + SKEW))
        query = RateRow.select().where(RateRow.quote == quote, early, over <= to_ms(until))
        return tuple(_to_rate(row) for row in self._database.rows(query))

    # --- findings ---------------------------------------------------------------------------------

    def replace_findings(
        self, account: str, findings: Iterable[StoredFinding], now: datetime
    ) -> None:
        """All open findings of one account; one that stays open keeps the time it was first seen.

        A time of the future was noted by a clock that was ahead: it becomes now.
        """
        with self._database.write():
            query = FindingRow.select(
                FindingRow.code, FindingRow.scope, FindingRow.asset, FindingRow.since_ms
            )
            since = {
                tuple(row[:3]): row[3]
                for row in self._database.rows(query.where(FindingRow.account == account))
            }
            self._database.run(FindingRow.delete().where(FindingRow.account == account))
            table_rows = [
                {
                    "account": account,
                    "code": item.code,
                    "scope": item.scope,
                    "asset": item.asset,
                    "message": item.message,
                    "hint": item.hint,
                    "since_ms": min(
                        since.get((item.code, item.scope, item.asset), to_ms(now)), to_ms(now)
                    ),
                }
                for item in findings
            ]
            insert_many(self._database, FindingRow, table_rows, "replace")

    def findings(self, accounts: Iterable[str] | None = None) -> tuple[StoredFinding, ...]:
        query = FindingRow.select().order_by(
            FindingRow.account, FindingRow.code, FindingRow.scope, FindingRow.asset
        )
        if accounts is not None:
            query = query.where(FindingRow.account.in_(list(accounts)))
        return tuple(
            StoredFinding(
                account=row[0],
                code=row[1],
                scope=row[2],
                asset=row[3],
                message=row[4],
                hint=row[5],
                since=from_ms(row[6]),
            )
            for row in self._database.rows(query)
        )

    # --- snapshots --------------------------------------------------------------------------------

    def add_snapshot(
        self,
        taken_at: datetime,
        reporting_asset: str,
        value: Decimal,
        stale_value: Decimal,
        details: Mapping[str, Any],
    ) -> None:
        with self._database.write():
            self._database.run(
                SnapshotRow.insert(
                    taken_ms=to_ms(taken_at),
                    reporting_asset=reporting_asset,
                    value=to_text(value),
                    stale_value=to_text(stale_value),
                    details=json.dumps(details, separators=(",", ":")),
                )
            )

    def snapshots(
        self,
        *,
        reporting_asset: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        newest: int | None = None,
    ) -> tuple[Snapshot, ...]:
        """Snapshots, oldest first; ``newest`` keeps only that many of the last ones."""
        query = SnapshotRow.select()
        if reporting_asset is not None:
            query = query.where(SnapshotRow.reporting_asset == reporting_asset)
        if since is not None:
            query = query.where(SnapshotRow.taken_ms >= to_ms(since))
        if until is not None:
            query = query.where(SnapshotRow.taken_ms < to_ms(until))
        query = query.order_by(SnapshotRow.taken_ms.desc(), SnapshotRow.id.desc())
        if newest is not None:
            query = query.limit(newest)
        found = [
            Snapshot(
                id=row[0],
                taken_at=from_ms(row[1]),
                reporting_asset=row[2],
                value=Decimal(row[3]),
                stale_value=Decimal(row[4]),
                details=json.loads(row[5]),
            )
            for row in self._database.rows(query)
        ]
        return tuple(reversed(found))

    # --- stated costs -----------------------------------------------------------------------------

    def state_cost(
        self,
        *,
        account: str,
        asset: str,
        quantity: Decimal,
        price: Decimal,
        quote: str,
        at: datetime,
        note: str | None,
        now: datetime,
    ) -> int:
        with self._database.write():
            query = StatedBasisRow.insert(
                account=account,
                asset=asset,
                quantity=to_text(quantity),
                price=to_text(price),
                quote=quote,
                at_ms=to_ms(at),
                note=note,
                stated_ms=to_ms(now),
            )
            return int(self._database.run(query))

    def stated_costs(self) -> tuple[StatedCost, ...]:
        return tuple(
            StatedCost(
                id=row[0],
                account=row[1],
                asset=row[2],
                quantity=Decimal(row[3]),
                price=Decimal(row[4]),
                quote=row[5],
                at=from_ms(row[6]),
                note=row[7],
            )
            for row in self._database.rows(StatedBasisRow.select().order_by(StatedBasisRow.id))
        )

    def remove_stated_cost(self, cost_id: int) -> bool:
        with self._database.write():
            return bool(
                self._database.run(StatedBasisRow.delete().where(StatedBasisRow.id == cost_id))
            )


def _to_rate(row: tuple[Any, ...]) -> StoredRate:
    return StoredRate(
        asset=row[0],
        quote=row[1],
        at=from_ms(row[2]),
        resolution_s=row[3],
        value=number_or_none(row[4]),
        route=tuple(json.loads(row[5])),
    )


def _to_miss(row: tuple[Any, ...]) -> RateMiss:
    return RateMiss(
        account=row[0], exchange=row[1], symbol=row[2], resolution_s=row[3], at=from_ms(row[4])
    )

"""What a reload changed, as a value: outcomes per account and data type, new fills, and holdings
and averages before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.money import ZERO
from exchange_cache.records import DataType, Fill
from exchange_cache.value.reading import Holding


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeOutcome:
    """The outcome for one data type of an account. ``state``: ok | failed | not_offered |
    no_permission | skipped (still fresh).

    ``new_rows`` counts the new rows of ledgers and is None for mirrors (replaced as a whole);
    ``kept_from`` is the time of the rows kept after a failure.
    """

    data_type: DataType
    state: str
    new_rows: int | None = None
    error: str | None = None
    hint: str | None = None
    kept_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOutcome:
    """One account's run; ``error`` is what ended it early, ``kept_from`` the time of the balances
    that are kept then."""

    account: str
    types: tuple[TypeOutcome, ...]
    took: timedelta | None = None
    error: str | None = None
    hint: str | None = None
    kept_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetChange:
    """One asset before and after. A quantity of zero: not held; an average or a result of None:
    unknown."""

    asset: str
    quantity_before: Decimal
    quantity_after: Decimal
    average_before: Decimal | None
    average_after: Decimal | None
    realised_before: Decimal | None = None
    realised_after: Decimal | None = None

    @property
    def realised(self) -> Decimal | None:
        """What was realised in between; a result that was not there before counts from zero."""
        if self.realised_after is None:
            return None
        return self.realised_after - (self.realised_before or ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that a reload changed. Averages are in the reporting asset."""

    as_of: datetime
    reporting_asset: str
    accounts: tuple[AccountOutcome, ...]
    fills: tuple[Fill, ...] = ()
    assets: tuple[AssetChange, ...] = ()


def asset_changes(before: Iterable[Holding], after: Iterable[Holding]) -> tuple[AssetChange, ...]:
    """The assets whose quantity or average entry price differs, in alphabetical order."""
    old = {holding.asset: holding for holding in before}
    new = {holding.asset: holding for holding in after}
    changes = (
        _change(asset, old.get(asset), new.get(asset)) for asset in sorted(old.keys() | new.keys())
    )
    return tuple(
        c
        for c in changes
        if c.quantity_before != c.quantity_after or c.average_before != c.average_after
    )


def _change(asset: str, before: Holding | None, after: Holding | None) -> AssetChange:
    return AssetChange(
        asset=asset,
        quantity_before=before.quantity if before else ZERO,
        quantity_after=after.quantity if after else ZERO,
        average_before=before.average_entry_price if before else None,
        average_after=after.average_entry_price if after else None,
        realised_before=before.realised_pnl if before else None,
        realised_after=after.realised_pnl if after else None,
    )

"""Snapshots as series: net worth over time, and the prices that were shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.snapshots import gaps_of
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import from_ms
from exchange_cache.money import EXACT, ZERO, to_decimal_or_none
from exchange_cache.portfolio.history import was_read
from exchange_cache.value.compared import Compared

_INSTANT = timedelta(milliseconds=1)
RECORDED, RECONSTRUCTED = "snapshot", "reconstructed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Net worth at one moment, and its parts by asset or by account; ``source`` states whether a
    snapshot recorded it, or whether it is reconstructed."""

    at: datetime
    value: Decimal
    parts: Mapping[str, Decimal]
    gaps: tuple[str, ...] = ()  # what was missing, failed or stale at that time
    source: str = RECORDED


def net_worth(
    repository: ExchangeCacheRepository,
    reporting_asset: str,
    *,
    since: datetime | None,
    until: datetime | None,
    by: str | None = None,
    accounts: Collection[str] | None = None,
) -> tuple[Worth, ...]:
    """Net worth over time from the cache; only parts or some accounts need the details."""
    derived = repository.derived
    if by is None and accounts is None:
        return tuple(
            Worth(at=one.at, value=one.value, parts={}, gaps=one.gaps)
            for one in derived.worths(reporting_asset, since=since, until=until)
        )
    found = derived.each_snapshot(reporting_asset=reporting_asset, since=since, until=until)
    return series(found, by=by, accounts=accounts)


def compared(
    repository: ExchangeCacheRepository,
    reporting_asset: str,
    first: Worth,
    last: Worth,
    accounts: Collection[str] | None = None,
) -> Compared:
    """The change between two points of a series, of accounts that were read at both."""
    then, now = (
        repository.derived.snapshots(
            reporting_asset=reporting_asset, since=one.at, until=one.at + _INSTANT
        )[-1]
        for one in (first, last)
    )
    before, after = (_read_accounts(one, accounts) for one in (then, now))
    if before == after:
        return Compared(before=first.value, after=last.value, common=len(before))
    both = before & after
    return Compared(
        before=_worth(then, None, both).value,
        after=_worth(now, None, both).value,
        common=len(both),
        came=tuple(sorted(after - before)),
        left=tuple(sorted(before - after)),
    )


def _read_accounts(snapshot: Snapshot, accounts: Collection[str] | None) -> frozenset[str]:
    known = {str(name) for name in snapshot.details.get("accounts", ())}
    chosen = known if accounts is None else known & set(accounts)
    return frozenset(name for name in chosen if was_read(snapshot, name))


def series(
    snapshots: Iterable[Snapshot], *, by: str | None = None, accounts: Collection[str] | None = None
) -> tuple[Worth, ...]:
    """Net worth over time.

    ``by`` None leaves the parts empty. ``accounts`` limits what counts (None: all).
    """
    return tuple(_worth(snapshot, by, accounts) for snapshot in snapshots)


def _worth(snapshot: Snapshot, by: str | None, accounts: Collection[str] | None) -> Worth:
    gaps = gaps_of(snapshot.details)
    if by is None and accounts is None:
        return Worth(at=snapshot.taken_at, value=snapshot.value, parts={}, gaps=gaps)
    parts: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for account, asset, value in _values(snapshot.details):
            if accounts is None or account in accounts:
                name = asset if by == "asset" else account
                parts[name] = parts.get(name, ZERO) + value
        value = sum(parts.values(), ZERO)
    return Worth(
        at=snapshot.taken_at, value=value, parts=parts if by is not None else {}, gaps=gaps
    )


def _values(details: Mapping[str, Any]) -> Iterable[tuple[str, str, Decimal]]:
    """(account, asset, value) of everything with a price.

    Results of open positions that no balance contains are included.
    """
    for holding in details.get("holdings", ()):
        price = to_decimal_or_none(holding["figures"].get("price"))
        if price is not None:
            yield from (
                (row["account"], holding["asset"], Decimal(row["total"]) * price)
                for row in holding["wallets"]
            )
    for own in details.get("positions", ()):
        result = to_decimal_or_none(own.get("unrealised_value"))
        if result is not None and not own["in_wallet"]:
            yield own["account"], own["settle_asset"], result


def printed_prices(snapshot: Snapshot) -> Iterable[tuple[str, datetime, Decimal]]:
    """(asset, time, price) of every fresh price, in the snapshot's reporting asset."""
    for holding in snapshot.details.get("holdings", ()):
        price = to_decimal_or_none(holding["figures"].get("price"))
        if price is not None and holding["at"] is not None and holding["state"] == "fresh":
            yield holding["asset"], from_ms(holding["at"]), price

"""What readings need of the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from exchange_cache.config.limits import own_limits
from exchange_cache.config.settings import Settings
from exchange_cache.findings import Finding
from exchange_cache.portfolio.accessor import ReadingSettings

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.cache.server import Place


def settings_now(
    settings: Settings,
    now: datetime,
    left_out: tuple[Finding, ...],
    place: Place,
    cached: Callable[[], CacheReading | None],
) -> ReadingSettings:
    """The same with what a cache on a server states of itself; a file loads nothing of that."""
    if not isinstance(place, Path):
        from exchange_cache.cli.replica import replica_findings

        left_out = (*left_out, *replica_findings(cached(), now))
    return reading_settings(settings, now, left_out)


def reading_settings(
    settings: Settings, now: datetime, left_out: tuple[Finding, ...] = ()
) -> ReadingSettings:
    """The settings that readings are computed by, at this moment; ``left_out``: rows that cannot be
    read."""
    return ReadingSettings(
        own_limits=tuple(own_limits(settings, {one.name for one in settings.accounts})),
        left_out=left_out,
        reporting_asset=settings.reporting_asset,
        cost_method=settings.cost_method,
        ttl=dict(settings.ttl),
        accounts=tuple(account.name for account in settings.accounts),
        exchanges={account.name: account.exchange for account in settings.accounts},
        names={one.name: one.asset_names for one in settings.accounts if one.asset_names},
        replaced={one.name: _replaced(settings, now, one.exchange) for one in settings.accounts},
        ignored={
            account.name: frozenset(account.ignore_assets)
            for account in settings.accounts
            if account.ignore_assets
        },
    )


def _replaced(settings: Settings, now: datetime, exchange: str) -> dict[str, str]:
    """The codes that became another asset one to one, as the user states: a balance that still
    has the old code is of the new asset. An exchange itself lists new codes."""
    return {
        event.old: event.new
        for event in settings.asset_events
        if event.replaces
        and event.factor == 1
        and not event.ignored
        and event.at <= now
        and (event.exchanges is None or exchange in event.exchanges)
    }

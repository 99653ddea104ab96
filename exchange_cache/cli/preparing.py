"""Prepares what reads need, at the end of every command that changed the cache: the answers of
``portfolio``, and for lists what they need of the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from exchange_cache.cache.cells import UNREADABLE
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.cli.configured import KEY, configured_by, document, is_stored
from exchange_cache.cli.prepared import head_text, microseconds
from exchange_cache.cli.view import stored_costs_hold
from exchange_cache.config.exchange_ids import unlisted
from exchange_cache.errors import CacheBusy, CacheUnreadable, DiskFull
from exchange_cache.money import to_text
from exchange_cache.portfolio.ahead import readings_ahead
from exchange_cache.render.prepared import prepared_texts
from exchange_cache.value.outcome import outcome_of

#: With more accounts only the answer of all is prepared: one reading reads the prices of all.
MOST_ACCOUNTS = 50


def prepare(app: App) -> bool:
    """Prepare what is not prepared, if this command wrote to the cache.

    A cache that is busy or a full disk leaves it to the next command: readers compute until then.
    While other machines sync, it is left to the last of them: what they store would undo it.
    A row that cannot be read is named, and stops nothing: what the command did is stored. A sync
    removes it; False: it is to be run again, which fetches what is removed.
    """
    written = app.written()
    if written is not None and any(unlisted(app.settings.accounts)):
        return True  # each command names them, and a prepared answer reads no settings
    if written is None or app.interrupted or not app.settings.enabled_accounts:
        return True
    repository, identity = written
    now = app.now()
    try:
        _remember_configuration(app, repository, identity)
        if not repository.prepared.holds(identity, microseconds(now)) and not _others_write(app):
            repository.prepared.replace(identity, lambda: _rows(app, repository, now))
    except (CacheBusy, DiskFull):
        return True
    except (*UNREADABLE, CacheUnreadable):
        from exchange_cache.cli.unreadable import left_to_sync, repaired

        if repaired(app):
            return False
        if not left_to_sync(app, "the portfolio leaves it out"):
            raise
    return True


def _others_write(app: App) -> bool:
    if isinstance(app.place, Path):
        return False  # this command had it alone
    with app.lock() as lock:
        return bool(lock.holders())


def _remember_configuration(app: App, repository: ExchangeCacheRepository, identity: str) -> None:
    if not is_stored(repository, identity):
        found = document(configured_by(app.settings, app.paths), identity)
        repository.progress.remember("", {KEY: found}, app.now())


def _rows(
    app: App, repository: ExchangeCacheRepository, now: datetime
) -> Iterator[dict[str, object]]:
    if not stored_costs_hold(app):
        return  # its costs come from the ledger, whose changes delete nothing that is prepared
    enabled = tuple(account.name for account in app.settings.enabled_accounts)
    rows = list(_scope(app, repository, enabled, now))
    yield from ({"scope": "", **row} for row in rows)
    if len(enabled) == 1:
        yield from ({"scope": enabled[0], **row} for row in rows)
    elif len(enabled) <= MOST_ACCOUNTS:
        yield from _rows_of_each(app, repository, enabled, now)


def _rows_of_each(
    app: App, repository: ExchangeCacheRepository, enabled: tuple[str, ...], now: datetime
) -> Iterator[dict[str, object]]:
    for name in enabled:
        yield from ({"scope": name, **row} for row in _scope(app, repository, (name,), now))


def _scope(
    app: App, repository: ExchangeCacheRepository, names: tuple[str, ...], now: datetime
) -> Iterator[dict[str, object]]:
    """One row per span, for some accounts."""
    settings, accessor = app.settings, app.accessor(repository)
    asset = settings.reporting_asset
    exchanges = {account.name: account.exchange for account in settings.accounts}
    ahead = readings_ahead(
        accessor,
        accessor.cached(names, asset),
        now,
        asset=asset,
        limits=settings.ttl,
        changes=[event.at for event in settings.asset_events],
    )
    for span, reading in ahead:
        texts = prepared_texts(reading, exchanges)
        outcome = outcome_of(reading, now)
        if outcome.answered == "miss" or texts is None:
            return
        yield {
            "from_us": microseconds(span.start),
            "until_us": None if span.end is None else microseconds(span.end),
            "head": head_text(
                outcome,
                background_refresh=settings.background_refresh,
                min_value=to_text(settings.min_value),
                exchanges=exchanges,
                timezone=settings.timezone,
            ),
            **texts,
        }

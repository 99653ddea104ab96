"""``excache reload``: refreshes now, after any running sync, and shows what changed."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import (
    DEFAULT_WAIT,
    LONGEST_WAIT,
    Duration,
    account_option,
    output_options,
)
from exchange_cache.data_types import DataType

if TYPE_CHECKING:
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.sync.lock import WriterLock
    from exchange_cache.sync.report import SyncReport


@click.command("reload")
@account_option
@click.option(
    "--force",
    is_flag=True,
    help="Refresh fresh data too, and accept a wallet that is suddenly empty.",
)
@click.option(
    "--lock-wait",
    type=Duration(most=LONGEST_WAIT),
    default=DEFAULT_WAIT,
    metavar="TIME",
    help="How long to wait for a running sync (default: 10m).",
)
@output_options
@click.pass_obj
def command(
    app: App, accounts: tuple[str, ...], force: bool, lock_wait: timedelta, form: str
) -> int:
    """Refresh now and show what changed.

    Without --force, only data older than their time-to-live are fetched. If another sync is
    running, waits for it and then fetches only what that sync did not.

    \b
    Examples:
      excache reload --force
      excache reload --account main
      excache reload --force --json
    """
    from exchange_cache.cache.filter import Filter
    from exchange_cache.cli.outcomes import outcomes
    from exchange_cache.cli.reads import record_read
    from exchange_cache.render.output import write_changes
    from exchange_cache.value.changes import Changes, asset_changes

    started = time.perf_counter_ns()
    asked_at = app.now()
    chosen = app.accounts(accounts)
    repository = app.repository()
    accessor = app.accessor(repository)
    before = accessor.read()
    report = _refresh(app, chosen, force, lock_wait, asked_at)
    after = accessor.read()
    changes = Changes(
        as_of=app.now(),
        reporting_asset=after.reporting_asset,
        accounts=outcomes(report, repository.progress.statuses()),
        fills=repository.ledger.fills(
            Filter(
                seen_since=asked_at,
                seen_until=app.now(),
                accounts=[account.name for account in chosen],
            )
        ),
        assets=asset_changes(before.holdings, after.holdings),
    )
    write_changes(changes, app.out, form=form, terminal=app.terminal(), now=app.now())
    is_seen = form == "table" and app.terminal().is_tty  # the screen names the problems
    for line in report.remarks() if is_seen else report.lines():
        app.say(f"excache: {line}")
    app.out.flush()
    if report.accounts:
        record_read(app, app.place, "bypass", time.perf_counter_ns() - started, "reload")
    app.interrupted = report.exit_code == 130
    return report.exit_code


def _refresh(
    app: App,
    chosen: tuple[AccountSettings, ...],
    force: bool,
    lock_wait: timedelta,
    asked_at: datetime,
) -> SyncReport:
    """The run with the lock held; after another run, only what that run did not fetch."""
    from exchange_cache.cli.running import perform_shown, repair_first
    from exchange_cache.sync.account_run import RunOptions
    from exchange_cache.sync.report import SyncReport

    with app.lock() as lock:
        waited = _wait_for(app, lock, lock_wait)
        repair_first(app)
        only = _left_to_do(app, chosen, force, asked_at if waited else None)
        names = tuple(account.name for account in chosen if only is None or account.name in only)
        if not names:
            app.say(
                "Another run has just fetched everything."
                if force
                else "Everything is fresh. To fetch it anyway: excache reload --force"
            )
            return SyncReport(accounts=(), seconds=0.0)
        # a recent trade is not in a symbol of the sweep
        options = RunOptions(force=force, sweep_budget=0)
        return perform_shown(app, "reload", chosen, options, only=only)


def _left_to_do(
    app: App, chosen: tuple[AccountSettings, ...], force: bool, waited_since: datetime | None
) -> dict[str, frozenset[DataType]] | None:
    """The data types to fetch per account; None: everything."""
    from exchange_cache.cli.running import synchronizer
    from exchange_cache.sync.covered import not_covered
    from exchange_cache.sync.events import unobserved

    if not force:
        return synchronizer(app, chosen, unobserved).due(
            dict(app.settings.ttl), frozenset(DataType)
        )
    if waited_since is None:
        return None
    names = [account.name for account in chosen]
    return not_covered(app.repository().progress.statuses(names), names, waited_since, app.now())


def _wait_for(app: App, lock: WriterLock, lock_wait: timedelta) -> bool:
    """Take the lock; True if another process held it first."""
    if lock.try_acquire("reload"):
        return False
    holder = lock.holder()
    if holder is not None and app.error_terminal().is_tty:
        app.say(f"excache: waiting for {holder.command} ({holder.place}) to end …")
    lock.acquire("reload", wait_seconds=lock_wait.total_seconds())
    return True

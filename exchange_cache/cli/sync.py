"""``excache sync``: what is due, incrementally; silent for cron when all is well, with a display on
a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import DATA_TYPES, Duration, account_option
from exchange_cache.errors import LockBusy
from exchange_cache.records import DataType

if TYPE_CHECKING:
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.sync.lock import Holder


@click.command("sync")
@account_option
@click.option(
    "--only", "only", multiple=True, type=DATA_TYPES, help="Only this data type (may be repeated)."
)
@click.option(
    "--full",
    is_flag=True,
    help="Ask for the whole history again and repair what differs; nothing is deleted.",
)
@click.option("--if-stale", is_flag=True, help="Sync only what is older than its time-to-live.")
@click.option(
    "--max-age", type=Duration(), metavar="TIME", help="Sync only what is older than this."
)
@click.option(
    "--jitter",
    type=Duration(),
    metavar="TIME",
    help="Wait a random time up to this first, so that cron is not on the minute.",
)
@click.option(
    "--ping",
    metavar="URL",
    help="Call a watchdog: URL/start, then URL or URL/fail (default: ping_url of config.toml).",
)
@click.option("--quiet", "-q", is_flag=True, help="No display, not even on a terminal.")
@click.option(
    "--background",
    is_flag=True,
    hidden=True,
    help="Started by a read: what is stale, quietly, without the watchdog.",
)
@click.pass_obj
def command(
    app: App,
    accounts: tuple[str, ...],
    only: tuple[str, ...],
    full: bool,
    if_stale: bool,
    max_age: timedelta | None,
    jitter: timedelta | None,
    ping: str | None,
    quiet: bool,
    background: bool,
) -> int:
    """Bring the cache up to date.

    Asks every account for what is new since the last time and fills what is missing of its history,
    page by page; a run that is interrupted goes on where it stopped. Silent when all is well and no
    terminal watches, so it can run from cron. When another run holds the lock, it leaves quietly
    with exit code 0; when that one has held it for longer than lock_alarm of config.toml (3 h), it
    names that run and leaves with exit code 75.

    The watchdog of --ping hears the start and the end of a run that does its work; everything
    fresh (--if-stale) is success, too. It hears nothing of a run that leaves because another one
    is at work, and a failure when that one holds the lock for too long.

    \b
    Examples:
      excache sync
      excache sync --account main --only balances --only prices
      excache sync --full
    """
    if jitter is not None:
        app.clock.sleep(Random().uniform(0, jitter.total_seconds()))
    job = Job(
        accounts=accounts,
        only=frozenset(DataType(name) for name in only) or frozenset(DataType),
        full=full,
        ttl=_ttl(app, if_stale or background, max_age),
        quiet=quiet or background,
        name="refresh" if background else "sync",
    )
    url = None if background else ping or app.settings.ping_url
    return _watched(app, job, url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to sync; with a ``ttl`` only what is older than it."""

    accounts: tuple[str, ...]
    only: frozenset[DataType]
    full: bool
    ttl: dict[DataType, timedelta] | None
    quiet: bool
    name: str


def _ttl(app: App, if_stale: bool, max_age: timedelta | None) -> dict[DataType, timedelta] | None:
    if max_age is not None:
        return dict.fromkeys(DataType, max_age)
    return dict(app.settings.ttl) if if_stale else None


class Watchdog:
    """Hears of a run that takes the lock, and how it ends; that it is deaf fails nothing."""

    def __init__(self, app: App, url: str | None) -> None:
        self._app = app
        self._url = url
        self._problems: dict[str, None] = {}

    def hear(self, step: str) -> None:
        from exchange_cache.cli.pinging import ping

        problem = None if self._url is None else ping(self._url, step)
        if problem is not None:
            self._problems[problem] = None

    def say_problems(self) -> None:
        for problem in self._problems:
            self._app.say(f"excache: {problem}")


def _watched(app: App, job: Job, url: str | None) -> int:
    """The sync, with a watchdog that hears of its start and end, or nothing if it leaves."""
    from exchange_cache.cli.pinging import FAILURE

    watchdog = Watchdog(app, url)
    try:
        return _sync(app, job, watchdog)
    except BaseException:
        watchdog.hear(FAILURE)
        raise
    finally:
        watchdog.say_problems()


def _left_to(app: App, holder: Holder | None, *, watched: bool) -> int:
    """Another run holds the lock: leave it alone; LockBusy when it has held it for too long."""
    from exchange_cache.render import words
    from exchange_cache.sync.lock import busy

    if holder is not None and holder.held is not None and holder.held >= app.settings.lock_alarm:
        raise LockBusy(
            f"{holder.command} (pid {holder.pid}) has held the lock for {words.age(holder.held)}, "
            f"since {holder.since:%Y-%m-%d %H:%M:%S} UTC, longer than lock_alarm allows; "
            "nothing was synced",
            hint=f"see what it does: excache status; when it hangs, end it: kill {holder.pid}",
        )
    if watched:
        app.say(f"excache: {busy(holder).message}; nothing to do here")
    return 0


def _sync(app: App, job: Job, watchdog: Watchdog) -> int:
    from exchange_cache.cli.pinging import FAILURE, START, SUCCESS

    chosen = app.accounts(job.accounts)
    watched = app.error_terminal().is_tty and not job.quiet
    app.repository()
    with app.lock() as lock:
        if not lock.try_acquire(job.name):
            return _left_to(app, lock.holder(), watched=watched)
        watchdog.hear(START)
        code = _work(app, job, chosen, watched=watched)
    watchdog.hear(SUCCESS if code == 0 else FAILURE)
    return code


def _work(app: App, job: Job, chosen: tuple[AccountSettings, ...], *, watched: bool) -> int:
    """What is due, with the lock held; its exit code."""
    from exchange_cache.cli.running import perform, repair_first, synchronizer
    from exchange_cache.render.progress import SyncDisplay
    from exchange_cache.sync.account_run import RunOptions
    from exchange_cache.sync.events import unobserved

    repair_first(app)
    due = None if job.ttl is None else synchronizer(app, chosen, unobserved).due(job.ttl, job.only)
    if due is not None and not due:
        if watched:
            app.say("excache: everything is fresh")
        return 0
    options = RunOptions(only=job.only, full=job.full, sweep_budget=app.settings.sweep_budget)
    names = tuple(account.name for account in chosen if due is None or account.name in due)
    if not watched:
        report = perform(app, job.name, chosen, options, only=due, observer=unobserved)
    else:
        terminal, monotonic = app.error_terminal(), app.clock.monotonic
        with SyncDisplay(app.err, terminal, monotonic=monotonic, accounts=names) as display:
            report = perform(app, job.name, chosen, options, only=due, observer=display.tell)
    for line in report.lines():
        app.say(f"excache: {line}")
    app.interrupted = report.exit_code == 130
    if app.interrupted:
        app.say("excache: interrupted; what was fetched until then is saved")
    return report.exit_code

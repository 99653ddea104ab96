"""``excache sync``: what is due, incrementally; silent for cron when all is well, with a display on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import DATA_TYPES, Duration, account_option
from exchange_cache.domain.records import DataType


@click.command("sync")
@account_option
@click.option("--only", "only", multiple=True, type=DATA_TYPES, help="Only this data type (may be repeated).")
@click.option("--full", is_flag=True, help="Ask for the whole history again and repair what differs; nothing is deleted.")
@click.option("--if-stale", is_flag=True, help="Sync only what is older than its time-to-live.")
@click.option("--max-age", type=Duration(), metavar="TIME", help="Sync only what is older than this.")
@click.option("--jitter", type=Duration(), metavar="TIME", help="Wait a random time up to this first, so that cron is not on the minute.")
@click.option("--ping", metavar="URL", help="Tell a watchdog: URL/start, then URL or URL/fail (default: ping_url of config.toml).")
@click.option("--quiet", "-q", is_flag=True, help="No display, not even on a terminal.")
@click.option("--background", is_flag=True, hidden=True, help="Started by a read: what is stale, quietly, without the watchdog.")
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

    Asks every account for what is new since the last time and fills what is missing of its history, page by page; a run that is
    interrupted goes on where it stopped. Silent when all is well and no terminal watches, so it can run from cron. When another
    run holds the lock, it leaves quietly with exit code 0.

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
    return _sync(app, job) if url is None else _watched(app, job, url)


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


def _watched(app: App, job: Job, url: str) -> int:
    """The sync with a watchdog told before and after; that it cannot be told is said, and fails nothing."""
    from exchange_cache.cli.pinging import FAILURE, START, SUCCESS, ping

    problems = [ping(url, START)]
    try:
        code = _sync(app, job)
    except BaseException:
        ping(url, FAILURE)
        raise
    problems.append(ping(url, SUCCESS if code == 0 else FAILURE))
    for problem in dict.fromkeys(filter(None, problems)):
        app.say(f"excache: {problem}")
    return code


def _sync(app: App, job: Job) -> int:
    from exchange_cache.cli.running import perform, repair_first, synchronizer
    from exchange_cache.render.progress import SyncDisplay
    from exchange_cache.sync.account_run import RunOptions
    from exchange_cache.sync.events import unobserved
    from exchange_cache.sync.lock import busy

    chosen = app.accounts(job.accounts)
    terminal = app.error_terminal()
    watched = terminal.is_tty and not job.quiet
    app.repository()
    with app.lock() as lock:
        if not lock.try_acquire(job.name):
            if watched:
                app.say(f"excache: {busy(lock.holder()).message}; nothing to do here")
            return 0
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
            with SyncDisplay(app.err, terminal, monotonic=app.clock.monotonic, accounts=names) as display:
                report = perform(app, job.name, chosen, options, only=due, observer=display.tell)
    for line in report.lines():
        app.say(f"excache: {line}")
    app.interrupted = report.exit_code == 130
    if app.interrupted:
        app.say("excache: interrupted; what was fetched until then is saved")
    return report.exit_code

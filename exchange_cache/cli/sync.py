"""``excache sync``: fetches what is due; silent for cron, with a display on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import (
    DATA_TYPES,
    LONGEST_WAIT,
    Duration,
    account_option,
    output_options,
)
from exchange_cache.data_types import DataType
from exchange_cache.errors import LockBusy, UsageError

if TYPE_CHECKING:
    from exchange_cache.config.accounts import AccountSettings
    from exchange_cache.sync.due import RunOptions
    from exchange_cache.sync.lock import Holder, WriterLock


@click.command("sync")
@account_option
@click.option(
    "--only", "only", multiple=True, type=DATA_TYPES, help="Only this data type (may be repeated)."
)
@click.option(
    "--full",
    is_flag=True,
    help="Fetch the whole history again and repair differences; nothing is deleted.",
)
@click.option(
    "--archives",
    is_flag=True,
    help="Also order files of the past that use up downloads of the month.",
)
@click.option("--if-stale", is_flag=True, help="Sync only what is older than its time-to-live.")
@click.option(
    "--max-age", type=Duration(), metavar="TIME", help="Sync only what is older than this."
)
@click.option(
    "--jitter",
    type=Duration(most=LONGEST_WAIT),
    metavar="TIME",
    help="Wait a random time up to this first, so that runs do not start on the minute.",
)
@click.option(
    "--ping",
    metavar="URL",
    help="Call a watchdog: URL/start, then URL or URL/fail (default: ping_url of config.toml).",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what would be requested, why, and how many requests; send nothing.",
)
@click.option(
    "--test-alert", is_flag=True, help="Send nothing but a test to the command of [alerts]."
)
@output_options
@click.option("--quiet", "-q", is_flag=True, help="Show no display on a terminal.")
@click.option(
    "--background",
    is_flag=True,
    hidden=True,
    help="Started by a read: sync stale data quietly, without the watchdog.",
)
@click.pass_obj
def command(
    app: App,
    accounts: tuple[str, ...],
    only: tuple[str, ...],
    full: bool,
    archives: bool,
    if_stale: bool,
    max_age: timedelta | None,
    jitter: timedelta | None,
    ping: str | None,
    quiet: bool,
    background: bool,
    dry_run: bool,
    test_alert: bool,
    form: str,
) -> int:
    """Bring the cache up to date.

    Fetches new data of every account and missing parts of its history, page by page. After an
    interruption the next run continues where it stopped. Without problems and without a terminal it
    prints nothing, so it can run from cron. If another run holds the lock, it exits quietly with
    code 0; if that run has held it longer than lock_alarm of config.toml (3 h), it names that run
    and exits with code 75.

    The watchdog of --ping is called at the start and the end of a run; nothing to do (--if-stale)
    is a success. It is not called if another run holds the lock, unless that run has held it for
    too long, which is a failure.

    A run requests what may have changed: what did not move since it was read rests until the daily
    round. With --dry-run nothing is sent, and each request is listed with its reason.

    After a run the command of [alerts] in config.toml gets each new event once; --test-alert tries
    it.

    \b
    Examples:
      excache sync
      excache sync --account main --only balances --only prices
      excache sync --full
      excache sync --dry-run
    """
    from exchange_cache.cli.pinging import refuse_address

    if test_alert:
        from exchange_cache.cli.alerting import send_test

        return send_test(app)
    if ping is not None:
        refuse_address(ping)
    job = Job(
        accounts=accounts,
        only=frozenset(DataType(name) for name in only) or frozenset(DataType),
        full=full,
        archives=archives or None,
        ttl=_ttl(app, if_stale or background, max_age),
        quiet=quiet or background,
        name="refresh" if background else "sync",
        jitter=jitter or timedelta(),
    )
    if dry_run:
        return _foresee(app, job, form)
    if form != "table":
        raise UsageError("--format and --json belong to --dry-run", hint="excache sync --dry-run")
    url = None if background else ping or app.settings.ping_url
    return _watched(app, job, url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to sync; ``ttl`` limits it to older data. It waits up to ``jitter`` before it begins."""

    accounts: tuple[str, ...]
    only: frozenset[DataType]
    full: bool
    archives: bool | None
    ttl: dict[DataType, timedelta] | None
    quiet: bool
    name: str
    jitter: timedelta


def _ttl(app: App, if_stale: bool, max_age: timedelta | None) -> dict[DataType, timedelta] | None:
    if max_age is not None:
        return dict.fromkeys(DataType, max_age)
    return dict(app.settings.ttl) if if_stale else None


class Watchdog:
    """Reports the start and end of a run that holds the lock; its own failure fails nothing."""

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


def _foresee(app: App, job: Job, form: str) -> int:
    from exchange_cache.cli.dry_run import print_forecast

    print_forecast(app, app.accounts(job.accounts), _options(app, job), form)
    return 0


def _options(app: App, job: Job) -> RunOptions:
    from exchange_cache.sync.due import RunOptions

    return RunOptions(
        only=job.only,
        full=job.full,
        sweep_budget=app.settings.sweep_budget,
        archives=job.archives,
    )


def _watched(app: App, job: Job, url: str | None) -> int:
    """The sync, reported to a watchdog unless another run holds the lock."""
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
    """Leave the work to the run that holds the lock; LockBusy if it has held it too long."""
    from exchange_cache.render import words
    from exchange_cache.sync.lock import busy
    from exchange_cache.zones import zone_word

    if holder is not None and holder.held is not None and holder.held >= app.settings.lock_alarm:
        raise LockBusy(
            f"{holder.command} ({holder.place}) has held the lock for {words.age(holder.held)}, "
            f"since {words.full_time(holder.since)} {zone_word(holder.since)}, longer than"
            " lock_alarm allows; nothing was synced",
            hint=f"see what it does: excache status; if it hangs, end it: kill {holder.pid}",
        )
    if watched:
        app.say(f"excache: {busy(holder).message}; nothing to do here")
    return 0


def _of_this_host(
    app: App, accounts: tuple[AccountSettings, ...], *, named: bool
) -> tuple[AccountSettings, ...]:
    """The accounts that this machine may sync; one that the user ``named`` is mentioned."""
    from exchange_cache.machine import this_host

    host = this_host()
    found = tuple(one for one in accounts if not one.hosts or host in one.hosts)
    for one in accounts:
        if named and one not in found:
            app.say(f"excache: {one.name}: only {', '.join(one.hosts)} may sync it, not {host}")
    return found


def _sync(app: App, job: Job, watchdog: Watchdog) -> int:
    from exchange_cache.cli.pinging import FAILURE, START, SUCCESS
    from exchange_cache.cli.running import end_killed, repair_first

    chosen = _of_this_host(app, app.accounts(job.accounts), named=bool(job.accounts))
    if job.jitter:
        app.clock.sleep(Random().uniform(0, job.jitter.total_seconds()))  # noqa: S311 - spreads starts; nothing secret
    watched = app.error_terminal().is_tty and not job.quiet
    app.repository()
    with app.lock() as lock:
        alone = lock.try_acquire(job.name)
        if not alone and not lock.join(job.name):
            return _left_to(app, lock.holder(), watched=watched)
        watchdog.hear(START)
        if alone:
            repair_first(app)
            app.repository().progress.end_killed_runs(app.now())
            lock.share()
        else:
            end_killed(app, lock)
        code = _work(app, job, chosen, lock, watched=watched)
    watchdog.hear(SUCCESS if code == 0 else FAILURE)
    return code


def _work(
    app: App,
    job: Job,
    chosen: tuple[AccountSettings, ...],
    lock: WriterLock,
    *,
    watched: bool,
) -> int:
    """Sync what is due with the lock held; returns the exit code."""
    from exchange_cache.cli.ports import address_of
    from exchange_cache.cli.running import perform, perform_shown, synchronizer
    from exchange_cache.machine import this_host
    from exchange_cache.sync.claims import Claims
    from exchange_cache.sync.events import unobserved

    due = None if job.ttl is None else synchronizer(app, chosen, unobserved).due(job.ttl, job.only)
    if due is not None and not due:
        if not app.repository().costs_open(app.settings.reporting_asset):
            if watched:
                app.say("excache: everything is fresh")
            return 0
        chosen = ()  # the costs alone
    options = _options(app, job)
    progress = app.repository().progress
    several = not isinstance(app.place, Path)
    rest = several and not (job.full or job.accounts or job.ttl is not None)
    claims = Claims(
        lock,
        progress,
        app.clock,
        job.only,
        rest=rest,
        host=this_host(),
        address=address_of(app.repository(), app.settings),
        since=app.now() if several and job.ttl is not None else None,
    )
    try:
        if watched:
            report = perform_shown(app, job.name, chosen, options, only=due, claims=claims)
        else:
            report = perform(
                app,
                job.name,
                chosen,
                options,
                only=due,
                observer=unobserved,
                claims=claims,
            )
    except KeyboardInterrupt:
        return _stopped(app)
    for line in report.lines():
        app.say(f"excache: {line}")
    return _stopped(app) if report.exit_code == 130 else report.exit_code


def _stopped(app: App) -> int:
    """Report what an interrupted run has saved, and what comes next."""
    from exchange_cache.errors import Interrupted
    from exchange_cache.render.words import count

    app.interrupted = True
    repository = app.repository()
    (run,) = repository.progress.runs(limit=1)
    saved = f"{count(run.rows, 'new row')} {'is' if run.rows == 1 else 'are'} saved"
    later = (
        "averages come next"
        if repository.costs_open(app.settings.reporting_asset)
        else "the next run continues"
    )
    stopped = "Stopped" if app.error_terminal().is_tty else "excache: stopped"
    app.say(f"{stopped}. {saved if run.rows else 'No row was new so far'}; {later}.   excache sync")
    return Interrupted.exit_code

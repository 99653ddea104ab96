"""``excache portfolio``: prints the cached reading, then refreshes stale data in the background."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from decimal import Decimal

import click

from exchange_cache.cli.app import App, nothing_cached
from exchange_cache.cli.options import (
    DEFAULT_WAIT,
    METHODS,
    Amount,
    Day,
    Duration,
    Seconds,
    account_option,
    output_options,
    period_option,
)
from exchange_cache.cli.reads import (
    Refresh,
    answered,
    can_ask,
    needs_refresh,
    planned_refresh,
    record_read,
    refresh_failure,
    start_refresh,
)
from exchange_cache.cli.view import View, read_view, write_view
from exchange_cache.errors import NotFreshEnough, NothingCached
from exchange_cache.render.formats import FORMATS
from exchange_cache.value.freshness import State
from exchange_cache.value.grouping import GROUPINGS, SORTINGS
from exchange_cache.value.reading import PortfolioReading


@click.command("portfolio")
@account_option
@click.option(
    "--quote",
    metavar="ASSET",
    help="Value everything in this asset instead of the reporting asset.",
)
@click.option(
    "--by",
    type=click.Choice(GROUPINGS),
    default="asset",
    show_default=True,
    help="Group the holdings.",
)
@click.option(
    "--sort",
    type=click.Choice(SORTINGS),
    default="value",
    show_default=True,
    help="Order the holdings.",
)
@click.option("--min-value", type=Amount(), help="Sum up holdings of a lower value in one line.")
@period_option
@click.option(
    "--cost-method",
    "method",
    type=click.Choice(METHODS),
    help="Which units a sale removes (default: as configured).",
)
@click.option(
    "--at",
    type=Day(),
    metavar="DATE",
    help="Show the portfolio at the end of this day, or at this time.",
)
@click.option(
    "--max-age",
    type=Duration(),
    metavar="TIME",
    help="Treat older data as stale, and exit with code 75 if there are any.",
)
@click.option(
    "--wait",
    is_flag=True,
    help="Sync what is stale first, then print; with --at: fetch missing prices of that day.",
)
@click.option("--no-refresh", is_flag=True, help="Never start a refresh in the background.")
@click.option(
    "--watch",
    type=Seconds(),
    is_flag=False,
    flag_value="5",
    metavar="[SECONDS]",
    help="Redraw from the cache, every 5 s by default, until Ctrl-C.",
)
@output_options
@click.pass_obj
def command(
    app: App,
    accounts: tuple[str, ...],
    quote: str | None,
    by: str,
    sort: str,
    min_value: Decimal | None,
    period: datetime,
    method: str | None,
    at: datetime | None,
    max_age: timedelta | None,
    wait: bool,
    no_refresh: bool,
    watch: timedelta | None,
    form: str,
) -> int:
    """Print the portfolio from the cache at once.

    Never waits for an exchange: it prints cached data with their age. If some are stale, it starts
    one refresh in the background, whose result the next reading shows.

    \b
    Examples:
      excache portfolio
      excache portfolio --by account --min-value 10
      excache portfolio --by exchange --sort pnl
      excache portfolio --cost-method fifo
      excache portfolio --json --max-age 2h
      excache portfolio --at 2026-01-31
    """
    started = time.perf_counter_ns()
    chosen = tuple(account.name for account in app.accounts(accounts))
    view = View(
        form=form,
        accounts=chosen,
        quote=quote,
        by=by,
        sort=sort,
        min_value=min_value,
        ttl=max_age,
        period=period,
        method=method,
    )
    if at is not None:
        from exchange_cache.cli.past import print_past

        return print_past(app, view, at, wait=wait)
    if watch is not None:
        from exchange_cache.cli.watch import watch_portfolio

        return watch_portfolio(app, view, watch, refresh=not no_refresh)
    if wait:
        return _after_sync(app, accounts, view, started)
    repository = app.cached()
    reading = None if repository is None else read_view(app, view)
    if reading is None or answered(reading) == "miss":
        return _nothing_yet(app, accounts, view, reading, started, refresh=not no_refresh)
    refresh = (
        planned_refresh(app, repository, requested=not no_refresh)
        if needs_refresh(reading)
        else Refresh.NONE
    )
    write_view(app, reading, view, refreshing=refresh in {Refresh.START, Refresh.RUNNING})
    app.out.flush()
    record_read(app, answered(reading), time.perf_counter_ns() - started)
    _report_refresh(app, reading, view, refresh)
    if refresh is Refresh.START:
        start_refresh(app, accounts, max_age)
    return _demand(reading, max_age)


def _demand(reading: PortfolioReading, max_age: timedelta | None) -> int:
    old = [
        f"{item.account} {item.data_type}"
        for item in reading.freshness
        if item.state in {State.STALE, State.MISSING}
    ]
    if max_age is not None and old:
        from exchange_cache.config.durations import format_duration

        raise NotFreshEnough(
            f"older than {format_duration(max_age)} or missing:"
            f" {', '.join(old[:6])}{' …' if len(old) > 6 else ''}",
            hint="sync first: excache portfolio --wait",
        )
    return 0


def _report_refresh(app: App, reading: PortfolioReading, view: View, refresh: Refresh) -> None:
    """On a terminal, report a running refresh, or why the last one could not start."""
    if refresh is Refresh.NONE or not app.error_terminal().is_tty:
        return
    failure = "" if any(item.error for item in reading.freshness) else refresh_failure(app, reading)
    if failure and refresh is not Refresh.RUNNING:
        app.say(f"The last refresh in the background failed: {failure.removeprefix('excache: ')}")
    if FORMATS[view.form].exact and refresh is not Refresh.RESTING:
        app.say("Some data are stale; refreshing in the background.")


def _nothing_yet(
    app: App,
    accounts: tuple[str, ...],
    view: View,
    reading: PortfolioReading | None,
    started: int,
    *,
    refresh: bool,
) -> int:
    """Report that nothing is cached and why, start a sync if possible, and count the miss."""
    from exchange_cache.cli.main import show_error

    if reading is None and refresh:
        # an unwritable location must be reported here, not by a background process
        app.repository()
    errors = (
        list(
            dict.fromkeys(
                f"{item.account}: {item.error}" for item in reading.freshness if item.error
            )
        )
        if reading
        else []
    )
    for line in errors:
        app.say(f"excache: {line}")
    if refresh and can_ask(app) and app.lock().holder() is None:
        return _offer(app, accounts, view, started, again=bool(errors))
    plan = planned_refresh(app, app.cached(), requested=refresh)
    if plan is Refresh.START and start_refresh(app, accounts, view.ttl):
        what = "another try" if errors else "a first sync"
        error = NothingCached(
            f"nothing is cached yet; {what} has been started", hint="watch it: excache status"
        )
    elif plan in {Refresh.START, Refresh.RUNNING}:
        error = NothingCached(
            "nothing is cached yet; a sync is running", hint="watch it: excache status"
        )
    else:
        error = nothing_cached()
    show_error(app, error)
    app.err.flush()
    record_read(app, "miss", time.perf_counter_ns() - started)
    return error.exit_code


def _offer(app: App, accounts: tuple[str, ...], view: View, started: int, *, again: bool) -> int:
    """On a terminal: explain, and sync now if the user agrees."""
    names = ", ".join(f"{account.name} ({account.exchange})" for account in app.accounts(accounts))
    app.say(f"Nothing is cached yet for {names}.")
    app.say(
        "The first sync fetches the whole history. You can interrupt it at any time; the next one"
        " continues where it stopped."
    )
    if click.confirm("Try again now?" if again else "Sync now?", default=True, err=True):
        return _after_sync(app, accounts, view, started, outcome="miss")
    app.say("Sync later: excache sync. See an example without a key: excache demo")
    record_read(app, "miss", time.perf_counter_ns() - started)
    return NothingCached.exit_code


def _after_sync(
    app: App, accounts: tuple[str, ...], view: View, started: int, *, outcome: str = "bypass"
) -> int:
    """``--wait``: sync stale data in the foreground, then print.

    ``outcome`` "miss" counts the miss that led here.
    """
    from exchange_cache.cli.running import perform_shown, synchronizer
    from exchange_cache.records import DataType
    from exchange_cache.sync.account_run import RunOptions
    from exchange_cache.sync.events import unobserved

    chosen = app.accounts(accounts)
    ttl = dict.fromkeys(DataType, view.ttl) if view.ttl is not None else dict(app.settings.ttl)
    code = 0
    with app.lock() as lock:
        lock.acquire("portfolio --wait", wait_seconds=DEFAULT_WAIT.total_seconds())
        due = synchronizer(app, chosen, unobserved).due(ttl, frozenset(DataType))
        if due:
            # a waiting user needs no sweep
            options = RunOptions(sweep_budget=app.settings.sweep_budget if outcome == "miss" else 0)
            report = perform_shown(app, "portfolio --wait", chosen, options, only=due)
            for line in report.lines():
                app.say(f"excache: {line}")
            code = report.exit_code
            if code == 130:
                app.interrupted = True
                return code
    reading = read_view(app, view)
    if code == 0 or answered(reading) != "miss":
        write_view(app, reading, view)
    app.out.flush()
    record_read(
        app,
        outcome if due or outcome == "miss" else answered(reading),
        time.perf_counter_ns() - started,
    )
    return code or _demand(reading, view.ttl)

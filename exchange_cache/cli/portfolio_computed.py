"""The portfolio computed from the cache, for everything that is not prepared."""

from __future__ import annotations

import time
from datetime import timedelta

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.nothing import nothing_cached
from exchange_cache.cli.options import DEFAULT_WAIT
from exchange_cache.cli.reads import (
    Refresh,
    can_ask,
    planned_refresh,
    record_read,
    report_refresh,
    start_refresh,
)
from exchange_cache.cli.view import View, read_view, write_view
from exchange_cache.errors import NotFreshEnough, NothingCached
from exchange_cache.value.outcome import answered, needs_refresh, outcome_of
from exchange_cache.value.reading import PortfolioReading
from exchange_cache.value.states import State


def print_computed(
    app: App, accounts: tuple[str, ...], view: View, started: int, *, refresh: bool
) -> int:
    """Read, print, and refresh in the background what is stale."""
    repository = app.cached()
    reading = None if repository is None else read_view(app, view)
    if reading is None or answered(reading) == "miss":
        return _nothing_yet(app, accounts, view, reading, started, refresh=refresh)
    requested = refresh and app.settings.background_refresh
    plan = (
        planned_refresh(app, app.place, requested=requested)
        if needs_refresh(reading)
        else Refresh.NONE
    )
    write_view(app, reading, view, refreshing=plan in {Refresh.START, Refresh.RUNNING})
    app.out.flush()
    record_read(app, app.place, answered(reading), time.perf_counter_ns() - started)
    report_refresh(app, outcome_of(reading, app.now()), view.form, plan)
    if plan is Refresh.START:
        start_refresh(app, app.place, accounts, view.ttl)
    return _demand(reading, view.ttl)


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
    nothing = f"nothing is cached yet{_whose(app, accounts)}"
    plan = planned_refresh(app, app.place, requested=refresh and app.settings.background_refresh)
    if plan is Refresh.START and start_refresh(app, app.place, accounts, view.ttl):
        what = "another try" if errors else "a first sync"
        error = NothingCached(
            f"{nothing}; {what} has been started", hint="watch it: excache status"
        )
    elif plan in {Refresh.START, Refresh.RUNNING}:
        error = NothingCached(f"{nothing}; a sync is running", hint="watch it: excache status")
    else:
        error = NothingCached(nothing, hint=nothing_cached().hint)
    show_error(app, error)
    app.err.flush()
    record_read(app, app.place, "miss", time.perf_counter_ns() - started)
    return error.exit_code


def _whose(app: App, accounts: tuple[str, ...]) -> str:
    """The accounts of which nothing is cached, if something is cached of others."""
    repository = app.cached()
    if repository is None or repository.is_empty():
        return ""
    return f" of {', '.join(account.name for account in app.accounts(accounts))}"


def _offer(app: App, accounts: tuple[str, ...], view: View, started: int, *, again: bool) -> int:
    """On a terminal: explain, and sync now if the user agrees."""
    names = ", ".join(f"{account.name} ({account.exchange})" for account in app.accounts(accounts))
    app.say(f"Nothing is cached yet for {names}.")
    app.say(
        "The first sync fetches the whole history. You can interrupt it at any time; the next one"
        " continues where it stopped."
    )
    if click.confirm("Try again now?" if again else "Sync now?", default=True, err=True):
        return print_after_sync(app, accounts, view, started, outcome="miss")
    app.say("Sync later: excache sync. See an example without a key: excache demo")
    record_read(app, app.place, "miss", time.perf_counter_ns() - started)
    return NothingCached.exit_code


def print_after_sync(
    app: App, accounts: tuple[str, ...], view: View, started: int, *, outcome: str = "bypass"
) -> int:
    """``--wait``: sync stale data in the foreground, then print.

    ``outcome`` "miss" counts the miss that led here.
    """
    from exchange_cache.cli.quoted import fetch_quoted
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
        if due or app.repository().costs_open(app.settings.reporting_asset):
            # a waiting user needs no sweep
            options = RunOptions(sweep_budget=app.settings.sweep_budget if outcome == "miss" else 0)
            read = chosen if due else ()  # else the costs alone
            report = perform_shown(app, "portfolio --wait", read, options, only=due)
            for line in report.lines():
                app.say(f"excache: {line}")
            code = report.exit_code
            if code == 130:
                app.interrupted = True
                return code
    fetch_quoted(app, view.quote)
    reading = read_view(app, view)
    if code == 0 or answered(reading) != "miss":
        write_view(app, reading, view)
    app.out.flush()
    record_read(
        app,
        app.place,
        outcome if due or outcome == "miss" else answered(reading),
        time.perf_counter_ns() - started,
    )
    return code or _demand(reading, view.ttl)

"""``excache portfolio``: the reading, from the cache, at once; then, where something is stale, one refresh in the background."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.cli.options import Duration, account_option, output_options
from exchange_cache.domain.freshness import State
from exchange_cache.domain.grouping import GROUPINGS, SORTINGS
from exchange_cache.domain.reading import PortfolioReading
from exchange_cache.errors import NotFreshEnough, NothingCached


class Amount(click.ParamType[Decimal]):
    """An exact number."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            return Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is no number", param, ctx)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of the portfolio is shown, and how."""

    form: str = "table"
    accounts: tuple[str, ...] | None = None
    quote: str | None = None
    by: str = "asset"
    sort: str = "value"
    min_value: Decimal | None = None
    ttl: timedelta | None = None


@click.command("portfolio")
@account_option
@click.option("--quote", metavar="ASSET", help="Value everything in this asset instead of the reporting asset.")
@click.option("--by", type=click.Choice(GROUPINGS), default="asset", show_default=True, help="Group the holdings.")
@click.option("--sort", type=click.Choice(SORTINGS), default="value", show_default=True, help="Order the holdings.")
@click.option("--min-value", type=Amount(), help="Sum up holdings worth less than this in one line.")
@click.option("--max-age", type=Duration(), metavar="TIME", help="Call everything older than this stale, and fail with exit code 75.")
@click.option("--wait", is_flag=True, help="Sync what is stale first, then print.")
@click.option("--no-refresh", is_flag=True, help="Never start a refresh in the background.")
@output_options
@click.pass_obj
def command(
    app: App,
    accounts: tuple[str, ...],
    quote: str | None,
    by: str,
    sort: str,
    min_value: Decimal | None,
    max_age: timedelta | None,
    wait: bool,
    no_refresh: bool,
    form: str,
) -> int:
    """Print the portfolio from the cache at once.

    Never waits for an exchange: it prints what is cached, with its age, and where something is stale starts one refresh in the
    background, whose result the next reading shows.

    \b
    Examples:
      excache portfolio
      excache portfolio --by account --min-value 10
      excache portfolio --by exchange --sort pnl
      excache portfolio --json --max-age 2h
    """
    started = time.perf_counter_ns()
    chosen = tuple(account.name for account in app.accounts(accounts))
    view = View(form=form, accounts=chosen, quote=quote, by=by, sort=sort, min_value=min_value, ttl=max_age)
    if wait:
        return _after_sync(app, accounts, view)
    repository = app.cached()
    if repository is None or repository.is_empty():
        return _nothing_yet(app, no_refresh)
    reading = print_portfolio(app, view, refresh=not no_refresh)
    app.out.flush()
    _record(app, repository, reading, "portfolio", time.perf_counter_ns() - started)
    if not no_refresh and app.settings.background_refresh and _needs_refresh(reading):
        _refresh(app, accounts)
    return _demand(reading, max_age)


def print_portfolio(app: App, view: View, *, refresh: bool = False) -> PortfolioReading:
    """Read and print; the reading that was printed."""
    reading = app.accessor(app.repository()).read(accounts=view.accounts, reporting_asset=view.quote, ttl=view.ttl)
    refreshing = refresh and app.settings.background_refresh and _needs_refresh(reading)
    write_view(app, reading, view, refreshing=refreshing)
    return reading


def write_view(app: App, reading: PortfolioReading, view: View, *, refreshing: bool = False) -> None:
    """Print a reading as the view says."""
    from exchange_cache.render.output import write_portfolio
    from exchange_cache.render.portfolio import PortfolioOptions

    options = PortfolioOptions(
        min_value=app.settings.min_value if view.min_value is None else view.min_value,
        by=view.by,
        sort=view.sort,
        exchanges={account.name: account.exchange for account in app.settings.accounts},
        refreshing=refreshing,
    )
    write_portfolio(reading, app.out, form=view.form, terminal=app.terminal(), now=app.now(), options=options)


def _needs_refresh(reading: PortfolioReading) -> bool:
    return any(item.state in {State.STALE, State.MISSING} for item in reading.freshness)


def _demand(reading: PortfolioReading, max_age: timedelta | None) -> int:
    if max_age is not None and _needs_refresh(reading):
        from exchange_cache.config.durations import format_duration

        old = [f"{item.account} {item.data_type}" for item in reading.freshness if item.state in {State.STALE, State.MISSING}]
        raise NotFreshEnough(
            f"older than {format_duration(max_age)} or missing: {', '.join(old[:6])}{' …' if len(old) > 6 else ''}",
            hint="sync first: excache portfolio --wait",
        )
    return 0


def _record(app: App, repository: ExchangeCacheRepository, reading: PortfolioReading, name: str, nanoseconds: int) -> None:
    """Note how the read was answered; a cache that cannot be written now is no reason to fail a read."""
    from exchange_cache.cache.metrics import Read
    from exchange_cache.errors import CacheError
    from exchange_cache.portfolio.accessor import outcome

    try:
        repository.metrics.record(
            Read(at=app.now(), command=name, outcome=outcome(reading.freshness), duration_us=nanoseconds // 1000)
        )
    except CacheError as error:
        if app.error_terminal().is_tty:
            app.say(f"excache: this read was not counted ({error.message})")


def _refresh(app: App, accounts: tuple[str, ...]) -> None:
    from exchange_cache.sync.background import start_refresh

    if app.lock().holder() is None:
        start_refresh(app.env, accounts)


def _nothing_yet(app: App, no_refresh: bool) -> int:
    if not no_refresh and app.settings.background_refresh:
        _refresh(app, ())
        raise NothingCached("nothing is cached yet; a first sync has been started", hint="watch it: excache status")
    raise NothingCached("nothing is cached yet", hint="run excache sync first, or see how it looks: excache demo")


def _after_sync(app: App, accounts: tuple[str, ...], view: View) -> int:
    """``--wait``: bring up to date what is stale, in the foreground, then print."""
    from exchange_cache.cli.reload import DEFAULT_WAIT
    from exchange_cache.cli.running import perform, synchronizer
    from exchange_cache.domain.records import DataType
    from exchange_cache.render.progress import SyncDisplay
    from exchange_cache.sync.account_run import RunOptions
    from exchange_cache.sync.events import unobserved

    chosen = app.accounts(accounts)
    ttl = dict.fromkeys(DataType, view.ttl) if view.ttl is not None else dict(app.settings.ttl)
    code = 0
    with app.lock() as lock:
        lock.acquire("portfolio --wait", wait_seconds=DEFAULT_WAIT.total_seconds())
        due = synchronizer(app, chosen, unobserved).due(ttl, frozenset(DataType))
        if due:
            terminal = app.error_terminal()
            with SyncDisplay(app.err, terminal, monotonic=app.clock.monotonic, accounts=tuple(due)) as display:
                observer = display.tell if terminal.is_tty else unobserved
                options = RunOptions(sweep_budget=app.settings.sweep_budget)
                report = perform(app, "portfolio --wait", chosen, options, only=due, observer=observer)
            for line in report.lines():
                app.say(f"excache: {line}")
            code = report.exit_code
            if code == 130:
                app.interrupted = True
                return code
    return code or _demand(print_portfolio(app, view), view.ttl)

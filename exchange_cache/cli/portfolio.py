"""``excache portfolio``: prints the cached reading, then refreshes stale data in the background."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from decimal import Decimal

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.moments import BEGINNING
from exchange_cache.cli.options import (
    METHODS,
    Amount,
    Day,
    Duration,
    OneOf,
    Seconds,
    account_option,
    completed,
    output_options,
    period_option,
)
from exchange_cache.cli.prepared import Question, print_prepared
from exchange_cache.value.ordering import GROUPINGS, SORTINGS


@click.command("portfolio")
@click.argument("assets", nargs=-1, metavar="[ASSET]...", shell_complete=completed("assets"))
@account_option
@click.option(
    "--quote",
    metavar="ASSET",
    shell_complete=completed("assets"),
    help="Value everything in this asset instead of the reporting asset.",
)
@click.option(
    "--by",
    type=OneOf(GROUPINGS),
    default="asset",
    show_default=True,
    help="Group the holdings.",
)
@click.option(
    "--sort",
    type=OneOf(SORTINGS),
    default="value",
    show_default=True,
    help="Order the holdings.",
)
@click.option(
    "--min-value",
    type=Amount(),
    help="Sum up holdings of a lower value in one line (default: 0.1 % of the total).",
)
@click.option("--all", "all_", is_flag=True, help="Sum up and shorten nothing.")
@period_option
@click.option(
    "--cost-method",
    "method",
    type=OneOf(METHODS),
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
    assets: tuple[str, ...],
    accounts: tuple[str, ...],
    quote: str | None,
    by: str,
    sort: str,
    min_value: Decimal | None,
    all_: bool,
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
      excache portfolio BTC ETH
      excache portfolio --all
      excache portfolio --by account --min-value 10
      excache portfolio --by exchange --sort pnl
      excache portfolio --cost-method fifo
      excache portfolio --json --max-age 2h
      excache portfolio --at 2026-01-31
    """
    started = time.perf_counter_ns()
    usual = (
        not assets and quote is None and method is None and period == BEGINNING and max_age is None
    )
    if usual and at is None and watch is None and not wait and len(accounts) <= 1:
        question = Question(
            form=form, account=accounts, by=by, sort=sort, min_value=min_value, all_=all_
        )
        if print_prepared(app, question, started, refresh=not no_refresh):
            return 0
    from exchange_cache.cli.view import View, view_meant

    chosen = tuple(account.name for account in app.accounts(accounts))
    view = View(
        form=form,
        accounts=chosen,
        quote=quote,
        by=by,
        sort=sort,
        min_value=min_value,
        all_=all_,
        ttl=max_age,
        period=period,
        method=method,
        assets=assets,
    )
    view = view_meant(app, view)
    if at is not None:
        from exchange_cache.cli.past import print_past

        return print_past(app, view, at, wait=wait)
    if watch is not None:
        from exchange_cache.cli.watch import watch_portfolio

        return watch_portfolio(app, view, watch, refresh=not no_refresh)
    from exchange_cache.cli.portfolio_computed import print_after_sync, print_computed

    if wait:
        return print_after_sync(app, accounts, view, started)
    return print_computed(app, accounts, view, started, refresh=not no_refresh)

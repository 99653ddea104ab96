"""``excache diff``: why the value changed, in parts that add up."""

from __future__ import annotations

from datetime import datetime

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.meant import refuse_range
from exchange_cache.cli.options import Moment, account_option, output_options


@click.command("diff")
@account_option
@click.option(
    "--since",
    type=Moment(),
    required=True,
    help="From this time: 2026-01-31, an ISO time, or 7d.",
)
@click.option("--until", type=Moment(), help="Up to this time (default: now).")
@output_options
@click.pass_obj
def command(
    app: App, accounts: tuple[str, ...], since: datetime, until: datetime | None, form: str
) -> None:
    """Show why the value changed since a moment.

    Splits the change into price, trades, deposits, withdrawals, fees, funding, rewards and an
    unexplained part; the parts add up to the last digit. An unexplained outflow is an alarm: no
    stored fill or withdrawal explains it.

    \b
    Examples:
      excache diff --since 7d
      excache diff --since 2026-01-01 --until 2026-02-01 --json
    """
    from exchange_cache.cli.past_reader import past_reader
    from exchange_cache.portfolio.difference import change_between
    from exchange_cache.render.output import write_difference

    refuse_range(since, until or app.now())
    chosen = tuple(account.name for account in app.accounts(accounts))
    repository = app.filled()
    with repository.snapshot():
        change = change_between(
            past_reader(app, repository, chosen),
            repository,
            since,
            until,
            app.settings.reporting_asset,
        )
    write_difference(
        change.found,
        change.findings,
        change.watched_since,
        app.out,
        form=form,
        terminal=app.terminal(),
        now=app.now(),
    )

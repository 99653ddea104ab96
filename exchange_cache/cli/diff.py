"""``excache diff``: why the value changed, in parts that add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.meant import refuse_range
from exchange_cache.cli.options import Moment, account_option, output_options

if TYPE_CHECKING:
    from exchange_cache.portfolio.difference import Change


@click.command("diff")
@account_option
@click.option(
    "--since",
    type=Moment(),
    required=True,
    help="From this time: 2026-01-31, an ISO time, or 7d.",
)
@click.option("--until", type=Moment(), help="Up to this time (default: now).")
@click.option("--wait", is_flag=True, help="Fetch missing prices of these times first.")
@output_options
@click.pass_obj
def command(
    app: App,
    accounts: tuple[str, ...],
    since: datetime,
    until: datetime | None,
    wait: bool,
    form: str,
) -> None:
    """Show why the value changed since a moment.

    Splits the change into price, trades, deposits, withdrawals, fees, funding, rewards and an
    unexplained part; the parts add up to the last digit. What has no stored price at one of the two
    times is kept apart, and no percentage is shown then. An unexplained outflow is an alarm: no
    stored fill or withdrawal explains it.

    \b
    Examples:
      excache diff --since 7d
      excache diff --since 2026-01-01 --until 2026-02-01 --json
      excache diff --since 30d --wait
    """
    from exchange_cache.render.output import write_difference

    refuse_range(since, until or app.now())
    chosen = tuple(account.name for account in app.accounts(accounts))
    change = _change(app, chosen, since, until, wait=wait)
    write_difference(
        change.found,
        change.findings,
        change.watched_since,
        app.out,
        form=form,
        terminal=app.terminal(),
        now=app.now(),
        cure=_cure(accounts, since, until) if change.unrequested else None,
    )


def _change(
    app: App, accounts: Sequence[str], since: datetime, until: datetime | None, *, wait: bool
) -> Change:
    """The change; ``wait`` first fetches what would price more of it."""
    from exchange_cache.cli.past_prices import fetch_prices
    from exchange_cache.cli.past_reader import past_reader
    from exchange_cache.portfolio.difference import change_between

    repository = app.filled()
    asset = app.settings.reporting_asset
    past = past_reader(app, repository, accounts)

    def read() -> Change:
        with repository.snapshot():
            return change_between(past, repository, since, until, asset)

    change = read()
    if wait and change.unrequested:
        fetch_prices(app, "diff --wait", change.unrequested, asset)
        past.forget_prices()
        change = read()
    return change


def _cure(accounts: Iterable[str], since: datetime, until: datetime | None) -> str:
    """The command that fetches the missing prices, as it can be pasted."""
    from exchange_cache.render.words import typed

    parts = [f"excache diff --since {typed(since)}"]
    parts += [f"--until {typed(until)}"] if until is not None else []
    return " ".join([*parts, *(f"--account {name}" for name in accounts), "--wait"])

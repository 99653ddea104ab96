"""``excache pnl``: profit and loss per asset or account, and the identity that proves it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.moments import BEGINNING
from exchange_cache.cli.options import (
    OneOf,
    account_option,
    output_options,
    period_option,
)

if TYPE_CHECKING:
    from exchange_cache.cost.basis import AssetBasis


@click.command("pnl")
@account_option
@period_option
@click.option(
    "--by",
    type=OneOf(("asset", "account")),
    default="asset",
    show_default=True,
    help="Group results by asset or account.",
)
@output_options
@click.pass_obj
def command(app: App, accounts: tuple[str, ...], period: datetime, by: str, form: str) -> None:
    """Show profit and loss, and prove that it adds up.

    Realised results, funding, fees and net deposits are those of the period; value, unrealised and
    unknown are current. The last line is the identity: value now = net deposits + realised +
    unrealised + unknown, to the last digit.

    \b
    Examples:
      excache pnl
      excache pnl --period year --by account
      excache pnl --period 2026-01-01 --format csv
    """
    from exchange_cache.cli.view import costs_by
    from exchange_cache.render.output import write_pnl
    from exchange_cache.sync.costs import bases_at
    from exchange_cache.value.results import pnl_report

    chosen = tuple(account.name for account in app.accounts(accounts))
    repository = app.filled()
    asset, method = app.settings.reporting_asset, app.settings.cost_method
    with repository.snapshot():
        changed = costs_by(app)
        reading = app.accessor(repository).read(accounts=chosen, bases=changed)
        bases = repository.derived.bases(method, asset) if changed is None else changed
        before: tuple[AssetBasis, ...] = ()
        if period > BEGINNING:
            before = bases_at(repository, app.cost_settings(), period)
    report = pnl_report(reading, bases, before, since=period if period > BEGINNING else None, by=by)
    write_pnl(report, app.out, form=form, terminal=app.terminal())

"""``excache explain ASSET``: an average entry price step by step, reconciled with the balance."""

from __future__ import annotations

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.meant import asset_meant
from exchange_cache.cli.options import (
    METHODS,
    MOST,
    OneOf,
    Whole,
    account_option,
    completed,
    output_options,
)
from exchange_cache.errors import UsageError

#: How many events a screen shows.
SCREEN = 200


@click.command("explain")
@click.argument("asset", shell_complete=completed("assets"))
@account_option
@click.option(
    "--cost-method",
    "method",
    type=OneOf(METHODS),
    help="Which units a sale removes (default: as configured).",
)
@click.option(
    "--limit",
    type=Whole(1, MOST),
    help="At most this many events, the newest ones (on a screen: 200).",
)
@click.option("--all", "everything", is_flag=True, help="List every event on a screen, too.")
@output_options
@click.pass_obj
def command(
    app: App,
    asset: str,
    accounts: tuple[str, ...],
    method: str | None,
    limit: int | None,
    everything: bool,
    form: str,
) -> None:
    """Show how an average entry price was derived.

    Lists every fill, fee, transfer and convert of the asset with the quantity and cost held after
    it. The reconciliation compares the events with the balance and names likely causes of a
    difference.

    \b
    Examples:
      excache explain BTC
      excache explain ETH --account main --cost-method fifo
    """
    from exchange_cache.cli.explained import explained_listing
    from exchange_cache.render.output import write_listing

    repository = app.filled()
    asset = asset_meant(app, repository, asset)
    if len(accounts) > 1:
        raise UsageError(
            "explain takes one account, or all of them", hint=f"excache explain {asset}"
        )
    chosen = tuple(account.name for account in app.accounts(accounts))
    settings = app.cost_settings(method)
    screen = form == "table"
    if limit is None and screen and not everything:
        limit = SCREEN
    listing = explained_listing(
        app, repository, asset, chosen, settings, limit=limit, condensed=screen
    )
    write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())

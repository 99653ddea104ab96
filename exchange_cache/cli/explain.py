"""``excache explain ASSET``: an average entry price step by step, reconciled with the balance."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.meant import asset_meant
from exchange_cache.cli.options import (
    METHODS,
    MOST,
    Moment,
    OneOf,
    Whole,
    account_option,
    completed,
    output_options,
)
from exchange_cache.errors import UsageError
from exchange_cache.render.formats import FORMATS

if TYPE_CHECKING:
    from exchange_cache.render.explain_page import ExplainPage
    from exchange_cache.render.listing import Listing
    from exchange_cache.render.terminal import Terminal

#: How many events a screen shows, and of how many it sums up small ones.
SCREEN, NEWEST = 10, 200


@click.command("explain")
@click.argument("asset", shell_complete=completed("assets"))
@account_option
@click.option(
    "--cost-method",
    "method",
    type=OneOf(METHODS),
    help="Which units a sale removes (default: as configured).",
)
@click.option("--since", type=Moment(), metavar="DATE|7d", help="Only events from this time on.")
@click.option(
    "--limit",
    type=Whole(1, MOST),
    help="At most this many events, the newest ones (on a screen: 10).",
)
@click.option(
    "--all", "everything", is_flag=True, help="Add every event and how they add up to the balance."
)
@output_options
@click.pass_obj
def command(
    app: App,
    asset: str,
    accounts: tuple[str, ...],
    method: str | None,
    since: datetime | None,
    limit: int | None,
    everything: bool,
    form: str,
) -> None:
    """Show how an average entry price was derived.

    First the average, of how much of the holding, and what that is worth. Then what the other units
    are, each with the command that gives them a cost, the averages of the accounts, and the newest
    events.

    With --all every fill, fee, transfer and convert follows, with the quantity and cost held after
    it, and the reconciliation of the events with the balance. JSON and CSV hold all of it.

    \b
    Examples:
      excache explain BTC
      excache explain ETH --account main --cost-method fifo
      excache explain ETH --since 1w
    """
    from exchange_cache.cli.explained import answered, explained_listing
    from exchange_cache.cli.explained_page import explained_page

    repository = app.filled()
    asset = asset_meant(app, repository, asset)
    if len(accounts) > 1:
        raise UsageError(
            "explain takes one account, or all of them", hint=f"excache explain {asset}"
        )
    chosen = tuple(account.name for account in app.accounts(accounts))
    settings = app.cost_settings(method)
    exact = FORMATS[form].exact
    wide = exact or everything or since is not None
    newest = limit if wide else max(NEWEST, limit or 0)
    answer = answered(
        app, repository, asset, chosen, settings, newest=None if since is not None else newest
    )
    listing = explained_listing(app, repository, chosen, settings, answer, limit=limit, since=since)
    if exact:
        from exchange_cache.render.output import write_listing

        write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())
        return
    page = explained_page(
        app, repository, chosen, settings, answer, limit=limit or SCREEN, since=since
    )
    _write_page(app, page, listing if everything else None, form)


def _write_page(app: App, page: ExplainPage, audit: Listing | None, form: str) -> None:
    """The page; with every event and the audit in place of the newest ones."""
    from dataclasses import replace

    from exchange_cache.render.explain_page import explain_screen
    from exchange_cache.render.formats import Document, write
    from exchange_cache.render.layout import Screen

    def screen(terminal: Terminal) -> Screen:
        if audit is None:
            return explain_screen(page, terminal)
        from exchange_cache.render.list_screen import listing_screen

        answer = explain_screen(replace(page, rows=None), terminal)
        first, *rest = listing_screen(audit, now=app.now(), terminal=terminal).blocks
        return Screen(blocks=(*answer.blocks, first._replace(spaced=True), *rest))

    document = Document(data=dict, rows=lambda: ([], iter(())), screen=screen)
    write(document, app.out, form=form, terminal=app.terminal())

"""``excache history``: net worth over time from the snapshots that every sync leaves, as a chart and as data."""

from __future__ import annotations

from datetime import datetime

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import Moment, output_options
from exchange_cache.errors import NothingCached


@click.command("history")
@click.option("--since", type=Moment(), help="Only from this time on: 2026-01-31, an ISO time, or 30d.")
@click.option("--until", type=Moment(), help="Only before this time (exclusive).")
@output_options
@click.pass_obj
def command(app: App, since: datetime | None, until: datetime | None, form: str) -> None:
    """Show net worth over time.

    Every sync leaves a snapshot; the history begins with the first one.

    \b
    Examples:
      excache history
      excache history --since 30d --format csv
    """
    from exchange_cache.render.output import write_history

    repository = app.cached()
    asset = app.settings.reporting_asset
    snapshots = repository.derived.snapshots(reporting_asset=asset, since=since, until=until) if repository is not None else ()
    if not snapshots:
        raise NothingCached("no snapshot of the portfolio yet", hint="every sync leaves one: excache sync")
    points = [(snapshot.taken_at, snapshot.value) for snapshot in snapshots]
    write_history(points, app.out, asset=asset, form=form, terminal=app.terminal(), now=app.now())

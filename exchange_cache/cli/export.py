"""``excache export``: the whole ledger in a form that other programs read."""

from __future__ import annotations

from datetime import datetime

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.filters import asset_option
from exchange_cache.cli.options import METHODS, Moment, OneOf, Until, account_option, raw_option
from exchange_cache.export.formats import EXPORTS


@click.command("export")
@click.argument("form", metavar="FORMAT", type=OneOf(list(EXPORTS)))
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write this file, whole or not at all, instead of stdout.",
)
@account_option
@asset_option
@click.option(
    "--since", type=Moment(), help="Only from this time, after what was held then: 2026-01-31, 1y …"
)
@click.option("--until", type=Until(), help="Only before this time (exclusive).")
@click.option(
    "--method",
    "--cost-method",
    "method",
    type=OneOf(METHODS),
    help="Cost method, instead of cost_method in config.toml.",
)
@raw_option
@click.pass_obj
def command(
    app: App,
    form: str,
    output: str | None,
    accounts: tuple[str, ...],
    asset: str | None,
    since: datetime | None,
    until: datetime | None,
    method: str | None,
) -> None:
    """Write the ledger for other programs.

    FORMAT is beancount, hledger, ledger, koinly (its CSV), csv or jsonl. Every fill, transfer, fee
    and result is an entry with its units and their cost, in time order; balances and prices follow.
    Cost is that of each account by itself, in the reporting asset.

    \b
    Examples:
      excache export beancount -o crypto.beancount --method fifo
      excache export csv --account main --since 2026-01-01
      excache export koinly --account main --until 2026-01-01 -o main.csv
    """
    from exchange_cache.cli.exported import write_export

    write_export(
        app,
        form,
        output,
        accounts=accounts,
        asset=asset,
        since=since,
        until=until,
        method=method,
    )

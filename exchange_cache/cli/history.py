"""``excache history``: net worth over time, from the snapshots of syncs."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import Moment, OneOf, Until, account_option, output_options
from exchange_cache.errors import DiskFull, NothingCached, UsageError

if TYPE_CHECKING:
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.portfolio.series import Worth

#: The formats of files by their suffix.
PICTURES = (".svg", ".png")
DATA = {".json": "json", ".csv": "csv"}


@click.command("history")
@account_option
@click.option(
    "--since", type=Moment(), help="Only from this time: 2026-01-31, an ISO time, or 30d."
)
@click.option("--until", type=Until(), help="Only before this time (exclusive).")
@click.option(
    "--every",
    type=OneOf(("day", "week", "month")),
    help="Only the last point of each day, week or month, in your timezone.",
)
@click.option("--recorded", is_flag=True, help="Only what syncs recorded, nothing reconstructed.")
@click.option("--by", type=OneOf(("asset", "account")), help="Show the allocation over time too.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a file: .svg, .png, .json or .csv.",
)
@output_options
@click.pass_obj
def command(
    app: App,
    accounts: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    every: str | None,
    recorded: bool,
    by: str | None,
    output: Path | None,
    form: str,
) -> None:
    """Show net worth over time.

    Every sync that reads a balance or a price stores a snapshot. After a week (keep_snapshots in
    config.toml), only the last of each day (UTC) is kept.

    Before the first snapshot, the line is reconstructed from stored fills, transfers and past
    prices, and dotted: by day, by week from four months on, by month from four years on. What has
    no stored price within 31 days is not in it; nothing is fetched. Pictures show snapshots only.
    A .png file requires pip install 'excache[png]'.

    \b
    Examples:
      excache history
      excache history --every month --json
      excache history --since 30d --by asset --output worth.svg
      excache history --since 30d --format csv
    """
    from exchange_cache.cli.meant import refuse_range
    from exchange_cache.portfolio.net_worth import thinned
    from exchange_cache.portfolio.series import compared, net_worth
    from exchange_cache.render.output import picture_bytes, write_history

    if output is not None and output.suffix.lower() not in (*PICTURES, *DATA):
        raise UsageError(
            f"{output.name}: the name must end in .svg, .png, .json or .csv",
            hint="excache history --output worth.svg",
        )
    refuse_range(since, until)
    chosen = [account.name for account in app.accounts(accounts)] if accounts else None
    repository = app.cached()
    asset = app.settings.reporting_asset
    end = app.now() + timedelta(milliseconds=1)  # a future snapshot has a wrong time
    end = end if until is None else min(until, end)
    seen = (
        ()
        if repository is None
        else net_worth(repository, asset, since=since, until=end, by=by, accounts=chosen)
    )
    if not seen:
        app.accounts(())  # without any account, that is what to say
    pictured = output is not None and output.suffix.lower() in PICTURES
    older: tuple[Worth, ...] = ()
    if repository is not None and not recorded and not pictured:
        older = _older(app, repository, chosen, by, (since, end), every)
    found = (*older, *seen) if every is None else thinned((*older, *seen), every)
    if not found:
        raise _no_snapshot(app, repository)
    points = [(one.at, one.value) for one in found]
    parts = [one.parts for one in found] if by is not None else []

    both = None
    if len(seen) > 1 and repository is not None:
        both = compared(repository, asset, seen[0], seen[-1], chosen)
    write = partial(
        write_history,
        points,
        compared=both,
        asset=asset,
        now=app.now(),
        parts=parts,
        by=by or "",
        lacks=[one.gaps for one in found],
        sources=[one.source for one in found],
    )
    if output is None:
        write(app.out, form=form, terminal=app.terminal())
        return
    suffix = output.suffix.lower()
    content = (
        picture_bytes(points, parts, asset=asset, suffix=suffix, compared=both)
        if suffix in PICTURES
        else _data_bytes(write, DATA[suffix], raw=app.raw)
    )
    _write(output, content)
    app.say(f"Wrote {output} ({len(points):,} {'snapshots' if pictured else 'points'}).")


def _older(
    app: App,
    repository: ExchangeCacheRepository,
    chosen: list[str] | None,
    by: str | None,
    span: tuple[datetime | None, datetime],
    every: str | None,
) -> tuple[Worth, ...]:
    """The reconstructed points of a span, as a sync stored them; of some accounts, or with parts,
    computed from the days that it stored."""
    from exchange_cache.portfolio.net_worth import (
        Selection,
        days_before,
        first_snapshot,
        reconstructed,
        remembered_days,
        remembered_past,
    )

    since, end = span
    asset = app.settings.reporting_asset
    first = first_snapshot(repository, asset, app.now())
    if first is None or (since is not None and since >= first):
        return ()
    accounts = chosen or [one.name for one in app.settings.enabled_accounts]
    selection = Selection(since=since, end=end, every=every)
    points = remembered_past(repository, accounts, asset) if by is None else None
    if points is not None:
        selected = set(selection.of(one.at for one in points))
        return tuple(one for one in points if one.at in selected)
    days = remembered_days(repository, accounts, asset)
    if days is None:
        from exchange_cache.cli.past_reader import past_reader

        past = past_reader(app, repository, accounts)
        with repository.snapshot():
            days = days_before(past, repository, accounts, asset, first)
    return reconstructed(
        days, accounts=accounts, asset=asset, until=first, by=by, selection=selection
    )


def _no_snapshot(app: App, repository: ExchangeCacheRepository | None) -> NothingCached:
    """No snapshot is stored, or none of what was selected."""
    asset = app.settings.reporting_asset
    stored = () if repository is None else repository.derived.worths(asset)
    if not stored:
        return NothingCached(
            "no snapshot of the portfolio yet", hint="every sync stores one: excache sync"
        )
    from exchange_cache.render import words

    first, last = stored[0].at, stored[-1].at
    return NothingCached(
        f"no snapshot between these times; they are stored from {words.minute(first)} to"
        f" {words.zoned_minute(last)}"
    )


def _data_bytes(write: Callable[..., None], form: str, *, raw: bool) -> bytes:
    from exchange_cache.render.terminal import PIPE

    page = io.StringIO(newline="")
    write(page, form=form, terminal=PIPE._replace(raw=raw))
    return page.getvalue().encode()


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        what = f"{output} cannot be written ({error.strerror})"
        wrong = UsageError(what, hint="name another file")
        raise DiskFull.named(error, output) or wrong from error

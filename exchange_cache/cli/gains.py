"""``excache gains``: closed lots with their gains, and the totals of tax years."""

from __future__ import annotations

import re
import shlex
from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.filters import asset_option
from exchange_cache.cli.options import (
    METHODS,
    MOST,
    OneOf,
    Whole,
    Worded,
    account_option,
    output_options,
)

if TYPE_CHECKING:
    from exchange_cache.cost.journal import Entry
    from exchange_cache.render.gains import Counted, GainsPage
    from exchange_cache.value.gains import GainsReport, Held

#: How many lots a screen shows.
SCREEN = 20
FIRST, LAST = 1970, 9000
_NO_LEAP_YEAR = 1999


class Begin(Worded, click.ParamType[tuple[int, int]]):
    """The month and the day on which a tax year begins, as ``04-06``."""

    name = "day"
    words = ("01-01", "04-06", "07-01")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        from datetime import date

        if isinstance(value, tuple):
            return value
        try:
            day = date.fromisoformat(f"{_NO_LEAP_YEAR}-{str(value).strip()}")
        except ValueError:
            self.fail(f"{value!r} is not a day of every year such as 04-06", param, ctx)
        return day.month, day.day


class Term(Worded, click.ParamType["Held"]):
    """How long a lot is short: calendar years such as ``1y``, or days such as ``365d``."""

    name = "time"
    words = ("1y", "2y", "365d")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Held:
        from exchange_cache.value.gains import Held

        if isinstance(value, Held):
            return value
        found = re.fullmatch(r"(\d{1,2})y|(\d{1,5})d", str(value).strip().casefold())
        if found is None:
            self.fail(f"{value!r} is not a time such as 1y or 365d", param, ctx)
        return Held(years=int(found[1] or 0), days=int(found[2] or 0))


@click.command("gains")
@account_option
@asset_option
@click.option("--year", type=Whole(FIRST, LAST), help="Only the tax year that begins in this year.")
@click.option(
    "--cost-method",
    "method",
    type=OneOf(METHODS),
    help="Which units a sale removes (default: as configured).",
)
@click.option(
    "--per-account", is_flag=True, help="A book for each account, not one over all of them."
)
@click.option(
    "--long-after",
    type=Term(),
    default="1y",
    show_default=True,
    metavar="1y|365d",
    help="A gain is long-term if the lot was held for more than this.",
)
@click.option(
    "--year-begins",
    type=Begin(),
    default="01-01",
    show_default=True,
    metavar="MM-DD",
    help="The first day of a tax year.",
)
@click.option("--totals", is_flag=True, help="Only the totals of years and accounts.")
@click.option(
    "--limit",
    type=Whole(1, MOST),
    help="At most this many rows, the newest ones (on a screen: 20).",
)
@click.option("--all", "everything", is_flag=True, help="Every lot on a screen too.")
@output_options
@click.pass_obj
def command(
    app: App,
    accounts: tuple[str, ...],
    asset: str | None,
    year: int | None,
    method: str | None,
    per_account: bool,
    long_after: Held,
    year_begins: tuple[int, int],
    totals: bool,
    limit: int | None,
    everything: bool,
    form: str,
) -> None:
    """Show gains lot by lot, and their totals by tax year.

    Each sale, spent fee and covered short closes lots: when they were opened, what they cost and
    brought. Units whose cost no fill explains have no gain, and are never counted as zero. The
    gains and other results add up to the realised result of the portfolio.

    With all accounts the lots are those of one book, as in the portfolio; with --per-account or
    --account those of each account, where transfers carry lots. A running average has no lots.
    Years and days are those of your timezone. CSV holds every row, and JSON the totals too.

    \b
    Examples:
      excache gains --cost-method fifo
      excache gains --year 2026 --per-account --cost-method fifo --format csv
      excache gains --totals --year-begins 04-06 --long-after 365d
    """
    from exchange_cache.cli.meant import asset_meant
    from exchange_cache.render.gains import GainsPage
    from exchange_cache.sync.gains import closed_lots, is_pooled
    from exchange_cache.value.gains import GainsReport, TaxRules

    repository = app.filled()
    asset = None if asset is None else asset_meant(app, repository, asset)
    chosen = tuple(account.name for account in app.accounts(accounts))
    settings = app.cost_settings(method)
    rules = TaxRules(begins=year_begins, short=long_after, zone=app.zone())
    since, until = (None, None) if year is None else rules.span(year)
    report = GainsReport(rules=rules)
    with repository.snapshot():
        page = GainsPage(
            reporting_asset=settings.reporting_asset,
            method=settings.method,
            pooled=is_pooled(repository, settings, chosen, per_account=per_account),
            year_begins=f"{year_begins[0]:02d}-{year_begins[1]:02d}",
            long_after=f"{long_after.years}y" if long_after.years else f"{long_after.days}d",
            as_of=app.now(),
        )
        entries = closed_lots(
            repository,
            settings,
            accounts=chosen,
            pooled=page.pooled,
            asset=asset,
            since=since,
            until=until,
        )
        _write(app, page, report, entries, form, limit=limit, everything=everything, totals=totals)


def _write(
    app: App,
    page: GainsPage,
    report: GainsReport,
    entries: Iterable[Entry],
    form: str,
    *,
    limit: int | None,
    everything: bool,
    totals: bool,
) -> None:
    from exchange_cache.render.formats import FORMATS
    from exchange_cache.render.gains import (
        LOT_KEYS,
        TOTAL_KEYS,
        row_of,
        total_row,
        write_gains_csv,
        write_gains_json,
    )

    counted = report.counted(entries)
    if not FORMATS[form].exact:
        _write_screen(app, page, report, counted, form, limit, everything, totals)
        return
    rows: Iterable[Mapping[str, object]] = map(row_of, counted)
    if totals:
        deque(counted, maxlen=0)
        rows = () if form == "json" else [total_row(one) for one in report.totals]
    elif limit is not None:
        rows = deque(rows, maxlen=limit)
    terminal = app.terminal()
    if form == "json":
        write_gains_json(page, report, rows, app.out, ascii_only=not terminal.unicode)
    else:
        keys = TOTAL_KEYS if totals else LOT_KEYS
        write_gains_csv(page, keys, rows, app.out, raw=terminal.raw)


def _write_screen(
    app: App,
    page: GainsPage,
    report: GainsReport,
    counted: Iterable[Counted],
    form: str,
    limit: int | None,
    everything: bool,
    totals: bool,
) -> None:
    """The totals, and the newest lots first."""
    from exchange_cache.render.formats import Document, write
    from exchange_cache.render.gains import gains_screen, lots_listing, row_of, totals_listing
    from exchange_cache.value.gains import is_disposal

    most = None if everything else 0 if totals else limit or SCREEN
    lots = (one for one in counted if is_disposal(one[0]))
    newest = [row_of(one) for one in reversed(deque(lots, maxlen=most))]
    above = totals_listing(page, report)
    hidden = report.whole.disposals - len(newest)
    every = shlex.join(["excache", *app.words, "--all"])
    notes = (f"{hidden:,} older lots are not shown. Every one: {every}",) if hidden else ()
    below = None if totals else lots_listing(page, newest, notes)
    document = Document(
        data=dict,
        rows=lambda: ([], iter(())),
        screen=lambda terminal: gains_screen(above, below, now=app.now(), terminal=terminal),
    )
    write(document, app.out, form=form, terminal=app.terminal())

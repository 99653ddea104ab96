"""The door for commands: a value, a format, a stream. Each format loads only what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

from exchange_cache.findings import Finding
from exchange_cache.render.layout import Screen
from exchange_cache.render.listing import (
    Listing,
    listing_document,
    listing_screen,
    write_listing_csv,
)
from exchange_cache.render.machine import write_json
from exchange_cache.render.portfolio import PortfolioOptions, portfolio_screen
from exchange_cache.render.portfolio_data import (
    groups_document,
    portfolio_document,
    write_groups_csv,
    write_portfolio_csv,
)
from exchange_cache.render.terminal import PIPE, Terminal
from exchange_cache.value.grouping import sorted_holdings
from exchange_cache.value.reading import PortfolioReading

if TYPE_CHECKING:
    from exchange_cache.value.changes import Changes
    from exchange_cache.value.difference import Difference
    from exchange_cache.value.results import PnlReport

FORMATS = ("table", "plain", "markdown", "csv", "json")


def write_portfolio(
    reading: PortfolioReading,
    stream: TextIO,
    *,
    form: str,
    terminal: Terminal,
    now: datetime,
    options: PortfolioOptions | None = None,
) -> None:
    """Write a reading in one of :data:`FORMATS`."""
    chosen = options or PortfolioOptions()
    if form == "json":
        groups = (
            groups_document(reading, chosen.by, chosen.exchanges) if chosen.by != "asset" else {}
        )
        document = portfolio_document(
            replace(reading, holdings=sorted_holdings(reading.holdings, chosen.sort))
        )
        source = {"source": chosen.past} if chosen.past else {}
        write_json({**document, **groups, **source}, stream, ascii_only=not terminal.unicode)
    elif form == "csv" and chosen.by != "asset":
        write_groups_csv(reading, chosen.by, chosen.exchanges, stream)
    elif form == "csv":
        write_portfolio_csv(
            replace(reading, holdings=sorted_holdings(reading.holdings, chosen.sort)), stream
        )
    else:
        write_form(
            lambda shown: portfolio_screen(reading, now=now, terminal=shown, options=chosen),
            stream,
            form=form,
            terminal=terminal,
        )


def write_listing(
    listing: Listing, stream: TextIO, *, form: str, terminal: Terminal, now: datetime
) -> None:
    """Write a list in one of :data:`FORMATS`."""
    if form == "json":
        write_json(listing_document(listing), stream, ascii_only=not terminal.unicode)
    elif form == "csv":
        write_listing_csv(listing, stream)
    else:
        write_form(
            lambda shown: listing_screen(listing, now=now, terminal=shown),
            stream,
            form=form,
            terminal=terminal,
        )


def write_changes(
    changes: Changes, stream: TextIO, *, form: str, terminal: Terminal, now: datetime
) -> None:
    """Write what a reload changed in one of :data:`FORMATS`; CSV holds the new fills."""
    from exchange_cache.render.changes import changes_document, changes_listing, changes_screen

    if form == "json":
        write_json(changes_document(changes), stream, ascii_only=not terminal.unicode)
    elif form == "csv":
        write_listing_csv(changes_listing(changes), stream)
    else:
        write_form(
            lambda shown: changes_screen(changes, now=now, terminal=shown),
            stream,
            form=form,
            terminal=terminal,
        )


def write_pnl(report: PnlReport, stream: TextIO, *, form: str, terminal: Terminal) -> None:
    """Write profit and loss in one of :data:`FORMATS`."""
    from exchange_cache.render.pnl import pnl_document, pnl_screen, write_pnl_csv

    if form == "json":
        write_json(pnl_document(report), stream, ascii_only=not terminal.unicode)
    elif form == "csv":
        write_pnl_csv(report, stream)
    else:
        write_form(
            lambda shown: pnl_screen(report, terminal=shown), stream, form=form, terminal=terminal
        )


def write_difference(
    found: Difference,
    findings: Sequence[Finding],
    watched_since: datetime | None,
    stream: TextIO,
    *,
    form: str,
    terminal: Terminal,
    now: datetime,
) -> None:
    """Write the split of a change in one of :data:`FORMATS`."""
    from exchange_cache.render.difference import (
        difference_document,
        difference_screen,
        write_difference_csv,
    )

    if form == "json":
        write_json(
            difference_document(found, findings, watched_since),
            stream,
            ascii_only=not terminal.unicode,
        )
    elif form == "csv":
        write_difference_csv(found, stream)
    else:
        write_form(
            lambda shown: difference_screen(
                found, findings, watched_since, now=now, terminal=shown
            ),
            stream,
            form=form,
            terminal=terminal,
        )


def write_history(
    points: Sequence[tuple[datetime, Decimal]],
    stream: TextIO,
    *,
    asset: str,
    form: str,
    terminal: Terminal,
    now: datetime,
    parts: Sequence[Mapping[str, Decimal]] = (),
    by: str = "",
    lacks: Sequence[tuple[str, ...]] = (),
) -> None:
    """Write the net worth over time: a chart as table, a list in every other of :data:`FORMATS`.

    ``parts`` and ``lacks`` (what was missing or stale) are beside the points.
    """
    from exchange_cache.render.chart import history_screen
    from exchange_cache.render.lists import history_listing

    if form == "table":
        write_form(
            lambda shown: history_screen(
                points, parts, by=by, asset=asset, now=now, terminal=shown
            ),
            stream,
            form=form,
            terminal=terminal,
        )
    else:
        write_listing(
            history_listing(points, asset, now, parts, lacks),
            stream,
            form=form,
            terminal=terminal,
            now=now,
        )


def picture_bytes(
    points: Sequence[tuple[datetime, Decimal]],
    parts: Sequence[Mapping[str, Decimal]],
    *,
    asset: str,
    suffix: str,
) -> bytes:
    """The net worth over time as the bytes of an ``.svg`` or ``.png`` file."""
    from exchange_cache.render.picture import history_picture

    picture = history_picture(points, parts, asset=asset)
    if suffix == ".svg":
        from exchange_cache.render.svg import svg_text

        return svg_text(picture).encode()
    from exchange_cache.render.png import png_bytes

    return png_bytes(picture)


def write_form(
    screen: Callable[[Terminal], Screen], stream: TextIO, *, form: str, terminal: Terminal
) -> None:
    """Write any screen as table, plain or markdown; plain forms are laid out without a width, as
    for a pipe."""
    if form == "table":
        from exchange_cache.render.table import write_screen

        write_screen(screen(terminal), stream, terminal)
    elif form in {"plain", "markdown"}:
        from exchange_cache.render.plain import write_plain

        shown = Terminal(width=PIPE.width, colour=False, unicode=terminal.unicode, is_tty=False)
        write_plain(screen(shown), stream, form)
    else:
        raise ValueError(f"unknown format {form!r}; one of {', '.join(FORMATS)}")

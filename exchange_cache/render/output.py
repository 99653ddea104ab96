"""Writes each kind of answer in a format to a stream. A format loads only what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

from exchange_cache.render.formats import Document, Rows, write
from exchange_cache.value.ordering import sorted_holdings

if TYPE_CHECKING:
    from exchange_cache.findings import Finding
    from exchange_cache.render.layout import Screen
    from exchange_cache.render.listing import Listing
    from exchange_cache.render.portfolio import PortfolioOptions
    from exchange_cache.render.terminal import Terminal
    from exchange_cache.value.changes import Changes
    from exchange_cache.value.compared import Compared
    from exchange_cache.value.difference import Difference
    from exchange_cache.value.reading import PortfolioReading
    from exchange_cache.value.results import PnlReport


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
    from exchange_cache.render.portfolio import PortfolioOptions, portfolio_screen

    chosen = options or PortfolioOptions()
    ordered = sorted_holdings(reading.holdings, chosen.sort)
    grouped = chosen.by != "asset"

    def data() -> dict[str, object]:
        from exchange_cache.render.portfolio_data import groups_document, portfolio_document

        groups = groups_document(reading, chosen.by, chosen.exchanges) if grouped else {}
        source: dict[str, object] = {"source": chosen.past} if chosen.past else {}
        if chosen.assets:
            source["assets"] = list(chosen.assets)
        return {**portfolio_document(reading, ordered), **groups, **source}

    def rows() -> Rows:
        from exchange_cache.render.portfolio_data import groups_rows, portfolio_rows

        if grouped:
            return groups_rows(reading, chosen.by, chosen.exchanges)
        return portfolio_rows(ordered)

    document = Document(
        data=data,
        rows=rows,
        screen=lambda shown: portfolio_screen(reading, now=now, terminal=shown, options=chosen),
    )
    write(document, stream, form=form, terminal=terminal)


def write_listing(
    listing: Listing,
    stream: TextIO,
    *,
    form: str,
    terminal: Terminal,
    now: datetime,
    screen: Callable[[Terminal], Screen] | None = None,
) -> None:
    """Write a list in one of :data:`FORMATS`; ``screen`` replaces the list on screens."""
    from exchange_cache.render.listing import listing_document, listing_rows

    def shown(terminal: Terminal) -> Screen:
        from exchange_cache.render.list_screen import listing_screen

        return listing_screen(listing, now=now, terminal=terminal)

    document = Document(
        data=lambda: listing_document(listing),
        rows=lambda: listing_rows(listing),
        screen=screen or shown,
    )
    write(document, stream, form=form, terminal=terminal)


def write_changes(
    changes: Changes, stream: TextIO, *, form: str, terminal: Terminal, now: datetime
) -> None:
    """Write what a reload changed in one of :data:`FORMATS`; CSV contains the new fills."""
    from exchange_cache.render.changes import changes_document, changes_listing, changes_screen
    from exchange_cache.render.listing import listing_rows

    document = Document(
        data=lambda: changes_document(changes),
        rows=lambda: listing_rows(changes_listing(changes)),
        screen=lambda shown: changes_screen(changes, now=now, terminal=shown),
    )
    write(document, stream, form=form, terminal=terminal)


def write_pnl(report: PnlReport, stream: TextIO, *, form: str, terminal: Terminal) -> None:
    """Write profit and loss in one of :data:`FORMATS`."""
    from exchange_cache.render.pnl import pnl_document, pnl_rows, pnl_screen

    document = Document(
        data=lambda: pnl_document(report),
        rows=lambda: pnl_rows(report),
        screen=lambda shown: pnl_screen(report, terminal=shown),
    )
    write(document, stream, form=form, terminal=terminal)


def write_difference(
    found: Difference,
    findings: Sequence[Finding],
    watched_since: datetime | None,
    stream: TextIO,
    *,
    form: str,
    terminal: Terminal,
    now: datetime,
    cure: str | None = None,
) -> None:
    """Write why the value changed in one of :data:`FORMATS`; ``cure`` fetches missing prices."""
    from exchange_cache.render.difference import (
        difference_document,
        difference_rows,
        difference_screen,
    )

    document = Document(
        data=lambda: difference_document(found, findings, watched_since),
        rows=lambda: difference_rows(found),
        screen=lambda shown: difference_screen(
            found, findings, watched_since, now=now, terminal=shown, cure=cure
        ),
    )
    write(document, stream, form=form, terminal=terminal)


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
    sources: Sequence[str] = (),
    compared: Compared | None = None,
) -> None:
    """Write net worth over time: a chart as table, a list in all other :data:`FORMATS`.

    ``parts``, ``lacks`` (what was missing or stale) and ``sources`` (snapshot or reconstructed)
    have one entry per point. ``compared``: the first and the last that a snapshot recorded.
    """
    from exchange_cache.render.chart import history_screen
    from exchange_cache.render.history import history_listing
    from exchange_cache.render.rebuilt import rebuilt_of

    def chart(shown: Terminal) -> Screen:
        return history_screen(
            points,
            parts,
            by=by,
            asset=asset,
            now=now,
            terminal=shown,
            compared=compared,
            rebuilt=rebuilt_of(points, lacks, sources),
        )

    write_listing(
        history_listing(points, asset, now, parts, lacks, sources),
        stream,
        form=form,
        terminal=terminal,
        now=now,
        screen=chart if form == "table" else None,
    )


def picture_bytes(
    points: Sequence[tuple[datetime, Decimal]],
    parts: Sequence[Mapping[str, Decimal]],
    *,
    asset: str,
    suffix: str,
    compared: Compared | None = None,
) -> bytes:
    """Net worth over time as the bytes of an ``.svg`` or ``.png`` file."""
    from exchange_cache.render.picture import history_picture

    picture = history_picture(points, parts, asset=asset, compared=compared)
    if suffix == ".svg":
        from exchange_cache.render.svg import svg_text

        return svg_text(picture).encode()
    from exchange_cache.render.png import png_bytes

    return png_bytes(picture)

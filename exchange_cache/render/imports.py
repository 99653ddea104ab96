"""Imported files as lists: what a file brought, and which files there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from exchange_cache.render.listing import Column, Listing, for_programs

_BROUGHT = (
    Column(key="file", heading="File"),
    Column(key="account", heading="Account"),
    Column(key="table", heading="Table", priority=2),
    Column(key="rows", heading="Rows", kind="integer"),
    Column(key="new", heading="New", kind="integer"),
    Column(key="known", heading="Known", kind="integer"),
    Column(key="conflicting", heading="Differ", kind="integer"),
    Column(key="left_out", heading="Left out", kind="integer"),
    *for_programs(
        "id exchange edition start end records unknown again dry_run reasons differences coverage"
        " first_break open_ended"
    ),
)
_FILES = (
    Column(key="id", heading="Id", kind="integer"),
    Column(key="file", heading="File"),
    Column(key="account", heading="Account"),
    Column(key="table", heading="Table", priority=2),
    Column(key="start", heading="From", kind="time", priority=1),
    Column(key="end", heading="To", kind="time", priority=1),
    Column(key="rows", heading="Rows", kind="integer", priority=4),
    Column(key="in_ledger", heading="In the ledger", kind="integer"),
    Column(key="imported_at", heading="Imported", kind="time", priority=3),
    *for_programs("exchange edition origin records unknown left_out user digest"),
)


def brought_listing(
    rows: Sequence[Mapping[str, object]], now: datetime, notes: Iterable[str]
) -> Listing:
    """What each of some files brought."""
    return Listing(title="", columns=_BROUGHT, rows=tuple(rows), as_of=now, notes=tuple(notes))


def files_listing(rows: Sequence[Mapping[str, object]], now: datetime) -> Listing:
    """The files that were imported."""
    return Listing(
        title="",
        columns=_FILES,
        rows=tuple(rows),
        as_of=now,
        empty="No file was imported yet. How: excache import --help",
    )

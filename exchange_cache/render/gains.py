"""Gains: the totals of tax years, and closed lots, as screens, CSV and JSON.

CSV and JSON write each row as it comes, so that a history of any length needs no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from exchange_cache.cost.journal import Entry, Result
from exchange_cache.render import words
from exchange_cache.render.json_text import json_members, json_piece
from exchange_cache.render.layout import Screen
from exchange_cache.render.listing import Column, Listing, for_programs
from exchange_cache.render.machine import SCHEMA, exact, write_csv
from exchange_cache.value.gains import GainsReport, Term, Total

if TYPE_CHECKING:
    from exchange_cache.render.terminal import Terminal

#: An entry with its tax year and its term.
Counted = tuple[Entry, str, Term]

LOT_KEYS = (
    *("tax_year", "closed_at", "opened_at", "held_days", "term", "account", "asset", "kind"),
    *("symbol", "source_id", "short", "quantity", "proceeds", "cost", "gain"),
)
TOTAL_KEYS = (
    *("year", "account", "disposals", "proceeds", "cost", "short_term", "long_term", "undated"),
    *("gain", "unknown_disposals", "unknown_proceeds", "unknown_cost"),
    *("derivatives", "funding", "income", "expenses", "realised", "unrated_disposals"),
)
_UNKNOWN = (
    "Unknown gains: {lots}, of units whose cost no fill explains. State it: excache basis set"
)
_UNRATED = (
    "No gain either: {lots}, given for what had no price then; their cost is {cost}."
    " The event: excache explain"
)
_UNDATED = (
    "The running average has no lots, so no gain has a term. By lots: excache gains"
    " --cost-method fifo"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GainsPage:
    """What every format states of its figures. ``pooled``: one book over all accounts."""

    reporting_asset: str
    method: str
    pooled: bool
    year_begins: str
    long_after: str
    as_of: datetime


def row_of(counted: Counted) -> dict[str, object]:
    """An entry under the keys of :data:`LOT_KEYS`; other results have no lot."""
    entry, year, term = counted
    row: dict[str, object] = dict.fromkeys(LOT_KEYS)
    row |= {
        "tax_year": year,
        "closed_at": entry.closed_at,
        "term": str(term),
        "account": entry.account,
        "asset": entry.asset,
        "short": False,
    }
    if isinstance(entry, Result):
        return row | {"kind": entry.flow, "gain": entry.value}
    held = entry.held
    return row | {
        "opened_at": entry.opened_at,
        "held_days": None if held is None else held.days,
        "kind": entry.kind,
        "symbol": entry.symbol,
        "source_id": entry.source_id or None,
        "short": entry.short,
        "quantity": entry.quantity,
        "proceeds": entry.proceeds,
        "cost": entry.cost,
        "gain": entry.gain,
    }


def total_row(total: Total) -> dict[str, object]:
    return {key: getattr(total, key) for key in TOTAL_KEYS}


# --- programs -------------------------------------------------------------------------------------


def write_gains_csv(
    page: GainsPage,
    keys: Sequence[str],
    rows: Iterable[Mapping[str, object]],
    stream: TextIO,
    *,
    raw: bool,
) -> None:
    """A line per row, each with the method and the reporting asset."""
    beside = (page.method, page.reporting_asset)
    lines = ((*(row[key] for key in keys), *beside) for row in rows)
    write_csv((*keys, "cost_method", "reporting_asset"), lines, stream, raw=raw)


def write_gains_json(
    page: GainsPage,
    report: GainsReport,
    rows: Iterable[Mapping[str, object]],
    stream: TextIO,
    *,
    ascii_only: bool,
) -> None:
    """One document; its rows are written as they come, and the totals follow them."""

    def piece(value: object, depth: int) -> str:
        return json_piece(exact(value), depth, ascii_only=ascii_only)

    head = {
        "schema": SCHEMA,
        "as_of": page.as_of,
        "reporting_asset": page.reporting_asset,
        "cost_method": page.method,
        "pooled": page.pooled,
        "year_begins": page.year_begins,
        "long_after": page.long_after,
    }
    stream.write("{\n" + json_members({key: piece(value, 1) for key, value in head.items()}))
    stream.write(',\n  "rows": [')
    mark = "\n    "
    for row in rows:
        stream.write(mark + piece(row, 2))
        mark = ",\n    "
    stream.write("],\n" if mark == "\n    " else "\n  ],\n")
    tail = {
        "totals": [total_row(total) for total in report.totals],
        "total": total_row(report.whole),
    }
    stream.write(json_members({key: piece(value, 1) for key, value in tail.items()}) + "\n}\n")


# --- screens --------------------------------------------------------------------------------------


def totals_listing(page: GainsPage, report: GainsReport) -> Listing:
    """A line per tax year and account, and the sum of all years."""
    digits = words.money_digits(page.reporting_asset)
    rows = [total_row(total) for total in report.totals]
    rows += [total_row(report.whole) | {"year": "all"}] if len(report.years) > 1 else []
    shown = [_shown(row) for row in rows]

    def money(key: str, heading: str, priority: int, kind: str = "signed") -> Column:
        return Column(key=key, heading=heading, kind=kind, priority=priority, digits=digits)

    columns = (
        Column(key="year", heading="Tax year"),
        Column(key="account", heading="Account", kind="code", priority=1),
        Column(key="disposals", heading="Lots", kind="integer", priority=8),
        money("short_term", "Short term", 2),
        money("long_term", "Long term", 2),
        money("undated", "Undated", 3),
        money("derivatives", "Derivatives", 4),
        money("funding", "Funding", 6),
        money("income", "Income", 5),
        money("expenses", "Expenses", 6),
        money("realised", "Realised", 0),
        money("unknown_proceeds", "For unknown cost", 7, "decimal"),
        *for_programs("proceeds cost gain unknown_disposals unknown_cost unrated_disposals"),
    )
    return Listing(
        title=_title(page),
        columns=columns,
        rows=tuple(shown),
        as_of=page.as_of,
        notes=_notes(page, report),
        empty="Nothing was disposed of.",
    )


def _shown(row: dict[str, object]) -> dict[str, object]:
    """The row without zeros of what a year does not have; a sum of accounts says so."""
    own = {key: None if value == 0 else value for key, value in row.items()}
    return own | {"account": row["account"] or "all", "realised": row["realised"]}


def _title(page: GainsPage) -> str:
    books = "one book over all accounts" if page.pooled else "a book per account"
    method = "running average" if page.method == "average" else page.method.upper()
    return f"Gains by {method}, {books}, in {page.reporting_asset}, long after {page.long_after}"


def _notes(page: GainsPage, report: GainsReport) -> tuple[str, ...]:
    notes = []
    whole = report.whole
    if unknown := whole.unknown_disposals - whole.unrated_disposals:
        notes.append(_UNKNOWN.format(lots=words.count(unknown, "lot")))
    if whole.unrated_disposals:
        lots = words.count(whole.unrated_disposals, "lot")
        cost = words.money(whole.unknown_cost, page.reporting_asset)
        notes.append(_UNRATED.format(lots=lots, cost=cost))
    if page.method == "average" and report.whole.disposals:
        notes.append(_UNDATED)
    return tuple(notes)


def lots_listing(
    page: GainsPage, lots: Sequence[Mapping[str, object]], notes: tuple[str, ...]
) -> Listing:
    digits = words.money_digits(page.reporting_asset)
    columns = (
        Column(key="closed_at", heading="Closed", kind="time"),
        Column(key="opened_at", heading="Opened", kind="time", priority=3),
        Column(key="held_days", heading="Days", kind="integer", priority=4),
        Column(key="term", heading="Term", kind="state", priority=2),
        Column(key="account", heading="Account", priority=6),
        Column(key="asset", heading="Asset", kind="code"),
        Column(key="kind", heading="By", kind="state", priority=7),
        Column(key="quantity", heading="Quantity", kind="decimal", priority=1),
        Column(key="proceeds", heading="Proceeds", kind="decimal", digits=digits, priority=5),
        Column(key="cost", heading="Cost", kind="decimal", digits=digits, priority=5),
        Column(key="gain", heading="Gain", kind="signed", digits=digits),
    )
    return Listing(
        title="Closed lots", columns=columns, rows=tuple(lots), as_of=page.as_of, notes=notes
    )


def gains_screen(
    totals: Listing, lots: Listing | None, *, now: datetime, terminal: Terminal
) -> Screen:
    """The totals, then the lots."""
    from exchange_cache.render.list_screen import listing_screen

    above = listing_screen(totals, now=now, terminal=terminal)
    if lots is None or not lots.rows:
        return above
    first, *rest = listing_screen(lots, now=now, terminal=terminal).blocks
    return Screen(blocks=(*above.blocks, first._replace(spaced=True), *rest))

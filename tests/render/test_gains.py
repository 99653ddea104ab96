"""Gains as CSV and JSON, row by row, and as screens."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from exchange_cache.render.gains import (
    LOT_KEYS,
    GainsPage,
    gains_screen,
    lots_listing,
    row_of,
    totals_listing,
    write_gains_csv,
    write_gains_json,
)
from exchange_cache.render.layout import plain
from exchange_cache.render.machine import write_json
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.gains import GainsReport, TaxRules
from tests.builders import NOW
from tests.value.test_gains import ENTRIES

PAGE = GainsPage(
    reporting_asset="USDT",
    method="fifo",
    pooled=True,
    year_begins="01-01",
    long_after="1y",
    as_of=NOW,
)


def rows(report: GainsReport, number: int = len(ENTRIES)) -> Iterator[dict[str, object]]:
    return map(row_of, report.counted(ENTRIES[:number]))


@pytest.mark.parametrize("number", [0, 1, len(ENTRIES)])
def test_json_in_pieces_is_that_of_the_whole_document(number: int) -> None:
    report = GainsReport(rules=TaxRules())
    pieces = io.StringIO()
    write_gains_json(PAGE, report, rows(report, number), pieces, ascii_only=False)
    document: dict[str, Any] = json.loads(pieces.getvalue())
    assert len(document["rows"]) == number
    assert all(list(row) == list(LOT_KEYS) for row in document["rows"])
    whole = io.StringIO()
    write_json(document, whole)
    assert pieces.getvalue() == whole.getvalue()


def test_a_row_is_written_before_the_next_is_read() -> None:
    report, written = GainsReport(rules=TaxRules()), io.StringIO()
    sizes: list[int] = []

    def watched() -> Iterator[dict[str, object]]:
        for row in rows(report):
            sizes.append(len(written.getvalue()))
            yield row

    write_gains_json(PAGE, report, watched(), written, ascii_only=False)
    assert sizes == sorted(set(sizes))
    written, sizes = io.StringIO(), []
    write_gains_csv(PAGE, LOT_KEYS, watched(), written, raw=False)
    assert sizes == sorted(set(sizes))


def test_csv_leaves_what_is_unknown_empty() -> None:
    report, out = GainsReport(rules=TaxRules()), io.StringIO()
    write_gains_csv(PAGE, LOT_KEYS, rows(report), out, raw=False)
    found = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [(one["term"], one["proceeds"], one["cost"], one["gain"]) for one in found[:5]] == [
        ("long", "10", "4", "6"),
        ("short", "3", "5", "-2"),
        ("undated", "9", "8", "1"),
        ("unknown", "7", "", ""),
        ("unknown", "", "2", ""),
    ]
    assert [(one["kind"], one["quantity"], one["gain"]) for one in found[5:7]] == [
        ("funding", "", "-1"),
        ("derivative", "", "20"),
    ]
    assert {(one["cost_method"], one["reporting_asset"]) for one in found} == {("fifo", "USDT")}


def screen(width: int | None = 140) -> list[str]:
    report = GainsReport(rules=TaxRules())
    shown = list(rows(report))
    lots = lots_listing(PAGE, [row for row in shown if row["quantity"] is not None], ("more",))
    terminal = Terminal(is_tty=True, width=width, colour=False, unicode=True)
    made = gains_screen(totals_listing(PAGE, report), lots, now=NOW, terminal=terminal)
    return [plain(line) for block in made.blocks for line in block.lines]


def test_the_screen_states_its_method_and_what_is_unknown() -> None:
    lines = screen()
    assert lines[0] == "Gains by FIFO, one book over all accounts, in USDT, long after 1y"
    assert any(line.startswith("Unknown gains: 1 lot, of units whose cost no") for line in lines)
    assert any(
        line.startswith("No gain either: 1 lot, given for what had no price then; their cost is 2")
        for line in lines
    )
    assert lines[-1] == "more"


def test_a_narrow_screen_drops_no_part_of_the_realised_result_first() -> None:
    listing = totals_listing(PAGE, GainsReport(rules=TaxRules()))
    priority = {column.key: column.priority for column in listing.columns}
    parts = ("short_term", "long_term", "undated", "derivatives", "funding", "income", "expenses")
    others = (priority["unknown_proceeds"], priority["disposals"])
    assert max(priority[part] for part in parts) < min(others)

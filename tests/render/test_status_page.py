"""The screen of ``excache status``."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.findings import Finding
from exchange_cache.records import DataType
from exchange_cache.render.layout import cells, plain, screen_lines
from exchange_cache.render.status_page import StatusPage, status_screen
from exchange_cache.render.table import write_screen
from exchange_cache.render.terminal import Terminal
from exchange_cache.render.todo import Todo
from exchange_cache.value.completeness import Complete
from exchange_cache.value.freshness import Freshness
from tests.golden import hold_golden
from tests.render.builders import ASCII, PIPED, tty, verdict, verdicts

GOLDEN = Path(__file__).parent / "golden"
MINUTES = timedelta(minutes=3)
EXCHANGES = {"main": "binance", "bybit": "bybit", "okx": "okx"}
LAST = "Last sync 3 min ago, ok; next by cron at 15:03 UTC."


def since(kind: str, month: str = "") -> Complete:
    at = datetime.fromisoformat(f"{month}-03").replace(tzinfo=UTC) if month else None
    return Complete(kind=kind, since=at, whole=not month)


COMPLETE = {
    "main": (since("spot"), since("futures", "2026-06"), since("transfers")),
    "bybit": (since("spot", "2024-11"), since("transfers", "2024-11")),
    "okx": (since("spot", "2026-08"), Complete(kind="transfers", since=None)),
}
OVERSOLD = Finding(code="sold_more_than_known", account="bybit", message="more was sold")
LOST = Finding(code="out_of_retention", account="main", message="fills before 2026-06-02")
REFUSED = "okx refused the key: Invalid key; excache account check okx"


def page(*own: Freshness, **more: Any) -> StatusPage:
    values = {
        "verdicts": own or (*verdicts("main", age=MINUTES), *verdicts("bybit", age=MINUTES)),
        "exchanges": EXCHANGES,
        "complete": COMPLETE,
        "findings": (OVERSOLD, LOST),
        "oversold": {"bybit": ("ADA", "BTC", "ETH")},
        "last": LAST,
        "size": 2_612_345,
        **more,
    }
    return StatusPage(**values)


def screen(shown: StatusPage, terminal: Terminal = PIPED) -> str:
    out = io.StringIO()
    write_screen(status_screen(shown, terminal), out, terminal)
    return out.getvalue()


def refused(**more: Any) -> StatusPage:
    down = [
        verdict("okx", kind, age=timedelta(minutes=9), error=REFUSED, code="key_refused")
        for kind in DataType
    ]
    return page(*verdicts("main", age=MINUTES), *verdicts("bybit", age=MINUTES), *down, **more)


PAGES = {
    "fresh": page(),
    "refused": refused(last="Last sync 3 min ago, failed; next by cron at 15:03 UTC."),
    "stale": page(
        *verdicts("main", age=timedelta(hours=3)),
        *verdicts("bybit", age=timedelta(hours=5)),
        last="Last sync 3 h ago, ok.",
        more=(Todo("no run since 11:15 UTC (3 h): 2 hourly runs missed.", "excache cron show"),),
    ),
    "running": page(
        *verdicts("main", age=None),
        *verdicts("bybit", age=None),
        running="Running now: sync (pid 7) since 14:02 UTC, main fills spot, 120 requests so far.",
        last="",
        complete={},
        findings=(),
    ),
}


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", PAGES)
def test_the_golden_screens(name: str, width: int) -> None:
    hold_golden(GOLDEN, f"status_{name}_{width}", screen(PAGES[name], tty(width)))


@pytest.mark.parametrize("width", [80, 140])
def test_the_golden_screen_in_colour(width: int) -> None:
    shown = screen(PAGES["refused"], tty(width, colour=True))
    hold_golden(GOLDEN, f"status_colour_{width}", shown)


@pytest.mark.parametrize("terminal", [tty(60), tty(80), tty(100), tty(140), ASCII])
@pytest.mark.parametrize("name", PAGES)
def test_no_line_is_wider_than_the_terminal(name: str, terminal: Terminal) -> None:
    lines = screen_lines(status_screen(PAGES[name], terminal), terminal.width)
    assert max(cells(plain(line)) for line in lines) <= (terminal.width or 0)


def test_the_first_line_is_true_in_every_state() -> None:
    never = verdicts("okx", age=None)
    old = verdicts("main", age=timedelta(hours=3))
    fresh = verdicts("bybit", age=MINUTES)
    heads = {
        "All fresh.": page(*fresh),
        "Nothing is synced yet.": page(*never),
        "main stale.": page(*fresh, *old),
        "okx never synced; main stale.": page(*never, *fresh, *old),
        "okx failed.": refused(),
    }
    for head, shown in heads.items():
        assert screen(shown).startswith(f"{head} {LAST}"), head
    emptied = Finding(code="account_emptied", account="main", message="the account is empty")
    assert screen(page(findings=(emptied,))).startswith("look at main. ")


def test_an_account_whose_clock_was_ahead_is_stale_and_has_not_failed() -> None:
    ahead = replace(
        verdict("main", age=timedelta(hours=3)),
        age=None,
        error="its last sync is dated 2027-01-01 12:00 UTC, which is in the future",
    )
    shown = screen(page(*verdicts("bybit", age=MINUTES), ahead), ASCII)
    assert shown.startswith("main stale. ")
    row = next(line for line in shown.splitlines() if line.startswith("main  "))
    assert "! ?" in row and "clock was ahead" in row
    assert "failed" not in shown
    assert "its last sync is dated 2027-01-01 12:00 UTC" in shown
    failed = screen(page(replace(ahead, error_code="network")), ASCII)
    assert failed.startswith("main failed. ")


def test_a_permanent_fact_is_in_the_table_and_nothing_to_do() -> None:
    shown = screen(page(findings=(LOST,), oversold={}))
    assert "start spot, transfers · 2026-06 futures" in shown and "To do" not in shown


def test_an_account_that_is_equally_complete_names_no_kinds() -> None:
    assert "3 min   2024-11  " in screen(page())


def test_what_does_not_fit_is_folded_and_counted() -> None:
    many = tuple(Todo(f"thing {number}", "excache sync") for number in range(9))
    folded = screen(page(findings=(), more=many))
    assert "To do (9)" in folded and "and 4 more   excache status --all" in folded
    assert "thing 8" not in folded
    assert "9 thing 8   excache sync" in screen(page(findings=(), more=many, everything=True))


def test_without_an_account_the_first_step_is_named() -> None:
    none = StatusPage(verdicts=(), exchanges={}, complete={}, oversold={})
    assert screen(none) == "No account yet.   excache account add main\n"


def test_a_generic_exchange_is_called_so() -> None:
    assert "bybit (generic)" in screen(page(generic={"bybit"}))

"""The screen of ``excache explain``."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cost.reconcile import Reconciled
from exchange_cache.render.explain_page import ExplainPage, explain_screen
from exchange_cache.render.layout import cells, plain, screen_lines
from exchange_cache.render.rest import Rest
from exchange_cache.render.table import write_screen
from exchange_cache.render.terminal import Terminal
from tests.golden import hold_golden
from tests.render.builders import ASCII, NOW, PIPED, tty

D = Decimal
GOLDEN = Path(__file__).parent / "golden"


def reconciled(
    balance: str = "17.3441", explained: str = "14.5", average: str | None = "2763", **more: Any
) -> Reconciled:
    values = {
        "asset": "ETH",
        "balance": D(balance),
        "events_quantity": D(explained),
        "difference": D(balance) - D(explained),
        "explained": D(explained),
        "unknown": D(balance) - D(explained),
        "cost": D(explained) * D(average or 0),
        "scaled_off": D(0),
        "average_entry_price": None if average is None else D(average),
        "reasons": (),
        **more,
    }
    return Reconciled(**values)


def row(number: int, **more: Any) -> dict[str, object]:
    return {
        "time": NOW - timedelta(hours=7 * number),
        "event": "buy ETH/EUR",
        "account": "kraken",
        "quantity": D("0.26486") * (1 if number % 3 else -1),
        "price": D("2810.35"),
        "held": D("14.0904") - number,
        "average": D("2762.98"),
        **more,
    }


def page(result: Reconciled | None = None, **more: Any) -> ExplainPage:
    values = {
        "result": result or reconciled(),
        "basis": None,
        "reporting": "USDT",
        "price": D("2976.18"),
        "averages": [("main", D("2847.48")), ("bybit", D("2483.56"))],
        "rest": [
            Rest(
                D("2.1"),
                "okx: held before its stored history begins (2026-08)",
                "excache basis set ETH --account okx --quantity 2.1 --at 2026-08-01",
            ),
            Rest(
                D("0.7441"),
                "main: deposited without a known price (from 2025-02-26 to 2025-12-31, 3 times)",
                "excache transfers --asset ETH",
            ),
        ],
        "rows": [row(number) for number in range(10)],
        "events": 747,
        **more,
    }
    return ExplainPage(**values)


def screen(shown: ExplainPage, terminal: Terminal = PIPED) -> str:
    out = io.StringIO()
    write_screen(explain_screen(shown, terminal), out, terminal)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("colour", [False, True])
def test_the_golden_screens(width: int, colour: bool) -> None:
    name = f"explain{'_colour' if colour else ''}_{width}"
    hold_golden(GOLDEN, name, screen(page(), tty(width, colour=colour)))


@pytest.mark.parametrize("terminal", [tty(70), tty(80), tty(100), tty(140), ASCII])
def test_no_line_is_wider_than_the_terminal(terminal: Terminal) -> None:
    lines = [plain(line) for line in screen_lines(explain_screen(page(), terminal), terminal.width)]
    assert max(map(cells, lines)) <= (terminal.width or 0)


def test_a_long_command_moves_to_the_left_before_it_leaves_the_screen() -> None:
    command = f"excache basis set ETH --account {'a' * 30} --quantity 0.123456 --at 2026-01-01"
    long = page(rest=[Rest(D("0.000001"), "held before its stored history begins", command)])
    lines = [plain(line) for line in screen_lines(explain_screen(long, tty(101)), 101)]
    assert f"  {command}" in lines


def test_it_begins_with_the_average_and_the_same_units_are_above_and_below_the_percentage() -> None:
    first, second = screen(page()).splitlines()[:2]
    assert first == "ETH: bought at 2,763.00 USDT on average (14.5 of 17.34)   now 2,976.18 +7.7 %"
    assert second == "paid 40,063.50   worth 43,154.61   unrealised +3,091.11"


@pytest.mark.parametrize(
    ("result", "first"),
    [
        (reconciled(explained="17.3441"), "ETH: bought at 2,763.00 USDT on average (17.3441)"),
        (reconciled("0", "0", None), "ETH: none is held."),
        (reconciled("2", "0", None), "ETH: 2 held, and no cost of them is known."),
        (reconciled("-2", "-2"), "ETH owed: sold at 2,763.00 USDT on average (-2)"),
        (
            reconciled("2", "2", "1", asset="USDT"),
            "USDT: 2 held. Everything is valued in USDT, so it has no average.",
        ),
    ],
    ids=["all", "none", "no cost", "owed", "the reporting asset"],
)
def test_the_first_line_is_true_of_every_holding(result: Reconciled, first: str) -> None:
    assert screen(page(result, rest=[])).startswith(first)


def test_what_is_owed_and_falls_is_a_gain() -> None:
    owed = reconciled("-2", "-2", "3000")
    assert "unrealised +47.64" in screen(page(owed, rest=[]))


def test_a_loss_that_rounds_to_nothing_has_no_sign_and_no_colour() -> None:
    flat = page(reconciled(average="2976.19"))
    assert "now 2,976.18 0.0 %" in screen(flat)
    assert "\x1b[31m0.0 %" not in screen(flat, tty(80, colour=True))


def test_without_a_price_nothing_is_worth_anything() -> None:
    shown = screen(page(price=None))
    assert "no price now" in shown and "worth -   unrealised -" in shown


def test_the_events_since_a_time_are_all_there() -> None:
    since = datetime(2026, 1, 29, tzinfo=UTC)
    shown = screen(page(since=since))
    assert "10 events since 2026-01-29, the newest first" in shown and "--since)" not in shown
    none = screen(page(since=since, rows=[]))
    assert "No event in that time." in none


def test_a_history_beyond_the_balance_is_no_rest() -> None:
    more = [Rest(None, "the history adds up to more than the balance", None)]
    shown = screen(page(reconciled(explained="17.3441"), rest=more))
    assert "\nthe history adds up to more than the balance\n" in shown and "What " not in shown


def test_the_averages_of_many_accounts_continue_under_the_first() -> None:
    many = [(f"account{number}", D("2847.48")) for number in range(4)]
    lines = screen(page(averages=many), tty(80)).splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("By account"))
    assert lines[first] == (
        "By account   account0 2,847.48   account1 2,847.48   account2 2,847.48"
    )
    assert lines[first + 1] == "             account3 2,847.48"

"""A machine's clock that is off: nothing is stored beyond the exchange's time, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.clock import to_ms
from tests.builders import NOW
from tests.fresh.helpers import Home, MovedClock

STORED = {
    "exchange_sync_status": ("attempted_ms", "succeeded_ms"),
    "exchange_streams": ("asked_ms", "completed_ms", "open_end_ms"),
    "exchange_coverage": ("end_ms",),
    "sync_runs": ("started_ms", "ended_ms"),
    "exchange_findings": ("since_ms",),
    "exchange_balances": ("fetched_ms",),
    "exchange_prices": ("fetched_ms",),
    "exchange_cost_basis": ("computed_ms",),
    "portfolio_snapshots": ("taken_ms",),
}


def beyond(home: Home, moment: datetime) -> list[str]:
    """Which stored times lie after a moment."""
    return [
        f"{table}.{column}"
        for table, columns in STORED.items()
        for column in columns
        if home.query(f"SELECT 1 FROM {table} WHERE {column} > ?", to_ms(moment))
    ]


@dataclass
class Off:
    """A home whose machine's clock differs from the exchange's."""

    home: Home
    machine: MovedClock
    exchange: MovedClock

    def set_right(self, after: timedelta) -> None:
        """So much later the machine's clock is set right."""
        self.exchange.at += after
        self.machine.at = self.exchange.at


@pytest.fixture
def off(make_home: Callable[..., Home]) -> Callable[[str, timedelta], Off]:
    """An account, with a machine whose clock is ahead by so much (negative: behind)."""

    def make(name: str, ahead: timedelta) -> Off:
        exchange, machine = MovedClock(NOW), MovedClock(NOW + ahead)
        home = make_home(app_clock=machine, accounts={"main": name}, clock=exchange.ms)
        home.configure(f"history_start = {NOW - timedelta(days=20):%Y-%m-%d}")
        return Off(home, machine, exchange)

    return make


@pytest.mark.parametrize("ahead", [timedelta(hours=5), timedelta(days=3)], ids=str)
@pytest.mark.parametrize("exchange", ["kraken", "bybit"])
def test_what_happens_in_the_time_by_which_a_clock_was_ahead_is_not_lost(
    off: Callable[[str, timedelta], Off], exchange: str, ahead: timedelta
) -> None:
    made = off(exchange, ahead)
    assert made.home.run("sync").code == 0
    assert beyond(made.home, NOW + timedelta(minutes=1)) == []

    made.exchange.at += timedelta(hours=2)
    traded = made.home.simulator.venue.trade("main", "BTC/USDT", "buy", Decimal("0.001"))
    made.set_right(after=ahead)  # all of that time has passed
    done = made.home.run("sync")
    assert (done.code, done.out, done.err) == (0, "", "")
    stored = {row[0] for row in made.home.query("SELECT fill_id FROM exchange_fills")}
    assert {str(fill.id) for fill in traded} <= stored


def test_a_key_whose_nonces_must_grow_works_on_when_the_clock_is_set_right(
    off: Callable[[str, timedelta], Off],
) -> None:
    """Kraken refuses a nonce below the last one, and the last one was of the day after tomorrow."""
    made = off("kraken", timedelta(days=2))
    assert made.home.run("sync").code == 0
    made.set_right(after=timedelta(hours=1))
    done = made.home.run("sync")
    pace = "excache: repaired: main: request times that lay in the future are forgotten\n"
    assert (done.code, done.err) == (0, pace)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(hours=5, minutes=5), "this machine's clock is 5 h 5 min ahead of that of"),
        (timedelta(days=3, minutes=5), "this machine's clock is 3 d 0 h ahead of that of"),
        (timedelta(hours=-2, minutes=-5), "this machine's clock is 2 h 5 min behind that of"),
    ],
    ids=["hours ahead", "days ahead", "behind"],
)
def test_a_clock_that_is_off_is_said_by_sync_status_and_account_check(
    off: Callable[[str, timedelta], Off], ahead: timedelta, words: str
) -> None:
    made = off("kraken", ahead + timedelta(seconds=30) * (1 if ahead > timedelta(0) else -1))
    assert words in made.home.run("sync").err
    assert words in " ".join(made.home.run("status").out.split())
    assert words in made.home.run("account", "check", "main").err

    made.set_right(after=timedelta(days=3, hours=1))
    assert made.home.run("sync").code == 0
    assert "this machine's clock" not in made.home.run("status").out


def test_a_clock_less_than_a_minute_off_is_not_mentioned(
    off: Callable[[str, timedelta], Off],
) -> None:
    done = off("kraken", timedelta(seconds=55)).home.run("sync")
    assert (done.code, done.err) == (0, "")

"""``timezone`` in config.toml: screens, and the days that options name; programs get UTC."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.cli.app import App
from exchange_cache.cli.reads import Refresh
from exchange_cache.cli.view import View, read_view
from exchange_cache.cli.watch import _drawn
from exchange_cache.clock import SetClock
from exchange_cache.zones import shown_in
from tests.builders import balance, fill, price, transfer
from tests.cli.stored_home import StoredHome

#: New York sets its clocks from 02:00 to 03:00 on this day.
CHANGE = datetime(2026, 3, 8, tzinfo=UTC)
NOW = datetime(2026, 3, 9, 20, tzinfo=UTC)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    home = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    home.configure()
    home.store(
        fill("1", "1", "100", time=utc(8, 4, 59)),  # 7 March 23:59 EST, 8 March 10:29 IST
        fill("2", "1", "100", time=utc(8, 6, 30)),  # 01:30 EST
        fill("3", "1", "100", time=utc(8, 7, 30)),  # 03:30 EDT
        fill("4", "1", "100", time=utc(9, 3, 30)),  # 8 March 23:30 EDT, 9 March 09:00 IST
        fill("5", "1", "100", time=utc(9, 4, 1)),  # 9 March 00:01 EDT
        transfer("t", "5", "BTC", time=utc(7, 18, 30)),  # 8 March 00:00 IST
        balance("10", "BTC", fetched_at=NOW),
        price("BTC/USDT", "150", fetched_at=NOW),
    )
    return home


def listed(home: StoredHome, *words: str) -> list[str]:
    return [row["fill_id"] for row in json.loads(home.run("fills", *words, "--json").out)["rows"]]


def test_every_time_of_a_list_is_in_the_zone_which_is_named_once(home: StoredHome) -> None:
    home.configure(before='timezone = "America/New_York"')
    shown = home.run("fills").out
    assert shown.splitlines()[0] == "5 fills   times in America/New_York"
    for time in ("2026-03-07 23:59:00", "2026-03-08 01:30:00", "2026-03-08 03:30:00"):
        assert time in shown
    assert "UTC" not in shown
    home.configure(before='timezone = "Asia/Kolkata"')
    assert "2026-03-08 00:00:00" in home.run("transfers").out


@pytest.mark.parametrize(
    ("zone", "since", "until", "expected"),
    [
        ("UTC", "2026-03-08", "2026-03-09", ["1", "2", "3"]),
        ("America/New_York", "2026-03-08", "2026-03-09", ["2", "3", "4"]),
        ("Asia/Kolkata", "2026-03-08", "2026-03-09", ["1", "2", "3"]),
        ("America/New_York", "yesterday", "today", ["2", "3", "4"]),
        ("Asia/Kolkata", "2026-03-08T13:00", "2026-03-09T09:01", ["3", "4"]),
        ("America/New_York", "2026-03-08T03:00", "2026-03-09T04:00Z", ["3", "4"]),
    ],
)
def test_days_and_times_of_options_are_those_of_the_zone(
    home: StoredHome, zone: str, since: str, until: str, expected: list[str]
) -> None:
    home.configure(before=f'timezone = "{zone}"')
    assert sorted(listed(home, "--since", since, "--until", until)) == expected


def test_programs_get_utc(home: StoredHome) -> None:
    commands = ("fills", "transfers", "balances", "portfolio", "status", "explain BTC")
    before = {words: home.run(*words.split(), "--json").json() for words in commands}
    csv = home.run("fills", "--format", "csv").out
    home.configure(before='timezone = "Asia/Kolkata"')
    for words, document in before.items():
        found = home.run(*words.split(), "--json").json()
        assert found["as_of"] == "2026-03-09T20:00:00Z"
        assert _times(found) == _times(document)
    assert home.run("fills", "--format", "csv").out == csv
    assert "2026-03-08T04:59:00Z" in csv


@pytest.mark.parametrize("words", ["diff --since 2026-03-08T00:00Z", "stats"])
def test_programs_get_utc_of_what_has_two_times_or_none(home: StoredHome, words: str) -> None:
    before = home.run(*words.split(), "--json").json()
    home.configure(before='timezone = "Asia/Kolkata"')
    found = home.run(*words.split(), "--json").json()
    assert _times(found) == _times(before)
    assert "2026-03-09T20:00:00Z" in _times(found)


def test_both_ends_of_a_difference_are_in_the_zone(home: StoredHome) -> None:
    home.configure(before='timezone = "Asia/Kolkata"')
    shown = home.run("diff", "--since", "2026-03-08").out
    first, rest = shown.split("\n", 1)
    assert first.endswith("2026-03-08 00:00 to 2026-03-10 01:30 IST")
    assert "What was held on 2026-03-08 is not completely known" in rest
    assert "UTC" not in shown
    days = home.run("diff", "--since", "2026-03-08", "--until", "2026-03-09").out
    assert "2026-03-08 00:00 to 2026-03-09 00:00 IST" in days.splitlines()[0]


def test_a_watched_portfolio_is_drawn_at_a_time_of_the_zone(home: StoredHome) -> None:
    home.configure(before='timezone = "Asia/Kolkata"')
    env = {"EXCACHE_HOME": str(home.folder), "HOME": str(home.folder), "K": "k", "S": "s"}
    app = App(env=env, clock=home.clock, out=io.StringIO(), err=io.StringIO())
    with shown_in(app.zone):
        reading = read_view(app, View())
        shown = _drawn(app, reading, View(), Refresh.NONE, timedelta(seconds=5))
    app.close()
    assert shown.startswith("Drawn at 01:30:00 IST, every 5 s; Ctrl-C stops.\n\nPortfolio ")
    assert "UTC" not in shown


def _times(value: object) -> list[str]:
    text = json.dumps(value)
    return sorted(part for part in text.split('"') if part[:2] == "20" and part.endswith("Z"))


def test_a_past_day_ends_at_midnight_of_the_zone(home: StoredHome) -> None:
    for zone, held in (("UTC", "8"), ("America/New_York", "9"), ("Asia/Kolkata", "8")):
        home.configure(before=f'timezone = "{zone}"')
        home.derive()
        found = home.run("portfolio", "--at", "2026-03-08", "--json").json()
        (bitcoin,) = [one for one in found["holdings"] if one["asset"] == "BTC"]
        assert bitcoin["quantity"] == held, zone
    shown = home.run("portfolio", "--at", "2026-03-08").out
    assert "replayed from the ledger to 2026-03-09 00:00 IST" in shown


@pytest.mark.parametrize(
    ("zone", "realised"),
    [("UTC", "100"), ("America/New_York", "60"), ("Asia/Kolkata", "130")],
)
def test_a_period_begins_at_midnight_of_the_zone(tmp_path: Path, zone: str, realised: str) -> None:
    home = StoredHome(folder=tmp_path / "home", clock=SetClock(utc(9, 17)))
    home.configure(before=f'timezone = "{zone}"')
    home.store(
        fill("1", "9", "100", time=utc(1, 0)),
        fill("2", "1", "130", side="sell", time=utc(8, 20)),  # 9 March in Asia/Kolkata alone
        fill("3", "1", "140", side="sell", time=utc(9, 3)),  # 8 March in America/New_York alone
        fill("4", "1", "160", side="sell", time=utc(9, 5)),
        balance("6", "BTC", fetched_at=NOW),
        price("BTC/USDT", "150", fetched_at=NOW),
    )
    for period in ("2026-03-09", "today"):
        found = home.run("portfolio", "--period", period, "--json").json()
        assert Decimal(found["totals"]["realised_pnl"]) == Decimal(realised)
        report = home.run("pnl", "--period", period, "--json").json()
        assert Decimal(report["total"]["period"]["realised"]) == Decimal(realised)
        assert "since 2026-03-09" in home.run("pnl", "--period", period).out


def test_a_wrong_zone_is_refused_with_the_nearest(home: StoredHome) -> None:
    home.configure(before='timezone = "Asia/Calcuta"')
    done = home.run("fills")
    assert done.code == 78
    assert 'config.toml line 1: timezone "Asia/Calcuta" is no time zone; did you mean' in done.err


def test_the_age_of_a_list_is_stated_in_the_zone(home: StoredHome) -> None:
    home.configure(before='timezone = "Asia/Kolkata"')
    assert "as of 01:30 IST" in home.run("balances").out

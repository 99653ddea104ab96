"""``excache gains``: its formats, options and errors."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock
from tests.builders import NOW, fill
from tests.cli.stored_home import StoredHome
from tests.cost.builders import at
from tests.e2e.world import World

D = Decimal


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    """Two accounts that bought apart; one of them sells."""
    made = StoredHome(tmp_path / "home", SetClock(NOW))
    made.configure(before='reporting_asset = "USDT"')
    made.store(
        fill("1", "1", "100", account="main", time=at(-24 * 400)),
        fill("2", "1", "110", account="other", time=at(-24 * 390)),
        fill("3", "1", "120", account="main", time=at(1)),
        fill("4", "1.5", "200", account="other", side="sell", time=at(2), fees=("3 USDT",)),
        fill("5", "1", "50", account="main", side="sell", time=at(24 * 20)),
    )
    return made


def rows(home: StoredHome, *words: str) -> list[tuple[str, ...]]:
    done = home.run("gains", "--format", "csv", *words)
    assert (done.code, done.err) == (0, "")
    found = csv.DictReader(io.StringIO(done.out))
    return [
        (one["account"], one["term"], one["quantity"], one["proceeds"], one["cost"], one["gain"])
        for one in found
    ]


def test_one_book_over_all_accounts_sells_what_the_other_bought(home: StoredHome) -> None:
    # other never held the 0.5 that it sold beyond its own unit: they are nobody's lot
    assert rows(home, "--cost-method", "fifo") == [
        ("other", "long", "1", "198", "100", "98"),
        ("other", "unknown", "0.5", "99", "", ""),
        ("main", "long", "1", "50", "110", "-60"),
    ]


def test_a_book_per_account_sells_its_own(home: StoredHome) -> None:
    own = [
        ("other", "long", "1", "198", "110", "88"),
        ("other", "unknown", "0.5", "99", "", ""),
        ("main", "long", "1", "50", "100", "-50"),
    ]
    assert rows(home, "--cost-method", "fifo", "--per-account") == own
    assert rows(home, "--cost-method", "fifo", "--account", "main") == own[2:]


def test_a_threshold_and_a_year_are_chosen(home: StoredHome) -> None:
    lifo = ("--cost-method", "lifo")
    assert [row[1] for row in rows(home, *lifo)] == ["short", "unknown", "long"]
    assert [row[1] for row in rows(home, *lifo, "--long-after", "411d")] == [
        "short",
        "unknown",
        "short",
    ]
    assert rows(home, "--year", "2025") == []
    assert len(rows(home, "--year", "2025", "--year-begins", "01-15")) == 2
    assert len(rows(home, "--year", "2026", "--year-begins", "01-15")) == 1
    assert len(rows(home, "--limit", "1")) == 1


def test_totals_alone(home: StoredHome) -> None:
    done = home.run("gains", "--totals", "--per-account", "--cost-method", "fifo", "--json")
    document = done.json()
    assert document["rows"] == []
    assert [(one["year"], one["account"], one["realised"]) for one in document["totals"]] == [
        ("2026", "main", "-50"),
        ("2026", "other", "88"),
        ("2026", None, "38"),
    ]
    assert document["total"]["unknown_proceeds"] == "99"
    done = home.run("gains", "--totals", "--format", "csv")
    assert done.out.startswith("year,account,disposals,")


def test_a_screen_shows_totals_and_the_newest_lots(home: StoredHome) -> None:
    out = home.run("gains", "--cost-method", "fifo").out
    assert out.startswith("Gains by FIFO, one book over all accounts, in USDT, long after 1y")
    cells = [line.split() for line in out.splitlines()]
    assert ["2026", "main", "1", "-60.00", "-60.00", "-"] in cells
    assert ["2026", "other", "2", "+98.00", "+98.00", "99.00"] in cells
    assert ["2026", "all", "3", "+38.00", "+38.00", "99.00"] in cells
    assert "Closed lots" in out and "Unknown gains: 1 lot, " in out
    few = home.run("gains", "--cost-method", "fifo", "--limit", "1").out
    assert "2 older lots are not shown. Every one: excache " in few
    assert "Closed lots" not in home.run("gains", "--totals").out


def test_the_running_average_says_that_it_has_no_lots(home: StoredHome) -> None:
    assert "The running average has no lots" in home.run("gains").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--long-after soon", "'soon' is not a time such as 1y or 365d"),
        ("--year-begins 02-29", "'02-29' is not a day of every year such as 04-06"),
        ("--year-begins 2025-04-06", "is not a day of every year"),
        ("--year 20255", "is not a whole number from 1970 to 9000"),
        ("--asset NOPE", 'there is no asset "NOPE"'),
        ("--account nope", "nope"),
    ],
)
def test_a_wrong_option_is_refused(home: StoredHome, words: str, said: str) -> None:
    done = home.run("gains", *words.split())
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_the_total_is_what_the_portfolio_shows(synced: World, method: str) -> None:
    total = synced.run("gains", "--totals", "--cost-method", method, "--json").json()["total"]
    shown = synced.run("portfolio", "--no-refresh", "--cost-method", method, "--json").json()
    assert D(total["realised"]) == D(shown["totals"]["realised_pnl"])


def test_an_asset_is_what_explain_shows(synced: World) -> None:
    words = ("--cost-method", "fifo", "--format", "csv")
    own = csv.DictReader(io.StringIO(synced.run("gains", "--asset", "BTC", *words).out))
    steps = csv.DictReader(io.StringIO(synced.run("explain", "BTC", *words).out))
    sold = sum(D(one["quantity"]) for one in own if one["kind"] == "sell")
    assert sold == -sum(D(one["quantity"]) for one in steps if one["event"].startswith("sell BTC/"))


def test_without_a_cache_it_is_exit_66(fresh: World) -> None:
    assert (fresh.run("gains").code, fresh.run("gains").out) == (66, "")

"""Other programs accept what is exported, and derive the same units, costs and results from it."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.cli.app import App
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.export.names import component
from exchange_cache.sync.costs import stored_bases
from tests.cli.stored_home import StoredHome
from tests.cli.test_assets_conserved import lived, stored
from tests.export.nasty import nasty_home
from tests.export.programs import (
    PROGRAMS,
    accepted,
    differences,
    gain_differences,
    require,
)

METHODS = ("average", "fifo", "lifo", "hifo")


def bases_of(home: StoredHome, method: str) -> list[AssetBasis]:
    app: App = home._app()
    try:
        found = stored_bases(app.repository(), app.cost_settings(method))
        return [one for one in found if one.account is not None]
    finally:
        app.close()


def export(home: StoredHome, file: Path, form: str, *words: str) -> str:
    done = home.run("export", form, "-o", str(file), *words)
    assert (done.code, done.out) == (0, ""), done.err
    return file.read_text("utf-8")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("method", METHODS)
def test_what_is_hard_to_export_is_derived_alike(tmp_path: Path, program: str, method: str) -> None:
    require(program)
    home = nasty_home(tmp_path)
    file = tmp_path / f"out.{program}"
    text = export(home, file, program, "--method", method)
    assert accepted(program, file) == ""
    assert differences(program, text, file, bases_of(home, method)) == []


@pytest.mark.sampled(4, each="program")
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_a_life_with_asset_events_is_derived_alike(
    tmp_path: Path, program: str, method: str, seed: int
) -> None:
    require(program)
    home = stored(tmp_path, lived(seed), method)
    file = tmp_path / f"out.{program}"
    text = export(home, file, program)
    assert accepted(program, file) == ""
    assert differences(program, text, file, bases_of(home, method)) == []


def test_the_home_has_what_is_hard_to_export(tmp_path: Path) -> None:
    """Each feature is in the file that the programs derive alike."""
    text = export(nasty_home(tmp_path), tmp_path / "out", "beancount", "--method", "fifo")
    for feature in (
        '  name: "1000SATS"',
        '  name: "币安人生"',
        '  name: "stETH"',
        '  name: "T"',
        r'  name: "A\"B;[2020-01-01] @C\\"',
        "opening: not explained by stored history",
        "Assets:Main:ATOM:Short -5 ATOM",
        'settled: "3 SOL"',
        'Assets:Other:LTC -1 LTC {"2"}',
        "Income:Contracts:Main",
        "Assets:Unread:Main:BTC 0.5 BTC",
        "Equity:Unclassified:Main -30 USDT",
        "Assets:Subscribed:Main:USDT 50 USDT",
        "Income:Funding:Main",
        'fees: "-0.003 BNB, 0.0001 BTC"',
        "Equity:Conversions:Main",
        "Expenses:Unvalued:Main",
        "Income:Unknown-Cost:Main",
        'rename NEW"',
        "Assets:Main:NEAR -0.05 NEAR {}",
        "Assets:Main:DOGE:Unexplained 77 DOGE",
        "2026-02-01 balance Assets:Main:ATOM -3 ~ 0 ATOM ; reported by the exchange",
    ):
        assert feature in text, feature


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    "words",
    [
        ("--account", "other"),
        ("--asset", "btc"),
        ("--since", "2026-01-15T06:30"),
        ("--until", "2026-01-15T06:30"),
        ("--since", "2026-01-10", "--until", "2026-01-20", "--asset", "BTC", "--account", "main"),
    ],
    ids=" ".join,
)
def test_a_part_is_accepted_too(tmp_path: Path, program: str, words: tuple[str, ...]) -> None:
    require(program)
    home = nasty_home(tmp_path)
    for method in ("average", "fifo"):
        file = tmp_path / f"{method}.{program}"
        export(home, file, program, "--method", method, *words)
        assert accepted(program, file) == ""


@pytest.mark.sampled(4, each="program")
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("method", METHODS)
def test_costs_at_the_end_are_the_same_from_any_beginning(
    tmp_path: Path, program: str, method: str
) -> None:
    require(program)
    home = nasty_home(tmp_path)
    file = tmp_path / f"out.{program}"
    since = ("--since", "2026-01-15T06:30")
    text = export(home, file, program, "--method", method, *since)
    found = differences(program, text, file, bases_of(home, method))
    assert [one for one in found if one[1] == "cost"] == []  # type: ignore[index]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_balance_that_is_off_by_its_last_digit_is_refused(tmp_path: Path, program: str) -> None:
    require(program)
    file = tmp_path / f"out.{program}"
    text = export(nasty_home(tmp_path), file, program, "--method", "fifo")
    exact, off = {
        "beancount": ("USDT 98765.4321 ~ 0", "USDT 98765.43210000000001 ~ 0"),
        "hledger": ("= 98765.4321 USDT", "= 98765.43210000000001 USDT"),
        "ledger": ("= 98765.4321 USDT", "= 98765.43210000000001 USDT"),
    }[program]
    assert text.count(exact) == 1
    file.write_text(text.replace(exact, off), "utf-8")
    assert "98765.4321" in accepted(program, file)


#: A posting of each kind of place: held, with every hard name, short, beyond the entries, aside.
_PLACES = (
    *("main:BTC", "main:1000SATS", "main:币安人生", "main:stETH", "main:NEW", "other:BTC"),
    *("main:ATOM", "main:DOGE", "Unread:main:BTC", "Unread:main:ETH", "Subscribed:main:USDT"),
)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("method", ["average", "fifo"])
def test_a_posting_that_is_off_by_a_hundred_millionth_is_refused(
    tmp_path: Path, program: str, method: str
) -> None:
    require(program)
    file = tmp_path / f"out.{program}"
    text = export(nasty_home(tmp_path), file, program, "--method", method)
    for place in _PLACES:
        name = place
        if program == "beancount":
            owner, _, asset = place.rpartition(":")
            name = f"{owner.replace('main', 'Main').replace('other', 'Other')}:{component(asset)}"
        posting = re.search(rf"^( +Assets:{name}(?::\S+)? +)(-?[\d.]+)(?= )", text, re.M)
        assert posting is not None, place
        amount = f"{Decimal(posting[2]) + Decimal('0.00000001'):f}"
        file.write_text(text[: posting.start(2)] + amount + text[posting.end(2) :], "utf-8")
        assert accepted(program, file) != "", posting[0]


def test_what_joins_two_transactions_is_proven_to_hold_nothing(tmp_path: Path) -> None:
    file = tmp_path / "out.beancount"
    text = export(nasty_home(tmp_path), file, "beancount", "--method", "fifo")
    posting = re.search(r"^  Equity:Conversions:Main (-?[\d.]+)(?= USDT$)", text, re.M)
    assert posting is not None
    amount = f"{Decimal(posting[1]) + Decimal('0.00000001'):f}"
    file.write_text(text[: posting.start(1)] + amount + text[posting.end(1) :], "utf-8")
    assert "Equity:Conversions:Main" in accepted("beancount", file)


@pytest.mark.parametrize("seed", range(3))
def test_gains_are_those_that_beancount_books_day_by_day(tmp_path: Path, seed: int) -> None:
    """``excache gains``, against results that no file states."""
    home = nasty_home(tmp_path) if seed == 0 else stored(tmp_path, lived(seed), "fifo")
    file = tmp_path / "out.beancount"
    text = export(home, file, "beancount", "--method", "fifo")
    words = ("gains", "--per-account", "--cost-method", "fifo", "--format", "csv", "--raw")
    gains = list(csv.DictReader(io.StringIO(home.run(*words).out)))
    assert len([row for row in gains if row["gain"] and row["quantity"]]) >= (1 if seed else 20)
    assert gain_differences(text, file, gains) == []


def test_beancount_derives_results_that_the_file_does_not_state(tmp_path: Path) -> None:
    text = export(nasty_home(tmp_path), tmp_path / "out", "beancount", "--method", "fifo")
    gains = [line for line in text.splitlines() if line.startswith("  Income:Gains:")]
    short = "  Income:Gains:Main:USDT"
    assert len(gains) > 15
    assert [line for line in gains if len(line.split()) > 1 and not line.startswith(short)] == []
    removals = [line for line in text.splitlines() if " {} " in line or line.endswith(" {}")]
    assert len(removals) > 15

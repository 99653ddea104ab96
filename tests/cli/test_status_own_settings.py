"""The user's own settings are named as the cause of what they cause, alike in every command."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.clock import SetClock
from tests.builders import NOW, at, balance, fill, price
from tests.cli.stored_home import StoredHome

SETTINGS = "background_refresh = false\n"


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    made = StoredHome(folder=tmp_path / "home", clock=SetClock(at=NOW))
    made.configure(before=SETTINGS)
    made.store(
        balance("5"),
        balance("7", "SPAM", wallet="funding"),
        balance("2", "ETH", account="other"),
        price("BTC/USDT", "100"),
        price("SPAM/USDT", "1"),
        price("ETH/USDT", "10", account="other"),
        fill("1", "2", "90", time=at(1)),
        fill("2", "7", "1", symbol="SPAM/USDT", time=at(2)),
        fill("3", "2", "9", symbol="ETH/USDT", time=at(3), account="other"),
    )
    return made


def test_a_start_is_the_cause_of_what_no_history_explains(home: StoredHome) -> None:
    home.configure(before=SETTINGS, account="start = 2026-01-01")
    home.derive()
    cause = "main: history is read from 2026-01-01 on, by start in config.toml"
    assert cause in home.run("status").out
    assert cause in home.run("explain", "BTC").out
    (btc,) = (
        one for one in home.run("portfolio", "--json").json()["holdings"] if one["asset"] == "BTC"
    )
    assert any(cause in reason for reason in btc["unknown_reasons"])
    assert f"! {cause}" not in home.run("portfolio").out


def test_an_ignored_asset_is_in_no_figure_of_any_command(home: StoredHome) -> None:
    home.configure(before=SETTINGS, account='ignore_assets = ["SPAM"]')
    home.derive()
    named = "SPAM: in no figure, by ignore_assets in config.toml"
    lists = ("portfolio", "balances", "fills", "orders", "transfers", "prices", "diff --since 1d")
    for words in (one.split() for one in lists):
        rows = [line for line in home.run(*words).out.splitlines() if named not in line]
        assert not [line for line in rows if "SPAM" in line], words
    assert "SPAM" not in home.run("portfolio", "--at", "2026-01-20").out
    assert named in home.run("balances").out and named in home.run("status").out


def test_an_ignored_asset_is_no_unexplained_outflow(home: StoredHome) -> None:
    home.configure(before=SETTINGS, account='ignore_assets = ["SPAM"]')
    found = home.run("diff", "--since", "2026-01-01T01:30", "--json").json()
    assert [row["asset"] for row in found["rows"] if row["asset"] == "SPAM"] == []
    assert found["parts"]["unexplained"] == "0"


def test_an_account_that_is_switched_off_is_left_out_and_named_alike(home: StoredHome) -> None:
    home.configure(before=SETTINGS, other="enabled = false")
    named = "Switched off by enabled = false in config.toml, so in no figure: other."
    for words in (("balances",), ("fills",), ("prices",), ("status",)):
        done = home.run(*words)
        assert named in done.out, words
        rows = [line for line in done.out.splitlines() if named not in line]
        assert not [line for line in rows if "other" in line], words
    assert "ETH" not in home.run("portfolio").out
    assert "ETH" in home.run("balances", "--account", "other").out


def test_no_sweep_is_named_as_the_cause_of_symbols_that_are_never_requested(
    home: StoredHome,
) -> None:
    repository = home.repository()
    repository.progress.remember("main", {"never_asked": {"spot": 12}}, NOW)
    repository.close()
    home.derive()
    assert "each sync requests some more" in home.run("status").out
    home.configure(before=f"sweep_budget = 0\n{SETTINGS}")
    home.derive()
    shown = home.run("status").out
    assert "12 symbols of spot: their fills were never requested; none will be: sweep_budget" in (
        shown
    )
    assert "excache sync --account main --full" in shown

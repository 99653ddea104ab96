"""Averages that are not computed: said as such, counted, and computed by the next command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock
from exchange_cache.sync import run
from tests.builders import NOW, at, balance, fill, price
from tests.cli.stored_home import StoredHome
from tests.e2e.world import World

NOT_YET = "the averages are not computed yet"
FALSE_CLAIMS = ("no fill or transfer of it is stored", "no fill explains", "not explained by any")


def averages(world: World | StoredHome) -> dict[str, str | None]:
    holdings = world.run("portfolio", "--json").json()["holdings"]
    return {one["asset"]: one["average_entry_price"] for one in holdings}


def codes(world: World | StoredHome) -> set[str]:
    return {one["code"] for one in world.run("portfolio", "--json").json()["warnings"]}


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    """A first sync that ended before the averages."""
    made = StoredHome(folder=tmp_path / "home", clock=SetClock(at=NOW))
    made.configure(before="background_refresh = false")
    made.save(balance("2"), price("BTC/USDT", "100"), fill("1", "2", "90", time=at(1)))
    return made


def test_a_crash_before_the_averages_is_no_missing_history(home: StoredHome) -> None:
    shown = home.run("portfolio").out
    assert f"! {NOT_YET}   excache sync" in shown
    assert not [claim for claim in FALSE_CLAIMS if claim in shown]
    (btc,) = home.run("portfolio", "--json").json()["holdings"]
    assert (btc["average_entry_price"], btc["unknown_reasons"]) == (None, ["not computed yet"])
    assert f"1 {NOT_YET}   excache sync" in home.run("status").out
    home.derive()
    assert averages(home) == {"BTC": "90"}
    assert NOT_YET not in home.run("status").out and "costs_open" not in codes(home)


def test_a_portfolio_of_some_assets_names_the_sync_while_averages_are_open(
    home: StoredHome,
) -> None:
    home.save(balance("3", "SRM"), fill("9", "3", "1", symbol="SRM/USDT", time=at(2)))
    assert f"! {NOT_YET}   excache sync" in home.run("portfolio", "BTC", "SRM").out
    home.derive()
    shown = home.run("portfolio", "BTC", "SRM").out
    assert NOT_YET not in shown and "excache sync" not in shown


@pytest.mark.long
def test_the_sync_that_a_portfolio_of_some_assets_names_computes_their_averages(
    world: World,
) -> None:
    config = world.home / "config.toml"
    text = config.read_text().replace('reporting_asset = "USDT"', 'reporting_asset = "EUR"')
    config.write_text(f"background_refresh = false\n{text}")
    shown = world.run("portfolio", "BTC", "ETH").out
    (command,) = re.findall(rf"(?m)^! {NOT_YET}   excache (.+)$", shown)
    assert world.run(*command.split()).code == 0
    assert NOT_YET not in world.run("portfolio", "BTC", "ETH").out


def test_newer_fills_than_the_averages_are_said_so(home: StoredHome) -> None:
    home.derive()
    home.save(balance("5"), fill("2", "3", "80", time=at(2)))
    newest = "the averages do not contain the newest fills and transfers yet"
    shown = home.run("portfolio").out
    assert newest in shown and not [claim for claim in FALSE_CLAIMS if claim in shown]
    assert newest in home.run("status").out
    assert "Past prices may be missing: " in home.run("explain", "BTC").out
    home.derive()
    assert averages(home) == {"BTC": "84"}


def test_another_reporting_asset_is_computed_by_the_next_sync_although_all_is_fresh(
    world: World,
) -> None:
    config = world.home / "config.toml"
    text = config.read_text().replace('reporting_asset = "USDT"', 'reporting_asset = "EUR"')
    config.write_text(f"background_refresh = false\n{text}")
    assert NOT_YET in world.run("portfolio").out
    assert NOT_YET in world.run("status").out
    assert set(averages(world).values()) <= {None, "1"}

    done = world.run("sync", "--if-stale", "--max-age", "30d")
    assert (done.code, done.err) == (0, "")
    assert NOT_YET not in world.run("portfolio").out and NOT_YET not in world.run("status").out
    assert len([one for one in averages(world).values() if one not in {None, "1"}]) >= 3
    assert "Last run: sync" in world.run("status", "--all").out
    assert " 0 requests" not in world.run("status", "--all").out


def test_a_portfolio_that_waits_computes_them(world: World) -> None:
    config = world.home / "config.toml"
    config.write_text(config.read_text().replace('"USDT"', '"EUR"'))
    done = world.run("portfolio", "--wait", "--max-age", "30d")
    assert done.code == 0 and NOT_YET not in done.out


def test_ctrl_c_while_the_averages_are_computed_counts_what_was_done(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*words: object, **more: object) -> None:
        raise KeyboardInterrupt

    before = len(fresh.simulator.requests)
    with monkeypatch.context() as patched:
        patched.setattr(run, "derive_costs", interrupted)
        done = fresh.run("sync")
    assert len(fresh.simulator.requests) - before > 10
    repository = fresh.repository()
    fills, transfers = (repository.ledger.fills(), repository.ledger.transfers())
    (noted,) = repository.progress.runs()
    repository.close()
    assert noted.outcome == "interrupted" and noted.requests > 10
    assert noted.rows >= len(fills) + len(transfers)
    assert done.code == 130
    assert done.err == (
        f"excache: stopped. {noted.rows:,} new rows are saved; averages come next.   excache sync\n"
    )
    assert f"interrupted, {noted.requests:,} requests, {noted.rows:,} new rows." in (
        fresh.run("status", "--all").out
    )
    assert f"Last sync just now, stopped with {noted.rows:,} new rows saved." in (
        fresh.run("status").out
    )
    assert NOT_YET in fresh.run("portfolio", "--no-refresh").out
    assert fresh.run("sync").code == 0
    assert NOT_YET not in fresh.run("portfolio", "--no-refresh").out

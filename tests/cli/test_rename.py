"""``excache account rename``, and accounts that were renamed in config.toml by hand: case 11."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.clock import SetClock
from tests.builders import NOW, balance, fill, price, transfer
from tests.cli.stored_home import StoredHome
from tests.e2e.world import World

DAY = timedelta(days=1)
LISTS = ("balances", "fills", "orders", "transfers", "positions", "prices")


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    """1 BTC bought at main for 100; 0.4 of it were sent to other."""
    made = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    made.configure()
    made.store(
        fill("1", "1", "100", time=NOW - 20 * DAY),
        transfer("d", "100", "USDT", time=NOW - 21 * DAY),
        transfer("w", "0.4", kind="withdrawal", scope="withdrawals", time=NOW - 9 * DAY, tx_id="t"),
        balance("0.6"),
        price("BTC/USDT", "150"),
        transfer("a", "0.4", account="other", time=NOW - 9 * DAY, tx_id="t"),
        balance("0.4", account="other"),
    )
    return made


def rename_by_hand(home: StoredHome, old: str, new: str) -> None:
    config = home.folder / "config.toml"
    config.write_text(config.read_text().replace(f"[accounts.{old}]", f"[accounts.{new}]"))


def fetched_again(home: StoredHome, account: str) -> None:
    """What the next sync stores of an account that has a new name."""
    home.store(
        fill("1", "1", "100", account=account, time=NOW - 20 * DAY),
        transfer("d", "100", "USDT", account=account, time=NOW - 21 * DAY),
        transfer(
            "w",
            "0.4",
            kind="withdrawal",
            scope="withdrawals",
            account=account,
            time=NOW - 9 * DAY,
            tx_id="t",
        ),
        balance("0.6", account=account),
        price("BTC/USDT", "150", account=account),
    )


def figures(home: StoredHome) -> dict[str, Any]:
    """What every command says of the account, without its name."""
    answer = home.run("explain", "BTC", "--json").json()
    (row,) = [
        one
        for one in home.run("portfolio", "--json", "--no-refresh").json()["holdings"]
        if one["asset"] == "BTC"
    ]
    return {
        "held": answer["reconciliation"]["events_quantity"],
        "difference": answer["reconciliation"]["difference"],
        "steps": [(step["event"], step["quantity"], step["held"]) for step in answer["rows"]],
        "average": row["average_entry_price"],
        "pnl": without_times(home.run("pnl", "--json").out),
        **{word: len(home.run(word, "--json").json()["rows"]) for word in LISTS},
    }


def test_case_11_renamed_account(home: StoredHome) -> None:
    before = figures(home)
    rename_by_hand(home, "main", "binance")
    fetched_again(home, "binance")
    assert figures(home) == before
    for word in ("fills", "balances", "transfers"):
        shown = home.run(word)
        assert "Left out: main, which config.toml does not name." in shown.out
        assert "excache account rename main NEW" in shown.out
        assert home.run(word, "--json").json()["unnamed_accounts"] == ["main"]
    assert "Left out: main" in home.run("explain", "BTC").out
    assert "Left out: main" in home.run("status").out
    (row,) = home.run("fills", "--account", "main", "--json").json()["rows"]
    assert row["account"] == "main"


def test_a_removed_account_is_left_out_and_its_cost_stays_with_what_it_sent(
    home: StoredHome,
) -> None:
    config = home.folder / "config.toml"
    text = config.read_text()
    config.write_text(text[text.index("[accounts.other]") :])
    home.derive()
    assert [row["account"] for row in home.run("balances", "--json").json()["rows"]] == ["other"]
    answer = home.run("explain", "BTC", "--json").json()
    assert answer["reconciliation"]["difference"] == "0"
    assert [(row["held"], row["cost_held"]) for row in answer["rows"]] == [("0.4", "40")]


@pytest.mark.parametrize("again", [False, True])
def test_rows_of_an_account_renamed_by_hand_move(home: StoredHome, again: bool) -> None:
    before = figures(home)
    rename_by_hand(home, "main", "binance")
    if again:
        fetched_again(home, "binance")
    done = home.run("account", "rename", "main", "binance")
    assert done.code == 0, done.err
    assert "Renamed main to binance" in done.err
    assert figures(home) == before
    assert "Left out" not in home.run("fills").out
    assert "main" not in home.run("fills", "--json").out


def test_two_accounts_never_become_one(home: StoredHome) -> None:
    rename_by_hand(home, "main", "third")
    refused = home.run("account", "rename", "main", "other")
    assert refused.code == 2
    assert "these are two accounts" in refused.err
    assert "Left out: main" in home.run("fills").out


def test_an_unknown_account_is_named(home: StoredHome) -> None:
    refused = home.run("account", "rename", "mian", "new")
    assert refused.code == 2
    assert 'there is no account "mian"; did you mean "main"' in refused.err


def test_an_account_is_renamed_with_all_that_is_stored(world: World) -> None:
    def answers(account: str) -> list[str]:
        texts = [world.run(word, "--json").out for word in LISTS]
        texts += [world.run("explain", "BTC", "--json").out]
        texts += [world.run("history", "--account", account, "--json").out]
        return [text.replace(f'"{account}"', '"NAME"') for text in texts]

    before = answers("kraken")
    done = world.run("account", "rename", "kraken", "my-kraken")
    assert done.code == 0, done.err
    for now, then in zip(answers("my-kraken"), before, strict=True):
        assert without_times(now) == without_times(then)
    synced = world.run("sync")
    assert synced.code == 0, synced.err
    with closing(world.repository()) as repository:
        assert repository.progress.accounts() == ("my-kraken",)


def test_a_cache_that_cannot_be_written_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from exchange_cache.cache import moving
    from exchange_cache.errors import CacheBusy

    def busy(*_: object) -> None:
        raise CacheBusy("busy")

    config = (world.home / "config.toml").read_text()
    monkeypatch.setattr(moving, "_rename_in_snapshots", busy)
    assert world.run("account", "rename", "kraken", "new").code != 0
    assert (world.home / "config.toml").read_text() == config
    with closing(world.repository()) as repository:
        assert repository.progress.accounts() == ("kraken",)


def test_a_running_sync_is_waited_for(home: StoredHome, monkeypatch: pytest.MonkeyPatch) -> None:
    from exchange_cache.cli import rename
    from exchange_cache.sync.lock import WriterLock

    monkeypatch.setattr(rename, "LOCK_WAIT_SECONDS", 0)
    with WriterLock(home.folder / "cache.sqlite3.lock", home.clock) as lock:
        lock.acquire("sync", wait_seconds=0)
        refused = home.run("account", "rename", "main", "new")
    assert refused.code != 0
    assert "[accounts.main]" in (home.folder / "config.toml").read_text()


def without_times(text: str) -> str:
    """The text without times, ages and the hash of the rows, which covers the account's name."""
    return re.sub(r'"[^"]*\d{4}-\d\d-\d\dT[^"]*"|"age[^,]*|sha256": "\w*"', "", text)

"""Accounts that are emptied: the run that finds it says so and ends with 1, and the finding stays
until events explain it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cli.accessor import open_accessor
from exchange_cache.ledger.replay import Flow
from exchange_cache.portfolio import past
from exchange_cache.simulator.venue import Venue
from exchange_cache.value.reading import PortfolioReading
from tests.portfolio.conftest import FirstSyncs, StillWorld, still_world


def take_all(venue: Venue, account: str) -> None:
    """Everything leaves, and no ledger of the exchange has a line for it."""
    for key in venue.state.books.balances:
        if key[0] == account:
            venue.state.books.balances[key] = Decimal(0)


def withdraw_all(venue: Venue, account: str) -> None:
    """Everything leaves by withdrawals, what open orders and the earn wallet held included."""
    venue.state.books.holds.clear()
    for row in venue.balances(account):
        if row.wallet != "spot" and row.total > 0:
            venue.transfer(account, row.asset, row.total, row.wallet, "spot")
    for row in venue.balances(account):
        if row.total > 0:
            venue.withdraw(account, row.asset, row.total)


@pytest.fixture
def still(tmp_path: Path, first_syncs: FirstSyncs) -> Iterator[StillWorld]:
    """One account, synced an hour ago."""
    for made in first_syncs.world(tmp_path, seed=4, fills=20, accounts={"kraken": "kraken"}):
        made.pass_time(hours=1)
        yield made


def open_alarms(still: StillWorld) -> list[tuple[str, str]]:
    return [
        (one.code, one.account)
        for one in still.world.repository().derived.findings()
        if one.scope == "watch"
    ]


def worth_of(still: StillWorld, account: str) -> Decimal:
    return Decimal(still.portfolio("--account", account)["totals"]["value"])


#: Its whole past takes two thousand requests, and nothing here is about it.
BYBIT = {"seed": 4, "fills": 20, "accounts": {"bybit": "bybit"}, "history_days": 30}
EMPTIED = [("account_emptied", "kraken")]


@pytest.mark.parametrize(
    "words",
    [
        ("sync",),
        ("sync", "--only", "balances"),
        ("sync", "--account", "kraken", "--only", "balances", "--only", "prices"),
        ("sync", "--if-stale"),
        ("sync", "--background"),
        ("sync", "--full"),
        ("reload",),
        ("reload", "--force"),
        ("portfolio", "--wait"),
    ],
    ids=" ".join,
)
def test_an_emptied_account_is_an_alarm_in_the_run_that_finds_it(
    still: StillWorld, words: tuple[str, ...]
) -> None:
    worth = worth_of(still, "kraken")
    take_all(still.venue, "kraken")
    still.pass_time(hours=2)
    done = still.run(*words)
    assert done.code == 1, done.err
    [line] = [line for line in done.err.splitlines() if "the account is empty" in line]
    assert line.startswith("excache: kraken: the account is empty: ")
    assert f"(worth {worth:,.2f} USDT)" in line and "lock the account" in line
    assert open_alarms(still) == EMPTIED
    shown = still.run("portfolio", "--no-refresh").out
    assert f"(worth {worth:,.2f} USDT) left the account after" in " ".join(shown.split())


@pytest.mark.parametrize("force", [False, True])
def test_a_wallet_that_answers_with_no_row_is_an_alarm_once_it_is_believed(
    tmp_path: Path, force: bool
) -> None:
    for still in still_world(tmp_path, **{**BYBIT, "accounts": {"one": "bybit", "two": "kraken"}}):
        config = still.world.home / "config.toml"
        only = 'exchange = "bybit"\nwallets = ["funding"]'
        config.write_text(config.read_text().replace('exchange = "bybit"', only))
        still.sync()
        still.pass_time(hours=1)
        take_all(still.venue, "one")
        if not force:
            doubted = still.run("sync")
            assert (
                doubted.code == 1 and "is suddenly empty; the old balances are kept" in doubted.err
            )
            assert open_alarms(still) == []
            still.pass_time(hours=1)
        done = still.run(*(("reload", "--force") if force else ("sync",)))
        assert done.code == 1 and "one: the account is empty" in done.err and "two:" not in done.err
        assert open_alarms(still) == [("account_emptied", "one")]


def test_reload_data_keeps_the_alarm_among_the_warnings(still: StillWorld) -> None:
    from exchange_cache.cli.app import App

    take_all(still.venue, "kraken")
    app = App(env=still.world.env, clock=still.clock, out=None, err=None)  # type: ignore[arg-type]
    reading = open_accessor(app).reload_data(force=True)
    assert [
        (one.code, one.account) for one in reading.warnings if one.code == "account_emptied"
    ] == EMPTIED
    app.close()


def test_the_alarm_stays_on_every_screen_while_syncs_go_on_quietly(still: StillWorld) -> None:
    take_all(still.venue, "kraken")
    assert still.run("reload", "--force").code == 1
    for _ in range(3):
        still.pass_time(days=5)  # longer than runs look back
        still.sync()
    assert open_alarms(still) == EMPTIED
    for words in (("status",), ("portfolio", "--no-refresh")):
        assert "the account is empty" in still.run(*words).out
    assert [
        one["code"] for one in still.portfolio()["warnings"] if one["account"] == "kraken"
    ].count("account_emptied") == 1
    assert "account_emptied" in [
        one["code"] for one in still.run("status", "--json").json()["findings"]
    ]


def test_a_withdrawal_that_is_read_later_explains_it(still: StillWorld) -> None:
    withdraw_all(still.venue, "kraken")
    only = ("--account", "kraken", "--only", "balances")
    still.run("sync", *only)
    still.pass_time(hours=1)
    done = still.run("sync", *only)
    assert (done.code, open_alarms(still)) == (1, EMPTIED), done.err
    still.pass_time(hours=1)
    still.sync()
    assert open_alarms(still) == []


def test_withdrawals_read_in_the_same_run_raise_no_alarm(still: StillWorld) -> None:
    withdraw_all(still.venue, "kraken")
    still.run("sync")
    still.pass_time(hours=1)
    still.sync()
    assert open_alarms(still) == []


def test_an_alarm_survives_another_account_and_another_reporting_asset(still: StillWorld) -> None:
    take_all(still.venue, "kraken")
    assert still.run("reload", "--force").code == 1
    config = still.world.home / "config.toml"
    text = config.read_text()
    config.write_text(text.replace('reporting_asset = "USDT"', 'reporting_asset = "EUR"'))
    for _ in range(2):
        still.pass_time(hours=1)
        still.sync()
    assert open_alarms(still) == EMPTIED
    assert "USDT) left the account after" in still.run("status").out.replace("\n", " ").replace(
        "  ", " "
    )


def test_an_account_that_was_not_synced_for_weeks_is_measured_from_when_it_was_last_seen(
    still: StillWorld,
) -> None:
    still.pass_time(days=20)
    take_all(still.venue, "kraken")
    assert still.run("reload", "--force").code == 1
    assert open_alarms(still) == EMPTIED


@pytest.mark.long
def test_an_account_that_is_switched_off_or_reads_one_wallet_less_has_not_lost_anything(
    tmp_path: Path, first_syncs: FirstSyncs
) -> None:
    for still in first_syncs.world(tmp_path, **BYBIT):
        config = still.world.home / "config.toml"
        text = config.read_text()
        wallets = {
            row["wallet"] for holding in still.portfolio()["holdings"] for row in holding["wallets"]
        }
        assert len(wallets) > 1
        config.write_text(
            text.replace('exchange = "bybit"', 'exchange = "bybit"\nwallets = ["funding"]')
        )
        for _ in range(2):
            still.pass_time(hours=1)
            still.sync()
        assert open_alarms(still) == []


@pytest.mark.parametrize("only", [(), ("--only", "balances")], ids=["all", "balances"])
def test_a_wallet_that_is_emptied_beside_others_is_an_alarm_with_its_worth(
    tmp_path: Path, only: tuple[str, ...]
) -> None:
    for still in still_world(tmp_path, **BYBIT):
        still.venue.deposit("bybit", "USDT", Decimal(50_000), wallet="funding")
        still.pass_time(hours=1)
        still.sync()
        for key in still.venue.state.books.balances:
            if key[:2] == ("bybit", "funding"):
                still.venue.state.books.balances[key] = Decimal(0)
        said = []
        for _ in range(2):  # an answer without any row is doubted once
            still.pass_time(hours=1)
            done = still.run("sync", *only)
            said += [
                (done.code, line) for line in done.err.splitlines() if "wallet is empty" in line
            ]
        [(code, line)] = said
        assert code == 1
        assert (
            line.startswith("excache: bybit: the funding wallet is empty: ") and "(worth " in line
        )
        assert open_alarms(still) == [("wallet_emptied", "bybit")]


def test_a_move_between_wallets_of_one_account_empties_nothing(
    tmp_path: Path, first_syncs: FirstSyncs
) -> None:
    for still in first_syncs.world(tmp_path, **BYBIT):
        for row in still.venue.balances("bybit"):
            if row.wallet == "funding" and row.total > 0:
                still.venue.transfer("bybit", row.asset, row.total, "funding", "unified")
        for _ in range(2):
            still.pass_time(hours=1)
            still.run("sync", "--only", "balances")
        assert open_alarms(still) == []


@pytest.mark.long
def test_assets_sent_to_another_own_account_are_no_alarm_of_either(
    tmp_path: Path, first_syncs: FirstSyncs
) -> None:
    accounts = {"one": "kraken", "two": "kraken"}
    for still in first_syncs.world(tmp_path, seed=4, fills=20, accounts=accounts):
        still.pass_time(hours=1)
        still.venue.state.books.holds.clear()
        for row in still.venue.balances("one"):
            if row.wallet == "spot" and row.total > 0:
                still.venue.withdraw("one", row.asset, row.total, to="two")
        for _ in range(2):  # an answer without any row is doubted once
            still.pass_time(hours=1)
            still.run("sync")
        assert open_alarms(still) == []


@pytest.mark.long
def test_what_an_account_owes_when_it_is_first_read_has_not_left_it(tmp_path: Path) -> None:
    """The snapshot before it names the account, of which nothing was known then."""
    accounts = {"kraken": "kraken", "main": "binance"}
    for still in still_world(tmp_path, seed=4, fills=20, accounts=accounts, history_days=30):
        still.venue.margin_trade("main", "ATOM/USDT", "sell", Decimal(5))
        still.pass_time(hours=1)
        still.sync("--account", "kraken")
        still.pass_time(hours=1)
        done = still.run("sync")
        assert (done.code, done.err) == (0, "")
        assert open_alarms(still) == []


@pytest.mark.long
def test_only_the_account_that_is_emptied_is_named(tmp_path: Path, first_syncs: FirstSyncs) -> None:
    accounts = {"one": "kraken", "two": "kraken"}
    for still in first_syncs.world(tmp_path, seed=4, fills=20, accounts=accounts):
        still.pass_time(hours=1)
        take_all(still.venue, "two")
        done = still.run("sync")
        assert done.code == 1 and "two: the account is empty" in done.err and "one:" not in done.err
        assert open_alarms(still) == [("account_emptied", "two")]


def test_an_accepted_alarm_leaves_the_screens_and_stays_in_json(still: StillWorld) -> None:
    take_all(still.venue, "kraken")
    assert still.run("sync").code == 1
    words = ("--accept", "account_emptied", "--reason", "moved to the safe")
    assert still.run("status", *words).code == 0
    still.pass_time(hours=1)
    still.sync()
    for shown in (("status",), ("portfolio", "--no-refresh")):
        assert "the account is empty" not in still.run(*shown).out
    [found] = [one for one in still.portfolio()["warnings"] if one["code"] == "account_emptied"]
    assert found["accepted"]["reason"] == "moved to the safe"


@pytest.mark.parametrize("number", [1, 3])
def test_snapshots_and_movements_are_read_once_for_all_accounts(
    tmp_path: Path, first_syncs: FirstSyncs, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    read: Counter[str] = Counter()
    decoded, flows = past.reading_of, past.PastReader.recent_flows

    def decoding(*words: Any) -> PortfolioReading:
        read["snapshots"] += 1
        return decoded(*words)

    def moving(self: past.PastReader, since: datetime) -> tuple[Flow, ...]:
        read["movements"] += 1
        return flows(self, since)

    accounts = {f"kraken{one}": "kraken" for one in range(number)}
    for still in first_syncs.world(tmp_path, seed=4, fills=20, accounts=accounts):
        still.pass_time(hours=1)
        still.sync()
        still.pass_time(hours=1)
        with monkeypatch.context() as counted:
            counted.setattr(past, "reading_of", decoding)
            counted.setattr(past.PastReader, "recent_flows", moving)
            still.sync()
    assert read == {"snapshots": 3, "movements": 1}

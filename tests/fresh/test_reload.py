"""After a trade: balances and newest fills first, whatever the freshness, and what changed is
shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.cli.app import App
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import RunOptions
from exchange_cache.sync.covered import not_covered
from exchange_cache.sync.report import SyncReport
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW
from tests.fresh.helpers import Home

MINUTE = timedelta(minutes=1)


def _part(data_type: DataType, part: str, minutes: float, state: str = "ok") -> SyncStatus:
    return SyncStatus(
        account="main",
        data_type=data_type,
        part=part,
        attempted_at=NOW + minutes * MINUTE,
        succeeded_at=NOW,
        state=state,
    )


def test_what_was_asked_before_the_moment_is_not_covered_however_late_it_ended() -> None:
    late = [_part(data_type, "all", 1) for data_type in DataType]
    assert not_covered(late, ["main"], NOW, NOW + 2 * MINUTE) == {}
    early = [_part(DataType.BALANCES, "spot", -1), *late[1:]]
    assert not_covered(early, ["main"], NOW, NOW + 2 * MINUTE) == {
        "main": frozenset({DataType.BALANCES, DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS})
    }, "histories are asked up to the beginning of a run, which began with the balances"
    failed = [
        _part(DataType.BALANCES, "spot", 1),
        _part(DataType.PRICES, "spot", 1, "failed"),
        *late[2:],
    ]
    assert DataType.PRICES in not_covered(failed, ["main"], NOW, NOW + 2 * MINUTE)["main"]
    assert not_covered([], ["main"], NOW, NOW + 2 * MINUTE) == {"main": frozenset(DataType)}


def test_reload_force_shows_fills_balances_and_averages_and_asks_for_them_first(
    synced: Home,
) -> None:
    assert synced.run("sync").code == 0
    before = next(
        item
        for item in synced.run("portfolio", "--json").json()["holdings"]
        if item["asset"] == "BTC"
    )
    fill = synced.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.01"))[0]
    asked = len(synced.simulator.requests)
    done = synced.run("reload", "--force", "--json")
    assert done.code == 0
    reported = done.json()
    assert [row["fill_id"] for row in reported["new_fills"]] == [str(fill.id)]
    change = {row["asset"]: row for row in reported["assets"]}["BTC"]
    assert Decimal(change["quantity_after"]) - Decimal(change["quantity_before"]) == Decimal("0.01")
    assert Decimal(change["average_entry_price_before"]) == Decimal(before["average_entry_price"])
    after = next(
        item
        for item in synced.run("portfolio", "--json").json()["holdings"]
        if item["asset"] == "BTC"
    )
    assert (
        change["average_entry_price_after"]
        == after["average_entry_price"]
        != before["average_entry_price"]
    )
    paths = [call.path.rsplit("/", 1)[1] for call in list(synced.simulator.requests)[asked:]]
    assert paths.index("BalanceEx") < paths.index("TradesHistory") < paths.index("Ledgers")
    assert "reload" in [run[0] for run in synced.runs()]


def test_reload_without_force_leaves_alone_what_is_fresh(synced: Home) -> None:
    asked = len(synced.simulator.requests)
    done = synced.run("reload")
    assert done.code == 0 and "excache reload --force" in done.err
    assert len(synced.simulator.requests) == asked
    assert synced.outcomes() == [], "nothing was bypassed"
    synced.age(hours=2)
    assert synced.run("reload").code == 0
    assert len(synced.simulator.requests) > asked
    assert synced.outcomes() == ["bypass"]


def test_reload_asks_only_the_accounts_it_is_given(make_home: Callable[..., Home]) -> None:
    home = make_home(accounts={"one": "kraken", "two": "kraken"})
    assert home.run("sync").code == 0
    before = home.query(
        "SELECT account, max(attempted_ms) FROM exchange_sync_status GROUP BY account"
    )
    assert home.run("reload", "--force", "--account", "one").code == 0
    after = home.query(
        "SELECT account, max(attempted_ms) FROM exchange_sync_status GROUP BY account"
    )
    assert [
        name for (name, earlier), (_, later) in zip(before, after, strict=True) if later != earlier
    ] == ["one"]


def test_nobody_who_reloads_waits_for_a_sweep(
    synced: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The symbols never asked so far hold no trade of a minute ago: they are left to the hourly
    runs."""
    asked: list[RunOptions] = []

    def perform(
        app: App, command: str, accounts: object, options: RunOptions, **more: object
    ) -> SyncReport:
        asked.append(options)
        return SyncReport(accounts=(), seconds=0.0)

    monkeypatch.setattr("exchange_cache.cli.running.perform", perform)
    assert synced.run("reload", "--force").code == 0
    assert [(options.sweep_budget, options.force, options.full) for options in asked] == [
        (0, True, False)
    ]

"""The files that users download explain what the API no longer serves: with both read, nothing is
left but what neither states."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.simulator.downloads import write_downloads
from exchange_cache.simulator.venue import ALL_ACCOUNTS, Entry
from tests.e2e.test_imports import ledger
from tests.e2e.test_reconcile import SHOWN, differences, unserved
from tests.e2e.world import World

FILLS = 150
#: Half a digit that a figure was rounded to.
ROUNDED = Decimal("1e-8")


def never(entry: Entry, age: float) -> bool:
    return False


def interest_owed(entry: Entry, age: float) -> bool:
    """Binance lists what a margin wallet owes in interest for 90 days; its statement has loans and
    repayments."""
    return entry.kind == "loan_interest" and age > 90


def interest_of_savings(entry: Entry, age: float) -> bool:
    """OKX lists it for a month, and adds it to the savings, which no file has."""
    return entry.wallet == "savings" and entry.kind == "interest" and age > 30


def contracts(entry: Entry, age: float) -> bool:
    """KuCoin lists fills of futures for 90 days; no file of them is known."""
    return entry.wallet == "futures" and entry.kind in {"trade", "pnl"} and age > 90


#: What neither the API nor a known file states, by account.
UNTOLD: dict[str, Callable[[Entry, float], bool]] = {
    "main": interest_owed,
    "bybit": never,
    "kraken": never,
    "okx": interest_of_savings,
    "coinbase": never,
    "kucoin": contracts,
}


def imported(world: World, account: str, paths: list[Path]) -> None:
    own = [str(path) for path in paths if path.parent.name == account]
    done = world.run("import", "--account", account, *own, "--json")
    assert done.code == 0, done.err
    differing = [one for row in done.json()["rows"] for one in row["differences"]]
    assert {one["what"] for one in differing} <= {"kind"}  # a word that the file alone has


def left(world: World, account: str) -> dict[str, Decimal]:
    """What is unexplained of each asset, without what neither source states."""
    untold, doubtful = unserved(world, account, UNTOLD[account])
    found = differences(world, account)
    return {
        asset: rest
        for asset in found | untold
        if asset not in doubtful
        and abs(rest := found.get(asset, Decimal(0)) - untold.get(asset, Decimal(0)))
        > (SHOWN if account == "coinbase" else ROUNDED)
    }


def without_archives(world: World, account: str) -> World:
    """What files cover is not ordered as an archive, so the order would decide which of both a row
    comes from."""
    config = world.home / "config.toml"
    line = f'exchange = "{ALL_ACCOUNTS[account]}"\n'
    config.write_text(config.read_text().replace(line, f"{line}archives = false\n", 1))
    return world


@pytest.mark.parametrize("account", ALL_ACCOUNTS)
def test_with_its_files_an_account_is_explained_whatever_is_read_first(
    make_world: Callable[..., World], tmp_path: Path, account: str
) -> None:
    kinds = {account: ALL_ACCOUNTS[account]}
    world = make_world(seed=3, fills=FILLS, accounts=kinds, history_days=None)
    without_archives(world, account)
    paths = write_downloads(tmp_path / "files", world.simulator.venue)
    imported(world, account, paths)
    assert world.run("sync").code == 0
    assert left(world, account) == {}
    files_first = ledger(world)
    imported(world, account, paths[:2])
    assert ledger(world) == files_first
    other = World.create(world.simulator, tmp_path / "other", world.clock)
    without_archives(other, account)
    assert other.run("sync").code == 0
    imported(other, account, paths[::-1])
    assert left(other, account) == {}
    assert ledger(other) == files_first
    assert other.run("import", "undo", "1").code == 0
    imported(other, account, paths)
    assert ledger(other) == files_first


def test_with_files_and_archives_both_read_nothing_counts_twice(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    world = make_world(seed=3, fills=FILLS, accounts={"okx": "okx"}, history_days=None)
    for _ in range(3):  # what one run orders, the next ones fetch
        assert world.run("sync").code == 0
    imported(world, "okx", write_downloads(tmp_path / "files", world.simulator.venue))
    assert left(world, "okx") == {}

"""What lists and ``status`` read: all of it, in order, of the accounts that are asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.reading import CacheReading
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.revision_models import (
    ABSENCES,
    VERSIONS,
    Absence,
    AbsenceRow,
    Change,
    Version,
    VersionRow,
    row_key,
)
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.cache.streams import StreamKey
from exchange_cache.findings import Acceptance, Finding, accepted
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW, balance, fill, order, position, price, transfer

HOUR = timedelta(hours=1)
FILL, ORDER, TRANSFER = fill("9"), order("9"), transfer("9")
ACCEPTANCE = Acceptance(reason="known", at=NOW, until=NOW + HOUR)
FOUND = StoredFinding(
    account="main", code="gap", scope="spot", asset="", message="a gap", hint=None, since=NOW
)
READS: dict[str, Callable[[CacheReading], Any]] = {
    "balances": lambda it: it.mirror.balances(),
    "balances of an account": lambda it: it.mirror.balances(["other"]),
    "positions": lambda it: it.mirror.positions(),
    "positions of an account": lambda it: it.mirror.positions(("main",)),
    "prices": lambda it: it.mirror.prices(),
    "prices of assets": lambda it: it.mirror.prices(iter(["BTC", "USDT"]), category="spot"),
    "statuses": lambda it: it.progress.statuses(),
    "statuses of an account": lambda it: it.progress.statuses(iter(["main"])),
    "accounts": lambda it: it.progress.accounts(),
    "runs": lambda it: it.progress.runs(limit=1),
    "memory": lambda it: it.progress.remembered("main", "clock"),
    "findings": lambda it: it.derived.findings(["main"]),
    "accepted": lambda it: it.accepted.all(),
    "fills": lambda it: it.ledger.fills(),
    "orders": lambda it: it.ledger.orders(),
    "transfers": lambda it: it.ledger.transfers(),
    "vanished fills": lambda it: it.ledger.revisions.vanished(DataType.FILLS),
    "vanished transfers": lambda it: it.ledger.revisions.vanished(DataType.TRANSFERS),
    "changes": lambda it: it.ledger.revisions.any_since(NOW),
}


def filled(path: Path) -> ExchangeCacheRepository:
    """A cache with some of everything that these reads return."""
    cache = ExchangeCacheRepository.open(path)
    for account in ("main", "other"):
        cache.mirror.replace_balances(
            account, "spot", [balance("2", account=account), balance("1", "ETH", account=account)]
        )
        cache.mirror.replace_positions(account, "linear", [position(account=account)])
        tickers = [price("BTC/USDT", "1", account=account), price("ETH/BTC", "2", account=account)]
        cache.mirror.replace_prices(account, "spot", tickers)
        cache.progress.record(
            SyncStatus(account=account, data_type=DataType.BALANCES, succeeded_at=NOW, part="spot")
        )
    for kind, page in {
        DataType.FILLS: [FILL, fill("1", fees=("0.1 USDT",))],
        DataType.ORDERS: [ORDER, order("1", "open")],
        DataType.TRANSFERS: [TRANSFER, transfer("1")],
    }.items():
        key = StreamKey(account="main", data_type=kind, scope="test")
        cache.ledger.save_page(cache.ledger.state(key), page, NOW)
    for one in (FILL, TRANSFER):
        row = row_key(one)
        gone = Absence(
            row=row, served_by="x", stream_symbol="", at=NOW, missed_at=NOW, vanished_at=NOW + HOUR
        )
        cache._database.run(AbsenceRow.insert(**ABSENCES.encode(gone)))
    was = Version(
        row=row_key(FILL), what=Change.VANISHED, former={}, seen_at=NOW, replaced_at=NOW + HOUR
    )
    cache._database.run(VersionRow.insert(**VERSIONS.encode(was)))
    cache.derived.replace_findings("main", [FOUND], NOW)
    cache.accepted.save([accepted(Finding(code="x", message="y"), ACCEPTANCE)], NOW)
    cache.progress.begin_run("sync", 7, NOW)
    cache.progress.begin_run("reload", 8, NOW)
    cache.progress.remember("main", {"clock": {"ahead": 3}}, NOW)
    return cache


@pytest.fixture
def read(tmp_path: Path) -> Any:
    with closing(filled(tmp_path / "cache.sqlite3")) as cache:
        yield lambda name: READS[name](cache)


def test_rows_are_in_the_order_of_their_keys(read: Any) -> None:
    keys = [(one.account, one.code) for one in read("balances")]
    assert keys == [("main", "BTC"), ("main", "ETH"), ("other", "BTC"), ("other", "ETH")]
    assert [one.account for one in read("positions")] == ["main", "other"]
    assert [one.symbol for one in read("prices")] == ["BTC/USDT", "ETH/BTC"] * 2


def test_only_those_of_the_accounts_are_read(read: Any) -> None:
    assert {one.account for one in read("balances of an account")} == {"other"}
    assert {one.account for one in read("positions of an account")} == {"main"}
    assert {one.account for one in read("statuses of an account")} == {"main"}


def test_prices_between_two_of_the_assets(read: Any) -> None:
    assert {one.symbol for one in read("prices of assets")} == {"BTC/USDT"}


def test_what_syncs_left(read: Any) -> None:
    assert [run.command for run in read("runs")] == ["reload"]
    assert read("accounts") == ("main", "other")
    assert read("memory") == '{"ahead":3}'
    assert [one.finding.message for one in read("findings")] == ["a gap"]
    assert [one.acceptance for one in read("accepted")] == [ACCEPTANCE]


def test_what_vanished_counts_nowhere_and_is_known_by_its_key(read: Any) -> None:
    assert [one.fill_id for one in read("fills")] == ["1"]
    assert [one.transfer_id for one in read("transfers")] == ["1"]
    assert [one.order_id for one in read("orders")] == ["1", "9"]
    assert read("vanished fills") == {FILL.key: NOW + HOUR}
    assert read("vanished transfers") == {TRANSFER.key: NOW + HOUR}


def test_changes_are_known_by_when_they_were_noticed(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "cache.sqlite3")) as cache:
        known = cache.ledger.revisions
        assert known.any_since(NOW + HOUR)
        assert not known.any_since(NOW + HOUR + HOUR)


def test_a_cache_without_a_success_is_empty(tmp_path: Path) -> None:
    with closing(ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")) as cache:
        assert cache.is_empty()
        cache.progress.record(
            SyncStatus(account="main", data_type=DataType.FILLS, state="failed", error="down")
        )
        assert cache.is_empty()
        cache.progress.record(
            SyncStatus(account="main", data_type=DataType.FILLS, succeeded_at=NOW)
        )
        assert not cache.is_empty()
        assert cache.progress.remembered("main", "nothing") is None

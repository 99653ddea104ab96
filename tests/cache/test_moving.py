"""Rows of an account under another name: alone, and beside rows of that name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot, StatedCost, StoredFinding
from exchange_cache.cache.streams import StreamKey
from exchange_cache.findings import Acceptance, AcceptedFinding
from exchange_cache.ledger.coverage import Grade, Ranges
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW, balance, fill, transfer

DETAILS: dict[str, Any] = {
    "accounts": ["main", "mainly"],
    "totals": {},
    "holdings": [
        {
            "asset": "BTC",
            "state": "fresh",
            "at": None,
            "figures": {"price": "5"},
            "wallets": [
                {"account": "main", "wallet": "spot", "total": "1"},
                {"account": "mainly", "wallet": "spot", "total": "2"},
            ],
        }
    ],
    "positions": [{"account": "main", "symbol": "BTC/USDT:USDT"}],
    "unpriced": ["main balances"],
    "stale": ["main balances", "mainly balances"],
    "missing": [],
    "failed": [],
}


def key(account: str, symbol: str = "") -> StreamKey:
    return StreamKey(account=account, data_type=DataType.FILLS, scope="spot", symbol=symbol)


def save(repository: ExchangeCacheRepository, account: str, *ids: str, **state: Any) -> None:
    fills = [fill(one, account=account) for one in ids]
    known = replace(repository.ledger.state(key(account)), **state)
    repository.ledger.save_page(known, fills, NOW)
    repository.progress.record(
        SyncStatus(account=account, data_type=DataType.FILLS, succeeded_at=NOW)
    )


def everything(repository: ExchangeCacheRepository, account: str) -> None:
    """A row of every kind that belongs to an account."""
    save(repository, account, "1", covered=Ranges.of((0, 10)))
    repository.mirror.replace_balances(account, "spot", [balance(account=account)])
    stream = StreamKey(account=account, data_type=DataType.TRANSFERS, scope="deposits")
    state = repository.ledger.state(stream)
    repository.ledger.save_page(state, [transfer(account=account)], NOW)
    repository.ledger.save_page(state, [transfer(account=account, quantity="2")], NOW)
    repository.progress.remember(account, {"markets": 1}, NOW)
    finding = StoredFinding(
        account=account, code="c", scope="s", asset="", message="m", hint=None, since=NOW
    )
    repository.derived.replace_findings(account, [finding], NOW)
    repository.derived.state_cost(
        StatedCost(
            account=account,
            asset="BTC",
            quantity=Decimal(1),
            price=Decimal(2),
            quote="USDT",
            at=NOW,
            note=None,
        ),
        NOW,
    )
    accepted = AcceptedFinding(
        account=account,
        code="c",
        asset="",
        statement="m",
        acceptance=Acceptance(reason="known", at=NOW, until=NOW + timedelta(days=9)),
    )
    repository.accepted.save([accepted], NOW)


def dumped(repository: ExchangeCacheRepository) -> dict[str, list[tuple[Any, ...]]]:
    return {table: repository.dump(table) for table in repository.table_counts()}


def test_a_moved_account_is_as_if_it_had_always_had_its_name(
    repository: ExchangeCacheRepository, tmp_path: Any
) -> None:
    everything(repository, "main")
    save(repository, "other", "9")
    moved = repository.move_account("main", "binance")
    expected = ExchangeCacheRepository.open(tmp_path / "expected.sqlite3")
    everything(expected, "binance")
    save(expected, "other", "9")
    assert dumped(repository) == dumped(expected)
    assert moved == 9
    expected.close()


def test_two_names_of_one_account_are_joined(repository: ExchangeCacheRepository) -> None:
    save(
        repository,
        "main",
        "1",
        "2",
        covered=Ranges.of((0, 50)),
        history_start_ms=0,
        grade=Grade.OBSERVED,
    )
    save(
        repository,
        "binance",
        "2",
        "3",
        covered=Ranges.of((40, 90)),
        history_start_ms=40,
        grade=Grade.PROVEN,
        last_id="3",
    )
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    repository.mirror.replace_balances("binance", "spot", [balance("2", account="binance")])
    repository.move_account("main", "binance")
    assert [(one.account, one.fill_id) for one in repository.ledger.fills()] == [
        ("binance", "1"),
        ("binance", "2"),
        ("binance", "3"),
    ]
    (state,) = repository.ledger.states()
    assert state.covered == Ranges.of((0, 90))
    assert (state.history_start_ms, state.grade, state.last_id) == (0, Grade.OBSERVED, "3")
    assert [(one.account, one.total) for one in repository.mirror.balances()] == [("binance", 2)]
    assert repository.progress.accounts() == ("binance",)


def test_snapshots_name_the_account_as_it_is_called_now(
    repository: ExchangeCacheRepository,
) -> None:
    kept = {**DETAILS, "accounts": ["other"], "holdings": [], "positions": [], "stale": []}
    for details in (DETAILS, kept):
        repository.derived.add_snapshot(
            Snapshot(
                taken_at=NOW,
                reporting_asset="USDT",
                value=Decimal(15),
                stale_value=Decimal(0),
                details=details,
            )
        )
    repository.move_account("main", "binance")
    renamed, untouched = (one.details for one in repository.derived.snapshots())
    assert renamed["accounts"] == ["binance", "mainly"]
    assert [one["account"] for one in renamed["holdings"][0]["wallets"]] == ["binance", "mainly"]
    assert renamed["positions"] == [{"account": "binance", "symbol": "BTC/USDT:USDT"}]
    assert renamed["stale"] == ["binance balances", "mainly balances"]
    assert renamed["unpriced"] == DETAILS["unpriced"]
    assert untouched == kept


def test_one_account_under_two_names_is_recognised_by_a_row(
    repository: ExchangeCacheRepository,
) -> None:
    save(repository, "main", "1", "2")
    save(repository, "binance", "2")
    save(repository, "other", "7")
    found = repository.former_names(["main", "other"], ["binance"])
    assert found == {"main"}
    assert repository.counted_accounts(["binance"]) == ("binance", "other")
    assert repository.counted_accounts(["binance", "main"]) == ("binance", "main", "other")


def test_an_equal_id_of_another_time_is_another_row(repository: ExchangeCacheRepository) -> None:
    save(repository, "main", "1")
    state = repository.ledger.state(key("binance"))
    later = fill("1", account="binance", time=NOW - timedelta(days=1))
    repository.ledger.save_page(state, [later], NOW)
    assert repository.former_names(["main"], ["binance"]) == frozenset()

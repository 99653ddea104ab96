"""The end of a run stores what the portfolio is, unless nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings
from exchange_cache.portfolio.closing import close_run
from exchange_cache.portfolio.past import PastReader
from exchange_cache.records import DataType
from exchange_cache.sync.costs import CostSettings
from exchange_cache.sync.past_states import PastStates
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW, balance

SETTINGS = ReadingSettings(
    reporting_asset="USDT", ttl=dict.fromkeys(DataType, timedelta(hours=1)), accounts=("main",)
)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    found = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    yield found
    found.close()


def close(repository: ExchangeCacheRepository, at: datetime = NOW) -> tuple:
    clock = SetClock(at=at)
    past = PastReader(
        repository,
        clock,
        SETTINGS,
        accounts=("main",),
        reporting_asset="USDT",
        states=PastStates(repository, CostSettings(reporting_asset="USDT"), ("main",)),
    )
    accessor = PortfolioDataAccessor(repository, clock, SETTINGS)
    return close_run(repository, accessor, past, ("main",), clock, keep=timedelta(days=7))


def test_the_portfolio_is_stored_once_a_balance_is_known(tmp_path: Path) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    assert close(repository) == ()
    assert repository.derived.snapshots() == ()
    repository.mirror.replace_balances("main", "spot", [balance("20", "USDT")])
    assert close(repository) == ()
    (snapshot,) = repository.derived.snapshots()
    assert (snapshot.taken_at, snapshot.value) == (NOW, Decimal(20))
    assert snapshot.details["accounts"] == ["main"]
    repository.close()


def read(repository: ExchangeCacheRepository, data_type: DataType, at: datetime) -> None:
    repository.progress.record(
        SyncStatus(account="main", data_type=data_type, attempted_at=at, succeeded_at=at)
    )


@pytest.mark.parametrize(
    ("data_type", "stored"),
    [
        (DataType.BALANCES, 2),
        (DataType.POSITIONS, 2),
        (DataType.PRICES, 2),
        (DataType.FILLS, 1),
        (DataType.TRANSFERS, 1),
    ],
)
def test_a_run_that_read_nothing_that_a_snapshot_shows_stores_none(
    repository: ExchangeCacheRepository, data_type: DataType, stored: int
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("20", "USDT")])
    read(repository, DataType.BALANCES, NOW)
    close(repository)

    later = NOW + timedelta(hours=1)
    close(repository, later)
    assert len(repository.derived.snapshots()) == 1
    read(repository, data_type, later)
    close(repository, later)

    assert len(repository.derived.snapshots()) == stored


def test_a_failed_read_is_no_read(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("20", "USDT")])
    read(repository, DataType.BALANCES, NOW)
    close(repository)

    later = NOW + timedelta(hours=1)
    failed = SyncStatus(
        account="main", data_type=DataType.BALANCES, attempted_at=later, state="failed", error="no"
    )
    repository.progress.record(failed)
    close(repository, later)

    assert len(repository.derived.snapshots()) == 1


def test_a_run_thins_snapshots_of_past_days(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("20", "USDT")])
    began = NOW.replace(hour=0, minute=0) - timedelta(days=9)
    for hour in (1, 2, 3):
        at = began + timedelta(hours=hour)
        read(repository, DataType.BALANCES, at)
        close(repository, at)
    assert len(repository.derived.snapshots()) == 3

    close(repository)

    assert [one.taken_at for one in repository.derived.snapshots()] == [at]

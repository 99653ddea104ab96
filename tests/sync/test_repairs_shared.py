"""Repairs of a cache that several machines share: a clock that differs from theirs cuts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.data_types import DataType
from exchange_cache.sync.repairs import repair
from exchange_cache.value.freshness import SyncStatus

pytestmark = pytest.mark.long
EXCHANGES = {"main": "binance"}
LATE = timedelta(minutes=10)


@pytest.fixture
def shared(server: Server) -> Iterator[ExchangeCacheRepository]:
    with closing(ExchangeCacheRepository.open(server)) as repository:
        yield repository


def store(repository: ExchangeCacheRepository, *times: datetime) -> None:
    """Runs of several machines, in the order in which they began, and the success of the last."""
    for at in times:
        run = repository.progress.begin_run("sync", 1, at)
        repository.progress.end_run(run, "ok", at, requests=1, row_count=1)
    status = SyncStatus(account="main", data_type=DataType.BALANCES, attempted_at=times[-1],
                        succeeded_at=times[-1])  # fmt: skip
    repository.progress.record(status)


def test_a_machine_whose_clock_is_behind_cuts_nothing(shared: ExchangeCacheRepository) -> None:
    now = datetime.now(UTC)
    store(shared, now - timedelta(hours=1), now)
    before = shared.progress.statuses()
    assert repair(shared, now - LATE, EXCHANGES) == ()
    assert shared.progress.statuses() == before


def test_runs_of_machines_with_different_clocks_cut_nothing(
    shared: ExchangeCacheRepository,
) -> None:
    now = datetime.now(UTC)
    hours = (timedelta(hours=one) for one in (3, 2, 1))
    store(shared, *(at for one in hours for at in (now - one, now - one - LATE)))
    before = shared.progress.statuses()
    assert repair(shared, now, EXCHANGES) == ()
    assert shared.progress.statuses() == before


def test_what_a_clock_stored_that_was_a_year_ahead_is_cut_back(
    shared: ExchangeCacheRepository,
) -> None:
    now = datetime.now(UTC)
    store(shared, now - timedelta(hours=1), now + timedelta(days=365))
    assert repair(shared, now, EXCHANGES)
    assert all(one.succeeded_at is None or one.succeeded_at < now
               for one in shared.progress.statuses())  # fmt: skip

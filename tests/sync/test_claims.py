from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.data_types import DataType
from exchange_cache.sync.claims import EVERYTHING, REST, Claims
from exchange_cache.sync.lock import WriterLock
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW


class Taken(WriterLock):
    """A lock whose accounts another process has."""

    def claim(self, account: str) -> bool:
        return False


def claims(
    repository: ExchangeCacheRepository,
    path: Path,
    *,
    rest: bool = True,
    after: timedelta = timedelta(0),
    kind: type[WriterLock] = WriterLock,
) -> Claims:
    clock = SetClock(NOW + after)
    only = [DataType.BALANCES, DataType.PRICES]
    return Claims(kind(path, clock), repository.progress, clock, only, rest=rest)


def requested(data_type: DataType) -> SyncStatus:
    return SyncStatus(
        account="main", data_type=data_type, attempted_at=NOW, succeeded_at=NOW, state="ok"
    )


@pytest.fixture
def read(repository: ExchangeCacheRepository) -> ExchangeCacheRepository:
    for data_type in (DataType.BALANCES, DataType.PRICES):
        repository.progress.record(requested(data_type))
    return repository


def test_an_account_that_was_just_read_rests(read: ExchangeCacheRepository, tmp_path: Path) -> None:
    assert not claims(read, tmp_path / "l").take("main")
    assert claims(read, tmp_path / "l").take("other")
    assert claims(read, tmp_path / "l", rest=False).take("main")
    assert claims(read, tmp_path / "l", after=REST + timedelta(seconds=1)).take("main")


def test_an_account_of_which_a_part_was_not_read_is_taken(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    repository.progress.record(requested(DataType.BALANCES))
    assert claims(repository, tmp_path / "l").take("main")


def test_an_account_of_another_process_is_left_to_it(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    assert not claims(repository, tmp_path / "l", kind=Taken).take("main")


def test_a_cache_in_a_file_is_one_run_s_own() -> None:
    assert EVERYTHING.take("main") and EVERYTHING.finish()

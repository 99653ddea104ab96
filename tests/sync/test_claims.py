from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.data_types import DataType
from exchange_cache.errors import Banned, KeyRefused
from exchange_cache.sync.claims import COMPARING, EVERYTHING, REST, REST_OF_OTHERS, Claims
from exchange_cache.sync.lock import WriterLock
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW

ONLY = (DataType.BALANCES, DataType.PRICES)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


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
    host: str = "a",
    since: datetime | None = None,
) -> Claims:
    clock = SetClock(NOW + after)
    return Claims(
        kind(path, clock),
        repository.progress,
        clock,
        ONLY,
        rest=rest,
        host=host,
        address=host,
        since=since,
    )


def requested(data_type: DataType, error_code: str | None = None) -> SyncStatus:
    return SyncStatus(
        account="main",
        data_type=data_type,
        attempted_at=NOW,
        succeeded_at=None if error_code else NOW,
        state="failed" if error_code else "ok",
        error_code=error_code,
    )


def read_by(
    repository: ExchangeCacheRepository, path: Path, host: str, error_code: str | None = None
) -> None:
    assert claims(repository, path, host=host).take("main")
    for data_type in ONLY:
        repository.progress.record(requested(data_type, error_code))


def test_an_account_that_was_just_read_rests(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    read_by(repository, tmp_path / "l", "a")
    assert not claims(repository, tmp_path / "l").take("main")
    assert not claims(repository, tmp_path / "l", after=REST).take("main")
    assert claims(repository, tmp_path / "l").take("other")
    assert claims(repository, tmp_path / "l", rest=False).take("main")
    assert claims(repository, tmp_path / "l", after=REST + SECOND).take("main")


def test_an_account_that_another_machine_read_rests_until_that_reads_it_again(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    read_by(repository, tmp_path / "l", "a")
    for after in (REST + SECOND, REST_OF_OTHERS):
        assert not claims(repository, tmp_path / "l", after=after, host="b").take("main")
    late = claims(repository, tmp_path / "l", after=REST_OF_OTHERS + SECOND, host="b")
    assert late.take("main")


def test_what_a_clock_that_was_ahead_dated_keeps_nobody_from_an_account(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    read_by(repository, tmp_path / "lock", "a")
    assert not claims(repository, tmp_path / "lock", host="b", after=-SECOND).take("main")
    assert claims(repository, tmp_path / "lock", host="b", after=-HOUR).take("main")


def test_what_one_address_is_refused_another_may_request(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    read_by(repository, tmp_path / "l", "a", Banned.code)
    assert not claims(repository, tmp_path / "l", host="a").take("main")
    assert claims(repository, tmp_path / "l", host="b").take("main")


def test_a_refused_key_is_not_tried_from_each_address(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    read_by(repository, tmp_path / "l", "a", KeyRefused.code)
    assert not claims(repository, tmp_path / "l", host="b").take("main")


def test_a_run_of_stale_data_leaves_what_was_read_since_it_began(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    read_by(repository, tmp_path / "l", "b")
    for begun, taken in ((NOW - SECOND, False), (NOW + SECOND, True)):
        mine = claims(repository, tmp_path / "l", rest=False, since=begun)
        assert mine.take("main") == taken


def test_a_run_waits_for_its_turn_only_while_an_account_is_to_be_read(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    read_by(repository, tmp_path / "l", "a")
    mine = claims(repository, tmp_path / "l")
    for accounts, came in ((["main"], False), (["main", "other"], True)):
        with mine.turn("binance", accounts, lambda: False) as found:
            assert found == came


def test_an_account_of_which_a_part_was_not_read_is_taken(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    repository.progress.record(requested(DataType.BALANCES))
    assert claims(repository, tmp_path / "l").take("main")


def test_an_account_of_another_process_is_left_to_it(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    assert not claims(repository, tmp_path / "l", kind=Taken).take("main")
    assert repository.progress.values_of(COMPARING) == {}


def test_an_account_that_is_taken_is_to_be_compared_by_whoever_computes(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    assert claims(repository, tmp_path / "l").take("main")
    assert repository.progress.values_of(COMPARING) == {"main": True}


def test_a_cache_in_a_file_is_one_run_s_own() -> None:
    assert EVERYTHING.take("main") and EVERYTHING.finish()


# --- every hour, whoever runs when ----------------------------------------------------------------


class Hosts:
    """Machines whose cron starts a sync of the accounts every hour, by one clock."""

    def __init__(self, repository: ExchangeCacheRepository, lock: Path) -> None:
        self.repository, self.lock = repository, lock
        self.reads: dict[str, list[timedelta]] = {"main": [], "second": []}
        self.ended = timedelta(0)

    def run(self, host: str, after: timedelta, seconds: int) -> None:
        """One run, in which each account takes some time; of two that begin together, the second
        comes to an account when the first has read it."""
        clock = SetClock(NOW + max(after, self.ended))
        lock = WriterLock(self.lock, clock)
        taking = Claims(
            lock, self.repository.progress, clock, ONLY, rest=True, host=host, address=host
        )
        for account, reads in self.reads.items():
            if taking.take(account):
                reads.append(clock.now() - NOW)
                for data_type in ONLY:
                    status = SyncStatus(
                        account=account,
                        data_type=data_type,
                        attempted_at=clock.now(),
                        succeeded_at=clock.now(),
                        state="ok",
                    )
                    self.repository.progress.record(status)
                clock.sleep(seconds)
        self.ended = clock.now() - NOW


@contextmanager
def hosts() -> Iterator[Hosts]:
    with TemporaryDirectory() as folder:
        repository = ExchangeCacheRepository.open(Path(folder) / "cache.sqlite3")
        yield Hosts(repository, Path(folder) / "lock")
        repository.close()


MINUTES = st.lists(st.integers(0, 59), min_size=1, max_size=5)


@settings(max_examples=12)
@given(minutes=MINUTES, seconds=st.integers(0, 50), late=st.integers(0, 59))
@pytest.mark.sqlite
def test_each_account_is_read_once_an_hour_whatever_the_minutes_of_cron(
    minutes: list[int], seconds: int, late: int
) -> None:
    with hosts() as machines:
        starts = sorted(
            (HOUR * hour + MINUTE * minute + SECOND * ((hour * 7 + number) * late % 60), number)
            for hour in range(8)
            for number, minute in enumerate(minutes)
        )
        for at, number in starts:
            machines.run(f"host{number}", at, seconds)
        for reads in machines.reads.values():
            assert len(reads) in {7, 8}
            gaps = [after - before for before, after in pairwise(reads)]
            assert all(HOUR - 2 * MINUTE <= gap <= HOUR + 2 * MINUTE for gap in gaps), gaps


@settings(max_examples=12)
@given(minutes=MINUTES.filter(lambda some: len(some) > 1), dies=st.integers(1, 4), data=st.data())
@pytest.mark.sqlite
def test_others_take_over_within_two_hours_when_a_machine_dies(
    minutes: list[int], dies: int, data: st.DataObject
) -> None:
    with hosts() as machines:
        dead = data.draw(st.sampled_from(range(len(minutes))))
        for at, number in sorted(
            (HOUR * hour + MINUTE * minute, number)
            for hour in range(9)
            for number, minute in enumerate(minutes)
            if number != dead or hour < dies
        ):
            machines.run(f"host{number}", at, 5)
        for reads in machines.reads.values():
            gaps = [after - before for before, after in pairwise([*reads, 9 * HOUR])]
            assert max(gaps) <= 2 * HOUR + MINUTE, gaps
            assert min(gaps[:-1]) >= HOUR - MINUTE, gaps


def test_a_machine_that_runs_more_often_reads_at_most_every_half_hour() -> None:
    with hosts() as machines:
        for quarter in range(16):
            machines.run("a", 15 * MINUTE * quarter + SECOND * quarter, 0)
        gaps = [after - before for before, after in pairwise(machines.reads["main"])]
        assert all(gap > REST for gap in gaps)

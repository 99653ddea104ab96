"""A process whose session of locks is lost writes nothing more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from exchange_cache.cache.postgres.fencing import LocksLost
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.clock import SetClock
from exchange_cache.sync.server_lock import ServerLock
from tests.builders import NOW
from tests.postgres import Cluster

pytestmark = pytest.mark.long


class Worker:
    """A process: its locks, and the cache that it writes."""

    def __init__(self, server: Server, pid: int) -> None:
        self.fence: list[str] = []
        self.repository = ExchangeCacheRepository.open(server, self.fence)
        self.lock = ServerLock(server, SetClock(NOW), self.fence, pid=pid)

    def remember(self, **values: object) -> None:
        self.repository.progress.remember("main", values, NOW)

    def close(self) -> None:
        self.lock.release()
        self.repository.close()


@pytest.fixture
def workers(server: Server) -> Iterator[tuple[Worker, Worker]]:
    with closing(Worker(server, 1)) as one, closing(Worker(server, 2)) as other:
        yield one, other


def lose_locks(cluster: Cluster, server: Server, pid: int) -> None:
    """End the session by which a process has its locks, and no other connection of it."""
    name = server.url.partition("@/")[2].partition("?")[0]
    found = cluster.execute(
        "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity"
        f" WHERE datname = '{name}' AND application_name LIKE '{pid}@%'"
    )
    assert found == [(True,)]


def test_nothing_is_written_after_the_session_of_the_locks_is_lost(
    workers: tuple[Worker, Worker], cluster: Cluster, server: Server
) -> None:
    one, other = workers
    assert one.lock.join("sync") and one.lock.claim("main")
    one.remember(before=1)
    lose_locks(cluster, server, 1)
    with pytest.raises(LocksLost) as caught:
        one.remember(after=1)
    assert caught.value.exit_code == 75
    assert "run it again" in (caught.value.hint or "")
    assert other.lock.join("sync") and other.lock.claim("main")
    assert other.repository.progress.memory("main") == {"before": 1}
    other.remember(after=2)


def test_a_lock_that_is_taken_anew_does_not_bring_back_what_was_lost(
    workers: tuple[Worker, Worker], cluster: Cluster, server: Server
) -> None:
    one, _ = workers
    assert one.lock.join("sync") and one.lock.claim("main")
    lose_locks(cluster, server, 1)
    assert one.lock.finish()  # by another session
    with pytest.raises(LocksLost):
        one.remember(after=1)


def test_who_takes_a_lock_sees_all_that_its_earlier_holder_writes(
    workers: tuple[Worker, Worker], cluster: Cluster, server: Server
) -> None:
    one, other = workers
    taken = threading.Event()
    seen: list[dict[str, object]] = []

    def take() -> None:
        assert other.lock.join("sync") and other.lock.claim("main")
        seen.append(other.repository.progress.memory("main"))
        taken.set()
        other.repository.close()

    assert one.lock.join("sync") and one.lock.claim("main")
    worker = threading.Thread(target=take)
    with one.repository._database.write():
        one.remember(late=1)
        lose_locks(cluster, server, 1)
        worker.start()
        assert not taken.wait(0.5)
    assert taken.wait(20)
    worker.join()
    assert seen == [{"late": 1}]
    with pytest.raises(LocksLost):
        one.remember(later=1)


def test_who_gave_its_lock_back_may_write_again(workers: tuple[Worker, Worker]) -> None:
    one, _ = workers
    assert one.lock.try_acquire("import")
    one.lock.release()
    one.remember(metric=1)
    assert one.fence == []

"""What a streaming replica knows of its delay."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange_cache.cache import prepared
from exchange_cache.cache.postgres.asking import may_write
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Replica, Server
from exchange_cache.errors import ExcacheError
from tests.builders import NOW
from tests.postgres import Cluster

pytestmark = pytest.mark.long


@pytest.fixture
def own(cluster: Cluster) -> Iterator[Cluster]:
    """A server that a test may stop; ``cluster`` skips where none is installed."""
    with Cluster.running() as running:
        yield running


def until(state: Callable[[], Replica | None], holds: Callable[[Replica], bool]) -> Replica:
    deadline = time.monotonic() + 30
    while (found := state()) is None or not holds(found):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def test_a_replica_knows_whether_it_shows_all_that_it_was_sent(
    own: Cluster, tmp_path: Path
) -> None:
    first = Server(own.create(), tmp_path / "first")
    repository = ExchangeCacheRepository.open(first)
    database = repository._database
    row = "INSERT INTO prepared_readings VALUES ('', 0, NULL, 'me', {})".format(
        ", ".join(["'text'"] * 8)
    )
    database.execute(row, ())
    with own.standby() as standby:
        own.wait_for(standby)
        second = Server(standby.url("cache1"), tmp_path / "second")

        def answer(server: Server) -> object:
            return prepared.find(server, "", "me", 5, ("head",))

        with closing(ExchangeCacheRepository.open(second)) as copy:
            assert repository.replica() is None
            until(copy.replica, lambda one: one.is_current)  # an idle primary is no delay
            assert answer(first) == answer(second) == ("text",)
            assert may_write(first) and not may_write(second)

            begun = datetime.now(UTC)
            repository.progress.remember("main", {"a": 1}, NOW)
            own.wait_for(standby)
            found = until(copy.replica, lambda one: one.is_current)
            assert found.newest is not None
            assert timedelta(0) <= found.newest - begun + timedelta(seconds=1)

            standby.execute("SELECT pg_wal_replay_pause()")
            database.execute(row.replace("'', 0", "'main', 0"), ())
            paused = until(copy.replica, lambda one: one.behind)
            assert (paused.streams, paused.paused, paused.is_current) == (True, True, False)
            assert paused.newest == found.newest
            assert answer(first) == ("text",) and answer(second) is None
            standby.execute("SELECT pg_wal_replay_resume()")
            until(copy.replica, lambda one: one.is_current)

            own.stop("fast")
            cut = until(copy.replica, lambda one: not one.streams)
            assert not cut.is_current and answer(second) is None
            standby.promote()
            assert copy.replica() is None
            copy.progress.remember("main", {"b": 2}, NOW)
    own.start()


def test_a_read_that_a_replica_ends_is_tried_later(own: Cluster, tmp_path: Path) -> None:
    first = Server(own.create(), tmp_path / "first")
    repository = ExchangeCacheRepository.open(first)
    repository.progress.remember("main", {"a": 1}, NOW)
    with own.standby("max_standby_streaming_delay=0") as standby:
        own.wait_for(standby)
        second = Server(standby.url("cache1"), tmp_path / "second")
        with closing(ExchangeCacheRepository.open(second)) as copy:
            with pytest.raises(ExcacheError) as caught, copy.snapshot():
                assert copy.progress.memory("main") == {"a": 1}
                repository.progress.remember("main", {"a": 2}, NOW)
                own.execute("VACUUM exchange_memory", "cache1")
                own.wait_for(standby)
                copy.progress.memory("main")
            assert caught.value.exit_code == 75
            assert "conflict with recovery" in str(caught.value)
            assert "hot_standby_feedback" in str(caught.value.hint)
        with closing(ExchangeCacheRepository.open(second)) as copy:
            assert copy.progress.memory("main") == {"a": 2}
    repository.close()


def test_a_repository_of_a_file_is_no_replica(tmp_path: Path) -> None:
    with closing(ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")) as repository:
        assert repository.replica() is None

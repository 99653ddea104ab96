from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache.postgres.database import ServerDatabase
from exchange_cache.cache.postgres.opening import open_server
from exchange_cache.cache.postgres.pool import MOST
from exchange_cache.cache.server import Server
from exchange_cache.errors import CacheError
from tests.postgres import Cluster

pytestmark = pytest.mark.long

#: As many as read at once, and who writes.
BOUND = MOST + 1
COUNT = "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'"
LINK = "INSERT INTO cost_links VALUES (?, ?, NULL)"


def name_of(server: Server) -> str:
    return server.url.partition("@/")[2].partition("?")[0]


def connections(cluster: Cluster, server: Server) -> int:
    ((found,),) = cluster.execute(COUNT.format(name_of(server)))
    assert isinstance(found, int)
    return found


def cut_all(cluster: Cluster, server: Server) -> None:
    cluster.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name_of(server)}'"
    )


@pytest.fixture
def database(server: Server) -> Iterator[ServerDatabase]:
    opened = open_server(server)
    assert opened is not None
    with closing(opened):
        yield opened


def run_at_once(work: list[threading.Thread]) -> None:
    for one in work:
        one.start()
    for one in work:
        one.join(60)
    assert not any(one.is_alive() for one in work)


def test_many_threads_share_few_connections(
    database: ServerDatabase, cluster: Cluster, server: Server
) -> None:
    most: list[int] = []

    def work(number: int) -> None:
        for turn in range(5):
            with database.write():
                database.execute(LINK, (f"{number}/{turn}", turn))
            with database.snapshot():
                most.append(connections(cluster, server))
                database.select("SELECT count(*) FROM cost_links", ())

    run_at_once([threading.Thread(target=work, args=(number,)) for number in range(40)])
    assert database.select("SELECT count(*) FROM cost_links", ()) == [(200,)]
    assert 1 < max(most) <= BOUND


def test_streams_of_all_threads_and_their_writes_do_not_wait_for_each_other(
    database: ServerDatabase, cluster: Cluster, server: Server
) -> None:
    with database.write():
        database.run_all(LINK, [(f"row {number}", number) for number in range(2500)])
    most: list[int] = []
    read: list[int] = []

    def work(number: int) -> None:
        rows = 0
        for row in database.each("SELECT at_ms FROM cost_links WHERE link LIKE 'row %'"):
            if rows % 1000 == 0:
                with database.write():
                    database.execute(LINK, (f"{number}/{rows}", row[0]))
                most.append(connections(cluster, server))
            rows += 1
        read.append(rows)

    run_at_once([threading.Thread(target=work, args=(number,)) for number in range(3 * MOST)])
    assert read == [2500] * (3 * MOST)
    assert max(most) <= BOUND


def test_a_stream_that_is_left_early_gives_its_connection_back(database: ServerDatabase) -> None:
    with database.write():
        database.run_all(LINK, [(str(number), number) for number in range(2500)])
    for _ in range(3 * MOST):
        assert next(database.each("SELECT at_ms FROM cost_links ORDER BY at_ms")) == (0,)
    assert database.select("SELECT 1", ()) == [(1,)]


def test_a_lost_connection_is_replaced_after_one_error(
    database: ServerDatabase, cluster: Cluster, server: Server
) -> None:
    def read() -> None:
        with database.snapshot():
            database.select("SELECT 1", ())
            together.wait(20)

    together = threading.Barrier(4)
    run_at_once([threading.Thread(target=read) for _ in range(4)])
    cut_all(cluster, server)
    with pytest.raises(CacheError) as caught:
        database.select("SELECT 1", ())
    assert caught.value.exit_code == 75
    assert database.select("SELECT 1", ()) == [(1,)]
    with database.write():
        database.execute(LINK, ("a", 1))


def test_a_connection_that_is_lost_within_a_transaction_stores_nothing(
    database: ServerDatabase, cluster: Cluster, server: Server, tmp_path: Path
) -> None:
    with pytest.raises(CacheError) as caught, database.write():
        database.execute(LINK, ("a", 1))
        cut_all(cluster, server)
        database.execute(LINK, ("b", 2))
    assert caught.value.exit_code == 75
    assert database.select("SELECT count(*) FROM cost_links", ()) == [(0,)]

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from decimal import Decimal

import pytest

from exchange_cache.cache.archives import SentRow
from exchange_cache.cache.postgres.opening import open_server
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import to_ms
from exchange_cache.errors import ExcacheError
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW, fill
from tests.postgres import Cluster, name_of

pytestmark = pytest.mark.long


@pytest.fixture
def repository(server: Server) -> Iterator[ExchangeCacheRepository]:
    with closing(ExchangeCacheRepository.open(server)) as opened:
        yield opened


def remember(repository: ExchangeCacheRepository, **values: object) -> None:
    repository.progress.remember("main", values, NOW)


def test_digits_beyond_any_float_come_back(repository: ExchangeCacheRepository) -> None:
    price = Decimal("0.000000000000000000000000000000000001234567890123456789")
    one = fill("1", price=str(price))
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    repository.ledger.save_page(repository.ledger.state(key), [one], NOW)
    assert [found.price for found in repository.ledger.fills()] == [one.price]


def test_a_transaction_that_fails_leaves_nothing(server: Server) -> None:
    database = open_server(server)
    assert database is not None
    with closing(database), suppress(ZeroDivisionError), database.write():
        database.execute("INSERT INTO cost_links VALUES ('a', 1, NULL)")
        raise ZeroDivisionError
    with closing(database):
        assert database.select("SELECT * FROM cost_links", ()) == []


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
def test_writers_take_turns_and_a_reader_waits_for_none(
    cluster: Cluster, server: Server, level: str
) -> None:
    """Whatever the isolation that a server has by default: a snapshot that is older than its
    writer's turn would show what the one before changed since."""
    name = name_of(server.url)
    cluster.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'")
    one, other = open_server(server), open_server(server)
    assert one is not None and other is not None
    seen: list[object] = []
    begun, end = threading.Event(), threading.Event()

    def write() -> None:
        with other.write():
            begun.set()
            seen.append(other.select("SELECT link FROM cost_links", ()))
        other.close()
        end.set()

    with closing(one):
        with one.write():
            one.execute("INSERT INTO cost_links VALUES ('a', 1, NULL)")
            worker = threading.Thread(target=write)
            worker.start()
            assert not begun.wait(0.3)
            with closing(ExchangeCacheRepository.open(server)) as reader:
                assert reader.table_counts()["cost_links"] == 0
        assert end.wait(20)
        worker.join()
    assert seen == [[("a",)]]


def test_a_snapshot_stays_what_it_was_while_another_writes(server: Server) -> None:
    one, other = open_server(server), open_server(server)
    assert one is not None and other is not None
    with closing(one), closing(other):
        with one.snapshot():
            before = one.select("SELECT count(*) FROM cost_links", ())
            with other.write():
                other.execute("INSERT INTO cost_links VALUES ('a', 1, NULL)")
            assert one.select("SELECT count(*) FROM cost_links", ()) == before == [(0,)]
        assert one.select("SELECT count(*) FROM cost_links", ()) == [(1,)]


def test_rows_are_inserted_that_are_read_by_the_same_connection(server: Server) -> None:
    database = open_server(server)
    assert database is not None
    links = [(str(number), number, None) for number in range(2500)]
    with closing(database), database.write():
        database.run_all("INSERT INTO cost_links VALUES (?, ?, ?)", links)
        rows = database.each("SELECT link, at_ms FROM cost_links ORDER BY at_ms", ())
        database.run_all(
            "INSERT INTO cost_late VALUES (?, ?, ?)",
            ((code, at_ms, str(database.select("SELECT 1", ()))) for code, at_ms in rows),
        )
        assert database.select("SELECT count(*) FROM cost_late", ()) == [(2500,)]


def test_rows_get_numbers_that_grow(server: Server) -> None:
    database = open_server(server)
    assert database is not None
    sql = "INSERT INTO cost_books (account, asset, answered) VALUES (?, ?, 0)"
    with closing(database), database.write():
        assert [database.insert(sql, ("main", asset)) for asset in ("BTC", "ETH")] == [1, 2]


def test_texts_are_ordered_by_bytes_whatever_the_server_is_set_to(
    repository: ExchangeCacheRepository,
) -> None:
    for account in ("b", "B", "a", "é", "Z"):
        repository.progress.remember(account, {"k": 1}, NOW)
    found = repository.dump("exchange_memory")
    assert [row[0] for row in found] == ["B", "Z", "a", "b", "é"]


def test_two_processes_migrate_an_empty_database_at_once(server: Server) -> None:
    failed: list[ExcacheError] = []

    def migrate() -> None:
        try:
            ExchangeCacheRepository.open(server).close()
        except ExcacheError as error:
            failed.append(error)

    workers = [threading.Thread(target=migrate) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert failed == []
    with closing(ExchangeCacheRepository.open(server)) as opened:
        assert opened.check() == []


def test_two_caches_share_a_database_by_their_schemas(cluster: Cluster, server: Server) -> None:
    name = server.url.partition("@/")[2].partition("?")[0]
    for schema in ("one", "two"):
        cluster.execute(f"CREATE SCHEMA {schema}", name)
    places = [
        Server(f"{server.url}&options=-csearch_path%3D{schema}", server.beside)
        for schema in ("one", "two")
    ]
    one, two = (ExchangeCacheRepository.open(place) for place in places)
    with closing(one), closing(two):
        remember(one, key=1)
        assert one.table_counts()["exchange_memory"] == 1
        assert two.table_counts()["exchange_memory"] == 0


def test_the_views_for_other_programs_answer(repository: ExchangeCacheRepository) -> None:
    from exchange_cache.cache.views import POSTGRESQL, views

    database = repository._database
    for view in views(POSTGRESQL):
        assert database.select(f"SELECT * FROM {view.name}", ()) == []
    repository.progress.record(
        SyncStatus(account="main", data_type=DataType.PRICES, attempted_at=NOW, state="failed")
    )
    sql = "SELECT attempted_at, attempted_at_ms FROM v1_status"
    stated = NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert database.select(sql, ()) == [(stated, to_ms(NOW))]


def test_a_row_that_is_all_key_is_replaced_by_itself(repository: ExchangeCacheRepository) -> None:
    for _ in range(2):
        repository._database.run(
            SentRow.insert(account="a", archive="b", at_ms=1, period="c").on_conflict_replace()
        )
    assert repository.table_counts()["archive_requests"] == 1

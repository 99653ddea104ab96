from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache.postgres.database import ServerDatabase
from exchange_cache.cache.postgres.faults import CacheUnreachable, translate
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.errors import (
    CacheBusy,
    CacheCorrupt,
    CacheError,
    CacheTooNew,
    CacheUnwritable,
    ExcacheError,
)
from tests.builders import NOW
from tests.postgres import Cluster, name_of

pytestmark = pytest.mark.long


@pytest.fixture
def own(tmp_path: Path, cluster: Cluster) -> Iterator[Cluster]:
    """A server that a test may stop."""
    with Cluster.running("max_connections=8", "superuser_reserved_connections=1") as running:
        yield running


def fault(server: Server) -> ExcacheError:
    with pytest.raises(ExcacheError) as caught:
        ExchangeCacheRepository.open(server)
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("FATAL:  the database system is starting up", 75, "does not answer"),
        ("FATAL:  the database system is shutting down", 75, "does not answer"),
        ("FATAL:  the database system is in recovery mode", 75, "does not answer"),
        ('FATAL:  too many connections for database "excache"', 75, "is busy"),
        ('FATAL:  too many connections for role "excache_writer"', 75, "is busy"),
        ("FATAL:  sorry, too many clients already", 75, "is busy"),
        ("connection failed: session is read-only", 75, "no server of the cache"),
        ("connection failed: server is not in hot standby mode", 75, "no server of the cache"),
        ('FATAL:  database "excache" does not exist', 78, "does not exist"),
        ('FATAL:  role "me" does not exist', 78, "refused"),
        ('FATAL:  no pg_hba.conf entry for host "::1", user "me"', 78, "refused"),
    ],
)
def test_what_a_server_states_while_it_is_connected_to(
    text: str, code: int, word: str, tmp_path: Path
) -> None:
    import psycopg

    stated = f'connection to server on socket "/run/x" failed: {text}'
    found = translate(psycopg.OperationalError(stated), Server("postgresql:///x", tmp_path))
    assert found.exit_code == code and word in str(found) and found.hint


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("disk_full", 75),
        ("out_of_memory", 75),
        ("configuration_limit_exceeded", 75),
        ("serialization_failure", 75),
        ("deadlock_detected", 75),
        ("lock_not_available", 75),
        ("query_canceled", 75),
        ("idle_in_transaction_session_timeout", 75),
        ("admin_shutdown", 75),
        ("crash_shutdown", 75),
        ("cannot_connect_now", 75),
        ("io_error", 75),
        ("data_corrupted", 75),
        ("read_only_sql_transaction", 78),
        ("insufficient_privilege", 78),
        ("invalid_schema_name", 78),
    ],
)
def test_what_a_server_states_of_a_statement(condition: str, code: int, server: Server) -> None:
    with closing(ServerDatabase(server)) as database, pytest.raises(ExcacheError) as caught:
        database.select(f"DO $$ BEGIN RAISE {condition} USING MESSAGE = 'so'; END $$", ())
    assert caught.value.exit_code == code and caught.value.hint
    assert "RAISE" not in str(caught.value)


def test_a_deadlock_with_another_program_stores_nothing_and_is_tried_later(
    cluster: Cluster, server: Server
) -> None:
    import psycopg

    with closing(ExchangeCacheRepository.open(server)) as repository:
        database = repository._database
        with (
            psycopg.connect(cluster.url(name_of(server.url))) as other,
            ThreadPoolExecutor(1) as beside,
        ):
            other.execute("SET deadlock_timeout = '60s'")  # it waits on: the server ends ours
            other.execute("LOCK TABLE asset_rates")
            with pytest.raises(CacheBusy, match="deadlock detected") as caught, database.write():
                database.execute("INSERT INTO cost_links VALUES ('a', 1, NULL)")
                waiting = beside.submit(other.execute, "LOCK TABLE cost_links")
                database.execute("DELETE FROM asset_rates")
            waiting.result(timeout=10)
        assert caught.value.retryable and "LOCK TABLE" not in str(caught.value)
        assert repository.table_counts()["cost_links"] == 0
        repository.progress.remember("main", {"a": 1}, NOW)  # the same connection goes on


def test_a_server_that_is_down_is_tried_later(own: Cluster, tmp_path: Path) -> None:
    server = Server(own.create(), tmp_path / "s")
    repository = ExchangeCacheRepository.open(server)
    repository.progress.remember("main", {"a": 1}, NOW)
    own.stop("fast")
    with pytest.raises(CacheUnreachable) as lost:
        repository.progress.remember("main", {"b": 1}, NOW)
    assert (lost.value.exit_code, lost.value.retryable) == (75, True)
    found = fault(server)
    assert isinstance(found, CacheUnreachable)
    assert "does not answer" in str(found) and str(server) in str(found)
    own.start()
    with closing(ExchangeCacheRepository.open(server)) as again:
        assert again.progress.memory("main") == {"a": 1}


def test_a_connection_cut_within_a_transaction_stores_nothing_of_it(
    cluster: Cluster, server: Server
) -> None:
    with closing(ExchangeCacheRepository.open(server)) as repository:
        database = repository._database
        with pytest.raises(CacheUnreachable), database.write():
            database.execute("INSERT INTO cost_links VALUES ('a', 1, NULL)")
            ((pid,),) = database.select("SELECT pg_backend_pid()", ())
            cluster.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
            database.execute("INSERT INTO cost_links VALUES ('b', 1, NULL)")
    with closing(ExchangeCacheRepository.open(server)) as again:
        assert again.table_counts()["cost_links"] == 0


def test_a_connection_cut_before_the_commit_is_an_error(cluster: Cluster, server: Server) -> None:
    with closing(ExchangeCacheRepository.open(server)) as repository:
        database = repository._database
        with pytest.raises(CacheUnreachable), database.write():
            database.execute("INSERT INTO cost_links VALUES ('a', 1, NULL)")
            ((pid,),) = database.select("SELECT pg_backend_pid()", ())
            cluster.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
    with closing(ExchangeCacheRepository.open(server)) as again:
        assert again.table_counts()["cost_links"] == 0


def test_a_database_that_does_not_exist_is_named(cluster: Cluster, tmp_path: Path) -> None:
    found = fault(Server(cluster.url("absent"), tmp_path / "s"))
    assert (found.exit_code, found.hint) == (
        78,
        "create the database (createdb excache), then run excache sync",
    )


def test_too_many_connections_are_waited_out_elsewhere(own: Cluster, tmp_path: Path) -> None:
    own.execute("CREATE ROLE plain LOGIN")
    own.execute("CREATE DATABASE crowded OWNER plain")
    server = Server(own.url("crowded", "plain"), tmp_path / "s")
    opened = []
    with pytest.raises(CacheBusy) as caught:
        for _ in range(20):
            opened.append(ServerDatabase(server))
            opened[-1].select("SELECT 1", ())
    for one in opened:
        one.close()
    assert caught.value.exit_code == 75


def test_a_password_that_is_refused_names_its_place_and_is_not_shown(
    own: Cluster, tmp_path: Path
) -> None:
    own.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    rules = own.folder / "data" / "pg_hba.conf"
    rules.write_text("local all guarded scram-sha-256\nlocal all all trust\n")
    own.execute("SELECT pg_reload_conf()")
    url = own.url("postgres", "guarded")
    found = fault(Server(url, tmp_path / "s"))
    assert found.exit_code == 78 and ".pgpass" in str(found.hint)
    wrong = Server(f"{url}&password=secret-word", tmp_path / "s")
    assert "secret-word" not in f"{fault(wrong)} {wrong} {wrong!r}"


def test_a_role_that_may_only_read_reads_everything(cluster: Cluster, server: Server) -> None:
    ExchangeCacheRepository.open(server).close()
    name = server.url.partition("@/")[2].partition("?")[0]
    cluster.execute("DROP ROLE IF EXISTS looker", name)
    cluster.execute("CREATE ROLE looker LOGIN", name)
    cluster.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker", name)
    reader = Server(cluster.url(name, "looker"), server.beside)
    with closing(ExchangeCacheRepository.open(reader)) as repository:
        assert repository.ledger.fills() == ()
        with pytest.raises(CacheUnwritable, match="refuses this role: permission denied for table"):
            repository.progress.remember("main", {"a": 1}, NOW)
    cluster.execute("DROP OWNED BY looker", name)
    cluster.execute("DROP ROLE looker", name)


def test_a_cache_of_a_later_program_is_left_alone(cluster: Cluster, server: Server) -> None:
    ExchangeCacheRepository.open(server).close()
    name = server.url.partition("@/")[2].partition("?")[0]
    cluster.execute("INSERT INTO schema_migrations VALUES (999, 'later', 0)", name)
    assert isinstance(fault(server), CacheTooNew)


def test_tables_of_another_program_are_left_alone(cluster: Cluster, server: Server) -> None:
    name = server.url.partition("@/")[2].partition("?")[0]
    cluster.execute("CREATE TABLE schema_migrations (version TEXT)", name)
    found = fault(server)
    assert isinstance(found, CacheCorrupt) and "another program" in str(found)
    assert cluster.execute("SELECT count(*) FROM schema_migrations", name) == [(0,)]


def test_a_missing_table_is_named(cluster: Cluster, server: Server) -> None:
    ExchangeCacheRepository.open(server).close()
    name = server.url.partition("@/")[2].partition("?")[0]
    cluster.execute("DROP TABLE exchange_prices CASCADE", name)
    assert isinstance(fault(server), CacheCorrupt)


def test_a_mistake_in_a_statement_is_no_lost_connection(server: Server) -> None:
    with closing(ExchangeCacheRepository.open(server)) as repository:
        with pytest.raises(CacheError) as caught:
            repository._database.select("SELECT ?", ())
        assert not isinstance(caught.value, CacheUnreachable)

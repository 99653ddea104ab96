"""Schemas of other versions: who upgrades them, two at once, and one that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from exchange_cache.cache import migrations, prepared
from exchange_cache.cache.postgres.database import ServerDatabase
from exchange_cache.cache.postgres.opening import open_server
from exchange_cache.cache.reader import open_reader
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.errors import CacheError, CacheUnwritable
from tests.postgres import Cluster

pytestmark = pytest.mark.long
#: Opens the cache of an address in a process of its own.
_OPEN = """
import sys, pathlib
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
ExchangeCacheRepository.open(Server(sys.argv[1], pathlib.Path(sys.argv[2]))).close()
"""


def made_earlier(server: Server, steps: int) -> None:
    """A cache as an earlier version left it, with a row."""
    with closing(ServerDatabase(server)) as database, database.write():
        migrations.migrate(database.peewee, "here", migrations.MIGRATIONS[:steps])
        database.execute("INSERT INTO exchange_memory VALUES ('main', 'kept', '1', 0)", ())


def schema(server: Server) -> list[tuple[object, ...]]:
    """Every column, index, trigger and view of a cache."""
    sql = (
        "SELECT table_name || '.' || column_name || ' ' || data_type FROM"
        " information_schema.columns WHERE table_schema = current_schema()"
        " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()"
        " UNION ALL SELECT tgname || ' ' || tgrelid::regclass FROM pg_trigger"
        " WHERE NOT tgisinternal ORDER BY 1"
    )
    with closing(ServerDatabase(server)) as database:
        return database.select(sql, ())


@pytest.fixture
def guest(cluster: Cluster, server: Server) -> Iterator[Server]:
    """The same database for a role that owns nothing of it."""
    name = server.url.partition("@/")[2].partition("?")[0]
    cluster.execute("CREATE ROLE guest LOGIN", name)
    cluster.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", name)
    grants = "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO guest"
    cluster.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public {grants}", name)
    yield Server(cluster.url(name, "guest"), server.beside)
    cluster.execute("DROP OWNED BY guest", name)
    cluster.execute("DROP ROLE guest", name)


def test_who_may_not_upgrade_a_cache_learns_who_does(server: Server, guest: Server) -> None:
    made_earlier(server, 20)
    for open_it in (ExchangeCacheRepository.open, ExchangeCacheRepository.open_existing):
        with pytest.raises(CacheUnwritable) as caught:
            open_it(guest)
        assert caught.value.exit_code == 78
        assert f"has schema 20, this excache needs {migrations.LATEST}" in str(caught.value)
        assert "guest may not change that" in str(caught.value)
        assert caught.value.hint == "run excache db migrate once as the owner owner"
    ExchangeCacheRepository.open(server).close()
    with closing(ExchangeCacheRepository.open(guest)) as repository:
        assert repository.progress.remembered("main", "kept") == "1"


def test_who_may_not_create_the_tables_learns_who_does(server: Server, guest: Server) -> None:
    assert ExchangeCacheRepository.open_existing(guest) is None
    with pytest.raises(CacheUnwritable, match="has no tables yet, and guest may not") as caught:
        ExchangeCacheRepository.open(guest)
    owner = "pg_database_owner"  # of the schema, as a new database has it
    assert caught.value.hint in {f"run excache sync once as the owner {one}" for one in
                                 (owner, "owner")}  # fmt: skip


def test_a_role_without_rights_is_refused(cluster: Cluster, server: Server) -> None:
    ExchangeCacheRepository.open(server).close()
    name = server.url.partition("@/")[2].partition("?")[0]
    cluster.execute("CREATE ROLE stranger LOGIN", name)
    stranger = Server(cluster.url(name, "stranger"), server.beside)
    try:
        for open_it in (ExchangeCacheRepository.open, ExchangeCacheRepository.open_existing):
            with pytest.raises(CacheUnwritable, match="refuses this role: permission denied"):
                open_it(stranger)
        with pytest.raises(CacheUnwritable, match="refuses this role"):
            prepared.find(stranger, "", "me", 0, ("head",))
        assert open_reader(stranger) is None  # a repository states what is wrong
    finally:
        cluster.execute("DROP ROLE stranger", name)


def test_a_schema_that_does_not_exist_is_named(server: Server) -> None:
    nowhere = Server(f"{server.url}&options=-csearch_path%3Dabsent", server.beside)
    assert ExchangeCacheRepository.open_existing(nowhere) is None
    with pytest.raises(CacheError, match="has no schema: ") as caught:
        ExchangeCacheRepository.open(nowhere)
    assert caught.value.exit_code == 78 and "search_path" in str(caught.value.hint)


def test_two_processes_upgrade_a_cache_once(server: Server, cluster: Cluster) -> None:
    made_earlier(server, 5)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN, server.url, str(server.beside)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert [(one.communicate(timeout=60)[1], one.returncode) for one in started] == [("", 0)] * 4
    new = Server(cluster.create(), server.beside)
    ExchangeCacheRepository.open(new).close()
    assert schema(server) == schema(new)
    with closing(ExchangeCacheRepository.open(server)) as repository:
        assert repository.schema_version() == migrations.LATEST
        assert repository.progress.remembered("main", "kept") == "1"


def test_an_upgrade_that_is_killed_changes_nothing(server: Server) -> None:
    made_earlier(server, 5)
    before = schema(server)
    kill = (
        "import dataclasses, os\n"
        "from exchange_cache.cache import migrations as m\n"
        "last = dataclasses.replace(m.MIGRATIONS[-1], apply=lambda _: os.kill(os.getpid(), 9))\n"
        "m.migrate.__defaults__ = ((*m.MIGRATIONS[:-1], last),)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", kill + _OPEN, server.url, str(server.beside)], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert schema(server) == before
    database = open_server(server)
    assert database is not None
    assert database.select("SELECT max(version) FROM schema_migrations", ()) == [
        (migrations.LATEST,)
    ]
    database.close()

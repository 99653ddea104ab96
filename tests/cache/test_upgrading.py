"""A migration is whole or not there, whatever ends it, and a copy from before it is kept."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import peewee
import pytest

from exchange_cache.cache import migrations
from exchange_cache.cache.migrations import LATEST, MIGRATIONS, Migration
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.upgrading import copy_before
from exchange_cache.errors import CacheCorrupt, CacheError
from tests.cache.fixtures import RELEASED


def released(fixture: Path, cache: Path) -> Path:
    """The cache that a released version made."""
    cache.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(cache)) as connection:
        connection.executescript(json.loads(gzip.decompress(fixture.read_bytes()))["dump"])
        connection.execute("PRAGMA journal_mode = wal")
    cache.chmod(0o600)
    return cache


def dump(cache: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{cache}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("fixture", RELEASED, ids=lambda path: path.name.split(".")[0])
def test_the_cache_of_every_release_is_copied_before_it_is_migrated(
    fixture: Path, cache_file: Path
) -> None:
    before = dump(released(fixture, cache_file))
    with closing(sqlite3.connect(cache_file)) as connection:
        ((version,),) = connection.execute("SELECT max(version) FROM schema_migrations")
    repository = ExchangeCacheRepository.open(cache_file)
    assert repository.schema_version() == LATEST and repository.check() == []
    repository.close()
    copy = copy_before(cache_file)
    if version == LATEST:
        assert not copy.exists(), "nothing was migrated"
        return
    assert dump(copy) == before
    assert copy.stat().st_mode & 0o077 == 0
    made = copy.stat().st_mtime_ns
    ExchangeCacheRepository.open(cache_file).close()
    assert copy.stat().st_mtime_ns == made, "only a migration makes one"


def test_a_new_cache_has_nothing_to_copy(cache_file: Path) -> None:
    ExchangeCacheRepository.open(cache_file).close()
    assert not copy_before(cache_file).exists()


def _broken(database: Any) -> None:
    database.execute_sql("DELETE FROM exchange_fills")
    database.execute_sql("this is no SQL")


def _spoiling(database: Any) -> None:
    """Leaves a NULL where the table allows none, which a check finds."""
    database.execute_sql("PRAGMA writable_schema = 1")
    database.execute_sql("CREATE TABLE later (value TEXT)")
    database.execute_sql("INSERT INTO later VALUES (NULL)")
    database.execute_sql(
        "UPDATE sqlite_master SET sql = 'CREATE TABLE later (value TEXT NOT NULL)'"
        " WHERE name = 'later'"
    )
    database.execute_sql("PRAGMA schema_version = 9999")


@pytest.mark.parametrize("fixture", RELEASED[:1], ids=lambda path: path.name.split(".")[0])
def test_a_step_that_fails_undoes_those_before_it(
    fixture: Path, cache_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(released(fixture, cache_file))
    steps = (*MIGRATIONS, Migration(LATEST + 1, "broken", _broken))
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    monkeypatch.setattr(migrations.migrate, "__defaults__", (steps,))
    with pytest.raises(CacheError, match="syntax error"):
        ExchangeCacheRepository.open(cache_file)
    assert dump(cache_file) == before == dump(copy_before(cache_file))
    monkeypatch.undo()
    repository = ExchangeCacheRepository.open(cache_file)
    assert repository.schema_version() == LATEST
    repository.close()


def test_steps_that_leave_a_damaged_file_are_undone(
    cache_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(released(RELEASED[0], cache_file))
    steps = (*MIGRATIONS, Migration(LATEST + 1, "spoiling", _spoiling))
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    monkeypatch.setattr(migrations.migrate, "__defaults__", (steps,))
    with pytest.raises(CacheCorrupt) as caught:
        ExchangeCacheRepository.open(cache_file)
    assert str(copy_before(cache_file)) in str(caught.value.hint)
    assert dump(cache_file) == before


@pytest.mark.long
def test_a_migration_that_is_killed_at_any_statement_is_done_by_the_next(
    tmp_path: Path,
) -> None:
    number, undone = 1, 0
    while True:
        folder = tmp_path / str(number)
        cache = released(RELEASED[0], folder / "cache.sqlite3")
        child = os.fork()
        if child == 0:
            _killed_at(number)
            ExchangeCacheRepository.open(cache)
            os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        with closing(sqlite3.connect(cache)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            query = "SELECT max(version) FROM schema_migrations"
            [(version,)] = connection.execute(query).fetchall()
        assert version in (FIRST_SCHEMA, LATEST)
        undone += version < LATEST
        repository = ExchangeCacheRepository.open(cache)
        assert repository.schema_version() == LATEST
        repository.close()
        assert {item.name for item in folder.iterdir()} == {cache.name, copy_before(cache).name}
        if not killed:
            break
        number += 23
    assert undone > 5


#: That of the first release of which a cache is kept.
FIRST_SCHEMA = 1


def _killed_at(number: int) -> None:
    """Kill this process before its n-th statement."""
    execute, seen = peewee.SqliteDatabase.execute_sql, 0

    def counted(self: Any, *arguments: Any, **keywords: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *arguments, **keywords)

    peewee.SqliteDatabase.execute_sql = counted

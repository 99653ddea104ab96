"""What is no cache of ours, or not a whole one, is recognised and left untouched; what cannot be
written can still be read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache.migrations import TABLES
from exchange_cache.cache.reader import open_reader
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.errors import CacheCorrupt, CacheError, CacheUnwritable
from tests.builders import balance

OPENINGS = [ExchangeCacheRepository.open, ExchangeCacheRepository.open_existing]
FOREIGN = {
    "another program's": "CREATE TABLE notes (id INTEGER); INSERT INTO notes VALUES (1)",
    "one that counts migrations": "CREATE TABLE schema_migrations (version TEXT PRIMARY KEY);"
    " CREATE TABLE users (id INTEGER); INSERT INTO schema_migrations VALUES ('20200101000000')",
    "one that names them": "CREATE TABLE schema_migrations (version, name, applied_ms);"
    " INSERT INTO schema_migrations VALUES ('first', '', 0)",
}


def contents(path: Path) -> dict[str, bytes]:
    return {item.name: item.read_bytes() for item in path.parent.iterdir()}


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("script", FOREIGN.values(), ids=FOREIGN)
def test_a_database_of_another_program_is_refused_and_untouched(
    tmp_path: Path, script: str, opening: object
) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.executescript(script)
    before = contents(path)
    with pytest.raises(CacheCorrupt) as caught:
        opening(path)  # type: ignore[operator]
    assert "is a database of another program" in str(caught.value)
    assert contents(path) == before


@pytest.mark.parametrize("opening", [*OPENINGS, open_reader])
@pytest.mark.parametrize("body", [b"hello", b"SQLite format 3\x00" + bytes(5000)], ids=["a", "b"])
def test_a_file_in_the_place_of_the_log_is_not_overwritten(
    cache_file: Path, opening: object, body: bytes
) -> None:
    ExchangeCacheRepository.open(cache_file).close()
    log = cache_file.with_name(f"{cache_file.name}-wal")
    log.write_bytes(body)
    before = contents(cache_file)
    if opening is open_reader:
        assert open_reader(cache_file) is None, "opening it as a repository states why"
    else:
        with pytest.raises(CacheCorrupt) as caught:
            opening(cache_file)  # type: ignore[operator]  # any of three functions
        assert f"mv {log} " in str(caught.value.hint)
    assert contents(cache_file) == before


@pytest.mark.parametrize("body", [b"", b"\x37", b"\x37\x7f\x06\x82" + bytes(99), bytes(5000)])
def test_what_a_power_cut_leaves_of_a_log_stops_nothing(cache_file: Path, body: bytes) -> None:
    ExchangeCacheRepository.open(cache_file).close()
    cache_file.with_name(f"{cache_file.name}-wal").write_bytes(body)
    ExchangeCacheRepository.open(cache_file).close()


def test_the_tables_are_those_of_the_schema(repository: ExchangeCacheRepository) -> None:
    with closing(sqlite3.connect(repository.path)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
        found = {name for (name,) in connection.execute(query)}
    assert found == TABLES | {"schema_migrations"}


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("table", ["exchange_fills", "schema_migrations", "cost_lots"])
def test_a_cache_without_one_of_its_tables_is_named_and_untouched(
    cache_file: Path, table: str, opening: object
) -> None:
    ExchangeCacheRepository.open(cache_file).close()
    with closing(sqlite3.connect(cache_file)) as connection:
        connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = cache_file.read_bytes()
    with pytest.raises(CacheCorrupt, match=f"does not have its table {table}"):
        opening(cache_file)  # type: ignore[operator]
    assert cache_file.read_bytes() == before


def test_a_list_that_needs_a_table_that_is_gone_names_it(cache_file: Path) -> None:
    ExchangeCacheRepository.open(cache_file).close()
    with closing(sqlite3.connect(cache_file)) as connection:
        connection.execute("DROP TABLE exchange_balances")
    opened = open_reader(cache_file)
    assert opened is not None
    with closing(opened), pytest.raises(CacheCorrupt, match="its table exchange_balances"):
        opened.mirror.balances()


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[Path]:
    """A cache on a file system that is read-only."""
    place = tmp_path / "frozen"
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)]
    if (
        shutil.which("mount") is None
        or subprocess.run(options, capture_output=True, check=False).returncode
    ):
        pytest.skip("no file system may be mounted here")
    repository = ExchangeCacheRepository.open(place / "cache.sqlite3")
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    repository.close()
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    yield place / "cache.sqlite3"
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_cache_on_a_read_only_file_system_is_read(frozen: Path) -> None:
    repository = ExchangeCacheRepository.open_existing(frozen)
    assert repository is not None
    assert repository.mirror.balances() == (balance("1"),)
    with pytest.raises(CacheUnwritable, match=str(frozen)):
        repository.mirror.replace_balances("main", "spot", [])
    repository.close()
    with pytest.raises(CacheError, match=str(frozen)):
        ExchangeCacheRepository.open(frozen)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_cache_that_may_not_be_read_says_so(cache_file: Path) -> None:
    ExchangeCacheRepository.open(cache_file).close()
    cache_file.chmod(0)
    with pytest.raises(CacheUnwritable):
        ExchangeCacheRepository.open_existing(cache_file)

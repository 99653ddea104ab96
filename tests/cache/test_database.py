"""The file itself: migrations, refusals that touch nothing, modes, snapshots, backups, and many
processes at once."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from peewee import CompositeKey

from exchange_cache.cache import migrations
from exchange_cache.cache.database import CacheDatabase, open_database, translate
from exchange_cache.cache.migrations import LATEST, MIGRATIONS, Migration, migrate
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.schema import MODELS
from exchange_cache.cache.stored import Read
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.errors import (
    CacheBusy,
    CacheCorrupt,
    CacheError,
    CacheTooNew,
    CacheUnreadable,
    CacheUnwritable,
    DiskFull,
    NothingCached,
)
from exchange_cache.records import AverageMethod, DataType, ReportedAverage
from tests.builders import NOW, balance, fill

FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


def contents(path: Path) -> dict[str, bytes]:
    """Every file beside the cache, byte by byte."""
    return {item.name: item.read_bytes() for item in path.parent.iterdir()}


# --- schema ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.table_name)
def test_the_models_are_the_tables(repository: ExchangeCacheRepository, model: Any) -> None:
    with closing(sqlite3.connect(repository.path)) as connection:
        columns = connection.execute(f"PRAGMA table_info({model._meta.table_name})").fetchall()
    kinds = {"TEXT": "TextField", "BIGINT": "BigIntegerField", "INTEGER": "IntegerField"}
    key = model._meta.primary_key
    keys = list(key.field_names) if isinstance(key, CompositeKey) else [key.name]

    assert sorted(column[1] for column in columns) == sorted(model._meta.sorted_field_names)
    assert [
        column[1] for column in sorted((c for c in columns if c[5]), key=lambda c: c[5])
    ] == keys
    for name, declared, not_null in ((column[1], column[2], column[3]) for column in columns):
        field = model._meta.fields[name]
        kind = type(field).__name__
        assert kinds[declared] == ("IntegerField" if kind == "BooleanField" else kind), name
        assert bool(not_null) == (not field.null) or keys == [name], name


def test_every_table_of_the_schema_has_a_model(repository: ExchangeCacheRepository) -> None:
    with closing(sqlite3.connect(repository.path)) as connection:
        tables = {
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }

    assert tables - {"schema_migrations"} == {model._meta.table_name for model in MODELS}


def test_the_public_table_names_stay() -> None:
    names = {model._meta.table_name for model in MODELS}
    assert names >= {
        "exchange_sync_status",
        "exchange_balances",
        "exchange_positions",
        "exchange_orders",
        "exchange_prices",
    }


def test_every_natural_key_begins_with_the_account() -> None:
    keyed = [
        model
        for model in MODELS
        if "account" in model._meta.fields and isinstance(model._meta.primary_key, CompositeKey)
    ]

    assert len(keyed) >= 11
    assert {model._meta.primary_key.field_names[0] for model in keyed} == {"account"}


def test_no_money_passes_through_sqlites_numbers(repository: ExchangeCacheRepository) -> None:
    with closing(sqlite3.connect(repository.path)) as connection:
        declared = {
            column[2]
            for model in MODELS
            for column in connection.execute(f"PRAGMA table_info({model._meta.table_name})")  # type: ignore[attr-defined]
        }

    assert declared == {"TEXT", "BIGINT", "INTEGER"}


# --- migrations -----------------------------------------------------------------------------------


def test_an_empty_file_is_migrated_to_the_latest_schema(
    repository: ExchangeCacheRepository,
) -> None:
    assert repository.schema_version() == LATEST
    versions = [step.version for step in MIGRATIONS]
    assert versions == sorted(set(versions)) and versions[-1] == LATEST
    assert repository.check() == []


def test_a_cache_of_the_first_schema_keeps_its_balances_and_can_hold_told_averages(
    cache_file: Path,
) -> None:
    cache_file.parent.mkdir()
    old = CacheDatabase(cache_file)
    migrate(old.peewee, "here", MIGRATIONS[:1])
    old.peewee.execute_sql(
        "INSERT INTO exchange_balances (account, wallet, code, asset, free, used, total, earn,"
        " includes_unrealised, fetched_ms) VALUES ('main', 'spot', 'BTC', 'BTC', '1', '0', '1', 0,"
        " 0, ?)",
        (to_ms(NOW),),
    )
    old.close()
    reported = ReportedAverage(
        name="avgPx", method=AverageMethod.MOVING, price=Decimal("0.1"), unit="USD"
    )

    repository = ExchangeCacheRepository.open_existing(cache_file)
    assert repository is not None
    assert repository.schema_version() == LATEST
    assert repository.mirror.balances() == (balance("1"),)
    repository.mirror.replace_balances("main", "spot", [balance("1", told_averages=(reported,))])
    assert repository.mirror.balances()[0].told_averages == (reported,)
    repository.close()


def test_opening_again_migrates_nothing(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance()])
    again = ExchangeCacheRepository.open(repository.path)

    assert again.mirror.balances() == (balance(),)
    with closing(sqlite3.connect(repository.path)) as connection:
        assert connection.execute("SELECT count(*) FROM schema_migrations").fetchone() == (
            len(MIGRATIONS),
        )
    again.close()


def test_a_migration_that_fails_half_way_leaves_nothing(cache_file: Path) -> None:
    def broken(database: Any) -> None:
        database.execute_sql("CREATE TABLE half (id INTEGER)")
        database.execute_sql("ALTER TABLE exchange_fills ADD COLUMN half TEXT")
        database.execute_sql("this is no SQL")

    database = open_database(cache_file)
    assert database is not None
    with pytest.raises(CacheError), database.errors():
        migrate(database.peewee, "here", (*MIGRATIONS, Migration(LATEST + 1, "broken", broken)))

    assert migrations.current_version(database.peewee) == LATEST
    assert not database.peewee.table_exists("half")
    assert "half" not in {column.name for column in database.peewee.get_columns("exchange_fills")}
    database.close()


def test_a_first_migration_that_fails_leaves_an_empty_database(tmp_path: Path) -> None:
    def broken(database: Any) -> None:
        MIGRATIONS[0].apply(database)
        raise KeyboardInterrupt

    database = CacheDatabase(tmp_path / "cache.sqlite3")
    with pytest.raises(KeyboardInterrupt):
        migrate(database.peewee, "here", (Migration(1, "first", broken),))

    assert database.peewee.get_tables() == []
    database.close()


def test_steps_are_applied_in_order_once(tmp_path: Path) -> None:
    ran: list[int] = []
    steps = tuple(
        Migration(number, str(number), lambda _, number=number: ran.append(number))
        for number in (1,)
    )
    database = CacheDatabase(tmp_path / "cache.sqlite3")
    assert [step.version for step in migrate(database.peewee, "here", steps)] == [1]
    assert migrate(database.peewee, "here", steps) == []

    assert ran == [1]
    database.close()


def test_a_migration_with_a_lower_number_than_the_newest_applied_is_made_up_for(
    tmp_path: Path,
) -> None:
    database = CacheDatabase(tmp_path / "cache.sqlite3")
    one, two, three = (Migration(number, "nothing", lambda _: None) for number in (1, 2, 3))
    assert [step.version for step in migrate(database.peewee, "here", (one, three))] == [1, 3]
    assert [step.version for step in migrate(database.peewee, "here", (one, two, three))] == [2]
    assert migrations.current_version(database.peewee) == 3
    database.close()


def test_a_newer_schema_is_refused_and_untouched(cache_file: Path) -> None:
    ExchangeCacheRepository.open(cache_file).close()
    with closing(sqlite3.connect(cache_file)) as connection:
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, 'from the future', 0)", (LATEST + 1,)
        )
        connection.commit()
    before = contents(cache_file)

    for opening in (ExchangeCacheRepository.open, ExchangeCacheRepository.open_existing):
        with pytest.raises(CacheTooNew) as caught:
            opening(cache_file)
    assert f"schema {LATEST + 1}" in str(caught.value)
    assert "upgrade" in str(caught.value.hint)
    assert contents(cache_file) == before


@pytest.mark.parametrize(
    "damage", [b"<html>502 Bad Gateway</html>" * 300, b"SQLite format 3\x00" + b"\xff" * 8000]
)
def test_a_corrupt_file_is_refused_and_untouched(cache_file: Path, damage: bytes) -> None:
    cache_file.parent.mkdir()
    cache_file.write_bytes(damage)

    with pytest.raises(CacheCorrupt) as caught:
        ExchangeCacheRepository.open(cache_file)
    assert "backup" in str(caught.value.hint)
    assert contents(cache_file) == {cache_file.name: damage}


def test_a_page_damaged_later_is_reported_as_such(repository: ExchangeCacheRepository) -> None:
    repository.ledger.save_page(
        StreamState(key=FILLS), [fill(str(number)) for number in range(800)], NOW
    )
    repository.close()
    with repository.path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        for page in range(4096 * 20, size, 4096):
            file.seek(page)
            file.write(b"\xff" * 4096)

    with pytest.raises(CacheCorrupt):
        repository.ledger.fills()


def test_a_cache_that_does_not_exist_is_not_created_by_reading(cache_file: Path) -> None:
    assert ExchangeCacheRepository.open_existing(cache_file) is None
    assert not cache_file.parent.exists()


# --- files ----------------------------------------------------------------------------------------


def test_only_the_owner_may_read_the_cache(repository: ExchangeCacheRepository) -> None:
    repository.mirror.replace_balances("main", "spot", [balance()])

    assert {stat.S_IMODE(item.stat().st_mode) for item in repository.path.parent.iterdir()} == {
        0o600
    }
    assert stat.S_IMODE(repository.path.parent.stat().st_mode) == 0o700


def test_a_place_below_a_file_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CacheUnwritable) as caught:
        ExchangeCacheRepository.open(tmp_path / "file" / "cache.sqlite3")
    assert str(tmp_path / "file") in str(caught.value)
    assert "EXCACHE_HOME" in str(caught.value.hint)


def test_a_folder_in_the_place_of_the_cache_is_unwritable(tmp_path: Path) -> None:
    with pytest.raises(CacheUnwritable):
        ExchangeCacheRepository.open(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)

    with pytest.raises(CacheUnwritable):
        ExchangeCacheRepository.open(tmp_path / "closed" / "cache.sqlite3")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("database is locked", CacheBusy),
        ("database disk image is malformed", CacheUnreadable),  # nothing to check
        ("file is not a database", CacheUnreadable),
        ("disk I/O error", CacheUnreadable),
        ("attempt to write a readonly database", CacheUnwritable),
        ("unable to open database file", CacheUnwritable),
        ("database or disk is full", DiskFull),
        ("no such table: x", CacheError),
    ],
)
def test_the_databases_errors_become_ours(text: str, kind: type[CacheError]) -> None:
    found = translate(sqlite3.OperationalError(text), "/home/me/cache.sqlite3")

    assert type(found) is kind
    assert "/home/me/cache.sqlite3" in str(found)


# --- snapshots and backups ------------------------------------------------------------------------


def test_a_reader_sees_one_state_while_a_writer_commits(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    repository.ledger.save_page(StreamState(key=FILLS), [fill("1")], NOW)
    writer = ExchangeCacheRepository.open(repository.path)

    with repository.snapshot():
        before = repository.mirror.balances()
        writer.mirror.replace_balances("main", "spot", [balance("2")])
        writer.ledger.save_page(StreamState(key=FILLS), [fill("2")], NOW)
        assert repository.mirror.balances() == before == (balance("1"),)
        assert len(repository.ledger.fills()) == 1
    assert repository.mirror.balances() == (balance("2"),)
    assert len(repository.ledger.fills()) == 2
    writer.close()


def test_a_reader_does_not_wait_for_an_open_transaction(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    with closing(sqlite3.connect(repository.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM exchange_balances")
        assert repository.mirror.balances() == (balance("1"),)
        writer.execute("ROLLBACK")


def test_threads_write_side_by_side(repository: ExchangeCacheRepository) -> None:
    def work(account: str) -> None:
        key = replace(FILLS, account=account)
        for number in range(30):
            repository.ledger.save_page(
                repository.ledger.state(key), [fill(str(number), account=account)], NOW
            )

    with ThreadPoolExecutor(6) as executor:
        list(executor.map(work, [f"account {number}" for number in range(6)]))

    assert repository.ledger.count(DataType.FILLS) == 180


def _write_and_read(path: str, name: str, gate: Any, errors: Any) -> None:
    try:
        gate.wait()
        repository = ExchangeCacheRepository.open(Path(path))
        for number in range(60):
            state = repository.ledger.state(replace(FILLS, account=name))
            repository.ledger.save_page(state, [fill(str(number), account=name)], NOW)
            repository.mirror.replace_balances(name, "spot", [balance(str(number), account=name)])
            with repository.snapshot():
                held = {item.account: int(item.total) for item in repository.mirror.balances()}
                count = repository.ledger.count(DataType.FILLS, name)
            assert (held[name], count) == (number, number + 1)
        repository.close()
    except BaseException as error:
        errors.put(f"{name}: {error!r}")
        raise


def test_many_processes_write_and_read_without_a_locked_database(tmp_path: Path) -> None:
    path, context = tmp_path / "cache.sqlite3", multiprocessing.get_context("fork")
    gate, errors = context.Barrier(6), context.Queue()
    workers = [
        context.Process(target=_write_and_read, args=(str(path), f"process {n}", gate, errors))
        for n in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert errors.empty(), errors.get()
    assert [worker.exitcode for worker in workers] == [0] * 6
    repository = ExchangeCacheRepository.open(path)
    assert repository.ledger.count(DataType.FILLS) == 360
    assert repository.check() == []
    repository.close()


def test_a_process_killed_inside_a_transaction_leaves_the_state_before_it(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from exchange_cache.cache.repository import ExchangeCacheRepository\n"
        "repository = ExchangeCacheRepository.open(Path(sys.argv[1]))\n"
        "def rows():\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "    yield\n"
        "with repository._database.write():\n"
        "    repository.mirror.replace_balances('main', 'spot', [])\n"
        "    repository.mirror.replace_balances('main', 'earn', rows())\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(repository.path)], check=False)

    assert done.returncode == -9
    assert repository.mirror.balances() == (balance("1"),)
    repository.mirror.replace_balances("main", "spot", [balance("2")])


def test_a_backup_is_consistent_while_a_writer_goes_on(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    stop, target = threading.Event(), tmp_path / "backup.sqlite3"
    writer = ExchangeCacheRepository.open(repository.path)

    def write() -> None:
        number = 0
        while not stop.is_set():
            writer.ledger.save_page(writer.ledger.state(FILLS), [fill(str(number))], NOW)
            number += 1
        writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    copies = []
    for number in range(3):
        copies.append(target.with_name(f"backup{number}.sqlite3"))
        repository.backup(copies[-1])
    stop.set()
    thread.join()

    for path in copies:
        copy = ExchangeCacheRepository.open(path)
        assert copy.check() == []
        assert copy.ledger.count(DataType.FILLS) == copy.ledger.state(FILLS).rows
        copy.close()


def test_a_backup_holds_everything_and_only_its_owner_reads_it(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance()])
    target = tmp_path / "backups" / "backup.sqlite3"
    old_mask = os.umask(0)
    try:
        repository.backup(target)
    finally:
        os.umask(old_mask)

    copy = ExchangeCacheRepository.open(target)
    assert {table: copy.dump(table) for table in copy.table_counts()} == {
        table: repository.dump(table) for table in repository.table_counts()
    }
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy.close()


def test_a_backup_that_cannot_be_written_names_its_own_place(
    repository: ExchangeCacheRepository, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CacheUnwritable) as caught:
        repository.backup(tmp_path / "file" / "backup.sqlite3")
    assert "backup.sqlite3" in str(caught.value)


# --- whole accounts, whole tables -----------------------------------------------------------------


def test_an_account_is_forgotten_whole_and_alone(repository: ExchangeCacheRepository) -> None:
    for account in ("main", "other"):
        repository.mirror.replace_balances(account, "spot", [balance(account=account)])
        repository.ledger.save_page(
            StreamState(key=replace(FILLS, account=account)), [fill(account=account)], NOW
        )
        repository.progress.remember(account, {"markets": 1}, NOW)
    repository.forget_account("main")

    assert [item.account for item in repository.mirror.balances()] == ["other"]
    assert [item.account for item in repository.ledger.fills()] == ["other"]
    assert repository.progress.memory("main") == {}
    assert repository.progress.memory("other") == {"markets": 1}


def test_tables_are_counted_and_dumped(repository: ExchangeCacheRepository) -> None:
    repository.metrics.record(Read(at=NOW, command="portfolio", outcome="hit", duration_us=900))

    assert {name: count for name, count in repository.table_counts().items() if count} == {
        "cache_reads": 1
    }
    assert len(repository.dump("cache_reads")) == 1
    with pytest.raises(NothingCached):
        repository.dump("sqlite_master")

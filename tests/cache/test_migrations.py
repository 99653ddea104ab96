"""Migrations are applied once, in order, whole or not at all; a newer schema is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache import migrations
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.migrations import LATEST, MIGRATIONS, Migration, migrate
from exchange_cache.cache.opening import open_database
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import to_ms
from exchange_cache.errors import (
    CacheError,
    CacheTooNew,
)
from exchange_cache.records import AverageMethod, ReportedAverage
from tests.builders import NOW, balance


def contents(path: Path) -> dict[str, bytes]:
    """Every file beside the cache, byte by byte."""
    return {item.name: item.read_bytes() for item in path.parent.iterdir()}


def test_an_empty_file_is_migrated_to_the_latest_schema(
    repository: ExchangeCacheRepository,
) -> None:
    assert repository.schema_version() == LATEST
    versions = [step.version for step in MIGRATIONS]
    assert versions == sorted(set(versions))
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


def test_loans_that_were_stored_as_moves_and_rows_without_a_kind_get_theirs(
    cache_file: Path,
) -> None:
    cache_file.parent.mkdir()
    old = CacheDatabase(cache_file)
    migrate(old.peewee, "here", MIGRATIONS[:9])
    rows = (
        ("1", "internal", "loan", "unified"),
        ("2", "internal", "unified", "loan"),
        ("3", "internal", "spot", "linear"),
        ("4", "other", None, None),
        ("5", "fee", "loan", None),
    )
    for name, kind, source, target in rows:
        old.peewee.execute_sql(
            "INSERT INTO exchange_transfers (account, scope, transfer_id, kind, time_ms, asset,"
            " quantity, status, from_wallet, to_wallet, seen_ms) VALUES ('main', 'log', ?, ?, 0,"
            " 'USDT', '1', 'ok', ?, ?, 0)",
            (name, kind, source, target),
        )
    old.close()

    repository = ExchangeCacheRepository.open_existing(cache_file)
    assert repository is not None
    kinds = {one.transfer_id: str(one.kind) for one in repository.ledger.transfers()}
    assert kinds == {
        "1": "loan",
        "2": "repayment",
        "3": "internal",
        "4": "unclassified",
        "5": "fee",
    }
    assert {one.word for one in repository.ledger.transfers()} == {None}
    repository.close()

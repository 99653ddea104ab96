"""Prepared answers are read without peewee, and go with what they were computed from."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.prepared import SOURCES, find, newest_run
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings
from exchange_cache.records import DataType
from tests.builders import NOW, balance, price

TEXTS = {
    "head": "{}",
    "data_before": "a",
    "data_holdings": "b",
    "data_after": "c",
    "orders": "d",
    "data_groups": "e",
    "screen": "f",
    "places": "g",
}


def rows(*spans: tuple[int, int | None], scope: str = "") -> Callable[[], Iterator[dict[str, Any]]]:
    return lambda: iter(
        {"scope": scope, "from_us": start, "until_us": end, **TEXTS, "head": f"{start}"}
        for start, end in spans
    )


def test_the_answer_of_the_present_span_is_found(repository: ExchangeCacheRepository) -> None:
    repository.prepared.replace("me", rows((10, 20), (21, None)))

    def head(now: int, made_for: str = "me", scope: str = "") -> object:
        return find(repository.path, scope, made_for, now, ("head",))

    assert [head(now) for now in (9, 10, 19, 20, 21, 10**15)] == [
        None,
        ("10",),
        ("10",),
        None,
        ("21",),
        ("21",),
    ]
    assert head(15, made_for="you") is None
    assert head(15, scope="main") is None
    assert repository.prepared.holds("me", 15)
    assert not repository.prepared.holds("me", 20)


def test_what_cannot_be_read_is_not_found(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"no database" * 1000)
    for place in (tmp_path / "missing", broken, tmp_path):
        assert find(place, "", "me", 1, ("head",)) is None
        assert newest_run(place) is None
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


@pytest.mark.parametrize("table", SOURCES)
@pytest.mark.parametrize("verb", ["INSERT", "UPDATE", "DELETE"])
def test_every_change_of_a_source_deletes_the_answers(
    repository: ExchangeCacheRepository, table: str, verb: str
) -> None:
    with closing(sqlite3.connect(repository.path)) as shell, shell:
        columns = [row[1] for row in shell.execute(f"PRAGMA table_info({table})")]
        insert = f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('1' for _ in columns)})"
        shell.execute(insert)
    repository.prepared.replace("me", rows((1, None)))
    change = {
        "INSERT": insert,
        "UPDATE": f"UPDATE {table} SET {columns[-1]} = 2",
        "DELETE": f"DELETE FROM {table}",
    }[verb]
    with closing(sqlite3.connect(repository.path)) as shell:
        shell.execute(change)
        assert find(repository.path, "", "me", 5, ("head",)) is not None  # not committed yet
        shell.commit()
    assert find(repository.path, "", "me", 5, ("head",)) is None


#: What alone tells whether the costs are not computed yet; what makes them so deletes the answers.
OPEN_COSTS = {
    "cost_progress",
    "cost_positions",
    "exchange_fills",
    "exchange_transfers",
    "exchange_memory",
}


def test_a_reading_is_computed_from_the_sources_alone(
    repository: ExchangeCacheRepository,
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    repository.mirror.replace_prices("main", "spot", [price()])
    settings = ReadingSettings(
        reporting_asset="USDT", ttl=dict.fromkeys(DataType, timedelta(hours=1)), accounts=("main",)
    )
    accessor = PortfolioDataAccessor(repository, SetClock(NOW), settings)
    seen: set[str] = set()

    def note(action: int, table: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ and table is not None:
            seen.add(table)
        return sqlite3.SQLITE_OK

    connection = repository._database.peewee.connection()
    connection.set_authorizer(note)
    try:
        accessor.cached(None, "USDT")
    finally:
        connection.set_authorizer(None)
    assert seen == set(SOURCES) | OPEN_COSTS


def test_the_newest_run_is_read(repository: ExchangeCacheRepository) -> None:
    assert newest_run(repository.path) is None
    run_id = repository.progress.begin_run("sync", 1, NOW)
    assert newest_run(repository.path) == (None, None)
    repository.progress.end_run(run_id, "failed", NOW, requests=0, row_count=0)
    assert newest_run(repository.path) == ("failed", to_ms(NOW))


def test_reading_writes_nothing(repository: ExchangeCacheRepository) -> None:
    repository.prepared.replace("me", rows((1, None)))
    repository.close()
    before = repository.path.read_bytes()
    assert find(repository.path, "", "me", 5, ("head",)) == ("1",)
    assert repository.path.read_bytes() == before

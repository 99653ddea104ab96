"""The SQL of repairs finds and changes exactly the faulty rows, which no record could hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from exchange_cache.cache.repairing import FaultyRow, RunTime
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.records import DataType, FillKind
from tests.builders import NOW, at, fill, order, transfer


def save(repository: ExchangeCacheRepository, *records: Any) -> None:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    repository.ledger.save_page(StreamState(key=key), records, NOW)


def spoil(repository: ExchangeCacheRepository, sql: str) -> None:
    """Change a row as an earlier version could have stored it."""
    with closing(sqlite3.connect(repository.path)) as connection:
        connection.execute(sql)
        connection.commit()


def places(rows: tuple[FaultyRow, ...]) -> list[tuple[str, str, int]]:
    return [(str(row.data_type), row.place, row.at_ms) for row in rows]


def test_rows_of_impossible_times_are_found_in_every_ledger(
    repository: ExchangeCacheRepository,
) -> None:
    save(repository, fill("1"), order("1", created_at=at(50)), transfer("1", time=at(-50)))
    save(repository, fill("2", time=at(20)))
    found = repository.repairing.rows_outside(to_ms(at(-1)), to_ms(at(20)))
    assert places(found) == [
        ("fills", "BTC/USDT", to_ms(at(20))),
        ("orders", "BTC/USDT", to_ms(at(50))),
        ("transfers", "deposits", to_ms(at(-50))),
    ]


@pytest.mark.parametrize(
    ("change", "data_type"),
    [
        ("UPDATE exchange_fills SET price = 'NaN'", "fills"),
        ("UPDATE exchange_fills SET cost = ''", "fills"),
        ("UPDATE exchange_fills SET quantity = '-1'", "fills"),
        ("UPDATE exchange_fills SET side = 'hold'", "fills"),
        (f"UPDATE exchange_fills SET price = '1{'0' * 100}'", "fills"),
        ("UPDATE exchange_orders SET filled = '1e5'", "orders"),
        ("UPDATE exchange_orders SET status = 'odd'", "orders"),
        ("UPDATE exchange_transfers SET quantity = 'Infinity'", "transfers"),
        ("UPDATE exchange_transfers SET kind = 'odd'", "transfers"),
    ],
)
def test_a_row_that_no_record_accepts_is_found(
    repository: ExchangeCacheRepository, change: str, data_type: str
) -> None:
    save(repository, fill("1"), order("1"), transfer("1", "-1", kind="fee"))
    assert repository.repairing.unreadable_rows() == ()
    spoil(repository, change)
    [found] = repository.repairing.unreadable_rows()
    assert str(found.data_type) == data_type


def test_fills_that_contradict_themselves_or_their_order_are_doubtful(
    repository: ExchangeCacheRepository,
) -> None:
    save(
        repository,
        fill("sound", "1", "100", order_id="1", symbol="A/USDT"),
        order("1", filled="1", symbol="A/USDT"),
        fill("cost", "1", "100", symbol="B/USDT"),
        fill("order", "1", "100", order_id="2", symbol="C/USDT"),
        order("2", filled="2", symbol="C/USDT"),
        fill("convert", "1", "100", symbol="D/USDT", kind=FillKind.CONVERT),
    )
    spoil(
        repository,
        "UPDATE exchange_fills SET cost = '102' WHERE fill_id IN ('cost', 'convert')",
    )
    found = repository.repairing.doubtful_fills()
    assert [(row.place, row.kind) for row in found] == [("B/USDT", "trade"), ("C/USDT", "trade")]


def test_only_the_given_rows_are_deleted(repository: ExchangeCacheRepository) -> None:
    save(repository, fill("1", time=at(-50)), fill("2"), transfer("1"))
    repository.repairing.delete(repository.repairing.rows_outside(to_ms(at(-1)), to_ms(at(1))))
    assert [one.fill_id for one in repository.ledger.fills()] == ["2"]
    assert len(repository.ledger.transfers()) == 1


def test_the_times_of_runs_are_read_and_set(repository: ExchangeCacheRepository) -> None:
    first = repository.progress.begin_run("sync", 1, at(1))
    repository.progress.end_run(first, "ok", at(2), requests=0, row_count=0)
    second = repository.progress.begin_run("sync", 2, at(3))
    assert repository.repairing.run_times() == (
        RunTime(id=first, started_ms=to_ms(at(1)), ended_ms=to_ms(at(2))),
        RunTime(id=second, started_ms=to_ms(at(3)), ended_ms=None),
    )
    changed = RunTime(id=second, started_ms=to_ms(at(4)), ended_ms=to_ms(at(5)))
    repository.repairing.set_run_times([changed])
    assert repository.repairing.run_times()[1] == changed


def test_the_newest_event_is_a_fill_or_a_transfer_before_the_end(
    repository: ExchangeCacheRepository,
) -> None:
    assert repository.repairing.newest_event_ms(to_ms(at(9))) is None
    save(repository, fill("1"), transfer("1", time=at(2)), order("1", created_at=at(3)))
    assert repository.repairing.newest_event_ms(to_ms(at(9))) == to_ms(at(2))
    assert repository.repairing.newest_event_ms(to_ms(at(2))) == to_ms(at(0))


def test_times_of_a_clock_that_was_ahead_are_cut_back(repository: ExchangeCacheRepository) -> None:
    save(repository, fill("1", time=at(1)))
    late = to_ms(NOW)
    assert repository.repairing.cut_times(late, late, late) == 0
    assert repository.repairing.cut_times(late - 1, to_ms(at(2)), late) == 1
    with closing(sqlite3.connect(repository.path)) as connection:
        [(seen_ms,)] = connection.execute("SELECT seen_ms FROM exchange_fills").fetchall()
    assert seen_ms == to_ms(at(1))


@pytest.mark.parametrize("ahead", [("seen_ms",), ("fetched_ms",), ("seen_ms", "fetched_ms")])
def test_each_time_of_an_order_that_was_ahead_is_cut_back(
    repository: ExchangeCacheRepository, ahead: tuple[str, ...]
) -> None:
    save(repository, order("1", created_at=at(1)))
    early, late = to_ms(at(2)), to_ms(NOW)
    figures = {name: late if name in ahead else early for name in ("seen_ms", "fetched_ms")}
    with closing(sqlite3.connect(repository.path)) as connection, connection:
        connection.execute(
            "UPDATE exchange_orders SET seen_ms = :seen_ms, fetched_ms = :fetched_ms", figures
        )
    assert repository.repairing.cut_times(late - 1, early, late) == 1
    with closing(sqlite3.connect(repository.path)) as connection:
        query = "SELECT seen_ms, fetched_ms, created_ms, updated_ms FROM exchange_orders"
        [(seen_ms, fetched_ms, created_ms, updated_ms)] = connection.execute(query).fetchall()
    assert seen_ms == (created_ms if "seen_ms" in ahead else early)
    newest = max(created_ms, updated_ms or created_ms)
    assert fetched_ms == (newest if "fetched_ms" in ahead else early)


def test_memory_is_read_without_its_large_values_changed_and_forgotten(
    repository: ExchangeCacheRepository,
) -> None:
    repository.progress.remember("main", {"markets": [1], "mode": "hedge", "offset": 5}, at(1))
    ms = to_ms(at(1))
    assert repository.repairing.memory() == (
        ("main", "mode", "hedge", ms),
        ("main", "offset", 5, ms),
    )
    repository.repairing.change_memory({("main", "mode"): "one-way", ("main", "offset"): None}, 7)
    assert repository.repairing.memory() == (("main", "mode", "one-way", 7),)
    assert repository.progress.memory("main") == {"markets": [1], "mode": "one-way"}

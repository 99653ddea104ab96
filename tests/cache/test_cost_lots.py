"""Lots as rows that are valid from one position until another."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import localcontext
from pathlib import Path

import pytest

from exchange_cache.cache.cost_lots import StoredLots, write_lots
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cost.basis import Method
from exchange_cache.cost.lot_book import LotBook, new_book
from exchange_cache.money import EXACT
from tests.cost.builders import D
from tests.sync.test_derivation import closing_at

BOOK, FIFO = 1, Method.FIFO


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    with closing_at(tmp_path / "cache") as made, localcontext(EXACT):
        yield made


@pytest.fixture
def database(repository: ExchangeCacheRepository) -> CacheDatabase:
    return repository._database


@pytest.fixture
def book() -> LotBook:
    made = new_book(FIFO)
    assert isinstance(made, LotBook)
    return made


def rows(database: CacheDatabase) -> list[tuple[object, ...]]:
    return database.select("SELECT quantity, since_ms, until_ms FROM cost_lots ORDER BY id", ())


def held(database: CacheDatabase, at_ms: int | None = None) -> list[tuple[int, str]]:
    found = StoredLots(database, BOOK, FIFO, at_ms).after(None, 100)
    return [(lot.order, str(lot.quantity)) for _, lot in found]


def test_a_lot_that_stays_is_not_written_again(database: CacheDatabase, book: LotBook) -> None:
    for order in range(3):
        book.hold(D(2), D(10), order)
    write_lots(database, BOOK, FIFO, book, 100, 0)
    before = rows(database)
    book.hold(D(5), D(10), 3)
    write_lots(database, BOOK, FIFO, book, 200, 100)
    assert rows(database) == [*before, ("5", 200, None)]


def test_a_used_lot_ends_where_a_position_stays_and_goes_where_none_does(
    database: CacheDatabase, book: LotBook
) -> None:
    book.hold(D(2), D(10), 0)
    write_lots(database, BOOK, FIFO, book, 100, 0)
    book.give(D("0.5"), 1)
    write_lots(database, BOOK, FIFO, book, 200, 100)  # the position at 100 stays
    assert rows(database) == [("2", 100, 200), ("1.5", 200, None)]
    book.give(D("0.5"), 2)
    write_lots(database, BOOK, FIFO, book, 300, 100)  # the one at 200 does not
    assert rows(database) == [("2", 100, 200), ("1.0", 300, None)]
    assert held(database) == [(0, "1.0")]
    assert held(database, 100) == [(0, "2")]


def test_the_lots_of_a_position_are_those_that_were_valid_there(
    database: CacheDatabase, book: LotBook
) -> None:
    for at_ms, order in ((100, 0), (200, 1), (300, 2)):
        book.hold(D(1), D(10), order)
        if order == 2:
            book.give(D(1), order)
        write_lots(database, BOOK, FIFO, book, at_ms, at_ms - 100)
    assert held(database, 100) == [(0, "1")]
    assert held(database, 200) == [(0, "1"), (1, "1")]
    assert held(database, 300) == held(database) == [(1, "1"), (2, "1")]


def test_lots_are_read_behind_a_key_and_no_more_than_asked(
    database: CacheDatabase, book: LotBook
) -> None:
    for order in range(9):
        book.hold(D(1), D(10), order)
    write_lots(database, BOOK, FIFO, book, 100, 0)
    source = StoredLots(database, BOOK, FIFO, None)
    first = source.after(None, 4)
    second = source.after(first[-1][0], 100)
    assert [lot.order for _, lot in (*first, *second)] == list(range(9))
    assert len(first) == 4

"""Books of lots take the same units whether their lots are in memory or read when needed."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cost.basis import Method
from exchange_cache.cost.lot_book import Lot, LotBook, LotKey, _dearest_first, new_book
from exchange_cache.cost.lots import ReportingBook
from exchange_cache.money import EXACT
from tests.cost.builders import D, at
from tests.effort import examples

LOTS = (Method.FIFO, Method.LIFO, Method.HIFO)


class Stored:
    """The lots of a book, as they are stored; ``read`` counts those that were needed."""

    def __init__(self, book: LotBook) -> None:
        self._lots = sorted((key[:3], key[3]) for key in book.lots)
        self.read = 0

    def after(self, key: LotKey | None, count: int) -> list[tuple[LotKey, Lot]]:
        found = [each for each in self._lots if key is None or each[0] > key][:count]
        self.read += len(found)
        return [(place, Lot(lot.order, lot.quantity, lot.cost, row=1)) for place, lot in found]


def lots(method: Method) -> LotBook:
    book = new_book(method)
    assert isinstance(book, LotBook)
    return book


def continued(book: LotBook) -> LotBook:
    """The same book with its lots stored."""
    again = lots(book.method)
    for name in ("explained", "unknown", "cost", "entered", "parts"):
        setattr(again, name, getattr(book, name))
    again.source = Stored(book)
    return again


@pytest.mark.parametrize(
    ("method", "cost"), [(Method.FIFO, 10), (Method.LIFO, 20), (Method.HIFO, 30)]
)
def test_each_method_has_its_order(method: Method, cost: int) -> None:
    with localcontext(EXACT):
        book = lots(method)
        for order, worth in enumerate(("10", "30", "20")):
            book.hold(D(1), D(worth), order)
        assert book.give(D(1), 3) == cost


prices = st.integers(1, 60).map(lambda number: Decimal(number) / 4)


@settings(max_examples=examples(80), deadline=None)
@given(st.sampled_from(LOTS), st.data())
def test_a_continued_book_gives_what_the_whole_one_gives(
    method: Method, data: st.DataObject
) -> None:
    with localcontext(EXACT):
        whole, order = lots(method), 0
        for _ in range(data.draw(st.integers(1, 40))):
            whole.hold(data.draw(prices), data.draw(prices), order)
            order += 1
        again = continued(whole)
        for _ in range(data.draw(st.integers(1, 8))):
            if data.draw(st.booleans()):
                units, cost = data.draw(prices), data.draw(prices)
                whole.hold(units, cost, order)
                again.hold(units, cost, order)
            elif whole.explained:
                part = min(whole.explained, data.draw(prices))
                assert again.give(part, order) == whole.give(part, order)
            order += 1
        again.read_all()
        assert sorted((key[:3], key[3].quantity, key[3].cost) for key in again.lots) == sorted(
            (key[:3], key[3].quantity, key[3].cost) for key in whole.lots
        )


def test_a_sale_reads_few_of_many_stored_lots() -> None:
    with localcontext(EXACT):
        book = lots(Method.FIFO)
        for order in range(500):
            book.hold(D(1), D(order), order)
        again = continued(book)
        assert again.give(D(3), 500) == 0 + 1 + 2
        assert isinstance(again.source, Stored)
        assert again.source.read == 16
        assert [lot.order for lot in again.gone] == [0, 1, 2]


def test_unknown_units_of_a_move_that_is_undone_leave_their_lots() -> None:
    with localcontext(EXACT):
        book = lots(Method.FIFO)
        book.misplace(D(5), at(0))
        book.misplace(D(-2), at(1))
        ((*_, lot),) = book.lots
        assert (book.unknown, lot.quantity, lot.cost) == (3, 3, None)


def test_a_text_sorts_prices_from_the_highest_to_none() -> None:
    numbers = [D("1e12"), D("20"), D("3"), D("0.5"), D("1e-9"), D(0), D("-1e-9"), D("-7"), None]
    texts = [_dearest_first(one) for one in numbers]
    assert texts == sorted(texts)
    assert len(set(texts)) == len(texts)


def test_the_reporting_asset_has_a_book_of_its_own() -> None:
    assert isinstance(new_book(Method.FIFO, reporting=True), ReportingBook)

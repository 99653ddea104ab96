"""Work on a page of rows is in proportion to what is new or different in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType, Fill
from tests.builders import NOW, fill

KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol="BTC/USDT")
STATE = StreamState(key=KEY, covered=Ranges())


def page(number: int) -> list[Fill]:
    return [fill(str(n), time=NOW - timedelta(minutes=n)) for n in range(number)]


def saved(repository: ExchangeCacheRepository, fills: Sequence[Fill]) -> int:
    return repository.ledger.save_page(STATE, fills, NOW)


@pytest.fixture
def statements(repository: ExchangeCacheRepository) -> Callable[[Sequence[Fill]], list[str]]:
    """The statements that save a page, those executed once per row left out after the first."""

    def traced(fills: Sequence[Fill]) -> list[str]:
        heard: list[str] = []
        connection = repository._database.peewee.connection()
        connection.set_trace_callback(heard.append)
        saved(repository, fills)
        connection.set_trace_callback(None)
        kinds = [text.split("(")[0] for text in heard]
        return [kind for at, kind in enumerate(kinds) if at == 0 or kind != kinds[at - 1]]

    return traced


def test_a_page_is_saved_in_as_many_kinds_of_statements_whatever_its_length(
    statements: Callable[[Sequence[Fill]], list[str]],
) -> None:
    new = statements(page(2))
    known = statements(page(2))
    assert statements(page(400))  # the first of them known, the others new
    assert statements(page(400)) == known
    assert len(new) < len(known) <= 12


def test_known_rows_are_not_written_again(repository: ExchangeCacheRepository) -> None:
    saved(repository, page(300))
    connection = repository._database.peewee.connection()
    before = connection.total_changes

    assert saved(repository, page(300)) == 0

    assert connection.total_changes - before == 1  # the state of the stream


def test_a_page_with_new_equal_changed_and_doubled_rows(
    repository: ExchangeCacheRepository,
) -> None:
    old = page(3)
    saved(repository, old)
    changed = replace(old[1], price=Decimal(7))
    fresh = [fill("x", time=NOW), fill("x", time=NOW, price="9")]
    connection = repository._database.peewee.connection()
    before = connection.total_changes

    assert saved(repository, [old[0], changed, *fresh]) == 1

    found = {one.fill_id: one.price for one in repository.ledger.fills()}
    assert found == {"0": old[0].price, "1": 7, "2": old[2].price, "x": 9}
    assert repository.ledger.changes() == 2
    versions = repository.ledger.revisions.versions()
    assert [one.row.row_id for one in versions] == ["1", "x"]
    # inserted x; updated 1 and x; their versions, the count of changes, the state
    assert connection.total_changes - before == 1 + 2 + 2 + 1 + 1

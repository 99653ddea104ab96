"""Answers are computed in a snapshot, beside others that write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from exchange_cache.cache.prepared import find
from exchange_cache.cache.repository import ExchangeCacheRepository
from tests.builders import price
from tests.cache.test_prepared import rows


def test_others_write_while_answers_are_computed_which_are_then_not_stored(
    repository: ExchangeCacheRepository,
) -> None:
    repository.prepared.replace("me", rows((1, None)))
    seen = []

    def computed() -> Iterator[dict[str, Any]]:
        assert repository.table_counts()["exchange_prices"] == 0
        with closing(ExchangeCacheRepository.open(repository.place)) as other:
            other.mirror.replace_prices("main", "spot", [price("BTC/USDT", "1")])
            assert other.table_counts()["exchange_prices"] == 1
        assert repository.table_counts()["exchange_prices"] == 0  # one moment, whoever writes
        seen.append(find(repository.place, "", "me", 5, ("head",)))
        yield from rows((1, None))()

    assert not repository.prepared.replace("me", computed)
    assert seen == [None]
    assert not repository.prepared.holds("me", 5)
    assert repository.prepared.replace("me", rows((1, None)))
    assert repository.prepared.holds("me", 5)


def test_of_two_that_compute_answers_the_later_one_stores_them(
    repository: ExchangeCacheRepository,
) -> None:
    def computed() -> Iterator[dict[str, Any]]:
        with closing(ExchangeCacheRepository.open(repository.place)) as other:
            assert other.prepared.replace("you", rows((1, None)))
        yield from rows((1, None))()

    assert not repository.prepared.replace("me", computed)
    assert repository.prepared.holds("you", 5)


def test_what_shows_that_answers_are_computed_is_a_row_that_can_be_read(
    repository: ExchangeCacheRepository,
) -> None:
    def killed() -> Iterator[dict[str, Any]]:
        assert repository.table_counts()["prepared_readings"] == 1
        assert repository.unreadable_rows() == () and repository.check() == []
        raise KeyboardInterrupt
        yield {}

    with pytest.raises(KeyboardInterrupt):
        repository.prepared.replace("me", killed)
    assert repository.unreadable_rows() == () and repository.check() == []
    assert repository.prepared.replace("me", rows((1, None)))
    assert repository.table_counts()["prepared_readings"] == 1

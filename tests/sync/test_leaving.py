"""History that was never read and soon is served no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import to_ms
from exchange_cache.exchanges import policy_for
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType
from exchange_cache.sync.leaving import leaving
from tests.builders import NOW

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
POLICY = policy_for("okx")
STREAM = next(one for one in POLICY.streams if one.retention and one.data_type is DataType.FILLS)
assert STREAM.retention is not None
KEY = StreamKey(account="main", data_type=STREAM.data_type, scope=STREAM.scope)


def read_until(repository: ExchangeCacheRepository, ago: timedelta) -> None:
    """Store that the history was read until so long ago."""
    assert STREAM.retention is not None
    first = to_ms(NOW - STREAM.retention - 30 * DAY)
    covered = Ranges.of((first, to_ms(NOW - ago)))
    state = replace(repository.ledger.state(KEY), floor_ms=first, covered=covered)
    repository.ledger.save_page(state, [], NOW)


def found(repository: ExchangeCacheRepository) -> list[str]:
    return [
        f"{one.account} {one.history} {one.until - NOW}"
        for one in leaving(repository, "main", POLICY, NOW, WEEK)
    ]


def test_what_was_read_a_while_ago_is_served_for_long(repository: ExchangeCacheRepository) -> None:
    read_until(repository, DAY)
    assert found(repository) == []


@pytest.mark.parametrize(("left", "named"), [(WEEK, False), (WEEK - DAY, True), (DAY, True)])
def test_what_leaves_within_a_week_is_named(
    repository: ExchangeCacheRepository, left: timedelta, named: bool
) -> None:
    assert STREAM.retention is not None
    read_until(repository, STREAM.retention - left)
    words = found(repository)
    assert bool(words) == named
    if named:
        assert words[0].startswith("main ") and words[0].endswith(f" {left}")


def test_an_exchange_that_serves_everything_has_nothing_to_lose(
    repository: ExchangeCacheRepository,
) -> None:
    read_until(repository, 60 * DAY)
    assert list(leaving(repository, "main", policy_for("kraken"), NOW, WEEK)) == []

"""The averages that exchanges report, read from the cache with the ledger to compare."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import AverageMethod, DataType, ReportedAverage
from exchange_cache.sync import averages
from exchange_cache.sync.averages import (
    average_checks,
    note_compared,
    reported_figures,
    waiting_accounts,
)
from exchange_cache.sync.rates import StoredRates
from tests.builders import NOW, T0, balance, fill

AVERAGE = ReportedAverage(
    name="avgPx",
    method=AverageMethod.MOVING,
    unit="USDT",
    price=Decimal(110),
    quantity=Decimal(2),
    counts_from=None,
)


def held(repository: ExchangeCacheRepository, *averages: ReportedAverage) -> None:
    row = replace(balance("2"), told_averages=averages)
    repository.mirror.replace_balances("main", "spot", (row,))


def bought(repository: ExchangeCacheRepository) -> None:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    state = StreamState(key=key, covered=Ranges.of((to_ms(T0), to_ms(NOW))), state="ok")
    rows = [fill("1", "1", "100"), fill("2", "1", "120")]
    repository.ledger.save_page(state, rows, NOW)


def test_a_reported_average_stands_next_to_that_of_the_fills(
    repository: ExchangeCacheRepository,
) -> None:
    held(repository, AVERAGE)
    bought(repository)
    (check,) = average_checks(repository, StoredRates(()), "USDT")
    assert (check.account, check.asset, check.reported.price) == ("main", "BTC", Decimal(110))
    assert average_checks(repository, StoredRates(()), "USDT", asset="ETH") == ()
    assert average_checks(repository, StoredRates(()), "USDT", accounts=["other"]) == ()


def test_an_account_with_many_fills_is_compared_once_a_day(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(repository, AVERAGE)
    bought(repository)
    assert waiting_accounts(repository, NOW) == frozenset()
    note_compared(repository, average_checks(repository, StoredRates(()), "USDT"), NOW)
    assert waiting_accounts(repository, NOW) == frozenset(), "two fills are read each time"
    monkeypatch.setattr(averages, "MANY_FILLS", 1)
    soon, tomorrow = NOW + timedelta(hours=1), NOW + timedelta(days=1)
    assert waiting_accounts(repository, soon) == {"main"}
    assert waiting_accounts(repository, tomorrow) == frozenset()
    assert waiting_accounts(repository, NOW - timedelta(hours=1)) == frozenset()


def test_without_a_reported_average_nothing_is_compared(
    repository: ExchangeCacheRepository,
) -> None:
    held(repository)
    bought(repository)
    assert average_checks(repository, StoredRates(()), "USDT") == ()
    assert reported_figures(repository) == []


def test_the_same_figures_are_the_same_list_whenever_they_were_read(
    repository: ExchangeCacheRepository,
) -> None:
    held(repository, AVERAGE)
    assert reported_figures(repository) == [["main", "spot", "BTC", "avgPx", "110", "2"]]
    held(repository, replace(AVERAGE, price=Decimal("110.0")))
    assert reported_figures(repository)[0][4] in {"110", "110.0"}

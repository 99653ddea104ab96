"""The newest row of a history proves how far it was read."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.records import DataType, FillKind
from tests.builders import NOW, at, fill, order, transfer


@pytest.fixture(autouse=True)
def rows(repository: ExchangeCacheRepository) -> None:
    """Every row differs in its hour, so that a time names its row."""
    records: list[Any] = [
        fill("1", time=at(1)),
        fill("2", time=at(2), symbol="ETH/USDT"),
        fill("3", time=at(3), category="margin"),
        fill("4", time=at(4), kind=FillKind.CONVERT),
        fill("5", time=at(5), account="second"),
        order("1", created_at=at(6)),
        order("2", "open", created_at=at(7)),
        order("3", "unknown", created_at=at(8)),
        transfer("1", time=at(9)),
        transfer("2", time=at(10), scope="withdrawals"),
    ]
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    repository.ledger.save_page(StreamState(key=key), records, NOW)


def newest(
    repository: ExchangeCacheRepository,
    data_type: DataType,
    *,
    scope: str = "spot",
    symbol: str = "",
    until: float = 99,
    category: str | None = "spot",
    kind: FillKind = FillKind.TRADE,
) -> float | None:
    key = StreamKey(account="main", data_type=data_type, scope=scope, symbol=symbol)
    found = repository.newest_time(key, to_ms(at(until)), category, kind)
    return None if found is None else (found - to_ms(at())) / 3_600_000


def test_fills_count_by_account_category_symbol_and_kind(
    repository: ExchangeCacheRepository,
) -> None:
    assert newest(repository, DataType.FILLS) == 2
    assert newest(repository, DataType.FILLS, symbol="BTC/USDT") == 1
    assert newest(repository, DataType.FILLS, category="margin") == 3
    assert newest(repository, DataType.FILLS, category=None) == 3
    assert newest(repository, DataType.FILLS, kind=FillKind.CONVERT) == 4


def test_rows_after_the_limit_do_not_count(repository: ExchangeCacheRepository) -> None:
    assert newest(repository, DataType.FILLS, until=2) == 2
    assert newest(repository, DataType.FILLS, until=1.5) == 1
    assert newest(repository, DataType.FILLS, until=0.5) is None


def test_orders_of_open_lists_do_not_count(repository: ExchangeCacheRepository) -> None:
    assert newest(repository, DataType.ORDERS) == 6


def test_transfers_count_by_stream(repository: ExchangeCacheRepository) -> None:
    assert newest(repository, DataType.TRANSFERS, scope="deposits") == 9
    assert newest(repository, DataType.TRANSFERS, scope="withdrawals") == 10
    assert newest(repository, DataType.TRANSFERS, scope="staking") is None

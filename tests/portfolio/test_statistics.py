"""Figures of the statistics from their parts."""

from __future__ import annotations

from exchange_cache.portfolio.statistics import Live, live_view, percentile
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus


def test_accounts_are_asked_side_by_side() -> None:
    statuses = [
        SyncStatus(account=account, data_type=data_type, part=part, duration_ms=ms)
        for account, ms in (("a", 100), ("b", 150), ("c", 200), ("gone", 9000))
        for data_type in (DataType.BALANCES, DataType.PRICES, DataType.FILLS)
        for part in ("", "spot", "margin")
    ]
    found = live_view(statuses, ("a", "b", "c"), {"a": 7})
    assert found == Live(milliseconds=2 * 200, requests=7 + 4 + 4)


def test_percentiles_are_of_the_nearest_rank() -> None:
    assert [percentile([1.0, 2.0, 3.0, 4.0], percent) for percent in (50, 75, 95, 100)] == [
        2.0,
        3.0,
        4.0,
        4.0,
    ]
    assert percentile([], 50) is None and percentile([5.0], 95) == 5.0

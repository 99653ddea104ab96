"""Snapshots are thinned with age: all of a week stay, then those of each day that readers need."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache import thinning
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot, StoredWorth
from exchange_cache.clock import to_ms
from tests.builders import NOW

MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def snapshot(at: datetime, asset: str = "USDT", **states: list[str]) -> Snapshot:
    details: dict[str, Any] = {"accounts": ["main"], "stale": [], "missing": [], "failed": []}
    return Snapshot(
        taken_at=at,
        reporting_asset=asset,
        value=Decimal(1),
        stale_value=Decimal(0),
        details=details | states,
    )


def stored(repository: ExchangeCacheRepository, snapshots: Iterable[Snapshot]) -> None:
    for one in snapshots:
        repository.derived.add_snapshot(one)


def times(repository: ExchangeCacheRepository, asset: str = "USDT") -> list[datetime]:
    return [one.taken_at for one in repository.derived.snapshots(reporting_asset=asset)]


def test_every_snapshot_of_a_week_is_kept_and_the_last_of_each_earlier_day(
    repository: ExchangeCacheRepository,
) -> None:
    hours = [NOW - HOUR * number for number in range(12 * 24)]
    stored(repository, (snapshot(at) for at in reversed(hours)))

    repository.thin_snapshots(NOW, WEEK)

    kept = times(repository)
    boundary = MIDNIGHT - WEEK
    assert [at for at in kept if at >= boundary] == sorted(at for at in hours if at >= boundary)
    earlier = [at for at in kept if at < boundary]
    assert earlier == sorted({at.date(): at for at in sorted(hours) if at < boundary}.values())
    assert len(earlier) in {4, 5}
    assert repository.thin_snapshots(NOW, WEEK) == 0


def test_a_year_of_hourly_runs_leaves_a_row_a_day(repository: ExchangeCacheRepository) -> None:
    began = MIDNIGHT - timedelta(days=60)
    for day in range(60):
        stored(repository, (snapshot(began + timedelta(days=day) + HOUR * n) for n in range(24)))
        repository.thin_snapshots(began + timedelta(days=day, hours=23), WEEK)

    assert repository.table_counts()["portfolio_snapshots"] == 52 + 8 * 24


def test_the_last_snapshot_without_gaps_of_a_day_is_kept_too(
    repository: ExchangeCacheRepository,
) -> None:
    day = MIDNIGHT - timedelta(days=20)
    gaps = {"failed": ["main balances"]}
    stored(
        repository,
        [
            snapshot(day + HOUR),
            snapshot(day + 2 * HOUR),
            snapshot(day + 3 * HOUR, **gaps),
            snapshot(day + 4 * HOUR, **gaps),
        ],
    )

    repository.thin_snapshots(NOW, WEEK)

    assert times(repository) == [day + 2 * HOUR, day + 4 * HOUR]


def test_each_reporting_asset_keeps_its_own(repository: ExchangeCacheRepository) -> None:
    day = MIDNIGHT - timedelta(days=20)
    for asset in ("USDT", "EUR"):
        stored(repository, (snapshot(day + HOUR * number, asset) for number in (1, 2)))

    repository.thin_snapshots(NOW, WEEK)

    assert times(repository, "EUR") == times(repository, "USDT") == [day + 2 * HOUR]


def test_a_snapshot_of_the_future_is_left_to_the_repair(
    repository: ExchangeCacheRepository,
) -> None:
    ahead = [NOW + timedelta(days=30) + HOUR * number for number in (1, 2)]
    stored(repository, map(snapshot, ahead))
    repository.thin_snapshots(NOW, WEEK)
    assert times(repository) == ahead


@pytest.fixture
def earlier(repository: ExchangeCacheRepository) -> ExchangeCacheRepository:
    """A cache with twelve snapshots of an earlier version: four of each of three days."""
    began = MIDNIGHT - timedelta(days=20)
    details = dict(snapshot(NOW).details) | {"stale": ["main prices"], "unpriced": []}
    rows = [
        (to_ms(began + timedelta(days=day) + HOUR * hour), json.dumps(details))
        for day in range(3)
        for hour in range(4)
    ]
    with closing(sqlite3.connect(repository.path)) as cache, cache:
        cache.executemany(
            "INSERT INTO portfolio_snapshots (taken_ms, reporting_asset, value, stale_value,"
            " details) VALUES (?, 'USDT', '1', '0', ?)",
            rows,
        )
    return repository


def raw(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as cache:
        return cache.execute("SELECT details, packed, gaps FROM portfolio_snapshots").fetchall()


def test_snapshots_of_earlier_versions_read_the_same_before_and_after(
    earlier: ExchangeCacheRepository,
) -> None:
    before = earlier.derived.snapshots()
    worths = earlier.derived.worths("USDT")
    assert worths[0] == StoredWorth(at=before[0].taken_at, value=Decimal(1), gaps=("main prices",))

    assert earlier.thin_snapshots(NOW, timedelta(days=36_500)) == 0

    assert earlier.derived.snapshots() == before
    assert earlier.derived.worths("USDT") == worths
    assert {(text, gaps) for text, _, gaps in raw(earlier.path)} == {("", '["main prices"]')}


def test_a_sync_compresses_and_deletes_no_more_than_its_share(
    earlier: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinning, "COMPRESSED", 5)
    monkeypatch.setattr(thinning, "DELETED", 2)
    counts = []
    for _ in range(8):
        earlier.thin_snapshots(NOW, WEEK)
        rows = raw(earlier.path)
        counts.append((len(rows), sum(packed is None for _, packed, _ in rows)))

    assert counts[0] == (10, 7)
    assert counts[-1] == (3, 0)
    assert [at.hour for at in times(earlier)] == [3, 3, 3]

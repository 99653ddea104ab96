"""Prices of earlier moments as the cache holds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot, StoredRate
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.portfolio.stored_prices import StoredPrices
from tests.builders import NOW

HOUR = timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    made = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    yield made
    made.close()


def prices(repository: ExchangeCacheRepository) -> StoredPrices:
    return StoredPrices(repository, SetClock(at=NOW), "USDT", ("main",))


def save_candle(repository: ExchangeCacheRepository, value: str) -> None:
    rate = StoredRate(
        asset="BTC",
        quote="USDT",
        at=LONG_AGO,
        resolution_s=3600,
        value=Decimal(value),
        route=("BTC/USDT@main",),
    )
    repository.derived.save_rates([rate], NOW)


def save_snapshot(repository: ExchangeCacheRepository, price: str) -> None:
    holding = {
        "asset": "ETH",
        "state": "fresh",
        "at": to_ms(LONG_AGO),
        "figures": {"price": price},
        "wallets": [],
    }
    repository.derived.add_snapshot(
        Snapshot(
            taken_at=LONG_AGO,
            reporting_asset="USDT",
            value=Decimal(1),
            stale_value=Decimal(0),
            details={"holdings": [holding]},
        )
    )


def test_a_candle_counts_at_its_end_and_within_a_day(repository: ExchangeCacheRepository) -> None:
    save_candle(repository, "50000")
    found = prices(repository)
    assert found.nearest("BTC", LONG_AGO + HOUR) == Decimal(50000)
    assert found.nearest("BTC", LONG_AGO + timedelta(days=3)) is None
    (price,) = found.of(LONG_AGO + HOUR)
    assert (price.base, price.quote, price.value) == ("BTC", "USDT", Decimal(50000))


def test_candles_are_read_once_until_they_are_forgotten(
    repository: ExchangeCacheRepository,
) -> None:
    found = prices(repository)
    assert found.nearest("BTC", LONG_AGO) is None
    save_candle(repository, "50000")
    assert found.nearest("BTC", LONG_AGO) is None
    found.forget()
    assert found.nearest("BTC", LONG_AGO) == Decimal(50000)


@pytest.mark.parametrize("moment", [LONG_AGO + HOUR, LONG_AGO - HOUR])
def test_without_a_candle_the_nearest_snapshot_prices_a_moment(
    repository: ExchangeCacheRepository, moment: object
) -> None:
    save_snapshot(repository, "3000")
    assert prices(repository).nearest("ETH", moment) == Decimal(3000)  # type: ignore[arg-type]

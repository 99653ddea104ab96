"""Prices of earlier moments as the cache holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings, strategies as st

from exchange_cache.cache.ledger_rows import StoredRows
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot, StoredRate
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.portfolio.stored_prices import StoredPrices
from exchange_cache.records import Fill, FillKind
from exchange_cache.value.past_prices import DAY, PastPrices, Sighting
from tests.builders import NOW
from tests.cost.builders import at, fill
from tests.effort import examples
from tests.sync.test_derivation import closing_at, keep

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


def traded(fills: Iterable[Fill]) -> Iterator[Sighting]:
    """What spot trades paid."""
    for one in fills:
        if one.category == "spot" and one.kind is FillKind.TRADE and one.price > 0:
            yield Sighting(
                base=one.base, quote=one.quote, at=one.time, value=one.price, source=one.account
            )


@settings(max_examples=examples(20), deadline=None, phases=[Phase.generate])
@given(st.data())
def test_the_prices_of_a_span_are_those_of_all_rows(data: st.DataObject) -> None:
    hours = st.integers(0, 24 * 30)
    rows = [
        fill("buy", "1", str(data.draw(st.integers(0, 9))), hour=data.draw(hours), symbol=symbol)
        for symbol in ("BTC/USDT", "ETH/BTC", "BTC/USDT")
        for _ in range(data.draw(st.integers(0, 8)))
    ]
    candles = [
        StoredRate(
            asset="BTC",
            quote="USDT",
            at=at(data.draw(hours)),
            resolution_s=data.draw(st.sampled_from([3600, 86_400, 604_800])),
            value=Decimal(data.draw(st.integers(10, 19))),
            route=("x",),
        )
        for _ in range(data.draw(st.integers(0, 8)))
    ]
    with TemporaryDirectory() as folder, closing_at(Path(folder) / "cache") as repository:
        keep(repository, *rows)
        repository.derived.save_rates(candles, NOW)
        kept = repository.derived.rates("USDT")
        sightings = [
            Sighting(
                base=one.asset,
                quote=one.quote,
                at=one.at + timedelta(seconds=one.resolution_s),
                value=one.value or Decimal(0),
                source="candle",
            )
            for one in kept
        ]
        whole = PastPrices([*sightings, *traded(repository.ledger.fills())])
        own = prices(repository)
        for _ in range(6):
            moment = at(data.draw(st.integers(-30, 24 * 45)))
            if data.draw(st.booleans()):
                own.cover(moment - DAY, moment + 3 * DAY)
            assert own.nearest("BTC", moment) == whole.nearest("BTC", "USDT", moment)
            assert sorted(own.of(moment), key=repr) == sorted(whole.day(moment), key=repr)


def test_a_moment_reads_the_fills_of_the_days_beside_it(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(repository, *(fill("buy", "1", "5", hour=24 * day + 12) for day in range(30)))
    read: list[int] = []
    each = StoredRows.trade_prices

    def noted(*words: Any) -> Iterator[Any]:
        for one in each(*words):
            read.append(one[2])
            yield one

    monkeypatch.setattr(StoredRows, "trade_prices", noted)
    own = prices(repository)
    for _ in range(2):
        assert own.nearest("BTC", at(24 * 9 + 13)) == 5
    assert read == [to_ms(at(24 * day + 12)) for day in (9, 10)]

"""Rates are read one by one, when they are first needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_cache.cache.derived import Derived
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.sync import known_rates
from exchange_cache.sync.known_rates import KnownRates
from exchange_cache.sync.rates import StoredRates
from tests.cost.builders import at
from tests.sync.test_derivation import closing_at, keep_rate


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    with closing_at(tmp_path / "cache") as made:
        for hour in range(5):
            keep_rate(made, "BTC", hour, str(100 + hour))
        yield made


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    read = Derived.rates_from

    def noted(derived: Derived, *place: object) -> object:
        found.append(place)
        return read(derived, *place)  # type: ignore[arg-type]

    monkeypatch.setattr(Derived, "rates_from", noted)
    return found


def test_each_hour_is_read_once(
    repository: ExchangeCacheRepository, reads: list[tuple[object, ...]]
) -> None:
    rates = KnownRates(repository.derived, "USDT")
    for part in (3, 3.5, 3):
        found = rates.rate("BTC", at(part))
        assert found is not None
        assert found.value == 103
    assert reads == [("BTC", "USDT", at(3), 2)]


def test_a_history_reads_more_of_the_next_ones_at_a_time(
    repository: ExchangeCacheRepository, reads: list[tuple[object, ...]]
) -> None:
    for hour in range(5, 60):
        keep_rate(repository, "BTC", hour, str(100 + hour))
    rates = KnownRates(repository.derived, "USDT")
    for hour in range(60):
        found = rates.rate("BTC", at(hour))
        assert found is not None
        assert found.value == 100 + hour
    assert [place[2:] for place in reads] == [
        (at(0), 2),
        (at(2), 4),
        (at(6), 8),
        (at(14), 16),
        (at(30), 32),
    ]
    assert rates.rate("BTC", at(99)) is None  # known without another look: nothing follows
    assert len(reads) == 5
    assert rates.rate("BTC", at(7)) is not None  # from before
    assert reads[5][2:] == (at(7), 2)


def test_what_is_not_stored_is_missing_as_among_all_rates(
    repository: ExchangeCacheRepository,
) -> None:
    rates, whole = (
        KnownRates(repository.derived, "USDT"),
        StoredRates(repository.derived.rates("USDT")),
    )
    for own in (rates, whole):
        assert own.rate("BTC", at(9)) is None
        assert own.rate("ETH", at(1)) is None
    assert rates.missing == whole.missing == {("BTC", at(9)), ("ETH", at(1))}
    assert rates.hours() == whole.hours() == {("BTC", at(hour)) for hour in range(5)}


def test_only_so_many_are_kept(
    repository: ExchangeCacheRepository,
    reads: list[tuple[object, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known_rates, "_KEPT", 2)
    rates = KnownRates(repository.derived, "USDT")
    for hour in (0, 1, 0, 2, 0):
        found = rates.rate("BTC", at(hour))
        assert found is not None
        assert found.value == 100 + hour
    assert [place[2] for place in reads] == [at(0), at(2), at(0)]


def test_a_new_rate_is_found_after_it_was_missing(repository: ExchangeCacheRepository) -> None:
    rates = KnownRates(repository.derived, "USDT")
    assert rates.rate("ETH", at(1)) is None
    keep_rate(repository, "ETH", 1, "7")
    rates.add([one for one in repository.derived.rates("USDT") if one.asset == "ETH"])
    found = rates.rate("ETH", at(1))
    assert found is not None
    assert found.value == 7

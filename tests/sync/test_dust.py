"""The amounts that are too small to be sold, as markets state them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.errors import ExchangeUnavailable
from exchange_cache.sync.dust import DUST, dust_limits, remember_dust, stored_dust
from tests.cost.builders import NOW
from tests.sync.test_derivation import closing_at

CLOCK = SetClock(at=NOW)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    with closing_at(tmp_path / "cache") as made:
        yield made


def port(*markets: tuple[str, str, str | None], exchange: str = "kraken") -> Any:
    """An exchange with markets: base, category and the least amount that it trades."""
    listed = {
        str(number): SimpleNamespace(
            base=base, category=category, min_amount=None if least is None else Decimal(least)
        )
        for number, (base, category, least) in enumerate(markets)
    }
    return SimpleNamespace(markets=lambda: listed, policy=SimpleNamespace(exchange=exchange))


def test_the_least_amount_of_any_spot_market_counts() -> None:
    ports = [
        port(("BTC", "spot", "0.001"), ("BTC", "linear", "0.0001"), ("ETH", "spot", None)),
        port(("BTC", "spot", "0.01"), ("XRP", "spot", "0"), ("DOT", "spot", "1.50")),
    ]
    assert dust_limits(ports) == {"kraken": {"BTC": "0.001", "DOT": "1.5"}}


def test_limits_of_earlier_runs_stay(repository: ExchangeCacheRepository) -> None:
    assert stored_dust(repository) == {}
    remember_dust(repository, [port(("BTC", "spot", "1"), ("ETH", "spot", "2"))], CLOCK)
    remember_dust(repository, [port(("ETH", "spot", "3"))], CLOCK)
    assert stored_dust(repository) == {"BTC": 1, "ETH": 3}


def test_an_exchange_without_its_markets_changes_nothing(
    repository: ExchangeCacheRepository,
) -> None:
    remember_dust(repository, [port(("BTC", "spot", "1"))], CLOCK)

    def fails() -> Any:
        raise ExchangeUnavailable("down")

    broken = port()
    broken.markets = fails
    remember_dust(repository, [broken], CLOCK)
    assert stored_dust(repository) == {"BTC": 1}


def test_the_order_in_which_exchanges_are_read_changes_nothing(
    repository: ExchangeCacheRepository,
) -> None:
    one = port(("BTC", "spot", "1"), exchange="kraken")
    other = port(("BTC", "spot", "2"), exchange="bybit")
    for first, second in ((one, other), (other, one)):
        remember_dust(repository, [first], CLOCK)
        remember_dust(repository, [second], CLOCK)
        assert stored_dust(repository) == {"BTC": 1}
    remember_dust(repository, [port(("BTC", "spot", "3"), exchange="kraken")], CLOCK)
    assert stored_dust(repository) == {"BTC": 2}


def test_limits_of_an_earlier_version_count_until_the_next_sync(
    repository: ExchangeCacheRepository,
) -> None:
    repository.progress.remember("", {DUST: {"BTC": "0.5", "ETH": "7"}}, CLOCK.now())
    assert stored_dust(repository) == {"BTC": Decimal("0.5"), "ETH": 7}
    remember_dust(repository, [port(("BTC", "spot", "1"))], CLOCK)
    assert stored_dust(repository) == {"BTC": 1}

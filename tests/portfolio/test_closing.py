"""The end of a run stores what the portfolio is, unless nothing is known."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings
from exchange_cache.portfolio.closing import close_run
from exchange_cache.portfolio.past import PastReader
from exchange_cache.records import DataType
from tests.builders import NOW, balance

SETTINGS = ReadingSettings(
    reporting_asset="USDT", ttl=dict.fromkeys(DataType, timedelta(hours=1)), accounts=("main",)
)


def close(repository: ExchangeCacheRepository) -> tuple:
    clock = SetClock(at=NOW)
    past = PastReader(
        repository,
        clock,
        SETTINGS,
        accounts=("main",),
        reporting_asset="USDT",
        costs_at=lambda moment: (),
    )
    accessor = PortfolioDataAccessor(repository, clock, SETTINGS)
    return close_run(repository, accessor, past, ("main",), clock)


def test_the_portfolio_is_stored_once_a_balance_is_known(tmp_path: Path) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    assert close(repository) == ()
    assert repository.derived.snapshots() == ()
    repository.mirror.replace_balances("main", "spot", [balance("20", "USDT")])
    assert close(repository) == ()
    (snapshot,) = repository.derived.snapshots()
    assert (snapshot.taken_at, snapshot.value) == (NOW, Decimal(20))
    assert snapshot.details["accounts"] == ["main"]
    repository.close()

"""Costs in another asset than the stored one, by rates that are crossed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings, strategies as st

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredRate
from exchange_cache.cache.streams import StreamKey
from exchange_cache.cost.averages import compute_basis
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.money import FIAT
from exchange_cache.records import DataType, Fill, Transfer
from exchange_cache.sync.costs import CostSettings
from exchange_cache.sync.quoted import CrossRates, QuotedCosts, quoted_costs
from exchange_cache.sync.rates import hour_of
from tests.builders import NOW, at, fill
from tests.cost.test_fold import RENAMES, differences
from tests.cost.test_properties import histories
from tests.effort import examples
from tests.sync.test_derivation import closing_at, keep, keep_rate

SETTINGS = CostSettings(reporting_asset="USDT", accounts=("main",))


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    made = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    fills = [
        fill("1", "2", "100", time=at(1)),
        fill("2", "1", "150", time=at(5), side="sell"),
        fill("3", "4", "0.5", symbol="ETH/BTC", time=at(9)),
    ]
    made.ledger.save_page(made.ledger.state(key), fills, NOW)
    yield made
    made.close()


def save_rate(repository: ExchangeCacheRepository, pair: str, hours: float, value: str) -> None:
    asset, quote = pair.split("/")
    rate = StoredRate(
        asset=asset,
        quote=quote,
        at=hour_of(at(hours)),
        resolution_s=3600,
        value=Decimal(value),
        route=(f"{pair}@main",),
    )
    repository.derived.save_rates([rate], NOW)


def of(found: QuotedCosts, asset: str) -> AssetBasis:
    return next(one for one in found.bases if one.asset == asset and one.account is None)


def test_rates_that_are_missing_are_named_and_cost_is_unknown(
    repository: ExchangeCacheRepository,
) -> None:
    found = quoted_costs(repository, SETTINGS, "EUR")
    assert found.missing == {("USDT", hour_of(at(hours))) for hours in (1, 5)}
    assert of(found, "BTC").average_entry_price is None


def test_costs_are_those_of_their_times_in_the_other_asset(
    repository: ExchangeCacheRepository,
) -> None:
    save_rate(repository, "USDT/EUR", 1, "0.8")
    save_rate(repository, "EUR/USDT", 5, "2")  # so one USDT is half a euro
    save_rate(repository, "BTC/USDT", 9, "200")
    save_rate(repository, "USDT/EUR", 9, "0.9")
    found = quoted_costs(repository, SETTINGS, "EUR")
    assert found.missing == frozenset()
    btc = of(found, "BTC")
    # bought 2 at 80, sold 1 at 75 and another 2 (of which 1 is known) for ETH
    assert btc.realised_pnl == Decimal(75) - 80 + (Decimal(180) - 80)
    assert of(found, "ETH").average_entry_price == Decimal("0.5") * 200 * Decimal("0.9")


def test_an_hour_that_no_market_served_is_not_requested_again(
    repository: ExchangeCacheRepository,
) -> None:
    none = StoredRate(
        asset="USDT", quote="EUR", at=hour_of(at(1)), resolution_s=3600, value=None, route=()
    )
    repository.derived.save_rates([none], NOW)
    assert quoted_costs(repository, SETTINGS, "EUR").missing == {("USDT", hour_of(at(5)))}


@settings(max_examples=examples(40), deadline=None, phases=[Phase.generate])
@given(histories(), st.sampled_from(Method), st.sampled_from([AssetEvents(), RENAMES]))
def test_row_by_row_they_are_those_of_all_rows(
    events: list[Fill | Transfer], method: Method, assets: AssetEvents
) -> None:
    with TemporaryDirectory() as folder, closing_at(Path(folder) / "cache") as cache:
        keep(cache, *events)
        for hour in range(0, 40, 3):
            keep_rate(cache, "BTC", hour, str(20 + hour))
        accounts = tuple(sorted({one.account for one in events}))
        cost = CostSettings(
            reporting_asset="USDT", method=str(method), accounts=accounts, assets=assets
        )
        found = quoted_costs(cache, cost, "BTC")
        rates = CrossRates(cache, "BTC", "USDT")
        whole = compute_basis(
            cache.ledger.fills(),
            cache.ledger.transfers(),
            reporting_asset="BTC",
            rates=rates,
            method=method,
            assets=assets,
            cash=FIAT,
        )
        assert differences(found.bases, whole.bases) == []
        assert found.missing == rates.missing

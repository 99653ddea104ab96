"""What a replay cannot know: before the first event, and where a history is out of retention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.portfolio.reach import (
    Unknown,
    negative_findings,
    uncertain_findings,
    unknown_at,
    unknown_findings,
)
from exchange_cache.records import DataType
from tests.builders import NOW, at, fill

HELD = (("main", "BTC"), ("main", "ETH"))
FILLS = (fill(time=at(10)), fill("2", symbol="ETH/USDT", time=at(20)))


def basis(asset: str) -> AssetBasis:
    zero = Decimal(0)
    return AssetBasis(
        asset=asset,
        account="main",
        quantity=zero,
        explained_quantity=zero,
        unknown_quantity=zero,
        cost=zero,
        average_entry_price=None,
        realised_pnl=None,
        fees_paid=None,
    )


ETH_UNTOUCHED = (basis("BTC"), basis("USDT"))


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    made = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    yield made
    made.close()


def unknown(
    repository: ExchangeCacheRepository, moment: datetime, bases: Sequence[AssetBasis] = ()
) -> Unknown:
    return unknown_at(repository, HELD, ("main",), moment, asset="USDT", bases=bases)


def save_fills(repository: ExchangeCacheRepository) -> None:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    repository.ledger.save_page(repository.ledger.state(key), FILLS, NOW)


def save_floor(repository: ExchangeCacheRepository, scope: str, floor: datetime) -> None:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope=scope)
    state = replace(
        repository.ledger.state(key),
        floor_ms=to_ms(floor),
        history_start_ms=0,
        covered=Ranges.of((to_ms(floor), to_ms(NOW))),
    )
    repository.ledger.save_page(state, [], NOW)


def test_before_the_first_event_of_an_account_nothing_of_it_is_known(
    repository: ExchangeCacheRepository,
) -> None:
    (never,) = unknown_findings(unknown(repository, at(9)))
    assert never.message.startswith("no fill or transfer of it is stored")
    save_fills(repository)
    found = unknown(repository, at(9))
    assert (found.accounts, found.places) == ({"main": at(10)}, frozenset())
    (one,) = unknown_findings(found)
    assert one.message == (
        "its stored history begins on 2026-01-01, so nothing is known of what it held before"
    )


def test_before_its_first_event_an_asset_is_not_held(repository: ExchangeCacheRepository) -> None:
    save_fills(repository)
    found = unknown(repository, at(15), ETH_UNTOUCHED)
    assert (found.accounts, found.places) == ({}, {("main", "ETH")})
    (one,) = unknown_findings(found)
    assert one.message == (
        "no fill or transfer of ETH is stored from before that time, so nothing of it is counted"
    )
    assert unknown(repository, at(20), (*ETH_UNTOUCHED, basis("ETH"))).places == frozenset()
    assert unknown(repository, at(15)).places == frozenset(), "without costs none is judged"


def test_where_the_exchange_serves_the_rest_of_a_history_the_remainder_was_held(
    repository: ExchangeCacheRepository,
) -> None:
    save_fills(repository)
    save_floor(repository, "spot", at(5))
    assert unknown(repository, at(6)).accounts == {}
    assert unknown(repository, at(4)).accounts == {"main": at(10)}


def test_an_uncertain_replay_names_which_part_of_the_history_is_missing(
    repository: ExchangeCacheRepository,
) -> None:
    save_floor(repository, "linear", at(24 * 9))
    save_floor(repository, "spot", at(24 * 4))
    (one,) = uncertain_findings(repository, ("main",), at(2), NOW)
    assert one.message == (
        "fills of spot before 2026-01-05, fills of linear futures before 2026-01-10 are not all"
        " stored, so its holdings then are uncertain"
    )
    assert one.hint == "excache status --coverage --account main"
    assert list(uncertain_findings(repository, ("main",), at(24 * 9), NOW)) == []


def test_a_rounding_difference_is_no_impossible_holding() -> None:
    place = ("main", "XLM")
    anchor = {place: Decimal(100)}
    assert list(negative_findings({place: Decimal("-0.00000002")}, anchor)) == []
    (one,) = negative_findings({place: Decimal(-3)}, anchor)
    assert one.message.startswith("by the stored history main would have held -3 XLM")

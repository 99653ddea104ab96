"""The trip-wire between orders and fills: it rings where a fill is missing that should be there,
and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType, Fill, FillKind, Order
from exchange_cache.sync.crosscheck import orders_without_fills
from tests.builders import NOW, dec, fill, order
from tests.sync.fake_port import DAY, policy, stream

SPOT = stream()
SWAPS = stream(scope="swap", category="linear", mixed=True)
MONTH = Ranges.of((to_ms(NOW - 30 * DAY), to_ms(NOW)))
NOW_MS = to_ms(NOW)


@pytest.fixture
def keep(repository: ExchangeCacheRepository) -> Any:
    """Store orders and fills, and that the fills of the last 30 days were asked for."""

    def go(
        *records: Order | Fill, scope: str = "spot", symbol: str = "", covered: Ranges = MONTH
    ) -> None:
        key = StreamKey(account="main", data_type=DataType.FILLS, scope=scope, symbol=symbol)
        fills = [item for item in records if isinstance(item, Fill)]
        repository.ledger.save_page(StreamState(key=key, covered=covered), fills, NOW)
        orders = StreamState(key=replace(key, data_type=DataType.ORDERS))
        repository.ledger.save_page(
            orders, [item for item in records if isinstance(item, Order)], NOW
        )

    return go


def filled(order_id: str = "1", amount: str = "1", *, days_ago: float = 5, **more: Any) -> Order:
    return order(
        order_id, filled=amount, amount=amount, created_at=NOW - timedelta(days=days_ago), **more
    )


def part(fill_id: str, order_id: str | None = "1", amount: str = "1", **more: Any) -> Fill:
    return fill(fill_id, amount, time=NOW - 5 * DAY, order_id=order_id, **more)


def rings(repository: ExchangeCacheRepository, *streams: Any) -> list[str]:
    return [
        found.words()
        for found in orders_without_fills(policy(*(streams or (SPOT,))), repository, "main", NOW_MS)
    ]


def test_a_filled_order_without_a_fill_rings(
    repository: ExchangeCacheRepository, keep: Any
) -> None:
    keep(filled(), filled("2", days_ago=9), part("7", "3"), filled("3"))
    assert rings(repository) == [
        "spot: 2 orders were filled (2026-01-22 … 2026-01-26), but their fills are not all stored:"
        " BTC/USDT 2, BTC/USDT 1"
    ]


@pytest.mark.parametrize(
    ("stored", "rung"),
    [(["1"], False), (["0.4", "0.6"], False), (["0.4"], True), (["0.9999999"], False)],
)
def test_the_fills_of_a_spot_order_must_add_up(
    repository: ExchangeCacheRepository, keep: Any, stored: list[str], rung: bool
) -> None:
    keep(filled(), *(part(str(number), amount=amount) for number, amount in enumerate(stored)))
    assert bool(rings(repository)) is rung


def test_contracts_are_counted_in_many_ways_so_one_fill_is_enough(
    repository: ExchangeCacheRepository, keep: Any
) -> None:
    swap = {"symbol": "BTC/USDT:USDT", "category": "linear"}
    contract = {"settle": "USDT", "contracts": dec("1"), "contract_size": dec("0.01")}
    keep(filled("1", "100", **swap), part("7", amount="0.01", **swap, **contract), scope="swap")
    assert rings(repository, SWAPS) == []
    keep(filled("2", "100", **swap), scope="swap")
    assert "BTC/USDT:USDT 2" in rings(repository, SWAPS)[0]


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(filled(amount="0"), id="nothing was filled"),
        pytest.param(filled(days_ago=31), id="before what is covered"),
        pytest.param(filled(days_ago=0.01), id="just now: its fills may come later"),
        pytest.param(
            filled(days_ago=29.9, updated_at=NOW - timedelta(minutes=5)), id="filled just now"
        ),
        pytest.param(
            filled(category="option", symbol="BTC/USDT:USDT"),
            id="fills of that category are not read",
        ),
    ],
)
def test_what_need_not_be_there_does_not_ring(
    repository: ExchangeCacheRepository, keep: Any, silent: Order
) -> None:
    keep(silent)
    assert rings(repository) == []


def test_a_market_whose_fills_name_no_order_does_not_ring(
    repository: ExchangeCacheRepository, keep: Any
) -> None:
    keep(filled(), part("7", None), filled("2", symbol="ETH/USDT"))
    assert rings(repository) == [
        "spot: 1 order was filled (2026-01-26), but its fills are not all stored: ETH/USDT 2"
    ]


def test_converts_have_no_order_and_silence_nothing(
    repository: ExchangeCacheRepository, keep: Any
) -> None:
    keep(
        filled(), part("7", None, kind=FillKind.CONVERT), part("8", "1", "5", kind=FillKind.CONVERT)
    )
    assert len(rings(repository)) == 1


def test_where_fills_are_asked_per_symbol_only_asked_symbols_ring(
    repository: ExchangeCacheRepository, keep: Any
) -> None:
    keep(filled(), filled("2", symbol="ETH/USDT"), symbol="BTC/USDT")
    assert [words.split(": ")[-1] for words in rings(repository)] == ["BTC/USDT 1"]


def test_other_accounts_fills_do_not_count(repository: ExchangeCacheRepository, keep: Any) -> None:
    keep(filled(), part("7", account="other"))
    assert len(rings(repository)) == 1

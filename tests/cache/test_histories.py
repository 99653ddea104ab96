"""What is stored of histories, as ``status`` reads it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType
from exchange_cache.value.completeness import History
from tests.builders import NOW

SPOT = StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol="BTC/USDT")


def test_histories_are_read_with_their_ranges_in_order_and_without_orders(tmp_path: Path) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    covered = Ranges.of((50, 90), (10, 20))
    state = StreamState(key=SPOT, covered=covered, history_start_ms=10)
    for key in (
        SPOT,
        replace(SPOT, data_type=DataType.ORDERS),
        replace(SPOT, account="other"),
    ):
        repository.ledger.save_state(replace(state, key=key))
    assert repository.ledger.histories(["main"]) == [
        History(
            account="main",
            data_type=DataType.FILLS,
            scope="spot",
            state="ok",
            start_ms=10,
            covered=((10, 20), (50, 90)),
        )
    ]


def basis(asset: str, oversold: str, account: str | None = "main") -> AssetBasis:
    return AssetBasis(
        asset=asset,
        account=account,
        quantity=Decimal(1),
        explained_quantity=Decimal(1),
        unknown_quantity=Decimal(0),
        cost=Decimal(1),
        average_entry_price=Decimal(1),
        realised_pnl=None,
        fees_paid=None,
        oversold_quantity=Decimal(oversold),
    )


def test_assets_of_which_more_was_sold_than_known_are_named_by_account(tmp_path: Path) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    known = [basis("ADA", "2"), basis("BTC", "0"), basis("XRP", "0.5"), basis("ADA", "2", None)]
    repository.derived.replace_bases(Method.AVERAGE, "USDT", known, NOW)
    repository.derived.replace_bases(Method.AVERAGE, "EUR", [basis("ADA", "2")], NOW)
    names = ["main", "other"]
    assert repository.derived.oversold(names, "USDT") == {"main": ("ADA", "XRP")}
    assert repository.derived.oversold(names, "EUR") == {"main": ("ADA",)}

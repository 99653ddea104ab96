"""The markets of an account are found by steps in an index, however many rows each of them has."""

from __future__ import annotations

from exchange_cache.cache.places import ordered_places, traded_assets, traded_places
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.records import DataType, FillKind
from tests.builders import NOW, fill, order
from tests.cache.counting import steps

KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


def test_each_category_and_symbol_is_found_once(repository: ExchangeCacheRepository) -> None:
    linear = {"category": "linear", "symbol": "BTC/USDT:USDT"}
    rows = (
        *(fill(str(number)) for number in range(3)),
        fill("3", symbol="ETH/BTC"),
        fill("4", symbol="USDT/EUR", kind=FillKind.CONVERT),
        fill("5", **linear),
        fill("6", account="other", symbol="X/Y"),
        order("1", symbol="SOL/USDT"),
        order("2", **linear),
    )
    repository.ledger.save_page(StreamState(key=KEY), rows, NOW)
    database = repository._database

    assert traded_places(database, "main") == [
        ("linear", "BTC/USDT:USDT"),
        ("spot", "BTC/USDT"),
        ("spot", "ETH/BTC"),
    ]
    assert ordered_places(database, "main") == [("linear", "BTC/USDT:USDT"), ("spot", "SOL/USDT")]
    assert traded_assets(database, "main") == {"BTC", "USDT", "ETH", "EUR"}
    assert (traded_places(database, "new"), traded_assets(database, "new")) == ([], frozenset())


def test_the_number_of_rows_does_not_matter(repository: ExchangeCacheRepository) -> None:
    counted = []
    for number in (20, 2_000):
        rows = [
            one
            for row in range(number)
            for one in (fill(str(row)), order(str(row)), fill(str(row), symbol="ETH/BTC"))
        ]
        repository.ledger.save_page(StreamState(key=KEY), rows, NOW)
        for find in (traded_places, ordered_places, traded_assets):
            counted.append(steps(repository, lambda find=find: find(repository._database, "main")))

    assert counted[:3] == counted[3:]

"""Doubtful orders: comparing what is new finds what a comparison of all rows finds, however orders
and fills arrive, change and vanish, and whatever is interrupted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings, strategies as st

from exchange_cache.cache.doubts import Contradictions, Doubts
from exchange_cache.cache.missing_fills import orders_behind_fills, orders_not_stored
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.records import DataType, Fill, FillKind, Order
from tests.builders import NOW, fill, order
from tests.cache.counting import steps
from tests.effort import examples

KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
SYMBOLS = ("BTC/USDT", "ETH/USDT")


def keep(repository: ExchangeCacheRepository, *records: Fill | Order) -> None:
    repository.ledger.save_page(StreamState(key=KEY), records, NOW, refresh=True)


def found_by_all(repository: ExchangeCacheRepository) -> list[set[tuple[object, ...]]]:
    database = repository._database
    return names(
        Contradictions(
            beyond=repository.orders_beyond_fills("main"),
            behind=orders_behind_fills(database, "main"),
            not_stored=orders_not_stored(database, "main"),
        )
    )


def names(found: Contradictions) -> list[set[tuple[object, ...]]]:
    return [
        {(one.category, one.symbol, one.order_id, one.created_ms, one.updated_ms) for one in own}
        for own in (found.beyond, found.behind, found.not_stored)
    ]


def settle(doubts: Doubts, *, interrupted: bool = False) -> list[set[tuple[object, ...]]]:
    """A comparison as a run makes it; what it finds."""
    if not doubts.are_complete("main"):
        found = doubts.compare_all("main", NOW)
        if interrupted:
            return names(found)
        doubts.complete("main", every(found), NOW)
    found = doubts.compare("main")
    if not interrupted:
        doubts.keep("main", every(found))
    return names(found)


def every(found: Contradictions) -> list[object]:
    return [*found.beyond, *found.behind, *found.not_stored]


def vanish(repository: ExchangeCacheRepository, table: str, row_id: str) -> None:
    """What ``Revisions`` does with a row that is missed for the second time."""
    data_type, symbol = table.removeprefix("exchange_"), SYMBOLS[0]
    with repository._database.write():
        repository._database.peewee.execute_sql(
            "INSERT OR IGNORE INTO ledger_absences"
            " VALUES ('main', ?, 'spot', ?, ?, '', '', 0, 0, NULL)",
            (data_type, symbol, row_id),
        )
        repository._database.peewee.execute_sql(
            "UPDATE ledger_absences SET vanished_ms = 0 WHERE data_type = ? AND row_id = ?",
            (data_type, row_id),
        )


def remove(repository: ExchangeCacheRepository, table: str, column: str, row_id: str) -> None:
    with repository._database.write():
        repository._database.peewee.execute_sql(
            f"DELETE FROM {table} WHERE {column} = ? AND symbol = ?", (row_id, SYMBOLS[0])
        )


Act = Callable[[ExchangeCacheRepository], object]
ids = st.sampled_from("123")
quantities = st.sampled_from(["0.25", "0.5", "1"])
symbols = st.sampled_from(SYMBOLS)
kinds = st.sampled_from([FillKind.TRADE, FillKind.TRADE, FillKind.LEVERAGED, FillKind.CONVERT])
new_fills = st.builds(
    lambda fill_id, amount, order_id, symbol, kind: (
        lambda cache: keep(
            cache, fill(fill_id, amount, order_id=order_id, symbol=symbol, kind=kind)
        )
    ),
    st.sampled_from("123456"), quantities, st.one_of(ids, ids, ids, st.none()), symbols, kinds,
)  # fmt: skip
new_orders = st.builds(
    lambda order_id, filled, symbol: (
        lambda cache: keep(cache, order(order_id, filled=filled, amount="1", symbol=symbol))
    ),
    ids, st.one_of(quantities, st.just("0")), symbols,
)  # fmt: skip
losses: st.SearchStrategy[Act] = st.one_of(
    st.builds(
        lambda row_id: lambda cache: vanish(cache, "exchange_fills", row_id),
        st.sampled_from("123456"),
    ),
    st.builds(lambda row_id: lambda cache: vanish(cache, "exchange_orders", row_id), ids),
    st.builds(
        lambda row_id: lambda cache: remove(cache, "exchange_fills", "fill_id", row_id),
        st.sampled_from("123456"),
    ),
    st.builds(
        lambda row_id: lambda cache: remove(cache, "exchange_orders", "order_id", row_id), ids
    ),
)
comparisons = st.sampled_from(
    [
        lambda cache: settle(cache.doubts),
        lambda cache: settle(cache.doubts, interrupted=True),
    ]
)


def test_a_fill_of_another_market_names_an_order_that_is_removed(
    repository: ExchangeCacheRepository,
) -> None:
    keep(repository, fill("3", "0.5", order_id="1", symbol=SYMBOLS[1]))
    keep(repository, order("1", filled="0", amount="1", symbol=SYMBOLS[0]))
    assert settle(repository.doubts) == [set(), set(), set()]
    remove(repository, "exchange_orders", "order_id", "1")
    found = names(repository.doubts.compare("main"))
    assert [len(one) for one in found] == [0, 0, 1]
    assert found == found_by_all(repository)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.one_of(new_fills, new_orders, new_fills, losses, comparisons), max_size=30))
def test_what_is_new_shows_what_all_rows_show(acts: list[Act]) -> None:
    with (
        TemporaryDirectory() as folder,
        closing(ExchangeCacheRepository.open(Path(folder) / "cache.sqlite3")) as cache,
    ):
        for act in acts:
            act(cache)
            if cache.doubts.are_complete("main"):
                assert names(cache.doubts.compare("main")) == found_by_all(cache)
        assert settle(cache.doubts) == found_by_all(cache)


def test_orders_that_agree_are_forgotten(repository: ExchangeCacheRepository) -> None:
    keep(repository, order("1", filled="1"), fill("1", "1", order_id="1"))
    settle(repository.doubts)
    assert not repository.doubts.any("main")
    keep(repository, order("2", filled="1"))
    assert repository.doubts.any("main")
    settle(repository.doubts)
    assert [one.order_id for one in repository.doubts.compare("main").beyond] == ["2"]
    keep(repository, fill("2", "1", order_id="2"))
    settle(repository.doubts)
    assert not repository.doubts.any("main")


def test_nothing_is_noted_before_the_first_comparison(repository: ExchangeCacheRepository) -> None:
    keep(repository, order("1", filled="1"))
    assert not repository.doubts.any("main")
    assert not repository.doubts.are_complete("main")
    assert settle(repository.doubts)[0]


def test_a_comparison_takes_as_long_as_what_is_new(repository: ExchangeCacheRepository) -> None:
    counted = []
    for number in (20, 2_000):
        rows = [
            one
            for row in map(str, range(number))
            for one in (order(row, filled="1"), fill(row, "1", order_id=row))
        ]
        keep(repository, *rows)
        settle(repository.doubts)
        new = f"new {number}"
        keep(repository, order(new, filled="1"), fill(new, "1", order_id=new))
        keep(repository, fill(f"{new} too", "1", order_id=f"{new}, not stored"))
        counted.append(steps(repository, lambda: repository.doubts.compare("main")))
    assert counted[1] <= counted[0] * 2 < 1_000

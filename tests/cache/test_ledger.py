"""Ledgers are upserted by natural key, together with the progress of their stream, and nothing is
ever dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.ledger.fill_order import fill_order
from exchange_cache.records import DataType
from tests.builders import NOW, at, fill, order, transfer
from tests.cache.counting import steps

FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol="BTC/USDT")
ORDERS = StreamKey(account="main", data_type=DataType.ORDERS, scope="spot")
TRANSFERS = StreamKey(account="main", data_type=DataType.TRANSFERS, scope="deposits")
LATER = NOW + timedelta(hours=1)


def test_the_same_page_twice_adds_nothing(repository: ExchangeCacheRepository) -> None:
    page = [fill("1"), fill("2")]
    assert repository.ledger.save_page(StreamState(key=FILLS), page, NOW) == 2
    state = repository.ledger.state(FILLS)
    before = repository.dump("exchange_fills")
    assert repository.ledger.save_page(state, page, LATER) == 0

    assert repository.dump("exchange_fills") == before
    assert repository.ledger.state(FILLS).rows == 2


def test_pages_that_overlap_are_merged_by_id(repository: ExchangeCacheRepository) -> None:
    repository.ledger.save_page(StreamState(key=FILLS), [fill("1"), fill("2")], NOW)
    assert (
        repository.ledger.save_page(repository.ledger.state(FILLS), [fill("2"), fill("3")], NOW)
        == 1
    )

    assert [item.fill_id for item in repository.ledger.fills()] == ["1", "2", "3"]


def test_fills_equal_in_time_and_amount_are_two(repository: ExchangeCacheRepository) -> None:
    repository.ledger.save_page(StreamState(key=FILLS), [fill("1", "0.5"), fill("2", "0.5")], NOW)

    assert [item.quantity for item in repository.ledger.fills()] == [Decimal("0.5"), Decimal("0.5")]


def test_one_id_in_two_symbols_is_two_fills(repository: ExchangeCacheRepository) -> None:
    repository.ledger.save_page(
        StreamState(key=FILLS), [fill("1"), fill("1", symbol="ETH/USDT")], NOW
    )

    assert [item.symbol for item in repository.ledger.fills()] == ["BTC/USDT", "ETH/USDT"]


def test_one_id_in_two_accounts_or_categories_is_two(repository: ExchangeCacheRepository) -> None:
    repository.ledger.save_page(
        StreamState(key=FILLS),
        [fill("1"), fill("1", account="other"), fill("1", category="margin")],
        NOW,
    )
    repository.ledger.save_page(
        StreamState(key=ORDERS), [order("1"), order("1", account="other")], NOW
    )
    repository.ledger.save_page(
        StreamState(key=TRANSFERS), [transfer("1"), transfer("1", scope="withdrawals")], NOW
    )

    assert [
        repository.ledger.count(kind)
        for kind in (DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS)
    ] == [3, 2, 2]
    assert repository.ledger.count(DataType.FILLS, "main") == 2


def test_a_bad_version_of_a_fill_is_replaced_when_a_good_one_comes(
    repository: ExchangeCacheRepository,
) -> None:
    repository.ledger.save_page(
        StreamState(key=FILLS), [fill("1", "0.1", time=datetime(1970, 1, 1, tzinfo=UTC))], NOW
    )
    assert (
        repository.ledger.save_page(StreamState(key=FILLS), [fill("1", "0.2"), fill("2")], LATER)
        == 1
    )
    assert repository.ledger.fills() == (fill("1", "0.2"), fill("2"))
    assert repository.ledger.changes() == 1, "averages are derived again"


def test_a_version_of_a_fill_that_says_less_takes_nothing_away_unless_everything_is_asked_again(
    repository: ExchangeCacheRepository,
) -> None:
    whole, less = (
        fill("1", fees=("1 BNB",), order_id="o"),
        fill("1", fees_known=False, order_id=None),
    )
    repository.ledger.save_page(StreamState(key=FILLS), [whole], NOW)
    repository.ledger.save_page(StreamState(key=FILLS), [less], LATER)
    assert (repository.ledger.fills(), repository.ledger.changes()) == ((whole,), 0)

    repository.ledger.save_page(StreamState(key=FILLS), [less], LATER, refresh=True)
    assert (repository.ledger.fills(), repository.ledger.changes()) == ((less,), 1)


def test_fills_of_one_millisecond_are_read_in_the_order_of_their_exchange(
    repository: ExchangeCacheRepository,
) -> None:
    page = [
        fill("z", sequence=0),
        fill("b", symbol="ETH/USDT", sequence=1),
        fill("a", sequence=2),
        fill("10"),
        fill("9"),
    ]
    repository.ledger.save_page(StreamState(key=FILLS), page, NOW)

    found = repository.ledger.fills()
    assert [item.fill_id for item in found] == ["9", "10", "z", "b", "a"]
    assert list(found) == sorted(page, key=fill_order)
    newest = repository.ledger.fills(Filter(newest_first=True, limit=2))
    assert [item.fill_id for item in newest] == ["a", "b"]


def test_a_fill_from_before_gets_its_place_when_it_is_seen_again_and_keeps_it(
    repository: ExchangeCacheRepository,
) -> None:
    for version in (fill("1"), fill("1", sequence=7), fill("1")):
        repository.ledger.save_page(StreamState(key=FILLS), [version], NOW)

    assert [item.sequence for item in repository.ledger.fills()] == [7]
    assert repository.ledger.changes() == 1, "averages are derived again"


def test_an_order_is_updated_and_keeps_the_time_it_was_first_seen(
    repository: ExchangeCacheRepository,
) -> None:
    repository.ledger.save_page(StreamState(key=ORDERS), [order("1", "open")], NOW)
    assert (
        repository.ledger.save_page(
            StreamState(key=ORDERS), [order("1", "closed", filled="1"), order("2")], LATER
        )
        == 1
    )

    assert repository.ledger.orders() == (order("1", "closed", filled="1"), order("2"))
    assert [item.order_id for item in repository.ledger.orders(Filter(seen_since=LATER))] == ["2"]


def test_a_pending_transfer_arrives(repository: ExchangeCacheRepository) -> None:
    repository.ledger.save_page(StreamState(key=TRANSFERS), [transfer("1", status="pending")], NOW)
    assert (
        repository.ledger.save_page(StreamState(key=TRANSFERS), [transfer("1", tx_id="0xabc")], NOW)
        == 0
    )

    assert repository.ledger.transfers() == (transfer("1", tx_id="0xabc"),)


def test_changes_of_known_rows_are_counted_and_repetitions_are_not(
    repository: ExchangeCacheRepository,
) -> None:
    ledger = repository.ledger
    ledger.save_page(
        StreamState(key=TRANSFERS), [transfer("1", status="pending"), transfer("2")], NOW
    )
    ledger.save_page(
        StreamState(key=TRANSFERS), [transfer("1", status="pending"), transfer("2")], NOW
    )
    assert ledger.changes() == 0

    ledger.save_page(StreamState(key=TRANSFERS), [transfer("1"), transfer("2")], NOW)
    assert ledger.changes() == 1

    ledger.save_page(StreamState(key=FILLS), [fill("1", fees_known=False)], NOW)
    ledger.save_page(StreamState(key=FILLS), [fill("1", fees=("1 BNB",))], NOW)
    assert ledger.changes() == 2


def test_one_row_twice_in_a_page_is_one(repository: ExchangeCacheRepository) -> None:
    assert (
        repository.ledger.save_page(
            StreamState(key=ORDERS), [order("1", "open"), order("1", "closed")], NOW
        )
        == 1
    )
    assert repository.ledger.orders() == (order("1", "closed"),)


def test_a_page_of_thousands_fits(repository: ExchangeCacheRepository) -> None:
    page = [order(str(number)) for number in range(1600)]
    assert repository.ledger.save_page(StreamState(key=ORDERS), page, NOW) == 1600
    assert repository.ledger.save_page(StreamState(key=ORDERS), page, NOW) == 0


def test_rows_coverage_and_cursor_are_written_together(repository: ExchangeCacheRepository) -> None:
    state = StreamState(
        key=FILLS,
        covered=Ranges.of((0, 10), (20, 30)),
        open=Span(40, 50),
        cursor={"cursor": "abc", "ids": ["1"]},
        last_id="7",
        floor_ms=0,
        history_start_ms=0,
        asked_ms=5,
        completed_ms=6,
        source="held",
    )
    repository.ledger.save_page(state, [fill("1")], NOW)

    assert repository.ledger.state(FILLS) == replace(state, rows=1)
    assert repository.ledger.states() == (replace(state, rows=1),)


@pytest.mark.parametrize("boom", [RuntimeError, KeyboardInterrupt])
def test_a_kill_between_rows_and_progress_leaves_neither(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch, boom: type[BaseException]
) -> None:
    repository.ledger.save_page(
        StreamState(key=FILLS, covered=Ranges.of((0, 10))), [fill("1")], NOW
    )
    before = {table: repository.dump(table) for table in repository.table_counts()}

    def die(state: StreamState) -> None:
        raise boom

    with monkeypatch.context() as patch:
        patch.setattr(repository.ledger, "_save_state", die)
        with pytest.raises(boom):
            repository.ledger.save_page(
                StreamState(key=FILLS, covered=Ranges.of((0, 20)), cursor={"id": "2"}),
                [fill("2")],
                NOW,
            )

    assert {table: repository.dump(table) for table in repository.table_counts()} == before


def test_a_kill_after_the_coverage_was_deleted_leaves_it(
    repository: ExchangeCacheRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.ledger.save_page(
        StreamState(key=FILLS, covered=Ranges.of((0, 10))), [fill("1")], NOW
    )

    def die(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("exchange_cache.cache.ledger.insert_many", die)
    with pytest.raises(KeyboardInterrupt):
        repository.ledger.save_state(StreamState(key=FILLS, covered=Ranges.of((0, 20))))

    assert repository.ledger.state(FILLS).covered == Ranges.of((0, 10))


def test_coverage_is_kept_per_symbol_scope_type_and_account(
    repository: ExchangeCacheRepository,
) -> None:
    keys = [
        FILLS,
        replace(FILLS, symbol="ETH/USDT"),
        replace(FILLS, scope="linear"),
        replace(FILLS, data_type=DataType.ORDERS),
        replace(FILLS, account="other"),
    ]
    for number, key in enumerate(keys):
        repository.ledger.save_state(StreamState(key=key, covered=Ranges.of((number, 100))))

    assert [repository.ledger.state(key).covered for key in keys] == [
        Ranges.of((number, 100)) for number in range(5)
    ]
    assert {state.key: state.covered for state in repository.ledger.states()} == {
        key: Ranges.of((number, 100)) for number, key in enumerate(keys)
    }
    assert len(repository.ledger.states("main")) == 4
    assert len(repository.ledger.states("main", DataType.FILLS)) == 3


def test_a_stream_never_asked_is_blank(repository: ExchangeCacheRepository) -> None:
    assert repository.ledger.state(FILLS) == StreamState(key=FILLS)
    assert repository.ledger.states() == ()


def test_discovered_symbols_are_remembered_without_touching_known_ones(
    repository: ExchangeCacheRepository,
) -> None:
    known = StreamState(key=FILLS, covered=Ranges.of((0, 10)), source="traded")
    repository.ledger.save_state(known)
    other = replace(FILLS, symbol="ETH/USDT")
    repository.ledger.add_streams([(FILLS, "sweep"), (other, "held")])
    repository.ledger.add_streams([])

    assert repository.ledger.states() == (known, StreamState(key=other, source="held"))


def test_fills_are_read_by_a_filter(repository: ExchangeCacheRepository) -> None:
    made = [
        fill("1", time=at(1)),
        fill("2", symbol="ETH/BTC", time=at(2)),
        fill("3", symbol="DOGE/USDT", time=at(3)),
        fill("4", account="other", time=at(4)),
    ]
    repository.ledger.save_page(StreamState(key=FILLS), made, NOW)

    def ids(**fields: Any) -> list[str]:
        return [item.fill_id for item in repository.ledger.fills(Filter(**fields))]

    assert ids() == ["1", "2", "3", "4"]
    assert ids(newest_first=True, limit=2) == ["4", "3"]
    assert ids(asset="BTC") == ["1", "2", "4"]
    assert ids(accounts=["other"]) == ["4"]
    assert ids(accounts=[]) == []
    assert ids(symbol="ETH/BTC") == ["2"]
    assert ids(since=at(2), until=at(4)) == ["2", "3"]
    assert ids(kind="convert") == []
    assert ids(seen_since=LATER) == []


def test_a_misspelt_filter_is_refused() -> None:
    with pytest.raises(TypeError, match="acounts"):
        Filter(acounts=["main"])  # type: ignore[call-arg]


def test_what_an_account_ever_touched_is_listed(repository: ExchangeCacheRepository) -> None:
    ledger = repository.ledger
    ledger.save_page(
        StreamState(key=FILLS),
        [fill("1"), fill("2", symbol="ETH/BTC"), fill("3", symbol="X/Y", account="other")],
        NOW,
    )
    ledger.save_page(StreamState(key=ORDERS), [order("1", symbol="SOL/USDT")], NOW)
    ledger.save_page(
        StreamState(key=TRANSFERS),
        [transfer("1", asset="XRP"), transfer("2", symbol="BTC/USDT:USDT")],
        NOW,
    )

    assert ledger.seen_symbols("main", "spot") == {"BTC/USDT", "ETH/BTC", "SOL/USDT"}
    assert ledger.seen_symbols("main", "linear") == frozenset()
    assert ledger.seen_assets("main") == {"BTC", "USDT", "ETH", "XRP"}
    assert ledger.seen_transfer_symbols("main") == {"BTC/USDT:USDT"}


def test_the_oldest_order_without_an_end_is_found(repository: ExchangeCacheRepository) -> None:
    made = [
        order("1", "closed", created_at=at(1)),
        order("2", "unknown", created_at=at(3), symbol="ETH/USDT"),
        order("3", "unknown", created_at=at(4)),
        order("4", "unknown", created_at=at(0), account="other"),
    ]
    repository.ledger.save_page(StreamState(key=ORDERS), made, NOW)

    found = [
        repository.ledger.oldest_unsettled_order("main", "spot", symbol)
        for symbol in (None, "BTC/USDT", "SOL/USDT")
    ]
    assert [item and item[1] for item in found] == ["2", "3", None]


def test_orders_with_an_end_are_not_read_for_the_oldest_without_one(
    repository: ExchangeCacheRepository,
) -> None:
    def search() -> object:
        return repository.ledger.oldest_unsettled_order("main", "spot", None)

    counted = []
    for number in (20, 2_000):
        ended = [order(str(one), "closed", created_at=at(one % 900)) for one in range(number)]
        repository.ledger.save_page(StreamState(key=ORDERS), ended, NOW)
        counted.append(
            steps(
                repository, lambda: repository.ledger.oldest_unsettled_order("main", "spot", None)
            )
        )
    assert repository.ledger.oldest_unsettled_order("main", "spot", None) is None
    assert 0 < counted[1] <= counted[0] * 1.1


def test_the_oldest_transfer_on_its_way_is_found(repository: ExchangeCacheRepository) -> None:
    made = [
        transfer(str(hour), time=at(hour), status=status)
        for hour, status in ((1, "pending"), (2, "ok"), (3, "pending"))
    ]
    repository.ledger.save_page(StreamState(key=TRANSFERS), made, NOW)
    ms = [int(at(hour).timestamp() * 1000) for hour in range(5)]

    assert repository.ledger.oldest_pending_transfer("main", "deposits", 0) == ms[1]
    assert repository.ledger.oldest_pending_transfer("main", "deposits", ms[2]) == ms[3]
    assert repository.ledger.oldest_pending_transfer("main", "withdrawals", 0) is None

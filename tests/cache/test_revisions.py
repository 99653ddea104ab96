"""Former versions of rows are kept, and what its history no longer serves leaves what counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.revision_models import row_key
from exchange_cache.cache.revisions import CONFIRMED_AFTER
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType, Fill, Order, Transfer
from tests.builders import NOW, fill, order, transfer

FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
ORDERS = StreamKey(account="main", data_type=DataType.ORDERS, scope="spot")
DEPOSITS = StreamKey(account="main", data_type=DataType.TRANSFERS, scope="deposits")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SINCE = NOW - 3 * DAY
HOUR_MS = 3_600_000
LATER = NOW + HOUR


def store(
    repository: ExchangeCacheRepository,
    *records: Fill | Order | Transfer,
    key: StreamKey = FILLS,
    at: datetime = NOW,
    **more: Any,
) -> None:
    repository.ledger.save_page(StreamState(key=key), records, at, **more)


def compare(
    repository: ExchangeCacheRepository,
    *served: Fill | Order | Transfer,
    key: StreamKey = FILLS,
    at: datetime = NOW,
    since: datetime = SINCE,
) -> None:
    span = Span(to_ms(since), to_ms(at))
    keys = set(map(row_key, served))
    repository.ledger.revisions.compare(key, span, keys, at, HOUR_MS)


def changes(repository: ExchangeCacheRepository) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (one.row_id, one.what, {each.field: (each.before, each.after) for each in one.changes})
        for one in repository.ledger.revisions.afterwards()
    ]


def ids(repository: ExchangeCacheRepository, **more: Any) -> list[str]:
    return [one.fill_id for one in repository.ledger.fills(Filter(**more))]


KEPT = fill("1", time=NOW - 2 * DAY)
GONE = fill("2", time=NOW - 1 * DAY)

# --- versions -------------------------------------------------------------------------------------


def test_the_former_version_of_a_fill_is_kept(repository: ExchangeCacheRepository) -> None:
    for version in (fill("1", "0.3"), fill("1", "0.2"), fill("1", "0.1")):
        store(repository, version)

    assert changes(repository) == [
        ("1", "changed", {"quantity": ("0.3", "0.2"), "cost": ("30", "20")}),
        ("1", "changed", {"quantity": ("0.2", "0.1"), "cost": ("20", "10")}),
    ]
    assert ids(repository) == ["1"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(fill("1"), fill("1", sequence=3), id="its place"),
        pytest.param(
            fill("1", fees_known=False), fill("1", fees=("1 BNB",)), id="fees that were unknown"
        ),
        pytest.param(fill("1"), fill("1", order_id="o", liquidity="maker"), id="what it came from"),
    ],
)
def test_what_an_exchange_states_in_addition_is_no_change(
    repository: ExchangeCacheRepository, before: Fill, after: Fill
) -> None:
    store(repository, before)
    store(repository, after)

    assert changes(repository) == []


def test_an_order_that_ended_and_one_that_goes_on_differ(
    repository: ExchangeCacheRepository,
) -> None:
    store(repository, order("1", "open"), order("2", "closed"), key=ORDERS)
    store(repository, order("1", "closed"), order("2", "canceled"), key=ORDERS)

    assert changes(repository) == [("2", "changed", {"status": ("closed", "canceled")})]


def test_a_transfer_that_was_on_its_way_has_no_former_version(
    repository: ExchangeCacheRepository,
) -> None:
    store(repository, transfer("1", status="pending"), key=DEPOSITS)
    store(repository, transfer("1"), key=DEPOSITS)
    store(repository, transfer("1", status="failed"), key=DEPOSITS)

    assert changes(repository) == [("1", "changed", {"status": ("ok", "failed")})]


# --- absences -------------------------------------------------------------------------------------


def test_a_row_that_is_missed_once_counts_on(repository: ExchangeCacheRepository) -> None:
    store(repository, KEPT, GONE)
    compare(repository, KEPT)

    assert ids(repository) == ["1", "2"]
    assert repository.ledger.revisions.missed("main") == {("fills/spot", ""): to_ms(GONE.time)}


def test_a_row_that_is_missed_twice_leaves_what_counts(repository: ExchangeCacheRepository) -> None:
    store(repository, KEPT, GONE)
    before = repository.ledger.changes()
    compare(repository, KEPT)
    compare(repository, KEPT, at=LATER)

    assert ids(repository) == ["1"]
    assert ids(repository, vanished=True) == ["1", "2"]
    assert repository.ledger.changes() == before + 1, "averages are derived again"
    assert repository.ledger.revisions.vanished(DataType.FILLS) == {GONE.key: LATER}
    assert repository.ledger.revisions.missed("main") == {}
    assert changes(repository) == [("2", "vanished", {})]


def test_two_answers_within_half_an_hour_are_one(repository: ExchangeCacheRepository) -> None:
    store(repository, GONE)
    for wait in (timedelta(0), CONFIRMED_AFTER - timedelta(seconds=1)):
        compare(repository, at=NOW + wait)
    assert ids(repository) == ["2"]

    compare(repository, at=NOW + CONFIRMED_AFTER)
    assert ids(repository) == []


def test_a_row_that_is_served_in_between_is_not_missed(repository: ExchangeCacheRepository) -> None:
    store(repository, GONE)
    compare(repository)
    store(repository, GONE)
    compare(repository, at=LATER)

    assert ids(repository) == ["2"]
    assert changes(repository) == []


def test_a_vanished_row_returns_when_it_is_served(repository: ExchangeCacheRepository) -> None:
    store(repository, GONE)
    compare(repository)
    compare(repository, at=LATER)
    before = repository.ledger.changes()
    store(repository, GONE, at=LATER + HOUR)

    assert ids(repository) == ["2"]
    assert repository.ledger.changes() == before + 1, "averages are derived again"
    assert [what for _, what, _ in changes(repository)] == ["vanished", "returned"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"time": SINCE - HOUR}, id="before the time that was asked"),
        pytest.param({"time": SINCE + HOUR / 2}, id="so near its beginning that it proves nothing"),
        pytest.param({"time": NOW + HOUR}, id="after it"),
    ],
)
def test_a_row_outside_of_what_was_asked_is_not_missed(
    repository: ExchangeCacheRepository, more: dict[str, Any]
) -> None:
    store(repository, fill("2", **more))
    compare(repository)

    assert not repository.ledger.revisions.any()


@pytest.mark.parametrize(
    "other",
    [
        StreamKey(account="main", data_type=DataType.FILLS, scope="spot-classic"),
        StreamKey(account="other", data_type=DataType.FILLS, scope="spot"),
        StreamKey(account="main", data_type=DataType.TRANSFERS, scope="spot"),
    ],
)
def test_a_history_misses_only_rows_that_came_with_it(
    repository: ExchangeCacheRepository, other: StreamKey
) -> None:
    store(repository, fill("2", account=other.account, time=GONE.time), key=other)
    compare(repository)

    assert not repository.ledger.revisions.any()


def test_a_history_of_one_symbol_misses_no_row_of_another(
    repository: ExchangeCacheRepository,
) -> None:
    store(repository, GONE)
    compare(repository, key=StreamKey(**{**_fields(FILLS), "symbol": "ETH/USDT"}))
    assert not repository.ledger.revisions.any()

    compare(repository, key=StreamKey(**{**_fields(FILLS), "symbol": GONE.symbol}))
    assert repository.ledger.revisions.any()


def _fields(key: StreamKey) -> dict[str, Any]:
    return {"account": key.account, "data_type": key.data_type, "scope": key.scope}


def test_only_orders_that_filled_something_are_missed(repository: ExchangeCacheRepository) -> None:
    at = NOW - DAY
    empty = order("1", "canceled", created_at=at, filled=None)
    filled = order("2", "closed", created_at=at, filled="1")
    open_ = order("3", "open", created_at=at, filled="1")
    store(repository, empty, filled, open_, key=ORDERS)
    compare(repository, key=ORDERS)

    assert [one.row.row_id for one in repository.ledger.revisions.absences()] == ["2"]


def test_a_transfer_that_vanished_is_read_by_nobody_who_counts(
    repository: ExchangeCacheRepository,
) -> None:
    store(repository, transfer("1", time=NOW - DAY), key=DEPOSITS)
    compare(repository, key=DEPOSITS)
    compare(repository, key=DEPOSITS, at=LATER)

    assert repository.ledger.transfers() == ()
    assert len(repository.ledger.transfers(Filter(vanished=True))) == 1


def test_rows_that_cannot_be_asked_for_again_are_not_missed_for_ever(
    repository: ExchangeCacheRepository,
) -> None:
    store(repository, KEPT, GONE)
    compare(repository)
    repository.ledger.revisions.give_up("main", ("fills/spot", ""), to_ms(GONE.time))

    assert [one.row.row_id for one in repository.ledger.revisions.absences()] == ["2"]


def test_forgetting_an_account_forgets_its_versions(repository: ExchangeCacheRepository) -> None:
    store(repository, KEPT, GONE)
    compare(repository)
    store(repository, fill("1", "0.7", time=KEPT.time))
    repository.forget_account("main")

    assert repository.dump("ledger_versions") == repository.dump("ledger_absences") == []

"""Which stored times and rows are faulty, and how far a stream is cut back: the decisions, and each
repair on a small cache.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.plan import plan_stream
from exchange_cache.sync.repair_scene import DAY_MS, HOUR_MS
from exchange_cache.sync.repairs import repair, right_memory
from tests.builders import NOW, at, fill, order, transfer

NOW_MS = to_ms(NOW)
EXCHANGES = {"main": "bybit"}
KEY = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")

#: On a server its clock, which is no test's, confirms times first (`test_repairs_shared.py`).
ONE_CLOCK = pytest.mark.sqlite


def _run(repository: ExchangeCacheRepository, started: datetime) -> None:
    run = repository.progress.begin_run("sync", 1, started)
    repository.progress.end_run(run, "ok", started + timedelta(minutes=1), requests=1, row_count=1)


def _covered(
    repository: ExchangeCacheRepository, start: datetime, end: datetime, key: StreamKey = KEY
) -> None:
    end_ms = to_ms(end)
    state = StreamState(
        key=key, covered=Ranges.of((to_ms(start), end_ms)), asked_ms=end_ms, completed_ms=end_ms
    )
    repository.ledger.save_state(state)


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("last_request_ms", NOW_MS + DAY_MS, 0),
        ("last_request_ms", NOW_MS - 5, NOW_MS - 5),
        ("markets_at", NOW_MS + DAY_MS, 0),
        (
            "used",
            {"api": [0.9, NOW_MS + DAY_MS], "sapi": [0.1, NOW_MS + 30_000]},
            {"sapi": [0.1, NOW_MS + 30_000]},
        ),
        ("dear", [[NOW_MS + DAY_MS, 30.0], [NOW_MS - 9, 30.0]], [[NOW_MS - 9, 30.0]]),
        ("time_difference", 86_400_000, None),
        ("pause kraken", {"until_ms": NOW_MS + DAY_MS + 900_000, "banned": True}, None),
        ("options", {"hf": True}, {"hf": True}),
    ],
)
def test_what_a_clock_ahead_left_in_the_memory(key: str, value: object, right: object) -> None:
    assert right_memory(key, value, NOW_MS + DAY_MS, NOW_MS) == right


def test_a_pause_noted_by_a_right_clock_stays() -> None:
    pause = {"until_ms": NOW_MS + DAY_MS, "banned": True}
    assert right_memory("pause binance", pause, NOW_MS - HOUR_MS, NOW_MS) == pause


@ONE_CLOCK
def test_coverage_that_a_clock_ahead_claimed_lately_is_asked_again_though_its_time_has_passed(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    for hours in (-96, -95, -48, -94, -93, -1):  # the third was two days ahead
        _run(repository, NOW + timedelta(hours=hours))
    _covered(repository, at(-900), NOW - timedelta(hours=1))
    lines = repair(repository, NOW, EXCHANGES)
    trusted, claimed = (
        NOW - timedelta(hours=95 + 24),
        NOW - timedelta(hours=48) + timedelta(minutes=6),
    )
    assert repository.ledger.state(KEY).covered == Ranges.of(
        (to_ms(at(-900)), to_ms(trusted)), (to_ms(claimed), to_ms(NOW - timedelta(hours=1)))
    )
    assert len(lines) == 2
    assert repair(repository, NOW, EXCHANGES) == ()


@ONE_CLOCK
def test_a_cut_history_is_planned_from_the_trustworthy_moment_on(
    repository: ExchangeCacheRepository,
) -> None:
    from exchange_cache.exchanges import policy_for

    stream = next(
        item
        for item in policy_for("bybit").streams
        if (item.data_type, item.scope) == (DataType.FILLS, "spot")
    )
    _run(repository, NOW - timedelta(days=2))
    _run(repository, NOW + timedelta(days=30))
    _covered(repository, NOW - timedelta(days=500), NOW + timedelta(days=30))
    repair(repository, NOW, EXCHANGES)
    asked = [
        window.span
        for window in plan_stream(stream, repository.ledger.state(KEY), NOW_MS).windows
        if window.span is not None
    ]
    trusted_ms = to_ms(NOW - timedelta(days=3))
    again = Ranges.union_of(asked)
    assert again.covers(Span(trusted_ms, NOW_MS))
    assert not again.contains(trusted_ms - 2 * DAY_MS), "not before the settling time of four days"


def test_a_clock_that_is_behind_repairs_no_time(repository: ExchangeCacheRepository) -> None:
    _run(repository, NOW)
    _covered(repository, at(-900), NOW)
    repository.ledger.save_page(
        repository.ledger.state(KEY), [fill(time=NOW - timedelta(hours=1))], NOW
    )
    before = repository.ledger.state(KEY)
    assert repair(repository, NOW - timedelta(days=365), EXCHANGES) == ()
    assert repository.ledger.state(KEY) == before


@ONE_CLOCK
@pytest.mark.parametrize(("late", "kept"), [(1, 1), (5, 2)])
def test_a_snapshot_of_the_future_is_deleted_unless_most_runs_lie_ahead_too(
    repository: ExchangeCacheRepository, late: int, kept: int
) -> None:
    for days in (-3, -2, *range(9, 9 + late)):
        _run(repository, NOW + timedelta(days=days))
    for days in (-2, 9):
        repository.derived.add_snapshot(
            Snapshot(
                taken_at=NOW + timedelta(days=days),
                reporting_asset="USDT",
                value=Decimal(1),
                stale_value=Decimal(0),
                details={},
            )
        )
    repair(repository, NOW, EXCHANGES)
    assert len(repository.derived.snapshots()) == kept


@pytest.mark.parametrize("year", [1970, 2150])
def test_rows_of_an_impossible_date_are_deleted_and_their_histories_opened(
    repository: ExchangeCacheRepository, year: int
) -> None:
    moment = datetime(year, 1, 1, tzinfo=NOW.tzinfo)
    own = StreamKey(account="main", data_type=DataType.FILLS, scope="linear")
    orders = StreamKey(account="main", data_type=DataType.ORDERS, scope="spot")
    deposits = StreamKey(account="main", data_type=DataType.TRANSFERS, scope="deposits")
    others = StreamKey(account="other", data_type=DataType.FILLS, scope="spot")
    for key in (KEY, own, orders, deposits, others):
        _covered(repository, at(-900), NOW, key)
    rows = [
        fill("1"),
        fill("2", time=moment),
        order("1", created_at=moment),
        transfer("1", time=moment),
        transfer("2"),
    ]
    repository.ledger.save_page(repository.ledger.state(KEY), rows, NOW)
    assert repair(repository, NOW, EXCHANGES) == (
        "main: 1 fill, 1 order, 1 transfer with an impossible date (1970 or so), deleted; "
        "their histories are fetched again",
    )
    assert [item.fill_id for item in repository.ledger.fills()] == ["1"]
    assert repository.ledger.orders() == ()
    assert [item.transfer_id for item in repository.ledger.transfers()] == ["2"]
    for key in (KEY, own, orders, deposits):
        state = repository.ledger.state(key)
        assert (state.covered.end_ms or 0, state.completed_ms) != (NOW_MS, NOW_MS)
    assert repository.ledger.state(others).covered.end_ms == NOW_MS
    assert repair(repository, NOW, EXCHANGES) == ()


@pytest.mark.parametrize(
    "fault",
    [
        "quantity = '-1'",
        "price = 'NaN'",
        "price = ''",
        "cost = 'Infinity'",
        f"cost = '1{'0' * 120}'",
        "side = 'bought'",
        "kind = 'x'",
    ],
)
def test_a_fill_that_no_record_takes_is_deleted_and_asked_again(
    repository: ExchangeCacheRepository, fault: str
) -> None:
    _covered(repository, at(-900), NOW)
    repository.ledger.save_page(repository.ledger.state(KEY), [fill("1"), fill("2")], NOW)
    repository._database.peewee.execute_sql(
        f"UPDATE exchange_fills SET {fault} WHERE fill_id = '2'"
    )
    assert repair(repository, NOW, EXCHANGES) == (
        "main: 1 fill with impossible figures or words, deleted; their histories are fetched again",
    )
    assert [item.fill_id for item in repository.ledger.fills()] == ["1"]


@pytest.mark.parametrize(("filled", "cost"), [("0.1", None), ("0.2", "20"), ("0.1", "99")])
def test_a_fill_whose_order_reports_other_figures_is_asked_again_once(
    repository: ExchangeCacheRepository, filled: str, cost: str | None
) -> None:
    _covered(repository, at(-900), NOW)
    rows = [
        fill("1", order_id="7", time=at(5)),
        order("7", filled=filled, cost=None, created_at=at(5)),
    ]
    repository.ledger.save_page(repository.ledger.state(KEY), rows, NOW)
    if cost is not None:
        repository._database.peewee.execute_sql("UPDATE exchange_orders SET cost = ?", (cost,))
    lines = repair(repository, NOW, EXCHANGES)
    if cost is None:
        assert lines == ()
        return
    assert lines == ("main: 1 fill that contradict themselves or their order, to be fetched again",)
    assert not repository.ledger.state(KEY).covered.contains(to_ms(at(5)))
    assert repository.ledger.state(KEY).covered.contains(to_ms(at(7)))
    assert repair(repository, NOW, EXCHANGES) == ()

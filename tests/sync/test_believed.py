"""A history marked as read into the future is asked again from the newest row that proves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from exchange_cache.adapter.policy import CursorPaging, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.ledger.coverage import Ranges, Span, cut_where_the_clock_was_ahead
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.plan import is_of_the_future, plan_stream, rests, without_the_future
from exchange_cache.sync.report import AccountReport
from tests.builders import NOW, fill, order, transfer
from tests.sync.fake_port import DAY, HOUR, Event, FakeExchange, Killed, policy, stream

NOW_MS, BEGIN_MS = to_ms(NOW), to_ms(NOW - 10 * DAY)
D = 86_400_000


def walked(data_type: DataType, scope: str) -> StreamPolicy:
    paging = CursorPaging(path="next")
    return stream(
        data_type, scope, history_start_ms=BEGIN_MS, paging=paging, page_size=3, window=4 * DAY
    )


FILLS, ORDERS = walked(DataType.FILLS, "spot"), walked(DataType.ORDERS, "spot")
DEPOSITS = walked(DataType.TRANSFERS, "deposits")


@pytest.mark.parametrize(
    ("covered", "known", "believed"),
    [
        pytest.param([(0, 90), (95, 100)], 50, [(0, 90), (95, 100)], id="up to now: all of it"),
        pytest.param([], None, [], id="nothing"),
        pytest.param([(0, 130)], 60, [(0, 60)], id="beyond now: up to the newest row"),
        pytest.param([(0, 70), (80, 130)], 60, [(0, 60)], id="also what lies before a gap"),
        pytest.param([(0, 130)], None, [], id="without a row: none of it"),
        pytest.param([(0, 130)], 120, [(0, 100)], id="a row of the future: up to now"),
    ],
)
def test_coverage_of_the_future_is_cut_at_what_was_certainly_read(
    covered: list[tuple[int, int]], known: int | None, believed: list[tuple[int, int]]
) -> None:
    assert cut_where_the_clock_was_ahead(Ranges.of(*covered), 100, known) == Ranges.of(*believed)


def state(**more: object) -> StreamState:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    return StreamState(key=key, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stored", "believed"),
    [
        pytest.param({"asked_ms": NOW_MS + D}, {}, id="asked"),
        pytest.param({"completed_ms": NOW_MS + D}, {}, id="completed"),
        pytest.param({"floor_ms": NOW_MS + D}, {}, id="floor"),
        pytest.param(
            {"open": Span(NOW_MS - D, NOW_MS + D), "cursor": {"a": 1}}, {}, id="an open window"
        ),
        pytest.param(
            {"asked_ms": NOW_MS + D, "open": Span(NOW_MS - D, NOW_MS), "cursor": {"a": 1}},
            {"open": Span(NOW_MS - D, NOW_MS), "cursor": {"a": 1}},
            id="an open window of the past stays",
        ),
        pytest.param(
            {"asked_ms": NOW_MS + 4000}, {"asked_ms": NOW_MS + 4000}, id="four seconds are no fault"
        ),
    ],
)
def test_every_time_of_the_future_in_a_progress_is_forgotten(
    stored: dict[str, object], believed: dict[str, object]
) -> None:
    assert without_the_future(FILLS, state(**stored), NOW_MS, None) == state(**believed)


def test_what_can_no_longer_be_asked_stays_covered() -> None:
    kept = stream(history_start_ms=BEGIN_MS, retention=3 * DAY)
    believed = without_the_future(
        kept, state(covered=Ranges.of((BEGIN_MS, NOW_MS + D))), NOW_MS, BEGIN_MS + 1
    )
    assert believed.covered == Ranges.of((BEGIN_MS, NOW_MS - 3 * D + 60_000))


def test_a_history_asked_in_the_future_does_not_rest() -> None:
    frozen = stream(recheck=timedelta(days=7))
    stored = state(asked_ms=NOW_MS + D, state="not_offered")
    believed = without_the_future(frozen, stored, NOW_MS, None)
    assert is_of_the_future(stored, NOW_MS) and not is_of_the_future(believed, NOW_MS)
    assert not rests(frozen, believed, plan_stream(frozen, believed, NOW_MS), NOW_MS)


# --- a whole run -----------------------------------------------------------------------------


@pytest.fixture
def exchange(clock: SetClock) -> FakeExchange:
    """One row of each kind, two days old."""
    made = FakeExchange(policy(FILLS, ORDERS, DEPOSITS), clock=clock)
    made.add(
        DataType.FILLS, "spot", Event(1, to_ms(NOW - 2 * DAY), fill("1", time=NOW - 2 * DAY), "")
    )
    made.add(
        DataType.ORDERS,
        "spot",
        Event(1, to_ms(NOW - 2 * DAY), order("1", created_at=NOW - 2 * DAY), ""),
    )
    made.add(
        DataType.TRANSFERS,
        "deposits",
        Event(1, to_ms(NOW - 2 * DAY), transfer("1", time=NOW - 2 * DAY), ""),
    )
    return made


@pytest.fixture
def sync(
    repository: ExchangeCacheRepository, exchange: FakeExchange, clock: SetClock
) -> Callable[..., AccountReport]:
    def run(**options: object) -> AccountReport:
        chosen = RunOptions(**options)  # type: ignore[arg-type]
        return AccountRun(exchange, repository, clock, chosen).run()

    return run


@pytest.mark.parametrize(
    "pause", [timedelta(hours=3), timedelta(days=1), timedelta(days=2, hours=23)], ids=str
)
def test_what_happened_while_the_clock_was_ahead_is_fetched_by_the_first_sync_after(
    repository: ExchangeCacheRepository,
    exchange: FakeExchange,
    clock: SetClock,
    sync: Callable[..., AccountReport],
    pause: timedelta,
) -> None:
    clock.at = NOW + 3 * DAY
    assert sync().ok
    clock.at = NOW + pause
    late = NOW + HOUR  # after the run, and long before the time that it noted
    exchange.add(DataType.FILLS, "spot", Event(2, to_ms(late), fill("2", time=late), ""))
    exchange.add(DataType.ORDERS, "spot", Event(2, to_ms(late), order("2", created_at=late), ""))
    exchange.add(
        DataType.TRANSFERS, "deposits", Event(2, to_ms(late), transfer("2", time=late), "")
    )

    report = sync()
    assert report.notes == (
        "the clock was ahead in an earlier run, which stored future times for fills spot, "
        "orders spot, transfers deposits (up to 2026-02-03 12:00 UTC); "
        "fetched again from 2026-01-29 on",
    )
    assert {fill.fill_id for fill in repository.ledger.fills()} == {"1", "2"}
    assert {order.order_id for order in repository.ledger.orders()} == {"1", "2"}
    assert {transfer.transfer_id for transfer in repository.ledger.transfers()} == {"1", "2"}
    assert {each.covered.end_ms for each in repository.ledger.states("main")} == {to_ms(clock.at)}
    assert sync().notes == (), "said once"


def test_an_open_order_seen_since_proves_nothing_of_the_history(
    repository: ExchangeCacheRepository, clock: SetClock, sync: Callable[..., AccountReport]
) -> None:
    clock.at = NOW + 3 * DAY
    sync()
    clock.at = NOW + HOUR
    seen = order("9", "open", created_at=NOW + HOUR / 2)
    repository.mirror.replace_open_orders("main", "spot", [seen], to_ms(clock.at))
    assert repository.newest_time(
        StreamKey(account="main", data_type=DataType.ORDERS, scope="spot"),
        to_ms(clock.at),
        "spot",
        fill().kind,
    ) == to_ms(NOW - 2 * DAY)


def test_a_run_that_is_killed_at_once_does_not_make_the_future_believed_again(
    repository: ExchangeCacheRepository,
    exchange: FakeExchange,
    clock: SetClock,
    sync: Callable[..., AccountReport],
) -> None:
    clock.at = NOW + 3 * DAY
    sync()
    clock.at = NOW + HOUR
    exchange.kill_at = exchange.requests + 1
    with pytest.raises(Killed):
        sync()
    assert all(
        (each.covered.end_ms or 0) <= to_ms(clock.at) for each in repository.ledger.states("main")
    )

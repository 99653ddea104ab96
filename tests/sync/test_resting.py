"""Which requests are left out: of what was found empty or read since it moved, in runs that read
everything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.report import PartResult
from exchange_cache.sync.resting import Resting
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW, T0, balance
from tests.sync.fake_port import DAY, HOUR, FakeExchange, policy, stream

FILLS, BY_SYMBOL = stream(), stream(scope="by symbol", needs_symbol=True)
Make = Callable[..., Resting]


@pytest.fixture
def make(repository: ExchangeCacheRepository, clock: SetClock) -> Make:
    def made(**more: Any) -> Resting:
        generic = more.pop("generic", False)
        options = {"reads_all": True, "explicit": False, **more}
        port = FakeExchange(policy(FILLS, BY_SYMBOL, generic=generic), clock=clock)
        return Resting(port, repository, clock, **options)

    return made


@pytest.fixture
def known(make: Make, repository: ExchangeCacheRepository, clock: SetClock) -> None:
    """An account whose daily round was three hours ago, when its mirrors were compared last."""
    repository.mirror.replace_balances("main", "spot", [balance("1")])
    clock.at = NOW - 3 * HOUR
    first = make()
    first.compare([])
    first.close(to_ms(clock.now()))
    clock.at = NOW


def read(**more: Any) -> StreamState:
    """A history that was read completely an hour ago."""
    before_ms = to_ms(NOW - HOUR)
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol="")
    state = StreamState(
        key=key,
        covered=Ranges.of((to_ms(T0), before_ms)),
        asked_ms=before_ms,
        completed_ms=before_ms,
    )
    return replace(state, **more)


def compared(resting: Resting) -> Resting:
    resting.compare([])
    return resting


def rests(resting: Resting, state: StreamState, policy: StreamPolicy = FILLS) -> bool:
    return resting.why(policy, state, to_ms(NOW)) is None


def test_a_first_run_requests_everything(make: Make) -> None:
    first = make()
    assert first.is_round and first.is_awake and first.asks_all
    assert not rests(compared(first), read())


@pytest.mark.usefixtures("known")
def test_a_history_rests_that_was_read_since_anything_moved(make: Make) -> None:
    resting = compared(make())
    assert not resting.is_awake and not resting.is_round
    assert rests(resting, read())


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("options", [{"explicit": True}, {"reads_all": False}, {"generic": True}])
def test_nothing_rests_where_everything_or_not_all_is_asked_for(
    make: Make, options: dict[str, bool]
) -> None:
    resting = compared(make(**options))
    assert resting.is_awake and not rests(resting, read())


@pytest.mark.usefixtures("known")
def test_a_run_of_some_data_types_compares_nothing_so_that_the_next_one_finds_what_moved(
    make: Make, repository: ExchangeCacheRepository
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("2")])
    make(reads_all=False).compare([])
    assert compared(make()).is_awake


@pytest.mark.usefixtures("known")
def test_a_movement_wakes_everything_until_its_rows_can_no_longer_be_late(
    make: Make, repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    repository.mirror.replace_balances("main", "spot", [balance("2")])
    assert compared(make()).is_awake
    clock.at = NOW + timedelta(minutes=29)
    at_once = read(completed_ms=to_ms(NOW))
    later = read(completed_ms=to_ms(NOW + timedelta(minutes=30)))
    resting = compared(make())
    assert not resting.is_awake
    assert (rests(resting, at_once), rests(resting, later)) == (False, True)


@pytest.mark.usefixtures("known")
def test_where_a_mirror_failed_anything_may_have_moved(make: Make) -> None:
    failed = PartResult(data_type=DataType.POSITIONS, part="linear", state="failed")
    resting = make()
    resting.compare([failed])
    assert resting.is_awake
    public = make()
    public.compare([replace(failed, data_type=DataType.PRICES)])
    assert not public.is_awake


@pytest.mark.usefixtures("known")
def test_the_daily_round_requests_everything(make: Make, clock: SetClock) -> None:
    clock.at = NOW + 21 * HOUR
    first = compared(make())
    assert first.is_round and first.is_awake
    assert make().is_round, "it was not completed"
    first.close(to_ms(clock.now()))
    assert not make().is_round


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("more", "resting"),
    [
        ({"state": "failed"}, False),
        ({"state": "no_permission"}, True),
        ({"state": "symbol_unknown"}, True),
        ({"state": "not_offered", "completed_ms": None}, True),
        ({"state": "out_of_retention"}, False),
        ({"completed_ms": None}, False),
        ({"asked_ms": None, "state": "not_offered"}, False),
        ({"open": Span(1, 2)}, False),
        ({"cursor": {"last_id": "7"}}, False),
        ({"completed_ms": to_ms(NOW - 3 * HOUR)}, False),
    ],
)
def test_what_is_not_read_to_its_end_does_not_rest(
    make: Make, more: dict[str, Any], resting: bool
) -> None:
    assert rests(compared(make()), read(**more)) is resting


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("more", "resting"),
    [
        ({"witness": True}, False),
        ({"newest_rows": 100}, False),
        ({"forgets": timedelta(hours=2)}, False),
        ({"forgets": timedelta(hours=4)}, False),
        ({"forgets": timedelta(hours=5)}, True),
        ({"retention": timedelta(hours=3)}, False),
        ({"retention": 7 * DAY}, True),
    ],
)
def test_what_could_be_forgotten_or_missed_does_not_rest(
    make: Make, more: dict[str, Any], resting: bool
) -> None:
    """Read an hour ago; the next run would be an hour from now."""
    assert rests(compared(make()), read(), stream(**more)) is resting


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("data_type", "rows", "state", "resting"),
    [
        (DataType.BALANCES, 0, "ok", True),
        (DataType.BALANCES, 1, "ok", False),
        (DataType.BALANCES, 0, "failed", False),
        (DataType.POSITIONS, 0, "not_offered", True),
        (DataType.ORDERS, 0, "ok", True),
        (DataType.PRICES, 0, "ok", False),
    ],
)
def test_a_mirror_that_was_found_empty_rests(
    make: Make,
    repository: ExchangeCacheRepository,
    data_type: DataType,
    rows: int,
    state: str,
    resting: bool,
) -> None:
    status = SyncStatus(account="main", data_type=data_type, part="x", state=state, rows=rows)
    repository.progress.record(replace(status, state="ok", succeeded_at=NOW))
    repository.progress.record(status)
    made = make()
    assert (made.part(data_type, "x") is not None) is resting
    assert made.part(data_type, "never read") is None
    made.wake()
    assert made.part(data_type, "x") is None


@pytest.mark.usefixtures("known")
def test_the_open_orders_of_a_symbol_are_requested_again_after_it_moved(
    make: Make, repository: ExchangeCacheRepository
) -> None:
    listed = SyncStatus(
        account="main", data_type=DataType.ORDERS, part="open spot", attempted_at=NOW - HOUR
    )
    repository.progress.record(listed)
    assert not compared(make()).moved("open spot", "BTC/USDT")
    assert make().moved("open margin", "BTC/USDT"), "never requested"
    repository.mirror.replace_balances("main", "spot", [balance("2")])
    resting = compared(make())
    assert resting.moved("open spot", "BTC/USDT")
    assert not resting.moved("open spot", "ETH/USDT")

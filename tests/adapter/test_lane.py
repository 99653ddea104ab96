"""One thread at a time works with a client, and several wait for the exchange."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from exchange_cache.adapter.lane import Lane, LaneClock, in_lane
from exchange_cache.clock import SetClock
from exchange_cache.errors import WriteRefused
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType
from tests.adapter.raw_answers import WEEK
from tests.exchanges.builders import NOW, adapter_for, stream
from tests.exchanges.stub import Asked


def test_the_lane_is_taken_again_by_its_owner_and_given_away_while_it_waits() -> None:
    lane, log = Lane(), []
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait(20)
        with lane:
            log.append("other")
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with lane, lane:
        inside.set()
        log.append("mine")
        with lane.released():
            assert done.wait(20)
        log.append("mine again")
    thread.join(20)
    assert log == ["mine", "other", "mine again"]


def test_nobody_else_works_while_one_does() -> None:
    lane, working, most = Lane(), [0], [0]

    class Worker:
        def __init__(self) -> None:
            self.lane = lane

        @in_lane
        def work(self) -> None:
            working[0] += 1
            most[0] = max(most[0], working[0])
            threading.Event().wait(0.001)
            working[0] -= 1

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(Worker().work) for _ in range(40)]:
            done.result()
    assert most[0] == 1


def test_an_error_leaves_the_lane_free() -> None:
    lane = Lane()
    with pytest.raises(ValueError, match="x"), lane, lane.released():
        raise ValueError("x")
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(lambda: lane.__enter__()).result(20) is None


def test_a_sleeper_gives_the_lane_away_and_another_lock_is_waited_for_outside_of_it() -> None:
    lane, other = Lane(), threading.Lock()
    free: list[bool] = []

    def look(_: float) -> None:
        with ThreadPoolExecutor(1) as threads:
            free.append(threads.submit(lambda: lane._lock.acquire(timeout=5)).result())
        lane._lock.release()

    clock = LaneClock(SetClock(NOW, on_sleep=look), lane)
    with lane:
        clock.sleep(1)
        with lane.turn(other):
            assert other.locked() and lane._owner == threading.get_ident()
    assert free == [True] and not other.locked()


def test_requests_of_one_account_wait_side_by_side_and_each_gets_its_own_answer() -> None:
    """Three pages meet at the exchange, which answers none before all have arrived."""
    meeting = threading.Barrier(3)

    def answer(asked: Asked) -> Any:
        meeting.wait(20)
        at = int(asked.params["startTime"]) + 1000
        row = {
            **{"symbol": "BTCUSDT", "execId": f"id-{at}", "orderId": "1", "side": "Buy"},
            **{"execPrice": "10", "execQty": "1", "execFee": "0", "feeCurrency": "USDT"},
            **{"execType": "Trade", "execTime": str(at), "isMaker": False, "execValue": "10"},
        }
        return {"retCode": 0, "result": {"list": [row], "nextPageCursor": ""}, "time": at}

    with adapter_for("bybit", answer, clock=SetClock(NOW)) as (adapter, stub):
        policy = stream(adapter, DataType.FILLS, "spot")
        windows = [Span(WEEK.start_ms + n, WEEK.end_ms) for n in range(3)]
        with ThreadPoolExecutor(3) as threads:
            pages = list(
                threads.map(lambda window: adapter.page(policy, None, window, {}), windows)
            )
        assert len(stub.asked) == 3
        assert adapter.requests == 0, "those of this thread"
    for window, page in zip(windows, pages, strict=True):
        (record,) = page.records
        assert getattr(record, "fill_id", "") == f"id-{window.start_ms + 1000}"


def test_a_ticket_of_one_thread_lets_no_other_send() -> None:
    def answer(asked: Asked) -> Any:
        return {"retCode": 0, "result": {"list": []}, "time": 1}

    with adapter_for("bybit", answer) as (adapter, stub):
        client = adapter._session.client
        client._call.ticket = object()
        with ThreadPoolExecutor(1) as threads, pytest.raises(WriteRefused):
            threads.submit(client.fetch, stub.url + "/v5/order/create", "POST", {}, "{}").result()
        assert stub.asked == []

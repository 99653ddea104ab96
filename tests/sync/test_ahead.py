"""What is requested ahead of a walk, and what is not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.allowances import Limits
from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.adapter.port import Cursor, Page
from exchange_cache.clock import to_ms
from exchange_cache.errors import ExchangeUnavailable
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.ledger.coverage import Span
from exchange_cache.sync.ahead import Ahead
from exchange_cache.sync.plan import Window
from tests.builders import NOW
from tests.sync.fake_port import policy, stream

NOW_MS = to_ms(NOW)
HOUR_MS = 3_600_000
FILLS = stream()


class Port:
    """Answers with the start of the window; notes who asks what, and how many ask at once."""

    def __init__(self, at_once: int = 3) -> None:
        self.account = "main"
        self.policy: ExchangePolicy = policy(limits=Limits(at_once=at_once))
        self.asked: list[int] = []
        self.threads: set[str] = set()
        self.fail: dict[int, Exception] = {}
        self.before: Callable[[int], None] = lambda start: None
        self._lock = threading.Lock()
        self.begun = threading.Condition(self._lock)

    def page(
        self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
    ) -> Page:
        start = -1 if window is None else window.start_ms
        with self._lock:
            self.asked.append(start)
            self.threads.add(threading.current_thread().name.partition("_")[0])
            self.begun.notify_all()
        self.before(start)
        if start in self.fail:
            raise self.fail[start]
        return Page(records=(), next=None, row_count=start, too_full=False, last_id=symbol)

    def wait_for(self, *starts: int) -> None:
        with self._lock:
            assert self.begun.wait_for(lambda: set(starts) <= set(self.asked), 20), self.asked


def windows(*starts: int) -> tuple[Window, ...]:
    return tuple(Window(span=Span(start, start + 10)) for start in starts)


def ahead(port: Port) -> Ahead:
    made: Any = port
    return Ahead(made, lambda: NOW_MS)


def read(pages: Ahead, start: int, symbol: str | None = None, of: StreamPolicy = FILLS) -> int:
    return pages.page(of, symbol, Span(start, start + 10), {}).row_count


def test_every_page_is_the_one_that_was_asked_for_and_is_requested_once() -> None:
    port = Port()
    pages = ahead(port)
    pages.expect(FILLS, "", windows(*range(0, 500, 10)))
    assert [read(pages, start) for start in range(0, 500, 10)] == list(range(0, 500, 10))
    pages.close(wait=True)
    assert sorted(port.asked) == list(range(0, 500, 10))
    assert port.threads == {"MainThread", "ahead"}


def test_so_many_wait_at_once_and_no_more() -> None:
    port, meeting = Port(at_once=3), threading.Barrier(3)
    pages = ahead(port)
    pages.expect(FILLS, "", windows(0, 10, 20, 30), read=True)
    pages.page(FILLS, None, Span(999, 1000), {})  # the key works
    port.before = lambda start: meeting.wait(20) and None
    assert read(pages, 0) == 0
    assert sorted(port.asked) == [0, 10, 20, 999]
    meeting.abort()
    pages.close(wait=True)


@pytest.mark.parametrize("at_once", [1])
def test_nothing_is_requested_ahead_where_requests_must_keep_their_order(at_once: int) -> None:
    port = Port(at_once)
    pages = ahead(port)
    pages.expect(FILLS, "", windows(0, 10, 20), read=True)
    for start in (0, 10, 20):
        read(pages, start)
    assert (port.asked, port.threads) == ([0, 10, 20], {"MainThread"})


def test_no_policy_with_growing_numbers_has_more_than_one_request_at_once() -> None:
    policies = [policy_for(exchange) for exchange in (*MODULES, "digifinex")]
    assert {one.limits.at_once for one in policies if one.growing_nonce or one.generic} == {1}


def test_a_history_is_requested_further_only_once_its_first_window_was_read() -> None:
    port = Port(at_once=4)
    pages = ahead(port)
    pages.page(FILLS, None, Span(999, 1000), {})
    pages.expect(FILLS, "A/B", windows(0, 10, 20))
    pages.expect(FILLS, "C/D", windows(0))
    port.fail = {0: ExchangeUnavailable("no")}
    with pytest.raises(ExchangeUnavailable):
        read(pages, 0, "A/B")
    pages.close(wait=True)
    assert set(port.asked) == {0, 999}


def test_after_a_failure_nothing_is_requested_ahead_until_a_page_can_be_read() -> None:
    port = Port(at_once=3)
    pages = ahead(port)
    pages.expect(FILLS, "", windows(*range(0, 100, 10)), read=True)
    port.fail = {start: ExchangeUnavailable("down") for start in range(10, 60, 10)}
    assert read(pages, 0) == 0
    with pytest.raises(ExchangeUnavailable):
        read(pages, 10)
    asked = len(port.asked)
    assert asked <= 1 + 1 + 2
    with pytest.raises(ExchangeUnavailable):
        read(pages, 20)
    assert len(port.asked) <= asked + 1
    assert [read(pages, start) for start in (60, 70, 80, 90)] == [60, 70, 80, 90]
    pages.close(wait=True)
    assert len(port.asked) == len(set(port.asked))


def test_what_the_walk_leaves_out_makes_room_for_what_follows() -> None:
    port = Port(at_once=3)
    pages = ahead(port)
    pages.page(FILLS, None, Span(999, 1000), {})
    pages.expect(FILLS, "", windows(*range(0, 300, 10)), read=True)
    read(pages, 0)
    port.wait_for(10, 20)
    assert read(pages, 200) == 200
    assert read(pages, 210) == 210
    port.wait_for(220)
    pages.close(wait=True)
    assert not {30, 100, 190} & set(port.asked)


def test_a_window_near_the_retention_edge_waits_for_its_walk_which_cuts_it() -> None:
    kept = replace(FILLS, retention=timedelta(days=30), history_start_ms=0)
    edge = NOW_MS - 30 * 24 * HOUR_MS
    port = Port(at_once=3)
    pages = ahead(port)
    pages.page(FILLS, None, Span(999, 1000), {})
    far = edge + 3 * HOUR_MS
    pages.expect(kept, "", windows(edge, far), read=True)
    pages.page(FILLS, None, Span(1, 2), {})
    port.wait_for(far)
    assert edge not in port.asked
    pages.close(wait=True)


def test_a_page_that_follows_another_and_one_asked_twice_are_requested_by_the_walk() -> None:
    port = Port(at_once=3)
    pages = ahead(port)
    pages.expect(FILLS, "", windows(0, 10), read=True)
    read(pages, 0)
    pages.page(FILLS, None, Span(0, 10), {"page": 2})
    read(pages, 10)
    read(pages, 10)
    pages.close(wait=True)
    assert sorted(port.asked) == [0, 0, 10, 10]


def test_another_form_of_the_stream_is_requested_anew() -> None:
    port = Port(at_once=3)
    pages = ahead(port)
    pages.page(FILLS, None, Span(999, 1000), {})
    pages.expect(FILLS, "", windows(0, 10), read=True)
    read(pages, 0)
    port.wait_for(10)
    assert read(pages, 10, of=replace(FILLS, page_size=7)) == 10
    pages.close(wait=True)
    assert sorted(port.asked) == [0, 10, 10, 999]


def test_after_its_end_nothing_is_requested() -> None:
    port = Port(at_once=3)
    pages = ahead(port)
    pages.expect(FILLS, "", windows(*range(0, 100, 10)), read=True)
    read(pages, 0)
    read(pages, 10)
    pages.close(wait=True)
    asked = list(port.asked)
    assert len(asked) <= 4
    pages.close(wait=True)
    assert port.asked == asked

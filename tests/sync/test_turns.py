from __future__ import annotations

import threading
from collections.abc import Collection
from pathlib import Path

from exchange_cache.clock import SetClock
from exchange_cache.sync.lock import WriterLock
from exchange_cache.sync.turns import TURN_WAIT, Turns
from tests.builders import NOW


class Places(WriterLock):
    """A lock of a server, whose turns other processes may have."""

    def __init__(self, path: Path, clock: SetClock, taken: set[str]) -> None:
        super().__init__(path, clock)
        self.taken, self.mine = taken, set[str]()

    def enter(self, place: str) -> bool:
        if place in self.taken:
            return False
        self.mine.add(place)
        return True

    def leave(self, place: str) -> None:
        self.mine.remove(place)


class Process:
    """One at the address of an office."""

    def __init__(self, path: Path, *taken: str) -> None:
        self.clock = SetClock(NOW)
        self.lock = Places(path / "lock", self.clock, set(taken))
        self.due, self.stopping = {"main", "second"}, False
        self.turns = Turns(self.lock, self.clock, "office", self.is_due)

    def is_due(self, accounts: Collection[str]) -> bool:
        return bool(self.due & {*accounts})

    def begin(self, exchange: str = "binance", *accounts: str) -> bool:
        return self.turns.begin(exchange, accounts or ("main",), lambda: self.stopping)


def test_threads_of_a_process_share_its_turn_which_the_last_passes_on(tmp_path: Path) -> None:
    one = Process(tmp_path)
    assert one.begin() and one.begin() and one.begin("kraken")
    assert one.lock.mine == {"binance office", "kraken office"}
    one.turns.end("binance")
    assert "binance office" in one.lock.mine
    one.turns.end("binance")
    assert one.lock.mine == {"kraken office"}
    assert one.begin()


def test_a_turn_of_another_address_is_not_waited_for(tmp_path: Path) -> None:
    one = Process(tmp_path, "binance home")
    assert one.begin()
    assert one.clock.slept == []


def test_a_turn_comes_when_another_process_ends_its_own(tmp_path: Path) -> None:
    one = Process(tmp_path, "binance office")
    one.clock.on_sleep = lambda _: one.lock.taken.clear() if len(one.clock.slept) > 9 else None
    assert one.begin()
    assert len(one.clock.slept) == 10


def test_waiting_ends_once_nothing_is_left_to_read(tmp_path: Path) -> None:
    one = Process(tmp_path, "binance office")
    one.clock.on_sleep = lambda _: one.due.discard("main")
    assert not one.begin()
    assert len(one.clock.slept) == 1
    assert one.begin("kraken", "main", "second")


def test_waiting_ends_when_the_run_is_stopped(tmp_path: Path) -> None:
    one = Process(tmp_path, "binance office")

    def stop(_: float) -> None:
        one.stopping = True

    one.clock.on_sleep = stop
    assert not one.begin()
    assert len(one.clock.slept) == 1


def test_waiting_has_a_bound_for_all_threads_together(tmp_path: Path) -> None:
    one = Process(tmp_path, "binance office")
    assert not one.begin() and not one.begin()
    waited = sum(one.clock.slept)
    assert TURN_WAIT.total_seconds() <= waited < TURN_WAIT.total_seconds() + 1


def test_a_thread_that_waits_keeps_others_from_ending_nothing(tmp_path: Path) -> None:
    one = Process(tmp_path)
    assert one.begin()
    found: list[bool] = []
    worker = threading.Thread(target=lambda: found.append(one.begin()))
    worker.start()
    worker.join(20)
    assert found == [True]
    one.turns.end("binance")
    one.turns.end("binance")
    assert one.lock.mine == set()

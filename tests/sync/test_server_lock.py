from __future__ import annotations

import random
import threading
import time

import pytest

from exchange_cache.cache.server import Server
from exchange_cache.clock import SetClock, SystemClock
from exchange_cache.machine import this_host
from exchange_cache.sync.server_lock import FINISH_WAIT, ServerLock
from tests.builders import NOW

pytestmark = pytest.mark.long


def lock(server: Server, pid: int) -> ServerLock:
    return ServerLock(server, SetClock(NOW), pid=pid)


def test_one_writer_excludes_all_others_and_is_named(server: Server) -> None:
    with lock(server, 1) as one, lock(server, 2) as other:
        assert one.try_acquire("import")
        assert not other.try_acquire("sync")
        holder = other.holder()
        assert holder is not None
        assert (holder.pid, holder.host, holder.command) == (1, this_host()[:24], "import")
        assert holder.place == f"pid 1 on {this_host()[:24]}"
        one.release()
        assert other.holder() is None
        assert other.try_acquire("sync")


def test_syncs_go_side_by_side_and_take_different_accounts(server: Server) -> None:
    with lock(server, 1) as one, lock(server, 2) as other, lock(server, 3) as third:
        assert one.join("sync") and other.join("sync")
        assert one.claim("main")
        assert not other.claim("main")
        assert other.claim("second")
        assert not third.try_acquire("import")
        assert [holder.pid for holder in third.holders()] == [1, 2]
        one.release()
        assert other.claim("main")


def test_a_sync_waits_for_who_has_the_cache_alone_and_leaves(server: Server) -> None:
    with lock(server, 1) as one, lock(server, 2) as other:
        assert one.try_acquire("import")
        assert not other.join("sync")


def test_the_last_of_those_who_sync_has_the_cache_alone(server: Server) -> None:
    with lock(server, 1) as one, lock(server, 2) as other:
        assert one.join("sync") and other.join("sync")
        assert one.claim("main")
        began = one._clock.monotonic()
        assert not one.finish()
        assert one._clock.monotonic() == began  # cron is not held up for nothing
        assert other.claim("main")
        assert other.finish()
        assert not one.try_acquire("import")
        assert not one.finish()


def test_who_finishes_waits_for_a_command_that_computes_nothing(server: Server) -> None:
    with lock(server, 1) as one, lock(server, 2) as other:
        assert one.join("sync")
        one._give_back()
        assert other.try_acquire("basis set")
        began = one._clock.monotonic()
        assert not one.finish()
        assert one._clock.monotonic() - began >= FINISH_WAIT.total_seconds()
    with lock(server, 1) as one, lock(server, 2) as other:
        assert one.join("sync")
        one._give_back()
        assert other.try_acquire("basis set")
        one._clock.on_sleep = lambda _: other.release()  # type: ignore[attr-defined]
        assert one.finish()


def test_who_finishes_while_another_sync_begins_leaves_it_to_that(server: Server) -> None:
    with lock(server, 1) as one, lock(server, 2) as other:
        assert one.join("sync")
        one._give_back()
        assert other.try_acquire("sync")
        assert not one.finish()
        other.share()
        assert other.finish()


class Shift:
    """Processes that sync at the same time; each adds its row, and one computes."""

    def __init__(self, server: Server, rng: random.Random, count: int) -> None:
        self.server, self.count = server, count
        self.ends = [rng.random() * 0.02 for _ in range(count)]
        self.killed = rng.randrange(2 * count)
        self.begun = threading.Barrier(count)
        self.rows: set[int] = set()
        self.computed: list[frozenset[int]] = []

    def work(self, number: int) -> None:
        mine = ServerLock(self.server, SystemClock(), pid=number + 1)
        try:
            assert mine.join("sync")
            self.begun.wait(20)
            time.sleep(self.ends[number])
            self.rows.add(number)
            if number != self.killed and mine.finish():
                self.computed.append(frozenset(self.rows))
        finally:
            mine.release()

    def run(self) -> None:
        work = [threading.Thread(target=self.work, args=(one,)) for one in range(self.count)]
        for one in work:
            one.start()
        for one in work:
            one.join(60)


def test_somebody_computes_all_rows_whatever_the_order_of_ends(server: Server) -> None:
    for seed in range(40):
        shift = Shift(server, random.Random(seed), count=5)
        shift.run()
        assert shift.rows == set(range(5))
        if shift.killed < 5:  # who comes next computes, if not one of these did
            shift.computed.append(frozenset(shift.rows))
        assert shift.computed, seed
        assert max(map(len, shift.computed)) == 5, (seed, shift.computed)


def test_who_was_alone_shares_without_a_gap(server: Server) -> None:
    with lock(server, 1) as one, lock(server, 2) as other:
        assert one.try_acquire("sync")
        one.share()
        assert not other.try_acquire("import")
        assert other.join("sync")
        assert one.claim("main") and not other.claim("main")

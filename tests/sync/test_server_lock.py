from __future__ import annotations

import pytest

from exchange_cache.cache.server import Server
from exchange_cache.clock import SetClock
from exchange_cache.sync.server_lock import FINISH_WAIT, ServerLock, this_host
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
        assert one._clock.monotonic() - began >= FINISH_WAIT.total_seconds()
        assert other.claim("main")
        assert other.finish()
        assert not one.try_acquire("import")


def test_who_was_alone_shares_without_a_gap(server: Server) -> None:
    with lock(server, 1) as one, lock(server, 2) as other:
        assert one.try_acquire("sync")
        one.share()
        assert not other.try_acquire("import")
        assert other.join("sync")
        assert one.claim("main") and not other.claim("main")

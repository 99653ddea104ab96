from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from exchange_cache.cache.postgres.session_lock import SessionLocks
from exchange_cache.cache.server import Server

pytestmark = pytest.mark.long

HOLD = """
import sys, time
from pathlib import Path
from exchange_cache.cache.postgres.session_lock import SessionLocks
from exchange_cache.cache.server import Server
locks = SessionLocks(Server(sys.argv[1], Path("x")))
print(locks.take("main", "7@elsewhere 0 sync"), flush=True)
time.sleep(600)
"""


def test_a_lock_excludes_other_sessions_and_names_its_holder(server: Server) -> None:
    with closing(SessionLocks(server)) as one, closing(SessionLocks(server)) as other:
        assert one.take("main", "1@here 0 sync")
        assert not other.take("main", "2@here 0 sync")
        assert other.take("second", "2@here 0 sync")
        assert other.holders("main") == (("1@here 0 sync", True),)
        one.free("main")
        assert other.holders("main") == ()
        assert other.take("main", "2@here 0 sync")


def test_the_server_frees_the_lock_of_a_process_that_is_killed(server: Server) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, server.url], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with closing(SessionLocks(server)) as mine, holder.stdout:
        assert holder.stdout.readline() == "True\n"
        assert mine.holders("main") == (("7@elsewhere 0 sync", True),)
        assert not mine.take("main", "me")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        deadline = time.monotonic() + 20
        while not mine.take("main", "me"):
            assert time.monotonic() < deadline

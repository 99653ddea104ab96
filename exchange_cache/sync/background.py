"""Starting one detached sync that outlives the command which started it; its result is seen by the next reading."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence


def start_refresh(env: Mapping[str, str], accounts: Sequence[str] = ()) -> int:
    """Start ``excache sync --if-stale`` in a session of its own, without any terminal; its process id.

    At most one works: the writer lock makes a second one leave at once. What goes wrong in it is in the cache's status.
    """
    words = [sys.executable, "-m", "exchange_cache", "sync", "--if-stale", "--quiet"]
    for account in accounts:
        words += ["--account", account]
    process = subprocess.Popen(
        words,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
        close_fds=True,
    )
    process.returncode = 0  # not ours to wait for: nobody must warn that it still runs
    return process.pid

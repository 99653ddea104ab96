"""Many processes on one cache: nobody meets a locked database, and there is never more than one
writer.

``EXCACHE_STRESS=full`` runs the whole crowd (20 sync, 5 reload --force, 200 portfolio); the suite's
own is smaller.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import pytest

from exchange_cache.simulator.server import Simulator
from tests.fresh.helpers import Home, wait_until

FULL = os.environ.get("EXCACHE_STRESS") == "full"
SYNCS, RELOADS, READS = (20, 5, 200) if FULL else (5, 2, 12)


@pytest.mark.long
def test_a_crowd_of_processes_reads_and_writes_one_cache(synced: Home, calm: Simulator) -> None:
    calm.set_latency(20)
    commands = _mixed(
        [["sync"]] * SYNCS, [["reload", "--force"]] * RELOADS, [["portfolio"]] * READS
    )
    started = [(words, _start(synced, words)) for words in commands]
    results = [
        (words, *process.communicate(timeout=300), process.returncode) for words, process in started
    ]
    for words, out, err, code in results:
        assert code == 0, (words, err)
        assert "locked" not in err and "Traceback" not in err, (words, err)
        assert out.startswith("Portfolio") if words == ["portfolio"] else "locked" not in out
    wait_until(lambda: not synced.is_refreshing(), "the last refresh ends")

    runs = synced.runs()
    assert {outcome for _, _, _, outcome in runs} == {"ok"}
    assert sum(1 for command, *_ in runs if command == "reload") <= RELOADS
    for (one, _, ended, _), (other, began, _, _) in pairwise(runs):
        assert ended is not None and began >= ended, f"{one} and {other} wrote at the same time"
    counted = synced.outcomes()
    assert len(counted) == counted.count("bypass") + counted.count("hit") + counted.count("stale")
    assert counted.count("hit") + counted.count("stale") == READS


def _start(home: Home, words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "exchange_cache", *words],
        env=home.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _mixed(*kinds: list[list[str]]) -> list[list[str]]:
    """All commands, each kind spread evenly over the whole."""
    placed = [
        ((index + 0.5) / len(kind), number, words)
        for number, kind in enumerate(kinds)
        for index, words in enumerate(kind)
    ]
    return [words for _, _, words in sorted(placed)]

"""The whole crowd for a minute: 20 sync, 5 reload --force and 200 portfolio processes on one
cache."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from contextlib import closing
from itertools import pairwise

from benchmarks.ground import Ground, world

SYNCS, RELOADS, READS = 20, 5, 200
SECONDS = 60.0


def run() -> int:
    with world(fills=100, accounts={"kraken": "kraken"}) as ground:
        ground.timed(ground.excache("sync"))
        ground.simulator.set_latency(50)
        began = time.perf_counter()
        results = _crowd(ground)
        took = time.perf_counter() - began
        runs = _runs(ground)
    locked = sum("locked" in out + err for _, _, out, err in results)
    overlaps = sum(1 for (_, ended), (start, _) in pairwise(runs) if ended is None or start < ended)
    failed = [(words, code, err) for words, code, _, err in results if code != 0]
    print(
        f"{len(results)} processes in {took:.0f} s: {SYNCS} sync, {RELOADS} reload --force, {READS}"
        " portfolio"
    )
    print(f"runs that wrote          {len(runs):6}")
    print(f"two writers at one time  {overlaps:6}")
    print(f"database is locked       {locked:6}")
    print(f"exit codes other than 0  {len(failed):6}")
    for words, code, err in failed[:5]:
        print(f"  {' '.join(words)}: {code}: {err.strip()}")
    return 1 if locked or overlaps or failed else 0


def _crowd(ground: Ground) -> list[tuple[list[str], int, str, str]]:
    """Start all of them spread over a minute, the kinds mixed; (words, exit code, stdout, stderr)
    of each."""
    kinds = ([["sync"]] * SYNCS, [["reload", "--force"]] * RELOADS, [["portfolio"]] * READS)
    moments = sorted(
        ((index + 0.5) / len(kind), kind[index]) for kind in kinds for index in range(len(kind))
    )
    began = time.monotonic()
    started = []
    for share, words in moments:
        time.sleep(max(0.0, began + share * SECONDS - time.monotonic()))
        process = subprocess.Popen(
            ground.excache(*words),
            env=ground.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append((words, process))
    found = []
    for words, process in started:
        out, err = process.communicate()
        found.append((words, process.returncode, out, err))
    return found


def _runs(ground: Ground) -> list[tuple[int, int | None]]:
    with closing(sqlite3.connect(ground.cache)) as cache:
        return cache.execute("SELECT started_ms, ended_ms FROM sync_runs ORDER BY id").fetchall()

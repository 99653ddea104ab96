"""How long a look takes from the cache, against the exchanges and against the bare interpreter,
with few fills and with a million.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.ground import Ground, fill_up, synced_ground
from benchmarks.timing import what_is_measured

LATENCY_MS = 100
TIMES = 15
LIVE_TIMES = 5
SIZES = (1_000, 1_000_000)
#: Run by its path: the package is then the installed one, whatever folder this is.
_LIVE = [sys.executable, str(Path(__file__).with_name("live.py"))]


def run() -> int:
    began = time.perf_counter()
    with synced_ground(days=20, fills=300) as ground:
        exchanges = ", ".join(
            sorted({account.exchange for account in ground.simulator.venue.accounts()})
        )
        print(f"Measured: {what_is_measured(ground.env, ground.home)}.")
        print(f"Simulated exchanges ({exchanges}) at {LATENCY_MS} ms latency.")
        print("Whole processes, taking turns; medians (least – most) of wall clock and of CPU.\n")
        _against_live(ground)
        print()
        _against_the_interpreter(ground)
    print(f"\nTook {time.perf_counter() - began:.0f} s.")
    return 0


def _against_live(ground: Ground) -> None:
    ground.simulator.set_latency(LATENCY_MS)
    commands = [ground.excache("portfolio", "--no-refresh"), _LIVE, [*_LIVE, "remembered"]]
    cached, live, remembered = ground.take_turns(commands, LIVE_TIMES)
    requests = _requests(ground)
    ground.simulator.set_latency(0)
    print(f"portfolio from the cache  {cached.words()}")
    times = live.wall / cached.wall
    print(f"the same data live        {live.words()}  {times:5.1f} x  ({requests} requests)")
    print(f"live, markets remembered  {remembered.words()}  {remembered.wall / cached.wall:5.1f} x")
    print("(balances, positions and prices only: averages would need the whole history besides)")


def _requests(ground: Ground) -> int:
    before = len(ground.simulator.requests)
    ground.timed(_LIVE)
    return len(ground.simulator.requests) - before


def _against_the_interpreter(ground: Ground) -> None:
    bare = [sys.executable, "-c", "pass"]
    least = 0.0
    for size in SIZES:
        number = fill_up(ground, "main", "BTC/USDT", size)
        start, portfolio = ground.take_turns(
            [bare, ground.excache("portfolio", "--no-refresh")], TIMES
        )
        megabytes = ground.cache.stat().st_size / 1_000_000
        print(f"{number:,} fills in a cache of {megabytes:.1f} MB")
        print(f"  portfolio               {portfolio.words()}")
        print(f"  bare interpreter        {start.words()}")
        wall, cpu = portfolio.wall / start.wall, portfolio.cpu / start.cpu
        print(f"  {wall:.1f} x the bare interpreter's time, {cpu:.1f} x its CPU")
        if size == SIZES[0]:
            least = portfolio.cpu
        else:
            print(f"  {portfolio.cpu / least:.2f} x the CPU of {SIZES[0]:,} fills")

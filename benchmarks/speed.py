"""How long a look takes from the cache, against the exchanges and against the bare interpreter, with few fills and with a million."""

from __future__ import annotations

import sys
import time

from benchmarks.ground import Ground, fill_up, synced_ground

LATENCY_MS = 100
TIMES = 15
LIVE_TIMES = 3
SIZES = (1_000, 1_000_000)


def run() -> int:
    began = time.perf_counter()
    with synced_ground(days=20, fills=300) as ground:
        exchanges = ", ".join(sorted({account.exchange for account in ground.simulator.venue.accounts()}))
        print(f"Simulated exchanges ({exchanges}) at {LATENCY_MS} ms latency; medians of whole processes on this machine.\n")
        _against_live(ground)
        print()
        _against_the_interpreter(ground)
    print(f"\nMeasured in {time.perf_counter() - began:.0f} s.")
    return 0


def _against_live(ground: Ground) -> None:
    ground.simulator.set_latency(LATENCY_MS)
    live, remembered = ground.medians(
        [[sys.executable, "-m", "benchmarks.live"], [sys.executable, "-m", "benchmarks.live", "remembered"]], LIVE_TIMES
    )
    requests = _requests(ground)
    (cached,) = ground.medians([ground.excache("portfolio", "--no-refresh")], TIMES)
    ground.simulator.set_latency(0)
    print(f"portfolio from the cache             {cached * 1000:8.0f} ms")
    print(f"the same data live                   {live * 1000:8.0f} ms   {live / cached:6.1f} x   ({requests} requests)")
    print(f"live, markets remembered             {remembered * 1000:8.0f} ms   {remembered / cached:6.1f} x")
    print("(balances, positions and prices only: average entry prices would need the whole history besides)")


def _requests(ground: Ground) -> int:
    before = len(ground.simulator.requests)
    ground.seconds([sys.executable, "-m", "benchmarks.live"])
    return len(ground.simulator.requests) - before


def _against_the_interpreter(ground: Ground) -> None:
    bare = [sys.executable, "-c", "pass"]
    print("cached fills   portfolio   bare python   multiple   cache file")
    multiples = []
    for size in SIZES:
        number = fill_up(ground, "main", "BTC/USDT", size)
        start, portfolio = ground.medians([bare, ground.excache("portfolio", "--no-refresh")], TIMES)
        multiples.append(portfolio / start)
        megabytes = ground.cache.stat().st_size / 1_000_000
        print(f"{number:12,}   {portfolio * 1000:6.0f} ms   {start * 1000:8.0f} ms   {portfolio / start:6.1f} x   {megabytes:7.1f} MB")
    print(f"{SIZES[-1]:,} fills against {SIZES[0]:,}: {multiples[-1] / multiples[0]:.2f} x")

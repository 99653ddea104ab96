"""How long a look takes from the cache, against the exchanges and against the bare interpreter,
with few fills and with a million.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.crowd import crowd
from benchmarks.ground import Ground, fill_up, synced_ground
from benchmarks.timing import Series, take_turns, timed, what_is_measured

LATENCY_MS = 100
TIMES = 15
LIVE_TIMES = 5
SIZES = (1_000, 1_000_000)
ACCOUNTS = 20
#: What is measured against the bare interpreter.
READS = (
    "--version",
    "--help",
    "portfolio --json --no-refresh",
    "portfolio --json --no-refresh --account main",
    "portfolio --json --no-refresh --sort pnl --by exchange",
    "portfolio --no-refresh",
    "portfolio --no-refresh --by account --min-value 10",
    "status",
    "balances",
    "fills --limit 50",
)
_BARE = [sys.executable, "-c", "pass"]
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
    _with_accounts()
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
    """Every read beside the bare interpreter, with few fills and with a million."""
    for size in SIZES:
        number = fill_up(ground, "main", "BTC/USDT", size)
        megabytes = ground.cache.stat().st_size / 1_000_000
        print(f"{number:,} fills in a cache of {megabytes:.1f} MB")
        _table(READS, ground.take_turns(_commands(ground.excache), TIMES))


def _with_accounts() -> None:
    """The portfolio with one account and with many."""
    with crowd(1) as one, crowd(ACCOUNTS) as many:
        homes = {1: one, ACCOUNTS: many}
        words = {
            f"{' '.join(read)}, {number} account{'s' * (number > 1)}": (read, home)
            for read in (("portfolio", "--json"), ("portfolio",))
            for number, home in homes.items()
        }
        commands = [_BARE, *(_at(home, read) for read, home in words.values())]
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "COLUMNS": "140"}
        _table(words, take_turns(commands, TIMES, lambda each: timed(each, env, one)))


def _commands(excache: Callable[..., list[str]]) -> list[list[str]]:
    return [_BARE, *(excache(*words.split()) for words in READS)]


def _at(home: Path, words: Sequence[str]) -> list[str]:
    command = Path(sys.executable).with_name("excache")
    return ["env", f"EXCACHE_HOME={home}", str(command), *words, "--no-refresh"]


def _table(names: Iterable[str], series: Sequence[Series]) -> None:
    bare, *reads = series
    print(f"  {'bare interpreter':44} {bare.words()}")
    for name, read in zip(names, reads, strict=True):
        cpu, wall = read.cpu / bare.cpu, read.wall / bare.wall
        print(f"  {name:44} {read.words()}  CPU {cpu:4.1f} x bare, wall {wall:4.1f} x")
